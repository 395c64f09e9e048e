//===- AttentionGradientKernels.cpp - Gradients of attention --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/DropoutMask.h"
#include "passes/Kernels/KernelLowerings.h"
#include "passes/Kernels/NeighbourKeys.h"
#include "passes/Kernels/NeighbourSoftmax.h"
#include "passes/Kernels/TimePhase.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

void orcinus::lowerKernel(AttendGradOp op, KernelEmitter &emitter) {
  ArrayRef<int64_t> shape = shapeOf(op.getOuts()[1]);
  int64_t heads = shape[1], neighbours = shape[2];
  double scale = op.getScale().convertToFloat();
  int64_t cost =
      8 * neighbours * NeighbourKeys::width(op.getInputs().drop_front(2));
  Value queries = emitter.builderBefore(op).extent(op.getOuts()[1], 0);
  emitter.forEachItem(
      op, "attend_grad", queries, cost, op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        Value outGradient = arguments[0], weights = arguments[1];
        ValueRange inputs = arguments.drop_front(2).drop_back(3);
        ValueRange outs = arguments.take_back(3);
        NeighbourKeys keys(b, inputs, op.getTime(), neighbours);
        Value products = b.scratch({heads, b.paddedWidth(neighbours)});
        DropoutMask dropout(b, inputs[2], op.getSalt(),
                            op.getDropout().convertToFloat());
        keys.forEachQuery(range, [&](Value query) {
          keys.multiply(outGradient, query, products);
          b.synchronize();
          NeighbourRow row(b, neighbours, keys.count());
          for (int64_t h = 0; h < heads; ++h) {
            Value head = b.constant(h);
            Value first =
                b.multiply(b.add(b.multiply(query, b.constant(heads)), head),
                           b.constant(neighbours));
            SmallVector<Value> softmax = row.load(weights, {query, head});
            SmallVector<Value> gradient = row.load(products, head);
            SmallVector<Value> dropped(softmax);
            for (auto [index, vector] : llvm::enumerate(row.vectors)) {
              Value element = b.add(first, vector.column);
              dropped[index] = dropout.apply(softmax[index], element);
              gradient[index] = dropout.apply(gradient[index], element);
            }
            row.store(dropped, outs[1], {query, head});
            row.store(softmaxGradient(b, softmax, gradient, scale), outs[2],
                      {query, head});
          }
          b.synchronize();
          keys.combine(outs[2], query, outs[0]);
        });
      });
}

/// How many references ahead the rows that they lead to are asked for: they lie
/// all over a batch's rows, and a line from afar takes as long as several
/// references' arithmetic.
static constexpr int64_t prefetchDistance = 6;

namespace {

/// The gradient of keys, Σ_h a_hj dz_h + c_hj u_h, column by column.
class KeyGradient {
public:
  /// `arguments` start with dz, u, a and c.
  KeyGradient(KernelBuilder &b, ValueRange arguments)
      : b(b), rows{arguments[0], arguments[1]},
        coefficients{arguments[2], arguments[3]},
        heads(shapeOf(arguments[0])[1]) {}

  /// The coefficients of neighbour `neighbour` of `query`, in all lanes.
  SmallVector<Value> loadFactors(Value query, Value neighbour) const {
    SmallVector<Value> factors;
    for (Value memref : coefficients)
      for (int64_t head = 0; head < heads; ++head)
        factors.push_back(
            b.loadSplat(memref, {query, b.constant(head), neighbour}));
    return factors;
  }

  /// One vector of the rows of `query` that the factors belong to.
  SmallVector<Value> loadRows(Value query, const RowVectors &columns,
                              const RowVector &vector, int64_t offset) const {
    SmallVector<Value> values;
    for (Value memref : rows)
      for (int64_t head = 0; head < heads; ++head)
        values.push_back(
            columns.load(memref, {query, b.constant(head)}, vector, offset));
    return values;
  }

  /// Asks for what `loadRows` will load for the vectors of `block`.
  void prefetch(Value query, const RowVectors &columns,
                ArrayRef<RowVector> block, int64_t offset) const {
    for (Value memref : rows)
      for (int64_t head = 0; head < heads; ++head)
        for (const RowVector &vector : block)
          columns.prefetch(memref, {query, b.constant(head)}, vector, offset);
  }

  /// Adds the products of factors and rows to `sum`.
  Value accumulate(ValueRange factors, ValueRange values, Value sum) const {
    for (auto [factor, value] : llvm::zip_equal(factors, values))
      sum = b.fma(factor, value, sum);
    return sum;
  }

  int64_t numFactors() const { return 2 * heads; }

private:
  KernelBuilder &b;
  Value rows[2], coefficients[2];
  int64_t heads;
};

} // namespace

