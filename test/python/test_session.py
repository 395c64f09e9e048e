"""Sessions answer as the test did, and grow."""

import warnings

import numpy as np
import pytest

import orcinus
from conftest import model, named_stream


@pytest.fixture()
def session(stream, trained):
    return orcinus.Session.open(trained[0], stream, threads=1)


def test_scores_are_those_of_the_test(stream, trained):
    """Of the protocol, by a session whose states stand where the test began."""
    metrics = pytest.importorskip("sklearn.metrics")
    events, logits = [], []

    class Keep:
        def on_test_scores(self, *arguments):
            events.append(arguments[0])
            logits.append(arguments[2])

    trainer = orcinus.Trainer(stream, model(), epochs=2, seed=1, lr=1e-3,
                              threads=1)
    report = trainer.fit(callbacks=[Keep()])
    assert report.ap == trained[1].ap
    precision = [metrics.average_precision_score(
        np.repeat([1, 0], len(of)), scores)
        for of, scores in zip(events, logits)]
    assert np.mean(precision) == pytest.approx(report.ap, abs=1e-12)
    evaluation = orcinus.evaluate_checkpoint(trained[0], stream, threads=1)
    assert evaluation.ap == pytest.approx(report.ap, abs=1e-12)
    assert trainer.evaluate().ap == evaluation.ap
    assert "protocol orca" in evaluation.protocol[0]


def test_shapes(stream, session):
    names = stream.names[:4]
    assert session.match == "run" and len(session) == len(stream)
    many = session.score(names, list(reversed(names)))
    assert many.shape == (4,) and ((many > 0) & (many < 1)).all()
    one = session.score(names[0], names[3])
    assert isinstance(one, float) and one == many[0]
    fan = session.score(names[0], names)
    assert fan.shape == (4,) and fan[3] == many[0]
    logits = session.score(names, list(reversed(names)), logits=True)
    assert np.allclose(1 / (1 + np.exp(-logits)), many)
    assert session.embed().shape == (stream.num_nodes, 8)
    assert np.array_equal(session.embed(names[2]), session.embed()[2])
    assert np.array_equal(session.embed(names), session.embed()[:4])
    with pytest.raises(ValueError, match="3 times for 4 queries"):
        session.score(names, names, [1, 2, 3])
    with pytest.raises(ValueError, match="predict"):
        session.predict()


def test_the_best_are_the_highest_scores(stream, session):
    best = session.top_k(stream.names[0], 5)
    assert len(best) == 5
    candidates = [stream.name(node) for node in np.unique(stream.destinations)]
    scores = session.score(stream.names[0], candidates)
    assert [score for _, score in best] == sorted(scores, reverse=True)[:5]
    assert {name for name, _ in best} <= set(candidates)
    given = session.top_k(stream.names[0], 3, candidates=["unknown", 5])
    assert {name for name, _ in given} == {"unknown", 5}


def test_appending_is_as_if_it_had_always_been_there(stream, tmp_path):
    known = 1200
    columns = [stream.sources, stream.destinations, stream.times]
    history = orcinus.Stream.from_arrays(
        *[column[:known] for column in columns],
        edge_features=stream.edge_features[:known])
    orcinus.Trainer(history, model(), epochs=1, threads=1,
                    checkpoint=tmp_path / "run").fit()
    grown = orcinus.Session.open(tmp_path / "run", history, threads=1)
    whole = orcinus.Session.open(tmp_path / "run", stream, threads=1)
    assert grown.match == whole.match == "run"
    for begin in range(known, len(stream), 30):
        part = slice(begin, begin + 30)
        grown.append(*[column[part] for column in columns],
                     stream.edge_features[part])
    assert len(grown) == len(whole)
    names = whole.names
    assert np.array_equal(grown.score(names[:40], names[40:80]),
                          whole.score(names[:40], names[40:80]))
    assert np.array_equal(grown.embed(names), whole.embed(names))


def test_a_stream_that_grew_between_its_ids(tmp_path):
    """Later nodes with smaller ids number the others otherwise."""
    random = np.random.default_rng(5)
    ends = 10 * random.integers(1, 40, (2, 700))
    ends[:, 600:][0, ::3] = 15
    times = np.arange(700.0)
    old, grown = (orcinus.Stream.from_arrays(*ends[:, :count], times[:count])
                  for count in (600, 700))
    folder = tmp_path / "run"
    orcinus.Trainer(old, model(), epochs=1, threads=1, checkpoint=folder).fit()
    before = orcinus.Session.open(folder, old, threads=1)
    after = orcinus.Session.open(folder, grown, threads=1)
    assert after.match == "run" and grown.node(20) != old.node(20)
    assert after.names == old.names + [15]
    assert after.score([10, 20], [30, 40], times[599]).tolist() \
        == before.score([10, 20], [30, 40], times[599]).tolist()

    kept = orcinus.evaluate_checkpoint(folder, grown, threads=1,
                                       keep_scores=True).scores
    first = kept["offsets"][:-1]
    assert np.array_equal(kept["sources"], grown.sources[kept["events"]])
    assert np.array_equal(kept["destinations"][first],
                          grown.destinations[kept["events"]])

    trainer = orcinus.Trainer(grown, model(), epochs=1, threads=1,
                              checkpoint=folder)
    assert trainer.stream.node(20) == old.node(20)
    assert np.array_equal(trainer.stream.times, grown.times)
    trainer.fit(start_from_best=True)
    labels = np.where(np.arange(700) % 2, "odd", "even")
    labelled = orcinus.Stream.from_arrays(*ends, times,
                                          labels={"parity": labels})
    # That run is of all nodes now: a stream with one more, in between.
    ends[0, -1] = 25
    more = orcinus.Stream.from_arrays(*ends, times, labels={"parity": labels})
    of_more = more.labels("edge-classification")
    assert labelled.aligned_with(folder).names == trainer.stream.names
    grown.write(tmp_path / "grown.csv")
    read = orcinus.Stream.read(tmp_path / "grown.csv")
    assert read.aligned_with(folder).columns == read.columns != []
    with pytest.raises(ValueError, match="aligned_with"):
        orcinus.Trainer(more, model(), labels=of_more, checkpoint=folder)


