#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Many processes: whether a run is the same on any number of them, what two of
one thread cost beside one of two threads, and what `orcinus plan --processes`
says of them.

    compare_processes.py [--orcinus build/bin/orcinus] --data FILE...
                         [--rounds N] [--batches 200,1000,4000]
    compare_processes.py --data FILE --predict [--rounds N] [--batches …]
                         [--bandwidth 5GB] [--latency 2]
    compare_processes.py --data FILE --evaluate N
    compare_processes.py --data FILE --kills N

Of each file one epoch of tgn is trained in four shards by 1, 2 and 4 processes,
without reuse and with each mode of it, with states replicated and sharded, whose
figures must be the same to the last digit; the seconds of such an epoch, its
validation and test with sharded states are told as a multiple of those with
replicated ones. Then, by turns, in two shards by one process of two threads and by
two of one thread: the ratio of the medians of an epoch's seconds, the second
over the first.

With --predict an epoch in four shards is planned, and then trained by 1, 2 and 4
processes of one thread, by turns: measured over predicted seconds, and what a
process sends in a step. Where there are fewer processors than processes, they
take as many times as long.

With --evaluate the test under TGB's protocol with N random negatives an event is
scored by 1, 2 and 4 processes: the processor time of the first one, to that of
one alone.

With --kills a run is killed so many times, one of its two or four processes at a
time and at random, and resumed on another number of them: each time all must be
gone within seconds, with one line that names the process that was killed, and
the run must end with the figures of one that was not.
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent
                    / "test" / "tools" / "Inputs"))
import launched_runs

SECONDS = ("train_seconds", "val_seconds", "compile_seconds", "test_seconds",
           "total_seconds")
# What a process holds of the states.
HELD = ("state_bytes",)


class Runs:
    def __init__(self, orcinus, folder):
        self.orcinus, self.folder = orcinus, folder
        self.environment = launched_runs.environment()

    def command(self, processes, *options, command="train"):
        return [*launched_runs.launch(processes), self.orcinus, command,
                *options]

    def output(self, command):
        return subprocess.run(command, check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.environment).stdout

    def figures(self, name, processes, *options):
        """The lines of metrics, with and without what the clock says."""
        path = os.path.join(self.folder, name)
        subprocess.run(self.command(processes, *options, "--metrics", path),
                       check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE, env=self.environment)
        with open(path) as file:
            return [json.loads(line) for line in file]


def without_seconds(lines):
    return [{name: value for name, value in line.items()
             if name not in SECONDS + HELD} for line in lines]


def seconds_of(lines):
    """Of the epoch with its validation, and of the test."""
    return (lines[0]["train_seconds"] + lines[0]["val_seconds"]
            + lines[-1]["test_seconds"])


