"""What the server needs of a session."""

from __future__ import annotations

import tracemalloc
import warnings

import numpy as np

from orcinus.session import _probabilities
from .serving import Trained


def test_advance_changes_no_answer(trained: Trained) -> None:
    answers = []
    for advances in (False, True):
        session = trained.session(block_size=7)
        for each in range(30):
            session.append(each, "new", 1e6 + each, [0.5, -1.0])
            if advances:
                session.advance()
        answers.append(session.embed([1, 2, "new"]))
    assert (answers[0] == answers[1]).all()


def test_sizes(trained: Trained) -> None:
    session = trained.session()
    assert session.num_edge_features == 2
    assert session.embedding_width == session.embed(1).shape[0] == 16
    assert session.prediction_width == 0
    before = session.num_destinations
    assert before == len(session.top_k(1, k=10_000))
    session.append(1, "new", 1e6, [0.5, -1.0])
    assert session.num_destinations == before + 1


def test_far_logits_are_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        logits = np.array([-2000, -1, 0, 2000], dtype=np.float32)
        found = _probabilities(logits)
    assert found[0] == 0 and found[3] == 1 and found[2] == 0.5


def test_names_are_not_widened_to_the_longest(trained: Trained) -> None:
    session = trained.session()
    names = ["x" * 100_000] + ["1"] * 2000
    tracemalloc.start()
    session.score(names, names)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100e6
