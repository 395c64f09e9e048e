//===- tool.cpp - Another project works on tgnn ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"
#include "passes/Pipelines/CompilerDialects.h"
#include "tools/RegisterAll.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

#define GET_OP_CLASSES
#include "OwnOps.h.inc"

/// Parses a function of the tgnn dialect and runs one of its passes by name;
/// the project's own ops are declared with tgnn's types.
int main() {
  if (own::CountOp::getOperationName() != "own.count")
    return 1;
  mlir::DialectRegistry registry;
  orcinus::registerCompilerDialects(registry);
  registry.insert<mlir::func::FuncDialect>();
  orcinus::registerAllOrcinusPasses();
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(R"(
    func.func @linear(%x: tensor<?x8xf32>, %w: tensor<8x4xf32>,
                      %b: tensor<4xf32>) -> tensor<?x4xf32> {
      %y = tgnn.linear %x, %w, %b : tensor<?x8xf32>, tensor<8x4xf32>,
                                    tensor<4xf32> -> tensor<?x4xf32>
      return %y : tensor<?x4xf32>
    }
  )",
                                                        &context);
  mlir::PassManager passes(&context);
  if (!module || mlir::failed(mlir::parsePassPipeline(
                     "func.func(tgnn-decompose)", passes)))
    return 1;
  if (mlir::failed(passes.run(*module)))
    return 1;
  int contractions = 0;
  module->walk([&](orcinus::tgnn::ContractOp) { ++contractions; });
  return contractions == 1 ? 0 : 1;
}
