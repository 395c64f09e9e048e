//===- TimeEncodingKernels.cpp - cos(w Δt + b) ----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelLowerings.h"
#include "passes/Kernels/RowVectors.h"
#include "passes/Kernels/TimePhase.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

/// About the elements that one cosine is worth.
static constexpr int64_t cosineCost = 8;

/// The extents of a Δt of rank 1 or 2 after its first one, as one nest.
static SmallVector<Value> innerExtents(KernelBuilder &b, Value deltas) {
  SmallVector<Value> extents;
  for (int64_t extent : shapeOf(deltas).drop_front())
    extents.push_back(b.constant(extent));
  return extents;
}

static SmallVector<Value> join(Value first, ValueRange others) {
  SmallVector<Value> all{first};
  llvm::append_range(all, others);
  return all;
}

void orcinus::lowerKernel(TimeEncodeOp op, KernelEmitter &emitter) {
  Value out = op.getOuts()[0];
  ArrayRef<int64_t> shape = shapeOf(out);
  Value rows = emitter.builderBefore(op).extent(out, 0);
  int64_t cost = cosineCost * ShapedType::getNumElements(shape.drop_front());
  emitter.forEachItem(
      op, "time_encode", rows, cost, op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        Value deltas = arguments[0];
        RowVectors columns(b, shape.back());
        b.forEach(range, [&](Value row) {
          b.nest(innerExtents(b, deltas), false, [&](ValueRange inner) {
            SmallVector<Value> at = join(row, inner);
            Value delta = b.loadSplat(deltas, at);
            columns.forEach([&](const RowVector &vector) {
              Value phase = timePhase(b, columns, vector, delta, arguments[1],
                                      arguments[2]);
              columns.store(math::CosOp::create(b.builder, b.location, phase),
                            arguments[3], at, vector);
            });
          });
        });
      });
}

void orcinus::lowerKernel(TimeEncodeGradOp op, KernelEmitter &emitter) {
  Value gradient = op.getInputs()[3];
  ArrayRef<int64_t> shape = shapeOf(gradient);
  Value rows = emitter.builderBefore(op).extent(gradient, 0);
  int64_t cost = cosineCost * ShapedType::getNumElements(shape.drop_front());
  int64_t inner = ShapedType::getNumElements(shape.drop_front().drop_back());
  emitter.sumItems(
      op, "time_encode_grad", rows, cost, op.getInputs(), op.getOuts(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments, Value sums,
          Value block) {
        Value deltas = arguments[0];
        RowVectors columns(b, shape.back());
        columns.forEach([&](const RowVector &vector) {
          Value zero = b.splat(0.0);
          SmallVector<Value> total = b.reduceLoop(
              range.begin, range.end, 1, {zero, zero},
              [&](Value row, ValueRange outer) {
                return b.reduceLoop(
                    b.constant(0), b.constant(inner), 1, outer,
                    [&](Value position, ValueRange carried) {
                      SmallVector<Value> at{row};
                      if (shape.size() == 3)
                        at.push_back(position);
                      Value delta = b.loadSplat(deltas, at);
                      Value phase = timePhase(b, columns, vector, delta,
                                              arguments[1], arguments[2]);
                      return addPhaseGradient(
                          b, columns.load(arguments[3], at, vector), phase,
                          delta, carried);
                    });
              });
          for (auto [out, sum] : llvm::enumerate(total))
            columns.store(sum, sums, {block, b.constant(out)}, vector);
        });
      });
}
