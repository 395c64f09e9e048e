//===- LowerToHost.cpp - From linalg on memrefs to host code --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Pipelines/LowerToHost.h"

#include "dialects/ETO/IR/ETODialect.h"
#include "passes/Kernels/Passes.h"
#include "passes/Lowering/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace orcinus;

/// From linalg to loops over vectors.
static void addVectorLoops(OpPassManager &manager,
                           const LowerToHostOptions &options) {
  manager.addPass(createDecomposeAggregates());
  // Before the products between which its buffers are have become calls.
  TileProductsOptions products;
  products.threads = options.threads;
  manager.addNestedPass<func::FuncOp>(createTileProducts(products));
  LowerContractionsOptions contractions;
  contractions.vectorBits = options.vectorBits;
  contractions.vectorRegisters = options.vectorRegisters;
  contractions.threads = options.threads;
  contractions.prepareWeights = options.prepareWeights;
  manager.addPass(createLowerContractions(contractions));
  LowerKernelsOptions kernels;
  kernels.vectorBits = options.vectorBits;
  kernels.vectorRegisters = options.vectorRegisters;
  kernels.threads = options.threads;
  manager.addPass(createLowerKernels(kernels));
  VectorizeElementwiseOptions elementwise;
  elementwise.vectorBits = options.vectorBits;
  elementwise.vectorRegisters = options.vectorRegisters;
  elementwise.threads = options.threads;
  FuseRowsOptions rows;
  rows.threads = options.threads;
  OpPassManager &function = manager.nest<func::FuncOp>();
  function.addPass(createFuseRows(rows));
  function.addPass(createVectorizeElementwise(elementwise));
  function.addPass(createPlaceAllocations());
  // What no vector loop fits is small or rare.
  function.addPass(createConvertLinalgToLoopsPass());
  function.addPass(createExpandMath());
  function.addPass(createCSEPass());
  // A schedule may ask for tasks where there is one thread, too.
  DivideParallelOptions tasks;
  tasks.threads = options.threads;
  function.addPass(createDivideParallel(tasks));
  PlanMemoryOptions memory;
  memory.separate = options.separateTemporaries;
  manager.addPass(createPlanMemory(memory));
}

/// From parallel loops to OpenMP. Its conversion wraps loop bodies in scopes
/// that no later conversion takes.
static void addThreads(OpPassManager &manager) {
  manager.addPass(createOutlineParallel());
  manager.addPass(createConvertSCFToOpenMPPass());
  OpPassManager &function = manager.nest<func::FuncOp>();
  function.addPass(createInlineScopes());
  function.addPass(createCanonicalizerPass());
  function.addPass(createRelaxBarriers());
}

void orcinus::buildHostConversionPipeline(OpPassManager &manager,
                                          bool returnMemRefs) {
  manager.addPass(createLowerAssertions());
  manager.addPass(createLowerCollectives());
  PackArgumentsOptions arguments;
  arguments.returnMemRefs = returnMemRefs;
  manager.addPass(createPackArguments(arguments));
  OpPassManager &function = manager.nest<func::FuncOp>();
  function.addPass(memref::createExpandStridedMetadataPass());
  function.addPass(createLowerAffinePass());
  function.addPass(arith::createArithExpandOpsPass());
  function.addPass(createSCFToControlFlowPass());
  manager.addPass(createConvertToLLVM());
  manager.addPass(createReconcileUnrealizedCastsPass());
  manager.addPass(createBindRuntime());
}

void orcinus::buildLowerToHostPipeline(OpPassManager &manager,
                                       const LowerToHostOptions &options) {
  addVectorLoops(manager, options);
  if (options.threads > 1)
    addThreads(manager);
  buildHostConversionPipeline(manager, options.returnMemRefs);
}

void orcinus::registerLowerToHostDialects(DialectRegistry &registry) {
  registry.insert<arith::ArithDialect, cf::ControlFlowDialect, eto::ETODialect,
                  func::FuncDialect, linalg::LinalgDialect, LLVM::LLVMDialect,
                  math::MathDialect, memref::MemRefDialect, omp::OpenMPDialect,
                  scf::SCFDialect, vector::VectorDialect>();
}

Status orcinus::lowerToHost(ModuleOp module,
                            const LowerToHostOptions &options) {
  std::string message;
  ScopedDiagnosticHandler handler(
      module.getContext(), [&](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error &&
            message.empty())
          message = diagnostic.str();
        return success();
      });
  PassManager manager(module->getName());
  // Verifying between passes takes a third of the time; the translation to
  // LLVM IR verifies the outcome.
  manager.enableVerifier(false);
  buildLowerToHostPipeline(manager, options);
  if (succeeded(manager.run(module)))
    return Status();
  return Status::error("cannot lower the program for the host: " + message);
}

void orcinus::registerLowerToHostPipeline() {
  PassPipelineRegistration<LowerToHostOptions>(
      "orcinus-lower-to-host",
      "Lower linalg on memrefs to the LLVM dialect for the host",
      buildLowerToHostPipeline);
}
