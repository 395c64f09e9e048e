"""What runs, plans and tunings left in files, read back for plots and reports."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import re
import struct
import zlib
from typing import Any, Iterable, Mapping

from .errors import DamagedError, InputOutputError, InvalidArgumentError

__all__ = ["Run", "ReuseGraph", "Sweep", "Tuning", "read", "read_runs",
           "runs_of"]

_MAGIC = b"ORCINUS\0"
_PREFIX = struct.Struct("<8sIIQ")
#: More is no header.
_MOST_HEADER_BYTES = 1 << 30


@dataclasses.dataclass
class Run:
    """The lines of metrics of one run (docs/runtime.md), and its options.

    What is not defined in a line is NaN.
    """

    name: str
    #: A dict an epoch, in the order of the epochs.
    epochs: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    #: What ``measure_staleness`` found, a dict a batch that was compared.
    staleness: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    #: The figures of the test; None of a run that has not been tested.
    test: dict[str, Any] | None = None
    #: The options by their names in checkpoints; None where there is no
    #: checkpoint. A value of None is the model's own.
    options: dict[str, Any] | None = None

    def series(self, metric: str) -> tuple[list[int], list[float]]:
        """The epochs that have a number of that name, and these numbers.
        ``"reuse/hits"`` is the number ``hits`` of ``reuse``."""
        epochs, values = [], []
        for line in self.epochs:
            value: Any = line
            for part in metric.split("/"):
                value = value.get(part) if isinstance(value, dict) else None
            if _is_number(value):
                epochs.append(line["epoch"])
                values.append(float(value))
        return epochs, values

    def hit_ratio(self) -> tuple[list[int], list[float]]:
        """Epochs that read cached embeddings, and the share of these reads, from
        0 to 1, that was cached."""
        epochs, values = [], []
        for line in self.epochs:
            reuse = line.get("reuse")
            reads = _number(reuse, "out_of_batch_reads")
            hits = _number(reuse, "hits")
            if reads > 0 and hits >= 0:
                epochs.append(line["epoch"])
                values.append(hits / reads)
        return epochs, values


@dataclasses.dataclass
class Tuning:
    """What ``orcinus tune --json`` printed."""

    name: str
    strategy: str
    #: Wall-clock seconds of the tuning.
    seconds: float
    #: A dict an operator: ``name``, ``microseconds``, ``trials``, ``source``,
    #: ``origin``, and ``candidates``, a count for each outcome.
    operators: list[dict[str, Any]]
    left_out: list[dict[str, Any]]
    failed: list[dict[str, Any]]


@dataclasses.dataclass
class Sweep:
    """What ``orcinus plan --sweep --json`` printed."""

    name: str
    #: A dict a capacity, as docs/reuse.md describes.
    points: list[dict[str, Any]]
    #: The option of ``orcinus train`` that is recommended.
    recommended: str


@dataclasses.dataclass
class ReuseGraph:
    """Operators, and which could be, or are to be, tuned from whose programs."""

    name: str
    #: The operators' names; those of bridges too.
    nodes: list[str]
    bridges: set[str]
    #: Source, target, seconds; the source None is a search from nothing.
    edges: list[tuple[str | None, str, float]]

    @property
    def is_plan(self) -> bool:
        """Whether each operator has one source."""
        targets = [target for _, target, _ in self.edges]
        return sorted(targets) == sorted(self.nodes)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(values: Any, name: str) -> float:
    """A number of a dict; NaN where there is none."""
    value = values.get(name, math.nan) if isinstance(values, dict) else math.nan
    return float(value) if _is_number(value) else math.nan


# ---- Metrics ---------------------------------------------------------------


def _bounded(value: Any, null: Any = None) -> Any:
    """JSON with ``null`` for what is null and infinity for integers that are
    beyond 64 bits, at any depth."""
    if value is None:
        return null
    if isinstance(value, dict):
        return {name: _bounded(each, null) for name, each in value.items()}
    if isinstance(value, list):
        return [_bounded(each, null) for each in value]
    if isinstance(value, int) and not -2**63 <= value < 2**63:
        return math.inf if value > 0 else -math.inf
    return value


def _are_numbers(values: Any) -> bool:
    return all(map(_is_number, values))


#: What a name stands for in lines of metrics, where that is not any value.
_FORMS = {
    **dict.fromkeys(("batch", "batches", "bound"),
                    ("a number", _is_number)),
    **dict.fromkeys(("reuse", "output_error"),
                    ("numbers by their names", lambda value: isinstance(
                        value, dict) and _are_numbers(value.values()))),
    "rows": ("a list of numbers", lambda value: isinstance(value, list)
             and _are_numbers(value)),
    "staleness": ("a list of means and maxima", lambda value: isinstance(
        value, list) and all(isinstance(each, dict)
                             and _is_number(each.get("mean"))
                             for each in value)),
}


def _metrics(line: dict[str, Any], where: str) -> dict[str, Any]:
    """A line of metrics; what is not defined is NaN."""
    metrics = {name: _bounded(value, math.nan)
               for name, value in line.items() if name != "event"}
    for name, (form, holds) in _FORMS.items():
        if name in metrics and not holds(metrics[name]):
            raise InvalidArgumentError(f"{where}: '{name}' is not {form}")
    return metrics


def _add_line(runs: list[Run], line: dict[str, Any], name: str,
              where: str) -> None:
    """Adds a line of metrics to the last run, or to a new one where it cannot
    follow the lines before it."""
    event = line.get("event")
    if event not in ("epoch", "staleness", "test"):
        return
    metrics = _metrics(line, where)
    if event != "test":
        epoch = metrics.get("epoch")
        if not isinstance(epoch, int) or isinstance(epoch, bool):
            raise InvalidArgumentError(
                f"{where}: a line of metrics names its epoch, a whole number")
    if not runs:
        runs.append(Run(name))
    run = runs[-1]
    again = run.test is not None if event == "test" else (
        bool(run.epochs) and metrics["epoch"] <= run.epochs[-1]["epoch"])
    if again:
        run = Run(f"{name} ({len(runs) + 1})")
        runs.append(run)
    if event == "test":
        run.test = metrics
    else:
        (run.epochs if event == "epoch" else run.staleness).append(metrics)


def _runs_of_text(text: str, name: str, path: str) -> list[Run]:
    runs: list[Run] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            if isinstance(value, dict):
                _add_line(runs, value, name, f"{path}:{number}")
        except InvalidArgumentError:
            raise
        except ValueError:
            if number == len(lines):
                break  # A kill cut it short.
            raise InvalidArgumentError(
                f"{path}:{number}: not a line of JSON") from None
        except RecursionError:
            raise InvalidArgumentError(
                f"{path}:{number}: JSON that is nested too deeply") from None
    if not runs:
        raise InvalidArgumentError(
            f"{path}: neither metrics of a run nor what 'orcinus tune --json', "
            "'orcinus plan --sweep --json' or a pass of the reuse graph writes")
    return runs


# ---- Checkpoints -----------------------------------------------------------


def _checkpoint_header(path: str) -> dict[str, Any]:
    """The header of a checkpoint file (docs/runtime.md)."""
    try:
        with open(path, "rb") as file:
            prefix = file.read(_PREFIX.size)
            if len(prefix) < _PREFIX.size or not prefix.startswith(_MAGIC):
                raise DamagedError(f"{path}: not a checkpoint of Orcinus")
            _, version, checksum, size = _PREFIX.unpack(prefix)
            if size > _MOST_HEADER_BYTES:
                raise DamagedError(f"{path}: damaged: its header is too large")
            header = file.read(size)
    except OSError as error:
        raise InputOutputError(
            f"cannot read '{path}': {error.strerror or error}") from None
    if version not in (1, 2):
        raise InvalidArgumentError(
            f"{path}: a checkpoint of version {version}, which this version of "
            "Orcinus does not know")
    if len(header) != size or zlib.crc32(header) != checksum:
        raise DamagedError(f"{path}: damaged: its header is not what was written")
    try:
        value = json.loads(header)
    except ValueError:
        raise DamagedError(f"{path}: damaged: its header is no JSON") from None
    if not isinstance(value, dict):
        raise DamagedError(f"{path}: damaged: its header is no object")
    return value


def _checkpoint_run(directory: str, name: str) -> Run:
    """The run of a checkpoint, as far as the checkpoint knows it."""
    path = os.path.join(directory, "checkpoint")
    if not os.path.exists(path):
        raise InvalidArgumentError(f"no checkpoint in '{directory}'")
    header = _checkpoint_header(path)
    position, options = header.get("position"), header.get("options")
    history = position.get("history") if isinstance(position, dict) else None
    options = _bounded(options)
    if not isinstance(history, list) or not isinstance(options, dict):
        raise DamagedError(f"{path}: damaged: its header lacks the run")
    runs = [Run(name)]
    for line in history:
        try:
            value = json.loads(line)
        except (TypeError, ValueError):
            raise DamagedError(
                f"{path}: damaged: its header has a line of metrics that is no "
                "JSON") from None
        if isinstance(value, dict):
            _add_line(runs, value, name, path)
    run = runs[-1]
    run.name, run.options = name, options
    return run


def _same_epochs(one: Run, other: Run) -> bool:
    """Whether one of two runs begins with the epochs of the other."""
    return all(_same(first, second)
               for first, second in zip(one.epochs, other.epochs))


def _same(one: Any, other: Any) -> bool:
    # NaN is not NaN, but its text is the same.
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _metrics_beside(directory: str, run: Run) -> Run | None:
    """The run of the metrics file in or beside a checkpoint's folder that goes
    on where the checkpoint's own lines do."""
    folder = os.path.abspath(directory)
    stem = os.path.basename(folder)
    candidates = [f"{folder}{end}" for end in (".jsonl", ".json")]
    for place in (folder, os.path.dirname(folder)):
        try:
            names = sorted(os.listdir(place))
        except OSError:
            continue
        candidates += [os.path.join(place, name) for name in names
                       if name.endswith(".jsonl")]
    for path in candidates:
        if not os.path.isfile(path):
            continue
        try:
            found = read_runs(path, name=stem, beside=False)
        except (InvalidArgumentError, InputOutputError, DamagedError):
            continue
        for each in found:
            if each.epochs and len(each.epochs) >= len(run.epochs) \
                    and run.epochs and _same_epochs(each, run):
                return each
    return None


