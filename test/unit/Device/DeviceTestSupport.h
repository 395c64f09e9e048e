//===- DeviceTestSupport.h - Devices for tests ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEST_UNIT_DEVICE_DEVICETESTSUPPORT_H
#define TEST_UNIT_DEVICE_DEVICETESTSUPPORT_H

#include "FakeDriver.h"
#include "runtime/Device/Device.h"

#include <memory>
#include <string>

namespace orcinus::test {

/// Of the fake driver in `library`, as it is at first.
fake::Control &resetControl(const char *library);

/// A simulator whose kernels are host kernels (HostDevice.h).
DeviceOptions simulatorOptions();

/// PTX of a kernel `scale` for NVIDIA GPUs since sm_75: multiplies n floats
/// (their address, the factor, n).
extern const char scalePtx[];

/// An ELF file without sections that holds `text`, as drivers get it.
std::string makeElf(uint16_t machine, uint32_t flags, const std::string &text);
/// Of an AMD GPU, with a kernel `scale` that the fake driver knows.
std::string makeCodeObject(const std::string &architecture);
/// Of an sm_`version`.
std::string makeCubin(uint32_t version);

/// Expects an error of one line that contains `words`.
void expectError(const Status &status, const char *words);

} // namespace orcinus::test

#endif // TEST_UNIT_DEVICE_DEVICETESTSUPPORT_H
