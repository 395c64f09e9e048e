//===- LowerReuse.cpp - Pulls and pushes as reads and writes --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Reuse/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace orcinus {
#define GEN_PASS_DEF_LOWERREUSE
#include "passes/Reuse/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

static std::string bindingOf(int64_t cache) {
  return "cache:" + std::to_string(cache);
}

static Value readTable(ImplicitLocOpBuilder &builder, Value lookup,
                       StringRef component) {
  return TableOp::create(
      builder,
      RankedTensorType::get({ShapedType::kDynamic}, builder.getI32Type()),
      lookup, component);
}

static Value gather(ImplicitLocOpBuilder &builder, Value table, Value index) {
  return GatherOp::create(builder, ValueRange{table, index})->getResult(0);
}

/// Every pull reads before any push of the step writes: pushes stand behind
/// the pulls of their own cache, and each cache has one of both.
static void lower(CachePullOp pull) {
  ImplicitLocOpBuilder builder(pull.getLoc(), pull);
  Value store = ReadOp::create(builder, pull.getResult().getType(),
                               bindingOf(pull.getCache()));
  Value cached = gather(builder, store,
                        readTable(builder, pull.getLookup(), "cached_rows"));
  Value result = ConcatRowsOp::create(builder, pull.getFresh(), cached);
  if (pull.getBlockGradient())
    result = StopGradientOp::create(builder, result);
  pull.getResult().replaceAllUsesWith(result);
  pull.erase();
}

static void lower(CachePushOp push) {
  ImplicitLocOpBuilder builder(push.getLoc(), push);
  Value kept = gather(builder, push.getFresh(),
                      readTable(builder, push.getLookup(), "pushed_rows"));
  WriteOp::create(builder, kept,
                  readTable(builder, push.getLookup(), "pushed_nodes"),
                  bindingOf(push.getCache()));
  push.erase();
}

namespace {

struct LowerReusePass : orcinus::impl::LowerReuseBase<LowerReusePass> {
  using LowerReuseBase::LowerReuseBase;

  void runOnOperation() override {
    getOperation().walk([](CachePullOp pull) { lower(pull); });
    getOperation().walk([](CachePushOp push) { lower(push); });
  }
};

} // namespace
