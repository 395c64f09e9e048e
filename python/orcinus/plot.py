"""Plots of runs, caches and tunings, by matplotlib.

    pip install orcinus[plot]

    import orcinus
    from orcinus import plot

    axes = plot.loss({"recompute": "a.jsonl", "exact": "b.jsonl"})
    axes.figure.savefig("loss.svg")

Every function draws on ``ax``, or on new axes of pyplot, and returns the axes. It
keeps to the style in use, light or dark; colours are told apart by colour-blind
people, too, and lines have marks.

``runs`` are a Report of Trainer.fit(), a callback History, the path of a metrics
file or of a checkpoint's folder, several of these in a list, or a mapping from
names for the legend to them.
"""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any, Iterable, Sequence

from .errors import InvalidArgumentError, UnavailableError
from .palette import DARK, DASHES, LIGHT, MARKERS
from .runs import ReuseGraph, Run, parse_graph, read, runs_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .stream import Stream

__all__ = ["loss", "metric", "ap", "hit_ratio", "staleness", "reuse_graph"]

#: Marks are left out where there are more points in a line.
_MOST_MARKS = 60


def _axes(ax: "Axes | None", size: tuple[float, float] | None = None) -> "Axes":
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as pyplot
    except ImportError as error:
        raise UnavailableError(
            "plots need matplotlib: pip install 'orcinus[plot]', or pip install "
            f"matplotlib ({error})") from None
    return pyplot.subplots(figsize=size, layout="constrained")[1]


def _is_dark(ax: "Axes") -> bool:
    """Whether the style writes light text on a dark background."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(ax.xaxis.label.get_color())
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5


def _text(name: Any) -> str:
    """A name that matplotlib shows as it is: no formula, not left out."""
    text = str(name).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def _line_style(ax: "Axes", number: int) -> dict[str, Any]:
    colors = DARK if _is_dark(ax) else LIGHT
    return {"color": colors[number % len(colors)],
            "linestyle": DASHES[number // len(colors) % len(DASHES)][0],
            "marker": MARKERS[number % len(MARKERS)][0], "markersize": 4}


def _draw_line(ax: "Axes", number: int, xs: Sequence[float],
               ys: Sequence[float], label: str, **style: Any) -> None:
    style = {**_line_style(ax, number), **style}
    if len(xs) > _MOST_MARKS:
        style["marker"] = ""
    ax.plot(xs, ys, label=_text(label), **style)


def _finish(ax: "Axes", x_label: str, y_label: str, *,
            whole_x: bool = False) -> "Axes":
    ax.set_xlabel(x_label)
    ax.set_ylabel(y_label)
    ax.grid(True, alpha=0.25)
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    if whole_x:
        from matplotlib.ticker import MaxNLocator

        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    handles, labels = ax.get_legend_handles_labels()
    if handles:
        ax.legend(handles, labels, frameon=False)
    return ax


def _all_runs(runs: Any) -> list[Run]:
    result = runs_of(runs)
    if not result:
        raise InvalidArgumentError("there is no run to draw")
    return result


_FIGURES = {"ap": "average precision (AP)",
            "auc": "area under the ROC curve (AUC)",
            "mrr": "mean reciprocal rank", "ndcg10": "NDCG@10",
            "f1": "F1", "rmse": "root mean square error",
            "mae": "mean absolute error", "r2": "R²",
            "accuracy": "accuracy"}


def figure_text(name: str) -> str:
    """A figure of metrics in words: "val_ap_inductive" is "validation average
    precision of new nodes". Seconds have their unit."""
    if name == "train_loss":
        return "training loss"
    if name.endswith("_seconds"):
        return {"train": "training", "val": "validation"}.get(
            name.removesuffix("_seconds"),
            name.removesuffix("_seconds")) + " time (s)"
    core = name.removeprefix("val_")
    of_new = core.endswith("_inductive")
    core = core.removesuffix("_inductive")
    text = _FIGURES.get(core, core.replace("_", " ").replace("/", ": "))
    return (("validation " if name.startswith("val_") else "") + text
            + (" of new nodes" if of_new else ""))


# ---- Curves ----------------------------------------------------------------


