//===- TunePipeline.cpp - From linalg to operators with a plan ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Pipelines/TunePipeline.h"

#include "passes/Tuning/Passes.h"

#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace orcinus;

void orcinus::buildTunePipeline(OpPassManager &manager,
                                const TunePipelineOptions &options) {
  OutlineOperatorsOptions outline;
  outline.buckets.assign(options.buckets.begin(), options.buckets.end());
  manager.addPass(createOutlineOperators(outline));
  BuildReuseGraphOptions graph;
  graph.database = options.database;
  graph.threads = options.threads;
  graph.target = options.target;
  manager.addPass(createBuildReuseGraph(graph));
  if (options.bridges) {
    InjectBridgesOptions bridges;
    bridges.database = options.database;
    bridges.threads = options.threads;
    bridges.target = options.target;
    manager.addPass(createInjectBridges(bridges));
  }
  manager.addPass(createPlanTuning());
}

void orcinus::registerTunePipeline() {
  PassPipelineRegistration<TunePipelineOptions>(
      "orcinus-tune-pipeline",
      "From linalg on tensors to operators with a plan of their tuning",
      buildTunePipeline);
}
