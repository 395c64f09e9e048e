"""Protocols, models without parameters, and plans of caches."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from . import _core, options
from .errors import InvalidArgumentError
from .stream import Stream

__all__ = ["Evaluation", "evaluate_checkpoint", "evaluate_heuristic", "plan"]


class Evaluation(dict):
    """Figures by their names: ``ap``, ``auc``, ``mrr``, ``hits10``, … of the
    test, ``val_…`` of the validation, each also ``…_inductive`` for events with
    a node that training never saw; NaN where a figure is not defined."""

    #: What the protocol set, in lines.
    protocol: list[str]
    #: With ``keep_scores``, what was asked and answered, as arrays: query i, of
    #: the event ``events[i]``, is about ``sources[i]`` and the destinations
    #: from ``offsets[i]`` to ``offsets[i + 1]``, of which the first one is the
    #: event's own and the others its negatives; nodes are numbers of the stream.
    scores: dict[str, np.ndarray] | None

    def __init__(self, figures: dict[str, float], protocol: list[str],
                 scores: dict[str, np.ndarray] | None = None):
        super().__init__(figures)
        self.protocol = protocol
        self.scores = scores

    def __getattr__(self, name: str) -> float:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def _settings(protocol: str, negatives: str, negatives_per_event: int,
              batch_size: int, lag: str,
              new_nodes: str | os.PathLike,
              score_every: int) -> _core.EvaluationSettings:
    settings = _core.EvaluationSettings()
    settings.protocol = protocol
    settings.negatives = os.fspath(negatives)
    settings.negatives_per_event = negatives_per_event
    settings.batch_size = batch_size
    settings.lag = lag
    settings.new_nodes = os.fspath(new_nodes)
    settings.score_every = score_every
    return settings


def evaluate_checkpoint(directory: str | os.PathLike, stream: Stream, *,
                        protocol: str = "orca", negatives: str = "",
                        negatives_per_event: int = 0, batch_size: int = 200,
                        lag: str = "batch", new_nodes: str = "",
                        score_every: int = 1, threads: int = 0,
                        keep_scores: bool = False,
                        processes: Any = None) -> Evaluation:
    """The test of a checkpoint's best parameters on ``stream`` under a
    protocol, as ``orcinus eval --protocol``; see Trainer.evaluate().
    ``processes`` is ``orcinus.processes.processes()`` where all of them call
    this and divide the scoring."""
    core = options.take(_core.Options(), {"threads": threads}, ["train"],
                        "evaluate_checkpoint")
    return Evaluation(*_core.evaluate_checkpoint(
        os.fspath(directory), stream._core, core,
        _settings(protocol, negatives, negatives_per_event, batch_size, lag,
                  new_nodes, score_every), keep_scores, processes))


def evaluate_heuristic(stream: Stream, model: str = "edgebank", *,
                       mode: str = "unlimited", order: str = "lr,gr",
                       decay: float = 0.9, protocol: str = "orca",
                       negatives: str = "", negatives_per_event: int = 0,
                       batch_size: int = 200, lag: str = "batch",
                       new_nodes: str = "", score_every: int = 1,
                       keep_scores: bool = False) -> Evaluation:
    """A model without parameters under a protocol: "edgebank" with its
    ``mode``, "recency" with its ``order``, "poptrack" with its ``decay``."""
    chosen = _core.HeuristicOptions()
    chosen.model, chosen.edgebank_mode = model, mode
    chosen.recency_order, chosen.poptrack_decay = order, decay
    return Evaluation(*_core.evaluate_heuristic(
        stream._core, chosen,
        _settings(protocol, negatives, negatives_per_event, batch_size, lag,
                  new_nodes, score_every), keep_scores))


def plan(stream: Stream, *, capacity: int | None = 1000, policy: str = "mrd",
         memory: int | str | None = None, max_age: int | None = None,
         layers: int = 2, neighbours: int = 10, batch_size: int = 200,
         mask_nodes: float = 0.0, seed: int = 0,
         neighbour_time: str = "query") -> dict[str, Any]:
    """What caching embeddings would save in an epoch of training, as ``orcinus
    plan --json``: reads, hits, recomputations and ages by policy and capacity,
    or with one ``memory`` for all layers' caches. ``neighbour_time`` is "query"
    or "event", when the model embeds neighbours (docs/reuse.md)."""
    if neighbour_time not in ("query", "event"):
        raise InvalidArgumentError(
            f"neighbour_time is 'query' or 'event', not '{neighbour_time}'")
    core = options.take(
        _core.Options(),
        {"policy": policy, "capacity": None if memory is not None else capacity,
         "memory": memory, "max_age": max_age}, ["compile"], "plan")
    options.take(core, {"batch_size": batch_size, "mask_nodes": mask_nodes,
                        "seed": seed}, ["train"], "plan")
    return json.loads(_core.plan(stream._core, core, layers, neighbours,
                                 neighbour_time == "event"))
