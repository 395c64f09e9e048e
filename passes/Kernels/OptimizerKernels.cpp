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
  /// 1 - rate · decay, where the decay is decoupled; else null.
  Value shrink;
  /// What the gradient is multiplied by; null for 1.
  Value scale;
  double beta1, beta2, epsilon;
  /// The decay that is an L2 penalty's.
  double penalty = 0;
};

} // namespace

/// The number in all lanes that the gradient is multiplied by; null without.
static Value loadScale(KernelBuilder &b, bool isScaled, ValueRange arguments) {
  return isScaled ? b.loadSplat(arguments.back(), {}) : Value();
}

/// The gradient as the optimizer takes it, of a vector of parameters.
static Value adjustGradient(KernelBuilder &b, Value gradient, Value parameter,
                            Value scale, double penalty) {
  if (scale)
    gradient = b.mulf(gradient, scale);
  if (penalty != 0)
    gradient = b.fma(parameter, b.splat(penalty), gradient);
  return gradient;
}

/// Updates one vector of (gradient, parameter, first moment, second moment).
static void emitAdam(KernelBuilder &b, const AdamStep &step,
                     const RowVectors &columns, const RowVector &vector,
                     ValueRange buffers, ValueRange leading) {
  SmallVector<Value> values;
  for (Value buffer : buffers)
    values.push_back(columns.load(buffer, leading, vector));
  Value gradient =
      adjustGradient(b, values[0], values[1], step.scale, step.penalty);
  Value start = step.shrink ? b.mulf(values[1], step.shrink) : values[1];
  Value first = b.fma(values[2], b.splat(step.beta1),
                      b.mulf(gradient, b.splat(1.0 - step.beta1)));
  Value second =
      b.fma(values[3], b.splat(step.beta2),
            b.mulf(b.mulf(gradient, gradient), b.splat(1.0 - step.beta2)));
  Value root = math::SqrtOp::create(b.builder, b.location, second);
  Value divisor = b.fma(root, step.inverseRoot, b.splat(step.epsilon));
  Value parameter = b.subf(start, b.mulf(step.rate, b.divf(first, divisor)));
  columns.store(parameter, buffers[1], leading, vector);
  columns.store(first, buffers[2], leading, vector);
  columns.store(second, buffers[3], leading, vector);
}

/// Runs `body` for every vector of every row of a parameter of `shape`.
static void
forEachVector(KernelBuilder &b, IndexRange range, ArrayRef<int64_t> shape,
              function_ref<void(const RowVectors &columns,
                                const RowVector &vector, ValueRange leading)>
                  body) {
  RowVectors columns(b, shape.back());
  b.forEach(range, [&](Value row) {
    SmallVector<Value> at = b.delinearize(row, shape.drop_back());
    columns.forEach(
        [&](const RowVector &vector) { body(columns, vector, at); });
  });
}

static Value rowsOf(Operation *op, KernelEmitter &emitter,
                    ArrayRef<int64_t> shape) {
  return emitter.builderBefore(op).constant(
      ShapedType::getNumElements(shape.drop_back()));
}

template <typename AdaptiveOp>
static AdamStep makeStep(KernelBuilder &b, AdaptiveOp op, ValueRange arguments,
                         bool isDecoupled) {
  AdamStep step;
  step.beta1 = op.getBeta1().convertToDouble();
  step.beta2 = op.getBeta2().convertToDouble();
  step.epsilon = op.getEpsilon().convertToDouble();
  double decay = op.getWeightDecay().convertToDouble();
  Value learningRate = arguments[4], number = arguments[5];
  step.rate =
      b.splat(b.divf(learningRate, biasCorrection(b, step.beta1, number)));
  Value root = math::SqrtOp::create(b.builder, b.location,
                                    biasCorrection(b, step.beta2, number));
  step.inverseRoot = b.splat(b.divf(b.scalar(1.0), root));
  if (isDecoupled && decay != 0)
    step.shrink =
        b.splat(b.subf(b.scalar(1.0), b.mulf(learningRate, b.scalar(decay))));
  if (!isDecoupled)
    step.penalty = decay;
  step.scale = loadScale(b, static_cast<bool>(op.getScale()), arguments);
  return step;
}

