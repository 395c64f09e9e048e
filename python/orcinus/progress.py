"""Progress bars, by tqdm where it is installed."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["make_bar"]


def _in_notebook() -> bool:
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return shell is not None and "IPKernelApp" in shell.config


def make_bar(wanted: bool | None) -> "Bar | None":
    """A bar; None where there is none: without tqdm, or, where nobody asked,
    where nobody looks."""
    if wanted is False:
        return None
    if wanted is None and not (sys.stderr.isatty() or _in_notebook()):
        return None
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return Bar(tqdm)


class Bar:
    """The batches of one phase after the other."""

    def __init__(self, tqdm: Any):
        self._tqdm = tqdm
        self._bar: Any = None
        self._phase: tuple[str, int] | None = None

    def show(self, phase: str, epoch: int, batch: int, batches: int,
             loss: float) -> None:
        if self._phase != (phase, epoch):
            self.close()
            self._phase = (phase, epoch)
            self._bar = self._tqdm(total=batches, unit="batch", leave=False,
                                   desc=f"epoch {epoch} {phase}")
        if phase == "train":
            self._bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
        self._bar.update(batch - self._bar.n)

    def write(self, line: str) -> None:
        self._tqdm.write(line, file=sys.stderr)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar = None
        self._phase = None
