//===- TunePipeline.h - From linalg to operators with a plan ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_PIPELINES_TUNEPIPELINE_H
#define ORCINUS_PASSES_PIPELINES_TUNEPIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

#include <string>

namespace orcinus {

struct TunePipelineOptions
    : public mlir::PassPipelineOptions<TunePipelineOptions> {
  Option<std::string> database{
      *this, "database",
      llvm::cl::desc("A tuning database to estimate costs by; none where it is "
                     "empty"),
      llvm::cl::init("")};
  Option<std::string> target{
      *this, "target",
      llvm::cl::desc("What to tune for: host, or a GPU as nvidia:sm_90"),
      llvm::cl::init("host")};
  Option<int64_t> threads{
      *this, "threads",
      llvm::cl::desc("Threads that operators are divided among"),
      llvm::cl::init(1)};
  Option<bool> bridges{*this, "bridges",
                       llvm::cl::desc("Plan with bridges between operators"),
                       llvm::cl::init(true)};
  ListOption<int64_t> buckets{
      *this, "buckets",
      llvm::cl::desc("Extents that stand for a dynamic one, ascending")};
};

/// From linalg on tensors to calls of operators, with the reuse graph and the
/// plan of their tuning on the module.
void buildTunePipeline(mlir::OpPassManager &manager,
                       const TunePipelineOptions &options);

/// Makes `--orcinus-tune-pipeline` known.
void registerTunePipeline();

} // namespace orcinus

#endif // ORCINUS_PASSES_PIPELINES_TUNEPIPELINE_H
