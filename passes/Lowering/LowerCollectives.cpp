//===- LowerCollectives.cpp - Sums and gatherings as calls ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace orcinus {
#define GEN_PASS_DEF_LOWERCOLLECTIVES
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

namespace {

class LowerCollectivesPass
    : public orcinus::impl::LowerCollectivesBase<LowerCollectivesPass> {
public:
  void runOnOperation() override {
    WalkResult walked = getOperation().walk([&](Operation *op) {
      if (auto reduce = dyn_cast<AllReduceOp>(op)) {
        if (!isa<MemRefType>(reduce.getValues()[0].getType())) {
          reduce.emitOpError("is on tensors: its values have no place yet");
          return WalkResult::interrupt();
        }
        replace(op, "orcinus_rt_start_all_reduce", reduce.getNumber());
      } else if (auto await = dyn_cast<AwaitOp>(op)) {
        replace(op,
                await.getKind() == CollectiveKind::AllReduce
                    ? "orcinus_rt_await_all_reduce"
                    : "orcinus_rt_await_all_gather",
                await.getNumber());
      }
      return WalkResult::advance();
    });
    if (walked.wasInterrupted())
      signalPassFailure();
  }

private:
  void replace(Operation *op, StringRef name, int64_t number) {
    OpBuilder builder(op);
    Type integer = builder.getI32Type();
    if (!getOperation().lookupSymbol(name)) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(getOperation().getBody());
      func::FuncOp::create(builder, op->getLoc(), name,
                           builder.getFunctionType({integer}, {}))
          .setPrivate();
    }
    Value argument =
        arith::ConstantIntOp::create(builder, op->getLoc(), integer, number);
    func::CallOp::create(builder, op->getLoc(), name, TypeRange(),
                         ValueRange{argument});
    op->erase();
  }
};

} // namespace
