"""Networks: modules of linalg on tensors, compiled for this machine."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from . import _core, tools
from .errors import InvalidArgumentError

__all__ = ["LoadedModule", "Network", "load", "network"]


def _array(value: Any) -> Any:
    """What a function takes: an array without gaps."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    array = np.asarray(value)
    if array.dtype.name == "bfloat16":
        array = array.view(np.uint16)
    return np.ascontiguousarray(array).reshape(array.shape)


class LoadedModule:
    """A compiled module: its functions take arrays and return arrays.

    Elements are those of the function: float32 for f32, bool for i1, int64 for
    index, and so on; bf16 are the bits, as uint16, or an array of the package
    ml_dtypes. Calls release the interpreter's lock; several threads may call at
    the same time.
    """

    def __init__(self, core: _core.Module):
        self._core = core

    @property
    def functions(self) -> dict[str, str]:
        """The functions by their names, as MLIR writes their types."""
        return dict(self._core.functions)

    def call(self, function: str, *arguments: Any) -> Any:
        """Calls a function: an array for one result, else a tuple of them.
        Raises InvalidArgumentError for arguments that do not fit."""
        results = self._core.call(function,
                                  [_array(each) for each in arguments])
        return results[0] if len(results) == 1 else tuple(results)

    def __call__(self, *arguments: Any) -> Any:
        """Calls the only function."""
        return self.call("", *arguments)

    def use_threads(self, threads: int) -> None:
        """Threads that calls are divided among, of those that it was compiled
        for; 0 for all."""
        self._core.use_threads(threads)

    def __repr__(self) -> str:
        return f"LoadedModule({self._core.name!r}: " + \
            ", ".join(self.functions.values()) + ")"


def load(path: str | os.PathLike, *, threads: int = 0,
         tuning_db: str | os.PathLike | None = None,
         cache_dir: str | os.PathLike | None = None,
         cache: bool = True) -> LoadedModule:
    """Loads a library that ``orcinus compile`` wrote, or compiles a module's
    text (docs/networks.md).

        load("model.so")(x)
    """
    return LoadedModule(_core.Module.open(
        os.fspath(path), threads, os.fspath(tuning_db or ""),
        os.fspath(cache_dir or ""), cache))