def test_new_nodes_and_times(stream, session):
    count, newest = len(session), session.newest_time
    session.append("newcomer", stream.names[0], newest + 5, [0.5, 0.5])
    assert len(session) == count + 1 and session.names[-1] == "newcomer"
    assert session.newest_time == newest + 5
    later = session.score("newcomer", stream.names[0], newest + 6)
    assert later == session.score("newcomer", stream.names[0],
                                  np.datetime64(int(newest) + 6, "s"))
    with pytest.raises(ValueError, match="before the newest"):
        session.append("a", "b", newest, [0, 0])
    with pytest.raises(ValueError, match="features"):
        session.append("a", "b", newest + 9)
    with pytest.raises(ValueError, match="one of each"):
        session.append(["a", "b"], ["c"], [newest + 9, newest + 9],
                       np.zeros((2, 2)))
    assert len(session) == count + 1


def test_snapshots(stream, trained, session, tmp_path):
    session.append("newcomer", stream.names[0], session.newest_time + 5, [1, 1])
    session.save(tmp_path / "snapshot")
    other = orcinus.Session.open(trained[0], stream, threads=1)
    other.restore(tmp_path / "snapshot")
    assert other.names == session.names
    assert np.array_equal(other.embed(), session.embed())
    whole = bytearray((tmp_path / "snapshot").read_bytes())
    whole[len(whole) // 2] ^= 1
    (tmp_path / "snapshot").write_bytes(whole)
    with pytest.raises(orcinus.DamagedError):
        other.restore(tmp_path / "snapshot")
    (tmp_path / "snapshot").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="not a session snapshot"):
        other.restore(tmp_path / "snapshot")


def test_another_history_is_said(trained):
    sources, destinations, times = named_stream()
    other = orcinus.Stream.from_arrays(
        sources, destinations, times, edge_features=np.zeros((len(times), 2)))
    with pytest.warns(UserWarning, match="not the events that the model"):
        session = orcinus.Session.open(trained[0], other, threads=1)
    assert session.match == "model"
    with pytest.raises(orcinus.Error, match="no checkpoint|holds no"):
        orcinus.Session.open("nowhere", other)


def test_estimator(stream):
    predictor = orcinus.LinkPredictor("tgn", layers=1, dim=8, epochs=1,
                                      threads=1)
    with pytest.raises(orcinus.UnusableError, match="call fit"):
        predictor.predict([(0, 1)])
    assert predictor.get_params()["dim"] == 8
    predictor.set_params(neighbours=4).fit(stream)
    pairs = list(zip(stream.names[:5], stream.names[5:10]))
    shares = predictor.predict_proba(pairs)
    assert np.array_equal(predictor.predict(pairs), shares > 0.5)
    assert predictor.transform().shape == (stream.num_nodes, 8)
    assert 0 < predictor.score() <= 1
    for wrong in ([("a", "b"), "cd"], ("ab", "cd"), [("a", "b", "c")], "ab",
                  [5]):
        with pytest.raises(orcinus.InvalidArgumentError, match="a pair is"):
            predictor.predict_proba(wrong)


def test_a_tuning_database_that_is_gone_is_done_without(
        stream, tuning_database, tmp_path, monkeypatch):
    run = tmp_path / "run"
    monkeypatch.chdir(tmp_path)
    trainer = orcinus.Trainer(stream, model(tuning_db=tuning_database.name),
                              epochs=1, threads=1, checkpoint=run)
    figures = trainer.fit()
    # A session finds it from any folder.
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wanted = orcinus.Session.open(run, stream, threads=1).embed()
    tuning_database.unlink()
    gone = "the run's tuning database '.*tuning.db' is gone"
    with pytest.warns(UserWarning, match=gone) as caught:
        session = orcinus.Session.open(run, stream, threads=1)
    assert caught[0].filename == __file__
    assert np.array_equal(session.embed(), wanted)
    with pytest.warns(UserWarning, match=gone):
        evaluation = orcinus.evaluate_checkpoint(run, stream, threads=1)
    assert evaluation.ap == pytest.approx(figures.ap, abs=1e-12)
    with pytest.warns(UserWarning, match=gone):
        trainer.session()
    # Whoever makes a warning an error gets one.
    with warnings.catch_warnings(), pytest.raises(UserWarning, match=gone):
        warnings.simplefilter("error")
        orcinus.Session.open(run, stream, threads=1)
    # A trainer asks for the database that it is told of, and here of none.
    again = orcinus.Trainer(stream, model(), epochs=1, threads=1,
                            checkpoint=run)
    assert again.fit(resume=True).ap == figures.ap