def metric(runs: Any, name: str = "val_ap", ax: "Axes | None" = None) -> "Axes":
    """A number of each epoch's metrics, as "val_ap", "train_seconds" or
    "reuse/hits", against the epochs, a line a run.

    Raises InvalidArgumentError where no epoch of any run has it, and
    UnavailableError without matplotlib.
    """
    known = _all_runs(runs)
    series = [run.series(name) for run in known]
    if not any(epochs for epochs, _ in series):
        names = dict.fromkeys(
            key for run in known for line in run.epochs for key, value
            in line.items() if isinstance(value, (int, float)) and key != "epoch")
        raise InvalidArgumentError(
            f"no epoch has a number '{name}'"
            + ("; there are: " + ", ".join(names) if names
               else ": the runs have no epochs"))
    ax = _axes(ax)
    for number, (run, (epochs, values)) in enumerate(zip(known, series)):
        _draw_line(ax, number, epochs, values, run.name)
    return _finish(ax, "epoch", figure_text(name), whole_x=True)


def loss(runs: Any, ax: "Axes | None" = None) -> "Axes":
    """The mean training loss of each epoch, a line a run."""
    return metric(runs, "train_loss", ax)


def ap(runs: Any, ax: "Axes | None" = None, *,
       inductive: bool = False) -> "Axes":
    """The average precision of each epoch's validation, from 0 to 1, a line a
    run; with ``inductive``, of events with a node that training never saw."""
    return metric(runs, "val_ap_inductive" if inductive else "val_ap", ax)


# ---- Reuse -----------------------------------------------------------------


def _capacities(stream: "Stream") -> list[int]:
    """No room, then doublings up to all nodes."""
    most = max(stream.num_nodes, 1)
    return [0, *(1 << power for power in range(most.bit_length())), most]


def hit_ratio(stream: "Stream", capacities: Iterable[int] | None = None,
              policies: str | Iterable[str] = ("mrd", "lru"),
              ax: "Axes | None" = None, **plan_options: Any) -> "Axes":
    """The share of out-of-batch reads that a cache of so many embeddings
    serves, from 0 to 1, by orcinus.plan(): a line a policy.

    ``capacities`` are doublings up to the number of nodes where they are not
    given. Other options are those of orcinus.plan(): ``layers``,
    ``neighbours``, ``batch_size``, ``max_age``, ``neighbour_time``, …
    """
    from .evaluation import plan

    sizes = sorted(set(_capacities(stream) if capacities is None
                       else map(int, capacities)))
    names = [policies] if isinstance(policies, str) else list(policies)
    if not sizes or not names:
        raise InvalidArgumentError(
            "a plot of hit ratios needs a capacity and a policy at least")
    ratios: dict[str, list[float]] = {}
    for name in names:
        counts = [plan(stream, capacity=size, policy=name, **plan_options)
                  for size in sizes]
        ratios[name] = [each["hits"] / each["out_of_batch_reads"]
                        if each["out_of_batch_reads"] else math.nan
                        for each in counts]
    ax = _axes(ax)
    for number, (name, values) in enumerate(ratios.items()):
        _draw_line(ax, number, sizes, values, name)
    ax.set_ylim(-0.02, 1.02)
    if sizes[-1] > 16:
        # Linear up to 1, so that there is a place for 0.
        ax.set_xscale("symlog", base=2, linthresh=1)
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.set_xlim(-0.25, sizes[-1] * 1.2)
    return _finish(ax, "capacity (embeddings)",
                   "hit ratio of out-of-batch reads")


def _position(run: Run, line: dict[str, Any]) -> float:
    """Epochs that were trained when a batch was measured."""
    batches = next((each["batches"] for each in run.epochs
                    if each["epoch"] == line["epoch"]
                    and each.get("batches")), None)
    if not batches:
        batches = max(each.get("batch", 1) for each in run.staleness)
    return line["epoch"] - 1 + line.get("batch", 0) / max(batches, 1)


def staleness_series(run: Run) -> list[tuple[str, list[float], list[float]]]:
    """What a run's lines of staleness say: for each layer, and for the output,
    a name, the epochs trained and the mean distances to exact embeddings."""
    layers = max((len(line.get("staleness", ())) for line in run.staleness),
                 default=0)
    series: list[tuple[str, list[float], list[float]]] = []
    for layer in range(layers):
        points = [(_position(run, line), line["staleness"][layer]["mean"])
                  for line in run.staleness
                  if len(line.get("staleness", ())) > layer]
        series.append((f"layer {layer + 1}", [x for x, _ in points],
                       [y for _, y in points]))
    points = [(_position(run, line), line["output_error"]["mean"])
              for line in run.staleness
              if "mean" in line.get("output_error", ())]
    if points:
        series.append(("output", [x for x, _ in points],
                       [y for _, y in points]))
    return series


