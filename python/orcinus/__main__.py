"""``python -m orcinus``: the tool, and what is written in Python."""

from __future__ import annotations

import os
import sys

from .tools import tool_path

__all__ = ["main", "tool"]


def tool() -> None:
    """Becomes the program ``orcinus``; ``serve`` is answered here."""
    if sys.argv[1:2] == ["serve"]:
        from .serve import command

        command.main(sys.argv[2:])
    path = tool_path()
    os.execv(path, [path, *sys.argv[1:]])


def main() -> None:
    tool()


if __name__ == "__main__":
    main()
