//===- WorkerMemory.h - How workers end for want of memory ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_WORKERMEMORY_H
#define ORCINUS_TEST_UNIT_WORKERMEMORY_H

#include "orcinus/Tuning/Measure.h"

namespace orcinus::test {

/// Whether a sanitizer owns the memory of this build.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool sanitizerOwnsMemory = true;
#else
inline constexpr bool sanitizerOwnsMemory = false;
#endif

/// What becomes of a candidate whose process is refused memory. A sanitizer
/// ends the process itself.
inline constexpr MeasureStatus withoutMemory =
    sanitizerOwnsMemory ? MeasureStatus::Crash : MeasureStatus::Memory;

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_WORKERMEMORY_H
