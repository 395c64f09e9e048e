//===- TuningTarget.cpp - What operators are tuned for --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/TuningTarget.h"

#include "runtime/Device/DeviceList.h"

#include <vector>

using namespace orcinus;

StatusOr<TuningTarget> orcinus::parseTuningTarget(std::string_view name) {
  TuningTarget target;
  target.name = name;
  if (name == "host" || name == simulatorTarget) {
    target.kind = name == "host" ? DeviceKind::Host : DeviceKind::Simulator;
    target.device = 0;
    return target;
  }
  StatusOr<const GpuChip *> chip = findGpuChip(name);
  if (!chip.ok())
    return Status::error(chip.message() + ", host, cuda, hip or simulator",
                         chip.code());
  target.kind =
      (*chip)->vendor == GpuVendor::Nvidia ? DeviceKind::Cuda : DeviceKind::Hip;
  target.chip = *chip;
  return target;
}

/// Has `target` measured on device `number`, which is `device`.
static void measureOn(TuningTarget &target, int number,
                      const DeviceInformation &device) {
  target.device = number;
  target.note =
      "times are measured on " + device.name + " (" + device.architecture + ")";
}

/// The chip of the first device of `kind`.
static StatusOr<TuningTarget> firstDevice(DeviceKind kind) {
  DeviceInformation device = listDevices(kind).front();
  if (!device.usable.ok())
    return device.usable;
  const char *vendor = kind == DeviceKind::Cuda ? "nvidia:" : "amd:";
  StatusOr<TuningTarget> target =
      parseTuningTarget(vendor + device.architecture);
  if (target.ok())
    measureOn(*target, 0, device);
  return target;
}

/// Looks for a device that is `target`'s chip.
static void findDevice(TuningTarget &target) {
  std::vector<DeviceInformation> devices = listDevices(target.kind);
  std::string others;
  for (size_t number = 0; number < devices.size(); ++number) {
    const DeviceInformation &device = devices[number];
    if (device.usable.ok() && device.architecture == target.chip->name)
      return measureOn(target, static_cast<int>(number), device);
    others += others.empty() ? "" : ", ";
    others += device.usable.ok() ? device.name + " is " + device.architecture
                                 : device.usable.message();
  }
  target.note = "no device here is " + target.name + " (" + others +
                "): times are modelled";
}

StatusOr<TuningTarget> orcinus::findTuningTarget(std::string_view name) {
  for (DeviceKind kind : {DeviceKind::Cuda, DeviceKind::Hip})
    if (name == deviceKindName(kind))
      return firstDevice(kind);
  StatusOr<TuningTarget> target = parseTuningTarget(name);
  if (!target.ok())
    return target;
  if (target->chip)
    findDevice(*target);
  else if (target->kind == DeviceKind::Simulator)
    target->note = "candidates are checked on the simulator: their times say "
                   "nothing about a GPU";
  return target;
}