def staleness(runs: Any, ax: "Axes | None" = None) -> "Axes":
    """How far embeddings that training reused are from exact ones: the mean
    Euclidean distance by layer, and that of the output, of the batches that a
    run with ``measure_staleness`` compared.

    Raises InvalidArgumentError where no run measured it.
    """
    known = [run for run in _all_runs(runs) if run.staleness]
    if not known:
        raise InvalidArgumentError(
            "no run has measured its staleness: train with reuse and "
            "measure_staleness=True, and give the metrics file or a History "
            "callback")
    ax = _axes(ax)
    for number, run in enumerate(known):
        for place, (name, xs, ys) in enumerate(staleness_series(run)):
            label = f"{run.name}, {name}" if len(known) > 1 else name
            _draw_line(ax, number if len(known) > 1 else place, xs, ys, label,
                       **({"linestyle": DASHES[place % len(DASHES)][0]}
                          if len(known) > 1 else {}))
    ax.set_ylim(bottom=0)
    return _finish(ax, "epochs trained", "mean distance to exact embeddings")


# ---- The reuse graph -------------------------------------------------------


def _graph_of(source: Any) -> ReuseGraph:
    if isinstance(source, ReuseGraph):
        return source
    if isinstance(source, dict):
        import json

        return parse_graph(json.dumps(source))
    if isinstance(source, str) and source.lstrip().startswith(("digraph", "{")):
        return parse_graph(source)
    if isinstance(source, (str, os.PathLike)):
        found = read(source)[0]
        if isinstance(found, ReuseGraph):
            return found
        raise InvalidArgumentError(
            f"{os.fspath(source)}: no reuse graph; orcinus-opt's passes "
            "eto-reuse-graph, eto-inject-bridges and eto-plan write one with "
            "json=FILE or dot=FILE")
    raise InvalidArgumentError(
        "a reuse graph is its path, its text or a dict, not "
        + type(source).__name__)


def tree_layout(graph: ReuseGraph) -> dict[str | None, tuple[float, float]]:
    """Places of a plan's operators: the root, None, on the left, each operator a
    column to the right of its source, leaves in rows of their own."""
    children: dict[str | None, list[str]] = {}
    for source, target, _ in graph.edges:
        children.setdefault(source, []).append(target)
    places: dict[str | None, tuple[float, float]] = {}
    row = 0
    # Depth first without recursion: a node is placed after its children.
    stack: list[tuple[str | None, int, bool]] = [(None, 0, False)]
    while stack:
        node, depth, after = stack.pop()
        below = children.get(node, [])
        if not after and below:
            stack.append((node, depth, True))
            stack += [(child, depth + 1, False) for child in reversed(below)]
        elif below:
            ys = [places[child][1] for child in below]
            places[node] = (depth, sum(ys) / len(ys))
        else:
            places[node] = (depth, -row)
            row += 1
    # What no path from the root reaches, in a damaged plan.
    for node in graph.nodes:
        if node not in places:
            places[node] = (0, -row)
            row += 1
    return places


def circle_layout(graph: ReuseGraph) -> dict[str | None, tuple[float, float]]:
    """Places on a circle, in the order of the operators, and the root, None, in
    its middle."""
    places: dict[str | None, tuple[float, float]] = {None: (0.0, 0.0)}
    for number, node in enumerate(graph.nodes):
        angle = math.pi / 2 - 2 * math.pi * number / len(graph.nodes)
        places[node] = (math.cos(angle), math.sin(angle))
    return places


def _merged(edges: list[tuple[str | None, str, float]]
            ) -> list[tuple[str | None, str, float, bool]]:
    """The edges with one, marked, for two that lead there and back."""
    seconds: dict[tuple[str | None, str | None], float] = {
        (source, target): each for source, target, each in edges}
    result = []
    done: set[tuple[str | None, str | None]] = set()
    for source, target, each in edges:
        if (source, target) in done:
            continue
        back = seconds.get((target, source))
        done.add((target, source))
        result.append((source, target,
                       each if back is None else max(each, back),
                       back is not None))
    return result


