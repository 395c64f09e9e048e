#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tuning the products and convolutions of the set network-mix beside TVM's
MetaSchedule, on one thread.

    bench/compare_metaschedule.py --trials 64 [--only matmul-128x768x768,...]

needs `pip install apache-tvm==0.27.0.post1 apache-tvm-ffi==0.1.14.post0 xgboost
psutil cloudpickle numpy` (the next apache-tvm-ffi crashes it). MetaSchedule tunes
each operator by itself, by its default rules and cost model for this processor,
in the layouts that the set has; of intrinsics, its processes load those for x86
alone (metaschedule.py says why). `orcinus tune` tunes the whole set of 18 by
reuse, or by --strategy search, whatever --only names. Seconds are those of all
processors, which other work on the machine disturbs less, and of the clock. The
programs' times are the thread's processor time, the smallest of several rounds:
MetaSchedule's when it is done with an operator, Orcinus' by
orcinus-bench-programs before. Last, the times as multiples of MetaSchedule's.

Each operator is printed when MetaSchedule is done with it, and what it found is
kept in the folder --work, by TVM's version and the kind of processor, so that a
run that was cut off goes on where it ended. Orcinus tunes anew in each run.
"""

import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from metaschedule import host_target, make_builder

HERE = pathlib.Path(__file__).resolve().parent
PRODUCT = re.compile(r"matmul-(\d+)x(\d+)x(\d+)$")
CONVOLUTION = re.compile(r"conv2d-(\d+)x(\d+)x(\d+)x(\d+)-(\d+)-k(\d+)s(\d+)$")


def used_seconds():
    """Of this process and all that were started and have ended."""
    return sum(used.ru_utime + used.ru_stime for used in map(
        resource.getrusage,
        (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


# --- MetaSchedule -----------------------------------------------------------


def describe(name):
    """The operator as TVM's tensor expression: its operands and its result."""
    from tvm import te

    if match := PRODUCT.match(name):
        rows, columns, depth = map(int, match.groups())
        left = te.placeholder((rows, depth), name="left")
        right = te.placeholder((depth, columns), name="right")
        k = te.reduce_axis((0, depth))
        product = te.compute((rows, columns), lambda i, j: te.sum(
            left[i, k] * right[k, j], axis=k), name="product")
        return [left, right, product]
    batch, height, width, channels, filters, size, stride = map(
        int, CONVOLUTION.match(name).groups())
    # The extents are those of the result, without padding.
    image = te.placeholder((batch, (height - 1) * stride + size,
                            (width - 1) * stride + size, channels), name="image")
    kernel = te.placeholder((size, size, channels, filters), name="kernel")
    r, s = te.reduce_axis((0, size)), te.reduce_axis((0, size))
    c = te.reduce_axis((0, channels))
    result = te.compute((batch, height, width, filters), lambda n, y, x, f: te.sum(
        image[n, y * stride + r, x * stride + s, c] * kernel[r, s, c, f],
        axis=[r, s, c]), name="result")
    return [image, kernel, result]


def time_of_call(call):
    """The thread's processor time of a call, as Orcinus measures its programs: the
    shortest of many rounds of at least half a millisecond."""
    least, calls, rounds = float("inf"), 1, 0
    while rounds < 100:
        begin = time.thread_time()
        for _ in range(calls):
            call()
        taken = time.thread_time() - begin
        if taken < 5e-4:
            calls *= 2
            continue
        least = min(least, taken / calls)
        rounds += 1
    return least


def tune_one(name, trials):
    """Prints a line of JSON: the seconds of tuning, and microseconds of a call.

    In a process of its own, so that its processors' seconds are its own."""
    import numpy
    import tvm
    from tvm import te
    from tvm.s_tir import meta_schedule

    target = host_target(1)
    tensors = describe(name)
    module = tvm.IRModule({"main": te.create_prim_func(tensors).with_attr(
        "global_symbol", "main")})
    folder = tempfile.mkdtemp()
    begin, before = time.time(), used_seconds()
    database = meta_schedule.tune_tir(
        mod=module, target=target, work_dir=folder, max_trials_global=trials,
        num_trials_per_iter=min(trials, 32), num_tuning_cores=1,
        builder=make_builder(1, folder))
    scheduled = meta_schedule.tir_integration.compile_tir(database, module, target)
    # Workers of TVM's that are still there are not counted, in its favour.
    seconds, processor = time.time() - begin, used_seconds() - before
    if scheduled is None:
        sys.exit("no candidate was valid")
    built = tvm.compile(scheduled.mod, target=target).jit()
    generator = numpy.random.default_rng(0)
    arrays = [tvm.runtime.tensor(generator.standard_normal(
        [int(extent) for extent in tensor.shape], dtype="float32"))
        for tensor in tensors]
    shutil.rmtree(folder)
    function = built["main"]
    print(json.dumps({"seconds": seconds, "processor_seconds": processor,
                      "microseconds": 1e6 * time_of_call(
                          lambda: function(*arrays))}))


