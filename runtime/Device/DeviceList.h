//===- DeviceList.h - The devices of one kind -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_DEVICE_DEVICELIST_H
#define RUNTIME_DEVICE_DEVICELIST_H

#include "orcinus/Runtime/Device.h"

#include <string>
#include <vector>

namespace orcinus {

/// The devices of `kind` by their numbers, those that cannot be used with the
/// reason; where there is none, one entry that says why. Opens each. Drivers
/// are looked for as usual where `driverLibrary` is empty.
std::vector<DeviceInformation>
listDevices(DeviceKind kind, const std::string &driverLibrary = "");

/// The device that is for process number `process` of those on this machine:
/// each has one of its own, as far as there are so many; 0 where there is none.
int deviceOfProcess(DeviceKind kind, int process,
                    const std::string &driverLibrary = "");

} // namespace orcinus

#endif // RUNTIME_DEVICE_DEVICELIST_H
