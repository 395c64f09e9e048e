"""Streams of timestamped edges."""

from __future__ import annotations

import datetime
import os
import re
import tempfile
from typing import Any, Iterable, Mapping, Sequence

import numpy as np

from . import _core, options
from .errors import InvalidArgumentError

__all__ = ["Stream", "Labels"]


def _as_array(values: Any) -> np.ndarray:
    """An array of what a column may be: an array, a Series, a tensor, a list."""
    if hasattr(values, "detach"):  # A tensor of PyTorch.
        values = values.detach().cpu().numpy()
    elif hasattr(values, "to_numpy"):
        values = values.to_numpy()
    elif not hasattr(values, "__array__") and hasattr(values, "__dlpack__"):
        values = np.from_dlpack(values)
    array = np.asarray(values)
    if array.ndim != 1:
        raise InvalidArgumentError(
            f"a column has one dimension, not the shape {array.shape}")
    return array


def _is_one(value: Any) -> bool:
    """Whether it is a single name or time, and not several: a text is one."""
    if isinstance(value, (str, bytes, int)):
        return True
    if hasattr(value, "ndim"):
        return value.ndim == 0
    return not isinstance(value, Iterable)


def _as_text(value: Any) -> str:
    """A name as text; a missing one is empty."""
    if not _is_one(value):
        raise InvalidArgumentError(
            "what names one node, or is one label, is a number or text, not of "
            f"the type {type(value).__name__}")
    if hasattr(value, "item"):  # A NumPy scalar, or a tensor of one number.
        value = value.item()
    # Comparing pandas' NA has no answer.
    if value is None or type(value).__name__ == "NAType" or value != value:
        return ""
    return value.decode() if isinstance(value, bytes) else str(value)


def _as_texts(values: Any) -> list[str]:
    return [_as_text(each) for each in values]


#: A date's zone, at its end.
_ZONE = re.compile(r"(?:(Z)|([+-])(\d\d):?(\d\d)?)$")


def _as_date(value: Any, event: int) -> np.datetime64:
    """A date, or a text of ISO 8601, as nanoseconds of UTC."""
    try:
        if hasattr(value, "to_datetime64"):  # A Timestamp of pandas.
            return value.to_datetime64().astype("datetime64[ns]")
        if getattr(value, "tzinfo", None) is not None:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        if isinstance(value, (int, float)):
            raise ValueError("a number among dates")
        if not isinstance(value, str):
            return np.datetime64(value, "ns")
        text = value.strip()
        # Behind the day, whose parts have hyphens, too.
        zone = _ZONE.search(text, 10)
        if zone is None:
            if "Z" in text or "+" in text:
                raise ValueError("a zone that is none")
            return np.datetime64(text, "ns")
        date = np.datetime64(text[:zone.start()], "ns")
        if zone[1]:
            return date
        minutes = int(zone[3]) * 60 + int(zone[4] or 0)
        return date - np.timedelta64(
            minutes if zone[2] == "+" else -minutes, "m")
    except (ValueError, OverflowError, TypeError):
        raise InvalidArgumentError(
            f"the time of event {event} is '{value}', which is no date: give a "
            "number, or a date of ISO 8601, as 2024-03-01T08:02:00Z") from None


def _as_dates(array: np.ndarray) -> np.ndarray:
    """datetime64[ns] of dates and texts of ISO 8601."""
    if array.dtype.kind in "UT":
        texts = array.astype("U")
        # All at once where no zone is to be taken off.
        if not (np.char.find(texts, "Z") >= 0).any() \
                and not (np.char.find(texts, "+") >= 0).any() \
                and not (np.char.rfind(texts, "-") >= 10).any():
            try:
                return texts.astype("datetime64[ns]")
            except ValueError:
                pass  # Which one it is is found below.
    return np.array([_as_date(each, event)
                     for event, each in enumerate(array.tolist())],
                    dtype="datetime64[ns]")


