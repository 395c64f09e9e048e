"""Processes that train together (docs/many-machines.md)."""

from __future__ import annotations

import atexit
import signal
import sys
import threading

from . import _core

__all__ = ["rank", "world_size"]

_opened: _core.Processes | None = None


def processes() -> _core.Processes | None:
    """Those that a launcher has started together with this one; None where none
    has. MPI is started where nobody, such as mpi4py, has done so before."""
    global _opened
    if _opened is None and _core.Processes.launched():
        _opened = _core.Processes.open_mpi()
        atexit.register(_finish)
        _take_signals()
    return _opened


def _take_signals() -> None:
    # Ctrl-C on a launcher comes here as SIGTERM.
    if (threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL):
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _finish() -> None:
    # A process that an exception ends must not wait for the others, which wait
    # for it: mpirun ends them where one leaves without a word.
    if _opened is not None and getattr(sys, "last_value", None) is None:
        _opened.finish()


def rank() -> int:
    """The number of this process, from 0: the first one writes checkpoints and
    metrics, and should say what there is to be said."""
    opened = processes()
    return opened.rank if opened else 0


def world_size() -> int:
    """How many processes train together; 1 for this one alone."""
    opened = processes()
    return opened.size if opened else 1
