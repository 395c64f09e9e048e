//===- SimulatedProgram.h - Programs with kernels, compiled -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_SIMULATOR_SIMULATEDPROGRAM_H
#define ORCINUS_TEST_UNIT_SIMULATOR_SIMULATEDPROGRAM_H

#include "passes/Target/Passes.h"
#include "runtime/Jit/Executable.h"
#include "runtime/Jit/MemRef.h"
#include "runtime/Simulator/Simulator.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace orcinus::test {

struct ProgramOptions {
  bool check = false;
  int64_t subgroupSize = 32;
  /// Where this is set, the program has linalg on memrefs and no kernels yet.
  std::optional<MapToGpuOptions> map = std::nullopt;
};

/// A program with a `gpu.module`, compiled for the simulator.
class SimulatedProgram {
public:
  /// Compiles `text`, whose places are called `kernels.mlir:LINE:COLUMN`. Fails
  /// the test where that fails.
  explicit SimulatedProgram(std::string text, ProgramOptions options = {});

  /// Calls `@main`, whose launches run on a simulator of `options`. Returns the
  /// first error of a launch; fails the test where the program leaves a stream,
  /// an event or memory behind.
  Status run(std::vector<void *> arguments, SimulatorOptions options = {});

  /// What the launches of the last run reported.
  const std::vector<SimulatorReport> &reports() const { return found; }

  /// The lines that report `index` names.
  std::set<int> linesOf(size_t index) const;

  /// The line that contains `mark`.
  int lineOf(const std::string &mark) const;

private:
  std::string text;
  std::unique_ptr<Executable> executable;
  std::vector<SimulatorReport> found;
};

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_SIMULATOR_SIMULATEDPROGRAM_H
