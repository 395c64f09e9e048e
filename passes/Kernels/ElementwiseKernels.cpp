//===- ElementwiseKernels.cpp - Element by element ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/DropoutMask.h"
#include "passes/Kernels/KernelLowerings.h"
#include "passes/Kernels/RowVectors.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

void orcinus::lowerKernel(MaskRowsOp op, KernelEmitter &emitter) {
  Value out = op.getOuts()[0];
  int64_t width = shapeOf(out).back();
  Value rows = emitter.builderBefore(op).extent(out, 0);
  emitter.forEachItem(
      op, "mask_rows", rows, 2 * width, op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        RowVectors columns(b, width);
        b.forEach(range, [&](Value row) {
          Value isKept = arith::CmpIOp::create(
              b.builder, b.location, arith::CmpIPredicate::ne,
              b.loadIndex(arguments[1], row), b.constant(0));
          columns.forEach([&](const RowVector &vector) {
            Value value = columns.load(arguments[0], row, vector);
            columns.store(b.keepIf(isKept, value), arguments[2], row, vector);
          });
        });
      });
}

void orcinus::lowerKernel(DropoutOp op, KernelEmitter &emitter) {
  Value out = op.getOuts()[0];
  ArrayRef<int64_t> shape = shapeOf(out);
  double rate = op.getRate().convertToFloat();
  Value rows = emitter.builderBefore(op).extent(out, 0);
  int64_t rowElements = ShapedType::getNumElements(shape.drop_front());
  emitter.forEachItem(
      op, "dropout", rows, 4 * rowElements, op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        DropoutMask mask(b, arguments[1], op.getSalt(), rate);
        RowVectors columns(b, shape.back());
        SmallVector<Value> middle;
        for (int64_t extent : shape.drop_front().drop_back())
          middle.push_back(b.constant(extent));
        b.forEach(range, [&](Value row) {
          b.nest(middle, /*parallel=*/false, [&](ValueRange inner) {
            SmallVector<Value> at{row};
            Value flat = row;
            for (auto [index, extent] : llvm::zip_equal(inner, middle)) {
              at.push_back(index);
              flat = b.add(b.multiply(flat, extent), index);
            }
            flat = b.multiply(flat, b.constant(shape.back()));
            columns.forEach([&](const RowVector &vector) {
              Value value = columns.load(arguments[0], at, vector);
              value = mask.apply(value, b.add(flat, vector.column));
              columns.store(value, arguments[2], at, vector);
            });
          });
        });
      });
}
