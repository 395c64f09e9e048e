"""The report page: what is in it, and that nothing of a user's text is markup."""

import html.parser
import json
import re
import subprocess
import sys

import pytest
import run_files

import orcinus
from orcinus import report
from orcinus._page import Chart, Line, Page

pytest.importorskip("plotly", reason="plotly is missing")

NASTY = '</script><script>alert("1")</script> <b>& $x$ %{x}'


class Reader(html.parser.HTMLParser):
    """Tables by their captions, the elements, and their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.tags, self.attributes = {}, [], []
        self._rows, self._cell, self._caption = [], None, None
        self.text, self._skipped = "", 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attributes)))
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th", "caption"):
            self._cell = ""
        elif tag in ("script", "style"):
            self._skipped += 1

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._rows[-1].append(self._cell)
        elif tag == "caption":
            self._caption = self._cell
        elif tag == "table":
            self.tables.setdefault(self._caption, []).append(self._rows)
        elif tag in ("script", "style"):
            self._skipped -= 1

    def handle_data(self, data):
        if self._skipped:
            return
        self.text += data
        if self._cell is not None:
            self._cell += data

    def table(self, start):
        """The rows of the one table whose caption begins so."""
        found = [tables for caption, tables in self.tables.items()
                 if caption.startswith(start)]
        assert len(found) == 1 and len(found[0]) == 1, list(self.tables)
        return found[0][0]


def page_of(*paths, tmp_path, **more):
    output = tmp_path / "report.html"
    report.write_report(paths, output, **more)
    return output.read_text(encoding="utf-8")


def charts_of(page):
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>',
                     page, re.DOTALL)
    return json.loads(data[1])["charts"]


@pytest.fixture
def metrics(tmp_path):
    return run_files.write_lines(tmp_path / "run.jsonl", run_files.run_lines())


def test_a_run_of_orcinus_becomes_a_page(trained, tmp_path):
    checkpoint, run = trained
    page = Reader(page_of(checkpoint, tmp_path=tmp_path))
    head, row = page.table("Figures of the test")
    assert head[:3] == ["run", "AP", "AUC"]
    assert row[:2] == ["checkpoint", f"{run.ap:.4f}"]
    assert ["seed", "1"] in page.table("Options of the run")


def test_runs_stand_side_by_side_and_differences_stand_out(tmp_path):
    paths = []
    for name, seed, ap in (("a", 0, 0.8), ("b", 1, 0.9)):
        paths.append(run_files.write_checkpoint(
            tmp_path / name, run_files.run_lines(ap=ap), seed=seed))
    text = page_of(*paths, tmp_path=tmp_path)
    page = Reader(text)
    assert page.table("Options that differ") \
        == [["option", "a", "b"], ["seed", "0", "1"]]
    assert text.count('<tr class="marked">') == 1
    assert ["capacity", "unlimited"] in page.table("Options that all runs share")
    assert ["dim", "default"] in page.table("Options that all runs share")
    assert re.findall(r"<strong[^>]*>([^<]*)</strong>", text) == ["0.9000"]
    means = page.table("Means and standard deviations")
    assert means[1][:3] == ["a, b", "2", "0.8500\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}0.0707"]


def test_curves_reuse_and_staleness_are_charts_with_their_values(metrics,
                                                                 tmp_path):
    text = page_of(metrics, tmp_path=tmp_path)
    lines = {(chart["y"], line["name"]): line for chart in charts_of(text)
             for line in chart["lines"]}
    assert lines["mean loss of a batch", "run"]["ys"] == [1.0, 0.5]
    assert lines["AP", "run"]["ys"] == [0.51, 0.52]
    assert lines["share of out-of-batch reads", "run"]["ys"] == [0.25, 0.5]
    assert lines["mean distance to exact embeddings", "run, layer 1"]["xs"] \
        == [0.5, 1.5]
    assert lines["distance to exact embeddings", "run, bound"]["ys"] == [8, 8]
    page = Reader(text)
    assert page.table("Training loss")[1:] == [["1", "1.0000"], ["2", "0.5000"]]
    reuse = dict(zip(*page.table("Reuse in the last epoch")))
    assert reuse["epoch"] == "2" and reuse["cached (%)"] == "50.00"
    assert reuse["mean age (batches)"] == "1.50"
    assert reuse["rows computed by layer"] == "20, 10"


def test_a_run_without_reuse_or_staleness_has_no_such_section(trained, tmp_path):
    page = Reader(page_of(trained[0], tmp_path=tmp_path))
    assert "Reuse" not in page.text and "Staleness" not in page.text


def test_tunings_sweeps_and_graphs_are_shown(tmp_path):
    paths = []
    for name in ("TUNING", "SWEEP", "GRAPH", "PLAN"):
        paths.append(tmp_path / f"{name.lower()}.json")
        paths[-1].write_text(json.dumps(getattr(run_files, name)))
    text = page_of(*paths, tmp_path=tmp_path)
    page = Reader(text)
    operators = page.table("Operators of tuning")
    assert operators[1] == ["product", "12.5", "search", "measured", "8", "7", "1"]
    assert page.table("What tuning has left out")[1] \
        == ["sum", "has too few iterations"]
    assert "modelled" in page.text and "--capacity 5 is recommended" in page.text
    assert page.table("Hit ratio against capacity")[1:] == [
        ["0", "0.0000"], ["5", "0.5000"], ["10", "1.0000"]]
    assert page.table("Edges of plan")[1:] \
        == [["search", "a", "5.00"], ["a", "b", "0.50"]]
    graphs = [chart for chart in charts_of(text) if chart["kind"] == "graph"]
    # The tuning's plan; two searches, and one arrow there and back.
    assert [len(chart["arrows"]) for chart in graphs] == [2, 3, 2]
    assert page.table("Edges of tuning, as planned")[1:] \
        == [["search", "product", "2.00"], ["product", "larger", "1.00"]]


def test_the_page_is_whole_and_loads_nothing(metrics, tmp_path):
    text = page_of(metrics, tmp_path=tmp_path)
    page = Reader(text)
    policy = next(attributes["content"] for tag, attributes in page.attributes
                  if attributes.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy
    for tag, attributes in page.attributes:
        assert tag not in ("link", "img", "iframe", "object", "base")
        assert "src" not in attributes
        assert attributes.get("href", "#").startswith("#")


def test_scripts_are_those_that_the_policy_names(metrics, tmp_path):
    import base64
    import hashlib

    text = page_of(metrics, tmp_path=tmp_path)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == 2 and "\r" not in text
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest())
        assert f"'sha256-{digest.decode()}'" in text


def test_the_page_is_for_everybody(metrics, tmp_path):
    text = page_of(metrics, tmp_path=tmp_path)
    page = Reader(text)
    assert '<html lang="en">' in text and "width=device-width" in text
    assert "prefers-color-scheme" in text
    assert page.tags.count("h1") == 1 and page.tags.count("main") == 1
    assert page.tags.count("table") == page.tags.count("caption")
    for tag, attributes in page.attributes:
        if attributes.get("role") == "img":
            assert attributes["aria-label"]
        if tag == "th":
            assert attributes["scope"] in ("row", "col")


def test_text_has_contrast_in_both_schemes(metrics, tmp_path):
    """4.5 to 1, that of WCAG 2."""
    text = page_of(metrics, tmp_path=tmp_path)

    def luminance(color):
        digits = color[1:] if len(color) == 7 else "".join(
            2 * digit for digit in color[1:])
        parts = [int(digits[at:at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (part / 12.92 if part <= 0.04045
                            else ((part + 0.055) / 1.055) ** 2.4
                            for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    schemes = [dict(re.findall(r"--(\w+):(#[0-9A-Fa-f]+)", rule))
               for rule in re.findall(r":root\{([^}]*)\}", text)]
    assert len(schemes) == 2
    for colors in schemes:
        for front, back in (("text", "back"), ("soft", "back"),
                            ("link", "back"), ("text", "mark")):
            dark, light = sorted((luminance(colors[front]),
                                  luminance(colors[back])))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (front, back)


def test_names_options_and_titles_are_text(tmp_path):
    """In HTML as in what plotly takes for markup."""
    run_files.write_checkpoint(tmp_path / "a", run_files.run_lines(),
                               model=NASTY, sizes={NASTY: 1})
    run_files.write_checkpoint(tmp_path / "b", run_files.run_lines())
    tuning = json.loads(json.dumps(run_files.TUNING).replace("product", "NAME"))
    tuning["operators"][0]["name"] = tuning["left_out"][0]["reason"] = NASTY
    (tmp_path / "tuning.json").write_text(json.dumps(tuning))
    text = page_of(f"{NASTY}={tmp_path / 'a'}", tmp_path / "b",
                   tmp_path / "tuning.json", tmp_path=tmp_path, title=NASTY)
    assert "<script>alert" not in text and "<b>" not in text
    page = Reader(text)
    assert page.tags.count("script") == 3
    assert page.table("Figures of the test")[1][0] == NASTY
    assert ["model", NASTY, "tgn"] in page.table("Options that differ")
    names = {line["name"] for chart in charts_of(text)
             for line in chart.get("lines", [])}
    assert any("&lt;b&gt;" in name for name in names)
    texts = json.dumps(charts_of(text))
    assert "<" not in texts and "&lt;/script&gt;" in texts


def test_nothing_ends_the_data_before_its_end():
    page = Page("title", "subtitle")
    page.section("section")
    page.chart(Chart("chart", "</script>", "y", [Line("line", [1], [2])]))
    data = charts_of(page.html())
    assert data[0]["x"] == "</script>"


def test_runs_of_one_name_are_told_apart(tmp_path):
    paths = []
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        paths.append(run_files.write_lines(tmp_path / folder / "run.jsonl",
                                           run_files.run_lines()))
    page = Reader(page_of(*paths, paths[0], tmp_path=tmp_path))
    assert [row[0] for row in page.table("Figures of the test")[1:]] \
        == ["first/run", "second/run", "first/run (2)"]


def test_a_run_that_is_not_over_is_shown(tmp_path):
    path = run_files.write_lines(tmp_path / "run.jsonl", [run_files.epoch(1)])
    assert "Not tested yet: run." in Reader(page_of(path, tmp_path=tmp_path)).text


def command(*arguments, cwd):
    return subprocess.run([sys.executable, "-m", "orcinus", *arguments],
                          cwd=cwd, capture_output=True, text=True)


def test_the_command_writes_the_page(metrics, tmp_path):
    done = command("report", "run.jsonl", "-o", "page.html", "--title", "Mine",
                   cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "wrote page.html\n"), done.stderr
    assert "<title>Mine</title>" in (tmp_path / "page.html").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) \
        == ["page.html", "run.jsonl"]


@pytest.mark.parametrize("arguments, message", [
    (["nothing.jsonl"], "cannot read 'nothing.jsonl': No such file"),
    (["run.jsonl", "-o", "no/such/page.html"], "cannot write 'no/such/page.html'"),
    (["run.jsonl", "-o", "run.jsonl"], "the report would replace it"),
    (["."], "no checkpoint in '.'"),
])
def test_the_command_says_what_is_wrong_in_a_line(metrics, tmp_path, arguments,
                                                  message):
    before = metrics.read_bytes()
    done = command("report", *arguments, cwd=tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("orcinus: error: ")
    assert done.stderr.count("\n") == 1 and message in done.stderr
    assert metrics.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["run.jsonl"]


def test_wrong_usage_is_told(tmp_path):
    assert command("report", cwd=tmp_path).returncode == 2


def test_other_commands_are_the_tools(tmp_path):
    assert "Usage" in command("plan", "--help", cwd=tmp_path).stdout


def test_without_plotly_it_is_said_what_to_install(monkeypatch, metrics,
                                                   tmp_path):
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    with pytest.raises(orcinus.UnavailableError, match=r"orcinus\[report\]"):
        report.write_report([metrics], tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


ODD = [None, True, -1, 10**400, 1e308, float("nan"), float("inf"), "", "text",
       [], [1], {}, {"mean": "x"}, [[[]]], [{"mean": 1}], [{"mean": None}]]


def changed(value, random):
    """The value with one of its parts replaced, left out or doubled."""
    place = random.random()
    if isinstance(value, dict) and value and place < 0.9:
        name = random.choice(list(value))
        if place < 0.1:
            return {key: each for key, each in value.items() if key != name}
        return {**value, name: changed(value[name], random)}
    if isinstance(value, list) and value and place < 0.9:
        at = random.randrange(len(value))
        if place < 0.1:
            return value + [value[at]]
        return [*value[:at], changed(value[at], random), *value[at + 1:]]
    return random.choice(ODD)


@pytest.mark.parametrize("kind", ["METRICS", "CHECKPOINT", "TUNING", "SWEEP",
                                  "GRAPH", "PLAN"])
def test_odd_files_give_a_page_or_one_clear_error(tmp_path, monkeypatch, kind):
    import random as randoms
    import shutil

    monkeypatch.setattr("orcinus._page._plotly", lambda: "")
    random = randoms.Random(kind)
    shown = 0
    for _ in range(150):
        path = tmp_path / "run"
        lines = run_files.run_lines()
        for _ in range(random.randint(1, 3)):
            at = random.randrange(len(lines))
            lines[at] = changed(lines[at], random)
        if kind == "METRICS":
            run_files.write_lines(path, lines)
        elif kind == "CHECKPOINT":
            shutil.rmtree(path, ignore_errors=True)
            run_files.write_checkpoint(
                path, lines,
                **{random.choice(["seed", "capacity", "model", "age limit"]):
                   random.choice(ODD)})
        else:
            path.write_text(json.dumps(
                changed(getattr(run_files, kind), random)))
        try:
            page_of(path, tmp_path=tmp_path)
            shown += 1
        except orcinus.Error as error:
            assert "\n" not in str(error) and str(path) in str(error)
    assert 0 < shown < 150
