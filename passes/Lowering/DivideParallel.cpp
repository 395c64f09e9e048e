//===- DivideParallel.cpp - One task for each thread ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/LoopBuilder.h"
#include "passes/Lowering/Passes.h"
#include "passes/Support/OptionChecks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_DIVIDEPARALLEL
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// Whether a turn of `loop` takes memory, or calls what may.
static bool takesMemory(scf::ParallelOp loop) {
  return loop
      ->walk([](Operation *op) {
        return isa<memref::AllocOp, func::CallOp>(op) ? WalkResult::interrupt()
                                                      : WalkResult::advance();
      })
      .wasInterrupted();
}

namespace {

class DivideParallelPass
    : public orcinus::impl::DivideParallelBase<DivideParallelPass> {
public:
  using DivideParallelBase::DivideParallelBase;

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context).threads(threads).result();
  }

  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    getOperation()->walk([&](scf::ParallelOp loop) {
      if (loop.getNumResults() == 0 && !isInParallelLoop(loop) &&
          takesMemory(loop))
        loops.push_back(loop);
    });
    for (scf::ParallelOp loop : loops)
      divide(loop);
  }

private:
  void divide(scf::ParallelOp loop) {
    IRRewriter rewriter(loop);
    Location location = loop.getLoc();
    LoopBuilder loops(rewriter, location);
    SmallVector<Value> turns;
    Value all = loops.constant(1);
    for (auto [begin, end, step] : llvm::zip_equal(
             loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
      // A loop whose end is before its beginning has no turns.
      Value last = rewriter.createOrFold<arith::MaxSIOp>(location, begin, end);
      turns.push_back(loops.divideUp(loops.subtract(last, begin), step));
      all = loops.multiply(all, turns.back());
    }
    if (std::optional<int64_t> known = LoopBuilder::constantOf(all);
        known && *known <= threads)
      return;
    Value tasks = loops.constant(threads);
    Value part = loops.divideUp(all, tasks);
    auto outer = scf::ParallelOp::create(rewriter, location, loops.constant(0),
                                         tasks, loops.constant(1));
    rewriter.setInsertionPointToStart(outer.getBody());
    Value first = loops.minimum(
        loops.multiply(outer.getInductionVars().front(), part), all);
    Value last = loops.minimum(loops.add(first, part), all);
    auto inner =
        scf::ForOp::create(rewriter, location, first, last, loops.constant(1));
    rewriter.setInsertionPointToStart(inner.getBody());
    SmallVector<Value> indices = loops.delinearize(
        inner.getInductionVar(), ArrayRef(turns).drop_front());
    for (auto [index, begin, step] :
         llvm::zip_equal(indices, loop.getLowerBound(), loop.getStep()))
      index = loops.add(begin, loops.multiply(index, step));
    rewriter.eraseOp(loop.getBody()->getTerminator());
    rewriter.inlineBlockBefore(loop.getBody(), inner.getBody()->getTerminator(),
                               indices);
    rewriter.eraseOp(loop);
    ++dividedLoops;
  }
};

} // namespace
