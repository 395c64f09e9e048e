"""Streams of arrays are those of files, and borrow what they can."""

import gzip
import resource

import numpy as np
import pytest

import orcinus
from conftest import named_stream

pandas = pytest.importorskip("pandas")


def same(one, other):
    return (np.array_equal(one.sources, other.sources)
            and np.array_equal(one.destinations, other.destinations)
            and np.array_equal(one.times, other.times)
            and np.array_equal(one.edge_features, other.edge_features)
            and one.names == other.names)


@pytest.mark.parametrize("compress", [False, True])
def test_frame_and_file_are_one_stream(tmp_path, compress):
    sources, destinations, times = named_stream()
    frame = pandas.DataFrame({
        "buyer": sources, "seller": destinations, "when": times,
        "amount": np.arange(len(times), dtype=np.float32) / 4,
        "weight": np.float32(1)})
    path = tmp_path / ("events.csv.gz" if compress else "events.csv")
    frame.to_csv(path, index=False)
    read = orcinus.Stream.read(path, columns="uvtff")
    made = orcinus.Stream.from_pandas(frame, source="buyer",
                                      destination="seller", time="when",
                                      features=["amount", "weight"])
    assert same(read, made)
    assert made.names[0] == sources[0]
    assert made.node(sources[3]) == made.sources[3]
    assert made.name(made.destinations[7]) == destinations[7]
    with pytest.raises(KeyError):
        made.node("nobody")


def test_dates_and_seconds_are_one_stream(tmp_path):
    sources, destinations, times = named_stream()
    seconds = times + 1.7e9
    dates = pandas.to_datetime(seconds, unit="s")
    path = tmp_path / "events.csv"
    pandas.DataFrame({"source": sources, "destination": destinations,
                      "time": dates}).to_csv(path, index=False)
    read = orcinus.Stream.read(path)
    for column in (dates, dates.tz_localize("UTC").to_series(),
                   [str(date) for date in dates], seconds,
                   seconds.astype(np.int64), seconds.astype(np.int64) * 1000):
        made = orcinus.Stream.from_arrays(sources, destinations, column)
        assert same(read, made), type(column)


def test_arrays_of_the_right_type_are_borrowed():
    count = 2_000_000
    sources = np.arange(count, dtype=np.int32) % 1000
    destinations = (sources + 1) % 1000
    times = np.arange(count, dtype=np.float64)
    features = np.ones((count, 4), dtype=np.float32)
    frame = pandas.DataFrame({"source": sources, "destination": destinations,
                              "time": times})
    frame_stream = orcinus.Stream.from_pandas(frame)
    assert frame_stream._core.borrows() == (True, True, False)
    made = orcinus.Stream.from_arrays(sources, destinations, times,
                                      edge_features=features)
    assert made._core.borrows() == (True, True, True)
    assert np.shares_memory(made.sources, sources)
    assert np.shares_memory(made.edge_features, features)
    assert not made.sources.flags.writeable
    # What it borrows stays as long as the stream, and no longer.
    before = sources[123]
    del sources, destinations, times, features
    assert made.sources[123] == before
    # Other types are copied.
    wide = orcinus.Stream.from_arrays(made.sources.astype(np.int64),
                                      made.destinations, made.times)
    assert wide._core.borrows()[0] is False
    assert same(wide, orcinus.Stream.from_arrays(
        made.sources, made.destinations, made.times))


def test_sorting_takes_all_columns_along():
    sources, destinations, times = named_stream()
    amounts = np.arange(len(times), dtype=np.float32)
    order = np.random.default_rng(0).permutation(len(times))
    shuffled = [[column[event] for event in order]
                for column in (sources, destinations)]
    with pytest.raises(ValueError, match="sort the events by time"):
        orcinus.Stream.from_arrays(*shuffled, times[order])
    made = orcinus.Stream.from_arrays(
        *shuffled, times[order], edge_features=amounts[order],
        labels={"amount": amounts[order]}, sort=True)
    assert np.array_equal(made.times, times)
    assert sorted(made.edge_features[:, 0]) == sorted(amounts)
    kept = {name: made.name(node) for name, node in zip(sources, made.sources)}
    for event, (node, amount) in enumerate(zip(made.sources,
                                               made.edge_features[:, 0])):
        assert made.name(node) == sources[int(amount)]
        assert times[int(amount)] == made.times[event]
    assert kept


def test_node_features_go_by_names():
    sources, destinations, times = named_stream()
    rows = {name: [number, 1] for number, name in enumerate(set(sources))}
    made = orcinus.Stream.from_arrays(sources, destinations, times,
                                      node_features=rows)
    for name in set(sources) | set(destinations):
        wanted = rows.get(name, [0, 0])
        assert made.node_features[made.node(name)].tolist() == wanted
    ids = orcinus.Stream.from_arrays([7, 3], [3, 9], [0, 1],
                                     node_features=np.eye(10))
    assert ids.names == [3, 7, 9]
    assert ids.node_features.argmax(axis=1).tolist() == [3, 7, 9]
    with pytest.raises(ValueError, match="none for the node 9"):
        orcinus.Stream.from_arrays([7, 3], [3, 9], [0, 1],
                                   node_features=np.eye(9))


