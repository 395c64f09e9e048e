//===- Clock.h - Seconds on the clock ---------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_SUPPORT_CLOCK_H
#define ORCINUS_LIB_SUPPORT_CLOCK_H

#include <chrono>

namespace orcinus {

using Clock = std::chrono::steady_clock;

/// Negative where `end` comes before `begin`.
inline double secondsBetween(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

inline double secondsSince(Clock::time_point begin) {
  return secondsBetween(begin, Clock::now());
}

/// The moment `seconds` after `begin`.
inline Clock::time_point after(double seconds,
                               Clock::time_point begin = Clock::now()) {
  return begin + std::chrono::duration_cast<Clock::duration>(
                     std::chrono::duration<double>(seconds));
}

} // namespace orcinus

#endif // ORCINUS_LIB_SUPPORT_CLOCK_H
