#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The operators of the sets standard and tgnn beside OpenBLAS and oneDNN, by the
compiler's schedules and by tuned ones, as the tables of operators.md.

Runs orcinus-bench-operators for each set and number of threads, and prints for
each kind of operator the geometric means and then all rows: the library's time
as a multiple of Orcinus' in the same run, the median of the runs."""

import argparse
import math
import pathlib
import statistics
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
KINDS = {
    "Matrix products of standard against OpenBLAS": ("standard", "OpenBLAS", ()),
    "Matrix products of tgnn against OpenBLAS": ("tgnn", "OpenBLAS", ()),
    "Convolutions against oneDNN": ("standard", "oneDNN", ("conv", "transposed")),
    "Depthwise convolutions against oneDNN": ("standard", "oneDNN", ("depthwise",)),
    "Softmax and layer norm against oneDNN": ("standard", "oneDNN", ("softmax", "layer_norm")),
}


def run(options, set_name, threads, database):
    """By operator: its library, Orcinus' GFLOP/s and the ratio."""
    command = [options.build / "bin/orcinus-bench-operators", "--set", set_name, "--threads",
               threads, "--rounds", options.rounds]
    if database:
        command += ["--tuning-db", database]
    text = subprocess.run([str(word) for word in command], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    rows = {}
    for line in text.splitlines():
        words = line.split()
        library = next((name for name in ("OpenBLAS", "oneDNN") if name in words), None)
        if library and words[2] == "us":
            at = words.index(library)
            rows[words[0]] = (library, float(words[3]), float(words[at - 1]))
    return rows


def measure(options, set_name):
    """By column: by operator, its library, the medians of GFLOP/s and ratio."""
    columns = {}
    for threads, database in options.columns:
        runs = [run(options, set_name, threads, database and database.replace("SET", set_name))
                for _ in range(options.runs)]
        columns[threads, database] = {
            name: (library,) + tuple(statistics.median(each[name][number] for each in runs)
                                     for number in (1, 2))
            for name, (library, _, _) in runs[0].items()}
    return columns


def title(column):
    threads, database = column
    return f"{'tuned' if database else 'default'}, {threads} thread{'s' if threads > 1 else ''}"


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def print_means(kinds, columns):
    print("| operators | rows |" + "".join(f" {title(column)} |" for column in columns))
    print("|---|--:|" + "--:|" * len(columns))
    for kind, (rows, names) in kinds.items():
        cells = []
        for column in columns:
            ratios = [rows[column][name][2] for name in names]
            cells.append(f" {geometric_mean(ratios):.2f}, at least {min(ratios):.2f} |")
        print(f"| {kind} | {len(names)} |" + "".join(cells))


def print_rows(kind, rows, names, columns):
    print(f"\n## {kind}\n")
    print("| operator | GFLOP/s |" + "".join(f" {title(column)} |" for column in columns))
    print("|---|--:|" + "--:|" * len(columns))
    for name in names:
        cells = "".join(f" {rows[column][name][2]:.2f} |" for column in columns)
        print(f"| {name} | {rows[columns[0]][name][1]:.1f} |{cells}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tuned", action="append", default=[], metavar="THREADS:DATABASE",
                        help="what `orcinus tune --threads THREADS` wrote; SET in the name "
                        "stands for standard and tgnn")
    options = parser.parse_args()
    tuned = [(int(threads), database) for threads, database in
             (text.split(":", 1) for text in options.tuned)]
    options.columns = sorted([(1, None), (2, None)] + tuned,
                             key=lambda column: (column[0], column[1] or ""))
    measured = {set_name: measure(options, set_name) for set_name in ("standard", "tgnn")}
    columns = list(measured["standard"])
    kinds = {}
    for kind, (set_name, library, prefixes) in KINDS.items():
        rows = measured[set_name]
        names = [name for name, row in rows[columns[0]].items()
                 if row[0] == library and (not prefixes or name.startswith(prefixes))]
        kinds[kind] = (rows, names)
    print_means(kinds, columns)
    for kind, (rows, names) in kinds.items():
        print_rows(kind, rows, names, columns)


if __name__ == "__main__":
    main()
