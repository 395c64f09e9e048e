"""``python -m orcinus report``: one page about one or many runs and tunings.

    python -m orcinus report run.jsonl other-run tuned.json -o report.html

A RUN is a metrics file, a checkpoint's folder, or what ``orcinus tune --json``,
``orcinus plan --sweep --json`` or a pass of the reuse graph wrote. The page is one
file with everything in it, needs plotly to be written (pip install
'orcinus[report]') and no network to be read.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import math
import os
import statistics
import sys
import tempfile
from typing import Any, Iterable, Sequence

from .errors import Error, InputOutputError, InvalidArgumentError
from .plot import (circle_layout, figure_text, staleness_series, tree_layout)
from ._page import Cell, Chart, Figure, Line, Page, escaped
from .runs import ReuseGraph, Run, Sweep, Tuning, read

__all__ = ["write_report", "main"]

#: Where less is better.
_LESS_IS_BETTER = ("rmse", "mae")
#: What says nothing of a model's worth.
_NEUTRAL = ("epoch", "events", "seconds")


# ---- Results ---------------------------------------------------------------


def _figures(run: Run) -> dict[str, Any]:
    """The test's numbers, and what else sums the run up."""
    found = {name: value for name, value in (run.test or {}).items()
             if isinstance(value, (int, float, str))}
    if run.epochs:
        found["epochs"] = run.epochs[-1]["epoch"]
        seconds = run.series("train_seconds")[1]
        if seconds:
            found["seconds an epoch"] = statistics.median(seconds)
    return found


def _best(values: Sequence[Any], name: str) -> float | None:
    """The best of several numbers; None where none is better than others."""
    numbers = [value for value in values if isinstance(value, (int, float))
               and math.isfinite(value)]
    if len(numbers) < 2 or min(numbers) == max(numbers) \
            or any(each in name for each in _NEUTRAL):
        return None
    return min(numbers) if any(each in name for each in _LESS_IS_BETTER) \
        else max(numbers)


_SHORT = {"ap": "AP", "auc": "AUC", "mrr": "MRR", "ndcg10": "NDCG@10",
          "hits1": "Hits@1", "hits3": "Hits@3", "hits10": "Hits@10",
          "rmse": "RMSE", "mae": "MAE", "r2": "R²", "f1": "F1"}


def _figure_head(name: str) -> str:
    """A figure in the few words that fit over a column."""
    if name == "seconds an epoch":
        return "training an epoch, median (s)"
    if name.endswith("_seconds"):
        return name.removesuffix("_seconds").replace("_", " ") + " (s)"
    core = name.removesuffix("_inductive")
    return (_SHORT.get(core, core.replace("_", " "))
            + (", new nodes" if core != name else ""))


def _add_results(page: Page, runs: list[Run]) -> None:
    page.section("Results")
    figures = [_figures(run) for run in runs]
    names = list(dict.fromkeys(name for each in figures for name in each))
    if not names:
        page.paragraph("No run has a figure yet.")
        return
    best = {name: _best([each.get(name) for each in figures], name)
            for name in names}
    rows = []
    for run, each in zip(runs, figures):
        row = [Cell(run.name)]
        for name in names:
            value = each.get(name, math.nan)
            row.append(Cell(value, best="the best of these runs"
                            if best[name] is not None and value == best[name]
                            else ""))
        rows.append(row)
    page.table("Figures of the test" + (", the best of each in bold"
                                        if any(each is not None
                                               for each in best.values())
                                        else ""),
               ["run", *map(_figure_head, names)], rows)
    untested = [run.name for run in runs if run.test is None]
    if untested:
        page.paragraph("Not tested yet: " + ", ".join(untested) + ".")
    _add_seeds(page, runs, figures, names)


def _without_seed(run: Run) -> str | None:
    if run.options is None:
        return None
    return json.dumps({name: value for name, value in run.options.items()
                       if name != "seed"}, sort_keys=True)


def _spread(values: list[Any]) -> str:
    """The mean and the standard deviation of what is defined."""
    numbers = [value for value in values if isinstance(value, (int, float))
               and math.isfinite(value)]
    if len(numbers) < 2:
        return ""
    # In one piece, however narrow the column is.
    return (f"{statistics.mean(numbers):.4f}\N{NO-BREAK SPACE}±"
            f"\N{NO-BREAK SPACE}{statistics.stdev(numbers):.4f}")


