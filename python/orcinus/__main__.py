"""``python -m orcinus``: the tool, and what is written in Python."""

from __future__ import annotations

import importlib
import os
import sys

from .tools import tool_path

__all__ = ["main", "tool"]

#: Commands that are written in Python, by their modules: each has a
#: main(arguments) that returns the exit status.
_COMMANDS = {"report": "orcinus.report", "serve": "orcinus.serve.command"}


def tool() -> None:
    """Becomes the program ``orcinus``."""
    path = tool_path()
    os.execv(path, [path, *sys.argv[1:]])


def main() -> None:
    """Runs a command of this package; any other is the tool's."""
    module = _COMMANDS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if module is None:
        tool()
    else:
        sys.exit(importlib.import_module(module).main(sys.argv[2:]))


if __name__ == "__main__":
    main()
