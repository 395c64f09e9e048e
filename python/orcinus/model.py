"""Models: which, and with what sizes, optimizer and reuse."""

from __future__ import annotations

import json
import os
from typing import Any

from . import _core, options
from .stream import Labels, Stream

__all__ = ["Model", "CompiledModel", "model_names", "load_plugin"]


def model_names() -> list[str]:
    """The built-in models (docs/models.md)."""
    return _core.model_names()


def load_plugin(path: str | os.PathLike) -> None:
    """Loads a shared library with a dialect that models may then use."""
    _core.load_plugin(os.fspath(path))


class Model:
    """A model and what it is compiled for; Trainer compiles it for a stream.

    ``model`` is a built-in model's name ("tgn" if nothing is given) or the path
    of an ``.mlir`` file; ``text`` is the text of one, which ``model`` then names
    in messages. Options: those of ``orcinus train`` that
    concern the program: ``layers``, ``neighbours``, ``dim``, ``heads``,
    ``sizes`` (a dict), ``dropout``, ``optimizer``, ``weight_decay``, ``clip``,
    ``task``, ``reuse``, ``policy``, ``capacity``, ``memory``, ``max_age``,
    ``exact_epochs``, ``target``, ``tuning_db``, … What is not given the model's
    text decides.
    """

    def __init__(self, model: str | os.PathLike | None = None, *,
                 text: str | None = None, **compile_options: Any):
        if model is None:
            model = "tgn" if text is None else "text"
        self.name = os.fspath(model)
        self._core = _core.Options()
        self._core.set("model", self.name)
        if text is not None:
            self._core.set_model_text(text)
        if compile_options.get("tuning_db"):
            # A checkpoint names it, which may be opened in another folder.
            compile_options["tuning_db"] = os.path.abspath(
                compile_options["tuning_db"])
        options.take(self._core, compile_options, ["compile"], "Model")

    def option(self, name: str) -> str:
        """An option as text; empty where the model's text decides."""
        return self._core.get(name.replace("_", "-"))

    def compile(self, stream: Stream, *, labels: Labels | None = None,
                threads: int = 0, sharded: bool = False) -> "CompiledModel":
        """The program for the features of ``stream``, from the cache where it
        was compiled before; ``sharded`` where batches are cut into shards."""
        core = _core.Options(self._core)
        core.set("threads", str(threads))
        core.set_sharded(sharded)
        if labels is not None:
            core.set("task", labels.task)
        return CompiledModel(_core.Program.compile(
            core, stream._core, None if labels is None else labels._core))

    def __repr__(self) -> str:
        return f"Model({self.name!r})"


class CompiledModel:
    """A program: step functions in machine code, and what their arguments are.
    """

    def __init__(self, core: _core.Program):
        self._core = core

    @property
    def text(self) -> str:
        """The text of the model as the compiler read it."""
        return self._core.text

    @property
    def manifest(self) -> dict[str, Any]:
        """Functions, parameters, sizes and more (docs/abi.md)."""
        return json.loads(self._core.manifest)

    @property
    def compile_seconds(self) -> float:
        return self._core.compile_seconds

    @property
    def from_cache(self) -> bool:
        return self._core.from_cache

    @property
    def object_code(self) -> bytes:
        """The machine code, a relocatable object file."""
        return self._core.object_code