def _as_times(values: Any) -> tuple[np.ndarray, bool]:
    """Times as f64 or i64, and whether they are dates: i64 nanoseconds then."""
    if hasattr(values, "dt") and getattr(values.dt, "tz", None) is not None:
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    array = _as_array(values)
    if array.dtype == object or array.dtype.kind in "UT":
        array = _as_dates(array)
    if array.dtype.kind == "M":
        array = array.astype("datetime64[ns]", copy=False)
        if np.isnat(array).any():
            raise InvalidArgumentError(
                f"the time of event {int(np.isnat(array).argmax())} is missing")
        return np.ascontiguousarray(array).view(np.int64), True
    if array.dtype.kind in "iu":
        return np.ascontiguousarray(array, dtype=np.int64), False
    if array.dtype.kind == "f":
        return np.ascontiguousarray(array, dtype=np.float64), False
    raise InvalidArgumentError(
        f"times are numbers or dates, not of the type {array.dtype}")


def _as_matrix(values: Any, rows: int, of: str) -> np.ndarray:
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    elif hasattr(values, "to_numpy"):
        values = values.to_numpy()
    matrix = np.asarray(values)
    if matrix.ndim == 1:
        matrix = matrix.reshape(-1, 1)
    if matrix.ndim != 2 or matrix.shape[0] != rows:
        raise InvalidArgumentError(
            f"features of {of} have the shape [{rows}, columns], not "
            f"{list(matrix.shape)}")
    return np.ascontiguousarray(matrix, dtype=np.float32)


