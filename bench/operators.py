#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Where a training step's time goes: each operator's share of a warm training
epoch, and for contractions GFLOP/s and share of the multiply-add peak.

The shares are those of the samples that `perf record` takes while the epoch
trains; the speeds are those of orcinus-bench-contractions, at the number of
rows asked for. Needs perf."""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
WAITING = "waiting for other threads"
FORWARD, INPUT_GRADIENT, WEIGHT_GRADIENT = "Y = X W", "dX = dY W^T", "dW = X^T dY"


def output_of(command, **arguments):
    """The standard output of a command that must succeed."""
    return subprocess.run([str(word) for word in command], check=True, text=True,
                          stdout=subprocess.PIPE, **arguments).stdout


# ---------------------------------------------------------------------------
# The contractions of a step
# ---------------------------------------------------------------------------


def extents(memref_type):
    return re.match(r"memref<((?:\?x|\d+x)*)", memref_type).group(1).split("x")[:-1]


def described(maps, types):
    """(direction, shape) of a contraction. `maps` are the dimensions of both
    operands and of the result. The directions are those of the benchmark; a
    product of weights has none."""
    left, right, result = maps
    left_extents, right_extents, result_extents = (extents(each) for each in types)
    plain = f"{'x'.join(left_extents)} * {'x'.join(right_extents)}"
    if len(left) != 2 or len(right) != 2 or len(result) != 2:
        return None, plain
    (summed,) = set(left) - set(result)
    if left_extents[0] != "?":
        return None, plain
    if summed == left[0]:
        return WEIGHT_GRADIENT, f"{left_extents[1]}x{right_extents[1]}"
    direction = FORWARD if summed == right[0] else INPUT_GRADIENT
    return direction, "x".join(right_extents)


def contractions(options, edge_columns):
    """{function: (direction, shape)} of the compiled step's contractions, in
    order of first use."""
    bufferize = [options.build / "bin/orcinus-opt", options.model,
                 f"--orcinus-train-pipeline=sizes=edge:{edge_columns},node:{options.node_columns}",
                 "--orcinus-bufferize"]
    text = output_of(bufferize)
    aliases = {name: re.findall(r"d\d+", dimensions) for name, dimensions in re.findall(
        r"^(#map\d*) = affine_map<\([^)]*\) -> \(([^)]*)\)>", text, re.M)}
    operator = re.compile(
        r"linalg\.generic \{indexing_maps = \[(#map\d*), (#map\d*), (#map\d*)\][^\n]*"
        r"ins\(%\S+, %\S+ : (memref<.*?>), (memref<.*?>)\) outs\(%\S+ : (memref<.*?>)\) \{\n"
        r"[^\n]*\n\s*%\S+ = arith\.mulf[^\n]*\n\s*%\S+ = arith\.addf")
    found = [(match.groups()[3:], [aliases[name] for name in match.groups()[:3]])
             for match in operator.finditer(text) if '"reduction"' in match.group()]
    lowered = output_of(bufferize + ["--orcinus-lower-contractions=threads=2"])
    result, candidates = {}, iter(found)
    for function, arguments in re.findall(r"call @(orcinus_contraction\w*)\(.*?\) : \((.*)\) ->",
                                          lowered):
        types = tuple(re.findall(r"memref<.*?>(?=, memref|$)", arguments))[:3]
        # Calls leave the operands' layouts open: extents tell them apart. A
        # contraction that fits no register tile is not called.
        shapes = [extents(each) for each in types]
        match = next((each for each in candidates
                      if sorted(map(extents, each[0])) == sorted(shapes)), None)
        if match is None:
            sys.exit(f"{function}: no contraction of types {types}")
        own, (left, right, sums) = match
        same = [extents(each) for each in own] == shapes
        maps = (left, right, sums) if same else (right, left, sums)
        result.setdefault(function, described(maps, types))
    return result


def speeds(options):
    """{(shape, direction): (GFLOP/s, percent of the peak)}."""
    text = output_of([options.build / "bin/orcinus-bench-contractions", options.threads])
    line = re.compile(rf"^ *{options.rows} rows  (?:gru )?(\S+) +(\S.*?\S) +([\d.]+) GFLOP/s +"
                      r"([\d.]+) % of", re.M)
    return {(shape, direction): (float(speed), float(share))
            for shape, direction, speed, share in line.findall(text)}


# ---------------------------------------------------------------------------
# The time of a step
# ---------------------------------------------------------------------------


def operator_of(symbol, library):
    """The operator that a sampled symbol belongs to."""
    # Parallel bodies are functions of their own: NAME..omp_par, NAME..omp_par.5.
    name = re.sub(r"\.\.omp_par(\.\d+)?$", "", symbol)
    if name.startswith("orcinus_contraction"):
        return name
    if re.match(r"orcinus_[a-z_]+(_\d+)?$", name) and "perf-" in library:
        return re.sub(r"_\d+$", "", name)
    if "perf-" in library or "[JIT]" in library:
        return "elementwise and the step itself"
    if "libomp" in library or "sched_yield" in symbol or "kernel" in library:
        return WAITING
    return "index work and the tool"


def sampled_shares(options, folder):
    """{operator: share of the samples} of the epoch's training, one that needs
    no compiler: a first run fills the cache."""
    train = [options.build / "bin/orcinus", "train", "--data", options.data, "--epochs", "1",
             "--threads", options.threads, "--cache-dir", options.cache_dir or folder / "cache",
             "--metrics", folder / "metrics.jsonl"]
    output_of(train)
    samples = folder / "samples"
    recorded = ["env", "ORCINUS_PERF_MAP=1", "perf", "record", "--quiet", "--freq",
                options.frequency, "--output", samples]
    output_of(recorded + train)
    first_line = (folder / "metrics.jsonl").read_text().splitlines()[0]
    seconds = json.loads(first_line)["train_seconds"]
    text = output_of(["perf", "script", "--input", samples, "--fields", "time,ip,sym,dso"],
                     stderr=subprocess.DEVNULL)
    counts, begin = collections.Counter(), None
    for line in text.splitlines():
        match = re.match(r"\s*([\d.]+):\s+[0-9a-f]+ (.*) \((.*)\)$", line)
        if not match:
            continue
        time, symbol, library = float(match.group(1)), match.group(2), match.group(3)
        if begin is None and "perf-" in library:
            begin = time
        # What is sampled later is validation and test.
        if begin is not None and time <= begin + seconds:
            counts[operator_of(symbol, library)] += 1
    if not counts:
        sys.exit("perf took no sample of compiled code")
    return {name: count / counts.total() for name, count in counts.items()}


def edge_columns_of(options):
    text = output_of([options.build / "bin/orcinus", "info", options.data])
    return int(re.search(r"^edge features +(\d+)", text, re.M).group(1))


def rows_of(options):
    known = contractions(options, edge_columns_of(options))
    speed_of = speeds(options)
    with tempfile.TemporaryDirectory() as folder:
        shares = sampled_shares(options, pathlib.Path(folder))
    rows = []
    for name, share in sorted(shares.items(), key=lambda item: -item[1]):
        direction, shape = known.get(name, (None, None))
        speed, peak = speed_of.get((shape, direction), (None, None))
        operator = (direction or "product of weights") if shape else name
        rows.append({"function": name, "operator": operator, "shape": shape,
                     "gflops": speed, "peak_percent": peak, "step_percent": 100 * share})
    return rows


def print_table(rows, minimum):
    print("| operator | shape | GFLOP/s | % of peak | % of step | function |")
    print("|---|---|--:|--:|--:|---|")
    small = 0
    for row in rows:
        if row["step_percent"] < minimum:
            small += row["step_percent"]
            continue
        cells = [row["operator"], row["shape"] or "–",
                 "–" if row["gflops"] is None else f"{row['gflops']:.1f}",
                 "–" if row["peak_percent"] is None else f"{row['peak_percent']:.1f}",
                 f"{row['step_percent']:.1f}",
                 row["function"] if row["shape"] else ""]
        print("| " + " | ".join(cells) + " |")
    print(f"| all below {minimum:g} % | – | – | – | {small:.1f} | |")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="a file of timestamped edges")
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build")
    parser.add_argument("--model", type=pathlib.Path, default=HERE.parent / "models/tgn.mlir")
    parser.add_argument("--node-columns", type=int, default=0,
                        help="node feature columns that the model reads")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=int, default=600, choices=[600, 6600],
                        help="rows of the contractions whose speed is printed")
    parser.add_argument("--frequency", type=int, default=1000, help="samples a second")
    parser.add_argument("--minimum", type=float, default=0.5,
                        help="the smallest share that gets a row, in percent")
    parser.add_argument("--cache-dir", help="where compiled programs are kept")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    rows = rows_of(options)
    print_table(rows, options.minimum)
    if options.json:
        options.json.write_text(json.dumps({"threads": options.threads, "rows": options.rows,
                                            "operators": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
