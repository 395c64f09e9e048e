#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""make_onnx.py make FOLDER: writes small.onnx, a convolution, ReLU, pooling and
a linear map, with inputs and the outputs that ONNX's reference computes, and an
input with its softmax.
shapes.onnx computes, of that input, the two largest of the cumulative sums down
each column, negated, by shapes and a condition that constants decide on;
torch-mlir does not lower an op of refused.onnx, and dies of crash.onnx.
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
    save_shapes(a)


def save_shapes(a):
    from onnx import checker, helper, numpy_helper, save, TensorProto

    def constant(name, value):
        return numpy_helper.from_array(numpy.array(value), name)

    def save_model(name, nodes, initializers, outputs):
        model = helper.make_model(
            helper.make_graph(
                nodes, name,
                [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3, 5])],
                [helper.make_tensor_value_info("y", TensorProto.FLOAT, outputs)],
                initializers),
            opset_imports=[helper.make_opsetid("", 17)])
        checker.check_model(model)
        save(model, folder / f"{name}.onnx")

    def branch(op):
        return helper.make_graph(
            [helper.make_node(op, ["largest"], [op])], op, [],
            [helper.make_tensor_value_info(op, TensorProto.FLOAT, None)])

    save_model("shapes", [
        helper.make_node("Shape", ["x"], ["extents"]),
        helper.make_node("Reshape", ["two", "one"], ["end"]),
        helper.make_node("Slice", ["extents", "zero", "end"], ["known"]),
        helper.make_node("Concat", ["known", "one"], ["wanted"], axis=0),
        helper.make_node("Reshape", ["x", "wanted"], ["reshaped"]),
        helper.make_node("Transpose", ["reshaped"], ["moved"], perm=[2, 1, 0]),
        helper.make_node("CumSum", ["moved", "last"], ["sums"]),
        helper.make_node("TopK", ["sums", "two"], ["largest", "places"],
                         axis=2),
        helper.make_node("If", ["chosen"], ["y"], then_branch=branch("Neg"),
                         else_branch=branch("Exp"))],
        [constant("zero", [0]), constant("one", [1]), constant("two", [2]),
         constant("last", 2), constant("chosen", True)], [1, 5, 2])
    sums = numpy.cumsum(a.T, 1)
    numpy.save(folder / "largest.npy",
               -numpy.sort(sums, 1)[None, :, :-3:-1])
    save_model("refused", [
        helper.make_node("Unsqueeze", ["x", "one"], ["steps"]),
        helper.make_node("GRU", ["steps", "w", "r"], ["", "y"], hidden_size=2,
                         direction="bidirectional")],
        [constant("one", [1]), numpy_helper.from_array(floats(2, 6, 5), "w"),
         numpy_helper.from_array(floats(2, 6, 2), "r")], [2, 1, 2])
    save_model("crash", [helper.make_node("Unique", ["x"], ["y"])], [], [None])


def check(found, expected):
    found, expected = numpy.load(folder / found), numpy.load(folder / expected)
    if found.shape != expected.shape or not numpy.allclose(
            found, expected, 1e-4, 1e-4 * numpy.abs(expected).max()):
        sys.exit(f"{found} is not {expected}")


if sys.argv[1] == "make":
    make()
else:
    check(*sys.argv[3:])
