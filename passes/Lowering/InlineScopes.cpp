//===- InlineScopes.cpp - Scopes without allocations ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_INLINESCOPES
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

namespace {

class InlineScopesPass
    : public orcinus::impl::InlineScopesBase<InlineScopesPass> {
public:
  void runOnOperation() override {
    SmallVector<memref::AllocaScopeOp> scopes;
    getOperation()->walk(
        [&](memref::AllocaScopeOp scope) { scopes.push_back(scope); });
    for (memref::AllocaScopeOp scope : scopes)
      if (!allocates(scope))
        inlineBody(scope);
  }

private:
  static bool allocates(memref::AllocaScopeOp scope) {
    return scope->walk([](memref::AllocaOp) { return WalkResult::interrupt(); })
        .wasInterrupted();
  }

  void inlineBody(memref::AllocaScopeOp scope) {
    Block &body = scope.getBodyRegion().front();
    Operation *terminator = body.getTerminator();
    SmallVector<Value> results(terminator->getOperands());
    terminator->erase();
    scope->getBlock()->getOperations().splice(scope->getIterator(),
                                              body.getOperations());
    scope->replaceAllUsesWith(results);
    scope->erase();
    ++inlinedScopes;
  }
};

} // namespace
