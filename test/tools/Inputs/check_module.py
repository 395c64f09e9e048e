#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""check_module.py ORCINUS MODULE FOLDER: runs the functions of module.mlir, as a
text or as a library, and compares with NumPy."""

import pathlib
import subprocess
import sys

import numpy

orcinus, module, folder = sys.argv[1:]
folder = pathlib.Path(folder)
numbers = numpy.random.default_rng(1)


def run(function, inputs, outputs):
    """The arrays that the function leaves."""
    paths = []
    for at, value in enumerate(inputs):
        paths.append(folder / f"{function}.in{at}.npy")
        numpy.save(paths[-1], value)
    results = [folder / f"{function}.out{at}.npy" for at in range(outputs)]
    command = [orcinus, "run", module, "--function", function, "--no-cache"]
    if paths:
        command += ["--input", *paths]
    subprocess.run([*command, "-o", *results], check=True)
    return [numpy.load(result) for result in results]


def check(function, inputs, expected, tolerance=1e-6):
    found = run(function, inputs, len(expected))
    for at, (have, want) in enumerate(zip(found, expected)):
        want = numpy.asarray(want)
        if have.shape != want.shape or have.dtype != want.dtype:
            sys.exit(f"{function}: result {at} is {have.dtype}{have.shape}, not "
                     f"{want.dtype}{want.shape}")
        if have.dtype.kind == "f":
            close = numpy.allclose(have, want, tolerance, tolerance)
        else:
            close = (have == want).all()
        if not close:
            sys.exit(f"{function}: result {at} is {have}, not {want}")
    print(function, "is right")


def floats(*shape, dtype=numpy.float32):
    return numbers.standard_normal(shape).astype(dtype)


w, b = floats(4, 3), floats(3)
for rows in (1, 7, 0):
    x = floats(rows, 4)
    check("layer", [x, w, b], [numpy.maximum(x @ w + b, 0)], 1e-5)
x = floats(2, 3, dtype=numpy.float64)
check("results", [x], [2 * x, 2 * x, x.sum(1), numpy.int32([7, -8, 9])])
x, y = floats(5), numpy.arange(4)
check("same", [x, y], [x, x, y])
a, c = (numbers.integers(-128, 128, shape, numpy.int8)
        for shape in ((5, 6), (6, 7)))
check("bytes", [a, c], [a.astype(numpy.int32) @ c.astype(numpy.int32)])
x, y = floats(3, 8, dtype=numpy.float16), floats(3, 8, dtype=numpy.float16)
check("halves", [x, y], [x + y], 1e-3)
# Whole numbers that bf16 has: its bits are the upper half of a float32's.
x = numpy.float32([1, -2, 3, 100, 0.5])
bits = (x.view(numpy.uint32) >> 16).astype(numpy.uint16)
doubled = ((2 * x).view(numpy.uint32) >> 16).astype(numpy.uint16)
[found] = run("brains", [bits], 1)
if (found.view(numpy.uint16) != doubled).any():
    sys.exit(f"brains: {found}")
x = floats(100)
check("above", [x, numpy.float32(0.25)], [x > 0.25, numpy.int64(100)])
x = 1 + floats(6) / 100
for turns in (0, 1, 4):
    check("powers", [x, numpy.int64(turns)], [x ** (2 ** turns)], 1e-5)
x = floats(9)
check("scale", [x, numpy.float32(3)], [3 * x])
check("checked", [numpy.bool_(True)], [numpy.int32(1)])
check("nothing", [], [numpy.int64([3, 4])])
