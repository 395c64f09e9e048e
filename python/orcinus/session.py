"""Using a trained model on a stream that grows."""

from __future__ import annotations

import os
import warnings
from typing import Any, Iterable

import numpy as np

from . import _core, options
from .errors import InvalidArgumentError
from .stream import Stream, _as_matrix, _as_text, _as_times, _is_one, _name

__all__ = ["Session"]


def _several(names: Any) -> list[Any]:
    """Names in a list; a single one is none."""
    if _is_one(names):
        raise InvalidArgumentError(
            f"several nodes are a list of their names, not {names!r}")
    if getattr(names, "ndim", 1) != 1:
        raise InvalidArgumentError(
            f"a column of names has one dimension, not the shape {names.shape}")
    return names.tolist() if hasattr(names, "tolist") else list(names)


def _texts(names: Any) -> list[str]:
    return [_as_text(name) for name in _several(names)]


def _times(times: Any, count: int) -> np.ndarray | None:
    """One time for each of ``count``, as seconds or nanoseconds; None is
    None."""
    if times is None:
        return None
    if _is_one(times):
        times = [times] * count
    elif not hasattr(times, "dtype"):
        times = list(times)
    result, is_date = _as_times(times)
    if not is_date and result.dtype == np.int64:
        result = result.astype(np.float64)
    return result


