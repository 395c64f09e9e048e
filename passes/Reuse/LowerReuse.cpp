//===- LowerReuse.cpp - Caches as maps of slots and copies of rows --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Reuse/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace orcinus {
#define GEN_PASS_DEF_LOWERREUSE
#include "passes/Reuse/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

//===----------------------------------------------------------------------===//
// The map from keys to slots
//===----------------------------------------------------------------------===//

namespace {

/// Builds the two functions that read and change a cache's map.
class SlotMapBuilder {
public:
  SlotMapBuilder(CacheOp cache)
      : cache(cache), builder(cache.getLoc(), cache->getContext()),
        integer(builder.getI32Type()),
        buffer(MemRefType::get({ShapedType::kDynamic}, integer)) {
    builder.setInsertionPointAfter(cache);
  }

  /// slots[i] becomes the slot of keys[i]; -1 where it is not cached or is too
  /// old.
  func::FuncOp buildLookUp() {
    func::FuncOp function =
        begin("_look_up", {buffer, buffer, buffer, buffer, integer},
              {"keys", "slots", "slot_of", "written_at", "batch"});
    Value keys = function.getArgument(0), slots = function.getArgument(1);
    Value slotOf = function.getArgument(2);
    Value none = constant(-1);
    loopOver(keys, [&](Value index) {
      Value key = load(keys, index);
      Value slot = load(slotOf, castToIndex(key));
      Value isCached = arith::CmpIOp::create(builder, arith::CmpIPredicate::sge,
                                             slot, constant(0));
      Value usable = slot;
      if (cache.getMaxAge())
        usable = whereYoung(function, slot, isCached);
      Value found = arith::SelectOp::create(builder, isCached, usable, none);
      memref::StoreOp::create(builder, found, slots, index);
    });
    return end(function);
  }

  /// Applies what the plan or the policy decided: first evictions, then writes.
  func::FuncOp buildReplace() {
    func::FuncOp function =
        begin("_replace", {buffer, buffer, buffer, buffer, buffer, integer},
              {"evicted_keys", "pushed_keys", "pushed_slots", "slot_of",
               "written_at", "batch"});
    Value evicted = function.getArgument(0), pushed = function.getArgument(1);
    Value slots = function.getArgument(2), slotOf = function.getArgument(3);
    Value writtenAt = function.getArgument(4);
    Value none = constant(-1);
    loopOver(evicted, [&](Value index) {
      Value key = castToIndex(load(evicted, index));
      memref::StoreOp::create(builder, none, slotOf, key);
    });
    loopOver(pushed, [&](Value index) {
      Value key = castToIndex(load(pushed, index));
      Value slot = load(slots, index);
      memref::StoreOp::create(builder, slot, slotOf, key);
      memref::StoreOp::create(builder, function.getArgument(5), writtenAt,
                              castToIndex(slot));
    });
    return end(function);
  }

private:
  func::FuncOp begin(StringRef suffix, ArrayRef<Type> types,
                     ArrayRef<StringRef> names) {
    auto function =
        func::FuncOp::create(builder, (cache.getSymName() + suffix).str(),
                             builder.getFunctionType(types, {}));
    function.setPrivate();
    for (auto [index, name] : llvm::enumerate(names))
      function.setArgAttr(index, "tgnn.name", builder.getStringAttr(name));
    builder.setInsertionPointToStart(function.addEntryBlock());
    return function;
  }

  func::FuncOp end(func::FuncOp function) {
    func::ReturnOp::create(builder);
    builder.setInsertionPointAfter(function);
    return function;
  }

  Value constant(int64_t value) {
    return arith::ConstantIntOp::create(builder, integer, value);
  }

  Value load(Value from, Value index) {
    return memref::LoadOp::create(builder, from, index);
  }

  Value castToIndex(Value value) {
    return arith::IndexCastOp::create(builder, builder.getIndexType(), value);
  }

  void loopOver(Value values, llvm::function_ref<void(Value)> body) {
    Value zero = arith::ConstantIndexOp::create(builder, 0);
    Value one = arith::ConstantIndexOp::create(builder, 1);
    Value count = memref::DimOp::create(builder, values, zero);
    auto loop = scf::ForOp::create(builder, zero, count, one);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  }

