//===- TokenKernels.cpp - Over the tokens of a query ----------------------===//
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

namespace {

/// The tokens of a query that a mean is over.
struct ValidTokens {
  /// All `tokens`, or where `inputs` have counts, the first counts[query].
  ValidTokens(KernelBuilder &b, ValueRange inputs, Value query, int64_t tokens)
      : count(b.constant(tokens)) {
    if (inputs.size() > 1)
      count = b.minimum(count, b.loadIndex(inputs[1], query));
  }

  /// 1 / count in all lanes; where no token is valid, some number.
  Value share(KernelBuilder &b) const { return b.shareOf(count); }

  /// `value` if `token` is valid, else zeros.
  Value keep(KernelBuilder &b, Value token, Value value) const {
    if (LoopBuilder::constantOf(count))
      return value;
    Value isValid = arith::CmpIOp::create(
        b.builder, b.location, arith::CmpIPredicate::slt, token, count);
    return b.keepIf(isValid, value);
  }

  Value count;
};

} // namespace

void orcinus::lowerKernel(MaskTokensOp op, KernelEmitter &emitter) {
  Value out = op.getOuts()[0];
  ArrayRef<int64_t> shape = shapeOf(out);
  Value queries = emitter.builderBefore(op).extent(out, 0);
  emitter.forEachItem(
      op, "mask_tokens", queries, 2 * shape[1] * shape[2], op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        RowVectors columns(b, shape[2]);
        b.forEach(range, [&](Value query) {
          ValidTokens valid(b, arguments.take_front(2), query, shape[1]);
          b.forLoop(b.constant(0), b.constant(shape[1]), 1, [&](Value token) {
            columns.forEach([&](const RowVector &vector) {
              Value value = columns.load(arguments[0], {query, token}, vector);
              columns.store(valid.keep(b, token, value), arguments[2],
                            {query, token}, vector);
            });
          });
        });
      });
}

void orcinus::lowerKernel(MeanTokensOp op, KernelEmitter &emitter) {
  ArrayRef<int64_t> shape = shapeOf(op.getInputs()[0]);
  size_t inputs = op.getInputs().size();
  Value queries = emitter.builderBefore(op).extent(op.getInputs()[0], 0);
  emitter.forEachItem(
      op, "mean_tokens", queries, 2 * shape[1] * shape[2], op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        RowVectors columns(b, shape[2]);
        b.forEach(range, [&](Value query) {
          ValidTokens valid(b, arguments.take_front(inputs), query, shape[1]);
          Value share = valid.share(b);
          columns.forEachBlock(
              RowVectors::elementwiseBlock, [&](ArrayRef<RowVector> vectors) {
                SmallVector<Value> sums = b.reduceLoop(
                    b.constant(0), valid.count, /*step=*/1,
                    SmallVector<Value>(vectors.size(), b.splat(0.0)),
                    [&](Value token, ValueRange carried) {
                      SmallVector<Value> next;
                      for (auto [vector, sum] : llvm::zip(vectors, carried))
                        next.push_back(
                            b.addf(sum, columns.load(arguments[0],
                                                     {query, token}, vector)));
                      return next;
                    });
                for (auto [vector, sum] : llvm::zip(vectors, sums))
                  columns.store(b.mulf(sum, share), arguments[inputs], query,
                                vector);
              });
        });
      });
}

void orcinus::lowerKernel(MeanTokensGradOp op, KernelEmitter &emitter) {
  ArrayRef<int64_t> shape = shapeOf(op.getOuts()[0]);
  size_t inputs = op.getInputs().size();
  Value queries = emitter.builderBefore(op).extent(op.getOuts()[0], 0);
  emitter.forEachItem(
      op, "mean_tokens_grad", queries, 2 * shape[1] * shape[2],
      op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        RowVectors columns(b, shape[2]);
        b.forEach(range, [&](Value query) {
          ValidTokens valid(b, arguments.take_front(inputs), query, shape[1]);
          Value share = valid.share(b);
          columns.forEach([&](const RowVector &vector) {
            Value part =
                b.mulf(columns.load(arguments[0], query, vector), share);
            b.forLoop(b.constant(0), b.constant(shape[1]), 1, [&](Value token) {
              columns.store(valid.keep(b, token, part), arguments[inputs],
                            {query, token}, vector);
            });
          });
        });
      });
}