class Stream:
    """A stream of timestamped edges, sorted by time; it does not change.

    Nodes keep what the input called them, numbers or any text. What takes nodes
    takes these names, and what returns nodes returns them.
    """

    def __init__(self, core: _core.Stream):
        self._core = core

    # ---- Making one ------------------------------------------------------

    @classmethod
    def read(cls, path: str | os.PathLike, **load_options: Any) -> "Stream":
        """Reads a file of events, gzipped or not; its format is recognised.

        Options: those of ``orcinus train`` that say how data are read:
        ``columns``, ``sort``, ``time_unit``, ``features``, ``categories``,
        ``category_codes``, ``label_columns`` (docs/data-formats.md).
        """
        core = options.take(_core.Options(), load_options, ["load"],
                            "Stream.read")
        return cls(_core.Stream.load(os.fspath(path), core))

    @classmethod
    def synthetic(cls, nodes: int, events: int, *, seed: int = 0,
                  features: int = 0) -> "Stream":
        """A made-up stream with communities that can be learnt."""
        return cls.read(f"synthetic:nodes={nodes},events={events},seed={seed},"
                        f"features={features}")

    @classmethod
    def from_arrays(cls, sources: Any, destinations: Any, times: Any, *,
                    edge_features: Any = None, node_features: Any = None,
                    labels: Mapping[str, Any] | None = None,
                    time_unit: str = "auto", sort: bool = False) -> "Stream":
        """A stream of columns: arrays, Series, tensors or lists of equal length.

        ``sources`` and ``destinations`` are integers, at least 0, or text.
        ``times`` are numbers of ``time_unit`` ("auto" tells those since 1970 by
        their size and takes others for seconds) or dates; they do not descend,
        unless ``sort`` is set. ``edge_features`` is [events, columns],
        ``node_features`` [nodes, columns], its row i that of the node i, or a
        mapping from names to rows; a node without one has zeros. ``labels`` has
        columns of labels by their names.

        int32 ids 0, 1, … without a gap, float64 seconds, and float32 features
        are used where they are, not copied: do not change them afterwards.
        """
        if labels is not None and not hasattr(labels, "items"):
            raise InvalidArgumentError(
                "labels are columns by their names, as {'kind': […]}, not of the "
                f"type {type(labels).__name__}")
        source, destination = _as_array(sources), _as_array(destinations)
        time, is_date = _as_times(times)
        # To sort them would cut the longer ones off.
        if not len(source) == len(destination) == len(time):
            raise InvalidArgumentError(
                f"{len(source)} sources, {len(destination)} destinations and "
                f"{len(time)} times: an event has one of each")
        order = None
        if sort and len(time) and (time[1:] < time[:-1]).any():
            order = np.argsort(time, kind="stable")
            source, destination, time = (source[order], destination[order],
                                         time[order])
        builder = _core.StreamBuilder()
        _set_nodes(builder, source, destination)
        unit = "ns" if is_date else time_unit
        if time.dtype == np.float64:
            builder.set_reals(time, unit)
        else:
            builder.set_counts(time, unit)
        if edge_features is not None:
            matrix = _as_matrix(edge_features, len(time), "events")
            builder.set_edge_features(matrix if order is None else
                                      np.ascontiguousarray(matrix[order]))
        if node_features is not None:
            builder.set_node_features(
                _node_matrix(node_features, builder.node_names()))
        for name, values in ({} if labels is None else labels).items():
            texts = _as_texts(_as_array(values))
            if order is not None and len(texts) == len(order):
                texts = [texts[event] for event in order]
            builder.add_labels(name, texts)
        return cls(builder.finish())

    @classmethod
    def from_pandas(cls, frame: Any, *, source: str = "source",
                    destination: str = "destination", time: str = "time",
                    features: Sequence[str] = (),
                    label: str | Sequence[str] | None = None,
                    node_features: Any = None, time_unit: str = "auto",
                    sort: bool = False) -> "Stream":
        """A stream of a DataFrame with a row an event.

        ``source``, ``destination``, ``time``, ``features`` and ``label`` name
        columns. Columns of the types that from_arrays() borrows are not copied;
        more than one column of features is.
        """
        labels = [label] if isinstance(label, str) else \
            [] if label is None else list(label)
        features = [features] if isinstance(features, str) else list(features)
        columns = [source, destination, time, *features, *labels]
        if not hasattr(frame, "columns"):
            raise InvalidArgumentError(
                f"from_pandas() takes a DataFrame, not {type(frame).__name__}")
        missing = [name for name in columns if name not in frame.columns]
        if missing:
            raise InvalidArgumentError(
                f"the frame has no column '{missing[0]}'; there are: "
                + ", ".join(map(str, frame.columns)))
        edge_features = None
        if len(features) == 1:
            edge_features = frame[features[0]]
        elif features:
            edge_features = frame[features]
        return cls.from_arrays(
            frame[source], frame[destination], frame[time],
            edge_features=edge_features, node_features=node_features,
            labels={name: frame[name] for name in labels},
            time_unit=time_unit, sort=sort)

    @classmethod
    def from_parquet(cls, path: str | os.PathLike, **arguments: Any) -> "Stream":
        """A stream of a Parquet file, as from_pandas() takes it; needs pandas
        and pyarrow."""
        import pandas

        return cls.from_pandas(pandas.read_parquet(path), **arguments)

    @classmethod
    def from_pyg(cls, data: Any, *, node_features: Any = None,
                 time_unit: str = "auto") -> "Stream":
        """A stream of a ``torch_geometric.data.TemporalData``: its ``src``,
        ``dst`` and ``t``, ``msg`` as features of events, ``y`` as the labels
        "y"."""
        message, label = getattr(data, "msg", None), getattr(data, "y", None)
        return cls.from_arrays(
            data.src, data.dst, data.t, edge_features=message,
            node_features=node_features,
            labels=None if label is None else {"y": label},
            time_unit=time_unit)

    @classmethod
    def from_tgb(cls, dataset: Any) -> "Stream":
        """A stream of a dataset of py-tgb: a ``LinkPropPredDataset`` or
        ``NodePropPredDataset``, or PyTorch Geometric's form of it, with its
        features of events and of nodes."""
        nodes = getattr(dataset, "node_feat", None)
        if hasattr(dataset, "get_TemporalData"):
            return cls.from_pyg(dataset.get_TemporalData(), node_features=nodes,
                                time_unit="s")
        full = dataset.full_data
        features = full.get("edge_feat")
        return cls.from_arrays(full["sources"], full["destinations"],
                               full["timestamps"], edge_features=features,
                               node_features=nodes, time_unit="s")

    # ---- What it holds ---------------------------------------------------

    def __len__(self) -> int:
        """How many events there are."""
        return self._core.events

    @property
    def num_nodes(self) -> int:
        return self._core.nodes

    @property
    def sources(self) -> np.ndarray:
        """int32 [events], nodes by their numbers; name() has their names."""
        return _core.stream_sources(self._core)

    @property
    def destinations(self) -> np.ndarray:
        """int32 [events]."""
        return _core.stream_destinations(self._core)

    @property
    def times(self) -> np.ndarray:
        """float64 [events], in seconds."""
        return self._core.seconds()

    @property
    def edge_features(self) -> np.ndarray:
        """float32 [events, columns]."""
        return _core.stream_features(self._core, False)

    @property
    def node_features(self) -> np.ndarray:
        """float32 [nodes, columns]."""
        return _core.stream_features(self._core, True)

    @property
    def description(self) -> str:
        """What a file was taken for; empty for a stream of arrays."""
        return self._core.description

    @property
    def columns(self) -> list[tuple[str, str]]:
        """What each named column of a file was taken for."""
        return self._core.columns

    def name(self, node: int) -> int | str:
        """What the input called a node: a number, or text."""
        return _name(self._core.name(int(node)))

    @property
    def names(self) -> list[int | str]:
        """What the input called all nodes, by their numbers."""
        return [self.name(node) for node in range(self.num_nodes)]

    def node(self, name: Any) -> int:
        """The number of the node of that name; KeyError where there is none."""
        number = self._core.node(_as_text(name))
        if number < 0:
            raise KeyError(name)
        return number

    def aligned_with(self, checkpoint: str | os.PathLike) -> "Stream":
        """This stream as one that goes on from that of a checkpoint's run: if it
        holds the run's nodes, they have the numbers that they had there, though
        nodes with ids between came later. Trainers whose ``checkpoint`` is that
        folder, sessions and evaluations do this by themselves; labels of such a
        trainer's stream have to be taken of this one."""
        return Stream(self._core.aligned_with(os.fspath(checkpoint)))

    def _numbers_as(self, other: "Stream") -> bool:
        """Whether nodes and times are the same numbers in both."""
        return (self.names == other.names and self._core.ticks_per_second
                == other._core.ticks_per_second)

    def statistics(self) -> dict[str, Any]:
        """What ``orcinus info`` says: counts, times, degrees."""
        return self._core.statistics()

    def split(self, *, train_fraction: float = 0.70,
              validation_fraction: float = 0.15,
              **train_options: Any) -> dict[str, np.ndarray]:
        """The events of ``train``, ``validation`` and ``test``, and those of
        the latter two with a node that training never saw
        (``inductive_validation``, ``inductive_test``): int32 indices. Options:
        ``protocol``, ``seed``, ``mask_nodes``."""
        core = options.take(_core.Options(), train_options, ["train"],
                            "Stream.split")
        core.set_fractions(train_fraction, validation_fraction)
        return self._core.split(core, False)

    def labels(self, task: str, of_nodes: Any = None, *,
               time_unit: str = "auto") -> "Labels":
        """The labels of a task (docs/tasks.md): those in the stream's own
        columns, or those of nodes in a csv file, or a DataFrame, with the
        columns node, label (or class, weight) and, as a rule, time."""
        if of_nodes is None:
            return Labels(_core.Labels.of_stream(self._core, task))
        if not hasattr(of_nodes, "to_csv"):
            return Labels(_core.Labels.of_file(
                self._core, os.fspath(of_nodes), task, time_unit))
        with tempfile.TemporaryDirectory(prefix="orcinus-") as folder:
            path = os.path.join(folder, "labels.csv")
            of_nodes.to_csv(path, index=False)
            return Labels(_core.Labels.of_file(self._core, path, task,
                                               time_unit))

    def write(self, path: str | os.PathLike) -> None:
        """Writes the events as a csv file that read() reads back."""
        self._core.write(os.fspath(path))

    def convert(self, path: str | os.PathLike) -> None:
        """Writes an event file, with features, labels and names, which read()
        maps into memory instead of reading it."""
        self._core.convert(os.fspath(path))

    def __repr__(self) -> str:
        if len(self) == 0:
            return "Stream(0 events)"
        features = self.edge_features.shape[1]
        return (f"Stream({len(self)} events, {self.num_nodes} nodes"
                + (f", {features} edge features" if features else "") + ")")


