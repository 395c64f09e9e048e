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


@pytest.mark.parametrize("arguments, message", [
    (("a", ["item"], 5.0), "single ones, of one event, or lists"),
    ((["a", "b"], "xy", [1, 2]), "single ones, of one event, or lists"),
    ((["a", "b"], b"xy", [1, 2]), "single ones, of one event, or lists"),
    (("ab", ["x", "y"], [1, 2]), "single ones, of one event, or lists"),
    ((["a", "b"], ["x", "y"], 1.0), "single ones, of one event, or lists"),
    (("a", "x", [1]), "single ones, of one event, or lists"),
    ((["a", "b"], ["x"], [1, 2]),
     "2 sources, 1 destinations and 2 times: an event has one of each"),
    ((["a", "b"], ["x", "y"], [1]), "2 sources, 2 destinations and 1 times"),
    (([["a"]], [["x"]], [1]), "a number or text, not of the type list"),
    ((np.array([["a"]]), np.array([["x"]]), [1]), "one dimension"),
    ((pandas.DataFrame({"ab": ["a"]}), ["x"], [1]), "one dimension"),
    ((["a", None], ["x", "y"], [1, 2]), "the source of event 1 is missing"),
    (("a", float("nan"), 1.0), "the destination of event 0 is missing"),
])
def test_events_have_one_of_each(stream, session, arguments, message):
    sources, destinations, times = arguments
    newest = session.newest_time
    times = [newest + each for each in times] if isinstance(times, list) \
        else newest + times
    count, nodes = len(session), session.num_nodes
    features = np.zeros((len(times), 2)) if isinstance(times, list) else [0, 0]
    with pytest.raises(orcinus.InvalidArgumentError, match=message):
        session.append(sources, destinations, times, features)
    assert (len(session), session.num_nodes) == (count, nodes)


def test_one_event_or_several(stream, session):
    newest = session.newest_time
    session.append(b"alice", np.array("item"), np.float64(newest + 1), [0, 0])
    session.append(np.array([b"alice", b"bob"]), ("item", "other"),
                   (newest + each for each in (2, 3)), np.zeros((2, 2)))
    assert session.names[-4:] == ["alice", "item", "bob", "other"]
    assert len(session) == len(stream) + 3


def test_a_ranking_is_of_one_source_among_several(stream, session):
    session.append("alice", "item", session.newest_time + 1, [0, 0])
    wanted = session.top_k("alice", 3)
    assert session.top_k(b"alice", 3) == wanted
    assert session.top_k(np.array("alice"), 3) == wanted
    assert session.top_k(None, 3) == session.top_k("", 3)
    for several in (["alice"], np.array(["alice"])):
        with pytest.raises(orcinus.InvalidArgumentError, match="of the type"):
            session.top_k(several)
    for one in ("item", b"item", 5):
        with pytest.raises(orcinus.InvalidArgumentError,
                           match="several nodes are a list"):
            session.top_k("alice", candidates=one)
    assert {name for name, _ in session.top_k(
        "alice", candidates=np.array([5, 7]))} == {5, 7}
    assert {name for name, _ in session.top_k(
        "alice", candidates=pandas.Series([5, 7], index=[7, 5]))} == {5, 7}


def test_several_names_are_no_name(stream, session):
    a, b = stream.names[:2]
    for ask in (lambda names: session.score(a, names), session.embed):
        with pytest.raises(orcinus.InvalidArgumentError, match="type list"):
            ask([[a, b]])
        with pytest.raises(orcinus.InvalidArgumentError, match="one dimension"):
            ask(np.array([[a, b]]))
    with pytest.raises(ValueError, match="2 sources and 1 destinations"):
        session.score([a, b], "ab")


def test_a_trainer_embeds_one_node_or_several():
    sources, destinations, times = named_stream()
    stream = orcinus.Stream.from_arrays(
        sources + ["ab"], destinations + ["a"], np.append(times, 10**6 + 1))
    trainer = orcinus.Trainer(stream, "tgn", layers=1, dim=8, neighbours=4,
                              dropout=0.0, epochs=1, threads=1)
    rows = trainer.embed(["ab", "a"], 2e6)
    assert rows.shape == (2, 8)
    assert np.array_equal(trainer.embed("ab", 2e6), rows[0])
    assert np.array_equal(trainer.embed([b"ab", "a"], [2e6, 2e6]), rows)
    with pytest.raises(orcinus.InvalidArgumentError, match="for 2 nodes"):
        trainer.embed(["ab", "a"], [2e6])
    assert stream.node(b"ab") == stream.node("ab")


def test_columns_of_unlike_lengths_are_refused_in_any_order():
    for sort in (False, True):
        for columns in (([0, 1, 2], [1, 2, 0], [5, 3]),
                        ([0, 1], [1, 2, 0], [5, 3, 1]),
                        ([0, 1, 2], [1, 2], [5, 6, 1])):
            with pytest.raises(orcinus.InvalidArgumentError,
                               match="one of each"):
                orcinus.Stream.from_arrays(*columns, sort=sort)
    for times, sort in (([1, 3, 5], False), ([5, 3, 1], True)):
        for labels in (["x", "y"], ["x", "y", "z", "x"]):
            with pytest.raises(orcinus.InvalidArgumentError,
                               match=f"{len(labels)} labels of 'kind' for 3"):
                orcinus.Stream.from_arrays([0, 1, 2], [1, 2, 0], times,
                                           labels={"kind": labels}, sort=sort)


def test_columns_hold_one_value_an_event():
    for values in (["x", "y"], np.array(["x", "y"]), "xy"):
        with pytest.raises(orcinus.InvalidArgumentError,
                           match="labels are columns by their names"):
            orcinus.Stream.from_arrays([0, 1], [1, 0], [0, 1], labels=values)
    lists = pandas.Series([["a"], ["b", "c"]])
    with pytest.raises(orcinus.InvalidArgumentError, match="type list"):
        orcinus.Stream.from_arrays(lists, ["b", "c"], [0, 1])
    with pytest.raises(orcinus.InvalidArgumentError, match="one dimension"):
        orcinus.Stream.from_arrays("ab", "cd", [0, 1])
    frame = pandas.DataFrame({"kind": ["x", "y"]})
    labelled = orcinus.Stream.from_arrays([0, 1], [1, 0], [0, 1], labels=frame)
    assert labelled._core.label_names() == ["kind"]
    named = orcinus.Stream.from_arrays(["a", "b"], ["b", "a"], [0, 1],
                                       node_features={b"a": [1.0], "b": [2.0]})
    assert named.node_features.tolist() == [[1.0], [2.0]]
