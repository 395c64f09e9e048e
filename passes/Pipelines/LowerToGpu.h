//===- LowerToGpu.h - From linalg on memrefs to GPU code --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_PIPELINES_LOWERTOGPU_H
#define ORCINUS_PASSES_PIPELINES_LOWERTOGPU_H

#include "passes/Target/Passes.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace orcinus {

struct LowerToNvidiaOptions
    : public mlir::PassPipelineOptions<LowerToNvidiaOptions> {
  Option<std::string> chip{*this, "chip", llvm::cl::desc("The GPU: sm_80, …"),
                           llvm::cl::init("sm_90")};
  Option<std::string> format{
      *this, "format",
      llvm::cl::desc("What kernels become: bin (by the toolkit's ptxas) or isa "
                     "(PTX, which the driver compiles)"),
      llvm::cl::init("isa")};
  Option<std::string> toolkit{
      *this, "toolkit",
      llvm::cl::desc("The CUDA toolkit; where it is empty, that of CUDA_ROOT, "
                     "CUDA_HOME, CUDA_PATH or PATH"),
      llvm::cl::init("")};
  Option<bool> hostArguments{
      *this, "host-arguments",
      llvm::cl::desc("All memrefs among the arguments of functions are the "
                     "host's, and are copied"),
      llvm::cl::init(false)};
};

struct LowerToAmdOptions : public mlir::PassPipelineOptions<LowerToAmdOptions> {
  Option<std::string> chip{*this, "chip", llvm::cl::desc("The GPU: gfx942, …"),
                           llvm::cl::init("gfx942")};
  Option<std::string> toolkit{
      *this, "toolkit",
      llvm::cl::desc("A folder with llvm/bin/ld.lld and amdgcn/bitcode; where "
                     "it is empty, ROCM_PATH"),
      llvm::cl::init("")};
  Option<bool> hostArguments{
      *this, "host-arguments",
      llvm::cl::desc("All memrefs among the arguments of functions are the "
                     "host's, and are copied"),
      llvm::cl::init(false)};
};

struct LowerToSimulatorOptions
    : public mlir::PassPipelineOptions<LowerToSimulatorOptions> {
  Option<bool> check{
      *this, "check",
      llvm::cl::desc("Report races, accesses out of bounds and barriers that "
                     "not all threads reach"),
      llvm::cl::init(false)};
  Option<int64_t> subgroupSize{*this, "subgroup-size",
                               llvm::cl::desc("Threads that run in step"),
                               llvm::cl::init(32)};
  Option<MatrixInstructions> matrixInstructions{
      *this, "matrix-instructions",
      llvm::cl::desc("Those of the GPU that is simulated"),
      llvm::cl::init(MatrixInstructions::None),
      llvm::cl::values(
          clEnumValN(MatrixInstructions::None, "none", "None"),
          clEnumValN(MatrixInstructions::Mma, "mma", "NVIDIA's mma.sync"),
          clEnumValN(MatrixInstructions::Mfma, "mfma", "AMD's MFMA"))};
  Option<bool> hostArguments{
      *this, "host-arguments",
      llvm::cl::desc("All memrefs among the arguments of functions are the "
                     "host's, and are copied"),
      llvm::cl::init(false)};
};

/// From linalg and kernels on memrefs to a `gpu.module` and the host's code
/// that copies data and launches, all of it above the LLVM dialect. Arguments
/// of functions are on the device, or with `hostArguments` the host's.
void buildMapToGpuPipeline(mlir::OpPassManager &manager,
                           const MapToGpuOptions &options,
                           bool hostArguments = false);

/// What the chip of that name offers to kernels.
MapToGpuOptions mapToNvidia(llvm::StringRef chip);
MapToGpuOptions mapToAmd(llvm::StringRef chip);

/// Kernels as `gpu.binary`, from the `gpu.module` of the former.
void buildSerializeForNvidiaPipeline(mlir::OpPassManager &manager,
                                     const LowerToNvidiaOptions &options);
void buildSerializeForAmdPipeline(mlir::OpPassManager &manager,
                                  const LowerToAmdOptions &options);

/// The host's code beside kernels that are serialized, down to the LLVM
/// dialect, with the kernels as a constant.
void buildLowerLaunchesPipeline(mlir::OpPassManager &manager);

/// Everything between linalg on memrefs and the LLVM dialect: the module that
/// comes out is ready for translation, with the kernels as a constant.
void buildLowerToNvidiaPipeline(mlir::OpPassManager &manager,
                                const LowerToNvidiaOptions &options);
void buildLowerToAmdPipeline(mlir::OpPassManager &manager,
                             const LowerToAmdOptions &options);
/// The same with the kernels as functions of the host, for the simulator.
void buildLowerToSimulatorPipeline(mlir::OpPassManager &manager,
                                   const LowerToSimulatorOptions &options);

/// Registers what serializes GPU modules.
void registerGpuTargets(mlir::DialectRegistry &registry);

/// Makes `--orcinus-lower-to-nvidia`, `-amd` and `-simulator`, and
/// `--orcinus-place-on-gpu` known.
void registerLowerToGpuPipelines();

} // namespace orcinus

#endif // ORCINUS_PASSES_PIPELINES_LOWERTOGPU_H
