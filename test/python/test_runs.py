"""What is read of the files that runs, plans and tunings leave."""

import json
import math

import pytest
import run_files

import orcinus
from orcinus import runs


def test_a_metrics_file_is_a_run(tmp_path):
    path = run_files.write_lines(tmp_path / "my run.jsonl",
                                 run_files.run_lines())
    run, = runs.read_runs(path)
    assert run.name == "my run"
    assert [line["epoch"] for line in run.epochs] == [1, 2]
    assert len(run.staleness) == 2
    assert run.test["ap"] == 0.8 and math.isnan(run.test["ap_inductive"])
    assert run.series("val_ap") == ([1, 2], [0.51, 0.52])
    assert run.series("reuse/hits") == ([1, 2], [10, 20])
    assert run.hit_ratio() == ([1, 2], [0.25, 0.5])
    assert run.options is None


def test_epochs_that_begin_again_are_another_run(tmp_path):
    path = run_files.write_lines(
        tmp_path / "run.jsonl",
        run_files.run_lines() + run_files.run_lines(ap=0.9))
    first, second = runs.read_runs(path)
    assert (first.name, second.name) == ("run", "run (2)")
    assert (first.test["ap"], second.test["ap"]) == (0.8, 0.9)
    assert len(second.epochs) == len(second.staleness) == 2


def test_tests_of_a_run_that_went_on_are_runs(tmp_path):
    path = run_files.write_lines(tmp_path / "eval.jsonl",
                                 [run_files.tested(ap=0.1),
                                  run_files.tested(ap=0.2)])
    assert [run.test["ap"] for run in runs.read_runs(path)] == [0.1, 0.2]


def test_a_line_that_a_kill_cut_short_is_left_out(tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_text(json.dumps(run_files.epoch(1)) + '\n{"event":"epo')
    run, = runs.read_runs(path)
    assert len(run.epochs) == 1


@pytest.mark.parametrize("contents, message", [
    (b'{"event":"epoch"\n{"event":"epoch","epoch":1}\n',
     ":1: not a line of JSON"),
    (b'{"event":"epoch","epoch":"1"}\n', ":1: a line of metrics names its epoch"),
    (b'{"event":"epoch","epoch":true}\n', ":1: a line of metrics names its epoch"),
    (b"", "neither metrics of a run"), (b"[1]\n", "neither metrics of a run"),
    (b"\xff\xfe\n", "not text in UTF-8"),
    (b'{"event":"test","a":' + b"[" * 3000 + b"]" * 3000 + b"}",
     ":1: JSON that is nested too deeply"),
    (b'{"operators":[{"name":"a"}]}', "'operators' has an entry without"),
    (b'{"points":3}', "'points' is not a list"),
    (b'{"steps":[{"name":"a","source":"b","expected_seconds":1}]}',
     "an edge names 'b'"),
    (b'digraph plan {\n  subgraph x {}\n}\n',
     ":2: not a line of a reuse graph's figure"),
])
def test_wrong_files_are_one_clear_error(tmp_path, contents, message):
    path = tmp_path / "file"
    path.write_bytes(contents)
    with pytest.raises(orcinus.InvalidArgumentError) as error:
        runs.read(path)
    assert message in str(error.value) and str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_an_error_of_the_system(tmp_path):
    with pytest.raises(OSError, match="cannot read '.*nothing'"):
        runs.read(tmp_path / "nothing")


def test_a_checkpoint_is_a_run_with_options(trained):
    checkpoint, report = trained
    run, = runs.read_runs(checkpoint)
    assert run.name == "checkpoint"
    assert run.options["learning rate"] == 1e-3 and run.options["seed"] == 1
    assert [line["val_ap"] for line in run.epochs] \
        == [line["val_ap"] for line in report.epochs]
    # The test is in the metrics file beside it.
    assert run.test["ap"] == report.ap


def test_a_metrics_file_has_the_options_of_its_checkpoint(trained):
    checkpoint, report = trained
    copy = checkpoint.parent / "checkpoint.jsonl"
    copy.write_bytes((checkpoint.parent / "metrics.jsonl").read_bytes())
    try:
        run, = runs.read_runs(copy)
        assert run.options["seed"] == 1
    finally:
        copy.unlink()


def test_a_checkpoint_of_another_run_lends_no_options(tmp_path):
    path = run_files.write_lines(tmp_path / "run.jsonl", run_files.run_lines())
    run_files.write_checkpoint(tmp_path / "run", [run_files.epoch(1, val_ap=0.1)])
    assert runs.read_runs(path)[0].options is None
    run, = runs.read_runs(tmp_path / "run")
    assert run.test is None and run.series("val_ap")[1] == [0.1]


@pytest.mark.parametrize("damage, message", [
    (lambda data: data[:10], "not a checkpoint"),
    (lambda data: b"X" + data[1:], "not a checkpoint"),
    (lambda data: data[:-1], "its header is not what was written"),
    (lambda data: data[:-3] + b"XXX", "its header is not what was written"),
    (lambda data: data[:16] + b"\xff" * 8 + data[24:], "too large"),
])
def test_damaged_checkpoints_are_told(tmp_path, damage, message):
    folder = run_files.write_checkpoint(tmp_path / "run", [run_files.epoch(1)])
    file = folder / "checkpoint"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(orcinus.DamagedError, match=message):
        runs.read(folder)


def test_a_folder_without_a_checkpoint_is_told(tmp_path):
    with pytest.raises(orcinus.InvalidArgumentError, match="no checkpoint in"):
        runs.read(tmp_path)


def test_tunings_sweeps_and_graphs_are_told_apart(tmp_path):
    def read(value):
        path = tmp_path / "file.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return runs.read(path)

    tuning, planned = read(run_files.TUNING)
    assert tuning.operators[0]["name"] == "product"
    assert planned.is_plan and planned.name == "file, as planned"
    assert planned.edges == [(None, "product", 2.0), ("product", "larger", 1.0)]
    assert read(run_files.SWEEP)[0].recommended == "--capacity 5"
    graph = read(run_files.GRAPH)[0]
    assert graph.edges == [(None, "a", 5.0), (None, "b", 4.0),
                           ("a", "b", 0.5), ("b", "a", 0.25)]
    assert not graph.is_plan and graph.bridges == {"b"}
    plan = read(run_files.PLAN)[0]
    assert plan.is_plan and plan.edges == [(None, "a", 5.0), ("a", "b", 0.5)]
    figure = read(run_files.PLAN_FIGURE)[0]
    assert figure.nodes == ['a "quoted"', "b"] and figure.bridges == {"b"}
    assert figure.edges == [(None, 'a "quoted"', 5.0), ('a "quoted"', "b", 0.5)]


def test_runs_come_from_reports_and_histories_too(stream):
    from conftest import model

    history = orcinus.callbacks.History()
    report = orcinus.Trainer(
        stream, model(layers=2, reuse="recompute", measure_staleness=True),
        epochs=1, threads=1).fit(callbacks=[history])
    of_report, of_history = runs.runs_of({"a": report, "b": history})
    assert (of_report.name, of_history.name) == ("a", "b")
    assert of_report.test == of_history.test == report.test
    assert of_report.staleness == [] and of_history.staleness
    assert [run.name for run in runs.runs_of([report, report])] \
        == ["run 1", "run 2"]
    with pytest.raises(orcinus.InvalidArgumentError, match="not int"):
        runs.runs_of(3)
