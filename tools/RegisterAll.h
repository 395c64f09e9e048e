//===- RegisterAll.h - All of Orcinus' passes -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that names every pass and pipeline of the project: the tools
// register what stands here. Their dialects are those of
// passes/Pipelines/CompilerDialects.h.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TOOLS_REGISTERALL_H
#define ORCINUS_TOOLS_REGISTERALL_H

#include "passes/Autodiff/Passes.h"
#include "passes/Kernels/Passes.h"
#include "passes/Lowering/Passes.h"
#include "passes/Model/Passes.h"
#include "passes/Pipelines/LowerToGpu.h"
#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/ModulePipeline.h"
#include "passes/Pipelines/StepPipeline.h"
#include "passes/Pipelines/TunePipeline.h"
#include "passes/Reuse/Passes.h"
#include "passes/Target/Passes.h"
#include "passes/Tuning/Passes.h"

namespace orcinus {

inline void registerAllOrcinusPasses() {
  registerAutodiffPasses();
  registerKernelsPasses();
  registerLoweringPasses();
  registerModelPasses();
  registerReusePasses();
  registerTargetPasses();
  registerTuningPasses();
  registerLowerToGpuPipelines();
  registerLowerToHostPipeline();
  registerModulePipelines();
  registerStepPipelines();
  registerTunePipeline();
}

} // namespace orcinus

#endif // ORCINUS_TOOLS_REGISTERALL_H
