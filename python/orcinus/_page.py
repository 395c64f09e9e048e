"""The frame of a report: HTML of tables and charts, and the page around them.

What comes from users, such as names and options, passes through ``escaped`` on
its way into HTML, and into what plotly takes for markup.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import json
import math
from typing import Any, Sequence

from .errors import UnavailableError
from .palette import DARK, DASHES, LIGHT, MARKERS

__all__ = ["Cell", "Chart", "Line", "Page", "escaped", "number"]


def escaped(value: Any) -> str:
    """Text that is text in HTML, whatever it says."""
    text = str(value).encode("utf-8", "replace").decode("utf-8")
    return html.escape(text)


def number(value: Any, digits: int = 4) -> str:
    """A number for people; a dash for one that is not defined."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        return "–"
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    if value and not 0.001 <= abs(value) < 1e6:
        return f"{value:.3g}"
    return f"{value:.{digits}f}" if abs(value) < 100 else f"{value:.1f}"


@dataclasses.dataclass
class Cell:
    """A field of a table: text, or a number with its form."""

    value: Any
    digits: int = 4
    #: Emphasised, with the reason for those who ask.
    best: str = ""

    def html(self, head: bool) -> str:
        is_number = isinstance(self.value, (int, float)) \
            and not isinstance(self.value, bool)
        inner = number(self.value, self.digits) if is_number \
            else escaped(self.value)
        if self.best:
            inner = f'<strong title="{escaped(self.best)}">{inner}</strong>'
        if head:
            return f'<th scope="row">{inner}</th>'
        kind = ' class="number"' if is_number else ""
        return f"<td{kind}>{inner}</td>"


@dataclasses.dataclass
class Line:
    """One line, row of bars or set of points of a chart."""

    name: str
    xs: Sequence[Any]
    ys: Sequence[Any]
    #: Which colour and mark; which dash.
    color: int = 0
    dash: int = 0
    #: Text of each point, shown where it is pointed at.
    texts: Sequence[str] = ()


@dataclasses.dataclass
class Chart:
    """Lines over one pair of axes, or bars."""

    title: str
    x_title: str
    y_title: str
    lines: list[Line]
    kind: str = "line"  # Or "bar", with names on the y axis.
    log_x: bool = False
    log_y: bool = False
    from_zero: bool = False
    #: In pixels.
    height: int = 340


@dataclasses.dataclass
class Figure:
    """What nodes and arrows show, in places of their own."""

    title: str
    #: Name, x, y, whether it is hollow.
    nodes: list[tuple[str, float, float, bool]]
    #: From x, y to x, y; whether it is dashed; whether it leads back, too.
    arrows: list[tuple[float, float, float, float, bool, bool]]
    #: Whether the nodes are on a circle.
    circle: bool = False
    #: In pixels.
    height: int = 400


