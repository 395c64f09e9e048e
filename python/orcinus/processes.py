"""Processes that train together (docs/many-machines.md)."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading

from . import _core

__all__ = ["rank", "world_size"]

# What the variables begin with by which launchers tell a process that it is one
# of several.
_LAUNCHERS = ("OMPI_", "PMIX_", "PMI_", "MPI_LOCALRANKID", "SLURM_STEP_",
              "SLURM_PROCID", "SLURM_LOCALID")

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


def child_environment() -> dict[str, str]:
    """Of a command that this process starts. Where MPI has been started here,
    the command is none of the launched processes; where it has not, it stands
    for this one."""
    started = _opened is not None or "mpi4py.MPI" in sys.modules
    return {name: value for name, value in os.environ.items()
            if not (started and name.startswith(_LAUNCHERS))}


def rank() -> int:
    """The number of this process, from 0: the first one writes checkpoints and
    metrics, and should say what there is to be said."""
    opened = processes()
    return opened.rank if opened else 0


def world_size() -> int:
    """How many processes train together; 1 for this one alone."""
    opened = processes()
    return opened.size if opened else 1
