"""The command ``orcinus`` from Python: what runs for long in processes of its
own, tuning above all."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from . import processes
from .errors import Error, InvalidArgumentError

__all__ = ["run", "tune", "tool_path"]


def tool_path() -> str:
    """The program ``orcinus`` that came with the package."""
    return os.path.join(os.path.dirname(__file__), "bin", "orcinus")


def _arguments(options: dict[str, Any]) -> list[str]:
    result = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if hasattr(value, "item"):  # A NumPy scalar.
            value = value.item()
        if value is True:
            result.append(flag)
        elif isinstance(value, (list, tuple)):
            for each in value:
                result += [flag, os.fspath(each)
                           if isinstance(each, (str, os.PathLike))
                           else repr(each)]
        elif value is not None and value is not False:
            result += [flag, value if isinstance(value, str)
                       else os.fspath(value) if isinstance(value, os.PathLike)
                       else repr(value)]
    return result


def run(command: str, *arguments: str | os.PathLike, show: bool = False,
        **options: Any) -> str:
    """Runs ``orcinus COMMAND ARGUMENTS --OPTION VALUE …`` and returns what it
    prints. ``show`` passes its messages on to the terminal. Raises an Error of
    its message where it fails: InvalidArgumentError for wrong usage.
    """
    line = [tool_path(), command, *(os.fspath(each) for each in arguments),
            *_arguments(options)]
    done = subprocess.run(line, stdout=subprocess.PIPE,
                          stderr=None if show else subprocess.PIPE, text=True,
                          env=processes.child_environment())
    if done.returncode == 0:
        return done.stdout
    said = (done.stderr or f"orcinus {command} failed").strip()
    message = said.splitlines()[-1].removeprefix("orcinus: error: ")
    kind = InvalidArgumentError if done.returncode in (1, 2) else Error
    raise kind(message)


def tune(db: str | os.PathLike, *, set: str | None = None,
         operators: str | os.PathLike | None = None, show: bool = False,
         **options: Any) -> dict[str, Any]:
    """Tunes a set of operators ("tgnn", "gemm-grid", …) or those of an ``.mlir``
    file into the database ``db``, as ``orcinus tune``: its report. Options:
    ``strategy``, ``trials``, ``target``, ``threads``, ``model``, ``dim``, …

    ``Model(…, tuning_db=db)`` then uses what was found.
    """
    if (set is None) == (operators is None):
        raise InvalidArgumentError(
            "tune() takes a set or a file of operators: give one of them")
    return json.loads(run("tune", show=show, db=db, set=set,
                          operators=operators, json=True, **options))
