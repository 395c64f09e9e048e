//===- TestSource.h - Programs from text ------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_JIT_TESTSOURCE_H
#define ORCINUS_TEST_UNIT_JIT_TESTSOURCE_H

#include "runtime/Jit/Jit.h"

#include <string>

namespace orcinus::test {

/// In place of a number of threads: kernels of a GPU, simulated with all checks
/// on, and without the schedules that ops have for the host.
inline constexpr int simulatedGpu = 0;
/// The same with the schedules, which are a GPU's.
inline constexpr int scheduledGpu = -1;

/// Lowers `text`, linalg on memrefs, for the host, as the JIT wants it.
BuildProgram programOf(std::string text, int threads);

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_JIT_TESTSOURCE_H
