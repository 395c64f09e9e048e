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

/// Looks for the device that is `target`'s chip and of these number `number`.
/// Errors: there are others alone, which are for other processes.
static Status findDevice(TuningTarget &target, int number) {
  std::vector<DeviceInformation> devices = listDevices(target.kind);
  std::string others;
  int found = 0;
  for (size_t at = 0; at < devices.size(); ++at) {
    const DeviceInformation &device = devices[at];
    if (device.usable.ok() && device.architecture == target.chip->name) {
      if (found++ < number)
        continue;
      measureOn(target, static_cast<int>(at), device);
      return Status();
    }
    others += others.empty() ? "" : ", ";
    others += device.usable.ok() ? device.name + " is " + device.architecture
                                 : device.usable.message();
  }
  if (found > 0)
    return Status::error("of its machine's devices, " + std::to_string(found) +
                             " of " + target.name +
                             ", each is another process's",
                         StatusCode::Unavailable);
  target.note = "no device here is " + target.name + " (" + others +
                "): times are modelled";
  return Status();
}

/// The chip of the first device of `kind`, measured on number `number` of them.
static StatusOr<TuningTarget> chipOfFirst(DeviceKind kind, int number) {
  DeviceInformation device = listDevices(kind).front();
  if (!device.usable.ok())
    return device.usable;
  const char *vendor = kind == DeviceKind::Cuda ? "nvidia:" : "amd:";
  StatusOr<TuningTarget> target =
      parseTuningTarget(vendor + device.architecture);
  if (!target.ok())
    return target;
  if (Status status = findDevice(*target, number); !status.ok())
    return status;
  return target;
}

StatusOr<TuningTarget> orcinus::findTuningTarget(std::string_view name,
                                                 int number) {
  for (DeviceKind kind : {DeviceKind::Cuda, DeviceKind::Hip})
    if (name == deviceKindName(kind))
      return chipOfFirst(kind, number);
  StatusOr<TuningTarget> target = parseTuningTarget(name);
  if (!target.ok())
    return target;
  if (target->chip) {
    if (Status status = findDevice(*target, number); !status.ok())
      return status;
  } else if (target->kind == DeviceKind::Simulator) {
    target->note = "candidates are checked on the simulator: their times say "
                   "nothing about a GPU";
  }
  return target;
}
