//===- ReturnResults.cpp - Memory for the results of functions -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/MemRefUtils.h"
#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_RETURNRESULTS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// Whether `function` returns a memref whose extents are known at run time
/// alone.
static bool returnsDynamicMemRefs(func::FuncOp function) {
  return llvm::any_of(function.getResultTypes(), [](Type type) {
    auto memref = dyn_cast<MemRefType>(type);
    return memref && !memref.hasStaticShape();
  });
}

/// Whether nothing but the function that makes `value` can have its memory.
static bool isOwnAllocation(Value value, func::FuncOp function) {
  auto allocation = value.getDefiningOp<memref::AllocOp>();
  return allocation && allocation->getParentOp() == function;
}

/// A copy of `value` in memory of its own.
static Value copyOf(OpBuilder &builder, Location location, Value value) {
  auto type = cast<MemRefType>(value.getType());
  SmallVector<Value> sizes;
  for (int64_t at = 0; at < type.getRank(); ++at)
    if (type.isDynamicDim(at))
      sizes.push_back(memref::DimOp::create(builder, location, value, at));
  Value copy = memref::AllocOp::create(builder, location, type, sizes);
  memref::CopyOp::create(builder, location, value, copy);
  return copy;
}

/// Makes each memref that `function` returns an allocation of its own.
static void ownResults(func::FuncOp function) {
  function.walk([&](func::ReturnOp op) {
    OpBuilder builder(op);
    llvm::SmallPtrSet<Operation *, 4> returned;
    for (OpOperand &operand : op->getOpOperands()) {
      Value value = operand.get();
      if (!isa<MemRefType>(value.getType()))
        continue;
      if (!isOwnAllocation(value, function) ||
          !returned.insert(value.getDefiningOp()).second)
        operand.set(copyOf(builder, op.getLoc(), value));
    }
  });
}

namespace {

class ReturnResultsPass
    : public orcinus::impl::ReturnResultsBase<ReturnResultsPass> {
public:
  using ReturnResultsBase::ReturnResultsBase;

  void runOnOperation() override {
    // MLIR takes an allocation away once for each time that it is returned.
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isDeclaration())
        ownResults(function);
    bufferization::BufferResultsToOutParamsOpts options;
    if (allocateDynamic)
      options.filterFn = [](func::FuncOp *function) {
        return !returnsDynamicMemRefs(*function);
      };
    options.hoistStaticAllocs = true;
    options.modifyPublicFunctions = true;
    if (failed(bufferization::promoteBufferResultsToOutParams(getOperation(),
                                                              options)) ||
        failed(checkCalls()))
      signalPassFailure();
  }

private:
  /// That nobody is left who would have to free what a function returns. What
  /// the runtime's functions return is the runtime's.
  LogicalResult checkCalls() {
    SymbolTable symbols(getOperation());
    WalkResult called = getOperation()->walk([&](func::CallOp call) {
      auto function = symbols.lookup<func::FuncOp>(call.getCallee());
      if (!function || function.isDeclaration() ||
          llvm::none_of(call.getResultTypes(), llvm::IsaPred<MemRefType>))
        return WalkResult::advance();
      call.emitOpError("calls a function that returns tensors of dynamic "
                       "extents, which only what can be inlined may");
      return WalkResult::interrupt();
    });
    return failure(called.wasInterrupted());
  }
};

} // namespace
