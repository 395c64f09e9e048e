"""The options of the command line as keyword arguments.

Every option of ``orcinus train`` and ``orcinus predict`` has the name that it
has there, with underscores: ``batch_size=200`` is ``--batch-size 200``.
"""

from __future__ import annotations

import dataclasses
import os
from typing import Any, Iterable

from . import _core
from .errors import InvalidArgumentError

__all__ = ["Option", "describe"]


@dataclasses.dataclass(frozen=True)
class Option:
    """One option: its keyword, what it is told to, what it does."""

    name: str
    #: "load", "compile", "train" or "session".
    group: str
    help: str
    default: str


def describe(group: str | None = None) -> list[Option]:
    """All options, or those of a group."""
    return [
        Option(name.replace("-", "_"), of, text, default)
        for name, of, text, default in _core.Options.describe()
        if group is None or of == group
    ]


#: Keywords that say the same as an option in more words.
_ALIASES = {"learning_rate": "lr", "dimension": "dim", "neighbors": "neighbours"}

_GROUPS = {option.name: option.group for option in describe()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, dict):
        return ",".join(f"{name}={_text(each)}" for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return ",".join(_text(each) for each in value)
    if hasattr(value, "item"):  # A NumPy scalar.
        value = value.item()
    return repr(value)


def split(given: dict[str, Any], group: str) -> dict[str, Any]:
    """Takes out of ``given`` what belongs to a group."""
    return {name: given.pop(name) for name in list(given)
            if _GROUPS.get(_ALIASES.get(name, name)) == group}


def take(options: _core.Options, given: dict[str, Any], groups: Iterable[str],
         what: str) -> _core.Options:
    """Sets what was given, if it belongs to one of the groups.

    Raises InvalidArgumentError, a ValueError, for an unknown name and for a
    value that the option does not take. A value of None leaves the default.
    """
    groups = tuple(groups)
    for keyword, value in given.items():
        name = _ALIASES.get(keyword, keyword)
        if _GROUPS.get(name) not in groups:
            known = sorted(each for each, of in _GROUPS.items() if of in groups)
            where = ""
            if name in _GROUPS:
                owner = {"load": "Stream.read", "compile": "Model",
                         "train": "Trainer", "session": "Session.open"}
                where = f" ({owner[_GROUPS[name]]} takes it)"
            raise InvalidArgumentError(
                f"{what} has no option '{keyword}'{where}; there are: "
                + ", ".join(known))
        if value is not None:
            options.set(name.replace("_", "-"), _text(value))
    return options
