"""Trainers do what the command does, tell callbacks, and stop when asked."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import orcinus
from conftest import model


def small(stream, **more):
    return orcinus.Trainer(stream, model(), **{"epochs": 2, "seed": 1,
                                               "lr": 1e-3, "threads": 1,
                                               **more})


def test_is_the_run_of_the_command(stream, trained, tmp_path):
    stream.write(tmp_path / "events.csv")
    output = orcinus.tools.run(
        "train", data=tmp_path / "events.csv", layers=1, dim=8, neighbours=4,
        dropout=0.0, epochs=2, seed=1, lr=1e-3, threads=1,
        metrics=tmp_path / "metrics.jsonl")
    assert "epoch 2: loss" in output
    lines = [json.loads(line) for line in
             (tmp_path / "metrics.jsonl").read_text().splitlines()]
    _, report = trained
    for name in ("ap", "auc", "ap_inductive", "best_epoch"):
        assert report.test[name] == lines[-1][name], name
    assert [epoch["train_loss"] for epoch in report.epochs] == \
        [line["train_loss"] for line in lines[:-1]]
    assert report.ap == report.test["ap"]
    with pytest.raises(AttributeError):
        report.nothing


def test_steps_and_epochs_are_those_of_a_run(stream, trained):
    trainer = small(stream)
    for _ in range(3):
        assert np.isfinite(trainer.step())
    epochs = [trainer.epoch(), trainer.epoch()]
    _, report = trained
    for one, other in zip(epochs, report.epochs):
        assert one["train_loss"] == other["train_loss"]
        assert one["val_ap"] == other["val_ap"]
    assert trainer.test()["ap"] == report.ap


def test_callbacks_are_told(stream):
    told = []

    class Callback:
        every_batch = True

        def on_batch(self, phase, epoch, batch, batches, loss):
            told.append((phase, epoch, batch, batches))

        def on_epoch(self, metrics):
            told.append(metrics["epoch"])

        def on_test(self, metrics):
            told.append(metrics["ap"])

        def on_test_scores(self, events, negatives, logits):
            assert len(logits) == 2 * len(events) == 2 * len(negatives)

    history = orcinus.callbacks.History()
    report = small(stream).fit(callbacks=[Callback(), history])
    batches = [each for each in told if isinstance(each, tuple)]
    trained_batches = [each for each in batches if each[:2] == ("train", 1)]
    assert [each[2] for each in trained_batches] == \
        list(range(1, trained_batches[0][3] + 1))
    assert {each[0] for each in batches} == {"train", "validation", "test"}
    assert [each for each in told if isinstance(each, int)] == [1, 2]
    assert told[-1] == report.ap == history.test["ap"]
    assert history.epochs == report.epochs


def test_loggers_are_told_numbers(stream):
    class Logger:
        def __init__(self):
            self.said = []

        def add_scalar(self, name, value, step):
            self.said.append((name, value, step))

        def log_metrics(self, metrics, step):
            self.said += [(name, value, step)
                          for name, value in metrics.items()]

        def log(self, metrics, step=None):
            self.said += [(name, value, step)
                          for name, value in metrics.items()]

    loggers = [Logger(), Logger(), Logger()]
    report = small(stream).fit(callbacks=[
        orcinus.callbacks.TensorBoard(loggers[0]),
        orcinus.callbacks.MLflow(loggers[1]),
        orcinus.callbacks.WandB(loggers[2])])
    for logger in loggers:
        assert all(isinstance(value, float) for _, value, _ in logger.said)
        losses = [value for name, value, _ in logger.said
                  if name.endswith("train_loss")]
        assert losses == [each["train_loss"] for each in report.epochs]
        assert report.ap in [value for name, value, _ in logger.said
                             if name.endswith("test_ap")]


def test_a_callback_ends_training(stream):
    class Stop:
        def on_epoch(self, metrics):
            raise orcinus.StopTraining

    stopped = small(stream, epochs=5).fit(callbacks=[Stop()])
    assert len(stopped.epochs) == 1
    assert stopped.ap == small(stream, epochs=1).fit().ap
    patient = orcinus.callbacks.EarlyStopping("val_ap", patience=1,
                                              min_delta=1.0)
    assert len(small(stream, epochs=5).fit(callbacks=[patient]).epochs) == 2
    with pytest.raises(ValueError, match="no 'val_mrr'; there are: .*val_ap"):
        small(stream).fit(callbacks=[orcinus.callbacks.EarlyStopping("val_mrr")])


def test_an_exception_of_a_callback_comes_out(stream):
    class Broken:
        def on_batch(self, *arguments):
            raise ZeroDivisionError("mine")

    trainer = small(stream)
    with pytest.raises(ZeroDivisionError, match="mine"):
        trainer.fit(callbacks=[Broken()])
    # It stands between two batches, and goes on.
    assert trainer.epoch()["epoch"] == 1


def test_interrupting_keeps_the_run(stream, trained, tmp_path):
    """SIGINT ends a run with KeyboardInterrupt and a checkpoint, from which it
    goes on to the same figures."""
    script = tmp_path / "run.py"
    script.write_text(textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(pathlib.Path(__file__).parent)!r})
        import orcinus
        from conftest import model

        class Say:
            def on_epoch(self, metrics):
                print("epoch", flush=True)

        stream = orcinus.Stream.synthetic(nodes=80, events=1500, seed=4,
                                          features=2)
        trainer = orcinus.Trainer(stream, model(), epochs=int(sys.argv[1]),
                                  patience=0, seed=1, lr=1e-3, threads=1,
                                  checkpoint={str(tmp_path / "run")!r})
        try:
            report = trainer.fit(callbacks=[Say()], resume=True)
            print(report.ap)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        """))
    first = subprocess.Popen([sys.executable, script, "100000"],
                             stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline() == "epoch\n"
    first.send_signal(signal.SIGINT)
    output, _ = first.communicate(timeout=60)
    assert output.endswith("interrupted\n"), output
    assert first.returncode == 0
    options = orcinus.Trainer(stream, model(), epochs=1, patience=0, seed=1,
                              lr=1e-3, threads=1)
    options.load(tmp_path / "run")
    assert options.parameters.keys() == small(stream).parameters.keys()


def test_resuming_gives_the_same_figures(stream, trained, tmp_path):
    class Break:
        def on_batch(self, phase, epoch, *rest):
            if (phase, epoch) == ("train", 2):
                raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        small(stream, checkpoint=tmp_path / "run").fit(callbacks=[Break()])
    resumed = small(stream, checkpoint=tmp_path / "run").fit(resume=True)
    assert resumed.ap == trained[1].ap
    with pytest.raises(ValueError, match="already holds a checkpoint"):
        small(stream, checkpoint=tmp_path / "run").fit()


def test_parameters_are_read_and_written(stream):
    trainer = small(stream)
    name = next(iter(trainer.parameters))
    before = trainer.parameters[name].copy()
    trainer.parameters[name] = 0
    assert not trainer.parameters[name].any()
    trainer.parameters[name][...] = before
    assert np.array_equal(trainer.parameters[name], before)
    trainer.epoch()
    assert not np.array_equal(trainer.parameters[name], before)
    memory = trainer.states["state:memory"]
    assert memory.shape == (stream.num_nodes, 8) and memory.any()
    with pytest.raises(KeyError):
        trainer.parameters["nothing"]
    # What shows a trainer's values keeps it alive.
    kept = small(stream).parameters[name]
    assert np.isfinite(kept).all()


def test_labels_are_learnt(stream):
    kinds = ["even" if node % 2 == 0 else "odd" for node in stream.sources]
    labelled = orcinus.Stream.from_arrays(
        stream.sources, stream.destinations, stream.times,
        labels={"kind": kinds})
    labels = labelled.labels("node-classification")
    assert labels.classes == ["even", "odd"] and len(labels) == len(stream)
    trainer = orcinus.Trainer(labelled, model(), labels=labels, epochs=1,
                              threads=1)
    report = trainer.fit()
    assert 0 <= report.accuracy <= 1
    session = trainer.session()
    assert session.task == "node-classification"
    assert session.predict().shape == (session.num_nodes, 1)


def test_labels_of_nodes_come_from_a_frame(stream, tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"node": stream.names,
                              "label": [node % 3 for node in stream.names]})
    frame.to_csv(tmp_path / "labels.csv", index=False)
    labels = stream.labels("node-classification", frame)
    assert labels.classes == ["0", "1", "2"]
    runs = [orcinus.Trainer(stream, model(), labels=each, epochs=1, threads=1)
            .fit() for each in
            (labels, stream.labels("node-classification",
                                   tmp_path / "labels.csv"))]
    assert runs[0].test["accuracy"] == runs[1].test["accuracy"]
    frame.loc[0, "node"] = 10**6
    with pytest.raises(ValueError, match="1000000"):
        stream.labels("node-classification", frame)


