//===- PlanMemory.cpp - One block for a function's temporaries ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Support/CheckedArithmetic.h"
#include "passes/Lowering/LoopBuilder.h"
#include "passes/Lowering/MemRefUtils.h"
#include "passes/Lowering/MemoryPlan.h"
#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"

#include <algorithm>
#include <memory>

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_PLANMEMORY
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// More memory than any process has is not planned, so that sums of what is
/// planned do not overflow.
static constexpr int64_t mostPlannedBytes = int64_t(1) << 46;

/// Bytes of the memref `type`; nothing where they are not known, or too many.
static std::optional<int64_t> bytesOf(MemRefType type) {
  Type element = type.getElementType();
  if (!type.hasStaticShape() || !type.getLayout().isIdentity() ||
      type.getMemorySpace() || !element.isIntOrIndexOrFloat())
    return std::nullopt;
  int64_t bytes = elementBytes(element);
  for (int64_t extent : type.getShape())
    bytes = saturatedProduct(bytes, extent);
  if (bytes > mostPlannedBytes)
    return std::nullopt;
  return bytes;
}

/// The op that frees `allocation` in its block; null where none does.
static memref::DeallocOp freeOf(memref::AllocOp allocation) {
  memref::DeallocOp found;
  for (Operation *user : allocation->getUsers())
    if (auto free = dyn_cast<memref::DeallocOp>(user)) {
      if (found || free->getBlock() != allocation->getBlock())
        return nullptr;
      found = free;
    }
  return found;
}

