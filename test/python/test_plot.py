"""Plots: what is drawn, for whom, and what is said of wrong input."""

import itertools
import sys

import numpy as np
import pytest
import run_files

import orcinus
from orcinus import palette, plot

matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is missing")
matplotlib.use("Agg")
import matplotlib.pyplot as pyplot  # noqa: E402


@pytest.fixture(autouse=True)
def close_figures():
    yield
    pyplot.close("all")


@pytest.fixture
def metrics(tmp_path):
    return run_files.write_lines(tmp_path / "run.jsonl", run_files.run_lines())


def lines_of(ax):
    return {line.get_label(): (list(line.get_xdata()), list(line.get_ydata()))
            for line in ax.get_lines()}


def texts_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_loss_and_ap_are_lines_a_run(metrics):
    ax = plot.loss({"first": metrics, "second": metrics})
    assert lines_of(ax)["first"] == ([1, 2], [1.0, 0.5])
    assert texts_of(ax) == ["first", "second"]
    assert ax.get_xlabel() == "epoch" and ax.get_ylabel() == "training loss"
    ax = plot.ap(metrics)
    assert lines_of(ax)["run"] == ([1, 2], [0.51, 0.52])
    assert "average precision" in ax.get_ylabel()


def test_any_number_of_an_epoch_can_be_drawn(metrics):
    assert plot.metric(metrics, "train_seconds").get_ylabel() \
        == "training time (s)"
    assert lines_of(plot.metric(metrics, "reuse/hits"))["run"] \
        == ([1, 2], [10, 20])


def test_given_axes_are_drawn_on(metrics):
    _, ax = pyplot.subplots()
    assert plot.loss(metrics, ax) is ax


def test_a_report_is_drawn(trained):
    _, report = trained
    assert lines_of(plot.loss(report))["run"][0] == [1, 2]


def test_names_are_shown_as_they_are(metrics):
    ax = plot.loss({"_hidden": metrics, "$x$ of 5 $": metrics})
    ax.figure.canvas.draw()
    assert [text.strip() for text in texts_of(ax)] \
        == ["_hidden", r"\$x\$ of 5 \$"]


def test_wrong_runs_are_one_clear_error(metrics):
    with pytest.raises(orcinus.InvalidArgumentError,
                       match="no epoch has a number 'val_mrr'; there are: "
                       "train_seconds"):
        plot.metric(metrics, "val_mrr")
    with pytest.raises(orcinus.InvalidArgumentError, match="no run to draw"):
        plot.loss([])
    with pytest.raises(orcinus.InvalidArgumentError, match="the runs have no"):
        plot.loss(orcinus.callbacks.History())


def test_staleness_is_drawn_by_layer_over_epochs(metrics):
    ax = plot.staleness(metrics)
    assert lines_of(ax) == {"layer 1": ([0.5, 1.5], [2, 2]),
                            "output": ([0.5, 1.5], [0.5, 0.5])}
    assert plot.staleness([metrics, metrics]).get_legend() is not None


def test_staleness_that_nobody_measured_is_told(trained):
    with pytest.raises(orcinus.InvalidArgumentError, match="measure_staleness"):
        plot.staleness(trained[1])


def test_hit_ratios_are_those_of_the_plan(stream):
    ax = plot.hit_ratio(stream, [0, 5, 40], ("mrd", "fifo"), layers=2)
    expected = [orcinus.plan(stream, capacity=size, policy="fifo", layers=2)
                for size in (0, 5, 40)]
    assert lines_of(ax)["fifo"] == (
        [0, 5, 40],
        [each["hits"] / each["out_of_batch_reads"] for each in expected])
    assert lines_of(ax)["mrd"][1][1] >= lines_of(ax)["fifo"][1][1]


def test_capacities_go_up_to_all_nodes(stream):
    sizes, ratios = lines_of(plot.hit_ratio(stream, policies="mrd"))["mrd"]
    assert sizes == [0, 1, 2, 4, 8, 16, 32, 64, stream.num_nodes]
    assert ratios == sorted(ratios) and ratios[0] == 0 and ratios[-1] == 1


def test_wrong_plans_are_one_clear_error(stream):
    with pytest.raises(orcinus.InvalidArgumentError):
        plot.hit_ratio(stream, [10], "newest")
    with pytest.raises(orcinus.InvalidArgumentError, match="a capacity and a"):
        plot.hit_ratio(stream, [])


def written(ax):
    return {text.get_text() for text in ax.texts}


def test_a_plan_is_drawn_as_a_tree_with_its_seconds(tmp_path):
    for source in (run_files.PLAN, run_files.PLAN_FIGURE):
        ax = plot.reuse_graph(source)
        assert "b" in written(ax) and {"5.00 s", "0.50 s"} <= written(ax)
        assert "bridge" in texts_of(ax)


def test_a_graph_is_drawn_from_a_file(tmp_path):
    import json

    path = tmp_path / "graph.json"
    path.write_text(json.dumps(run_files.GRAPH))
    ax = plot.reuse_graph(path)
    assert {"a", "b"} <= written(ax)
    # Two searches, and one arrow there and back.
    assert sum(text.arrow_patch is not None for text in ax.texts) == 3
    ax.figure.canvas.draw()


def test_what_is_no_graph_is_told(metrics):
    for source, message in ((metrics, "no reuse graph"), ("{}", "neither JSON"),
                            (7, "not int")):
        with pytest.raises(orcinus.InvalidArgumentError, match=message):
            plot.reuse_graph(source)


def test_colors_follow_the_style(metrics):
    def color():
        return plot.loss(metrics).get_lines()[0].get_color()

    assert color() == palette.LIGHT[0]
    with pyplot.style.context("dark_background"):
        assert color() == palette.DARK[0]


def test_without_matplotlib_it_is_said_what_to_install(monkeypatch, metrics):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(orcinus.UnavailableError, match="pip install"):
        plot.loss(metrics)


# ---- Colours -----------------------------------------------------------------

# Of Machado, Oliveira and Fernandes (2009), at full severity.
VISIONS = {
    "all cones": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868],
                            [0.114503, 0.786281, 0.099216],
                            [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968],
                              [0.280085, 0.672501, 0.047413],
                              [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779],
                            [-0.078411, 0.930809, 0.147602],
                            [0.004733, 0.691367, 0.303900]]),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722],
                   [0.0193, 0.1192, 0.9505]])


def linear(color):
    parts = np.array([int(color[at:at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92,
                    ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    xyz = TO_XYZ @ np.clip(rgb, 0, 1) / np.array([0.9505, 1, 1.089])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("colors, background", [
    (palette.LIGHT, "#ffffff"), (palette.DARK, "#15181c")])
def test_colors_are_seen_and_told_apart_by_all(colors, background):
    def luminance(color):
        return linear(color) @ TO_XYZ[1]

    for color in colors:
        dark, light = sorted((luminance(color), luminance(background)))
        assert (light + 0.05) / (dark + 0.05) >= 3
    for vision in VISIONS.values():
        seen = [lab(vision @ linear(color)) for color in colors]
        assert min(np.linalg.norm(one - other)
                   for one, other in itertools.combinations(seen, 2)) > 13
