"""The exceptions of Orcinus: one class for each kind of error.

Their messages are those of the command line: what is wrong, where, and what to
do about it. Each is also the built-in exception that one would expect, so that
``except ValueError`` and ``except OSError`` work as usual.
"""

__all__ = [
    "Error",
    "InvalidArgumentError",
    "DamagedError",
    "InputOutputError",
    "OutOfMemoryError",
    "UnavailableError",
    "UnusableError",
    "InternalError",
    "InterruptedRun",
    "StopTraining",
]


class Error(Exception):
    """Any error of Orcinus."""


class InvalidArgumentError(Error, ValueError):
    """An input, an option or a call is wrong: correct it."""


class DamagedError(Error):
    """A file of ours is not what was written: restore it or make it again."""


class InputOutputError(Error, OSError):
    """A file, a database or a stream cannot be opened, read or written."""


class OutOfMemoryError(Error, MemoryError):
    """There is not enough memory, of the host or of a device."""


class UnavailableError(Error, RuntimeError):
    """What this machine lacks, or refuses: a device, a driver, a library."""


class UnusableError(Error, RuntimeError):
    """An error before this one left the object unusable: open it again."""


class InternalError(Error, RuntimeError):
    """A mistake of Orcinus or of a plugin."""


class InterruptedRun(Error):
    """Somebody asked for an end before the work was done."""


class StopTraining(Exception):
    """What a callback raises to end training; the best epoch is then tested."""
