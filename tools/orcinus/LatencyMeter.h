//===- LatencyMeter.h - How long calls of a network take --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_LATENCYMETER_H
#define TOOLS_ORCINUS_LATENCYMETER_H

#include "orcinus/Runtime/Module.h"

#include <cstdint>
#include <string>
#include <vector>

namespace orcinus {

/// Calls of a function of a network on arguments of its own.
class LatencyMeter {
public:
  /// Of `entry`, whose open extents are `openExtent`. Calls on one thread are
  /// timed by its processor time, which stands still while the machine does
  /// something else. Errors: arguments that do not fit in memory.
  static StatusOr<LatencyMeter> create(const EntryPoint &entry,
                                       int64_t openExtent, int64_t threads);

  /// Seconds a call of each of two modules, medians over turns.
  struct Comparison {
    double first = 0, second = 0;
    /// How many times as long the second takes, the median of the turns.
    double ratio = 1;
    /// Whether that is so in nearly all turns, and by more than a clock's
    /// error.
    bool isFaster = false;
  };

  /// Calls both in turns, each first in every other one, so that both meet what
  /// else the machine does. Errors: those of the calls.
  StatusOr<Comparison> compare(const Module &first, const Module &second) const;

private:
  LatencyMeter() = default;

  StatusOr<double> seconds(const Module &module, int calls) const;
  double now() const;

  bool isAlone = false;
  std::string function;
  std::vector<Tensor> tensors;
  std::vector<TensorView> arguments;
};

} // namespace orcinus

#endif // TOOLS_ORCINUS_LATENCYMETER_H