def _add_seeds(page: Page, runs: list[Run], figures: list[dict[str, Any]],
               names: list[str]) -> None:
    """Means over runs that differ by their seeds alone."""
    groups: dict[str, list[int]] = {}
    for place, run in enumerate(runs):
        key = _without_seed(run)
        if key is not None and run.test is not None:
            groups.setdefault(key, []).append(place)
    several = [places for places in groups.values()
               if len({str((runs[place].options or {}).get("seed"))
                       for place in places}) > 1]
    spreads = {name: [_spread([figures[place].get(name) for place in places])
                      for places in several]
               for name in names if name != "epochs"
               and not name.startswith(("best", "events"))}
    shown = [name for name, each in spreads.items() if any(each)]
    if several:
        page.table(
            "Means and standard deviations of runs that differ by their seeds "
            "alone", ["runs", "number", *map(_figure_head, shown)],
            [[Cell(", ".join(runs[place].name for place in places)),
              Cell(len(places)),
              *(Cell(spreads[name][group] or "–") for name in shown)]
             for group, places in enumerate(several)])


# ---- Curves ----------------------------------------------------------------


def _run_lines(runs: list[Run], series: Iterable[tuple[Sequence[Any],
                                                       Sequence[float]]]
               ) -> list[Line]:
    """A line for each run that has points, in the colour that the run has in
    all charts."""
    return [Line(run.name, xs, ys, color=place, dash=place // 6)
            for place, (run, (xs, ys)) in enumerate(zip(runs, series)) if xs]


def _add_charts(page: Page, charts: Iterable[Chart]) -> None:
    known = [chart for chart in charts if chart.lines]
    if known:
        page.add('<div class="charts">')
        for chart in known:
            page.chart(chart)
        page.add("</div>")


def _epoch_chart(runs: list[Run], name: str, title: str, y_title: str,
                 from_zero: bool = False) -> Chart:
    return Chart(title, "epoch", y_title,
                 _run_lines(runs, [run.series(name) for run in runs]),
                 from_zero=from_zero)


def _validation_names(runs: list[Run]) -> list[str]:
    return list(dict.fromkeys(
        name for run in runs for line in run.epochs for name, value
        in line.items() if name.startswith("val_") and name != "val_seconds"
        and isinstance(value, (int, float))))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _add_curves(page: Page, runs: list[Run]) -> None:
    page.section("Curves")
    charts = [_epoch_chart(runs, "train_loss", "Training loss",
                           "mean loss of a batch")]
    for name in _validation_names(runs):
        charts.append(_epoch_chart(runs, name, _capital(figure_text(name)),
                                   _figure_head(name.removeprefix("val_"))))
    charts.append(_epoch_chart(runs, "train_seconds", "Training time",
                               "seconds an epoch", from_zero=True))
    _add_charts(page, charts)


# ---- Options ---------------------------------------------------------------


def _option_text(name: str, value: Any) -> str:
    if value is None:
        return "default"
    if name in ("age limit", "capacity") and value == -1:
        return "unlimited"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def _add_options(page: Page, runs: list[Run]) -> None:
    known = [run for run in runs if run.options is not None]
    page.section("Options")
    unknown = [run.name for run in runs if run.options is None]
    if unknown:
        page.paragraph(
            "Metrics alone do not say with which options they were made; those "
            "of " + ", ".join(unknown) + " are not known. A checkpoint has them: "
            "give its folder, or keep it beside the file under the same name.")
    if not known:
        return
    names = list(dict.fromkeys(name for run in known
                               for name in run.options or ()))
    rows = {name: [_option_text(name, (run.options or {}).get(name))
                   for run in known] for name in names}
    head = ["option", *(run.name for run in known)]

    def cells(chosen: list[str]) -> list[list[Cell]]:
        return [[Cell(name), *map(Cell, rows[name])] for name in chosen]

    if len(known) == 1:
        given = [name for name in names if rows[name] != ["default"]]
        page.table("Options of the run", head, cells(given))
        rest = [name for name in names if name not in given]
        if rest:
            page.paragraph("As the model's text or the default has it: "
                           + ", ".join(rest) + ".")
        return
    differing = [name for name in names if len(set(rows[name])) > 1]
    same = [name for name in names if name not in differing]
    if differing:
        page.table("Options that differ between the runs", head,
                   cells(differing), marked=[True] * len(differing))
    else:
        page.paragraph("All of these runs have the same options.")
    if same:
        page.table("Options that all runs share", ["option", "value"],
                   [row[:2] for row in cells(same)],
                   folded=f"The same in all runs: {len(same)} options")


# ---- Reuse and staleness ---------------------------------------------------


def _reuse_row(run: Run) -> list[Cell] | None:
    """What the last epoch that reused anything did."""
    epoch = next((line for line in reversed(run.epochs)
                  if isinstance(line.get("reuse"), dict)
                  and line["reuse"].get("reads")), None)
    if epoch is None:
        return None
    reuse = epoch["reuse"]
    out = reuse.get("out_of_batch_reads", 0)
    share = 100 * reuse.get("hits", 0) / out if out else math.nan
    rows = ", ".join(str(count) for count in epoch.get("rows", ()))
    return [Cell(run.name), Cell(epoch["epoch"]),
            *(Cell(reuse.get(name, math.nan)) for name in
              ("reads", "in_batch_reads", "out_of_batch_reads", "hits")),
            Cell(share, 2),
            *(Cell(reuse.get(name, math.nan), 2) for name in
              ("recomputed", "cold", "mean_age", "max_age")), Cell(rows)]


def _add_reuse(page: Page, runs: list[Run]) -> None:
    rows = [row for row in map(_reuse_row, runs) if row is not None]
    if not rows:
        return
    page.section("Reuse")
    page.table(
        "Reuse in the last epoch that reused embeddings",
        ["run", "epoch", "reads", "of the same batch", "of earlier batches",
         "of these cached", "cached (%)", "recomputed", "cold",
         "mean age (batches)", "greatest age (batches)",
         "rows computed by layer"], rows)
    _add_charts(page, [
        Chart("Hit ratio of the caches", "epoch", "share of out-of-batch reads",
              _run_lines(runs, [run.hit_ratio() for run in runs]),
              from_zero=True),
        _epoch_chart(_reusing(runs), "reuse/recomputed",
                     "Recomputed embeddings", "rows an epoch", from_zero=True),
        _epoch_chart(_reusing(runs), "reuse/mean_age",
                     "Age of what was reused", "mean age in batches",
                     from_zero=True)])


def _reusing(runs: list[Run]) -> list[Run]:
    """The runs with the epochs in which they reused; others without any, so
    that each keeps its colour."""
    return [dataclasses.replace(run, epochs=[
        line for line in run.epochs if isinstance(line.get("reuse"), dict)
        and line["reuse"].get("reads")]) for run in runs]


def _staleness_lines(runs: list[Run]) -> list[Line]:
    measured = [run for run in runs if run.staleness]
    lines = []
    for place, run in enumerate(runs):
        for part, (name, xs, ys) in enumerate(staleness_series(run)):
            lines.append(Line(f"{run.name}, {name}", xs, ys,
                              color=place if len(measured) > 1 else part,
                              dash=part))
    return lines


def _bound_lines(runs: list[Run]) -> list[Line]:
    lines = []
    for place, run in enumerate(runs):
        known = [(number, line) for number, line in enumerate(run.staleness, 1)
                 if isinstance(line.get("output_error"), dict)]
        if not known:
            continue
        numbers = [number for number, _ in known]
        lines.append(Line(f"{run.name}, largest error of an output", numbers,
                          [line["output_error"].get("max", math.nan)
                           for _, line in known], color=place))
        lines.append(Line(f"{run.name}, bound", numbers,
                          [line.get("bound", math.nan) for _, line in known],
                          color=place, dash=1))
    return lines


def _add_staleness(page: Page, runs: list[Run]) -> None:
    if not any(run.staleness for run in runs):
        return
    page.section("Staleness")
    page.paragraph(
        "How far the embeddings that training reused were from exact ones, in "
        "the batches of each epoch that were compared, and what theory says that "
        "the error of an output cannot exceed.")
    _add_charts(page, [
        Chart("Staleness by layer", "epochs trained",
              "mean distance to exact embeddings", _staleness_lines(runs),
              from_zero=True),
        Chart("Error of outputs and its bound", "batch compared",
              "distance to exact embeddings", _bound_lines(runs), log_y=True)])


# ---- Plans of caches -------------------------------------------------------


def _place_of(point: dict[str, Any], by_bytes: bool) -> float:
    return point["bytes"] if by_bytes else point["capacities"][0]


def _add_sweeps(page: Page, sweeps: list[Sweep]) -> None:
    if not sweeps:
        return
    page.section("Capacities")
    by_bytes = any(len(point["capacities"]) != 1 for sweep in sweeps
                   for point in sweep.points)
    x_title = "memory (bytes)" if by_bytes else "capacity (embeddings)"
    for sweep in sweeps:
        if sweep.recommended:
            page.add(f"<p>{escaped(sweep.name)}: <code>"
                     f"{escaped(sweep.recommended)}</code> is recommended.</p>")

    def lines(value: Any) -> list[Line]:
        return [Line(sweep.name,
                     [_place_of(point, by_bytes) for point in sweep.points],
                     [value(point) for point in sweep.points], color=place,
                     dash=place // 6)
                for place, sweep in enumerate(sweeps) if sweep.points]

    _add_charts(page, [
        Chart("Hit ratio against capacity", x_title,
              "share of out-of-batch reads",
              lines(lambda point: point["hits"] / point["out_of_batch_reads"]
                    if point["out_of_batch_reads"] else math.nan),
              from_zero=True),
        Chart("Recomputed embeddings against capacity", x_title,
              "rows an epoch", lines(lambda point: point["recomputed"]),
              from_zero=True),
        Chart("Forecast of an epoch against capacity", x_title,
              "seconds an epoch", lines(lambda point: point["train_seconds"]),
              from_zero=True)])


# ---- Tuning ----------------------------------------------------------------


def _candidates(op: dict[str, Any]) -> dict[str, int]:
    counts = op.get("candidates")
    return {str(name): count for name, count in counts.items()
            if isinstance(count, int)} if isinstance(counts, dict) else {}


def _tuning_chart(tunings: list[Tuning]) -> Chart:
    names = list(dict.fromkeys(op["name"] for tuning in tunings
                               for op in tuning.operators))
    lines = [Line(tuning.name, [op["name"] for op in tuning.operators],
                  [float(op["microseconds"]) for op in tuning.operators],
                  color=place,
                  texts=[f"by {op['source']}, {op.get('trials', '?')} trials"
                         for op in tuning.operators])
             for place, tuning in enumerate(tunings) if tuning.operators]
    times = [time for line in lines for time in line.ys if time > 0]
    return Chart("Time of each operator's best program", "microseconds",
                 "operator", lines, kind="bar",
                 log_x=bool(times) and max(times) > 50 * min(times),
                 height=min(90 + 22 * len(names) * max(len(lines), 1), 4000))


def _add_tunings(page: Page, tunings: list[Tuning]) -> None:
    if not tunings:
        return
    page.section("Tuning")
    rows = []
    for tuning in tunings:
        sources = [op["source"] for op in tuning.operators]
        tried = [_candidates(op) for op in (*tuning.operators, *tuning.failed)]
        rows.append([
            Cell(tuning.name), Cell(tuning.strategy), Cell(tuning.seconds, 1),
            Cell(len(sources)),
            *(Cell(sources.count(name)) for name in
              ("search", "reuse", "bridge", "default")),
            Cell(sum(sum(each.values()) for each in tried)),
            Cell(len(tuning.failed)), Cell(len(tuning.left_out))])
    page.table("Tunings", ["tuning", "strategy", "seconds", "operators",
                           "by search", "by reuse", "by a bridge",
                           "by default", "candidates", "failed", "left out"],
               rows)
    if any(op.get("origin") == "modelled" for tuning in tunings
           for op in tuning.operators):
        page.paragraph("Some times are modelled, not measured: their program "
                       "was compiled for a GPU that was not there.")
    _add_charts(page, [_tuning_chart(tunings)])
    for tuning in tunings:
        _add_tuning(page, tuning)


def _add_tuning(page: Page, tuning: Tuning) -> None:
    outcomes = list(dict.fromkeys(
        name for op in tuning.operators for name in _candidates(op)))
    if tuning.operators:
        page.table(
            f"Operators of {tuning.name}",
            ["operator", "microseconds", "by", "time", "trials",
             *(f"candidates: {name}" for name in outcomes)],
            [[Cell(op["name"]), Cell(float(op["microseconds"]), 1),
              Cell(op["source"]), Cell(op.get("origin", "measured")),
              Cell(op.get("trials", math.nan)),
              *(Cell(_candidates(op).get(name, 0)) for name in outcomes)]
             for op in tuning.operators],
            folded=f"Operators of {tuning.name}: {len(tuning.operators)}")
    for what, listed in (("failed", tuning.failed),
                         ("left out", tuning.left_out)):
        if listed:
            page.table(f"What {tuning.name} has {what}", ["operator", "reason"],
                       [[Cell(op["name"]), Cell(op["reason"])] for op in listed])


def _add_graphs(page: Page, graphs: list[ReuseGraph]) -> None:
    if not graphs:
        return
    page.section("Reuse between operators")
    for graph in graphs:
        planned = graph.is_plan
        places = tree_layout(graph) if planned else circle_layout(graph)
        pairs = {(source, target) for source, target, _ in graph.edges}
        rows = len({y for _, y in places.values()})
        page.figure(Figure(
            ("Plan: " if planned else "Reuse graph: ") + graph.name
            + "; dashed lines are searches from nothing, hollow marks bridges",
            [(name, *places[name], name in graph.bridges)
             for name in graph.nodes],
            [(*places[source], *places[target], source is None,
              (target, source) in pairs)
             for source, target, _ in graph.edges
             if (target, source) not in pairs or str(source) < target],
            circle=not planned, height=min(max(180, 70 * rows), 1600) if planned else 520))
        page.table(f"Edges of {graph.name}", ["from", "to", "expected seconds"],
                   [[Cell(source or "search"), Cell(target), Cell(seconds, 2)]
                    for source, target, seconds in graph.edges],
                   folded=f"Edges: {len(graph.edges)}")


# ---- The page --------------------------------------------------------------


def _distinct(names: list[str], paths: list[str]) -> list[str]:
    """Names with as much of their folders before them as tells them apart, and
    numbers behind those that are the same even then."""
    result = list(names)
    for place, name in enumerate(names):
        if names.count(name) > 1:
            folder = os.path.dirname(os.path.abspath(paths[place]))
            result[place] = f"{os.path.basename(folder)}/{name}"
    seen: dict[str, int] = {}
    for place, name in enumerate(result):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            result[place] = f"{name} ({seen[name]})"
    return result


def report_html(items: Sequence[Run | Tuning | Sweep | ReuseGraph],
                title: str = "Orcinus report") -> str:
    """The page about what runs.read() found. Raises UnavailableError without
    plotly."""
    from ._core import version

    now = datetime.datetime.now(datetime.timezone.utc)
    runs = [item for item in items if isinstance(item, Run)]
    page = Page(title, f"Written by Orcinus {version} on "
                f"{now:%Y-%m-%d at %H:%M} UTC")
    if runs:
        _add_results(page, runs)
        if any(run.epochs for run in runs):
            _add_curves(page, runs)
        _add_options(page, runs)
        _add_reuse(page, runs)
        _add_staleness(page, runs)
    _add_sweeps(page, [item for item in items if isinstance(item, Sweep)])
    _add_tunings(page, [item for item in items if isinstance(item, Tuning)])
    _add_graphs(page, [item for item in items if isinstance(item, ReuseGraph)])
    return page.html()


def _write(path: str, text: str) -> None:
    """Writes a file that appears under its name only when it is complete."""
    folder = os.path.dirname(os.path.abspath(path))
    temporary = ""
    try:
        with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", newline="\n", dir=folder,
                prefix=os.path.basename(path) + ".tmp.", delete=False) as file:
            temporary = file.name
            file.write(text)
        # As a new file has it; a temporary one is its owner's alone.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise InputOutputError(
            f"cannot write '{path}': {error.strerror or error}") from None


