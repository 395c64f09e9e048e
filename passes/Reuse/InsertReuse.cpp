//===- InsertReuse.cpp - Make training reuse inner embeddings -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Reuse/Passes.h"
#include "passes/Support/OptionChecks.h"

#include "dialects/TGNN/IR/TGNNOps.h"
#include "orcinus/Reuse/ReplacementPolicy.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringSwitch.h"

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

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context)
        .inRange(capacity, std::numeric_limits<int64_t>::min(),
                 std::numeric_limits<int32_t>::max())
        .inRange(maxAge, std::numeric_limits<int64_t>::min(),
                 std::numeric_limits<int32_t>::max())
        .result();
  }

  void runOnOperation() override {
    if (failed(parseOptions()))
      return signalPassFailure();
    if (divided && capacity >= 0) {
      getOperation().emitError("is given a capacity for each cache and one "
                               "memory for all; leave one of them out");
      return signalPassFailure();
    }
    bool isAsked = false;
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>()) {
      if (!function->hasAttr("tgnn.reusing"))
        continue;
      isAsked = true;
      if (failed(insertInto(function)))
        return signalPassFailure();
    }
    if (isAsked && cacheOps.empty()) {
      getOperation().emitError(
          "has no inner layer whose embeddings could be reused: ask for no "
          "reuse, or for two layers or more of a model that has layers");
      return signalPassFailure();
    }
  }

  LogicalResult parseOptions() {
    auto parsedMiss = llvm::StringSwitch<std::optional<CacheMiss>>(mode)
                          .Case("push-pull", CacheMiss::Zeros)
                          .Case("recompute", CacheMiss::Recompute)
                          .Default(std::nullopt);
    std::optional<ReuseShare> parsedShare = symbolizeReuseShare(share);
    if (!parsedMiss || !parsedShare)
      return getOperation().emitError("no reuse '")
             << mode << "' with sharing '" << share
             << "'; use push-pull or recompute, with paper, causal or separate";
    miss = *parsedMiss;
    sharing = *parsedShare;
    if (miss == CacheMiss::Zeros && sharing == ReuseShare::Separate)
      return getOperation().emitError(
          "push-pull computes no rows for neighbours alone, which separate "
          "sharing is about; use recompute");
    StatusOr<PolicyKind> kind = parsePolicyKind(policy);
    if (!kind.ok())
      return getOperation().emitError(kind.status().message());
    isOffline = *kind == PolicyKind::MinimumReuseDistance;
    return success();
  }

  LogicalResult insertInto(func::FuncOp function) {
    // Frontiers stand from the last layer down; layer 0 is not cached.
    SmallVector<FrontierOp> frontiers;
    function.walk([&](FrontierOp frontier) {
      if (frontier.getKey() != FrontierKey::Node)
        frontiers.push_back(frontier);
    });
    OpBuilder caches(function);
    if (!cacheOps.empty())
      caches.setInsertionPointAfter(cacheOps.back());
    for (auto [index, frontier] : llvm::enumerate(llvm::reverse(frontiers)))
      if (failed(replace(frontier, index + 1, caches)))
        return failure();
    return success();
  }

  LogicalResult replace(FrontierOp frontier, int64_t layer, OpBuilder &caches) {
    GatherOp gather = findNeighbourGather(frontier);
    if (!gather)
      return frontier.emitError("has no reader of its neighbours to reuse for");
    Value fresh = gather.getInputs()[0];
    if (static_cast<size_t>(layer) > cacheOps.size()) {
      FailureOr<CacheOp> cache = createCache(frontier, fresh, layer, caches);
      if (failed(cache))
        return failure();
      cacheOps.push_back(*cache);
      ++insertedCaches;
    }
    StringRef name = cacheOps[layer - 1].getSymName();
    OpBuilder builder(frontier);
    Location location = frontier.getLoc();
    Value lookup =
        CacheLookupOp::create(builder, location, name, frontier.getQuery(),
                              frontier.getNeighbourhood());
    builder.setInsertionPointAfterValue(fresh);
    auto type = cast<RankedTensorType>(fresh.getType());
    Value pulled = CachePullOp::create(
        builder, location,
        RankedTensorType::get({ShapedType::kDynamic, type.getDimSize(1)},
                              type.getElementType()),
        name, lookup, fresh, blockGradient);
    if (frontier->getParentOfType<func::FuncOp>()->hasAttr("tgnn.shard"))
      offerKept(builder, location, lookup, fresh, layer, name);
    else
      CachePushOp::create(builder, location, name, lookup, fresh);
    gather->setOperand(0, pulled);
    // What is measured is what the layer above reads.
    for (OpOperand &use : llvm::make_early_inc_range(fresh.getUses()))
      if (auto pool = dyn_cast<OutputOp>(use.getOwner())) {
        use.set(pulled);
        builder.setInsertionPoint(pool);
        Value cached = TableOp::create(
            builder, location,
            RankedTensorType::get({ShapedType::kDynamic}, builder.getI32Type()),
            lookup, "cached_rows");
        pool.getTablesMutable().append(cached);
      }
    frontier.getFrontier().replaceAllUsesWith(lookup);
    frontier.erase();
    return success();
  }

  /// Offers what the cache, the layer's, may keep of a shard.
  static void offerKept(OpBuilder &builder, Location location, Value lookup,
                        Value fresh, int64_t layer, StringRef cache) {
    Value rows = TableOp::create(
        builder, location,
        RankedTensorType::get({ShapedType::kDynamic}, builder.getI32Type()),
        lookup, "pushed_rows");
    Value kept = GatherOp::create(builder, location, ValueRange{fresh, rows})
                     ->getResult(0);
    AllGatherOp::create(builder, location, layer, kept, rows,
                        ("cache:" + cache).str());
  }

  /// M^layer, before the function.
  FailureOr<CacheOp> createCache(FrontierOp frontier, Value fresh,
                                 int64_t layer, OpBuilder &builder) {
    bool isBounded = capacity >= 0 || divided;
    auto sample = frontier.getNeighbourhood().getDefiningOp<SampleOp>();
    bool isRecent = sample && sample.getPolicy() == SamplingPolicy::Recent;
    if (frontier.getKey() == FrontierKey::EventTime && !isRecent)
      return frontier.emitError(
          "embeddings at their event's time are reused by recent neighbours "
          "alone; sample them so, or embed neighbours at the query's time");
    if (isBounded && isOffline && !isRecent)
      return frontier.emitError("the reads of randomly sampled neighbours are "
                                "not known before training, so that mrd "
                                "cannot plan them; use another policy");
    auto type = cast<RankedTensorType>(fresh.getType());
    auto optional = [&](int64_t value) {
      return value < 0 ? IntegerAttr() : builder.getI64IntegerAttr(value);
    };
    return CacheOp::create(
        builder, frontier.getLoc(), ("m" + Twine(layer)).str(),
        RankedTensorType::get({type.getDimSize(1)}, type.getElementType()),
        frontier.getKey(), miss, optional(capacity),
        isBounded ? builder.getStringAttr(policy) : StringAttr(),
        frontier.getKey() == FrontierKey::EventTime ? ReuseShare::Paper
                                                    : sharing,
        optional(maxAge), DictionaryAttr());
  }

  CacheMiss miss = CacheMiss::Zeros;
  ReuseShare sharing = ReuseShare::Paper;
  bool isOffline = true;
  /// By layer: all functions use the same caches.
  SmallVector<CacheOp> cacheOps;
};

} // namespace
