//===- EraseUnusedResults.cpp - Linalg ops without what nobody reads ------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace orcinus {
#define GEN_PASS_DEF_ERASEUNUSEDRESULTS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

using namespace mlir;

namespace {

class EraseUnusedResultsPass
    : public orcinus::impl::EraseUnusedResultsBase<EraseUnusedResultsPass> {
public:
  using EraseUnusedResultsBase::EraseUnusedResultsBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
