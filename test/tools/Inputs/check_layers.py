#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""check_layers.py ORCINUS MODULE FOLDER: runs what became of two_layers.mlir for
several numbers of rows, and compares with NumPy."""

import pathlib
import subprocess
import sys

import numpy

orcinus, module, folder = sys.argv[1:]
folder = pathlib.Path(folder)
numbers = numpy.random.default_rng(1)
for rows in (1, 300):
    arrays = [numbers.standard_normal(shape).astype(numpy.float32)
              for shape in ((rows, 64), (64, 128), (128, 64))]
    names = [folder / f"{at}.npy" for at in range(3)]
    for name, array in zip(names, arrays):
        numpy.save(name, array)
    subprocess.run([orcinus, "run", module, "--no-cache", "--threads", "1",
                    "--input", *names, "-o", folder / "y.npy"], check=True)
    x, w, v = arrays
    if not numpy.allclose(numpy.load(folder / "y.npy"), x @ w @ v, 1e-3, 1e-3):
        sys.exit(f"{rows} rows are wrong")
print("the layers are right")
