//===- LowerToHost.h - From linalg on memrefs to host code ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_PIPELINES_LOWERTOHOST_H
#define ORCINUS_PASSES_PIPELINES_LOWERTOHOST_H

#include "orcinus/Support/Status.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

#include "llvm/Support/Compiler.h"

namespace orcinus {

struct LowerToHostOptions
    : public mlir::PassPipelineOptions<LowerToHostOptions> {
  Option<int64_t> vectorBits{
      *this, "vector-bits",
      llvm::cl::desc("Width of a vector register in bits; 0 takes the host's"),
      llvm::cl::init(0)};
  Option<int64_t> vectorRegisters{
      *this, "vector-registers",
      llvm::cl::desc("Number of vector registers; 0 takes the host's"),
      llvm::cl::init(0)};
  Option<int64_t> threads{
      *this, "threads",
      llvm::cl::desc("Threads to divide the work among; 1 makes no parallel "
                     "loop and needs no OpenMP"),
      llvm::cl::init(1)};
  Option<bool> returnMemRefs{
      *this, "return-memrefs",
      llvm::cl::desc("Let functions return memrefs that are allocations of "
                     "their own, as orcinus-bufferize makes them"),
      llvm::cl::init(false)};
  Option<bool> prepareWeights{
      *this, "prepare-weights",
      llvm::cl::desc("Pack weights in the function that prepares weights, and "
                     "not at each call"),
      llvm::cl::init(false)};
  Option<bool> separateTemporaries{
      *this, "separate-temporaries",
      llvm::cl::desc("Allocate each temporary by itself, so that what is "
                     "written beside one is seen; the default in builds with "
                     "AddressSanitizer"),
      llvm::cl::init(LLVM_ADDRESS_SANITIZER_BUILD)};
};

/// Everything between linalg on memrefs and the LLVM dialect: the module that
/// comes out is ready for translation, its public functions packed as the
/// runtime's contract says.
void buildLowerToHostPipeline(mlir::OpPassManager &manager,
                              const LowerToHostOptions &options);

/// The end of that: from loops over memrefs to the LLVM dialect.
void buildHostConversionPipeline(mlir::OpPassManager &manager,
                                 bool returnMemRefs = false);

/// Registers the dialects that the pipeline takes and makes.
void registerLowerToHostDialects(mlir::DialectRegistry &registry);

/// Runs the pipeline on `module`; an error says what MLIR said.
Status lowerToHost(mlir::ModuleOp module, const LowerToHostOptions &options);

/// Makes `--orcinus-lower-to-host` known.
void registerLowerToHostPipeline();

} // namespace orcinus

#endif // ORCINUS_PASSES_PIPELINES_LOWERTOHOST_H
