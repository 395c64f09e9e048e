//===- ModulePipeline.cpp - From functions of tensors to host code --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Pipelines/ModulePipeline.h"

#include "passes/Lowering/Passes.h"
#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/StepPipeline.h"
#include "passes/Tuning/Passes.h"

#include "mlir/Conversion/ComplexToStandard/ComplexToStandard.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace orcinus;

void orcinus::buildFusePipeline(OpPassManager &manager) {
  manager.addPass(createInlinerPass());
  // Importers declare what no function of theirs reads.
  manager.addPass(createSymbolDCEPass());
  OpPassManager &function = manager.nest<func::FuncOp>();
  function.addPass(createConvertElementwiseToLinalgPass());
  // Numbers of two parts are taken apart where nothing stores them.
  function.addPass(createConvertComplexToStandardPass());
  function.addPass(createCropPadding());
  function.addPass(createCanonicalizerPass());
  // Before ops are fused, which would hide what they are.
  function.addPass(createFoldScales());
  function.addPass(createChooseLayouts());
  function.addPass(createCanonicalizerPass());
  function.addPass(createFuseElementwise());
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
}

/// What callers may get wrong at run time, and is not clear from the text.
/// Indices that are data are checked where the host has the data.
static void addChecks(OpPassManager &manager, bool dataIsHosts) {
  OpPassManager &function = manager.nest<func::FuncOp>();
  function.addPass(createCheckExtents());
  if (dataIsHosts)
    function.addPass(createCheckIndices());
  function.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  // Extents that are one value are equal.
  function.addPass(createCSEPass());
  function.addPass(createCanonicalizerPass());
}

void orcinus::buildModuleForDevicePipeline(OpPassManager &manager) {
  buildFusePipeline(manager);
  manager.addPass(createApplyPrograms());
  addChecks(manager, /*dataIsHosts=*/false);
  manager.addNestedPass<func::FuncOp>(createSeparateDestinations());
  buildBufferizePipeline(manager, BufferizePipelineOptions());
}

void orcinus::buildModulePipeline(OpPassManager &manager,
                                  const ModulePipelineOptions &options) {
  buildFusePipeline(manager);
  // A module may say itself by what programs its operators are executed.
  manager.addPass(createApplyPrograms());
  // Operators may have been made of what weights alone decide on.
  manager.addPass(createPrepareWeights());
  addChecks(manager, /*dataIsHosts=*/true);
  // Equal destinations became one, which would be copied before each writer.
  manager.addNestedPass<func::FuncOp>(createSeparateDestinations());
  BufferizePipelineOptions bufferize;
  bufferize.tuningDatabase = options.tuningDatabase;
  bufferize.threads = options.threads;
  bufferize.returnMemRefs = true;
  bufferize.splitBatches = true;
  bufferize.placePadding = true;
  buildBufferizePipeline(manager, bufferize);
  LowerToHostOptions host;
  host.threads = options.threads;
  host.returnMemRefs = true;
  host.prepareWeights = true;
  buildLowerToHostPipeline(manager, host);
  manager.addPass(createGuardEntries());
}

void orcinus::registerModulePipelines() {
  PassPipelineRegistration<>(
      "orcinus-fuse",
      "Inline calls and fuse elementwise ops of linalg on tensors",
      buildFusePipeline);
  PassPipelineRegistration<ModulePipelineOptions>(
      "orcinus-compile-module",
      "Lower functions of linalg on tensors to the LLVM dialect for the host",
      buildModulePipeline);
}
