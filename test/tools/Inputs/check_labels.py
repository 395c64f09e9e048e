"""Checks the figures of labels that `orcinus` gives, by scikit-learn.

    check_labels.py FOLDER ORCINUS...

Makes a stream whose labels can be learnt, of each kind, trains a small model,
tests it, asks for what it predicts of each label of the test, and computes the
figures of these.
"""

import csv
import json
import math
import os
import random
import subprocess
import sys

import numpy as np
from sklearn.metrics import (accuracy_score, average_precision_score, f1_score,
                             mean_absolute_error, mean_squared_error,
                             ndcg_score, r2_score, roc_auc_score)

EVENTS = 1500
SMALL = ["--layers", "1", "--dim", "8", "--neighbours", "3",
         "--threads", "1", "--lr", "0.01", "--batch-size", "50", "--epochs",
         "2"]


def make_stream(path):
    """Events, and labels by how long their source has waited."""
    draw = random.Random(5)
    last = {}
    time = 0
    with open(path, "w") as file:
        file.write("source,destination,time,two,four,wait\n")
        for _ in range(EVENTS):
            time += draw.choice([1, 1, 2, 9])
            source, destination = draw.sample(range(40), 2)
            wait = math.log1p(time - last.get(source, 0))
            last[source] = last[destination] = time
            four = "abcd"[min(int(wait), 3)]
            file.write(f"n{source},n{destination},{time},{int(wait > 3)},"
                       f"{four},{wait:.4f}\n")


def read_rows(path):
    with open(path) as file:
        return list(csv.DictReader(file))


def run(command, *arguments):
    done = subprocess.run([*command, *arguments], capture_output=True,
                          text=True)
    if done.returncode:
        sys.exit(f"{arguments}: {done.stderr}")


def figures_of(folder, command, data, task, labels, model="tgn"):
    """Trains and tests; returns what `eval` says."""
    checkpoint = os.path.join(folder, task)
    run(command, "train", "--data", data, "--model", model, *SMALL, "--task",
        task, *labels, "--checkpoint", checkpoint)
    metrics = os.path.join(folder, task + ".json")
    run(command, "eval", "--checkpoint", checkpoint, "--data", data, *labels,
        "--threads", "1", "--metrics", metrics)
    with open(metrics) as file:
        return json.load(file)


def predictions_of(folder, command, data, task, queries, top):
    """The rows of `orcinus predict` of queries (node, time, event)."""
    nodes = os.path.join(folder, task + "-queries.csv")
    with open(nodes, "w") as file:
        file.write("node,time,event\n")
        for query in queries:
            file.write(",".join(map(str, query)) + "\n")
    result = os.path.join(folder, task + "-predictions.csv")
    run(command, "predict", "--checkpoint", os.path.join(folder, task),
        "--data", data, "--nodes", nodes, "-o", result, "--threads", "1",
        *(["--top", str(top)] if top else []))
    return read_rows(result)


def matrix_of(rows, classes):
    """A row a query, with the probability of each class."""
    scores = np.zeros((len(rows) // len(classes), len(classes)))
    for place, row in enumerate(rows):
        query = place // len(classes)
        scores[query, classes.index(row["class"])] = float(row["score"])
    return scores


def expect(task, figures, name, wanted):
    if not math.isclose(figures[name], wanted, rel_tol=1e-5, abs_tol=1e-6):
        sys.exit(f"{task}: {name} is {figures[name]}, but by scikit-learn "
                 f"{wanted}")


def check_stream_labels(folder, command, data):
    """Labels of the events' sources."""
    rows = read_rows(data)
    cut = np.quantile([float(row["time"]) for row in rows], 0.85)
    test = [event for event, row in enumerate(rows)
            if float(row["time"]) > cut]
    queries = [(rows[event]["source"], rows[event]["time"], event)
               for event in test]
    for column, classes in ("two", "01"), ("four", "abcd"):
        # Two runs of one task: each has a folder of its own.
        own = os.path.join(folder, column)
        os.makedirs(own)
        task = "node-classification"
        figures = figures_of(own, command, data, task,
                             ["--label-columns", column])
        scores = matrix_of(predictions_of(own, command, data, task, queries,
                                          len(classes)), list(classes))
        actual = [classes.index(rows[event][column]) for event in test]
        chosen = scores.argmax(axis=1)
        expect(task, figures, "accuracy", accuracy_score(actual, chosen))
        if column == "two":
            expect(task, figures, "auc", roc_auc_score(actual, scores[:, 1]))
            expect(task, figures, "ap",
                   average_precision_score(actual, scores[:, 1]))
        else:
            expect(task, figures, "f1",
                   f1_score(actual, chosen, average="macro"))
    task = "node-regression"
    figures = figures_of(folder, command, data, task,
                         ["--label-columns", "wait"])
    predicted = [float(row["prediction"]) for row in
                 predictions_of(folder, command, data, task, queries, 0)]
    actual = [float(rows[event]["wait"]) for event in test]
    expect(task, figures, "rmse",
           math.sqrt(mean_squared_error(actual, predicted)))
    expect(task, figures, "mae", mean_absolute_error(actual, predicted))
    expect(task, figures, "r2", r2_score(actual, predicted))


def check_shares(folder, command, data):
    """Shares of classes, of some nodes every hundred seconds."""
    rows = read_rows(data)
    times = [float(row["time"]) for row in rows]
    draw = random.Random(9)
    nodes = sorted({row["source"] for row in rows})
    classes = [f"c{number}" for number in range(13)]
    path = os.path.join(folder, "shares.csv")
    labels = []
    with open(path, "w") as file:
        file.write("ts,user,class,weight\n")
        for time in range(50, int(times[-1]), 100):
            for node in draw.sample(nodes, 7):
                weights = np.zeros(len(classes))
                for _ in range(3):
                    place = draw.randrange(len(classes))
                    weights[place] = draw.choice([0.25, 0.5, 1.0])
                labels.append((time, node, weights))
                for place in np.nonzero(weights)[0]:
                    file.write(f"{time},{node},{classes[place]},"
                               f"{weights[place]}\n")
    task = "node-property"
    figures = figures_of(folder, command, data, task, ["--labels", path],
                         "tgat")
    first = next(event for event, time in enumerate(times)
                 if time > np.quantile(times, 0.85))
    test = [(time, node, weights) for time, node, weights in labels
            if time > times[first - 1]]
    # A model without states, to which the batch of a query makes no difference.
    queries = [(node, time, "") for time, node, _ in test]
    scores = matrix_of(predictions_of(folder, command, data, task, queries,
                                      len(classes)), sorted(classes))
    order = [sorted(classes).index(name) for name in classes]
    gains = {}
    for (time, _, weights), row in zip(test, scores):
        gains.setdefault(time, []).append(
            ndcg_score([weights], [row[order]], k=10))
    wanted = np.mean([np.mean(each) for each in gains.values()])
    expect(task, figures, "ndcg10", wanted)


def main():
    folder, *command = sys.argv[1:]
    data = os.path.join(folder, "events.csv")
    make_stream(data)
    check_stream_labels(folder, command, data)
    check_shares(folder, command, data)


main()