  /// `slot` where its entry is young enough, else -1. Only a cached key has an
  /// entry to look at.
  Value whereYoung(func::FuncOp function, Value slot, Value isCached) {
    auto choice = scf::IfOp::create(builder, TypeRange(integer), isCached,
                                    /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&choice.getThenRegion().front());
    Value written = load(function.getArgument(3), castToIndex(slot));
    Value age =
        arith::SubIOp::create(builder, function.getArgument(4), written);
    Value isYoung = arith::CmpIOp::create(builder, arith::CmpIPredicate::sle,
                                          age, constant(*cache.getMaxAge()));
    Value young = arith::SelectOp::create(builder, isYoung, slot, constant(-1));
    scf::YieldOp::create(builder, young);
    builder.setInsertionPointToStart(&choice.getElseRegion().front());
    scf::YieldOp::create(builder, slot);
    return choice.getResult(0);
  }

  CacheOp cache;
  ImplicitLocOpBuilder builder;
  Type integer;
  MemRefType buffer;
};

/// The functions of a cache, and how it is shared.
struct SlotMap {
  func::FuncOp lookUp, replace;
  ReuseShare share = ReuseShare::Paper;
};

} // namespace

//===----------------------------------------------------------------------===//
// Lookups, pulls and pushes
//===----------------------------------------------------------------------===//

static void lower(CacheLookupOp lookup, SlotMap map) {
  ImplicitLocOpBuilder builder(lookup.getLoc(), lookup);
  StringRef cache = lookup.getCache();
  auto buffer = MemRefType::get({ShapedType::kDynamic}, builder.getI32Type());
  Value result = CacheCandidatesOp::create(
      builder, cache, lookup.getQuery(), lookup.getNeighbourhood(), map.share);
  auto table = [&](LookupTable which) -> Value {
    return LookupBufferOp::create(builder, buffer, result, which);
  };
  Value slotOf =
      CacheBufferOp::create(builder, buffer, cache, CachePart::SlotOf);
  Value writtenAt =
      CacheBufferOp::create(builder, buffer, cache, CachePart::WrittenAt);
  Value batch = CacheBatchOp::create(builder, builder.getI32Type(), cache);
  func::CallOp::create(builder, map.lookUp,
                       ValueRange{table(LookupTable::CandidateKeys),
                                  table(LookupTable::CandidateSlots), slotOf,
                                  writtenAt, batch});
  CacheResolveOp::create(builder, cache, lookup.getQuery(),
                         lookup.getNeighbourhood(), result);
  func::CallOp::create(builder, map.replace,
                       ValueRange{table(LookupTable::EvictedKeys),
                                  table(LookupTable::PushedKeys),
                                  table(LookupTable::PushedSlots), slotOf,
                                  writtenAt, batch});
  lookup.getLookup().replaceAllUsesWith(result);
  lookup.erase();
}

static std::string bindingOf(StringRef cache) { return "cache:" + cache.str(); }

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
                  readTable(builder, push.getLookup(), "pushed_slots"),
                  bindingOf(push.getCache()));
  push.erase();
}

namespace {

struct LowerReusePass : orcinus::impl::LowerReuseBase<LowerReusePass> {
  using LowerReuseBase::LowerReuseBase;

  void runOnOperation() override {
    llvm::StringMap<SlotMap> maps;
    for (CacheOp cache : llvm::to_vector(getOperation().getOps<CacheOp>())) {
      SlotMapBuilder builder(cache);
      SlotMap &map = maps[cache.getSymName()];
      map.lookUp = builder.buildLookUp();
      map.replace = builder.buildReplace();
      map.share = cache.getShare();
    }
    getOperation().walk([](CachePullOp pull) { lower(pull); });
    getOperation().walk([](CachePushOp push) { lower(push); });
    getOperation().walk(
        [&](CacheLookupOp lookup) { lower(lookup, maps[lookup.getCache()]); });
  }
};

} // namespace
