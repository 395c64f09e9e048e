#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How long it takes to tune a set of operators, or those of an .mlir file, by
reuse, with bridges and without, and by search, and how fast the programs are
that each finds.

Tunes the set into fresh databases, one a strategy, and then measures the best
programs of all in turns with orcinus-bench-programs. Seconds and times are
printed as multiples of the search's: those of the clock, those of all
processors, which other work on the machine disturbs less, the geometric mean of
the programs' times, and that of the operator that comes off worst."""

import argparse
import json
import pathlib
import resource
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
STRATEGIES = {
    "search": ["--strategy", "search"],
    "reuse": ["--strategy", "reuse"],
    "reuse, no bridges": ["--strategy", "reuse", "--no-bridges"],
}


def processor_seconds():
    """Of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tune(options, arguments, database):
    """What `orcinus tune --json` prints, and the processors' seconds."""
    source = "--operators" if options.set.endswith(".mlir") else "--set"
    command = [options.build / "bin/orcinus", "tune", source, options.set,
               "--seed", options.seed, "--threads", options.threads,
               "--trials", options.trials, "--reuse-trials", options.reuse_trials,
               "--db", database, "--json"] + arguments
    before = processor_seconds()
    report = json.loads(subprocess.run([str(word) for word in command], check=True, text=True,
                                       stdout=subprocess.PIPE).stdout)
    return report | {"processor_seconds": processor_seconds() - before}


def relative_times(options, databases):
    """Of the programs of each database the geometric mean and the largest of
    their times, as multiples of those of the first database."""
    command = [options.build / "bin/orcinus-bench-programs", options.set, options.seed,
               options.threads] + databases
    text = subprocess.run([str(word) for word in command], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    print(text)
    *rows, means = [[float(word) for word in line.split()[-len(databases):]]
                    for line in text.splitlines()]
    return list(zip(means, map(max, zip(*rows))))


def sources(report):
    """How many operators came from where."""
    counts = {}
    for operator in report["operators"]:
        counts[operator["source"]] = counts.get(operator["source"], 0) + 1
    return ", ".join(f"{count} by {source}" for source, count in sorted(counts.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", required=True, help="tgnn, gemm-grid, gemm-apart, network-mix, standard, or an .mlir "
                             "file, as `orcinus import` writes")
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--trials", type=int, default=64)
    parser.add_argument("--reuse-trials", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=pathlib.Path,
                        help="where databases are kept; what is there is not tuned again")
    parser.add_argument("--strategies", nargs="+", default=list(STRATEGIES), choices=STRATEGIES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        reports, databases = {}, []
        for name in options.strategies:
            database = folder / f"{pathlib.Path(options.set).stem}-{name.replace(', ', '-').replace(' ', '-')}.db"
            reports[name] = tune(options, STRATEGIES[name], database)
            databases.append(database)
        times = relative_times(options, databases)
    base = reports[options.strategies[0]]
    print("| set | strategy | seconds | as a multiple | of processors | as a multiple "
          "| times of the programs | the worst | operators |")
    print("|---|---|--:|--:|--:|--:|--:|--:|---|")
    for (name, report), (time, worst) in zip(reports.items(), times):
        print(f"| {options.set} | {name} | " + " | ".join(
            f"{report[key]:.0f} | {report[key] / base[key]:.3f}"
            for key in ("seconds", "processor_seconds"))
              + f" | {time:.3f} | {worst:.3f} | {sources(report)} |")


if __name__ == "__main__":
    main()
