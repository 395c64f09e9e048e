//===- Simulator.h - GPU kernels on the CPU ---------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_SIMULATOR_SIMULATOR_H
#define ORCINUS_RUNTIME_SIMULATOR_SIMULATOR_H

#include "runtime/Simulator/BlockRunner.h"
#include "runtime/Simulator/Report.h"
#include "runtime/Simulator/SimulatedKernel.h"
#include "runtime/Simulator/SimulatorOptions.h"

#include "runtime/Memory/AlignedBuffer.h"

#include <array>
#include <vector>

namespace orcinus {

/// Runs GPU kernels on the thread that launches them, in the same order each
/// time. Not thread safe: a simulator belongs to one thread at a time.
class Simulator {
public:
  explicit Simulator(SimulatorOptions options = {});
  Simulator(const Simulator &) = delete;
  Simulator &operator=(const Simulator &) = delete;

  /// Runs `kernel` on `grid` blocks of `block` threads (x, y, z) and returns
  /// when all have ended. `dynamicSharedBytes` are added to each block's
  /// workgroup memory; `params[i]` points to the kernel's i-th argument. An
  /// error where the launch is none that a GPU takes, or where the kernel has
  /// made a mistake (`reports`).
  Status launch(const SimulatedKernel &kernel,
                const std::array<int64_t, 3> &grid,
                const std::array<int64_t, 3> &block, int64_t dynamicSharedBytes,
                void **params);

  /// What the last launch has done wrong. Divergence and indices out of bounds
  /// are reported without `check` as well.
  const std::vector<SimulatorReport> &reports() const { return log.reports(); }

private:
  void runInTurn(const BlockSetup &setup);
  Status runOnFibers(BlockSetup &setup, int64_t workgroupBytes);

  SimulatorOptions options;
  ReportLog log;
  BlockRunner runner;
  AlignedBuffer workgroup;
  std::vector<int64_t> blockOrder, threadOrder;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_SIMULATOR_SIMULATOR_H
