"""What queries and columns may be made of."""

import numpy as np
import pytest

import orcinus
from conftest import named_stream

pandas = pytest.importorskip("pandas")


@pytest.fixture()
def session(stream, trained):
    return orcinus.Session.open(trained[0], stream, threads=1)


def test_any_iterable_is_several_names(stream, session):
    a, b, c = stream.names[:3]
    wanted = session.score(a, [b, c])
    assert np.array_equal(session.score(a, (name for name in (b, c))), wanted)
    assert np.array_equal(session.score(a, {b: 1, c: 2}.keys()), wanted)
    assert np.array_equal(session.score(a, pandas.Series([b, c])), wanted)
    assert session.embed({a, b}).shape == (2, 8)
    assert session.embed(np.array(a)).shape == (8,)


def test_times_of_any_form_are_one_time(stream, session):
    a, b = stream.names[:2]
    second = int(session.newest_time) + 10
    wanted = session.score([a, a], [b, b], [second, second])
    for times in (second, float(second), np.float64(second),
                  np.datetime64(second, "s"), pandas.Timestamp(second, unit="s"),
                  pandas.Series([second, second]).astype("category"),
                  pandas.to_datetime([second, second], unit="s"),
                  (each for each in (second, second))):
        assert np.array_equal(session.score([a, a], [b, b], times), wanted), times


def test_categories_of_numbers_are_numbers():
    made = orcinus.Stream.from_arrays(
        [0, 1], [1, 0], pandas.Series([10, 20]).astype("category"))
    assert made.times.tolist() == [10, 20]
    names = pandas.Series(["a", "b"]).astype("category")
    assert orcinus.Stream.from_arrays(names, names, [0, 1]).names == ["a", "b"]


def test_zeros_with_a_sign_are_zeros():
    made = orcinus.Stream.from_arrays([0, 1, 0], [1, 0, 1],
                                      np.array([0.0, -0.0, 1.0]))
    assert made.times.tolist() == [0, 0, 1]


def test_names_of_odd_types():
    sources, destinations, times = named_stream()
    text = orcinus.Stream.from_arrays(
        [name.encode() for name in sources], destinations, times)
    assert text.names == orcinus.Stream.from_arrays(
        sources, destinations, times).names
    with pytest.raises(ValueError, match="not of the type bool"):
        orcinus.Stream.from_arrays([True, False], [1, 0], [0, 1])
    missing = pandas.Series(["a", pandas.NA], dtype="string")
    with pytest.raises(ValueError, match="event 1: node id '' is missing"):
        orcinus.Stream.from_arrays(missing, ["b", "c"], [0, 1])
    labelled = orcinus.Stream.from_arrays([0, 1], [1, 0], [0, 1],
                                          labels={"kind": missing})
    assert labelled._core.label_names() == ["kind"]
    with pytest.raises(ValueError, match="none for the node -1"):
        orcinus.Stream.from_arrays(["-1", "0", "1"], ["0", "1", "-1"],
                                   [0, 1, 2], node_features=[[1.0], [2.0]])
    with pytest.raises(ValueError, match="a matrix or a mapping"):
        orcinus.Stream.from_arrays([0, 1], [1, 0], [0, 1], node_features=3)


def test_features_are_named_by_any_sequence():
    frame = pandas.DataFrame({"source": [0, 1], "destination": [1, 0],
                              "time": [0, 1], "x": [1.0, 2.0], "y": [3.0, 4.0]})
    for features in (frame.columns[3:], np.array(["x", "y"]), ("x", "y")):
        made = orcinus.Stream.from_pandas(frame, features=features)
        assert made.edge_features.tolist() == [[1, 3], [2, 4]]
    assert orcinus.Stream.from_pandas(frame, features="x") \
        .edge_features.shape == (2, 1)


def test_sessions_are_of_now(stream):
    trainer = orcinus.Trainer(stream, "tgn", layers=1, dim=8, neighbours=4,
                              dropout=0.0, epochs=3, threads=1, lr=1e-2)

    class Ask:
        def on_epoch(self, metrics):
            trainer.session()

    trainer.fit(callbacks=[Ask()])
    other = orcinus.Trainer(stream, "tgn", layers=1, dim=8, neighbours=4,
                            dropout=0.0, epochs=3, threads=1, lr=1e-2)
    other.fit()
    pair = stream.names[:2]
    assert trainer.session().score(*pair) == other.session().score(*pair)


def test_an_event_needs_a_time(stream, session):
    with pytest.raises(ValueError, match="needs a time"):
        session.append(["a"], ["b"], None, [[0, 0]])