template <typename AdaptiveOp>
static void lowerAdaptive(AdaptiveOp op, KernelEmitter &emitter,
                          bool isDecoupled) {
  ArrayRef<int64_t> shape = shapeOf(op.getParameter());
  emitter.forEachItem(
      op, op->getName().stripDialect(), rowsOf(op, emitter, shape),
      8 * shape.back(), op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        AdamStep step = makeStep(b, op, arguments, isDecoupled);
        forEachVector(b, range, shape,
                      [&](const RowVectors &columns, const RowVector &vector,
                          ValueRange at) {
                        emitAdam(b, step, columns, vector,
                                 arguments.take_front(4), at);
                      });
      });
}

void orcinus::lowerKernel(AdamOp op, KernelEmitter &emitter) {
  lowerAdaptive(op, emitter, /*isDecoupled=*/false);
}

void orcinus::lowerKernel(AdamWOp op, KernelEmitter &emitter) {
  lowerAdaptive(op, emitter, /*isDecoupled=*/true);
}

void orcinus::lowerKernel(SgdOp op, KernelEmitter &emitter) {
  ArrayRef<int64_t> shape = shapeOf(op.getParameter());
  double decay = op.getWeightDecay().convertToDouble();
  double momentum = op.getMomentum().convertToDouble();
  bool hasVelocity = static_cast<bool>(op.getVelocity());
  bool isScaled = static_cast<bool>(op.getScale());
  bool isNesterov = op.getNesterov();
  emitter.forEachItem(
      op, "sgd", rowsOf(op, emitter, shape), 6 * shape.back(),
      op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        Value rate = b.splat(arguments[2]);
        Value scale = loadScale(b, isScaled, arguments);
        forEachVector(
            b, range, shape,
            [&](const RowVectors &columns, const RowVector &vector,
                ValueRange at) {
              Value parameter = columns.load(arguments[1], at, vector);
              Value gradient =
                  adjustGradient(b, columns.load(arguments[0], at, vector),
                                 parameter, scale, decay);
              if (hasVelocity) {
                Value velocity = b.fma(columns.load(arguments[3], at, vector),
                                       b.splat(momentum), gradient);
                columns.store(velocity, arguments[3], at, vector);
                gradient = isNesterov
                               ? b.fma(velocity, b.splat(momentum), gradient)
                               : velocity;
              }
              columns.store(b.subf(parameter, b.mulf(rate, gradient)),
                            arguments[1], at, vector);
            });
      });
}

//===----------------------------------------------------------------------===//
// Clipping
//===----------------------------------------------------------------------===//

void orcinus::lowerKernel(SquaredNormOp op, KernelEmitter &emitter) {
  Value gradient = op.getInputs()[0];
  ArrayRef<int64_t> shape = shapeOf(gradient);
  emitter.sumItems(
      op, "squared_norm", rowsOf(op, emitter, shape), shape.back(),
      op.getInputs(), op.getOuts(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments, Value sums,
          Value block) {
        RowVectors columns(b, shape.back());
        Value total = b.reduceLoop(
            range.begin, range.end, /*step=*/1, b.splat(0.0),
            [&](Value row, ValueRange carried) -> SmallVector<Value> {
              SmallVector<Value> at = b.delinearize(row, shape.drop_back());
              return columns.reduce(
                  RowVectors::elementwiseBlock, carried,
                  [&](ArrayRef<RowVector> vectors, ValueRange sum) {
                    Value next = sum[0];
                    for (const RowVector &vector : vectors) {
                      Value value = columns.clearInvalid(
                          columns.load(arguments[0], at, vector), vector);
                      next = b.fma(value, value, next);
                    }
                    return SmallVector<Value>{next};
                  });
            })[0];
        b.storeElement(b.sum(total), sums,
                       {block, b.constant(0), b.constant(0)});
      });
}

void orcinus::lowerKernel(ClipScaleOp op, KernelEmitter &emitter) {
  double limit = op.getLimit().convertToDouble();
  emitter.once(
      op, "clip_scale", op->getOperands(),
      [&](KernelBuilder &b, IndexRange, ValueRange arguments) {
        Value total = b.scalar(0.0);
        for (Value each : arguments.drop_back())
          total = b.addf(total, b.loadElement(each, {b.constant(0)}));
        Value norm = math::SqrtOp::create(b.builder, b.location, total);
        Value scale = b.divf(b.scalar(limit), b.addf(norm, b.scalar(1e-6)));
        Value bounded = arith::MinimumFOp::create(b.builder, b.location, scale,
                                                  b.scalar(1.0));
        b.storeElement(bounded, arguments.back(), {});
      });
}
