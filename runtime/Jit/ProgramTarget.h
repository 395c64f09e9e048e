//===- ProgramTarget.h - What a program is compiled for ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_PROGRAMTARGET_H
#define ORCINUS_RUNTIME_JIT_PROGRAMTARGET_H

#include "orcinus/Runtime/Compiler.h"
#include "runtime/Device/Device.h"
#include "runtime/Jit/Executable.h"
#include "runtime/Jit/GpuToolchain.h"

#include "mlir/Pass/PassManager.h"

#include <memory>
#include <optional>
#include <string>

namespace orcinus {

/// The host, or a device of this machine, as a target of whole programs.
class ProgramTarget {
public:
  /// Opens the device that `options.target` names. Errors: there is none, it
  /// cannot be used, or a tool that its code is made with is missing.
  static StatusOr<ProgramTarget> open(const CompileOptions &options);

  /// Null for the host.
  const std::shared_ptr<Device> &device() const { return opened; }

  /// What besides the options decides on the code: the device's architecture.
  std::string key() const;

  /// What `orcinus tune` calls it: `host`, `nvidia:sm_90`; empty where nothing
  /// is tuned for it, as the simulator.
  std::string tuningTarget() const;

  /// Adds all passes between linalg on memrefs and the LLVM dialect, for
  /// `threads` of the host. Arguments of functions are on the device, or with
  /// `hostArguments` the host's. The target must outlive the manager's run.
  void addLowering(mlir::PassManager &manager, int threads,
                   bool hostArguments = false) const;

  /// Loads the kernels of a program for the device. Errors: of the driver.
  Status loadKernels(const Executable &executable) const;

private:
  explicit ProgramTarget(const CompileOptions &options) : options(options) {}

  Status openDevice();
  Status findTools();

  CompileOptions options;
  std::shared_ptr<Device> opened;
  /// Of a CUDA toolkit with ptxas; empty where the driver compiles PTX.
  std::string cudaToolkit;
  std::optional<AmdToolkit> amdToolkit;
};

/// Loads the kernels of a program for `device`, and returns their module; null
/// for the host and the simulator, whose kernels are functions of the program.
/// Errors: of the driver.
StatusOr<DeviceModule *> loadKernels(const Executable &executable,
                                     Device &device);

/// What programs for devices call besides `abiSymbols()`.
std::vector<RuntimeSymbol> deviceSymbols();

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_PROGRAMTARGET_H