def compare(runs, data, batches, rounds):
    common = ["--data", data, "--model", "tgn", "--patience", "0", "--seed",
              "1", "--epochs", "1"]
    for reuse in ("none", "push-pull", "recompute"):
        lines = {(count, state): runs.figures(
            f"same-{count}-{state}", count, *common, "--shards", "4",
            "--threads", "1", "--reuse", reuse, "--state", state)
            for count in (1, 2, 4) for state in ("replicated", "sharded")}
        outcomes = [without_seconds(each) for each in lines.values()]
        if any(outcome != outcomes[0] for outcome in outcomes):
            sys.exit(f"{data}, reuse {reuse}: the run differs between 1, 2 and "
                     "4 processes, or with states replicated and sharded")
        times = ", ".join(
            f"{seconds_of(lines[count, 'sharded']) / seconds_of(lines[count, 'replicated']):.2f}"
            for count in (1, 2, 4))
        print(f"{data}, reuse {reuse}: the same run on 1, 2 and 4 processes and "
              f"with sharded states, which take {times} times as long; test AP "
              f"{outcomes[0][-1]['ap']:.4f}", flush=True)
    for batch in batches:
        options = [*common, "--shards", "2", "--batch-size", str(batch)]
        seconds = {1: [], 2: []}
        for each in range(rounds):
            for count in (1, 2):
                lines = runs.figures(f"time-{count}-{each}", count, *options,
                                     "--threads", str(2 // count))
                seconds[count].append(lines[0]["train_seconds"])
        ratio = statistics.median(seconds[2]) / statistics.median(seconds[1])
        print(f"{data}, batches of {batch}: two processes of one thread take "
              f"{ratio:.2f} times as long as one of two, {rounds} rounds")


def predict(runs, data, batches, rounds, network):
    for batch in batches:
        common = ["--data", data, "--model", "tgn", "--seed", "1",
                  "--batch-size", str(batch), "--shards", "4", "--threads", "1"]
        plan = json.loads(runs.output(runs.command(
            1, *common, "--layers", "2", "--mask-nodes", "0.1", *network,
            "--processes", "1,2,4", "--json", command="plan")))
        seconds = {1: [], 2: [], 4: []}
        for each in range(rounds):
            for count in seconds:
                lines = runs.figures(f"predicted-{count}-{each}", count,
                                     *common, "--patience", "0", "--epochs",
                                     "1")
                seconds[count].append(lines[0]["train_seconds"])
        for point in plan["points"]:
            count = point["processes"]
            crowd = max(1.0, count / os.cpu_count())
            predicted = crowd * point["train_seconds"]
            measured = statistics.median(seconds[count])
            print(f"{data}, batches of {batch}, {count} processes: "
                  f"{point['messages']:.0f} messages and {point['bytes']:.0f} "
                  f"bytes a step; predicted {predicted:.2f} s"
                  f"{f' ({crowd:.0f} a processor)' if crowd > 1 else ''}, "
                  f"measured {measured:.2f} s, {measured / predicted:.2f} times "
                  "as long", flush=True)


def evaluate(runs, data, negatives):
    folder = os.path.join(runs.folder, "evaluated")
    runs.figures("trained", 1, "--data", data, "--model", "tgn", "--epochs", "1",
                 "--seed", "1", "--checkpoint", folder)
    figures, seconds = {}, {}
    for count in (1, 2, 4):
        path = os.path.join(runs.folder, f"evaluated-{count}")
        runs.output(runs.command(
            count, "--data", data, "--checkpoint", folder, "--protocol", "tgb",
            "--negatives", "random", "--negatives-per-event", str(negatives),
            "--threads", "1", "--metrics", path, command="eval"))
        with open(path) as file:
            figures[count] = json.loads(file.readline())
        seconds[count] = figures[count].pop("processor_seconds")
        if figures[count] != figures[1]:
            sys.exit(f"{data}: the test differs between 1 and {count} processes")
        print(f"{data}, {negatives} negatives: the first of {count} processes "
              f"computes {seconds[count] / seconds[1]:.2f} times as long as one "
              "alone", flush=True)


def killed_once(runs, processes, options, generator):
    """Starts a run and kills one of its processes: how long the others lived,
    and whether mpirun then ended, too; None where the run had ended."""
    run = launched_runs.start([runs.orcinus, "train", *options], processes,
                              "train")
    time.sleep(generator.random() * 1.5)
    outcome = launched_runs.kill_one(run, "train", generator)
    if outcome is None:
        run.communicate()
        return None
    return outcome[0], outcome[2]


def kill(runs, data, kills):
    common = ["--data", data, "--model", "tgn", "--layers", "1", "--dim", "16",
              "--patience", "0", "--seed", "1", "--epochs", str(2 * kills),
              "--shards", "4", "--threads", "1", "--batch-size", "1000",
              "--reuse", "none"]
    expected = without_seconds(runs.figures("undisturbed", 1, *common))
    folder = os.path.join(runs.folder, "killed")
    path = os.path.join(runs.folder, "killed.jsonl")
    generator = random.Random(1)
    options = [*common, "--checkpoint", folder, "--resume", "--metrics", path,
               "--checkpoint-batches", "2"]
    lives, hung = [], 0
    while len(lives) != kills:
        outcome = killed_once(runs, generator.choice((2, 4)), options,
                              generator)
        if outcome is None:
            break
        lives.append(outcome[0])
        hung += not outcome[1]
    runs.output(runs.command(2, *options))
    with open(path) as file:
        lines = without_seconds(map(json.loads, file))
    if lines != expected:
        sys.exit("the killed run has other figures than the undisturbed one")
    print(f"{len(lives)} kills, each ended all processes within "
          f"{max(lives):.1f} s, with one line that named it, but for {hung} in "
          "which mpirun itself hung, once they were gone; then the figures of "
          "the undisturbed run")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orcinus", default="build/bin/orcinus")
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", default="200,1000,4000")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--evaluate", type=int, default=0)
    parser.add_argument("--predict", action="store_true")
    parser.add_argument("--bandwidth", default="5GB")
    parser.add_argument("--latency", default="2")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(os.path.abspath(arguments.orcinus), folder)
        for data in arguments.data:
            batches = [int(size) for size in arguments.batches.split(",")]
            if arguments.kills:
                kill(runs, data, arguments.kills)
            elif arguments.evaluate:
                evaluate(runs, data, arguments.evaluate)
            elif arguments.predict:
                predict(runs, data, batches, arguments.rounds,
                        ["--bandwidth", arguments.bandwidth, "--latency",
                         arguments.latency])
            else:
                compare(runs, data, batches, arguments.rounds)


if __name__ == "__main__":
    main()
