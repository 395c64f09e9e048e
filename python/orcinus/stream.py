"""Streams of timestamped edges."""

from __future__ import annotations

import os
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


def _as_texts(values: Any) -> list[str]:
    """Names as text; a missing one is empty."""
    return ["" if each is None or each != each else str(each)
            for each in values]


def _as_times(values: Any) -> np.ndarray:
    """Times as f64 or i64; i64 nanoseconds of what is a date."""
    if hasattr(values, "dt") and getattr(values.dt, "tz", None) is not None:
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    array = _as_array(values)
    if array.dtype == object or array.dtype.kind in "UT":
        array = array.astype("datetime64[ns]")
    if array.dtype.kind == "M":
        array = array.astype("datetime64[ns]", copy=False)
        if np.isnat(array).any():
            raise InvalidArgumentError(
                f"the time of event {int(np.isnat(array).argmax())} is missing")
        return np.ascontiguousarray(array).view(np.int64)
    if array.dtype.kind in "iu":
        return np.ascontiguousarray(array, dtype=np.int64)
    if array.dtype.kind == "f":
        return np.ascontiguousarray(array, dtype=np.float64)
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
        source, destination = _as_array(sources), _as_array(destinations)
        time = _as_times(times)
        is_date = _is_date(times)
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
        for name, values in (labels or {}).items():
            texts = _as_texts(_as_array(values))
            builder.add_labels(name, texts if order is None else
                               [texts[event] for event in order])
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
        labels = [label] if isinstance(label, str) else list(label or ())
        columns = [source, destination, time, *features, *labels]
        missing = [name for name in columns if name not in frame.columns]
        if missing:
            raise InvalidArgumentError(
                f"the frame has no column '{missing[0]}'; there are: "
                + ", ".join(map(str, frame.columns)))
        edge_features = None
        if len(features) == 1:
            edge_features = frame[features[0]]
        elif features:
            edge_features = frame[list(features)]
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
    def from_pyg(cls, data: Any, *, time_unit: str = "auto") -> "Stream":
        """A stream of a ``torch_geometric.data.TemporalData``: its ``src``,
        ``dst`` and ``t``, ``msg`` as features of events, ``y`` as the labels
        "y"."""
        message, label = getattr(data, "msg", None), getattr(data, "y", None)
        return cls.from_arrays(
            data.src, data.dst, data.t, edge_features=message,
            labels=None if label is None else {"y": label},
            time_unit=time_unit)

    @classmethod
    def from_tgb(cls, dataset: Any) -> "Stream":
        """A stream of a dataset of py-tgb: a ``LinkPropPredDataset`` or
        ``NodePropPredDataset``, or PyTorch Geometric's form of it."""
        if hasattr(dataset, "get_TemporalData"):
            return cls.from_pyg(dataset.get_TemporalData(), time_unit="s")
        full = dataset.full_data
        features = full.get("edge_feat")
        return cls.from_arrays(full["sources"], full["destinations"],
                               full["timestamps"], edge_features=features,
                               time_unit="s")

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
        number = self._core.node(str(name))
        if number < 0:
            raise KeyError(name)
        return number

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


def _is_date(times: Any) -> bool:
    dtype = getattr(times, "dtype", None)
    if dtype is None or not hasattr(dtype, "kind"):
        dtype = np.asarray(times).dtype if not hasattr(times, "detach") else None
    return dtype is not None and dtype.kind in "MOUT"


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
    builder.set_names(_as_texts(source.tolist()),
                      _as_texts(destination.tolist()))


def _node_matrix(features: Any, names: list[str]) -> np.ndarray:
    """Rows in the order of the nodes' numbers."""
    if isinstance(features, Mapping):
        rows = {str(name): np.asarray(row, dtype=np.float32)
                for name, row in features.items()}
        if not rows:
            raise InvalidArgumentError("the mapping of node features is empty")
        zeros = np.zeros_like(next(iter(rows.values())))
        return np.ascontiguousarray(
            np.stack([rows.get(name, zeros) for name in names]))
    matrix = _as_matrix(features, np.asarray(features).shape[0], "nodes")
    try:
        ids = np.array([int(name) for name in names])
    except ValueError:
        raise InvalidArgumentError(
            "the nodes have names: give node features as a mapping from names "
            "to rows") from None
    if len(ids) and ids.max() >= len(matrix):
        raise InvalidArgumentError(
            f"there are {len(matrix)} rows of node features, none for the node "
            f"{ids.max()}")
    return np.ascontiguousarray(matrix[ids])