class Page:
    """Collects sections, and writes one page that needs no network."""

    def __init__(self, title: str, subtitle: str):
        self.title, self.subtitle = title, subtitle
        self._sections: list[tuple[str, str, list[str]]] = []
        self._charts: list[dict[str, Any]] = []

    def section(self, title: str) -> None:
        self._sections.append((f"section-{len(self._sections) + 1}", title, []))

    def add(self, markup: str) -> None:
        """Adds HTML to the last section."""
        self._sections[-1][2].append(markup)

    def paragraph(self, text: str) -> None:
        self.add(f"<p>{escaped(text)}</p>")

    def table(self, caption: str, head: Sequence[Any],
              rows: Sequence[Sequence[Cell]], *, marked: Sequence[bool] = (),
              folded: str = "") -> None:
        """A table with a row head; ``marked`` rows stand out; a ``folded`` one
        opens by the text that is given."""
        self.add(table_html(caption, head, rows, marked=marked, folded=folded))

    def chart(self, chart: Chart) -> None:
        """A chart with its key, and its values as a table."""
        place = len(self._charts)
        self._charts.append(_chart_json(chart))
        self.add(
            f'<figure class="chart"><figcaption>{escaped(chart.title)}'
            f'</figcaption><div class="plot" id="chart-{place}" role="img" '
            f'aria-label="{escaped(chart.title)}; the values are in the table '
            f'below" style="height:{chart.height}px"></div>'
            f"{_key_html(chart, place)}{_values_html(chart)}</figure>")

    def figure(self, figure: Figure) -> None:
        place = len(self._charts)
        self._charts.append({"kind": "graph", "circle": figure.circle, "nodes": [
            [escaped(name), x, y, hollow]
            for name, x, y, hollow in figure.nodes], "arrows": figure.arrows})
        self.add(
            f'<figure class="chart wide"><figcaption>{escaped(figure.title)}'
            '</figcaption><div class="scroll" tabindex="0" role="region" '
            f'aria-label="{escaped(figure.title)}"><div class="plot graph" '
            f'id="chart-{place}" role="img" aria-label="'
            f'{escaped(figure.title)}; its edges are in the table below" '
            f'style="height:{figure.height}px"></div></div></figure>')

    def html(self) -> str:
        """The whole page. Raises UnavailableError without plotly."""
        scripts = [_plotly(), _SCRIPT] if self._charts else []
        hashes = " ".join(
            "'sha256-" + base64.b64encode(
                hashlib.sha256(script.encode()).digest()).decode() + "'"
            for script in scripts) or "'none'"
        contents = "".join(f'<li><a href="#{place}">{escaped(title)}</a></li>'
                           for place, title, _ in self._sections)
        body = "\n".join(
            f'<section aria-labelledby="{place}"><h2 id="{place}">'
            f'{escaped(title)}</h2>\n{"".join(parts)}</section>'
            for place, title, parts in self._sections)
        data = json.dumps({"charts": self._charts, "light": LIGHT, "dark": DARK,
                           "dashes": [dash for _, dash in DASHES],
                           "markers": [mark for _, mark in MARKERS]},
                          allow_nan=False).replace("<", "\\u003c")
        runs = "".join(f"<script>{script}</script>\n" for script in scripts)
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="default-src '
            f"'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src "
            "data: blob:; base-uri 'none'; form-action 'none'\">\n"
            '<meta name="viewport" content="width=device-width, '
            'initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
            f"<title>{escaped(self.title)}</title>\n<style>{_style()}</style>\n"
            f"</head>\n<body>\n<header><h1>{escaped(self.title)}</h1>\n"
            f"<p>{escaped(self.subtitle)}</p>\n"
            f'<nav aria-label="Sections"><ul>{contents}</ul></nav></header>\n'
            f"<main>\n{body}\n</main>\n"
            "<noscript><p>The charts need JavaScript; their values are in the "
            "tables.</p></noscript>\n"
            f'<script type="application/json" id="data">{data}</script>\n'
            f"{runs}</body>\n</html>\n")


# ---- Tables ----------------------------------------------------------------


def table_html(caption: str, head: Sequence[Any],
               rows: Sequence[Sequence[Cell]], *, marked: Sequence[bool] = (),
               folded: str = "") -> str:
    columns = "".join(f'<th scope="col">{escaped(name)}</th>' for name in head)
    lines = []
    for place, row in enumerate(rows):
        kind = ' class="marked"' if place < len(marked) and marked[place] else ""
        cells = "".join(cell.html(head=column == 0)
                        for column, cell in enumerate(row))
        lines.append(f"<tr{kind}>{cells}</tr>")
    table = (f'<div class="scroll" tabindex="0" role="region" aria-label="'
             f'{escaped(caption)}"><table><caption><span>{escaped(caption)}</span></caption>'
             f"<thead><tr>{columns}</tr></thead><tbody>{''.join(lines)}</tbody>"
             "</table></div>")
    if folded:
        return (f"<details><summary>{escaped(folded)}</summary>{table}"
                "</details>")
    return table