def _named_path(argument: str) -> tuple[str | None, str]:
    """NAME=PATH, or a path."""
    name, equals, path = argument.partition("=")
    if equals and name and not os.path.exists(argument):
        return name, path
    return None, argument


def write_report(runs: Iterable[str | os.PathLike],
                 output: str | os.PathLike = "report.html", *,
                 title: str = "Orcinus report") -> None:
    """Writes a page about runs: paths as on the command line, of which
    ``NAME=PATH`` gives a name.

    Raises InvalidArgumentError, DamagedError or InputOutputError for what cannot
    be read or written, UnavailableError without plotly.
    """
    output = os.fspath(output)
    items: list[Any] = []
    paths: list[str] = []
    for argument in runs:
        name, path = _named_path(os.fspath(argument))
        if os.path.exists(output) and os.path.exists(path) \
                and os.path.samefile(output, path):
            raise InvalidArgumentError(
                f"'{path}' is to be read, and the report would replace it: name "
                "another output")
        found = read(path, name=name)
        items += found
        paths += [path] * len(found)
    if not items:
        raise InvalidArgumentError("a report is about one run at least")
    names = _distinct([item.name for item in items], paths)
    items = [dataclasses.replace(item, name=name)
             for item, name in zip(items, names)]
    _write(output, report_html(items, title))


def main(arguments: Sequence[str]) -> int:
    """The command; its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m orcinus report",
        description="Writes one HTML page about runs and tunings.")
    parser.add_argument(
        "runs", nargs="+", metavar="RUN",
        help="a metrics file, a checkpoint's folder, or what 'orcinus tune "
        "--json', 'orcinus plan --sweep --json' or orcinus-opt's passes of the "
        "reuse graph wrote; NAME=RUN gives it a name")
    parser.add_argument("-o", "--output", default="report.html",
                        help="the page to write (default: %(default)s)")
    parser.add_argument("--title", default="Orcinus report",
                        help="the page's title (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        write_report(options.runs, options.output, title=options.title)
    except Error as error:
        print(f"orcinus: error: {error}", file=sys.stderr)
        return 1
    print(f"wrote {options.output}")
    return 0