void orcinus::lowerKernel(AttendTableGradOp op, KernelEmitter &emitter) {
  Value out = op.getOuts()[0];
  int64_t width = op.getWidth(), offset = op.getColumn();
  int64_t heads = shapeOf(op.getInputs()[0])[1];
  int64_t neighbours = shapeOf(op.getInputs()[2])[2];
  Value rows = emitter.builderBefore(op).extent(out, 0);
  emitter.forEachItem(
      op, "attend_table_grad", rows, 4 * heads * width, op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        KeyGradient gradient(b, arguments);
        Value offsets = arguments[4], references = arguments[5];
        RowVectors columns(b, width);
        int64_t blockVectors =
            std::max<int64_t>(1, b.registers - 2 - gradient.numFactors());
        auto referenceAt = [&](Value at) {
          return b.delinearize(b.loadIndex(references, at),
                               {ShapedType::kDynamic, neighbours});
        };
        Value last = b.subtract(b.extent(references, 0), b.constant(1));
        b.forEach(range, [&](Value row) {
          Value begin = b.loadIndex(offsets, row);
          Value end = b.loadIndex(offsets, b.add(row, b.constant(1)));
          columns.forEachBlock(blockVectors, [&](ArrayRef<RowVector> block) {
            SmallVector<Value> sums = b.reduceLoop(
                begin, end, /*step=*/1,
                SmallVector<Value>(block.size(), b.splat(0.0)),
                [&](Value at, ValueRange carried) {
                  Value ahead =
                      b.minimum(b.add(at, b.constant(prefetchDistance)), last);
                  gradient.prefetch(referenceAt(ahead)[0], columns, block,
                                    offset);
                  SmallVector<Value> from = referenceAt(at);
                  SmallVector<Value> factors =
                      gradient.loadFactors(from[0], from[1]);
                  SmallVector<Value> next(carried);
                  for (auto [vector, sum] : llvm::zip_equal(block, next))
                    sum = gradient.accumulate(
                        factors,
                        gradient.loadRows(from[0], columns, vector, offset),
                        sum);
                  return next;
                });
            for (auto [vector, sum] : llvm::zip_equal(block, sums))
              columns.store(sum, arguments[6], row, vector);
          });
        });
      });
}

/// Adds what the valid neighbours of `query` give to `sums` of one vector of
/// frequencies and of phases. `arguments` are the op's inputs.
static SmallVector<Value>
emitTimeGradient(KernelBuilder &b, const KeyGradient &gradient,
                 const RowVectors &columns, const RowVector &vector,
                 int64_t offset, Value query, ValueRange arguments,
                 ValueRange sums) {
  SmallVector<Value> rows = gradient.loadRows(query, columns, vector, offset);
  return b.reduceLoop(
      b.constant(0), b.loadIndex(arguments[4], query), /*step=*/1, sums,
      [&](Value neighbour, ValueRange carried) {
        Value change = gradient.accumulate(
            gradient.loadFactors(query, neighbour), rows, b.splat(0.0));
        Value delta = b.loadSplat(arguments[5], {query, neighbour});
        Value phase =
            timePhase(b, columns, vector, delta, arguments[6], arguments[7]);
        return addPhaseGradient(b, change, phase, delta, carried);
      });
}

void orcinus::lowerKernel(AttendTimeGradOp op, KernelEmitter &emitter) {
  int64_t width = shapeOf(op.getOuts()[0])[0], offset = op.getColumn();
  int64_t cost = 8 * shapeOf(op.getInputs()[2])[2] * width;
  Value queries = emitter.builderBefore(op).extent(op.getInputs()[0], 0);
  emitter.sumItems(
      op, "attend_time_grad", queries, cost, op.getInputs(), op.getOuts(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments, Value sums,
          Value block) {
        KeyGradient gradient(b, arguments);
        RowVectors columns(b, width);
        // Query by query, as memory lies: the sums are in the nearest cache.
        auto forSums = [&](llvm::function_ref<SmallVector<Value>(
                               const RowVector &, ValueRange)>
                               update) {
          columns.forEach([&](const RowVector &vector) {
            SmallVector<Value> values;
            for (int64_t out : {0, 1})
              values.push_back(
                  columns.load(sums, {block, b.constant(out)}, vector));
            values = update(vector, values);
            for (auto [out, value] : llvm::enumerate(values))
              columns.store(value, sums, {block, b.constant(out)}, vector);
          });
        };
        forSums([&](const RowVector &, ValueRange) {
          return SmallVector<Value>(2, b.splat(0.0));
        });
        b.forEach(range, [&](Value query) {
          forSums([&](const RowVector &vector, ValueRange values) {
            return emitTimeGradient(b, gradient, columns, vector, offset, query,
                                    arguments, values);
          });
        });
      });
}
