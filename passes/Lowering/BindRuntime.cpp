//===- BindRuntime.cpp - Allocation calls to the runtime's ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_BINDRUNTIME
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

namespace {

/// What MLIR's lowerings call, and what the runtime's contract calls it.
constexpr std::pair<llvm::StringLiteral, llvm::StringLiteral> names[] = {
    {"_mlir_memref_to_llvm_alloc", "orcinus_rt_allocate"},
    {"_mlir_memref_to_llvm_free", "orcinus_rt_free"},
};

/// What is before the name of a declaration that a wrapper calls.
constexpr llvm::StringLiteral wrappedPrefix = "_mlir_ciface_";

class BindRuntimePass : public orcinus::impl::BindRuntimeBase<BindRuntimePass> {
public:
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto [from, to] : names) {
      auto function = symbols.lookup<LLVM::LLVMFuncOp>(from);
      if (function && failed(symbols.rename(function, to)))
        return signalPassFailure();
    }
    for (auto function :
         llvm::to_vector(getOperation().getOps<LLVM::LLVMFuncOp>())) {
      StringRef name = function.getSymName();
      if (function.isExternal() && name.consume_front(wrappedPrefix) &&
          failed(symbols.rename(function, ("orcinus_rt_" + name).str())))
        return signalPassFailure();
    }
  }
};

} // namespace
