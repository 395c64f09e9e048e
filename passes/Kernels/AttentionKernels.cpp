//===- AttentionKernels.cpp - Attention over gathered neighbours ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/DropoutMask.h"
#include "passes/Kernels/KernelLowerings.h"
#include "passes/Kernels/NeighbourKeys.h"
#include "passes/Kernels/NeighbourSoftmax.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

void orcinus::lowerKernel(AttendOp op, KernelEmitter &emitter) {
  Value weights = op.getOuts()[1];
  ArrayRef<int64_t> shape = shapeOf(weights);
  int64_t heads = shape[1], neighbours = shape[2];
  int64_t cost = 8 * neighbours * NeighbourKeys::width(op.getInputs());
  Value queries = emitter.builderBefore(op).extent(weights, 0);
  emitter.forEachItem(
      op, "attend", queries, cost, op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        SmallVector<Value> inputs(arguments.drop_back(2));
        Value index;
        if (op.getIndexed()) {
          auto *place = inputs.begin() + AttendOp::indexPosition;
          index = *place;
          inputs.erase(place);
        }
        Value out = arguments.drop_back().back(), weights = arguments.back();
        NeighbourKeys keys(b, inputs, op.getTime(), neighbours);
        // [H, k]: first the scores, then the weights that dropout left.
        Value scores = b.scratch({heads, b.paddedWidth(neighbours)});
        DropoutMask dropout(b, inputs[2], op.getSalt(),
                            op.getDropout().convertToFloat());
        keys.forEachQuery(range, [&](Value query) {
          keys.multiply(inputs[0], index ? b.loadIndex(index, query) : query,
                        scores);
          b.synchronize();
          NeighbourRow row(b, neighbours, keys.count());
          for (int64_t h = 0; h < heads; ++h) {
            Value head = b.constant(h);
            SmallVector<Value> softmax = row.softmax(
                row.load(scores, head), op.getScale().convertToFloat());
            row.store(softmax, weights, {query, head});
            Value first =
                b.multiply(b.add(b.multiply(query, b.constant(heads)), head),
                           b.constant(neighbours));
            for (auto [value, vector] : llvm::zip_equal(softmax, row.vectors))
              value = dropout.apply(value, b.add(first, vector.column));
            row.store(softmax, scores, head);
          }
          b.synchronize();
          keys.combine(scores, {}, out);
        });
      });
}
