//===- plugin.cpp - A pass of another project for orcinus-opt -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

namespace {

/// Counts the ops of the tgnn dialect, and among them the samples.
struct CountTgnnPass
    : mlir::PassWrapper<CountTgnnPass, mlir::OperationPass<mlir::ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CountTgnnPass)

  llvm::StringRef getArgument() const override { return "count-tgnn"; }
  llvm::StringRef getDescription() const override {
    return "Count the ops of the tgnn dialect";
  }

  void runOnOperation() override {
    int ops = 0;
    int samples = 0;
    getOperation().walk([&](mlir::Operation *op) {
      ops +=
          llvm::isa_and_nonnull<orcinus::tgnn::TGNNDialect>(op->getDialect());
      samples += llvm::isa<orcinus::tgnn::SampleOp>(op);
    });
    llvm::outs() << "tgnn ops: " << ops << ", samples: " << samples << "\n";
  }
};

} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "CountTgnn", "1",
          [] { mlir::PassRegistration<CountTgnnPass>(); }};
}
