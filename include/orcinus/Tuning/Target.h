//===- Target.h - The machine that operators are tuned for ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_TARGET_H
#define ORCINUS_TUNING_TARGET_H

#include <cstdint>
#include <string>

namespace orcinus {

/// What schedules depend on. `describeHost` of
/// passes/Lowering/HostDescription.h makes that of this machine; tests make
/// their own.
struct TargetDescription {
  /// As the command line spells it: `host`, later `nvidia:sm_90`.
  std::string name = "host";
  /// LLVM's name of the processor: `znver4`.
  std::string cpu;
  /// LLVM's feature string: `+avx2,+fma`.
  std::string features;
  int64_t vectorBits = 128;
  int64_t vectorRegisters = 16;
  /// Threads that one operator is divided among.
  int64_t threads = 1;

  bool operator==(const TargetDescription &) const = default;

  /// Equal exactly for targets whose measurements may be compared: name,
  /// processor, features and threads, in one line.
  std::string key() const;

  /// The same for people, without features: `host znver4, 2 threads`.
  std::string summary() const;
};

} // namespace orcinus

#endif // ORCINUS_TUNING_TARGET_H
