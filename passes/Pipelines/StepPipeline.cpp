//===- StepPipeline.cpp - From a model to linalg on memrefs ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Pipelines/StepPipeline.h"

#include "dialects/ETO/IR/ETODialect.h"
#include "dialects/TGNN/IR/TGNNDialect.h"
#include "passes/Autodiff/Passes.h"
#include "passes/Lowering/Passes.h"
#include "passes/Model/Passes.h"
#include "passes/Reuse/Passes.h"
#include "passes/Tuning/Passes.h"

#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/FuncBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace orcinus;

static void buildStepPipeline(OpPassManager &manager,
                              const StepPipelineOptions &options,
                              ArrayRef<std::string> functions) {
  AddHeadOptions head;
  head.task = options.task;
  head.outputs = options.outputs;
  manager.addPass(createAddHead(head));
  SpecializeModelOptions specialize;
  specialize.sizes.assign(options.sizes.begin(), options.sizes.end());
  specialize.dropout = options.dropout;
  specialize.optimizer = options.optimizer;
  specialize.optimizerSettings.assign(options.optimizerSettings.begin(),
                                      options.optimizerSettings.end());
  manager.addPass(createSpecializeModel(specialize));
  ExpandModelOptions expand;
  expand.task = options.task;
  expand.loss = options.loss;
  expand.frozen = options.frozen;
  if (options.functions.empty())
    expand.functions.assign(functions.begin(), functions.end());
  else
    expand.functions.assign(options.functions.begin(), options.functions.end());
  manager.addPass(createExpandModel(expand));
  if (options.reuse != "none") {
    InsertReuseOptions reuse;
    reuse.mode = options.reuse;
    reuse.share = options.share;
    reuse.policy = options.policy;
    reuse.capacity = options.capacity;
    reuse.divided = options.divided;
    reuse.maxAge = options.maxAge;
    reuse.blockGradient = options.blockGradient;
    manager.addPass(createInsertReuse(reuse));
    manager.addPass(createLowerReuse());
  }
  manager.addPass(createInlineLayers());
  manager.addPass(createVerifyRows());
  DecomposeLayersOptions decompose;
  decompose.form = options.attentionForm;
  OpPassManager &step = manager.nest<func::FuncOp>();
  step.addPass(createDecomposeLayers(decompose));
  step.addPass(createCanonicalizerPass());
  step.addPass(createCSEPass());
  step.addPass(createReassociateProducts());
  step.addPass(createShareQueries());
  step.addPass(createAutodiff());
  step.addPass(createCanonicalizerPass());
  step.addPass(createCSEPass());
  // Where gradients are made is known once they are derived, and simplified.
  PlaceCollectivesOptions collectives;
  collectives.deviceSums = options.deviceSums;
  manager.addPass(createPlaceCollectives(collectives));
  manager.addPass(createPrepareParameters());
  manager.addPass(createSplitPrepare());
}

void orcinus::buildInferPipeline(OpPassManager &manager,
                                 const StepPipelineOptions &options) {
  buildStepPipeline(manager, options, {"evaluate", "embed"});
}

void orcinus::buildTrainPipeline(OpPassManager &manager,
                                 const StepPipelineOptions &options) {
  SmallVector<std::string> functions{"train", "evaluate", "embed"};
  if (options.measure)
    functions.push_back("measure");
  if (options.exact)
    functions.push_back("train_exact");
  buildStepPipeline(manager, options, functions);
}

void orcinus::buildLinalgPipeline(OpPassManager &manager) {
  // No common subexpressions from here on: two equal destinations are one only
  // at the price of a copy.
  OpPassManager &step = manager.nest<func::FuncOp>();
  step.addPass(createConvertToLinalg());
  step.addPass(createCanonicalizerPass());
}

void orcinus::buildBufferizePipeline(OpPassManager &manager,
                                     const BufferizePipelineOptions &options) {
  buildLinalgPipeline(manager);
  manager.addPass(createDecomposeAggregates());
  manager.addPass(createEraseUnusedResults());
  if (!options.tuningDatabase.empty()) {
    manager.addPass(createOutlineOperators());
    ApplyProgramsOptions apply;
    apply.database = options.tuningDatabase;
    apply.threads = options.threads;
    apply.target = options.target;
    manager.addPass(createApplyPrograms(apply));
  }
  // Behind the cut into operators, which know nothing of where they write.
  if (options.splitBatches) {
    SplitBatchesOptions batches;
    batches.threads = options.threads;
    manager.addNestedPass<func::FuncOp>(createSplitBatches(batches));
  }
  if (options.placePadding)
    manager.addNestedPass<func::FuncOp>(createPlacePadding());
  manager.addPass(createYieldIntoDestinations());
  manager.addPass(createProtectArguments());
  bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferizeFunctionBoundaries = true;
  // Tensors of a function's arguments lie in memory as their types say.
  bufferize.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  // What a loop makes anew in each turn nobody frees until the call ends, which
  // only calls of modules see to.
  bufferize.allowReturnAllocsFromLoops = options.returnMemRefs;
  manager.addPass(bufferization::createOneShotBufferizePass(bufferize));
  ReturnResultsOptions results;
  results.allocateDynamic = options.returnMemRefs;
  manager.addPass(createReturnResults(results));
  if (options.splitBatches)
    manager.addNestedPass<func::FuncOp>(options.threads > 1
                                            ? createForallToParallelLoopPass()
                                            : createForallToForLoopPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createConvertCopies());
}

void orcinus::registerStepDialects(DialectRegistry &registry) {
  registry.insert<tgnn::TGNNDialect, bufferization::BufferizationDialect,
                  scf::SCFDialect, tensor::TensorDialect>();
  tgnn::registerBufferizationModels(registry);
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  bufferization::func_ext::registerBufferizableOpInterfaceExternalModels(
      registry);
  linalg::registerBufferizableOpInterfaceExternalModels(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
}

void orcinus::registerStepPipelines() {
  PassPipelineRegistration<StepPipelineOptions>(
      "orcinus-train-pipeline",
      "From a model to its training, evaluation and embedding steps on tensors",
      buildTrainPipeline);
  PassPipelineRegistration<StepPipelineOptions>(
      "orcinus-infer-pipeline",
      "From a model to its evaluation and embedding steps on tensors",
      buildInferPipeline);
  PassPipelineRegistration<BufferizePipelineOptions>(
      "orcinus-bufferize", "From tgnn and linalg on tensors to buffers",
      buildBufferizePipeline);
}
