//===- OptimizerKernels.cpp - Steps of optimizers -------------------------===//
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

// Adam's usual constants (Kingma and Ba 2015).
static constexpr double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;

/// 1 - beta^step, where step is below 2^31: by squaring, in f64, for the
/// difference cancels; an exponential would have to come from a vendor's
/// library on GPUs.
static Value biasCorrection(KernelBuilder &b, double beta, Value step) {
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(b.builder, b.location,
                                     b.builder.getF64FloatAttr(value));
  };
  Value exponent = arith::IndexCastUIOp::create(b.builder, b.location,
                                                b.builder.getIndexType(), step);
  Value power = b.reduceLoop(
      b.constant(0), b.constant(31), /*step=*/1,
      {constant(1.0), constant(beta)},
      [&](Value bit, ValueRange carried) -> SmallVector<Value> {
        Value shifted =
            arith::ShRUIOp::create(b.builder, b.location, exponent, bit);
        Value low = arith::AndIOp::create(b.builder, b.location, shifted,
                                          b.constant(1));
        Value isSet =
            arith::CmpIOp::create(b.builder, b.location,
                                  arith::CmpIPredicate::ne, low, b.constant(0));
        Value with = b.mulf(carried[0], carried[1]);
        return {arith::SelectOp::create(b.builder, b.location, isSet, with,
                                        carried[0]),
                b.mulf(carried[1], carried[1])};
      })[0];
  return arith::TruncFOp::create(b.builder, b.location, b.builder.getF32Type(),
                                 b.subf(constant(1.0), power));
}

namespace {

/// What all elements of a step share, in all lanes.
struct AdamStep {
  /// The learning rate over the first moment's bias correction.
  Value rate;
  /// 1 / sqrt of the second moment's bias correction.
  Value inverseRoot;

  AdamStep(KernelBuilder &b, Value learningRate, Value step)
      : rate(b.splat(b.divf(learningRate, biasCorrection(b, beta1, step)))) {
    Value root = math::SqrtOp::create(b.builder, b.location,
                                      biasCorrection(b, beta2, step));
    inverseRoot = b.splat(b.divf(b.scalar(1.0), root));
  }
};

} // namespace

/// Updates one vector of (gradient, parameter, first moment, second moment).
static void emitAdam(KernelBuilder &b, const AdamStep &step,
                     const RowVectors &columns, const RowVector &vector,
                     ValueRange buffers, ValueRange leading) {
  SmallVector<Value> values;
  for (Value buffer : buffers)
    values.push_back(columns.load(buffer, leading, vector));
  Value gradient = values[0];
  Value first =
      b.fma(values[2], b.splat(beta1), b.mulf(gradient, b.splat(1.0 - beta1)));
  Value second =
      b.fma(values[3], b.splat(beta2),
            b.mulf(b.mulf(gradient, gradient), b.splat(1.0 - beta2)));
  Value root = math::SqrtOp::create(b.builder, b.location, second);
  Value divisor = b.fma(root, step.inverseRoot, b.splat(epsilon));
  Value parameter =
      b.subf(values[1], b.mulf(step.rate, b.divf(first, divisor)));
  columns.store(parameter, buffers[1], leading, vector);
  columns.store(first, buffers[2], leading, vector);
  columns.store(second, buffers[3], leading, vector);
}

void orcinus::lowerKernel(AdamOp op, KernelEmitter &emitter) {
  ArrayRef<int64_t> shape = shapeOf(op.getParameter());
  ArrayRef<int64_t> leading = shape.drop_back();
  Value rows =
      emitter.builderBefore(op).constant(ShapedType::getNumElements(leading));
  emitter.forEachItem(
      op, "adam", rows, 8 * shape.back(), op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        ValueRange buffers = arguments.take_front(4);
        AdamStep step(b, arguments[4], arguments[5]);
        RowVectors columns(b, shape.back());
        b.forEach(range, [&](Value row) {
          SmallVector<Value> at = b.delinearize(row, leading);
          columns.forEach([&](const RowVector &vector) {
            emitAdam(b, step, columns, vector, buffers, at);
          });
        });
      });
}
