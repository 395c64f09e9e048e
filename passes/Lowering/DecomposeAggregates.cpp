//===- DecomposeAggregates.cpp - Ops that stand for several ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Aggregates.h"
#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

namespace orcinus {
#define GEN_PASS_DEF_DECOMPOSEAGGREGATES
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;

static bool worksOnMemRefs(Operation *op) {
  return llvm::any_of(op->getOperandTypes(), llvm::IsaPred<BaseMemRefType>);
}

void orcinus::decomposeAggregates(Operation *root) {
  SmallVector<linalg::AggregatedOpInterface> aggregates;
  root->walk([&](linalg::AggregatedOpInterface op) {
    if (!worksOnMemRefs(op))
      aggregates.push_back(op);
  });
  IRRewriter rewriter(root->getContext());
  for (linalg::AggregatedOpInterface op : aggregates) {
    rewriter.setInsertionPoint(op);
    FailureOr<SmallVector<Value>> parts = op.decomposeOperation(rewriter);
    if (succeeded(parts))
      rewriter.replaceOp(op, *parts);
  }
}

namespace {

class DecomposeAggregatesPass
    : public orcinus::impl::DecomposeAggregatesBase<DecomposeAggregatesPass> {
public:
  using DecomposeAggregatesBase::DecomposeAggregatesBase;

  void runOnOperation() override {
    decomposeAggregates(getOperation());
    SmallVector<linalg::PackOp> packs;
    SmallVector<linalg::UnPackOp> unpacks;
    getOperation()->walk([&](Operation *op) {
      if (worksOnMemRefs(op))
        return;
      if (auto pack = dyn_cast<linalg::PackOp>(op))
        packs.push_back(pack);
      else if (auto unpack = dyn_cast<linalg::UnPackOp>(op))
        unpacks.push_back(unpack);
    });
    IRRewriter rewriter(&getContext());
    // What has no such form stays; bufferization says so at its place.
    for (linalg::PackOp op : packs) {
      rewriter.setInsertionPoint(op);
      (void)linalg::lowerPack(rewriter, op);
    }
    for (linalg::UnPackOp op : unpacks) {
      rewriter.setInsertionPoint(op);
      (void)linalg::lowerUnPack(rewriter, op);
    }
  }
};

} // namespace