def _checkpoint_beside(path: str, runs: list[Run]) -> None:
    """Gives runs of a metrics file the options of their checkpoint, where it is
    the folder of the file or the one that is named like the file."""
    folder = os.path.dirname(os.path.abspath(path))
    stem = os.path.splitext(os.path.abspath(path))[0]
    for directory in (stem, folder):
        if not os.path.isfile(os.path.join(directory, "checkpoint")):
            continue
        try:
            known = _checkpoint_run(directory, "")
        except (InvalidArgumentError, InputOutputError, DamagedError):
            continue
        for run in runs:
            if run.options is None and run.epochs and known.epochs \
                    and _same_epochs(run, known):
                run.options = known.options


# ---- Files -----------------------------------------------------------------


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError:
        raise InvalidArgumentError(f"{path}: not text in UTF-8") from None
    except OSError as error:
        raise InputOutputError(
            f"cannot read '{path}': {error.strerror or error}") from None


def _dicts(value: Any, required: Mapping[str, type | tuple[type, ...]],
           where: str) -> list[dict[str, Any]]:
    """A list of dicts that have what is required."""
    if not isinstance(value, list):
        raise InvalidArgumentError(f"{where} is not a list")
    for each in value:
        for name, kind in required.items():
            if not isinstance(each, dict) or not isinstance(each.get(name), kind):
                raise InvalidArgumentError(
                    f"{where} has an entry without a proper '{name}'")
    return value


