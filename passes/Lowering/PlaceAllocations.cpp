//===- PlaceAllocations.cpp - Frees temporaries after their last use ------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/MemRefUtils.h"
#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_PLACEALLOCATIONS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

namespace {

class PlaceAllocationsPass
    : public orcinus::impl::PlaceAllocationsBase<PlaceAllocationsPass> {
public:
  void runOnOperation() override {
    SmallVector<memref::AllocOp> allocations;
    getOperation()->walk(
        [&](memref::AllocOp op) { allocations.push_back(op); });
    for (memref::AllocOp allocation : allocations) {
      // The runtime aligns every allocation; asking for it here would pad.
      allocation.removeAlignmentAttr();
      placeFree(allocation);
    }
  }

private:
  void placeFree(memref::AllocOp allocation) {
    Block *block = allocation->getBlock();
    Operation *last = allocation;
    for (Value alias : aliasesOf(allocation)) {
      for (Operation *user : alias.getUsers()) {
        // Freed already, or handed to whoever runs the block.
        if (isa<memref::DeallocOp>(user) ||
            user->hasTrait<OpTrait::IsTerminator>())
          return;
        Operation *ancestor = block->findAncestorOpInBlock(*user);
        if (!ancestor)
          return;
        if (last->isBeforeInBlock(ancestor))
          last = ancestor;
      }
    }
    OpBuilder builder(allocation->getContext());
    builder.setInsertionPointAfter(last);
    memref::DeallocOp::create(builder, allocation.getLoc(), allocation);
    ++freedAllocations;
  }
};

} // namespace
