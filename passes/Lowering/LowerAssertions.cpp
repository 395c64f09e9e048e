//===- LowerAssertions.cpp - Assertions that leave the call --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_LOWERASSERTIONS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

namespace {

class LowerAssertionsPass
    : public orcinus::impl::LowerAssertionsBase<LowerAssertionsPass> {
public:
  void runOnOperation() override {
    SmallVector<cf::AssertOp> assertions;
    getOperation()->walk([&](cf::AssertOp op) { assertions.push_back(op); });
    if (assertions.empty())
      return;
    SymbolTable moduleSymbols(getOperation());
    symbols = &moduleSymbols;
    texts.clear();
    OpBuilder builder(getOperation().getBodyRegion());
    FailureOr<LLVM::LLVMFuncOp> fail =
        LLVM::lookupOrCreateFn(builder, getOperation(), "orcinus_rt_fail",
                               LLVM::LLVMPointerType::get(&getContext()),
                               LLVM::LLVMVoidType::get(&getContext()));
    if (failed(fail))
      return signalPassFailure();
    for (cf::AssertOp assertion : assertions)
      lower(assertion, *fail);
  }

private:
  void lower(cf::AssertOp assertion, LLVM::LLVMFuncOp fail) {
    Location location = assertion.getLoc();
    LLVM::GlobalOp text = textOf(assertion);
    OpBuilder builder(assertion);
    Value yes = arith::ConstantIntOp::create(builder, location, 1, 1);
    Value wrong =
        arith::XOrIOp::create(builder, location, assertion.getArg(), yes);
    auto unless = scf::IfOp::create(builder, location, wrong);
    builder.setInsertionPointToStart(unless.thenBlock());
    Value address = LLVM::AddressOfOp::create(builder, location, text);
    LLVM::CallOp::create(builder, location, fail, address);
    assertion.erase();
    ++loweredAssertions;
  }

  /// Its message, closed by a zero. What says the same shares one.
  LLVM::GlobalOp textOf(cf::AssertOp assertion) {
    LLVM::GlobalOp &text = texts[assertion.getMsg()];
    if (text)
      return text;
    OpBuilder builder(getOperation().getBodyRegion());
    std::string bytes = (assertion.getMsg() + Twine('\0')).str();
    text = LLVM::GlobalOp::create(
        builder, assertion.getLoc(),
        LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size()),
        /*isConstant=*/true, LLVM::Linkage::Private, "orcinus_assertion",
        builder.getStringAttr(bytes));
    symbols->insert(text);
    return text;
  }

  SymbolTable *symbols = nullptr;
  llvm::StringMap<LLVM::GlobalOp> texts;
};

} // namespace
