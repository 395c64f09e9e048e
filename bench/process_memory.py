#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The memory that each process of a run takes, by where the states of nodes are.

    process_memory.py ORCINUS EVENTS [--processes 1,2,4] [--option=--dim=32 …]

EVENTS is what `orcinus convert` wrote, which is mapped. For each number of
processes one epoch of tgn is trained and tested, in as many shards as the
largest number has processes, with the states replicated and sharded. While it
runs, the memory of each process that no file backs (RssAnon: states and caches,
their best copies where they are replicated, parameters, code) is read ten times a
second. Prints what of it is rows of nodes and of caches, the rest of it, the
largest of any process, and the shares of the rows and of the largest in what they
are where the states are replicated.
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

from compare_processes import Runs


def anonymous_bytes(pid):
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) << 10
    except OSError:
        pass
    return 0


def trainers_below(pid, program):
    """The processes of `program` that `pid` has started, or is."""
    found, open_ones = [], [pid]
    while open_ones:
        each = open_ones.pop()
        try:
            tasks = pathlib.Path(f"/proc/{each}/task")
            for task in tasks.iterdir():
                open_ones += map(int, (task / "children").read_text().split())
            if os.path.realpath(f"/proc/{each}/exe") == program:
                found.append(each)
        except OSError:
            pass
    return found


def run(arguments, runs, processes, state, metrics):
    command = runs.command(
        processes, "--data", arguments.events, "--shards",
        str(max(arguments.processes)), "--state", state, "--threads", "1",
        "--epochs", "1", "--metrics", metrics, *arguments.option)
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                             env=runs.environment)
    peaks = {}
    while child.poll() is None:
        for pid in trainers_below(child.pid, runs.orcinus):
            peaks[pid] = max(peaks.get(pid, 0), anonymous_bytes(pid))
        time.sleep(0.1)
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    return peaks.values()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("orcinus")
    parser.add_argument("events")
    parser.add_argument("--processes", default="1,2,4",
                        type=lambda text: [int(each) for each in text.split(",")])
    parser.add_argument("--option", action="append", default=[])
    arguments = parser.parse_args()
    figures = set()
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(os.path.realpath(arguments.orcinus), folder)
        print(f"{'processes':>9} {'states':<10} {'states MiB':>10} {'rest':>6} "
              f"{'largest':>7} {'states':>6} {'largest':>7}")
        for processes in arguments.processes:
            whole = None
            for state in ("replicated", "sharded"):
                metrics = f"{folder}/{processes}-{state}"
                peak = max(run(arguments, runs, processes, state, metrics))
                whole = whole or peak
                last = pathlib.Path(metrics).read_text().splitlines()[-1]
                test = json.loads(last)
                rows = test["state_bytes"]
                print(f"{processes:>9} {state:<10} {rows / 2**20:>10.0f} "
                      f"{(peak - rows) / 2**20:>6.0f} {peak / 2**20:>7.0f} "
                      f"{rows / test['whole_state_bytes']:>6.2f} "
                      f"{peak / whole:>7.2f}", flush=True)
                figures.add(last.split('"compile_seconds"')[0])
    if len(figures) != 1:
        raise SystemExit(f"the figures differ: {figures}")
    print("figures: the same")


if __name__ == "__main__":
    main()
