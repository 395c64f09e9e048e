//===- ChooseLayouts.cpp - Channels last where convolutions are -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// First layouts spread from the convolutions to all that reads, and makes, what
// they read and make, as far as ops do not care. Then each op is made again
// with its tensors in these layouts; where one meets an op that cares, it is
// transposed.
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/LayoutRewriter.h"
#include "passes/Lowering/Layouts.h"
#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <deque>

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_CHOOSELAYOUTS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

namespace {

/// Decides in what layouts the ops of a block have their tensors.
class LayoutChoice {
public:
  explicit LayoutChoice(Block &block) : block(block) {}

  /// The ops that have a layout of their own, in the order of the block.
  SmallVector<std::pair<Operation *, OpLayouts>> choose() {
    for (Operation &op : block)
      if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
        if (std::optional<ChannelsFirst> found = channelsFirst(linalgOp);
            found && found->pays)
          settle(&op, std::move(found->layouts));
    while (!waiting.empty()) {
      Operation *op = waiting.front();
      waiting.pop_front();
      spreadFrom(op);
    }
    SmallVector<std::pair<Operation *, OpLayouts>> ordered;
    for (Operation &op : block)
      if (auto found = chosen.find(&op); found != chosen.end())
        ordered.emplace_back(&op, std::move(found->second));
    return ordered;
  }

private:
  void settle(Operation *op, OpLayouts layouts) {
    if (chosen.try_emplace(op, std::move(layouts)).second)
      waiting.push_back(op);
  }

  /// Has `op` take over `layout` of `value`, unless it cares or has one.
  void offer(Operation *op, Value value, const Layout &layout) {
    if (layout.empty() || !op || op->getBlock() != &block ||
        chosen.contains(op))
      return;
    if (std::optional<OpLayouts> layouts = layoutsWith(op, value, layout))
      settle(op, std::move(*layouts));
  }

  void spreadFrom(Operation *op) {
    OpLayouts layouts = chosen.find(op)->second;
    for (auto [operand, layout] :
         llvm::zip(op->getOperands(), layouts.operands))
      offer(operand.getDefiningOp(), operand, layout);
    for (auto [result, layout] : llvm::zip(op->getResults(), layouts.results))
      for (Operation *user : result.getUsers())
        offer(user, result, layout);
  }

  Block &block;
  llvm::DenseMap<Operation *, OpLayouts> chosen;
  std::deque<Operation *> waiting;
};

class ChooseLayoutsPass
    : public orcinus::impl::ChooseLayoutsBase<ChooseLayoutsPass> {
public:
  void runOnOperation() override {
    SmallVector<Block *> blocks;
    getOperation()->walk([&](Block *block) { blocks.push_back(block); });
    for (Block *block : blocks) {
      auto chosen = LayoutChoice(*block).choose();
      if (chosen.empty())
        continue;
      LayoutRewriter rewriter(&getContext());
      for (auto &[op, layouts] : chosen)
        rewriter.rewrite(op, layouts);
      rewriter.finish();
      rewrittenOps += chosen.size();
      transpositions += rewriter.transpositions();
    }
  }
};

} // namespace
