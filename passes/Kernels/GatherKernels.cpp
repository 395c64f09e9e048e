//===- GatherKernels.cpp - Rows by index ----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelLowerings.h"
#include "passes/Kernels/RowVectors.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

/// Runs `body` for all indices of the dimensions of `shape` between the first
/// and the last, which `leading` starts.
static void forMiddle(KernelBuilder &b, ArrayRef<int64_t> shape, Value first,
                      llvm::function_ref<void(ValueRange)> body) {
  SmallVector<Value> extents;
  for (int64_t extent : shape.drop_front().drop_back())
    extents.push_back(b.constant(extent));
  b.nest(extents, /*parallel=*/false, [&](ValueRange middle) {
    SmallVector<Value> leading{first};
    llvm::append_range(leading, middle);
    body(leading);
  });
}

static void copyRow(const RowVectors &columns, Value from, ValueRange fromRow,
                    Value to, ValueRange toRow) {
  columns.forEach([&](const RowVector &vector) {
    columns.store(columns.load(from, fromRow, vector), to, toRow, vector);
  });
}

void orcinus::lowerKernel(GatherOp op, KernelEmitter &emitter) {
  Value out = op.getOuts()[0];
  ArrayRef<int64_t> shape = shapeOf(out);
  Value rows = emitter.builderBefore(op).extent(out, 0);
  int64_t cost = ShapedType::getNumElements(shape.drop_front());
  emitter.forEachItem(
      op, "gather", rows, cost, op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        RowVectors columns(b, shape.back());
        b.forEach(range, [&](Value row) {
          forMiddle(b, shape, row, [&](ValueRange at) {
            Value from = b.loadIndex(arguments[1], at);
            copyRow(columns, arguments[0], from, arguments[2], at);
          });
        });
      });
}

/// Row i of the op's result becomes the sum of those rows of its first input
/// that the compressed rows in the other two give it, or their mean.
static void reduceReferences(Operation *op, KernelEmitter &emitter,
                             StringRef name, bool isMean) {
  ArrayRef<int64_t> shape = shapeOf(op->getOperand(0));
  Value rows = emitter.builderBefore(op).extent(op->getOperand(3), 0);
  emitter.forEachItem(
      op, name, rows, 2 * shape.back(), op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        Value values = arguments[0], offsets = arguments[1];
        RowVectors columns(b, shape.back());
        b.forEach(range, [&](Value row) {
          Value begin = b.loadIndex(offsets, row);
          Value end = b.loadIndex(offsets, b.add(row, b.constant(1)));
          Value share = isMean ? b.shareOf(b.subtract(end, begin)) : Value();
          columns.forEachBlock(b.registers - 4, [&](ArrayRef<RowVector> block) {
            SmallVector<Value> sums = b.reduceLoop(
                begin, end, /*step=*/1,
                SmallVector<Value>(block.size(), b.splat(0.0)),
                [&](Value at, ValueRange carried) {
                  SmallVector<Value> from = b.delinearize(
                      b.loadIndex(arguments[2], at), shape.drop_back());
                  SmallVector<Value> next;
                  for (auto [vector, sum] : llvm::zip_equal(block, carried))
                    next.push_back(
                        b.addf(sum, columns.load(values, from, vector)));
                  return next;
                });
            for (auto [vector, sum] : llvm::zip_equal(block, sums))
              columns.store(isMean ? b.mulf(sum, share) : sum, arguments[3],
                            row, vector);
          });
        });
      });
}

void orcinus::lowerKernel(GatherGradOp op, KernelEmitter &emitter) {
  reduceReferences(op, emitter, "gather_grad", /*isMean=*/false);
}

void orcinus::lowerKernel(MeanRowsOp op, KernelEmitter &emitter) {
  reduceReferences(op, emitter, "mean_rows", /*isMean=*/true);
}

/// Copies row i of `values` to row `rows`[i] of `buffer`, for all i.
static void scatterRows(Operation *op, KernelEmitter &emitter, Value values,
                        Value rows, Value buffer) {
  Value count = emitter.builderBefore(op).extent(rows, 0);
  int64_t width = shapeOf(values).back();
  emitter.forEachItem(
      op, "scatter_rows", count, 2 * width, {values, rows, buffer},
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        RowVectors columns(b, width);
        b.forEach(range, [&](Value from) {
          Value to = b.loadIndex(arguments[1], from);
          copyRow(columns, arguments[0], from, arguments[2], to);
        });
      });
}

void orcinus::lowerKernel(ReplaceRowsOp op, KernelEmitter &emitter) {
  Value table = op.getInputs()[0], out = op.getOuts()[0];
  int64_t width = shapeOf(out).back();
  Value rows = emitter.builderBefore(op).extent(out, 0);
  emitter.forEachItem(
      op, "copy_rows", rows, 2 * width, {table, out},
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        RowVectors columns(b, width);
        b.forEach(range, [&](Value row) {
          copyRow(columns, arguments[0], row, arguments[1], row);
        });
      });
  scatterRows(op, emitter, op.getInputs()[2], op.getInputs()[1], out);
}

void orcinus::lowerKernel(WriteRowsOp op, KernelEmitter &emitter) {
  scatterRows(op, emitter, op.getValues(), op.getRows(), op.getBuffer());
}
