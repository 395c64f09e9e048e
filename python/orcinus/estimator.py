"""The three lines: a link predictor in the manner of scikit-learn."""

from __future__ import annotations

from typing import Any, Iterable

import numpy as np

from .errors import InvalidArgumentError, UnusableError
from .model import Model
from .session import Session
from .stream import Stream, _is_one
from .trainer import Report, Trainer

__all__ = ["LinkPredictor"]


def _ends(pairs: Iterable[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    """The sources and the destinations."""
    sources, destinations = [], []
    for pair in pairs:
        ends = () if _is_one(pair) else tuple(pair)
        if len(ends) != 2:
            raise InvalidArgumentError(
                f"a pair is a source and a destination, not {pair!r}: give a "
                "list of pairs")
        sources.append(ends[0])
        destinations.append(ends[1])
    return sources, destinations


class LinkPredictor:
    """Learns from a stream which nodes meet when.

        predictor = LinkPredictor("tgn", epochs=10).fit(stream)
        predictor.predict_proba([("alice", "bob"), ("alice", "carol")])

    Parameters are those of Model and Trainer, by their names.
    """

    def __init__(self, model: str | Model = "tgn", **parameters: Any):
        self.model = model
        self.parameters = parameters

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """As scikit-learn has it."""
        return {"model": self.model, **self.parameters}

    def set_params(self, **parameters: Any) -> "LinkPredictor":
        """As scikit-learn has it."""
        self.model = parameters.pop("model", self.model)
        self.parameters.update(parameters)
        return self

    def fit(self, stream: Stream, y: Any = None, *,
            progress: bool | None = None) -> "LinkPredictor":
        """Trains on the stream, whose last 15 % are tested on; ``report_`` has
        the figures, ``session_`` is what answers."""
        self.trainer_ = Trainer(stream, self.model, **self.parameters)
        self.report_: Report = self.trainer_.fit(progress=progress)
        self.session_: Session = self.trainer_.session()
        return self

    def _fitted(self) -> Session:
        if not hasattr(self, "session_"):
            raise UnusableError("this predictor has learnt nothing: call fit()")
        return self.session_

    def predict_proba(self, pairs: Iterable[tuple[Any, Any]],
                      times: Any = None) -> np.ndarray:
        """float32 [pairs]: the probability of each link at its time, by default
        right after the newest event. Raises InvalidArgumentError for what is no
        pair, and UnusableError before fit()."""
        return np.asarray(self._fitted().score(*_ends(pairs), times))

    def predict(self, pairs: Iterable[tuple[Any, Any]],
                times: Any = None) -> np.ndarray:
        """bool [pairs]: whether a link is likelier than not."""
        return self.predict_proba(pairs, times) > 0.5

    def transform(self, nodes: Any = "all", times: Any = None) -> np.ndarray:
        """float32 [nodes, width]: embeddings."""
        return self._fitted().embed(nodes, times)

    def score(self, stream: Stream | None = None, y: Any = None) -> float:
        """The average precision of the test, on the stream of fit()."""
        self._fitted()
        return self.report_.test["ap"]
