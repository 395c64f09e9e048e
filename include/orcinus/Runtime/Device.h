//===- Device.h - What devices there are ------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_DEVICE_H
#define ORCINUS_RUNTIME_DEVICE_H

#include "orcinus/Support/Status.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// What programs can be compiled for: `CompileOptions::target` by its name.
enum class DeviceKind : uint8_t { Host, Cuda, Hip, Simulator };

/// "host", "cuda", "hip" or "simulator".
std::string_view deviceKindName(DeviceKind kind);

/// The kind of that name. Errors: there is none; the message lists them.
StatusOr<DeviceKind> parseDeviceKind(std::string_view name);

/// A device, or why there is none of its kind.
struct DeviceInformation {
  DeviceKind kind = DeviceKind::Host;
  /// Success where it can be used.
  Status usable;
  /// What its maker calls it, and what code is compiled for: "sm_90", "gfx942".
  std::string name;
  std::string architecture;
  size_t totalBytes = 0;
};

/// The devices of this machine, by kind; a kind without a device has one entry
/// that says why. Opens each.
std::vector<DeviceInformation> listDevices();

} // namespace orcinus

#endif // ORCINUS_RUNTIME_DEVICE_H
