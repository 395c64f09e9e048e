#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the losses of Orcinus and of bench/pytorch_tgn.py step by step, from
the same initial weights and negatives, dropout off. Exits 1 where a step's
relative difference exceeds the tolerance."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="ml_X.csv or text of events")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--tolerance", type=float, default=1e-3)
    parser.add_argument("--verbose", action="store_true", help="print every step")
    parser.add_argument("--tool", default=HERE.parent / "build/bin/orcinus-bench-losses")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([options.tool, "--data", options.data, "--steps",
                        str(options.steps), folder], check=True)
        shapes = json.loads((folder / "shapes.json").read_text())
        arrays = {name: np.load(folder / f"{name}.npy").reshape(shape)
                  for name, shape in shapes.items()}
        np.savez(folder / "initial.npz", **arrays)
        subprocess.run([sys.executable, HERE / "pytorch_tgn.py", "--data", options.data,
                        "--epochs", "1", "--steps", str(options.steps), "--dropout", "0",
                        "--mask-nodes", "0", "--load-initial", folder / "initial.npz",
                        "--load-negatives", folder / "negatives.npy",
                        "--losses", folder / "pytorch.txt"], check=True,
                       stdout=subprocess.DEVNULL)
        ours = np.loadtxt(folder / "losses.txt")
        theirs = np.loadtxt(folder / "pytorch.txt")
    if len(ours) != options.steps or len(theirs) != options.steps:
        sys.exit(f"expected {options.steps} losses, got {len(ours)} and {len(theirs)}")
    difference = np.abs(ours - theirs) / np.abs(theirs)
    print(f"{options.steps} steps: first loss {ours[0]:.6f} and {theirs[0]:.6f}, last "
          f"{ours[-1]:.6f} and {theirs[-1]:.6f}, largest relative difference "
          f"{difference.max():.2e}")
    if options.verbose:
        for step, values in enumerate(zip(ours, theirs, difference), 1):
            print("{:4d} {:.7f} {:.7f} {:.1e}".format(step, *values))
    if difference.max() > options.tolerance:
        sys.exit(f"more than {options.tolerance:g}")


if __name__ == "__main__":
    main()
