//===- LossKernels.cpp - Losses -------------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With t = -x for a pair that met and t = x for another, binary cross-entropy
// with logits is softplus(t) = max(t, 0) + log(1 + exp(-|t|)), whose derivative
// by t is σ(t). Neither overflows.
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelLowerings.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

/// One logit, and the sign that makes t of it.
struct SignedLogit {
  Value sign, value;
};

/// Element `index` of logits [P, 1] with labels [P].
static SignedLogit loadLogit(KernelBuilder &b, Value logits, Value labels,
                             Value index) {
  Value met =
      arith::CmpIOp::create(b.builder, b.location, arith::CmpIPredicate::ne,
                            b.loadIndex(labels, index), b.constant(0));
  Value sign = arith::SelectOp::create(b.builder, b.location, met,
                                       b.scalar(-1.0), b.scalar(1.0));
  Value logit = b.loadElement(logits, {index, b.constant(0)});
  return {sign, b.mulf(sign, logit)};
}

/// 1 / max(count, 1), so that the mean of nothing is zero.
static Value inverseCount(KernelBuilder &b, Value count) {
  Value atLeastOne =
      arith::MaxUIOp::create(b.builder, b.location, count, b.constant(1));
  Value whole = arith::IndexCastUIOp::create(
      b.builder, b.location, b.builder.getI32Type(), atLeastOne);
  Value real = arith::UIToFPOp::create(b.builder, b.location,
                                       b.builder.getF32Type(), whole);
  return b.divf(b.scalar(1.0), real);
}

void orcinus::lowerKernel(LinkLossOp op, KernelEmitter &emitter) {
  emitter.once(
      op, "link_loss", op->getOperands(),
      [&](KernelBuilder &b, IndexRange, ValueRange arguments) {
        Value count = b.extent(arguments[0], 0);
        Value zero = b.scalar(0.0);
        Value total = b.reduceLoop(
            b.constant(0), count, /*step=*/1, zero,
            [&](Value index, ValueRange carried) -> SmallVector<Value> {
              Value t = loadLogit(b, arguments[0], arguments[1], index).value;
              Value distance = math::AbsFOp::create(b.builder, b.location, t);
              Value power =
                  math::ExpOp::create(b.builder, b.location, b.negf(distance));
              Value rest = math::Log1pOp::create(b.builder, b.location, power);
              return {b.addf(carried[0], b.addf(b.maxf(t, zero), rest))};
            })[0];
        b.storeElement(b.mulf(total, inverseCount(b, count)), arguments[2], {});
      });
}

void orcinus::lowerKernel(LinkLossGradOp op, KernelEmitter &emitter) {
  emitter.once(
      op, "link_loss_grad", op->getOperands(),
      [&](KernelBuilder &b, IndexRange, ValueRange arguments) {
        Value count = b.extent(arguments[0], 0);
        Value factor =
            b.mulf(b.loadElement(arguments[2], {}), inverseCount(b, count));
        b.forLoop(b.constant(0), count, /*step=*/1, [&](Value index) {
          SignedLogit logit = loadLogit(b, arguments[0], arguments[1], index);
          Value one = b.scalar(1.0);
          Value power =
              math::ExpOp::create(b.builder, b.location, b.negf(logit.value));
          Value slope = b.divf(one, b.addf(one, power));
          b.storeElement(b.mulf(b.mulf(logit.sign, slope), factor),
                         arguments[3], {index, b.constant(0)});
        });
      });
}
