//===- OnnxScripts.cpp - Rewrites of ONNX models --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/OnnxScripts.h"

const char *const orcinus::openBatchScript = R"(
import sys, onnx
model = onnx.load(sys.argv[1])
weights = {weight.name for weight in model.graph.initializer}
for value in list(model.graph.input) + list(model.graph.output):
    dimensions = value.type.tensor_type.shape.dim
    if value.name not in weights and len(dimensions) > 0:
        dimensions[0].dim_param = sys.argv[3]
del model.graph.value_info[:]
onnx.save(model, sys.argv[2])
)";

const char *const orcinus::foldConstantsScript = R"(
import copy, sys
import numpy, onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

LARGEST = 4096  # Elements: larger constants are weights.
model = onnx.load(sys.argv[1])
graph = model.graph
known = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
results = {each.name for each in graph.output}


def infer_extents():
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    found = {}
    for value in [*inferred.input, *inferred.value_info]:
        tensor = value.type.tensor_type
        if tensor.HasField("shape"):
            found[value.name] = [
                each.dim_value if each.HasField("dim_value") else None
                for each in tensor.shape.dim]
    for name, value in known.items():
        found[name] = list(value.shape)
    return found


def number(node, name, default):
    return next((each.i for each in node.attribute if each.name == name),
                default)


def evaluate(node, extents, shapes):
    """The node's results; None where they are not known."""
    if node.op_type == "Shape" and node.input[0] in extents:
        found = extents[node.input[0]]
        end = number(node, "end", len(found))
        found = found[number(node, "start", 0):end]
        shapes[node.output[0]] = found
        return None if None in found else [numpy.array(found, numpy.int64)]
    if node.op_type == "Gather" and node.input[0] in shapes \
            and node.input[1] in known:
        places = known[node.input[1]]
        found = [shapes[node.input[0]][at] for at in places.ravel()]
        return None if None in found else [
            numpy.array(found, numpy.int64).reshape(places.shape)]
    inputs = [name for name in node.input if name]
    if not all(name in known and known[name].size <= LARGEST
               for name in inputs) or node.op_type.startswith("Random") \
            or node.op_type in ("Bernoulli", "Multinomial", "Dropout") \
            or any(each.HasField("g") for each in node.attribute):
        return None
    names = dict.fromkeys(inputs)
    single = helper.make_model(
        helper.make_graph(
            [node], "node",
            [helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(known[name].dtype),
                known[name].shape) for name in names],
            [helper.make_empty_tensor_value_info(name)
             for name in node.output if name]),
        opset_imports=model.opset_import, ir_version=model.ir_version)
    try:
        values = ReferenceEvaluator(single).run(
            None, {name: known[name] for name in names})
    except Exception:
        return None
    if any(not isinstance(each, numpy.ndarray) or each.size > LARGEST
           for each in map(numpy.asarray, values)):
        return None
    return [numpy.asarray(each) for each in values]


def take_branch(node):
    """The nodes in place of one with a known condition; None for others."""
    if node.op_type != "If" or node.input[0] not in known:
        return None
    name = "then_branch" if known[node.input[0]].item() else "else_branch"
    branch = next(each.g for each in node.attribute if each.name == name)
    for each in branch.initializer:
        known[each.name] = numpy_helper.to_array(each)
        graph.initializer.append(each)
    return list(branch.node) + [
        helper.make_node("Identity", [inner.name], [outer])
        for inner, outer in zip(branch.output, node.output)]


del graph.value_info[:]
changed = True
while changed:
    changed = False
    extents, shapes, kept = infer_extents(), {}, []
    for node in graph.node:
        branch = take_branch(node)
        if branch is not None:
            kept += map(copy.deepcopy, branch)
            changed = True
            continue
        values = None if results & set(node.output) \
            else evaluate(node, extents, shapes)
        if values is None:
            kept.append(copy.deepcopy(node))
            continue
        for name, value in zip(filter(None, node.output), values):
            known[name] = value
            graph.initializer.append(numpy_helper.from_array(value, name))
        changed = True
    del graph.node[:]
    graph.node.extend(kept)
onnx.save(model, sys.argv[2])
)";
