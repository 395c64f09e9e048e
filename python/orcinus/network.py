"""Networks: modules of linalg on tensors, compiled for this machine."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np

from . import _core, tools

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


class Network:
    """A network as a module of linalg on tensors: what network() gives."""

    def __init__(self, path: str, folder: Any = None):
        #: The module's file; its weights lie beside it.
        self.path = path
        # Removed with the network.
        self._folder = folder
        self._tuning_db: str | None = None

    def tune(self, db: str | os.PathLike, *, show: bool = False,
             **tune_options: Any) -> dict[str, Any]:
        """Tunes the operators of the network into the database ``db``, as
        ``orcinus tune``: its report. load() and compile() use it from then on.
        """
        report = tools.tune(db, operators=self.path, show=show, **tune_options)
        self._tuning_db = os.fspath(db)
        return report

    def compile(self, output: str | os.PathLike, *,
                header: str | os.PathLike | None = None,
                threads: int = 0) -> LoadedModule:
        """Writes a shared library, or with ``.o`` an object file, and with
        ``header`` the C header to call it by; returns the library, loaded."""
        tools.run("compile", self.path, output=output, header=header,
                  threads=threads, tuning_db=self._tuning_db)
        return load(output if not os.fspath(output).endswith(".o")
                    else self.path, threads=threads, tuning_db=self._tuning_db)

    def load(self, *, threads: int = 0) -> LoadedModule:
        """Compiles the network in memory, from the cache where it was compiled
        before."""
        return load(self.path, threads=threads, tuning_db=self._tuning_db)

    def __repr__(self) -> str:
        return f"Network({self.path!r})"


def network(path: str | os.PathLike, *,
            output: str | os.PathLike | None = None,
            dynamic_batch: str | None = None,
            importers: str | os.PathLike | None = None) -> Network:
    """A network of ONNX (``.onnx``), or of MLIR of torch-mlir, StableHLO or
    linalg on tensors.

    What is not linalg yet is imported by torch-mlir's tools, which are on the
    path or in the folder ``importers`` (docs/networks.md); ``output`` keeps the
    module, ``dynamic_batch`` leaves the batch's extent open.

        network("model.onnx").load()(x)
    """
    folder = None
    if output is None:
        folder = tempfile.TemporaryDirectory(prefix="orcinus-network-")
        name = os.path.splitext(os.path.basename(os.fspath(path)))[0]
        output = os.path.join(folder.name, name + ".mlir")
    tools.run("import", path, output=output, dynamic_batch=dynamic_batch,
              tools=importers)
    return Network(os.fspath(output), folder)
