//===- ProtectArguments.cpp - Arguments that nobody writes to -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_PROTECTARGUMENTS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

namespace {

class ProtectArgumentsPass
    : public orcinus::impl::ProtectArgumentsBase<ProtectArgumentsPass> {
public:
  void runOnOperation() override {
    auto no = BoolAttr::get(&getContext(), false);
    StringRef name = bufferization::BufferizationDialect::kWritableAttrName;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isDeclaration() || !function.isPublic())
        continue;
      for (auto [at, type] : llvm::enumerate(function.getArgumentTypes()))
        if (isa<TensorType>(type) && !function.getArgAttr(at, name))
          function.setArgAttr(at, name, no);
    }
  }
};

} // namespace
