"""Temporal graph neural networks, compiled: training, use and tuning.

    import orcinus

    stream = orcinus.Stream.read("events.csv")
    trainer = orcinus.Trainer(stream, "tgn", epochs=10)
    print(trainer.fit().ap)
    session = trainer.session()
    session.score("alice", "bob")

The documentation is in docs/python.md.
"""

from . import callbacks, errors, options, processes, plot, tools
from ._core import version as __version__
from .errors import (DamagedError, Error, InputOutputError, InternalError,
                     InterruptedRun, InvalidArgumentError, OutOfMemoryError,
                     StopTraining, UnavailableError, UnusableError)
from .estimator import LinkPredictor
from .evaluation import (Evaluation, evaluate_checkpoint, evaluate_heuristic,
                         plan)
from .model import CompiledModel, Model, load_plugin, model_names
from .network import LoadedModule, Network, load, network
from .session import Session
from .stream import Labels, Stream
from .tools import tune
from .trainer import Report, Trainer

__all__ = [
    "Stream", "Labels", "Model", "CompiledModel", "Trainer", "Report",
    "Session", "LinkPredictor", "Evaluation", "evaluate_checkpoint", "evaluate_heuristic",
    "plan", "tune", "network", "load", "Network", "LoadedModule", "plot", "tools", "model_names", "load_plugin", "callbacks", "errors", "options", "processes",
    "Error", "InvalidArgumentError", "DamagedError", "InputOutputError",
    "OutOfMemoryError", "UnavailableError", "UnusableError", "InternalError",
    "InterruptedRun", "StopTraining", "__version__",
]
