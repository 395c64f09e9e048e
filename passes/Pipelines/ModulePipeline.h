//===- ModulePipeline.h - From functions of tensors to host code *- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_PIPELINES_MODULEPIPELINE_H
#define ORCINUS_PASSES_PIPELINES_MODULEPIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

#include <string>

namespace orcinus {

struct ModulePipelineOptions
    : public mlir::PassPipelineOptions<ModulePipelineOptions> {
  Option<std::string> tuningDatabase{
      *this, "tuning-database",
      llvm::cl::desc("A tuning database whose programs operators get; none "
                     "where it is empty"),
      llvm::cl::init("")};
  Option<int64_t> threads{
      *this, "threads",
      llvm::cl::desc("Threads to divide the work among, and that the operators "
                     "were tuned for"),
      llvm::cl::init(1)};
};

/// What a network needs before its operators are looked at: calls inlined,
/// arithmetic on tensors as linalg, elementwise ops fused. Linalg on tensors
/// before and after.
void buildFusePipeline(mlir::OpPassManager &manager);

/// From functions of linalg on tensors to linalg on memrefs, for a device: what
/// callers may get wrong is checked as far as the host knows it, and functions
/// return nothing, for which their results must have static extents.
void buildModuleForDevicePipeline(mlir::OpPassManager &manager);

/// Everything between functions of linalg on tensors and the LLVM dialect: the
/// functions that come out say why they were left.
void buildModulePipeline(mlir::OpPassManager &manager,
                         const ModulePipelineOptions &options);

/// Makes `--orcinus-fuse` and `--orcinus-compile-module` known.
void registerModulePipelines();

} // namespace orcinus

#endif // ORCINUS_PASSES_PIPELINES_MODULEPIPELINE_H