def _values_html(chart: Chart) -> str:
    """The values of a chart, by a column for each line."""
    xs = list(dict.fromkeys(x for line in chart.lines for x in line.xs))
    if all(isinstance(x, (int, float)) for x in xs):
        xs.sort()
    by_line = [dict(zip(line.xs, line.ys)) for line in chart.lines]
    rows = [[Cell(x, 2), *(Cell(values.get(x, math.nan)) for values in by_line)]
            for x in xs]
    first = chart.y_title if chart.kind == "bar" else chart.x_title
    return table_html(chart.title, [first, *(line.name for line in chart.lines)],
                      rows, folded="Values")


# ---- Charts ----------------------------------------------------------------


def _plotly() -> str:
    try:
        from plotly.offline import get_plotlyjs
    except ImportError as error:
        raise UnavailableError(
            "a report needs plotly: pip install 'orcinus[report]', or pip "
            f"install plotly ({error})") from None
    # A browser's line ends, which its check of the script's hash goes by.
    return get_plotlyjs().replace("\r\n", "\n").replace("\r", "\n") \
        .replace("</script", "<\\/script")


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return escaped(value) if isinstance(value, str) else value


def _chart_json(chart: Chart) -> dict[str, Any]:
    return {
        "kind": chart.kind, "x": chart.x_title, "y": chart.y_title,
        "logX": chart.log_x, "logY": chart.log_y, "fromZero": chart.from_zero,
        "lines": [{"name": escaped(line.name),
                   "xs": [_finite(x) for x in line.xs],
                   "ys": [_finite(y) for y in line.ys],
                   "texts": [escaped(text) for text in line.texts],
                   "color": line.color, "dash": line.dash}
                  for line in chart.lines]}


#: Marks of the key, within 16 × 16.
_KEY_MARKS = (
    '<circle cx="18" cy="8" r="4"/>', '<path d="M14 4h8v8h-8z"/>',
    '<path d="M18 3l5 9h-10z"/>', '<path d="M18 2.5l5.5 5.5-5.5 5.5-5.5-5.5z"/>',
    '<path d="M18 13l5-9h-10z"/>',
    '<path d="M14 4l8 8M22 4l-8 8" stroke-width="3"/>')
_KEY_DASHES = ("", "6 4", "2 3", "7 3 2 3")


def _key_html(chart: Chart, place: int) -> str:
    """A button a line, which hides it."""
    items = []
    for line, each in enumerate(chart.lines):
        color = each.color % len(LIGHT)
        dash = _KEY_DASHES[each.dash % len(DASHES)]
        sample = (f'<svg width="36" height="16" aria-hidden="true" class="c{color}'
                  f'"><path d="M0 8h36" stroke-dasharray="{dash}"/>'
                  f"{_KEY_MARKS[color]}</svg>") if chart.kind == "line" else (
                      f'<svg width="16" height="16" aria-hidden="true" class="'
                      f'c{color}"><path d="M1 1h14v14h-14z"/></svg>')
        items.append(f'<li><button type="button" aria-pressed="true" '
                     f'data-chart="{place}" data-line="{line}">{sample}'
                     f"{escaped(each.name)}</button></li>")
    return f'<ul class="key" aria-label="Lines">{"".join(items)}</ul>'


# ---- Looks -----------------------------------------------------------------


def _style() -> str:
    light = "".join(f"--c{place}:{color};" for place, color in enumerate(LIGHT))
    dark = "".join(f"--c{place}:{color};" for place, color in enumerate(DARK))
    kinds = "".join(f".c{place}{{stroke:var(--c{place});fill:var(--c{place})}}"
                    for place in range(len(LIGHT)))
    return (_STYLE.replace("/*light*/", light).replace("/*dark*/", dark)
            + kinds)


