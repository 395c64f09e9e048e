#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Many processes: whether a run is the same on any number of them, and what two
of one thread cost beside one of two threads.

    compare_processes.py [--orcinus build/bin/orcinus] --data FILE...
                         [--rounds N] [--batches 200,1000,4000]
    compare_processes.py --data FILE --kills N

Of each file one epoch of tgn is trained in four shards by 1, 2 and 4 processes,
whose figures must be the same to the last digit; then, by turns, in two shards
by one process of two threads and by two of one thread: the ratio of the medians
of an epoch's seconds, the second over the first, and the bytes that a process
sends in a step. With --kills a run of two processes is killed so many times,
one of its processes at a time and at random, and resumed: it must end with the
figures of one that was not.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time

SECONDS = ("train_seconds", "val_seconds", "compile_seconds", "test_seconds",
           "total_seconds")


class Runs:
    def __init__(self, orcinus, folder):
        self.orcinus, self.folder = orcinus, folder
        self.environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1",
                                OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")

    def command(self, processes, *options):
        start = [] if processes == 1 else ["mpirun", "--oversubscribe", "-n",
                                           str(processes)]
        return [*start, self.orcinus, "train", *options]

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
             if name not in SECONDS} for line in lines]


def compare(runs, data, batches, rounds):
    common = ["--data", data, "--model", "tgn", "--patience", "0", "--seed",
              "1", "--epochs", "1"]
    outcomes = [without_seconds(runs.figures(
        f"same-{count}", count, *common, "--shards", "4", "--threads", "1"))
        for count in (1, 2, 4)]
    if any(outcome != outcomes[0] for outcome in outcomes):
        sys.exit(f"{data}: the run differs between 1, 2 and 4 processes")
    print(f"{data}: the same run on 1, 2 and 4 processes, test AP "
          f"{outcomes[0][-1]['ap']:.4f}")
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


def kill(runs, data, kills):
    common = ["--data", data, "--model", "tgn", "--layers", "1", "--dim", "16",
              "--patience", "0", "--seed", "1", "--epochs", str(3 * kills),
              "--shards", "2", "--threads", "1"]
    expected = without_seconds(runs.figures("undisturbed", 1, *common))
    folder = os.path.join(runs.folder, "killed")
    path = os.path.join(runs.folder, "killed.jsonl")
    generator = random.Random(1)
    options = [*common, "--checkpoint", folder, "--resume", "--metrics", path,
               "--checkpoint-batches", "2"]
    done, longest = 0, 0.0
    while True:
        process = subprocess.Popen(runs.command(2, *options),
                                   stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True,
                                   env=runs.environment)
        if done == kills:
            break
        time.sleep(0.3 + generator.random() * 1.5)
        children = subprocess.run(
            ["pgrep", "-P", str(process.pid), "-f", "train"],
            stdout=subprocess.PIPE, text=True).stdout.split()
        if not children:
            process.wait()
            break
        os.kill(int(generator.choice(children)), signal.SIGKILL)
        killed = time.monotonic()
        process.communicate(timeout=60)
        longest = max(longest, time.monotonic() - killed)
        if process.returncode == 0:
            sys.exit("a run whose process was killed ended well")
        done += 1
    process.wait()
    if process.returncode != 0:
        sys.exit(process.stderr.read())
    with open(path) as file:
        lines = without_seconds(map(json.loads, file))
    if lines != expected:
        sys.exit("the killed run has other figures than the undisturbed one")
    print(f"{done} kills, each ended all processes within {longest:.1f} s; "
          "then the figures of the undisturbed run")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orcinus", default="build/bin/orcinus")
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", default="200,1000,4000")
    parser.add_argument("--kills", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(os.path.abspath(arguments.orcinus), folder)
        for data in arguments.data:
            if arguments.kills:
                kill(runs, data, arguments.kills)
            else:
                compare(runs, data, map(int, arguments.batches.split(",")),
                        arguments.rounds)


if __name__ == "__main__":
    main()
