#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints the norms of training's gradients with and without reuse, and with
gradients blocked at reused embeddings and not.

They are read from checkpoints: Adam's second moments are means of the squared
gradients of the last thousand steps or so, those further back counting less;
the root of their sum, after the bias correction, is the root mean square of the
gradient's norm."""

import argparse
import json
import math
import pathlib
import struct
import subprocess
import tempfile

import numpy

MODES = {
    "exact": [],
    "push-pull, blocked": ["--reuse", "push-pull"],
    "push-pull, not blocked": ["--reuse", "push-pull", "--no-block-gradient"],
}
BETA2 = 0.999


def squared_norms(checkpoint):
    """{parameter: mean square of its gradient's norm}"""
    data = checkpoint.read_bytes()
    magic, _, _, size = struct.unpack_from("<8sIIQ", data)
    if magic != b"ORCINUS\0":
        raise SystemExit(f"{checkpoint} is not a checkpoint")
    start = struct.calcsize("<8sIIQ")
    header = json.loads(data[start:start + size])
    norms, at = {}, start + size
    correction = 1 - BETA2 ** header["position"]["steps"]
    for section in header["sections"]:
        kind, _, name = section["name"].partition(":")
        if kind == "second_moment":
            values = numpy.frombuffer(data, "<f4", section["bytes"] // 4, at)
            norms[name] = float(values.sum(dtype="f8")) / correction
        at += section["bytes"]
    return norms


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orcinus", default="build/bin/orcinus")
    parser.add_argument("--data", required=True)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=5)
    arguments = parser.parse_args()
    print("| mode | all | first layer | last layer | states |")
    print("|---|--:|--:|--:|--:|")
    for mode, options in MODES.items():
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([arguments.orcinus, "train", "--data", arguments.data,
                            "--layers", str(arguments.layers),
                            "--epochs", str(arguments.epochs), "--patience", "0",
                            "--checkpoint", folder, *options],
                           check=True, stdout=subprocess.DEVNULL)
            norms = squared_norms(pathlib.Path(folder) / "checkpoint")

        def norm(prefix):
            return math.sqrt(sum(value for name, value in norms.items()
                                 if name.startswith(prefix)))

        print(f"| {mode} | {norm(''):.3f} | {norm('embed1.'):.3f} | "
              f"{norm(f'embed{arguments.layers}.'):.3f} | {norm('memory.'):.3f} |")


if __name__ == "__main__":
    main()