_REAL = (int, float)


def _tuning(value: dict[str, Any], name: str, path: str) -> Tuning:
    operators = _dicts(value["operators"],
                       {"name": str, "microseconds": _REAL, "source": str},
                       f"{path}: 'operators'")
    reasons = {"name": str, "reason": str}
    return Tuning(
        name, str(value.get("strategy", "")), _number(value, "seconds"),
        operators,
        _dicts(value.get("left_out", []), reasons, f"{path}: 'left_out'"),
        _dicts(value.get("failed", []), reasons, f"{path}: 'failed'"))


def _sweep(value: dict[str, Any], name: str, path: str) -> Sweep:
    points = _dicts(value["points"],
                    {"option": str, "out_of_batch_reads": _REAL, "hits": _REAL,
                     "recomputed": _REAL, "train_seconds": _REAL,
                     "mean_age": (*_REAL, type(None)), "bytes": _REAL,
                     "capacities": list}, f"{path}: 'points'")
    if not all(_is_number(each) for point in points
               for each in point["capacities"]):
        raise InvalidArgumentError(
            f"{path}: 'points' has an entry whose 'capacities' are no numbers")
    return Sweep(name, points, str(value.get("recommended", "")))


def _graph_of_json(value: dict[str, Any], name: str, path: str) -> ReuseGraph:
    if "steps" in value:
        steps = _dicts(value["steps"], {"name": str, "expected_seconds": _REAL},
                       f"{path}: 'steps'")
        nodes, edges = steps, [
            (step.get("source"), step["name"], float(step["expected_seconds"]))
            for step in steps]
    else:
        nodes = _dicts(value["nodes"],
                       {"name": str, "search_seconds": _REAL},
                       f"{path}: 'nodes'")
        edges = [(None, node["name"], float(node["search_seconds"]))
                 for node in nodes]
        edges += [(edge["source"], edge["target"], float(edge["reuse_seconds"]))
                  for edge in _dicts(value.get("edges", []),
                                     {"source": str, "target": str,
                                      "reuse_seconds": _REAL},
                                     f"{path}: 'edges'")]
    return _checked(ReuseGraph(
        name, [node["name"] for node in nodes],
        {node["name"] for node in nodes if node.get("bridge")}, edges), path)