class Labels:
    """What is known of the nodes or events of one stream (Stream.labels)."""

    def __init__(self, core: _core.Labels):
        self._core = core

    def __len__(self) -> int:
        return len(self._core)

    @property
    def task(self) -> str:
        return self._core.task

    @property
    def classes(self) -> list[str]:
        """What the input called the classes; empty for numbers."""
        return self._core.classes

    def __repr__(self) -> str:
        return (f"Labels({len(self)} labels for {self.task}"
                + (f", {len(self.classes)} classes" if self.classes else "")
                + ")")


def _name(text: str) -> int | str:
    """A number where that is what its text says."""
    if text.isascii() and text.isdigit() and str(int(text)) == text:
        return int(text)
    return text


def _set_nodes(builder: _core.StreamBuilder, source: np.ndarray,
               destination: np.ndarray) -> None:
    if source.dtype.kind in "iu" and destination.dtype.kind in "iu":
        if source.dtype == destination.dtype == np.int32:
            builder.set_ids_32(np.ascontiguousarray(source),
                               np.ascontiguousarray(destination))
            return
        for ids in (source, destination):
            if ids.dtype == np.uint64 and len(ids) and ids.max() >= 2**63:
                raise InvalidArgumentError(
                    "a node id is 2^63 or more: give ids as text")
        builder.set_ids_64(np.ascontiguousarray(source, dtype=np.int64),
                           np.ascontiguousarray(destination, dtype=np.int64))
        return
    if "b" in (source.dtype.kind, destination.dtype.kind):
        raise InvalidArgumentError(
            "node ids are integers or text, not of the type bool")
    builder.set_names(_as_texts(source.tolist()),
                      _as_texts(destination.tolist()))


def _node_matrix(features: Any, names: list[str]) -> np.ndarray:
    """Rows in the order of the nodes' numbers."""
    if isinstance(features, Mapping):
        rows = {_as_text(name): np.asarray(row, dtype=np.float32)
                for name, row in features.items()}
        if not rows:
            raise InvalidArgumentError("the mapping of node features is empty")
        zeros = np.zeros_like(next(iter(rows.values())))
        return np.ascontiguousarray(
            np.stack([rows.get(name, zeros) for name in names]))
    if np.ndim(features) == 0:
        raise InvalidArgumentError(
            "features of nodes are a matrix or a mapping from names to rows")
    matrix = _as_matrix(features, np.asarray(features).shape[0], "nodes")
    try:
        ids = np.array([int(name) for name in names])
    except ValueError:
        raise InvalidArgumentError(
            "the nodes have names: give node features as a mapping from names "
            "to rows") from None
    for each in (ids.min(initial=0), ids.max(initial=0)):
        if len(ids) and not 0 <= each < len(matrix):
            raise InvalidArgumentError(
                f"there are {len(matrix)} rows of node features, none for the "
                f"node {each}")
    return np.ascontiguousarray(matrix[ids])