/// The turns of `loop`, which counts from 0 by 1; nothing where it does not, or
/// they are not known.
static std::optional<int64_t> turnsOf(scf::ParallelOp loop) {
  int64_t turns = 1;
  for (auto [begin, end, step] : llvm::zip_equal(
           loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    std::optional<int64_t> extent = LoopBuilder::constantOf(end);
    if (!extent || LoopBuilder::constantOf(begin) != 0 ||
        LoopBuilder::constantOf(step) != 1)
      return std::nullopt;
    turns = saturatedProduct(turns, std::max<int64_t>(*extent, 0));
  }
  return turns;
}

namespace {

/// Plans the memory of the functions of one module.
class Planner {
public:
  explicit Planner(ModuleOp module) : module(module), symbols(module) {}

  void plan() {
    for (auto function : module.getOps<func::FuncOp>())
      plan(function);
  }

  /// How much memory each public function takes.
  DictionaryAttr sizes() {
    Builder builder(module.getContext());
    SmallVector<NamedAttribute> sizes;
    for (auto function : module.getOps<func::FuncOp>())
      if (function.isPublic() && !function.isDeclaration())
        sizes.emplace_back(function.getSymName(),
                           builder.getI64IntegerAttr(publicSize(function)));
    return builder.getDictionaryAttr(sizes);
  }

  /// Allocations that have places now.
  int64_t allocations() const { return plannedAllocations; }

private:
  /// Bytes of the temporaries of the public `function`, or -1 where further
  /// ones have no known size.
  int64_t publicSize(func::FuncOp function) {
    return takesMore(function) ? -1 : blocks.lookup(function).bytes;
  }

  /// Whether `function`, or one that it calls, allocates besides its block.
  bool takesMore(func::FuncOp function) {
    auto [known, isNew] = open.try_emplace(function, false);
    if (!isNew)
      return known->second;
    Value memory = blocks.lookup(function).memory;
    bool more = false;
    function.walk([&](Operation *op) {
      if (auto allocation = dyn_cast<memref::AllocOp>(op))
        more |= allocation.getResult() != memory;
      if (auto call = dyn_cast<func::CallOp>(op))
        if (auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
                call, call.getCalleeAttr()))
          more |= takesMore(callee);
    });
    return open[function] = more;
  }

  struct Block {
    int64_t bytes = 0;
    Value memory;
  };

  /// Gives `function`, and before it those that it calls, one block for all
  /// temporaries.
  void plan(func::FuncOp function) {
    if (!visited.insert(function).second || function.isDeclaration())
      return;
    inProgress.insert(function);
    function.walk([&](func::CallOp call) {
      auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
      if (callee && inProgress.contains(callee))
        recursive.insert(callee);
      else if (callee)
        plan(callee);
    });
    inProgress.erase(function);
    passBlocks(function);
    // Beyond one block of ops the order of ops is not that of the program.
    // What calls itself would have to give itself a block whose size is known
    // only behind it.
    if (!function.getBody().hasOneBlock() ||
        (recursive.contains(function) && !function.isPublic()))
      return;
    Scope scope = collect(function.getBody());
    if (scope.bytes() == 0)
      return;
    Value memory = makeBlock(function, scope.bytes());
    blocks[function] = {scope.bytes(), memory};
    replace(scope, memory, Value());
  }

  /// Gives each function that `function` calls the block that it needs.
  void passBlocks(func::FuncOp function) {
    function.walk([&](func::CallOp call) {
      auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
      int64_t bytes = blocks.lookup(callee).bytes;
      if (bytes == 0 || callee.isPublic() ||
          call.getNumOperands() == callee.getNumArguments())
        return;
      OpBuilder builder(call);
      auto type = MemRefType::get({bytes}, builder.getI8Type());
      Value block = memref::AllocOp::create(builder, call.getLoc(), type);
      call.getOperandsMutable().append(block);
      builder.setInsertionPointAfter(call);
      memref::DeallocOp::create(builder, call.getLoc(), block);
    });
  }

  /// What is planned together: temporaries of a function or of one turn of a
  /// parallel loop, and the places of all turns of the parallel loops in it.
  struct Scope {
    MemoryPlan layout;
    SmallVector<memref::AllocOp> allocations;
    struct Loop {
      scf::ParallelOp op;
      int64_t turns;
      std::unique_ptr<Scope> turn;
    };
    /// Behind the allocations in the plan.
    SmallVector<Loop, 0> loops;

    int64_t bytes() const { return layout.bytes(); }
  };

  /// The allocations in `region` whose size is known and which it frees, with
  /// their places.
  Scope collect(Region &region) {
    Scope scope;
    llvm::DenseMap<Operation *, int64_t> times;
    region.walk<WalkOrder::PreOrder>([&](Operation *op) {
      times[op] = times.size();
      if (auto allocation = dyn_cast<memref::AllocOp>(op))
        if (bytesOf(allocation.getType()) && freeOf(allocation))
          scope.allocations.push_back(allocation);
      auto loop = dyn_cast<scf::ParallelOp>(op);
      if (!loop)
        return WalkResult::advance();
      if (std::optional<int64_t> turns = turnsOf(loop)) {
        Scope turn = collect(loop.getRegion());
        if (turn.bytes() != 0 &&
            saturatedProduct(*turns, turn.bytes()) <= mostPlannedBytes)
          scope.loops.push_back(
              {loop, *turns, std::make_unique<Scope>(std::move(turn))});
      }
      return WalkResult::skip();
    });
    for (memref::AllocOp allocation : scope.allocations)
      scope.layout.add(*bytesOf(allocation.getType()), times[allocation],
                       times[freeOf(allocation)]);
    for (const Scope::Loop &loop : scope.loops)
      scope.layout.add(loop.turns * loop.turn->bytes(), times[loop.op],
                       times[loop.op]);
    scope.layout.place();
    return scope;
  }

  /// The block of a private function comes from its callers.
  Value makeBlock(func::FuncOp function, int64_t bytes) {
    OpBuilder builder = OpBuilder::atBlockBegin(&function.front());
    auto type = MemRefType::get({bytes}, builder.getI8Type());
    if (!function.isPublic()) {
      unsigned last = function.getNumArguments();
      (void)function.insertArgument(last, type, {}, function.getLoc());
      return function.getArgument(last);
    }
    Value memory = memref::AllocOp::create(builder, function.getLoc(), type);
    builder.setInsertionPoint(function.front().getTerminator());
    memref::DeallocOp::create(builder, function.getLoc(), memory);
    return memory;
  }

  /// Makes what is planned in `scope` views of `memory`, from `begin` on, or
  /// from its beginning where that is null.
  void replace(Scope &scope, Value memory, Value begin) {
    plannedAllocations += scope.allocations.size();
    for (auto [number, allocation] : llvm::enumerate(scope.allocations)) {
      freeOf(allocation).erase();
      OpBuilder builder(allocation);
      allocation.replaceAllUsesWith(viewOf(builder, allocation.getLoc(), memory,
                                           begin, scope.layout.offset(number),
                                           allocation.getType()));
      allocation.erase();
    }
    for (auto [number, loop] : llvm::enumerate(scope.loops)) {
      OpBuilder builder(loop.op);
      Location location = loop.op.getLoc();
      int64_t bytes = loop.turn->bytes();
      auto type = MemRefType::get({loop.turns * bytes}, builder.getI8Type());
      // A view of its own, so that loops that are alike elsewhere stay so.
      Value places =
          viewOf(builder, location, memory, begin,
                 scope.layout.offset(scope.allocations.size() + number), type);
      builder.setInsertionPointToStart(loop.op.getBody());
      LoopBuilder loops(builder, location);
      Value turn = loops.constant(0);
      for (auto [index, extent] :
           llvm::zip_equal(loop.op.getInductionVars(), loop.op.getUpperBound()))
        turn = loops.add(loops.multiply(turn, extent), index);
      replace(*loop.turn, places, loops.multiply(turn, loops.constant(bytes)));
    }
  }

  /// A view of `memory` of the type `type`, `offset` bytes behind `begin`.
  static Value viewOf(OpBuilder &builder, Location location, Value memory,
                      Value begin, int64_t offset, MemRefType type) {
    LoopBuilder loops(builder, location);
    Value shift = loops.constant(offset);
    if (begin)
      shift = loops.add(begin, shift);
    return memref::ViewOp::create(builder, location, type, memory, shift,
                                  ValueRange());
  }

  ModuleOp module;
  SymbolTable symbols;
  llvm::DenseMap<Operation *, Block> blocks;
  /// Whether functions allocate besides.
  llvm::DenseMap<Operation *, bool> open;
  llvm::DenseSet<Operation *> visited, inProgress, recursive;
  int64_t plannedAllocations = 0;
};

class PlanMemoryPass : public orcinus::impl::PlanMemoryBase<PlanMemoryPass> {
public:
  using PlanMemoryBase::PlanMemoryBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    // What is only counted is planned in a copy.
    OwningOpRef<ModuleOp> copy = separate ? module.clone() : nullptr;
    Planner planner(separate ? *copy : module);
    planner.plan();
    module->setAttr(temporaryBytesName, planner.sizes());
    if (!separate)
      plannedAllocations += planner.allocations();
  }
};

} // namespace
