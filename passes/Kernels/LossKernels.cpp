//===- LossKernels.cpp - Losses -------------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With t = -x for a pair that met and t = x for another, binary cross-entropy
// with logits is softplus(t) = max(t, 0) + log(1 + exp(-|t|)), whose derivative
// by t is σ(t). Neither overflows. Of labels that are probabilities v it is
// softplus(x) - v x, whose derivative by x is σ(x) - v.
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelLowerings.h"

#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>
#include <utility>

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

//===----------------------------------------------------------------------===//
// Losses of labels
//===----------------------------------------------------------------------===//

namespace {

/// A row of predictions and of the values of its label.
class LabelledRow {
public:
  LabelledRow(KernelBuilder &b, Value predictions, Value values, Value row)
      : b(b), predictions(predictions), values(values), row(row),
        columns(b.extent(predictions, 1)) {}

  Value prediction(Value column) const {
    return b.loadElement(predictions, {row, column});
  }
  Value value(Value column) const {
    return b.loadElement(values, {row, column});
  }

  /// What `next` makes of `initial`, column by column.
  SmallVector<Value>
  fold(ValueRange initial,
       llvm::function_ref<SmallVector<Value>(Value, ValueRange)> next) const {
    return b.reduceLoop(b.constant(0), columns, /*step=*/1, initial, next);
  }

  void forEach(llvm::function_ref<void(Value)> body) const {
    b.forLoop(b.constant(0), columns, /*step=*/1, body);
  }

  Value largest() const {
    double lowest = -std::numeric_limits<float>::infinity();
    return fold(b.scalar(lowest),
                [&](Value column, ValueRange carried) -> SmallVector<Value> {
                  return {b.maxf(carried[0], prediction(column))};
                })[0];
  }

  /// Σ exp(prediction - `largest`), and Σ value.
  std::pair<Value, Value> sums(Value largest) const {
    SmallVector<Value> sums = fold(
        {b.scalar(0.0), b.scalar(0.0)},
        [&](Value column, ValueRange carried) -> SmallVector<Value> {
          Value power = exp(b.subf(prediction(column), largest));
          return {b.addf(carried[0], power), b.addf(carried[1], value(column))};
        });
    return {sums[0], sums[1]};
  }

  Value exp(Value x) const {
    return math::ExpOp::create(b.builder, b.location, x);
  }

  /// 1 / columns.
  Value share() const { return inverseCount(b, columns); }

  KernelBuilder &b;

private:
  Value predictions, values, row, columns;
};

} // namespace

/// Σ value (log Σ exp(prediction) - prediction).
static Value crossEntropy(const LabelledRow &row) {
  KernelBuilder &b = row.b;
  Value largest = row.largest();
  auto [powers, total] = row.sums(largest);
  Value logarithm = math::LogOp::create(b.builder, b.location, powers);
  Value level = b.addf(largest, logarithm);
  return row.fold(
      b.scalar(0.0),
      [&](Value column, ValueRange carried) -> SmallVector<Value> {
        Value distance = b.subf(level, row.prediction(column));
        return {b.addf(carried[0], b.mulf(row.value(column), distance))};
      })[0];
}

static Value binaryCrossEntropy(const LabelledRow &row, Value column) {
  KernelBuilder &b = row.b;
  Value x = row.prediction(column);
  Value distance = math::AbsFOp::create(b.builder, b.location, x);
  Value rest =
      math::Log1pOp::create(b.builder, b.location, row.exp(b.negf(distance)));
  Value softplus = b.addf(b.maxf(x, b.scalar(0.0)), rest);
  return b.subf(softplus, b.mulf(row.value(column), x));
}

static Value squaredError(const LabelledRow &row, Value column) {
  Value error = row.b.subf(row.prediction(column), row.value(column));
  return row.b.mulf(error, error);
}

static Value lossOf(const LabelledRow &row, LossKind kind) {
  KernelBuilder &b = row.b;
  if (kind == LossKind::CrossEntropy)
    return crossEntropy(row);
  Value sum =
      row.fold(b.scalar(0.0),
               [&](Value column, ValueRange carried) -> SmallVector<Value> {
                 Value term = kind == LossKind::SquaredError
                                  ? squaredError(row, column)
                                  : binaryCrossEntropy(row, column);
                 return {b.addf(carried[0], term)};
               })[0];
  return b.mulf(sum, row.share());
}

void orcinus::lowerKernel(LabelLossOp op, KernelEmitter &emitter) {
  LossKind kind = op.getKind();
  emitter.once(
      op, "label_loss", op->getOperands(),
      [&](KernelBuilder &b, IndexRange, ValueRange arguments) {
        Value count = b.extent(arguments[0], 0);
        Value total = b.reduceLoop(
            b.constant(0), count, /*step=*/1, b.scalar(0.0),
            [&](Value index, ValueRange carried) -> SmallVector<Value> {
              LabelledRow row(b, arguments[0], arguments[1], index);
              return {b.addf(carried[0], lossOf(row, kind))};
            })[0];
        b.storeElement(b.mulf(total, inverseCount(b, count)), arguments[2], {});
      });
}

/// Stores `factor` times the gradient of the row's loss.
static void storeGradient(const LabelledRow &row, LossKind kind, Value factor,
                          llvm::function_ref<void(Value, Value)> store) {
  KernelBuilder &b = row.b;
  if (kind == LossKind::CrossEntropy) {
    Value largest = row.largest();
    auto [powers, total] = row.sums(largest);
    Value scale = b.divf(total, powers);
    return row.forEach([&](Value column) {
      Value power = row.exp(b.subf(row.prediction(column), largest));
      Value slope = b.subf(b.mulf(power, scale), row.value(column));
      store(b.mulf(slope, factor), column);
    });
  }
  Value each = b.mulf(factor, row.share());
  row.forEach([&](Value column) {
    Value x = row.prediction(column), slope;
    if (kind == LossKind::SquaredError) {
      Value error = b.subf(x, row.value(column));
      slope = b.addf(error, error);
    } else {
      Value one = b.scalar(1.0);
      Value sigmoid = b.divf(one, b.addf(one, row.exp(b.negf(x))));
      slope = b.subf(sigmoid, row.value(column));
    }
    store(b.mulf(slope, each), column);
  });
}

void orcinus::lowerKernel(LabelLossGradOp op, KernelEmitter &emitter) {
  LossKind kind = op.getKind();
  Value predictions = op.getInputs()[0];
  Value rows = emitter.builderBefore(op).extent(predictions, 0);
  emitter.forEachItem(
      op, "label_loss_grad", rows, 24 * shapeOf(predictions).back(),
      op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        Value factor = b.mulf(b.loadElement(arguments[2], {}),
                              inverseCount(b, b.extent(arguments[0], 0)));
        b.forEach(range, [&](Value index) {
          LabelledRow row(b, arguments[0], arguments[1], index);
          storeGradient(row, kind, factor, [&](Value slope, Value column) {
            b.storeElement(slope, arguments[3], {index, column});
          });
        });
      });
}