_STYLE = """
:root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--soft:#57606a;
--edge:#d0d7de;--band:#f3f5f8;--mark:#fff3cd;--link:#0b57a4;/*light*/}
@media(prefers-color-scheme:dark){:root{--back:#15181c;--text:#e6e9ed;
--soft:#a3adb8;--edge:#3a424b;--band:#1e2329;--mark:#453a10;--link:#7cb8f5;
/*dark*/}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
header,main,noscript{display:block;max-width:84rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.25rem}
h1{font-size:1.6rem;line-height:1.25;margin:0;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2rem 0 .5rem;padding-top:1rem;
border-top:1px solid var(--edge)}
header p{margin:.25rem 0;color:var(--soft)}
p{max-width:46rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:.5rem 0;padding:0;
list-style:none}
a{color:var(--link)}
.charts{display:grid;gap:1rem 1.5rem;
grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr))}
figure{margin:1rem 0;min-width:0}
figcaption{font-weight:600;margin-bottom:.25rem}
.plot{width:100%}
.graph{min-width:34rem}
.key{display:flex;flex-wrap:wrap;gap:.25rem .5rem;margin:.25rem 0;padding:0;
list-style:none}
.key button{display:flex;align-items:center;gap:.4rem;padding:.15rem .5rem;
border:1px solid var(--edge);border-radius:.3rem;background:none;
color:inherit;font:inherit;font-size:.875rem;cursor:pointer;
overflow-wrap:anywhere;text-align:left}
.key button[aria-pressed=false]{text-decoration:line-through;
color:var(--soft);border-style:dashed}
.key svg{flex:none;stroke-width:2}
.scroll{overflow-x:auto;margin:.5rem 0 1rem}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:.25rem 0;caption-side:top}
th,td{padding:.3rem .65rem;border-bottom:1px solid var(--edge);text-align:left;
vertical-align:top}
td{overflow-wrap:break-word;min-width:4rem;max-width:24rem}
thead th{border-bottom:2px solid var(--edge);vertical-align:bottom;
overflow-wrap:break-word;max-width:14rem}
caption span{display:inline-block;position:sticky;left:0;
max-width:min(46rem,calc(100vw - 2rem))}
tbody th{position:sticky;left:0;background:var(--back);font-weight:500;
min-width:7rem;max-width:18rem;overflow-wrap:break-word}
.number{text-align:right;white-space:nowrap}
.marked,.marked th{background:var(--mark)}
details{margin:.5rem 0}
summary{cursor:pointer;color:var(--link)}
@media(max-width:40rem){body{font-size:.95rem}tbody th{max-width:10rem}
th,td{padding:.3rem .4rem}}
@media print{.key button{border:0}details{display:none}}
"""

