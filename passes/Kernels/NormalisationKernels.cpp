//===- NormalisationKernels.cpp - Layer normalisation ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelLowerings.h"
#include "passes/Kernels/RowVectors.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

namespace {

/// A row's mean and 1/sqrt(variance + ε), in all lanes.
struct Statistics {
  Value mean, inverseDeviation;

  static Statistics load(KernelBuilder &b, Value memref, Value row) {
    return {b.loadSplat(memref, {row, b.constant(0)}),
            b.loadSplat(memref, {row, b.constant(1)})};
  }

  /// (x - mean) / deviation.
  Value normalise(KernelBuilder &b, Value x) const {
    return b.mulf(b.subf(x, mean), inverseDeviation);
  }
};

} // namespace

/// The mean over a row's columns of what `term` makes of each vector: zero in
/// the lanes that are not valid.
static Value meanOf(KernelBuilder &b, const RowVectors &columns,
                    llvm::function_ref<Value(const RowVector &)> term) {
  Value sum = columns.reduce(
      RowVectors::elementwiseBlock, b.splat(0.0),
      [&](ArrayRef<RowVector> block, ValueRange carried) -> SmallVector<Value> {
        Value partial = carried[0];
        for (const RowVector &vector : block)
          partial = b.addf(partial, term(vector));
        return {partial};
      })[0];
  return b.mulf(b.sum(sum), b.scalar(1.0 / columns.width));
}

void orcinus::lowerKernel(LayerNormOp op, KernelEmitter &emitter) {
  Value input = op.getInputs()[0];
  double epsilon = op.getEpsilon().convertToFloat();
  Value rows = emitter.builderBefore(op).extent(input, 0);
  emitter.forEachItem(
      op, "layer_norm", rows, 6 * shapeOf(input).back(), op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        Value x = arguments[0], scale = arguments[1], shift = arguments[2];
        Value y = arguments[3], statistics = arguments[4];
        RowVectors columns(b, shapeOf(x).back());
        b.forEach(range, [&](Value row) {
          Value mean = meanOf(b, columns, [&](const RowVector &vector) {
            return columns.load(x, row, vector);
          });
          Value wideMean = b.splat(mean);
          Value variance = meanOf(b, columns, [&](const RowVector &vector) {
            Value deviation = columns.clearInvalid(
                b.subf(columns.load(x, row, vector), wideMean), vector);
            return b.mulf(deviation, deviation);
          });
          Value deviation = math::SqrtOp::create(
              b.builder, b.location, b.addf(variance, b.scalar(epsilon)));
          Value inverse = b.divf(b.scalar(1.0), deviation);
          b.storeElement(mean, statistics, {row, b.constant(0)});
          b.storeElement(inverse, statistics, {row, b.constant(1)});
          Statistics wide{wideMean, b.splat(inverse)};
          columns.forEach([&](const RowVector &vector) {
            Value normal = wide.normalise(b, columns.load(x, row, vector));
            Value result = b.fma(normal, columns.load(scale, {}, vector),
                                 columns.load(shift, {}, vector));
            columns.store(result, y, row, vector);
          });
        });
      });
}

/// With n = (x - mean) / deviation and g = scale · dy:
/// dx = (g - mean(g) - n mean(g n)) / deviation.
void orcinus::lowerKernel(LayerNormGradOp op, KernelEmitter &emitter) {
  Value input = op.getInputs()[0];
  Value rows = emitter.builderBefore(op).extent(input, 0);
  emitter.forEachItem(
      op, "layer_norm_grad", rows, 8 * shapeOf(input).back(), op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        Value x = arguments[0], scale = arguments[1];
        Value gradient = arguments[3], out = arguments[4];
        RowVectors columns(b, shapeOf(x).back());
        b.forEach(range, [&](Value row) {
          Statistics statistics = Statistics::load(b, arguments[2], row);
          auto normalised = [&](const RowVector &vector) {
            return statistics.normalise(b, columns.load(x, row, vector));
          };
          auto scaled = [&](const RowVector &vector) {
            return b.mulf(columns.load(gradient, row, vector),
                          columns.load(scale, {}, vector));
          };
          Value mean = b.splat(meanOf(b, columns, scaled));
          Value projection =
              b.splat(meanOf(b, columns, [&](const RowVector &vector) {
                return b.mulf(scaled(vector), normalised(vector));
              }));
          columns.forEach([&](const RowVector &vector) {
            Value rest = b.subf(b.subf(scaled(vector), mean),
                                b.mulf(normalised(vector), projection));
            columns.store(b.mulf(rest, statistics.inverseDeviation), out, row,
                          vector);
          });
        });
      });
}

void orcinus::lowerKernel(LayerNormParameterGradOp op, KernelEmitter &emitter) {
  Value input = op.getInputs()[0];
  Value rows = emitter.builderBefore(op).extent(input, 0);
  emitter.sumItems(
      op, "layer_norm_parameter_grad", rows, 4 * shapeOf(input).back(),
      op.getInputs(), op.getOuts(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments, Value sums,
          Value block) {
        Value x = arguments[0], gradient = arguments[2];
        RowVectors columns(b, shapeOf(x).back());
        // Registers: two sums a vector, the statistics, a gradient, a normal.
        int64_t blockVectors = (b.registers - 4) / 2;
        columns.forEachBlock(blockVectors, [&](ArrayRef<RowVector> vectors) {
          SmallVector<Value> total = b.reduceLoop(
              range.begin, range.end, /*step=*/1,
              SmallVector<Value>(2 * vectors.size(), b.splat(0.0)),
              [&](Value row, ValueRange carried) {
                Statistics statistics = Statistics::load(b, arguments[1], row);
                SmallVector<Value> next;
                for (const RowVector &vector : vectors) {
                  Value change = columns.load(gradient, row, vector);
                  Value normal =
                      statistics.normalise(b, columns.load(x, row, vector));
                  next.push_back(b.fma(change, normal, carried[next.size()]));
                  next.push_back(b.addf(carried[next.size()], change));
                }
                return next;
              });
          for (auto [index, sum] : llvm::enumerate(total))
            columns.store(sum, sums, {block, b.constant(index % 2)},
                          vectors[index / 2]);
        });
      });
}
