//===- SeparateDestinations.cpp - A destination for each writer -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_SEPARATEDESTINATIONS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// Whether `use` is where an op writes its result.
static bool isDestination(OpOperand &use) {
  auto writer = dyn_cast<DestinationStyleOpInterface>(use.getOwner());
  return writer && writer.isDpsInit(&use);
}

namespace {

class SeparateDestinationsPass
    : public orcinus::impl::SeparateDestinationsBase<SeparateDestinationsPass> {
public:
  void runOnOperation() override {
    // Fills first: each that is made again is a writer of its empty tensor.
    separate<linalg::FillOp>();
    separate<tensor::EmptyOp>();
  }

private:
  /// Makes each op of the kind again for all but the first of its writers.
  template <typename Op>
  void separate() {
    SmallVector<Op> ops;
    getOperation()->walk([&](Op op) {
      if (op->getNumResults() == 1)
        ops.push_back(op);
    });
    for (Op op : ops) {
      SmallVector<OpOperand *> uses;
      for (OpOperand &use : op->getResult(0).getUses())
        if (isDestination(use))
          uses.push_back(&use);
      // Uses come last first.
      while (uses.size() > 1) {
        OpOperand *use = uses.front();
        uses.erase(uses.begin());
        OpBuilder builder(use->getOwner());
        use->set(builder.clone(*op.getOperation())->getResult(0));
        ++separatedDestinations;
      }
    }
  }
};

} // namespace