def _draw_edges(ax: "Axes", graph: ReuseGraph, places: dict[Any, Any],
                colors: Sequence[str], planned: bool) -> None:
    most = max((seconds for _, _, seconds in graph.edges), default=1) or 1
    for source, target, seconds, both in _merged(graph.edges):
        searched = source is None
        ax.annotate(
            "", xy=places[target], xytext=places[source],
            arrowprops={
                "arrowstyle": "<|-|>" if both else "-|>",
                "shrinkA": 7 if both else 6, "shrinkB": 7,
                "color": colors[1 if searched else 0],
                "linestyle": "--" if searched else "-",
                "linewidth": 0.8 + 1.2 * seconds / most,
                "alpha": 1 if planned else 0.3 if searched else 0.6})
        if planned:
            (x0, y0), (x1, y1) = places[source], places[target]
            ax.annotate(f"{seconds:.2f} s", (0.5 * (x0 + x1), 0.5 * (y0 + y1)),
                        textcoords="offset points", xytext=(0, 4), ha="center",
                        fontsize="x-small")


def _write_name(ax: "Axes", name: str, place: tuple[float, float],
                planned: bool) -> None:
    """Below a plan's operator; on a circle outside of it."""
    x, y = place
    if planned:
        offset, aligned, vertical = (0.0, -8.0), "center", "top"
    else:
        offset = (11 * x, 11 * y)
        aligned = "left" if x > 0.1 else "right" if x < -0.1 else "center"
        vertical = "bottom" if y > 0.5 else "top" if y < -0.5 else "center"
    ax.annotate(_text(name), place, textcoords="offset points", xytext=offset,
                ha=aligned, va=vertical, fontsize="small")


def reuse_graph(source: Any, ax: "Axes | None" = None) -> "Axes":
    """Which operators could be tuned from whose programs, or, of a plan, are to
    be: what ``orcinus-opt``'s passes eto-reuse-graph, eto-inject-bridges and
    eto-plan write with ``json=FILE`` or ``dot=FILE`` (docs/tuning.md).

    ``source`` is the file's path, its text, or the JSON as a dict. Solid arrows
    are reuse, dashed ones searches from nothing; their width grows with the
    seconds that are expected. Hollow marks are bridges, operators that nobody
    asked for. A plan is drawn as a tree with its seconds, a graph in a circle.
    """
    graph = _graph_of(source)
    if not graph.nodes:
        raise InvalidArgumentError("the reuse graph has no operators")
    planned = graph.is_plan
    places = tree_layout(graph) if planned else circle_layout(graph)
    columns, rows = (len(set(each)) for each in zip(*places.values()))
    ax = _axes(ax, (max(6.0, 1.9 * columns), max(2.5, 0.55 * rows + 1))
               if planned else (7, 7))
    colors = DARK if _is_dark(ax) else LIGHT
    _draw_edges(ax, graph, places, colors, planned)
    for node, (x, y) in places.items():
        bridge = node in graph.bridges
        ax.plot([x], [y], marker="." if node is None else "o", linestyle="",
                markersize=9, markeredgecolor=colors[0],
                markerfacecolor="none" if bridge else colors[0])
        if node is not None:
            _write_name(ax, node, (x, y), planned)
    _graph_legend(ax, colors, bool(graph.bridges),
                  any(source is not None for source, _, _ in graph.edges))
    ax.margins(0.2, 0.2)
    ax.set_axis_off()
    return ax


def _graph_legend(ax: "Axes", colors: Sequence[str], bridges: bool,
                  reused: bool) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=colors[1], linestyle="--", label="search")]
    if reused:
        handles.insert(0, Line2D([], [], color=colors[0], label="reuse"))
    handles.append(Line2D([], [], color=colors[0], marker="o", linestyle="",
                          label="operator"))
    if bridges:
        handles.append(Line2D([], [], color=colors[0], marker="o", linestyle="",
                              markerfacecolor="none", label="bridge"))
    ax.legend(handles=handles, frameon=False, loc="upper center",
              bbox_to_anchor=(0.5, 0), ncols=len(handles))
