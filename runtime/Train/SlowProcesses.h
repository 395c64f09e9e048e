//===- SlowProcesses.h - Who keeps the others waiting -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SLOWPROCESSES_H
#define RUNTIME_TRAIN_SLOWPROCESSES_H

#include <cstddef>
#include <span>
#include <vector>

namespace orcinus {

/// A process that computes for much longer than others with as much to do.
struct SlowProcess {
  size_t number = 0;
  double seconds = 0;
  /// To the median.
  double ratio = 0;
};

/// Of the seconds that each process has computed, those that are more than 1.5
/// times their median, the lower one of two.
std::vector<SlowProcess> findSlowProcesses(std::span<const double> seconds);

} // namespace orcinus

#endif // RUNTIME_TRAIN_SLOWPROCESSES_H
