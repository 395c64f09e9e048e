"""Checks what `orcinus eval` says of models without parameters.

    check_figures.py EVENTS FOLDER COMMAND...

COMMAND is `orcinus eval`. Negatives are drawn here and given as a file, the
models are computed once more in a few lines, and the figures by scikit-learn
and, where it is installed, by py-tgb's Evaluator.
"""

import csv
import json
import os
import random
import subprocess
import sys

import numpy as np
from sklearn.metrics import (average_precision_score, ndcg_score,
                             roc_auc_score)

try:
    from tgb.linkproppred.evaluate import Evaluator
except ImportError:
    Evaluator = None

BATCH = 150
NEGATIVES = 30
TOLERANCE = 1e-9


def read_events(path):
    with open(path) as file:
        return [(int(row["source"]), int(row["destination"]),
                 float(row["time"])) for row in csv.DictReader(file)]


class EdgeBank:
    def __init__(self):
        self.pairs = set()

    def score(self, source, destination):
        return float((source, destination) in self.pairs)

    def learn(self, batch):
        self.pairs.update((source, destination)
                          for source, destination, _ in batch)


class PopTrack:
    def __init__(self):
        self.popularity = {}

    def score(self, source, destination):
        return self.popularity.get(destination, 0.0)

    def learn(self, batch):
        for _, destination, _ in batch:
            self.popularity[destination] = 1 + self.score(None, destination)
        for destination in self.popularity:
            self.popularity[destination] *= 0.75


class Recency:
    def __init__(self):
        self.local = {}
        self.overall = {}

    def score(self, source, destination):
        # Below 2^21 seconds with one digit behind the point: exact together.
        return (self.local.get((source, destination), -1.0) * 2.0 ** 25 +
                self.overall.get(destination, -1.0))

    def learn(self, batch):
        for source, destination, time in batch:
            self.local[source, destination] = time
            self.overall[destination] = time


def in_batches(events):
    return [events[begin:begin + BATCH]
            for begin in range(0, len(events), BATCH)]


def draw_negatives(events, path):
    """Negatives of each (source, destination, time), written to a file."""
    nodes = sorted({event[1] for event in events})
    draw = random.Random(1)
    negatives = {}
    for event in events:
        if event not in negatives:
            # Repeatable ones among them: they count twice.
            negatives[event] = [draw.choice(nodes)
                                for _ in range(draw.randrange(1, NEGATIVES))]
    with open(path, "w") as file:
        for (source, destination, time), others in negatives.items():
            print(source, destination, time, *others, file=file)
    return negatives


def mean_rank(positive, others):
    return 1 + np.sum(others > positive) + np.sum(others == positive) / 2


def compare_with_tgb(rows, result):
    """py-tgb ranks one event at a time, in single precision."""
    evaluator = Evaluator(name="tgbl-wiki")
    told = [evaluator.eval({"y_pred_pos": np.array([positive]),
                            "y_pred_neg": others, "eval_metric": ["mrr"]})
            for positive, others in rows]
    for figure, name in (("mrr", "mrr"), ("hits10", "hits@10")):
        if name in told[0]:
            value = np.mean([float(each[name]) for each in told])
            if abs(value - result[figure]) > 1e-6:
                sys.exit("py-tgb's %s is %r, not %r" %
                         (name, value, result[figure]))


def figures_of(scored):
    """Of batches of (positive score, scores of its negatives)."""
    result = {}
    by_batch = []
    for batch in scored:
        if batch:
            positives = [positive for positive, _ in batch]
            others = np.concatenate([others for _, others in batch])
            truth = [1] * len(positives) + [0] * len(others)
            scores = np.concatenate([positives, others])
            by_batch.append((average_precision_score(truth, scores),
                             roc_auc_score(truth, scores)))
    result["ap"], result["auc"] = np.mean(by_batch, axis=0)
    rows = [row for batch in scored for row in batch]
    ranks = np.array([mean_rank(*row) for row in rows])
    result["mrr"] = np.mean(1 / ranks)
    for k in (1, 3, 10):
        result["hits%d" % k] = np.mean(ranks <= k)
    result["ndcg10"] = np.mean([
        ndcg_score([[1] + [0] * len(others)],
                   [np.concatenate([[positive], others])], k=10)
        for positive, others in rows])
    result["events"] = len(rows)
    if Evaluator:
        compare_with_tgb(rows, result)
    return result


def evaluate(model, events, negatives):
    """The figures under the protocol tgb, as `orcinus eval` names them."""
    times = [time for _, _, time in events]
    first_cut, second_cut = np.quantile(times, [0.7, 0.85])
    train = [event for event in events if event[2] <= first_cut]
    parts = {"val_": [event for event in events
                      if first_cut < event[2] <= second_cut],
             "": [event for event in events if event[2] > second_cut]}
    known = {node for event in train for node in event[:2]}
    for batch in in_batches(train):
        model.learn(batch)
    result = {}
    for prefix, part in parts.items():
        scored, new = [], []
        for batch in in_batches(part):
            rows = [(model.score(event[0], event[1]),
                     np.array([model.score(event[0], other)
                               for other in negatives[event]]))
                    for event in batch]
            scored.append(rows)
            new.append([row for row, event in zip(rows, batch)
                        if not known.issuperset(event[:2])])
            model.learn(batch)
        for name, value in figures_of(scored).items():
            result[prefix + name] = value
        if any(new):
            for name, value in figures_of(new).items():
                result[prefix + name + "_inductive"] = value
    return result


def main():
    events_path, folder, command = sys.argv[1], sys.argv[2], sys.argv[3:]
    events = read_events(events_path)
    negatives_path = os.path.join(folder, "negatives.txt")
    metrics_path = os.path.join(folder, "metrics.jsonl")
    negatives = draw_negatives(events, negatives_path)
    compared = 0
    for name, model in (("edgebank", EdgeBank()), ("poptrack", PopTrack()),
                        ("recency", Recency())):
        decay = ["--poptrack-decay", "0.75"] if name == "poptrack" else []
        subprocess.run(
            command + ["--data", events_path, "--model", name, "--protocol",
                       "tgb", "--negatives", negatives_path, "--eval-batch",
                       str(BATCH), "--metrics", metrics_path] + decay,
            check=True, stdout=subprocess.DEVNULL)
        with open(metrics_path) as file:
            told = json.loads(file.readlines()[-1])
        for figure, value in evaluate(model, events, negatives).items():
            if abs(told[figure] - value) > TOLERANCE:
                sys.exit("%s: %s is %r, but %r by scikit-learn" %
                         (name, figure, told[figure], value))
            compared += 1
    print("%d figures agree%s" % (compared, ", ranks also by py-tgb" if Evaluator
                                  else ""))


if __name__ == "__main__":
    main()
