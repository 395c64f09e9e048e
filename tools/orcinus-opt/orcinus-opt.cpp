//===- orcinus-opt.cpp - Runs passes on IR --------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Pipelines/CompilerDialects.h"
#include "tools/RegisterAll.h"

#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllPasses();
  orcinus::registerCompilerDialects(registry);
  orcinus::registerAllOrcinusPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "Orcinus modular optimizer driver\n", registry));
}
