"""Protocols, plans and tuning say what the command says."""

import json

import numpy as np
import pytest

import orcinus
from conftest import write_product


def test_heuristics_are_those_of_the_command(stream, tmp_path):
    stream.write(tmp_path / "events.csv")
    for arguments, options in [
            ({"model": "edgebank", "mode": "threshold"},
             {"model": "edgebank", "edgebank_mode": "threshold"}),
            ({"model": "recency", "order": "gr,lr"},
             {"model": "recency", "recency_order": "gr,lr"}),
            ({"model": "poptrack", "decay": 0.5},
             {"model": "poptrack", "poptrack_decay": 0.5})]:
        orcinus.tools.run("eval", data=tmp_path / "events.csv", protocol="tgb",
                          negatives="random", negatives_per_event=20,
                          metrics=tmp_path / "metrics.jsonl", **options)
        line = json.loads((tmp_path / "metrics.jsonl").read_text()
                          .splitlines()[-1])
        evaluation = orcinus.evaluate_heuristic(
            stream, protocol="tgb", negatives="random",
            negatives_per_event=20, **arguments)
        for name in ("mrr", "val_mrr", "hits10", "ap"):
            assert evaluation[name] == line[name], (arguments, name)
        assert evaluation.mrr == evaluation["mrr"]
        sample = orcinus.evaluate_heuristic(
            stream, protocol="tgb", negatives="random",
            negatives_per_event=20, score_every=7, **arguments)
        assert sample.events == -(-evaluation.events // 7)
    with pytest.raises(ValueError, match="no model 'oracle'"):
        orcinus.evaluate_heuristic(stream, "oracle")
    with pytest.raises(ValueError, match="no mode 'all'"):
        orcinus.evaluate_heuristic(stream, mode="all")
    with pytest.raises(ValueError, match="no protocol 'mine'"):
        orcinus.evaluate_heuristic(stream, protocol="mine")
    with pytest.raises(ValueError, match="lag is batch or timestamp"):
        orcinus.evaluate_heuristic(stream, lag="none")
    with pytest.raises(ValueError, match="score_every is at least 1"):
        orcinus.evaluate_heuristic(stream, score_every=0)


def test_checkpoints_by_timestamp(stream, trained):
    batch = orcinus.evaluate_checkpoint(trained[0], stream, protocol="tgb",
                                        negatives="random",
                                        negatives_per_event=5, threads=1)
    exact = orcinus.evaluate_checkpoint(trained[0], stream, protocol="tgb",
                                        negatives="random", lag="timestamp",
                                        negatives_per_event=5, threads=1)
    assert 0 < batch.mrr <= 1 and 0 < exact.mrr <= 1
    assert batch.mrr != exact.mrr
    assert np.isnan(batch.ap_split)


def test_kept_scores_give_the_figures(stream, trained):
    """By the rules of py-tgb's evaluator, and, where it is installed, by it."""
    evaluation = orcinus.evaluate_checkpoint(
        trained[0], stream, protocol="tgb", negatives="random",
        negatives_per_event=30, threads=1, keep_scores=True)
    kept = evaluation.scores
    tests = stream.split(protocol="tgb")["test"]
    assert np.array_equal(kept["events"], tests)
    assert np.array_equal(kept["sources"], stream.sources[tests])
    first = kept["offsets"][:-1]
    assert np.array_equal(kept["destinations"][first],
                          stream.destinations[tests])
    queries = np.split(kept["scores"], kept["offsets"][1:-1])
    ranks = np.array([1 + (scores[1:] > scores[0]).sum()
                      + (scores[1:] == scores[0]).sum() / 2
                      for scores in queries])
    assert np.mean(1 / ranks) == pytest.approx(evaluation.mrr, abs=1e-12)
    assert np.mean(ranks <= 10) == pytest.approx(evaluation.hits10, abs=1e-12)
    evaluate = pytest.importorskip("tgb.linkproppred.evaluate")
    evaluator = evaluate.Evaluator(name="tgbl-wiki")
    theirs = [evaluator.eval({"y_pred_pos": scores[:1],
                              "y_pred_neg": scores[1:],
                              "eval_metric": ["mrr"]})["mrr"]
              for scores in queries]
    assert np.mean(theirs) == pytest.approx(evaluation.mrr, abs=1e-6)


def test_plans_are_those_of_the_command(stream, tmp_path):
    stream.write(tmp_path / "events.csv")
    for policy in ("mrd", "lru"):
        said = json.loads(orcinus.tools.run(
            "plan", data=tmp_path / "events.csv", policy=policy, capacity=20,
            max_age=5, json=True))
        plan = orcinus.plan(stream, policy=policy, capacity=20, max_age=5)
        del said["plan_seconds"], plan["plan_seconds"]
        assert plan == said
    assert orcinus.plan(stream, memory="8KiB")["hits"] > 0
    with pytest.raises(ValueError, match="oracle"):
        orcinus.plan(stream, policy="oracle")


def test_the_tool_says_its_errors(tmp_path):
    with pytest.raises(ValueError, match="cannot open"):
        orcinus.tools.run("info", tmp_path / "nothing")
    with pytest.raises(ValueError, match="give one of them"):
        orcinus.tune(tmp_path / "tuning.db")


def test_tuning_makes_a_database_that_models_use(tmp_path):
    operators = write_product(tmp_path / "product.mlir", 64, 48, 32)
    report = orcinus.tune(tmp_path / "tuning.db", operators=operators,
                          trials=3, threads=1, strategy="search")
    assert len(report["operators"]) == 1
    assert report["operators"][0]["microseconds"] > 0
    assert (tmp_path / "tuning.db").exists()
