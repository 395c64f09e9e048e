//===- PlanMemory.cpp - One block for a function's temporaries ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Support/CheckedArithmetic.h"
#include "passes/Lowering/MemoryPlan.h"
#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_PLANMEMORY
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// Bytes of the memref `type`; nothing where they are not known.
static std::optional<int64_t> bytesOf(MemRefType type) {
  Type element = type.getElementType();
  if (!type.hasStaticShape() || !type.getLayout().isIdentity() ||
      type.getMemorySpace() || !element.isIntOrIndexOrFloat())
    return std::nullopt;
  int64_t bytes = element.isIndex()
                      ? 8
                      : llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
  for (int64_t extent : type.getShape())
    bytes = saturatedProduct(bytes, extent);
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

/// Whether each thread of a parallel loop executes `op` by itself.
static bool isInParallelLoop(Operation *op) {
  return op->getParentOfType<scf::ParallelOp>() != nullptr;
}

namespace {

class PlanMemoryPass : public orcinus::impl::PlanMemoryBase<PlanMemoryPass> {
public:
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    blocks.clear();
    visited.clear();
    open.clear();
    for (auto function : getOperation().getOps<func::FuncOp>())
      plan(function, symbols);
    Builder builder(&getContext());
    SmallVector<NamedAttribute> sizes;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function.isPublic() && !function.isDeclaration())
        sizes.emplace_back(function.getSymName(),
                           builder.getI64IntegerAttr(publicSize(function)));
    getOperation()->setAttr(temporaryBytesName,
                            builder.getDictionaryAttr(sizes));
  }

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
  void plan(func::FuncOp function, SymbolTable &symbols) {
    if (!visited.insert(function).second || function.isDeclaration())
      return;
    function.walk([&](func::CallOp call) {
      if (auto callee = symbols.lookup<func::FuncOp>(call.getCallee()))
        plan(callee, symbols);
    });
    passBlocks(function, symbols);
    // Beyond one block of ops the order of ops is not that of the program.
    if (!function.getBody().hasOneBlock())
      return;
    MemoryPlan layout;
    SmallVector<memref::AllocOp> allocations = collect(function, layout);
    if (allocations.empty())
      return;
    layout.place();
    Value memory = makeBlock(function, layout.bytes());
    blocks[function] = {layout.bytes(), memory};
    for (auto [number, allocation] : llvm::enumerate(allocations))
      replace(allocation, memory, layout.offset(number));
  }

  /// Gives each function that `function` calls the block that it needs.
  void passBlocks(func::FuncOp function, SymbolTable &symbols) {
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

  /// The allocations of `function` whose size is known and which it frees, with
  /// the times of both in `layout`.
  SmallVector<memref::AllocOp> collect(func::FuncOp function,
                                       MemoryPlan &layout) {
    llvm::DenseMap<Operation *, int64_t> times;
    function.walk<WalkOrder::PreOrder>(
        [&](Operation *op) { times[op] = times.size(); });
    SmallVector<memref::AllocOp> allocations;
    function.walk([&](memref::AllocOp allocation) {
      std::optional<int64_t> bytes = bytesOf(allocation.getType());
      memref::DeallocOp free = freeOf(allocation);
      if (!bytes || !free || isInParallelLoop(allocation))
        return;
      layout.add(*bytes, times[allocation], times[free]);
      allocations.push_back(allocation);
    });
    plannedAllocations += allocations.size();
    return allocations;
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

  static void replace(memref::AllocOp allocation, Value memory,
                      int64_t offset) {
    freeOf(allocation).erase();
    OpBuilder builder(allocation);
    Location location = allocation.getLoc();
    Value shift = arith::ConstantIndexOp::create(builder, location, offset);
    Value view = memref::ViewOp::create(builder, location, allocation.getType(),
                                        memory, shift, ValueRange());
    allocation.replaceAllUsesWith(view);
    allocation.erase();
  }

  llvm::DenseMap<Operation *, Block> blocks;
  /// Whether functions allocate besides.
  llvm::DenseMap<Operation *, bool> open;
  llvm::DenseSet<Operation *> visited;
};

} // namespace
