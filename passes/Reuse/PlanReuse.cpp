//===- PlanReuse.cpp - Plan an epoch's reuse on an event stream -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Reuse/Passes.h"
#include "passes/Support/OptionChecks.h"

#include "dialects/TGNN/IR/TGNNOps.h"
#include "orcinus/Reuse/PlanCommand.h"

#include "mlir/IR/Builders.h"

namespace orcinus {
#define GEN_PASS_DEF_PLANREUSE
#include "passes/Reuse/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

/// The neighbours that queries sample, 0 where nothing does.
static int64_t findNeighbourCount(ModuleOp module) {
  int64_t neighbours = 0;
  module.walk([&](SampleOp sample) { neighbours = sample.getK(); });
  return neighbours;
}

static DictionaryAttr describe(Builder &builder, int64_t batches,
                               const ReuseCounts &counts) {
  auto entry = [&](StringRef name, int64_t value) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
  };
  return builder.getDictionaryAttr(
      {entry("batches", batches), entry("reads", counts.reads),
       entry("in_batch_reads", counts.inBatchReads), entry("hits", counts.hits),
       entry("recomputed", counts.recomputed),
       entry("max_age", counts.maxAge)});
}

namespace {

struct PlanReusePass : orcinus::impl::PlanReuseBase<PlanReusePass> {
  using PlanReuseBase::PlanReuseBase;

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context)
        .inRange(trainFraction, 0.0, 1.0)
        .inRange(maskedNodes, 0.0, 1.0)
        .inRange(batchSize, 1, std::numeric_limits<int32_t>::max())
        .result();
  }

  void runOnOperation() override {
    if (failed(plan()))
      signalPassFailure();
  }

  LogicalResult plan() {
    SmallVector<CacheOp> caches(getOperation().getOps<CacheOp>());
    if (caches.empty())
      return getOperation().emitError(
          "has no tgnn.cache to plan; insert reuse before");
    FailureOr<PlanRequest> request = makeRequest(caches);
    if (failed(request))
      return failure();
    StatusOr<PlanStatistics> statistics = runPlan(*request);
    if (!statistics.ok())
      return getOperation().emitError("cannot plan reuse on '")
             << data << "': " << statistics.status().message();
    Builder builder(&getContext());
    for (auto [index, cache] : llvm::enumerate(caches)) {
      if (memory >= 0) {
        cache.setCapacity(statistics->capacities[index]);
        cache.setPolicy(policyName(PolicyKind::MinimumReuseDistance));
      }
      cache.setPlanAttr(
          describe(builder, statistics->batches, statistics->caches[index]));
    }
    return success();
  }

  FailureOr<PlanRequest> makeRequest(ArrayRef<CacheOp> caches) {
    PlanRequest request;
    request.data = data;
    request.trainFraction = trainFraction;
    request.maskedNodeFraction = maskedNodes;
    request.memory.bytes = memory;
    CacheOp first = caches.front();
    ReusePlanOptions &options = request.plan;
    options.batchSize = batchSize;
    options.neighbours =
        static_cast<int32_t>(findNeighbourCount(getOperation()));
    options.layers = static_cast<int32_t>(caches.size()) + 1;
    options.recomputesMisses = first.getMiss() == CacheMiss::Recompute;
    options.neighbourTime = first.getKey() == FrontierKey::EventTime
                                ? NeighbourTime::Event
                                : NeighbourTime::Query;
    options.separate = first.getShare() == ReuseShare::Separate;
    options.policy.capacity = unlimitedCapacity;
    if (first.getMaxAge())
      options.policy.maxAge = static_cast<int32_t>(*first.getMaxAge());
    for (CacheOp cache : caches) {
      auto row = cast<RankedTensorType>(cache.getRow());
      request.memory.embeddingBytes.push_back(row.getDimSize(0) *
                                              row.getElementTypeBitWidth() / 8);
      if (memory >= 0)
        continue;
      options.capacities.push_back(static_cast<int32_t>(
          cache.getCapacity().value_or(unlimitedCapacity)));
      if (!cache.getPolicy())
        continue;
      StatusOr<PolicyKind> kind = parsePolicyKind(cache.getPolicy()->str());
      if (!kind.ok())
        return cache.emitError(kind.status().message());
      options.policy.kind = *kind;
    }
    return request;
  }
};

} // namespace
