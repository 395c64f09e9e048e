#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles the kernels of the training, evaluation and embedding steps of each
model and mode of reuse for each GPU, and prints what they take: how many there
are, how many spill registers, and, of the hot ones, registers of a thread,
bytes of workgroup memory of a block, and the share of a multiprocessor's
subgroups that can be resident."""

import argparse
import subprocess
import tempfile

MODELS = ["tgn", "tgat"]
MODES = {"exact": [], "push-pull": ["--reuse", "push-pull"],
         "recompute": ["--reuse", "recompute", "--capacity", "1000"]}
TARGETS = ["nvidia:sm_80", "nvidia:sm_90", "amd:gfx90a", "amd:gfx942"]
HOT = ["contraction", "attend", "attend_grad", "attend_table_grad", "gather_grad",
       "gru_gates", "gru_gates_grad", "layer_norm", "layer_norm_grad", "adam"]


def kernels(orcinus, model, mode, target):
    """[(name, threads, registers, workgroup bytes, spilled bytes, occupancy)]"""
    with tempfile.NamedTemporaryFile() as output:
        listed = subprocess.run(
            [orcinus, "compile", model, *MODES[mode], "--target", target, "--resources",
             "--edge-features", "6", "-o", output.name],
            check=True, stdout=subprocess.PIPE, text=True).stdout
    rows = [line.split() for line in listed.splitlines()[1:]]
    return [(name, *map(int, numbers), int(share.rstrip("%")))
            for name, *numbers, share in rows]


def base(name):
    """A kernel's name without the number that tells it from its like."""
    head, _, tail = name.rpartition("_")
    return head if tail.isdigit() else name


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orcinus", default="build/bin/orcinus")
    arguments = parser.parse_args()
    hot = {}
    print("| model, mode | " + " | ".join(TARGETS) + " |")
    print("|---|" + "--:|" * len(TARGETS))
    for model in MODELS:
        for mode in MODES:
            cells = []
            for target in TARGETS:
                found = kernels(arguments.orcinus, model, mode, target)
                spilling = sum(kernel[4] > 0 for kernel in found)
                cells.append(f"{len(found)}, {spilling} spill")
                for kernel in found:
                    hot.setdefault((base(kernel[0]), target), []).append(kernel)
            print(f"| {model}, {mode} | " + " | ".join(cells) + " |", flush=True)
    print("\n| kernel | " + " | ".join(TARGETS) + " |")
    print("|---|" + "---|" * len(TARGETS))
    for name in HOT:
        cells = []
        for target in TARGETS:
            # Of several shapes, the one that takes the most registers.
            _, _, registers, workgroup, _, share = max(hot[name, target], key=lambda k: k[2])
            cells.append(f"{registers} registers, {workgroup} B, {share} %")
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