def _checked(graph: ReuseGraph, path: str) -> ReuseGraph:
    known = set(graph.nodes)
    if len(known) != len(graph.nodes):
        raise InvalidArgumentError(
            f"{path}: two operators have one name")
    for source, target, _ in graph.edges:
        for end in (source, target):
            if end is not None and not (isinstance(end, str) and end in known):
                raise InvalidArgumentError(
                    f"{path}: an edge names '{end}', which is no operator of it")
    return graph


_DOT_NAME = r'"((?:[^"\\]|\\.)*)"'
_DOT_NODE = re.compile(rf"^\s*{_DOT_NAME}\s*(\[style=dashed\])?\s*;\s*$")
_DOT_EDGE = re.compile(
    rf'^\s*{_DOT_NAME}\s*->\s*{_DOT_NAME}\s*\[label="([0-9]+(?:\.[0-9]+)?) s"\]\s*;\s*$')


def _graph_of_dot(text: str, name: str, path: str) -> ReuseGraph:
    """The figures of eto-reuse-graph, eto-inject-bridges and eto-plan."""
    graph = ReuseGraph(name, [], set(), [])
    lines = text.strip().split("\n")
    for number, line in enumerate(lines[1:-1], 2):
        if edge := _DOT_EDGE.match(line):
            source, target = (re.sub(r"\\(.)", r"\1", end)
                              for end in edge.groups()[:2])
            graph.edges.append((source or None, target, float(edge[3])))
        elif node := _DOT_NODE.match(line):
            graph.nodes.append(re.sub(r"\\(.)", r"\1", node[1]))
            if node[2]:
                graph.bridges.add(graph.nodes[-1])
        elif "[shape=point]" not in line:
            raise InvalidArgumentError(
                f"{path}:{number}: not a line of a reuse graph's figure")
    return _checked(graph, path)


