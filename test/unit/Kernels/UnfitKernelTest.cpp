//===- UnfitKernelTest.cpp - Kernels of inputs that do not fit ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace orcinus;

namespace {

// A builder cannot fail: it says what does not fit and makes an op that does
// not verify.
TEST(UnfitKernelTest, IsAnError) {
  DialectRegistry registry;
  registry.insert<tgnn::TGNNDialect, func::FuncDialect>();
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  std::string messages;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    messages += diagnostic.str() + "\n";
    return success();
  });
  OpBuilder builder(&context);
  Location location = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(location);
  builder.setInsertionPointToStart(module->getBody());
  Type table = RankedTensorType::get({10, 4}, builder.getF32Type());
  Type index = RankedTensorType::get({5}, builder.getF32Type());
  auto function = func::FuncOp::create(
      builder, location, "f", builder.getFunctionType({table, index}, {}));
  builder.setInsertionPointToStart(function.addEntryBlock());
  auto gather =
      tgnn::GatherOp::create(builder, location, function.getArguments(), {});
  func::ReturnOp::create(builder, location);
  EXPECT_EQ(messages, "input 1 must be of i32, is of 'f32'\n");
  EXPECT_GE(gather->getNumResults(), 1u);
  EXPECT_TRUE(failed(verify(*module)));
}

} // namespace
