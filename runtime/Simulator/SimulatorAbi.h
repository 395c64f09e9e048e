//===- SimulatorAbi.h - What simulated kernels call -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_SIMULATOR_SIMULATORABI_H
#define ORCINUS_RUNTIME_SIMULATOR_SIMULATORABI_H

#include "runtime/Simulator/SimulatedKernel.h"

#include <cstdint>
#include <span>

// `self` is the thread that calls; `location` is `file:line:column` and lives
// as long as the kernel.
extern "C" {
/// Waits for all threads of the block. Each barrier of a kernel has a location
/// text of its own, by whose address it is known.
void orcinus_sim_barrier(orcinus::SimulatorThread *self, const char *location);

/// Exchanges 32 bits with the other lanes, `mode` as in ShuffleMode, and waits
/// for them. `*valid` becomes 0 where the lane to read from is none of the
/// `width` ones that take part; the lane's own bits are returned then.
/// Locations as for barriers. A shuffle orders no memory.
int32_t orcinus_sim_shuffle(orcinus::SimulatorThread *self, int32_t mode,
                            int32_t bits, int32_t offset, int32_t width,
                            int32_t *valid, const char *location);

/// Says that the thread is about to access memory; `kind` as in AccessKind.
void orcinus_sim_access(orcinus::SimulatorThread *self, const void *address,
                        int32_t bytes, int32_t kind, const char *location);

/// Reports that `index` is none of dimension `dimension`, and stops the thread:
/// this does not return.
void orcinus_sim_out_of_bounds(orcinus::SimulatorThread *self, int64_t index,
                               int64_t extent, int32_t dimension,
                               const char *location);

/// Reports an address that is `rest` bytes beyond a multiple of `alignment`,
/// where it must be one, and stops the thread.
void orcinus_sim_misaligned(orcinus::SimulatorThread *self, int64_t rest,
                            int64_t alignment, const char *location);
}

namespace orcinus {

/// A function that simulated kernels may call.
struct SimulatorSymbol {
  const char *name;
  void *address;
};

/// All of them, for the JIT to define.
std::span<const SimulatorSymbol> simulatorSymbols();

} // namespace orcinus

#endif // ORCINUS_RUNTIME_SIMULATOR_SIMULATORABI_H
