#!/usr/bin/env python3
# ===- compare_reuse.py - Epochs of training by mode of reuse ----------------===#
#
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""Trains one epoch at a time in each mode of reuse, in turns, and prints the
median time of an epoch's training as a multiple of push-pull's, the rows that
each layer computes, and the peak of the resident memory."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

MODES = {
    "exact": [],
    "push-pull, paper": ["--reuse", "push-pull"],
    "push-pull, causal": ["--reuse", "push-pull", "--share", "causal"],
    "recompute, separate, m = 0, gradient not blocked":
        ["--reuse", "recompute", "--share", "separate", "--capacity", "0",
         "--no-block-gradient"],
    "recompute, m = 1000": ["--reuse", "recompute", "--capacity", "1000"],
    "recompute, m = 100": ["--reuse", "recompute", "--capacity", "100"],
}


def train(arguments, options):
    """The epoch's metrics, and the peak memory in MiB."""
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as metrics:
        command = [arguments.orcinus, "train", "--data", arguments.data,
                   "--model", arguments.model, "--layers", str(arguments.layers),
                   "--threads", str(arguments.threads), "--epochs", "1",
                   "--metrics", metrics.name, *options]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit(f"failed: {' '.join(command)}")
        return json.loads(metrics.readline()), usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orcinus", default="build/bin/orcinus")
    parser.add_argument("--data", required=True)
    parser.add_argument("--model", default="tgn")
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--modes", nargs="*", default=list(MODES),
                        choices=list(MODES))
    arguments = parser.parse_args()

    runs = {mode: [] for mode in arguments.modes}
    for _ in range(arguments.rounds):
        for mode in arguments.modes:
            runs[mode].append(train(arguments, MODES[mode]))
    seconds = {mode: statistics.median(epoch["train_seconds"]
                                       for epoch, _ in results)
               for mode, results in runs.items()}
    base = seconds.get("push-pull, paper", min(seconds.values()))
    print("| mode | time | rows, first layer first | peak memory, MiB |")
    print("|---|--:|---|--:|")
    for mode, results in runs.items():
        rows = ", ".join(str(count) for count in results[0][0]["rows"])
        memory = statistics.median(peak for _, peak in results)
        print(f"| {mode} | {seconds[mode] / base:.2f} | {rows} | {memory:.0f} |")


if __name__ == "__main__":
    main()