def tune_by_metaschedule(name, options):
    """What tune_one prints, now or in an earlier run."""
    import tvm
    from tvm.target import codegen

    kept = (options.work / f"tvm-{tvm.__version__}-{codegen.llvm_get_system_cpu()}"
            / f"{name}.{options.trials}.json")
    if kept.exists():
        return json.loads(kept.read_text())
    done = subprocess.run(
        [sys.executable, __file__, "--one", name, "--trials", str(options.trials)],
        capture_output=True, text=True,
        env={**os.environ, "TVM_NUM_THREADS": "1"})
    if done.returncode != 0:
        print(f"{name}: MetaSchedule failed: {done.stderr.strip()[-300:]}", flush=True)
        return None
    found = json.loads(done.stdout.strip().splitlines()[-1])
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found))
    return found


# --- Orcinus ----------------------------------------------------------------


def tune_by_orcinus(options, database):
    """What `orcinus tune --json` prints, and the processors' seconds."""
    before = used_seconds()
    report = json.loads(subprocess.run(
        [options.build / "bin/orcinus", "tune", "--set", "network-mix",
         "--strategy", options.strategy, "--threads", "1", "--trials",
         str(options.trials), "--db", database, "--json"],
        check=True, text=True, stdout=subprocess.PIPE).stdout)
    return report | {"processor_seconds": used_seconds() - before}


def program_times(options, database):
    """Microseconds of the best program of each operator."""
    text = subprocess.run(
        [options.build / "bin/orcinus-bench-programs", "network-mix", "0", "1",
         database], check=True, text=True, stdout=subprocess.PIPE).stdout
    return {match.group(1): float(match.group(2)) for match in re.finditer(
        r"^(\S+)\s+([\d.]+) us", text, re.MULTILINE)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=HERE.parent / "build")
    parser.add_argument("--trials", type=int, default=64,
                        help="candidates an operator")
    parser.add_argument("--strategy", default="reuse",
                        choices=["reuse", "search"])
    parser.add_argument("--work", type=pathlib.Path,
                        default=HERE.parent / "build/metaschedule",
                        help="folder that keeps what MetaSchedule found")
    parser.add_argument("--only", default="", help="operators, by name")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return tune_one(options.one, options.trials)
    only = options.only.split(",") if options.only else []
    for name in only:
        if not (PRODUCT.match(name) or CONVOLUTION.match(name)):
            sys.exit(f"{name} is no product and no convolution")
    with tempfile.TemporaryDirectory() as folder:
        database = pathlib.Path(folder) / "tuning.db"
        ours = tune_by_orcinus(options, database)
        times = program_times(options, database)
    if missing := set(only) - set(times):
        sys.exit(f"the set has no {', '.join(sorted(missing))}")
    wanted = only or [
        name for name in times if PRODUCT.match(name) or CONVOLUTION.match(name)]
    print(f"Orcinus tuned {len(times)} operators by {options.strategy} in "
          f"{ours['seconds']:.0f} s", flush=True)
    theirs = {}
    for name in wanted:
        if found := tune_by_metaschedule(name, options):
            theirs[name] = found
            print(f"{name:<36} {found['microseconds']:9.1f} us after "
                  f"{found['seconds']:.0f} s, here {times[name]:9.1f} us, "
                  f"{times[name] / found['microseconds']:.3f} of it", flush=True)
    if not theirs:
        sys.exit("MetaSchedule tuned nothing")
    mean = statistics.geometric_mean(
        times[name] / found["microseconds"] for name, found in theirs.items())
    print(f"{len(theirs)} operators by MetaSchedule, {len(times)} of Orcinus by "
          f"{options.strategy}, {options.trials} candidates an operator")
    for title, key in (("of the clock", "seconds"),
                       ("of all processors", "processor_seconds")):
        whole = sum(found[key] for found in theirs.values())
        print(f"seconds {title}: {ours[key]:.0f} for {len(times)} operators, "
              f"{whole:.0f} for {len(theirs)}; of an operator "
              f"{ours[key] / len(times) / (whole / len(theirs)):.3f} of "
              "MetaSchedule's")
    print(f"times of the programs: {mean:.3f} of MetaSchedule's in geometric mean")


if __name__ == "__main__":
    main()
