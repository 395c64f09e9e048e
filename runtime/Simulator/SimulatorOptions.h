//===- SimulatorOptions.h - How kernels are simulated -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_SIMULATOR_SIMULATOROPTIONS_H
#define ORCINUS_RUNTIME_SIMULATOR_SIMULATOROPTIONS_H

#include <cstdint>

namespace orcinus {

struct SimulatorOptions {
  /// Follow the accesses of kernels that were compiled with checks
  /// (`--orcinus-simulate=check`), and find races and reads of workgroup memory
  /// that was never written.
  bool check = false;
  /// 0 runs blocks, and the threads of a block, in the order of their numbers;
  /// else each seed is an order of its own.
  uint64_t seed = 0;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_SIMULATOR_SIMULATOROPTIONS_H
