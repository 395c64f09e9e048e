//===- GuardEntries.cpp - Entry points that say why they were left -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_GUARDENTRIES
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// Whether `function` is one that PackArguments made.
static bool isPacked(LLVM::LLVMFuncOp function) {
  LLVM::LLVMFunctionType type = function.getFunctionType();
  return !function.isExternal() &&
         function.getLinkage() == LLVM::Linkage::External &&
         type.getNumParams() == 1 &&
         isa<LLVM::LLVMPointerType>(type.getParamType(0)) &&
         isa<LLVM::LLVMVoidType>(type.getReturnType());
}

namespace {

class GuardEntriesPass
    : public orcinus::impl::GuardEntriesBase<GuardEntriesPass> {
public:
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    OpBuilder builder(getOperation().getBodyRegion());
    FailureOr<LLVM::LLVMFuncOp> guard =
        LLVM::lookupOrCreateFn(builder, getOperation(), "orcinus_rt_call",
                               {pointer, pointer}, pointer);
    if (failed(guard))
      return signalPassFailure();
    for (auto function :
         llvm::to_vector(getOperation().getOps<LLVM::LLVMFuncOp>())) {
      if (!isPacked(function))
        continue;
      std::string name = function.getSymName().str();
      if (failed(symbols.rename(function, name + ".packed")))
        return signalPassFailure();
      function.setLinkage(LLVM::Linkage::Internal);
      function.setDsoLocal(true);
      addEntry(function, name, *guard);
    }
  }

private:
  /// Puts behind `packed` a function `name` that calls it through `guard`.
  void addEntry(LLVM::LLVMFuncOp packed, StringRef name,
                LLVM::LLVMFuncOp guard) {
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    Location location = packed.getLoc();
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfter(packed);
    auto entry = LLVM::LLVMFuncOp::create(
        builder, location, name, LLVM::LLVMFunctionType::get(pointer, pointer));
    builder.setInsertionPointToStart(entry.addEntryBlock(builder));
    Value address = LLVM::AddressOfOp::create(builder, location, packed);
    Value reason =
        LLVM::CallOp::create(builder, location, guard,
                             ValueRange{address, entry.getArgument(0)})
            .getResult();
    LLVM::ReturnOp::create(builder, location, reason);
  }
};

} // namespace
