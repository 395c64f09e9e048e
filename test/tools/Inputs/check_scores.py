#!/usr/bin/env python3
"""Compares the scores of a test with what it printed and with predict's.

    check_scores.py SCORES METRICS PREDICTED [--batch N]

AP and AUC are computed from the scores of each batch of N events, by
scikit-learn where it is installed and else by their definitions, and averaged.
They must be those of METRICS' line; the last column of PREDICTED must be the
scores. Prints a line, and exits with 1 at a difference.
"""

import argparse
import csv
import json
import sys


def average_precision(labels, scores):
    """The mean, over the positives, of the precision at their scores."""
    precision = total = 0
    for score in sorted(set(scores), reverse=True):
        here = [label for label, other in zip(labels, scores) if other >= score]
        recalled = sum(1 for label, other in zip(labels, scores)
                       if other == score and label)
        precision += recalled * sum(here) / len(here)
        total += recalled
    return precision / total


def area_under_curve(labels, scores):
    """How often a positive stands above a negative; half for a tie."""
    above = [(positive > negative) + (positive == negative) / 2
             for label, positive in zip(labels, scores) if label
             for other, negative in zip(labels, scores) if not other]
    return sum(above) / len(above)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("scores")
    parser.add_argument("metrics")
    parser.add_argument("predicted")
    parser.add_argument("--batch", type=int, default=200)
    arguments = parser.parse_args()
    precision, area = average_precision, area_under_curve
    try:
        from sklearn.metrics import average_precision_score, roc_auc_score
        precision, area = average_precision_score, roc_auc_score
    except ImportError:
        pass
    with open(arguments.scores) as file:
        rows = list(csv.DictReader(file))
    with open(arguments.predicted) as file:
        predicted = [row[-1] for row in csv.reader(file)][1:]
    with open(arguments.metrics) as file:
        wanted = json.loads(file.readlines()[-1])
    if predicted != [row["score"] for row in rows]:
        sys.exit("predict gives other scores")
    size = 2 * arguments.batch
    batches = [rows[at:at + size] for at in range(0, len(rows), size)]
    for name, figure in (("ap", precision), ("auc", area)):
        found = sum(figure([int(row["label"]) for row in batch],
                           [float(row["score"]) for row in batch])
                    for batch in batches) / len(batches)
        if abs(found - wanted[name]) > 1e-9:
            sys.exit("%s is %r, but the test printed %r" % (
                name, found, wanted[name]))
    print("AP and AUC of %d scores are those of the test; predict gives the "
          "same scores" % len(rows))


main()