def test_bad_input_is_said():
    good = [0, 1], [1, 0], [0.0, 1.0]
    for arguments, more, message in [
            (([], [], []), {}, "there is no event"),
            (([0], [1, 0], [0.0, 1.0]), {},
             "1 sources, 2 destinations and 2 times"),
            (([0, -1], [1, 0], [0.0, 1.0]), {}, "event 1 has a negative"),
            (([0, 1], [1, 0], [0.0, np.nan]), {}, "event 1 has a time that"),
            (([0, 1], [1, 0], [0.0, -1.0]), {}, "event 1 has a negative time"),
            (([0.5, 1.0], [1, 0], [0.0, 1.0]), {}, "is not an integer"),
            ((["a", None], ["b", "c"], [0.0, 1.0]), {}, "is missing"),
            (([0, 1], [1, 0], [0.0]), {}, "an event has one of each"),
            (([[0, 1]], [1, 0], [0.0]), {}, "one dimension"),
            (([0, 2**64 - 1], [1, 0], [0.0, 1.0]), {}, "2\\^63 or more"),
            (good, {"edge_features": np.ones((3, 2))}, "have the shape"),
            (good, {"edge_features": [np.inf, 0]}, "event 0 is not finite"),
            (good, {"time_unit": "weeks"}, "no unit of times"),
            (good, {"labels": {"kind": ["a"]}}, "1 labels of 'kind'")]:
        with pytest.raises(orcinus.InvalidArgumentError, match=message):
            orcinus.Stream.from_arrays(
                *[np.array(each, dtype=np.uint64)
                  if np.size(each) and np.max(np.asarray(each, dtype=object)
                                              .ravel()[-1] == 2**64 - 1)
                  else each for each in arguments], **more)
    frame = pandas.DataFrame({"a": [0], "b": [1], "t": [0]})
    with pytest.raises(ValueError, match="no column 'source'; there are: a"):
        orcinus.Stream.from_pandas(frame)
    with pytest.raises(OSError, match="No such file"):
        orcinus.Stream.read("no such file")
    with pytest.raises(ValueError, match="no option 'column'.*columns"):
        orcinus.Stream.read("events.csv", column="uvt")


def test_parquet_pyg_and_tgb(tmp_path):
    pytest.importorskip("pyarrow")
    sources, destinations, times = named_stream()
    frame = pandas.DataFrame({"source": sources, "destination": destinations,
                              "time": times})
    frame.to_parquet(tmp_path / "events.parquet")
    assert same(orcinus.Stream.from_parquet(tmp_path / "events.parquet"),
                orcinus.Stream.from_pandas(frame))

    class Tensor:
        """What a stream asks of a tensor of PyTorch."""

        def __init__(self, values):
            self.values = np.asarray(values)

        def detach(self):
            return self

        cpu = detach

        def numpy(self):
            return self.values

        @property
        def shape(self):
            return self.values.shape

        @property
        def dtype(self):
            # Without the attribute `kind`, as PyTorch has them.
            return object()

    class TemporalData:
        src = Tensor([0, 5, 0])
        dst = Tensor([7, 7, 9])
        t = Tensor([1, 2, 2])
        msg = Tensor(np.arange(6).reshape(3, 2))
        y = Tensor([0, 1, 0])

    class Dataset:
        full_data = {"sources": np.array([0, 5, 0]),
                     "destinations": np.array([7, 7, 9]),
                     "timestamps": np.array([1, 2, 2]),
                     "edge_feat": np.arange(6).reshape(3, 2)}

    data = orcinus.Stream.from_pyg(TemporalData)
    assert data.names == [0, 5, 7, 9]
    assert same(data, orcinus.Stream.from_tgb(Dataset))
    assert len(data.labels("edge-classification")) == 3


def test_statistics_split_and_writing(stream, tmp_path):
    statistics = stream.statistics()
    assert statistics["events"] == len(stream) == 1500
    assert statistics["mean_degree"] == pytest.approx(
        2 * len(stream) / stream.num_nodes)
    parts = stream.split(mask_nodes=0)
    assert sum(len(parts[name])
               for name in ("train", "validation", "test")) == len(stream)
    assert np.all(np.diff(parts["train"]) > 0)
    stream.write(tmp_path / "copy.csv")
    assert same(orcinus.Stream.read(tmp_path / "copy.csv"), stream)
    stream.convert(tmp_path / "copy.events")
    mapped = orcinus.Stream.read(tmp_path / "copy.events")
    assert same(mapped, stream)
    assert np.array_equal(mapped.edge_features, stream.edge_features)
    assert repr(stream).startswith("Stream(1500 events, ")
