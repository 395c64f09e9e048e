//===- ProgramTarget.cpp - What a program is compiled for -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/ProgramTarget.h"

#include "orcinus/Runtime/Communicator.h"
#include "passes/Pipelines/LowerToGpu.h"
#include "passes/Pipelines/LowerToHost.h"
#include "runtime/Abi/GpuAbi.h"
#include "runtime/Device/DeviceList.h"
#include "runtime/Simulator/SimulatorAbi.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "llvm/Support/Path.h"

using namespace orcinus;

StatusOr<ProgramTarget> ProgramTarget::open(const CompileOptions &options) {
  ProgramTarget target(options);
  if (Status status = target.openDevice(); !status.ok())
    return status;
  if (Status status = target.findTools(); !status.ok())
    return status;
  return target;
}

Status ProgramTarget::openDevice() {
  StatusOr<DeviceKind> kind = parseDeviceKind(options.target);
  if (!kind.ok())
    return kind.status();
  if (*kind == DeviceKind::Host)
    return Status();
  DeviceOptions device;
  if (std::optional<LaunchedProcess> launched = launchedProcess())
    device.index = deviceOfProcess(*kind, launched->localRank);
  device.simulator = {options.checkKernels, options.threadOrder};
  StatusOr<std::shared_ptr<Device>> made = orcinus::openDevice(*kind, device);
  if (!made.ok())
    return made.status();
  opened = std::move(*made);
  return Status();
}

Status ProgramTarget::findTools() {
  if (!opened)
    return Status();
  if (opened->kind() == DeviceKind::Cuda) {
    // The toolkit is the folder above ptxas' bin.
    if (StatusOr<std::string> ptxas = findPtxas(); ptxas.ok())
      cudaToolkit =
          llvm::sys::path::parent_path(llvm::sys::path::parent_path(*ptxas))
              .str();
  } else if (opened->kind() == DeviceKind::Hip) {
    StatusOr<AmdToolkit> found = AmdToolkit::find();
    if (!found.ok())
      return found.status();
    amdToolkit.emplace(std::move(*found));
  }
  return Status();
}

std::string ProgramTarget::key() const {
  if (!opened)
    return "";
  return opened->architecture() + (cudaToolkit.empty() ? " driver" : " ptxas") +
         (options.checkKernels ? " checked" : "");
}

std::string ProgramTarget::tuningTarget() const {
  if (!opened)
    return "host";
  if (opened->kind() == DeviceKind::Simulator)
    return "";
  bool isNvidia = opened->kind() == DeviceKind::Cuda;
  std::string name = (isNvidia ? "nvidia:" : "amd:") + opened->architecture();
  return findGpuChip(name).ok() ? name : "";
}

void ProgramTarget::addLowering(mlir::PassManager &manager, int threads,
                                bool hostArguments) const {
  if (!opened) {
    if (options.plainLoops)
      manager.nest<mlir::func::FuncOp>().addPass(
          mlir::createConvertLinalgToLoopsPass());
    LowerToHostOptions host;
    host.threads = threads;
    buildLowerToHostPipeline(manager, host);
    return;
  }
  switch (opened->kind()) {
  case DeviceKind::Cuda: {
    LowerToNvidiaOptions nvidia;
    nvidia.chip = opened->architecture();
    nvidia.format = cudaToolkit.empty() ? "isa" : "bin";
    nvidia.toolkit = cudaToolkit;
    nvidia.hostArguments = hostArguments;
    buildLowerToNvidiaPipeline(manager, nvidia);
    return;
  }
  case DeviceKind::Hip: {
    LowerToAmdOptions amd;
    amd.chip = opened->architecture();
    amd.toolkit = amdToolkit->path();
    amd.hostArguments = hostArguments;
    buildLowerToAmdPipeline(manager, amd);
    return;
  }
  case DeviceKind::Host:
  case DeviceKind::Simulator:
    LowerToSimulatorOptions simulator;
    simulator.check = options.checkKernels;
    simulator.hostArguments = hostArguments;
    buildLowerToSimulatorPipeline(manager, simulator);
    return;
  }
}

Status ProgramTarget::loadKernels(const Executable &executable) const {
  return opened ? orcinus::loadKernels(executable, *opened).status() : Status();
}

StatusOr<DeviceModule *> orcinus::loadKernels(const Executable &executable,
                                              Device &device) {
  if (device.kind() == DeviceKind::Host ||
      device.kind() == DeviceKind::Simulator)
    return nullptr;
  StatusOr<void *> loader = executable.lookup("orcinus_load_kernels");
  if (!loader.ok())
    return loader.status();
  DeviceScope scope(&device);
  auto *module = reinterpret_cast<DeviceModule *(*)()>(*loader)();
  if (Status status = device.takeError(); !status.ok())
    return status;
  return module;
}

std::vector<RuntimeSymbol> orcinus::deviceSymbols() {
  std::vector<RuntimeSymbol> symbols;
  for (const AbiSymbol &symbol : gpuSymbols())
    symbols.emplace_back(symbol.name, symbol.address);
  for (const SimulatorSymbol &symbol : simulatorSymbols())
    symbols.emplace_back(symbol.name, symbol.address);
  return symbols;
}
