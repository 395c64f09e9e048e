#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""check_device.py ORCINUS MODULE FOLDER TARGET: runs small_network.mlir, or what
became of it, on the host and on TARGET, and compares the results."""

import pathlib
import subprocess
import sys

import numpy

orcinus, module, folder, target = sys.argv[1:]
folder = pathlib.Path(folder)
numbers = numpy.random.default_rng(1)
shapes = ((2, 3, 12, 12), (8, 3, 3, 3), (8,), (8, 3, 3), (16, 8), (10, 16))
arrays = [numbers.standard_normal(shape).astype(numpy.float32) for shape in shapes]
arrays.append(numpy.array([7, 2]))
names = [folder / f"{at}.npy" for at in range(len(arrays))]
for name, array in zip(names, arrays):
    numpy.save(name, array)
results = []
for place in ("host", target):
    output = folder / f"{place}.npy"
    subprocess.run([orcinus, "run", module, "--no-cache", "--threads", "1", "--target", place,
                    "--input", *names, "-o", output], check=True)
    results.append(numpy.load(output))
difference = abs(results[0] - results[1]).max()
if not (results[0].std() > 0 and difference <= 1e-5 * abs(results[0]).max()):
    sys.exit(f"{target} differs from the host by {difference}")
print(f"{target} agrees with the host")
