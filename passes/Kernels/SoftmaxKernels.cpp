//===- SoftmaxKernels.cpp - Softmax over valid neighbours -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelLowerings.h"
#include "passes/Kernels/NeighbourSoftmax.h"

#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

NeighbourRow::NeighbourRow(KernelBuilder &b, int64_t neighbours, Value count)
    : vectors(RowVectors(b, neighbours).all()), b(b), columns(b, neighbours) {
  for (const RowVector &vector : vectors)
    masks.push_back(b.lanesBelow(b.subtract(count, vector.column)));
}

SmallVector<Value> NeighbourRow::load(Value memref, ValueRange leading) const {
  SmallVector<Value> values;
  for (auto [vector, mask] : llvm::zip_equal(vectors, masks))
    values.push_back(columns.loadWhere(mask, memref, leading, vector));
  return values;
}

void NeighbourRow::store(ValueRange values, Value memref,
                         ValueRange leading) const {
  for (auto [vector, value] : llvm::zip_equal(vectors, values))
    columns.store(value, memref, leading, vector);
}

SmallVector<Value> NeighbourRow::softmax(ValueRange scores,
                                         double scale) const {
  Value lowest = b.splat(-std::numeric_limits<float>::infinity());
  SmallVector<Value> values;
  Value largest;
  for (auto [score, mask] : llvm::zip_equal(scores, masks)) {
    Value scaled = b.mulf(score, b.splat(scale));
    values.push_back(
        arith::SelectOp::create(b.builder, b.location, mask, scaled, lowest));
    largest = largest ? b.maxf(largest, values.back()) : values.back();
  }
  Value shift = b.splat(b.maximum(largest));
  Value total;
  for (auto [value, mask] : llvm::zip_equal(values, masks)) {
    Value power =
        math::ExpOp::create(b.builder, b.location, b.subf(value, shift));
    value = b.keepIf(mask, power);
    total = total ? b.addf(total, value) : value;
  }
  // The sum is about 1 or more, or zero where no neighbour is valid: then any
  // other divisor gives zeros.
  Value divisor =
      b.maxf(b.sum(total), b.scalar(std::numeric_limits<float>::min()));
  Value factor = b.splat(b.divf(b.scalar(1.0), divisor));
  for (Value &value : values)
    value = b.mulf(value, factor);
  return values;
}

SmallVector<Value> orcinus::softmaxGradient(KernelBuilder &b,
                                            ValueRange softmax,
                                            ValueRange gradient, double scale) {
  Value total;
  for (auto [weight, change] : llvm::zip_equal(softmax, gradient)) {
    Value product = b.mulf(weight, change);
    total = total ? b.addf(total, product) : product;
  }
  Value mean = b.splat(b.sum(total));
  SmallVector<Value> result;
  for (auto [weight, change] : llvm::zip_equal(softmax, gradient))
    result.push_back(
        b.mulf(b.mulf(weight, b.splat(scale)), b.subf(change, mean)));
  return result;
}

/// Runs `body` for each head of each query of `range` with the indices.
static void forHeads(KernelBuilder &b, IndexRange range, int64_t heads,
                     llvm::function_ref<void(ValueRange)> body) {
  b.forEach(range, [&](Value query) {
    b.forLoop(b.constant(0), b.constant(heads), 1,
              [&](Value head) { body({query, head}); });
  });
}

void orcinus::lowerKernel(NeighbourSoftmaxOp op, KernelEmitter &emitter) {
  Value out = op.getOuts()[0];
  ArrayRef<int64_t> shape = shapeOf(out);
  double scale = op.getScale().convertToFloat();
  size_t inputs = op.getInputs().size();
  Value queries = emitter.builderBefore(op).extent(out, 0);
  emitter.forEachItem(
      op, "neighbour_softmax", queries, 8 * shape[1] * shape[2],
      op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        forHeads(b, range, shape[1], [&](ValueRange at) {
          Value count = inputs > 1 ? b.loadIndex(arguments[1], at[0])
                                   : b.constant(shape[2]);
          NeighbourRow row(b, shape[2], count);
          row.store(row.softmax(row.load(arguments[0], at), scale),
                    arguments[inputs], at);
        });
      });
}

void orcinus::lowerKernel(NeighbourSoftmaxGradOp op, KernelEmitter &emitter) {
  Value out = op.getOuts()[0];
  ArrayRef<int64_t> shape = shapeOf(out);
  double scale = op.getScale().convertToFloat();
  Value queries = emitter.builderBefore(op).extent(out, 0);
  emitter.forEachItem(
      op, "neighbour_softmax_grad", queries, 4 * shape[1] * shape[2],
      op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        NeighbourRow row(b, shape[2], b.constant(shape[2]));
        forHeads(b, range, shape[1], [&](ValueRange at) {
          row.store(softmaxGradient(b, row.load(arguments[0], at),
                                    row.load(arguments[1], at), scale),
                    arguments[2], at);
        });
      });
}
