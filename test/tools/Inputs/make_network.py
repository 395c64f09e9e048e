#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""make_network.py FILE [ORCINUS MODULE]: writes what importers emit, a product
with a weight and constants in the text, some of them twice. Weight (i, j) is
i - j / 4. With ORCINUS, runs what MODULE made of it and compares with NumPy."""

import pathlib
import struct
import subprocess
import sys


def check(folder):
    import numpy

    x = numpy.random.default_rng(1).standard_normal((3, 16)).astype(numpy.float32)
    numpy.save(folder / "x.npy", x)
    names = [folder / name for name in ("y.npy", "other.npy", "small.npy")]
    subprocess.run([sys.argv[2], "run", sys.argv[3], "--no-cache", "--input",
                    folder / "x.npy", "-o", *names], check=True)
    weights = [numpy.subtract.outer(numpy.arange(rows), numpy.arange(columns) / 4)
               for rows, columns in ((16, 32), (32, 16))]
    for name, expected in zip(names, [x @ weights[0], weights[1], [1, 2]]):
        if not numpy.allclose(numpy.load(name), expected, 1e-5, 1e-5):
            sys.exit(f"{name} is wrong")
    print("the network is right")


def blob(rows, columns, letter):
    numbers = [i - j / 4 for i in range(rows) for j in range(columns)]
    return struct.pack(f"<{len(numbers)}{letter}", *numbers).hex().upper()


with open(sys.argv[1], "w", encoding="ascii") as file:
    file.write(f"""
ml_program.global private mutable @global_seed(dense<0> : tensor<i64>) : tensor<i64>
func.func @network(%x: tensor<?x16xf32>) -> (tensor<?x32xf32>, tensor<32x16xf64>, tensor<2xf32>) {{
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %w = arith.constant dense<"0x{blob(16, 32, 'f')}"> : tensor<16x32xf32>
  %again = arith.constant dense<"0x{blob(16, 32, 'f')}"> : tensor<16x32xf32>
  %other = arith.constant dense_resource<other> : tensor<32x16xf64>
  %small = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %ones = arith.constant dense<1.0> : tensor<16x32xf32>
  %sum = arith.addf %w, %ones : tensor<16x32xf32>
  %difference = arith.subf %sum, %again : tensor<16x32xf32>
  %both = arith.mulf %difference, %again : tensor<16x32xf32>
  %n = tensor.dim %x, %c0 : tensor<?x16xf32>
  %empty = tensor.empty(%n) : tensor<?x32xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x32xf32>) -> tensor<?x32xf32>
  %y = linalg.matmul ins(%x, %both : tensor<?x16xf32>, tensor<16x32xf32>) outs(%start : tensor<?x32xf32>) -> tensor<?x32xf32>
  return %y, %other, %small : tensor<?x32xf32>, tensor<32x16xf64>, tensor<2xf32>
}}
{{-# dialect_resources: {{ builtin: {{ other: "0x08000000{blob(32, 16, 'd')}" }} }} #-}}
""")
if len(sys.argv) > 2:
    check(pathlib.Path(sys.argv[1]).parent)
