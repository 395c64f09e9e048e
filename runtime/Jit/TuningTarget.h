//===- TuningTarget.h - What operators are tuned for ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_TUNINGTARGET_H
#define ORCINUS_RUNTIME_JIT_TUNINGTARGET_H

#include "orcinus/Runtime/Device.h"
#include "orcinus/Tuning/GpuChip.h"

#include <optional>
#include <string>
#include <string_view>

namespace orcinus {

/// What operators are tuned for, and what their candidates run on.
struct TuningTarget {
  /// host, nvidia:CHIP, amd:CHIP or simulator: what a TargetDescription is
  /// made of.
  std::string name = "host";
  DeviceKind kind = DeviceKind::Host;
  /// Null for the host and the simulator.
  const GpuChip *chip = nullptr;
  /// Which device of its kind candidates run on; nothing where a model tells
  /// their times.
  std::optional<int> device;
  /// Where times come from, for a person; empty for the host.
  std::string note;
};

/// The target of that name, a GPU without a device. Errors: there is none.
StatusOr<TuningTarget> parseTuningTarget(std::string_view name);

/// The same with the device of this machine that is one, where it has any; also
/// for `cuda` and `hip`, which are the chip of the first such device. Of
/// several processes on a machine each has a device of its own, by its `number`
/// among them. Errors: also where that is missing.
StatusOr<TuningTarget> findTuningTarget(std::string_view name, int number = 0);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_TUNINGTARGET_H
