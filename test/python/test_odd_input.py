"""Input that users give and that was once taken wrongly."""

import datetime
import types
import warnings

import numpy as np
import pytest

import orcinus

#: One moment, in nanoseconds since 1970.
MOMENT = np.datetime64("2024-03-01T08:02:00.5", "ns")


def times_of(times):
    return orcinus.Stream.from_arrays([0, 1], [1, 2], times).times


@pytest.mark.parametrize("text", [
    "2024-03-01T08:02:00.5", "2024-03-01 08:02:00.5", "2024-03-01T08:02:00.5Z",
    "2024-03-01T09:02:00.5+01:00", "2024-03-01T03:02:00.5-0500",
    "2024-03-01T10:02:00.5+02", " 2024-03-01T08:02:00.5Z "])
def test_text_is_a_date_of_utc_in_any_zone_without_a_warning(text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert times_of([text, text]).tolist() == [1709280120.5] * 2
        assert times_of(np.array([text, text])).tolist() == [1709280120.5] * 2


def test_dates_are_exact_whatever_they_are_made_of():
    pandas = pytest.importorskip("pandas", reason="pandas is missing")
    zone = datetime.timezone(datetime.timedelta(hours=5))
    moment = pandas.Timestamp("2024-03-01T08:02:00.123456789")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for times in ([moment, moment], pandas.Series([moment, moment]),
                      np.array([moment, moment], dtype=object),
                      [moment.tz_localize("UTC").tz_convert("Asia/Tokyo")] * 2):
            assert times_of(times).tolist() == [1709280120.123456789] * 2
        date = datetime.datetime(2024, 3, 1, 13, 2, tzinfo=zone)
        assert times_of([date, date]).tolist() == [1709280120.0] * 2


@pytest.mark.parametrize("times, message", [
    (["2024-03-01", "soon"], "the time of event 1 is 'soon', which is no date"),
    (["2024-03-01", "2024-03-01T08:02:00+x"], "the time of event 1"),
    (["2024-03-01", None], "the time of event 1 is missing"),
    (["2024-03-01", float("nan")], "the time of event 1"),
    (np.array(["2024-03-01", 5], dtype=object), "the time of event 1 is '5'"),
])
def test_what_is_no_date_is_named(times, message):
    with warnings.catch_warnings(), \
            pytest.raises(orcinus.InvalidArgumentError, match=message):
        warnings.simplefilter("error")
        times_of(times)


def test_a_frame_is_a_frame():
    with pytest.raises(orcinus.InvalidArgumentError,
                       match="takes a DataFrame, not dict"):
        orcinus.Stream.from_pandas({"source": [1]})


def test_a_plan_is_of_a_query_or_an_event(stream):
    with pytest.raises(orcinus.InvalidArgumentError, match="not 'evnt'"):
        orcinus.plan(stream, neighbour_time="evnt")


def test_top_k_is_not_negative(trained, stream):
    session = orcinus.Session.open(trained[0], stream)
    assert session.top_k(stream.names[0], 0) == []
    with pytest.raises(orcinus.InvalidArgumentError, match="not -1"):
        session.top_k(stream.names[0], -1)


def test_a_history_keeps_staleness(stream):
    from conftest import model

    history = orcinus.callbacks.History()
    orcinus.Trainer(stream, model(layers=2, reuse="recompute",
                                  measure_staleness=True),
                    epochs=1, threads=1).fit(callbacks=[history])
    assert len(history.staleness) == 4


def test_node_features_of_tgb_are_not_lost():
    """Of both forms of its datasets."""
    columns = {"sources": np.array([0, 1]), "destinations": np.array([1, 2]),
               "timestamps": np.array([1, 2]), "edge_feat": None}
    nodes = np.arange(6, dtype=np.float32).reshape(3, 2)
    plain = types.SimpleNamespace(full_data=columns, node_feat=nodes)
    data = types.SimpleNamespace(src=columns["sources"],
                                 dst=columns["destinations"],
                                 t=columns["timestamps"], msg=None)
    geometric = types.SimpleNamespace(get_TemporalData=lambda: data,
                                      node_feat=nodes)
    for dataset in (plain, geometric):
        stream = orcinus.Stream.from_tgb(dataset)
        assert stream.node_features.tolist() == nodes.tolist()


class StopAt:
    """Asks for an end when one of its methods is called the nth time."""

    def __init__(self, method, time, phase=None):
        self.every_batch = method == "on_batch"
        self.times, self.phase = time, phase
        setattr(self, method, self.called)

    def called(self, *arguments):
        if self.phase in (None, arguments[0]):
            self.times -= 1
            if self.times == 0:
                raise orcinus.StopTraining("enough")


@pytest.mark.parametrize("stop, epochs", [
    (lambda: StopAt("on_epoch", 1), 1), (lambda: StopAt("on_epoch", 2), 2),
    (lambda: StopAt("on_epoch", 3), 3),
    (lambda: StopAt("on_batch", 1, "validation"), 1),
    (lambda: StopAt("on_batch", 1, "test"), 3),
    (lambda: StopAt("on_batch", 8, "train"), 1),
])
def test_training_ends_wherever_it_is_asked_to(stream, stop, epochs):
    """At the end of the last epoch, too, when the test comes next anyway."""
    from conftest import model

    history = orcinus.callbacks.History()
    report = orcinus.Trainer(stream, model(), epochs=3, threads=1).fit(
        callbacks=[stop(), history])
    assert len(report.epochs) == len(history.epochs) == epochs
    assert history.test == report.test and 0 < report.ap <= 1


def test_batches_are_told_now_and_then_or_all(stream):
    from conftest import model

    class Batches:
        def __init__(self, every_batch):
            self.every_batch, self.told = every_batch, []

        def on_batch(self, phase, epoch, batch, batches, loss):
            self.told.append((phase, epoch, batch, batches))

    some, every = Batches(False), Batches(True)
    orcinus.Trainer(stream, model(), epochs=1, threads=1, batch_size=20).fit(
        callbacks=[some, every])
    batches = every.told[0][3]
    assert [each[2] for each in every.told if each[0] == "train"] \
        == list(range(1, batches + 1))
    assert set(some.told) <= set(every.told)
    assert ("train", 1, batches, batches) in some.told


def test_an_epoch_by_hand_passes_the_wish_to_end_on(stream):
    from conftest import model

    trainer = orcinus.Trainer(stream, model(), epochs=3, threads=1)
    with pytest.raises(orcinus.StopTraining):
        trainer.epoch(callbacks=[StopAt("on_epoch", 1)])


@pytest.mark.parametrize("given, name", [({}, "text"), ({"model": "mine"},
                                                        "mine")])
def test_a_model_of_text_goes_by_its_own_name(stream, tmp_path, given, name):
    from conftest import model

    text = model().compile(stream).text
    mine = orcinus.Model(text=text, layers=1, dim=8, **given)
    with pytest.raises(orcinus.InvalidArgumentError, match=f"{name}:.*rely"):
        orcinus.Model(text=text.replace("tgnn.relu", "tgnn.rely"),
                      **given).compile(stream)
    trainer = orcinus.Trainer(stream, mine, epochs=1, threads=1,
                              checkpoint=tmp_path / "run")
    trainer.fit()
    expected = trainer.session().score(*stream.names[:2])
    opened = orcinus.Session.open(tmp_path / "run", stream)
    assert opened.score(*stream.names[:2]) == expected


def test_early_stopping_knows_all_numbers_of_an_epoch():
    def epochs_until_stop(stopping, lines):
        for number, line in enumerate(lines, 1):
            try:
                stopping.on_epoch(line)
            except orcinus.StopTraining:
                return number
        return None

    stopping = orcinus.callbacks.EarlyStopping
    falling = [{"val_ap": 0.5, "reuse": {"hits": hits}} for hits in (3, 2, 2, 2)]
    assert epochs_until_stop(stopping("reuse/hits", 2, mode="min"), falling) == 4
    undefined = [{"val_ap": float("nan")}] * 4
    assert epochs_until_stop(stopping("val_ap", 2), undefined) == 2
    with pytest.raises(orcinus.InvalidArgumentError, match="there are: val_ap"):
        stopping("reuse").on_epoch(falling[0])