class Session:
    """A checkpoint's best parameters, a stream that grows, and the states of
    its nodes, which follow it.

    Times are those of the stream in seconds, dates (``datetime64``, or text of
    ISO 8601), or None for right after the newest event. A node that no event
    has named has an empty state.
    """

    def __init__(self, core: _core.Session):
        self._core = core

    @classmethod
    def open(cls, checkpoint: str | os.PathLike, history: Stream, *,
             threads: int = 0, **session_options: Any) -> "Session":
        """Opens a checkpoint over a stream that begins with the events that it
        was trained on; nodes are numbered as they were there (names).
        Options: ``block_size``, ``late_events`` ("refuse" or
        "clamp"), ``cache_dir``, ``cache``."""
        core = options.take(_core.Options(), {"threads": threads}, ["train"],
                            "Session.open")
        compile_options: dict[str, Any] = {
            name: session_options.pop(name) for name in ("cache_dir", "cache")
            if name in session_options}
        options.take(core, compile_options, ["compile"], "Session.open")
        options.take(core, session_options, ["session"], "Session.open")
        session = cls(_core.Session.open(os.fspath(checkpoint), history._core,
                                         core))
        if session.match == "model":
            warnings.warn(
                "these are not the events that the model was trained on, nor do "
                "they begin with them: states start empty and neighbours are "
                "missing", stacklevel=2)
        return session

    @property
    def match(self) -> str:
        """What of the checkpoint is the history's: "run", where its states
        count; "history", where it has none that were validated; "model", where
        the events are others."""
        return self._core.match

    def __len__(self) -> int:
        """Events, those of the history included."""
        return self._core.events

    @property
    def num_nodes(self) -> int:
        return self._core.nodes

    @property
    def num_edge_features(self) -> int:
        """Features that an event has."""
        return self._core.edge_features

    @property
    def num_destinations(self) -> int:
        """Nodes that were a destination, which top_k() ranks."""
        return len(self._core.destinations())

    @property
    def embedding_width(self) -> int:
        """Numbers of an embedding; 0 for a model without embeddings."""
        return self._core.embedding_width

    @property
    def prediction_width(self) -> int:
        """Numbers of a prediction; 0 for a task other than of nodes."""
        return self._core.prediction_width

    @property
    def newest_time(self) -> float:
        """Of the newest event, in seconds."""
        return self._core.newest_time

    @property
    def task(self) -> str:
        return self._core.task

    @property
    def names(self) -> list[int | str]:
        """What all nodes are called."""
        return [_name(self._core.name(node)) for node in range(self.num_nodes)]

    # ---- Growing ---------------------------------------------------------

    def append(self, sources: Any, destinations: Any, times: Any,
               features: Any = None) -> None:
        """Appends events in the order of their times, or none of them: one,
        whose source, destination and time are single ones, or several, as lists
        or columns of equal length.

        Raises InvalidArgumentError where some are single and others are not,
        for lengths that differ, a name or a time that is missing, a time before
        the newest event's, and another number of features than the history has.
        """
        if times is None:
            raise InvalidArgumentError("an event needs a time: give one each")
        single = _is_one(sources)
        if not _is_one(destinations) == _is_one(times) == single:
            raise InvalidArgumentError(
                "a source, a destination and a time are single ones, of one "
                "event, or lists, of several: an event has one of each")
        if single:
            sources, destinations, times = [sources], [destinations], [times]
            if features is not None:
                features = np.asarray(features).reshape(1, -1)
        starts, ends = _texts(sources), _texts(destinations)
        moments = _times(times, len(starts))
        if not len(starts) == len(ends) == len(moments):
            raise InvalidArgumentError(
                f"{len(starts)} sources, {len(ends)} destinations and "
                f"{len(moments)} times: an event has one of each")
        for what, names in (("source", starts), ("destination", ends)):
            if "" in names:
                raise InvalidArgumentError(
                    f"the {what} of event {names.index('')} is missing")
        self._core.append(
            starts, ends, moments,
            None if features is None
            else _as_matrix(features, len(starts), "events"))

    def advance(self) -> None:
        """Takes all whole blocks into the states at once. The next query would;
        answers are the same."""
        self._core.advance()

    # ---- Asking ----------------------------------------------------------

    def score(self, sources: Any, destinations: Any, times: Any = None, *,
              logits: bool = False) -> np.ndarray | float:
        """The probability of each link, float32 [pairs], or its logit; of a
        single pair a number. A single source is that of all destinations, a
        single time that of all pairs. Raises InvalidArgumentError for lengths
        that differ."""
        single = _is_one(sources) and _is_one(destinations)
        if _is_one(destinations):
            destinations = [destinations]
        targets = _texts(destinations)
        starts = [_as_text(sources)] * len(targets) if _is_one(sources) \
            else _texts(sources)
        result = self._core.score(self._core.nodes_of(starts),
                                  self._core.nodes_of(targets),
                                  _times(times, len(targets)))
        if not logits:
            result = _probabilities(result)
        return float(result[0]) if single else result

    def top_k(self, source: Any, k: int = 10, time: Any = None,
              candidates: Iterable[Any] | None = None
              ) -> list[tuple[int | str, float]]:
        """The ``k`` likeliest destinations of a node with their probabilities,
        the likeliest first: among ``candidates``, or all nodes that were a
        destination. Raises InvalidArgumentError for several sources, and for
        candidates that are a single name."""
        if k < 0:
            raise InvalidArgumentError(
                f"top_k() takes how many are wanted, not {k}")
        given = None
        if candidates is None:
            names: Any = self._core.destinations()
        else:
            names = _several(candidates)
            given = self._core.nodes_of(_texts(names))
        best = self._core.top_k(
            int(self._core.nodes_of([_as_text(source)])[0]), _times(time, 1),
            given, k)
        logits = np.array([logit for _, logit in best], dtype=np.float32)
        return [(names[place] if given is not None
                 else _name(self._core.name(int(names[place]))), float(each))
                for (place, _), each in zip(best, _probabilities(logits))]

    def embed(self, nodes: Any = "all", times: Any = None) -> np.ndarray:
        """float32 [nodes, width]: the embeddings of nodes, or of all, in the
        order of ``names``; of a single node, float32 [width]."""
        return self._rows(self._core.embed, nodes, times)

    def predict(self, nodes: Any = "all", times: Any = None) -> np.ndarray:
        """What is predicted of nodes, of a model whose task has labels: numbers,
        logits of classes, of two classes the logit of the second."""
        return self._rows(self._core.predict, nodes, times)

    def _rows(self, query: Any, nodes: Any, times: Any) -> np.ndarray:
        if isinstance(nodes, str) and nodes == "all":
            numbers = np.arange(self.num_nodes, dtype=np.int32)
            return query(numbers, _times(times, len(numbers)))
        single = _is_one(nodes)
        names = [_as_text(nodes)] if single else _texts(nodes)
        rows = query(self._core.nodes_of(names), _times(times, len(names)))
        return rows[0] if single else rows

    # ---- Keeping ---------------------------------------------------------

    def save(self, path: str | os.PathLike) -> None:
        """Writes a snapshot: the events behind the history, and the states."""
        self._core.save(os.fspath(path))

    def restore(self, path: str | os.PathLike) -> None:
        """Goes to where save() was called in a session of the same checkpoint
        and history."""
        self._core.restore(os.fspath(path))

    def __repr__(self) -> str:
        return f"Session({len(self)} events, {self.num_nodes} nodes)"


def _probabilities(logits: np.ndarray) -> np.ndarray:
    # Far from 0 the exponential is infinite and the probability 0, as it is to
    # be.
    with np.errstate(over="ignore"):
        return (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
