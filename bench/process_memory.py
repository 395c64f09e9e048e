#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The memory that each process of a run takes, by where the states of nodes are.

    process_memory.py ORCINUS EVENTS [--processes 1,2,4] [--option=--dim=32 …]

EVENTS is what `orcinus convert` wrote, which is mapped. For each number of
processes one epoch of tgn is trained and tested, in as many shards as the
largest number has processes, with the states replicated and sharded. While it
runs, the memory of each process that no file backs (RssAnon: the states, their
best copies, parameters, code) is read ten times a second. Prints the largest of
each run, and what it is to that of the states replicated.
"""

import argparse
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
    return sorted(peaks.values(), reverse=True)


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
        print(f"{'processes':>9} {'states':<10} {'largest MiB':>11} "
              f"{'smallest':>8} {'share':>6}")
        for processes in arguments.processes:
            whole = None
            for state in ("replicated", "sharded"):
                metrics = f"{folder}/{processes}-{state}"
                peaks = run(arguments, runs, processes, state, metrics)
                whole = whole or peaks[0]
                print(f"{processes:>9} {state:<10} {peaks[0] / 2**20:>11.0f} "
                      f"{peaks[-1] / 2**20:>8.0f} {peaks[0] / whole:>6.2f}",
                      flush=True)
                last = pathlib.Path(metrics).read_text().splitlines()[-1]
                figures.add(last.split('"compile_seconds"')[0])
    if len(figures) != 1:
        raise SystemExit(f"the figures differ: {figures}")
    print("figures: the same")


if __name__ == "__main__":
    main()
