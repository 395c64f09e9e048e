//===- SimulatedGpu.h - Test programs on a simulated GPU --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_SIMULATEDGPU_H
#define ORCINUS_TEST_UNIT_SIMULATEDGPU_H

#include "passes/Pipelines/LowerToGpu.h"
#include "runtime/Abi/GpuAbi.h"
#include "runtime/Device/Device.h"
#include "runtime/Jit/Executable.h"
#include "runtime/Simulator/SimulatorAbi.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace orcinus::test {

/// Lowers linalg and kernels on memrefs to GPU kernels that are simulated with
/// all checks on.
inline Status lowerToSimulator(mlir::ModuleOp module, int64_t subgroupSize) {
  mlir::PassManager manager(module.getContext());
  LowerToSimulatorOptions options;
  options.check = true;
  options.subgroupSize = subgroupSize;
  buildLowerToSimulatorPipeline(manager, options);
  return succeeded(manager.run(module))
             ? Status()
             : Status::error("cannot lower the program for the simulator");
}

/// Adds what such a program calls.
inline void addSimulatorSymbols(std::vector<RuntimeSymbol> &symbols) {
  for (const AbiSymbol &symbol : gpuSymbols())
    symbols.emplace_back(symbol.name, symbol.address);
  for (const SimulatorSymbol &symbol : simulatorSymbols())
    symbols.emplace_back(symbol.name, symbol.address);
}

/// The device that runs it, with all checks on and threads in an order of no
/// meaning.
inline StatusOr<std::shared_ptr<Device>> openCheckingSimulator() {
  DeviceOptions options;
  options.simulator = {/*check=*/true, /*seed=*/7};
  return openDevice(DeviceKind::Simulator, options);
}

/// One of them, which all tests of a program share.
inline const std::shared_ptr<Device> &checkingSimulator() {
  static std::shared_ptr<Device> device = [] {
    auto opened = openCheckingSimulator();
    EXPECT_TRUE(opened.ok()) << opened.message();
    return *opened;
  }();
  return device;
}

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_SIMULATEDGPU_H