def parse_graph(text: str, name: str = "", path: str = "the graph") -> ReuseGraph:
    """A reuse graph or a plan from its text, in JSON or as a Graphviz figure."""
    if text.lstrip().startswith("digraph"):
        return _graph_of_dot(text, name, path)
    try:
        value = _bounded(json.loads(text))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or not ("steps" in value or "nodes" in value):
        raise InvalidArgumentError(
            f"{path}: neither JSON nor a Graphviz figure of eto-reuse-graph, "
            "eto-inject-bridges or eto-plan")
    return _graph_of_json(value, name, path)


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(os.path.abspath(path)))[0] or path


def read(path: str | os.PathLike, *, name: str | None = None
         ) -> list[Run | Tuning | Sweep | ReuseGraph]:
    """What a file or a checkpoint's folder holds.

    A file is one of metrics, or what ``orcinus tune --json``, ``orcinus plan
    --sweep --json``, or a pass of the reuse graph with ``json=`` or ``dot=``
    wrote. Of a tuning it is the tuning and then its plan, a ReuseGraph. ``name``
    takes the place of the file's own. Raises InvalidArgumentError, DamagedError
    or InputOutputError, with the place.
    """
    path = os.fspath(path)
    name = _stem(path) if name is None else name
    if not os.path.isdir(path):
        text = _text_of(path)
        if text.lstrip().startswith("digraph"):
            return [_graph_of_dot(text, name, path)]
        try:
            value = _bounded(json.loads(text))
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict) and "event" not in value:
            for key, make in (("operators", _tuning), ("points", _sweep),
                              ("steps", _graph_of_json),
                              ("nodes", _graph_of_json)):
                if key in value:
                    found = [make(value, name, path)]
                    plan = value.get("plan")
                    if isinstance(found[0], Tuning) and isinstance(plan, dict) \
                            and plan.get("steps"):
                        found.append(_graph_of_json(
                            plan, f"{name}, as planned", path))
                    return found
    return list(read_runs(path, name=name))


def read_runs(path: str | os.PathLike, *, name: str | None = None,
              beside: bool = True) -> list[Run]:
    """The runs of a metrics file, or the one of a checkpoint's folder.

    With ``beside`` a metrics file gets the options of the checkpoint whose folder
    it lies in, or beside under the same name (``run.jsonl`` and ``run/``), and
    a checkpoint the test of such a file; that they are of one run is checked by
    their lines.
    """
    path = os.fspath(path)
    name = _stem(path) if name is None else name
    if os.path.isdir(path):
        run = _checkpoint_run(path, name)
        found = _metrics_beside(path, run) if beside else None
        if found is not None:
            run = dataclasses.replace(found, name=name, options=run.options)
        return [run]
    runs = _runs_of_text(_text_of(path), name, path)
    if beside:
        _checkpoint_beside(path, runs)
    return runs


def runs_of(source: Any, name: str | None = None) -> list[Run]:
    """Runs from what has some: a Run, a Report, a callback History, a path of a
    metrics file or of a checkpoint's folder, a list of these, or a mapping from
    names to them."""
    if isinstance(source, Run):
        return [source if name is None
                else dataclasses.replace(source, name=name)]
    if isinstance(source, (str, os.PathLike)):
        return read_runs(source, name=name)
    if isinstance(source, Mapping):
        return [run for key, each in source.items()
                for run in runs_of(each, str(key))]
    epochs = getattr(source, "epochs", None)
    if isinstance(epochs, list):
        return [Run(name or "run", epochs, getattr(source, "staleness", []),
                    getattr(source, "test", None))]
    if isinstance(source, Iterable):
        runs = []
        for number, each in enumerate(source, 1):
            own = isinstance(each, (Run, str, os.PathLike))
            runs += runs_of(each, None if own else f"run {number}")
        return runs
    raise InvalidArgumentError(
        "runs are a Report, a History, the path of a metrics file or of a "
        f"checkpoint, or several of these, not {type(source).__name__}")