_SCRIPT = """
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  // Fingers scroll the page, not a chart.
  const touch = matchMedia("(pointer: coarse)").matches;
  const hidden = data.charts.map(() => new Set());

  function look() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    return {text: of("--text"), edge: of("--edge"), back: of("--back"),
            colors: scheme.matches ? data.dark : data.light};
  }

  function axis(title, log, now) {
    return {title: {text: title, standoff: 8}, gridcolor: now.edge,
            fixedrange: touch,
            linecolor: now.edge, zerolinecolor: now.edge, automargin: true,
            type: log ? "log" : undefined};
  }

  function base(now) {
    return {paper_bgcolor: now.back, plot_bgcolor: now.back, showlegend: false,
            font: {color: now.text, family: "system-ui, sans-serif", size: 13},
            margin: {l: 56, r: 12, t: 12, b: 48}, hovermode: "closest",
            hoverlabel: {namelength: -1}};
  }

  function trace(chart, line, now) {
    const color = now.colors[line.color % now.colors.length];
    const result = {name: line.name, x: line.xs, y: line.ys,
                    text: line.texts.length ? line.texts : undefined};
    const words = line.texts.length ? "<br>%{text}" : "";
    if (chart.kind === "bar") {
      return Object.assign(result, {
        type: "bar", orientation: "h", x: line.ys, y: line.xs,
        marker: {color}, textposition: "none",
        hovertemplate: "%{y}: %{x}" + words + "<extra>%{fullData.name}</extra>"});
    }
    const marks = line.xs.length <= 60 ? "lines+markers" : "lines";
    return Object.assign(result, {
      type: "scatter", mode: marks,
      line: {color, width: 2, dash: data.dashes[line.dash % data.dashes.length]},
      marker: {color, size: 7,
               symbol: data.markers[line.color % data.markers.length]},
      hovertemplate: "%{x}: %{y:.5g}" + words +
                     "<extra>%{fullData.name}</extra>"});
  }

  function lines(chart, place, now) {
    const traces = chart.lines.map((line, number) => Object.assign(
      trace(chart, line, now), {visible: !hidden[place].has(number)}));
    const layout = base(now);
    layout.xaxis = axis(chart.x, chart.logX, now);
    layout.yaxis = axis(chart.y, chart.logY, now);
    if (chart.fromZero) layout.yaxis.rangemode = "tozero";
    if (chart.kind === "bar") {
      layout.yaxis.autorange = "reversed";
      layout.yaxis.type = "category";
    } else if (!chart.logX && chart.lines.every(
        (line) => line.xs.every(Number.isInteger))) {
      layout.xaxis.tickformat = "d";
      const most = Math.max(...chart.lines.flatMap((line) => line.xs), 0);
      if (most <= 10) layout.xaxis.dtick = 1;
    }
    return [traces, layout];
  }

  function graph(chart, now) {
    // Names of a circle stand outside of it.
    const side = (node) => !chart.circle ? "bottom center"
      : node[1] > 0.1 ? "middle right" : node[1] < -0.1 ? "middle left"
      : node[2] > 0 ? "top center" : "bottom center";
    const traces = [{
      type: "scatter", mode: "markers+text", hoverinfo: "text",
      x: chart.nodes.map((node) => node[1]),
      y: chart.nodes.map((node) => node[2]),
      text: chart.nodes.map((node) => node[0]),
      textposition: chart.nodes.map(side), cliponaxis: false,
      marker: {size: 12, color: now.colors[0], line: {width: 2,
               color: now.colors[0]},
               symbol: chart.nodes.map((node) => node[3] ? "circle-open"
                                                         : "circle")}}];
    const layout = base(now);
    const blank = {visible: false, zeroline: false, fixedrange: touch};
    const xs = chart.nodes.map((node) => node[1]).concat([0]);
    const ys = chart.nodes.map((node) => node[2]).concat([0]);
    const around = (all, room) => {
      const least = Math.min(...all), most = Math.max(...all);
      const more = Math.max((most - least) * room, 0.5);
      return [least - more, most + more];
    };
    layout.xaxis = Object.assign({range: around(xs, 0.12)}, blank);
    layout.yaxis = Object.assign({range: around(ys, 0.12)}, blank);
    const searches = {type: "scatter", mode: "lines", hoverinfo: "skip",
                      x: [], y: [], line: {color: now.colors[1], width: 1.5,
                                           dash: "dash"}};
    for (const arrow of chart.arrows.filter((each) => each[4])) {
      searches.x.push(arrow[0], arrow[2], null);
      searches.y.push(arrow[1], arrow[3], null);
    }
    traces.unshift(searches);
    const reused = chart.arrows.filter((arrow) => !arrow[4]);
    layout.annotations = reused.map((arrow) => ({
      ax: arrow[0], ay: arrow[1], x: arrow[2], y: arrow[3], axref: "x",
      ayref: "y", text: "", showarrow: true, arrowhead: 2, arrowwidth: 1.5,
      standoff: 8, startstandoff: 8, opacity: 0.9,
      arrowside: arrow[5] ? "start+end" : "end", startarrowhead: 2,
      arrowcolor: now.colors[0]}));
    return [traces, layout];
  }

  function draw() {
    const now = look();
    data.charts.forEach((chart, place) => {
      const [traces, layout] = chart.kind === "graph"
        ? graph(chart, now) : lines(chart, place, now);
      Plotly.react("chart-" + place, traces, layout, {
        responsive: true, displaylogo: false,
        modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"]});
    });
  }

  document.querySelectorAll(".key button").forEach((button) => {
    button.addEventListener("click", () => {
      const place = Number(button.dataset.chart);
      const line = Number(button.dataset.line);
      const shown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(shown));
      if (shown) hidden[place].delete(line); else hidden[place].add(line);
      Plotly.restyle("chart-" + place, {visible: shown}, [line]);
    });
  });
  scheme.addEventListener("change", draw);
  draw();
})();
"""
