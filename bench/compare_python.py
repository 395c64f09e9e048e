#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What training from Python costs over the command, and what making a stream of
ten million events copies.

    compare_python.py [--rounds N] [--epochs N] [--data FILE]

Runs both on the same data by turns, each in a process of its own, with the
package that the interpreter finds: seconds of training and validation, as the
metrics have them, and of the whole process. Prints the ratio of the medians,
Python's over the command's.
"""

import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

SCRIPT = """
import sys, orcinus
data, metrics, epochs, threads = sys.argv[1:]
stream = orcinus.Stream.read(data)
orcinus.Trainer(stream, "tgn", epochs=int(epochs), patience=0, seed=1,
                threads=int(threads), metrics=metrics).fit()
"""


def seconds_of(path):
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return sum(line["train_seconds"] + line["val_seconds"]
               for line in lines if line["event"] == "epoch")


def compare(arguments):
    from orcinus.tools import tool_path

    commands = {
        "command": lambda metrics: [
            tool_path(), "train", "--data", arguments.data, "--epochs",
            str(arguments.epochs), "--patience", "0", "--seed", "1",
            "--threads", str(arguments.threads), "--metrics", metrics],
        "python": lambda metrics: [
            sys.executable, "-c", SCRIPT, arguments.data, metrics,
            str(arguments.epochs), str(arguments.threads)]}
    epochs = {name: [] for name in commands}
    whole = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        # The first run of all compiles.
        for each in range(arguments.rounds + 1):
            for name, command in commands.items():
                metrics = pathlib.Path(folder) / f"{name}-{each}.jsonl"
                begin = time.monotonic()
                subprocess.run(command(str(metrics)), check=True,
                               stdout=subprocess.DEVNULL)
                if each:
                    whole[name].append(time.monotonic() - begin)
                    epochs[name].append(seconds_of(metrics))
    for what, seconds in (("epochs", epochs), ("process", whole)):
        medians = {name: statistics.median(all_of)
                   for name, all_of in seconds.items()}
        print(f"{what}: {medians['python'] / medians['command']:.3f} "
              f"({', '.join(f'{name} {value:.2f} s' for name, value in medians.items())})")


def memory_of_a_frame(events):
    import numpy
    import pandas

    import orcinus

    generator = numpy.random.default_rng(1)
    frame = pandas.DataFrame({
        "source": generator.permutation(
            numpy.arange(events, dtype=numpy.int32) % 1_000_000),
        "time": numpy.arange(events, dtype=numpy.float64)})
    frame["destination"] = frame["source"].to_numpy()[::-1].copy()
    frame["amount"] = numpy.ones(events, dtype=numpy.float32)
    size = frame.memory_usage(deep=True).sum()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    begin = time.monotonic()
    stream = orcinus.Stream.from_pandas(frame, features=["amount"])
    seconds = time.monotonic() - begin
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    print(f"frame of {events} events: {size / 1e6:.0f} MB, a stream of it "
          f"{more / size:.3f} of that more at its peak, borrowed (ids, times, "
          f"features): {stream._core.borrows()}, in {seconds:.2f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--data",
                        default="synthetic:nodes=2000,events=40000,seed=1")
    parser.add_argument("--events", type=int, default=10_000_000)
    arguments = parser.parse_args()
    memory_of_a_frame(arguments.events)
    compare(arguments)


if __name__ == "__main__":
    main()
