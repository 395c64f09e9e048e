//===- SimulatorAbi.cpp - What simulated kernels call ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Simulator/SimulatorAbi.h"

#include "runtime/Simulator/BlockRunner.h"

using namespace orcinus;

/// Kernels that call these run on fibers, as threads of a runner.
static BlockThread &threadOf(SimulatorThread *self) {
  return *static_cast<BlockThread *>(self);
}

void orcinus_sim_barrier(SimulatorThread *self, const char *location) {
  BlockThread &thread = threadOf(self);
  thread.runner->barrier(thread, location);
}

int32_t orcinus_sim_shuffle(SimulatorThread *self, int32_t mode, int32_t bits,
                            int32_t offset, int32_t width, int32_t *valid,
                            const char *location) {
  BlockThread &thread = threadOf(self);
  bool isValid = false;
  int32_t result = thread.runner->shuffle(
      thread, {static_cast<ShuffleMode>(mode), bits, offset, width}, isValid,
      location);
  *valid = isValid;
  return result;
}

void orcinus_sim_access(SimulatorThread *self, const void *address,
                        int32_t bytes, int32_t kind, const char *location) {
  BlockThread &thread = threadOf(self);
  thread.runner->access(thread, address, bytes, static_cast<AccessKind>(kind),
                        location);
}

void orcinus_sim_out_of_bounds(SimulatorThread *self, int64_t index,
                               int64_t extent, int32_t dimension,
                               const char *location) {
  BlockThread &thread = threadOf(self);
  thread.runner->outOfBounds(thread, index, extent, dimension, location);
}

void orcinus_sim_misaligned(SimulatorThread *self, int64_t rest,
                            int64_t alignment, const char *location) {
  BlockThread &thread = threadOf(self);
  thread.runner->misaligned(thread, rest, alignment, location);
}

std::span<const SimulatorSymbol> orcinus::simulatorSymbols() {
  static const SimulatorSymbol symbols[] = {
      {"orcinus_sim_barrier", reinterpret_cast<void *>(&orcinus_sim_barrier)},
      {"orcinus_sim_shuffle", reinterpret_cast<void *>(&orcinus_sim_shuffle)},
      {"orcinus_sim_access", reinterpret_cast<void *>(&orcinus_sim_access)},
      {"orcinus_sim_out_of_bounds",
       reinterpret_cast<void *>(&orcinus_sim_out_of_bounds)},
      {"orcinus_sim_misaligned",
       reinterpret_cast<void *>(&orcinus_sim_misaligned)},
  };
  return symbols;
}
