//===- LowerToGpu.cpp - From linalg on memrefs to GPU code ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Pipelines/LowerToGpu.h"

#include "passes/Lowering/Passes.h"
#include "passes/Pipelines/LowerToHost.h"
#include "passes/Target/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVM/NVVM/Target.h"
#include "mlir/Target/LLVM/ROCDL/Target.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace orcinus;

void orcinus::buildMapToGpuPipeline(OpPassManager &manager,
                                    const MapToGpuOptions &options,
                                    bool hostArguments) {
  manager.addPass(createDecomposeAggregates());
  manager.addPass(createMapToGpu(options));
  OpPassManager &function = manager.nest<func::FuncOp>();
  function.addPass(createPlaceAllocations());
  PlaceDataOptions place;
  place.hostArguments = hostArguments;
  function.addPass(createPlaceData(place));
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

/// The number in a chip's name: 90 in `sm_90`.
static int64_t capabilityOf(StringRef chip) {
  int64_t capability = 0;
  chip.substr(3).getAsInteger(10, capability);
  return capability;
}

MapToGpuOptions orcinus::mapToNvidia(StringRef chip) {
  MapToGpuOptions options;
  if (capabilityOf(chip) >= 80)
    options.matrixInstructions = MatrixInstructions::Mma;
  return options;
}

/// CDNA and what came before it run 64 threads in step, RDNA 32.
static int64_t amdSubgroupSize(StringRef chip) {
  return chip.starts_with("gfx9") ? 64 : 32;
}

MapToGpuOptions orcinus::mapToAmd(StringRef chip) {
  MapToGpuOptions options;
  options.subgroupSize = amdSubgroupSize(chip);
  // What a block can have on all of AMD's.
  options.workgroupBytes = 64 << 10;
  if (chip == "gfx90a" || chip == "gfx942")
    options.matrixInstructions = MatrixInstructions::Mfma;
  return options;
}

/// What both vendors' conversions want to be gone.
static OpPassManager &addKernelExpansion(OpPassManager &manager) {
  OpPassManager &kernels = manager.nest<gpu::GPUModuleOp>();
  kernels.addPass(createExpandMath());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(arith::createArithExpandOpsPass());
  kernels.addPass(createSCFToControlFlowPass());
  return kernels;
}

static void addCleanup(OpPassManager &kernels) {
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createReconcileUnrealizedCastsPass());
}

void orcinus::buildSerializeForNvidiaPipeline(
    OpPassManager &manager, const LowerToNvidiaOptions &options) {
  OpPassManager &kernels = addKernelExpansion(manager);
  kernels.addPass(createLowerBf16Products());
  kernels.addPass(createConvertNVGPUToNVVMPass());
  kernels.addPass(createConvertGpuOpsToNVVMOps());
  addCleanup(kernels);
  GpuNVVMAttachTargetOptions target;
  target.chip = options.chip;
  // The default, ptx60, aborts the process for chips that came later.
  target.features = capabilityOf(options.chip) >= 100 ? "+ptx86" : "+ptx80";
  target.optLevel = 3;
  manager.addPass(createGpuNVVMAttachTarget(target));
  GpuModuleToBinaryPassOptions binary;
  binary.toolkitPath = options.toolkit;
  binary.compilationTarget = options.format;
  manager.addPass(createGpuModuleToBinaryPass(binary));
}

void orcinus::buildSerializeForAmdPipeline(OpPassManager &manager,
                                           const LowerToAmdOptions &options) {
  OpPassManager &kernels = addKernelExpansion(manager);
  ConvertGpuOpsToROCDLOpsOptions convert;
  convert.chipset = options.chip;
  convert.runtime = gpu::amd::Runtime::HIP;
  kernels.addPass(createConvertGpuOpsToROCDLOps(convert));
  addCleanup(kernels);
  GpuROCDLAttachTargetOptions target;
  target.chip = options.chip;
  target.optLevel = 3;
  target.wave64Flag = amdSubgroupSize(options.chip) == 64;
  manager.addPass(createGpuROCDLAttachTarget(target));
  GpuModuleToBinaryPassOptions binary;
  binary.toolkitPath = options.toolkit;
  binary.compilationTarget = "bin";
  manager.addPass(createGpuModuleToBinaryPass(binary));
}

void orcinus::buildLowerLaunchesPipeline(OpPassManager &manager) {
  buildHostConversionPipeline(manager);
  manager.addPass(createBindKernels());
}

void orcinus::buildLowerToNvidiaPipeline(OpPassManager &manager,
                                         const LowerToNvidiaOptions &options) {
  buildMapToGpuPipeline(manager, mapToNvidia(options.chip),
                        options.hostArguments);
  buildSerializeForNvidiaPipeline(manager, options);
  buildLowerLaunchesPipeline(manager);
}

void orcinus::buildLowerToAmdPipeline(OpPassManager &manager,
                                      const LowerToAmdOptions &options) {
  buildMapToGpuPipeline(manager, mapToAmd(options.chip), options.hostArguments);
  buildSerializeForAmdPipeline(manager, options);
  buildLowerLaunchesPipeline(manager);
}

void orcinus::buildLowerToSimulatorPipeline(
    OpPassManager &manager, const LowerToSimulatorOptions &options) {
  MapToGpuOptions map;
  map.subgroupSize = options.subgroupSize;
  map.matrixInstructions = options.matrixInstructions;
  buildMapToGpuPipeline(manager, map, options.hostArguments);
  SimulateKernelsOptions simulate;
  simulate.check = options.check;
  simulate.subgroupSize = options.subgroupSize;
  manager.addPass(createSimulateKernels(simulate));
  OpPassManager &function = manager.nest<func::FuncOp>();
  function.addPass(createExpandMath());
  function.addPass(createCSEPass());
  buildHostConversionPipeline(manager);
}

void orcinus::registerGpuTargets(DialectRegistry &registry) {
  // How each dialect in a kernel becomes the vendor's.
  registerAllExtensions(registry);
  registerAllGPUToLLVMIRTranslations(registry);
  NVVM::registerNVVMTargetInterfaceExternalModels(registry);
  ROCDL::registerROCDLTargetInterfaceExternalModels(registry);
}

void orcinus::registerLowerToGpuPipelines() {
  PassPipelineRegistration<LowerToNvidiaOptions>(
      "orcinus-lower-to-nvidia",
      "Lower linalg on memrefs to kernels for NVIDIA GPUs and host code that "
      "launches them",
      buildLowerToNvidiaPipeline);
  PassPipelineRegistration<LowerToAmdOptions>(
      "orcinus-lower-to-amd",
      "Lower linalg on memrefs to kernels for AMD GPUs and host code that "
      "launches them",
      buildLowerToAmdPipeline);
  PassPipelineRegistration<LowerToSimulatorOptions>(
      "orcinus-lower-to-simulator",
      "Lower linalg on memrefs to GPU kernels that the host simulates",
      buildLowerToSimulatorPipeline);
  PassPipelineRegistration<>(
      "orcinus-place-on-gpu",
      "Turn linalg on memrefs into GPU kernels, launches and copies",
      [](OpPassManager &manager) {
        buildMapToGpuPipeline(manager, MapToGpuOptions());
      });
}
