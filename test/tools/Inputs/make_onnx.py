#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""make_onnx.py make FOLDER: writes small.onnx, a convolution, ReLU, pooling and
a linear map, with inputs and the outputs that ONNX's reference computes, and an
input with its softmax.
make_onnx.py check FOLDER FOUND EXPECTED: compares two of its arrays."""

import pathlib
import sys

import numpy

folder = pathlib.Path(sys.argv[2])
numbers = numpy.random.default_rng(1)


def floats(*shape):
    return numbers.standard_normal(shape).astype(numpy.float32)


def make():
    from onnx import helper, numpy_helper, reference, save, TensorProto

    def model(batch):
        return helper.make_model(helper.make_graph(
            [helper.make_node("Conv", ["x", "k"], ["c"], pads=[1, 1, 1, 1]),
             helper.make_node("Relu", ["c"], ["r"]),
             helper.make_node("GlobalAveragePool", ["r"], ["p"]),
             helper.make_node("Flatten", ["p"], ["f"]),
             helper.make_node("Gemm", ["f", "w"], ["y"])],
            "small",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT,
                                           [batch, 3, 8, 8])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT,
                                           [batch, 10])],
            weights), opset_imports=[helper.make_opsetid("", 17)])

    weights = [numpy_helper.from_array(floats(16, 3, 3, 3), "k"),
               numpy_helper.from_array(floats(16, 10) + 40, "w")]
    save(model(1), folder / "small.onnx")
    for batch, suffix in ((1, ""), (5, "5")):
        x = floats(batch, 3, 8, 8)
        numpy.save(folder / f"x{suffix}.npy", x)
        [y] = reference.ReferenceEvaluator(model(batch)).run(None, {"x": x})
        numpy.save(folder / f"expected{suffix}.npy", y)
    a = floats(3, 5)
    numpy.save(folder / "a.npy", a)
    exponentials = numpy.exp(a - a.max(1, keepdims=True))
    numpy.save(folder / "softmax.npy",
               exponentials / exponentials.sum(1, keepdims=True))


def check(found, expected):
    found, expected = numpy.load(folder / found), numpy.load(folder / expected)
    if found.shape != expected.shape or not numpy.allclose(
            found, expected, 1e-4, 1e-4 * numpy.abs(expected).max()):
        sys.exit(f"{found} is not {expected}")


if sys.argv[1] == "make":
    make()
else:
    check(*sys.argv[3:])
