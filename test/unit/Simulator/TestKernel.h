//===- TestKernel.h - Kernels written by hand -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_SIMULATOR_TESTKERNEL_H
#define ORCINUS_TEST_UNIT_SIMULATOR_TESTKERNEL_H

#include "runtime/Simulator/Simulator.h"
#include "runtime/Simulator/SimulatorAbi.h"

#include <cstring>
#include <utility>

namespace orcinus::test {

using KernelEntry = void (*)(void **params, SimulatorThread *self);

/// A kernel whose threads may wait.
inline SimulatedKernel collectiveKernel(KernelEntry entry,
                                        int64_t workgroupBytes = 0,
                                        int32_t subgroupSize = 32) {
  return {entry, "hand", workgroupBytes, subgroupSize, /*collective=*/1};
}

/// An argument, which the params hold a pointer to.
template <typename T>
T argument(void **params, int index) {
  return *static_cast<T *>(params[index]);
}

// What a checked kernel does at each access.

template <typename T>
T checkedLoad(SimulatorThread *self, const T *from, const char *location) {
  orcinus_sim_access(self, from, sizeof(T),
                     static_cast<int32_t>(AccessKind::Read), location);
  return *from;
}

template <typename T>
void checkedStore(SimulatorThread *self, T *to, T value, const char *location) {
  orcinus_sim_access(self, to, sizeof(T),
                     static_cast<int32_t>(AccessKind::Write), location);
  *to = value;
}

template <typename T>
void checkedAdd(SimulatorThread *self, T *to, T value, const char *location) {
  orcinus_sim_access(self, to, sizeof(T),
                     static_cast<int32_t>(AccessKind::Atomic), location);
  *to += value;
}

inline int32_t *workgroupInts(SimulatorThread *self) {
  return reinterpret_cast<int32_t *>(self->workgroup);
}

/// A shuffle of i32; the flag says whether the result is valid.
inline std::pair<int32_t, bool> shuffle(SimulatorThread *self, ShuffleMode mode,
                                        int32_t bits, int32_t offset,
                                        int32_t width,
                                        const char *location = "k:1:1") {
  int32_t valid = -1;
  int32_t result = orcinus_sim_shuffle(self, static_cast<int32_t>(mode), bits,
                                       offset, width, &valid, location);
  return {result, valid != 0};
}

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_SIMULATOR_TESTKERNEL_H