def test_options_are_checked(stream):
    with pytest.raises(ValueError, match="Model has no option 'epochs' "
                                         "\\(Trainer takes it\\)"):
        orcinus.Model(epochs=3)
    with pytest.raises(ValueError, match="no option 'epoch'; there are: .*epochs"):
        orcinus.Trainer(stream, epoch=3)
    with pytest.raises(ValueError, match="epochs.*-1"):
        orcinus.Trainer(stream, epochs=-1)
    with pytest.raises(OSError, match="no model 'nothing'"):
        orcinus.Trainer(stream, "nothing")
    by_name = orcinus.Trainer(stream, "tgn", layers=1, dim=8, threads=1)
    assert by_name.model.option("dim") == "8"
    assert by_name.program.manifest["sizes"]["dim"] == 8
    assert {"dim", "lr", "columns", "block_size"} <= {
        option.name for option in orcinus.options.describe()}


def test_models_of_text(stream, tmp_path):
    text = orcinus.Model("tgat", dim=8).compile(stream).text
    (tmp_path / "mine.mlir").write_text(text)
    for mine in (orcinus.Model(tmp_path / "mine.mlir", dim=8, layers=1),
                 orcinus.Model(text=text, dim=8, layers=1)):
        assert np.isfinite(orcinus.Trainer(stream, mine, threads=1).step())
    with pytest.raises(orcinus.Error, match="expected"):
        orcinus.Model(text="tgnn.model @broken {").compile(stream)
    assert "tgn" in orcinus.model_names()


def test_costs_little_more_than_the_command():
    """A run asks for the interpreter's lock some twenty times a second, not for
    each batch."""
    calls = []

    class Count:
        def on_batch(self, *arguments):
            calls.append(arguments)

    stream = orcinus.Stream.synthetic(nodes=50, events=4000, seed=1)
    trainer = orcinus.Trainer(stream, model(), epochs=1, batch_size=10,
                              threads=1)
    trainer.fit(callbacks=[Count()])
    batches = calls[-1][3] + 300
    assert len(calls) < batches / 2
