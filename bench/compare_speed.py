#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the seconds of a training epoch of Orcinus, in exact mode and with
push-pull reuse, and of bench/pytorch_tgn.py, which trains in exact mode and
projects the neighbours (the usual form) or the queries.

The programs take turns, one epoch each a round, on the same events, batches and
threads; the figures are medians over the rounds. Training alone is timed:
neither compilation, nor loading, nor evaluation."""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BASELINES = {"PyTorch, neighbours projected": "neighbours",
             "PyTorch, queries projected": "queries"}
MODES = {"Orcinus, exact": "none", "Orcinus, push-pull": "push-pull"}


def run(command):
    """The standard output of a command that must succeed."""
    return subprocess.run([str(word) for word in command], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def cache_of(options):
    return ["--cache-dir", options.cache_dir] if options.cache_dir else []


def common(options):
    return ["--data", options.data, "--epochs", "1", "--batch-size", options.batch_size,
            "--threads", options.threads, "--mask-nodes", options.mask_nodes,
            "--seed", options.seed]


def orcinus_epoch(options, reuse):
    with tempfile.TemporaryDirectory() as folder:
        metrics = pathlib.Path(folder) / "metrics.jsonl"
        run([options.tool, "train", *common(options), *cache_of(options), "--reuse", reuse,
             "--metrics", metrics])
        return json.loads(metrics.read_text().splitlines()[0])


def pytorch_epoch(options, project):
    output = run([options.python, HERE / "pytorch_tgn.py", *common(options), "--project", project])
    return json.loads(output.splitlines()[0])


def measure(options):
    """{program: its epochs' records}, measured in turns."""
    programs = {name: lambda reuse=reuse: orcinus_epoch(options, reuse)
                for name, reuse in MODES.items()}
    for name, project in BASELINES.items():
        programs[name] = lambda project=project: pytorch_epoch(options, project)
    records = {name: [] for name in programs}
    names = list(programs)
    for turn in range(options.rounds):
        # Another program begins each round.
        for place in range(len(names)):
            name = names[(turn + place) % len(names)]
            records[name].append(programs[name]())
            print(f"round {turn + 1}: {name}: {records[name][-1]['train_seconds']:.2f} s",
                  file=sys.stderr, flush=True)
    return records


def summarize(records, options):
    batches = {record["batches"] for each in records.values() for record in each}
    if options.mask_nodes == 0 and len(batches) != 1:
        sys.exit(f"the programs trained on different numbers of batches: {sorted(batches)}")
    programs = []
    medians = {name: statistics.median(record["train_seconds"] for record in each)
               for name, each in records.items()}
    for name, each in records.items():
        programs.append({"name": name,
                         "seconds": [record["train_seconds"] for record in each],
                         "median_seconds": medians[name],
                         "ratios": {mode: medians[name] / medians[mode] for mode in MODES}})
    return {"data": pathlib.Path(options.data).name, "threads": options.threads,
            "batch_size": options.batch_size, "rounds": options.rounds,
            "batches": sorted(batches), "programs": programs}


def print_table(summary):
    print("| program | median seconds an epoch |"
          + "".join(f" times {mode} |" for mode in MODES))
    print("|---|--:|" + "--:|" * len(MODES))
    for program in summary["programs"]:
        print(f"| {program['name']} | {program['median_seconds']:.2f} |"
              + "".join(f" {ratio:.2f} |" for ratio in program["ratios"].values()))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True,
                        help="a DyGLib csv, or text of source, destination and time")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=200)
    parser.add_argument("--mask-nodes", type=float, default=0.0,
                        help="with 0 both train on the same events; otherwise each draws its own")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tool", type=pathlib.Path, default=HERE.parent / "build/bin/orcinus")
    parser.add_argument("--python", default=sys.executable, help="a Python that has torch")
    parser.add_argument("--cache-dir", help="where compiled programs are kept")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    summary = summarize(measure(options), options)
    print_table(summary)
    if options.json:
        options.json.write_text(json.dumps(summary, indent=1) + "\n")


if __name__ == "__main__":
    main()
