//===- InsertReuse.cpp - Make training reuse inner embeddings -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Reuse/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace orcinus {
#define GEN_PASS_DEF_INSERTREUSE
#include "passes/Reuse/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

/// The gather that reads the neighbours' embeddings at `frontier`; null where
/// nothing does.
static GatherOp findNeighbourGather(FrontierOp frontier) {
  for (Operation *user : frontier.getFrontier().getUsers()) {
    auto table = dyn_cast<TableOp>(user);
    if (!table || table.getComponent() != "neighbours")
      continue;
    for (Operation *reader : table.getValues().getUsers())
      if (auto gather = dyn_cast<GatherOp>(reader))
        return gather;
  }
  return {};
}

namespace {

struct InsertReusePass : orcinus::impl::InsertReuseBase<InsertReusePass> {
  using InsertReuseBase::InsertReuseBase;

  void runOnOperation() override {
    std::optional<ReuseShare> sharing = symbolizeReuseShare(share);
    if (mode != "push-pull" || !sharing) {
      getOperation().emitError("no reuse '")
          << mode << "' with sharing '" << share
          << "'; use push-pull with paper or causal";
      return signalPassFailure();
    }
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>())
      if (function->hasAttr("tgnn.training") &&
          failed(insertInto(function, *sharing)))
        return signalPassFailure();
  }

  LogicalResult insertInto(func::FuncOp function, ReuseShare sharing) {
    // Frontiers stand from the last layer down; layer 0 is not cached.
    SmallVector<FrontierOp> frontiers;
    function.walk([&](FrontierOp frontier) {
      if (frontier.getKey() != FrontierKey::Node)
        frontiers.push_back(frontier);
    });
    for (auto [index, frontier] : llvm::enumerate(frontiers))
      if (failed(replace(frontier, frontiers.size() - index, sharing)))
        return failure();
    return success();
  }

  LogicalResult replace(FrontierOp frontier, int64_t layer,
                        ReuseShare sharing) {
    if (frontier.getKey() != FrontierKey::QueryTime)
      return frontier.emitError("push-pull reuses embeddings at the query's "
                                "time, and this model embeds neighbours at "
                                "their event's");
    GatherOp gather = findNeighbourGather(frontier);
    if (!gather)
      return frontier.emitError("has no reader of its neighbours to reuse for");
    OpBuilder builder(frontier);
    Location location = frontier.getLoc();
    Value lookup =
        CacheLookupOp::create(builder, location, frontier.getQuery(),
                              frontier.getNeighbourhood(), layer, sharing);
    Value fresh = gather.getInputs()[0];
    builder.setInsertionPointAfterValue(fresh);
    auto type = cast<RankedTensorType>(fresh.getType());
    Value pulled = CachePullOp::create(
        builder, location,
        RankedTensorType::get({ShapedType::kDynamic, type.getDimSize(1)},
                              type.getElementType()),
        fresh, lookup, layer, blockGradient);
    CachePushOp::create(builder, location, fresh, lookup, layer);
    gather->setOperand(0, pulled);
    frontier.getFrontier().replaceAllUsesWith(lookup);
    frontier.erase();
    ++insertedCaches;
    return success();
  }
};

} // namespace
