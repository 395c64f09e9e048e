#!/usr/bin/env python3
# ===- compare_sweep.py - Predicted against measured epochs ------------------===#
#
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""Compares what `orcinus plan --sweep` says of an epoch with what `orcinus
train` then does and takes. Each round sweeps once and trains an epoch with each
capacity; a row has the medians over the rounds. Rows and reuse must agree
exactly, or it fails."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile


def sweep(arguments):
    """The points by their options."""
    command = [arguments.orcinus, "plan", "--sweep", "--json",
               "--data", arguments.data, "--model", arguments.model,
               "--layers", str(arguments.layers),
               "--threads", str(arguments.threads)]
    if arguments.capacities:
        command += ["--capacities", arguments.capacities]
    if arguments.memories:
        command += ["--memories", arguments.memories]
    output = subprocess.run(command, check=True, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return {point["option"]: point
            for point in json.loads(output.stdout)["points"]}


def train(arguments, option):
    """The metrics of an epoch."""
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as metrics:
        subprocess.run([arguments.orcinus, "train", "--data", arguments.data,
                        "--model", arguments.model,
                        "--layers", str(arguments.layers),
                        "--threads", str(arguments.threads), "--epochs", "1",
                        "--reuse", "recompute", *option.split(),
                        "--metrics", metrics.name],
                       check=True, stdout=subprocess.DEVNULL)
        return json.loads(metrics.readline())


def check(point, epoch):
    """Fails where the epoch is not what was said of it."""
    for name in ("hits", "recomputed", "out_of_batch_reads", "max_age"):
        if point[name] != epoch["reuse"][name]:
            sys.exit(f"{point['option']}: {name} was to be {point[name]}, but "
                     f"is {epoch['reuse'][name]}")
    if point["rows"] != epoch["rows"]:
        sys.exit(f"{point['option']}: rows were to be {point['rows']}, but are "
                 f"{epoch['rows']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orcinus", default="build/bin/orcinus")
    parser.add_argument("--data", required=True)
    parser.add_argument("--model", default="tgn")
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--capacities")
    parser.add_argument("--memories")
    arguments = parser.parse_args()

    predicted, measured, points = {}, {}, {}
    for _ in range(arguments.rounds):
        points = sweep(arguments)
        for option, point in points.items():
            epoch = train(arguments, option)
            check(point, epoch)
            predicted.setdefault(option, []).append(point["train_seconds"])
            measured.setdefault(option, []).append(epoch["train_seconds"])
    print("| option | hits | rows recomputed | mean age | predicted, s | "
          "measured, s | predicted / measured |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for option, point in points.items():
        left = statistics.median(predicted[option])
        right = statistics.median(measured[option])
        hits = point["hits"] / max(point["out_of_batch_reads"], 1)
        print(f"| {option} | {100 * hits:.1f} % | {point['recomputed']} | "
              f"{point['mean_age']:.2f} | {left:.2f} | {right:.2f} | "
              f"{left / right:.2f} |")


if __name__ == "__main__":
    main()
