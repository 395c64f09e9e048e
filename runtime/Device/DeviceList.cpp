//===- DeviceList.cpp - Opening and listing devices -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/CudaDriver.h"
#include "runtime/Device/GpuDevice.h"
#include "runtime/Device/HipDriver.h"
#include "runtime/Device/HostDevice.h"
#include "runtime/Device/SimulatorDevice.h"

#include <fmt/format.h>

using namespace orcinus;

static constexpr DeviceKind allKinds[] = {
    DeviceKind::Host, DeviceKind::Cuda, DeviceKind::Hip, DeviceKind::Simulator};

std::string_view orcinus::deviceKindName(DeviceKind kind) {
  switch (kind) {
  case DeviceKind::Host:
    return "host";
  case DeviceKind::Cuda:
    return "cuda";
  case DeviceKind::Hip:
    return "hip";
  case DeviceKind::Simulator:
    return "simulator";
  }
  return "";
}

StatusOr<DeviceKind> orcinus::parseDeviceKind(std::string_view name) {
  for (DeviceKind kind : allKinds)
    if (deviceKindName(kind) == name)
      return kind;
  return Status::error(fmt::format(
      "there is no target '{}'; use host, cuda, hip or simulator", name));
}

/// The device over a driver that was opened.
template <typename Driver>
static StatusOr<std::shared_ptr<Device>>
openDriven(const DeviceOptions &options) {
  auto driver = Driver::open(options.driverLibrary, options.index);
  if (!driver.ok())
    return driver.status();
  return GpuDevice::create(std::move(*driver), options.memoryLimit);
}

StatusOr<std::shared_ptr<Device>>
orcinus::openDevice(DeviceKind kind, const DeviceOptions &options) {
  switch (kind) {
  case DeviceKind::Host:
    return std::shared_ptr<Device>(std::make_shared<HostDevice>(options));
  case DeviceKind::Cuda:
    return openDriven<CudaDriver>(options);
  case DeviceKind::Hip:
    return openDriven<HipDriver>(options);
  case DeviceKind::Simulator:
    break;
  }
  return std::shared_ptr<Device>(std::make_shared<SimulatorDevice>(options));
}

/// Devices of a kind are numbered from 0 without a gap.
static void listKind(DeviceKind kind, std::vector<DeviceInformation> &result) {
  size_t before = result.size();
  for (DeviceOptions options;; ++options.index) {
    DeviceInformation information;
    information.kind = kind;
    auto device = openDevice(kind, options);
    if (!device.ok()) {
      information.usable = device.status();
      if (result.size() == before)
        result.push_back(std::move(information));
      return;
    }
    information.name = (*device)->name();
    information.architecture = (*device)->architecture();
    information.totalBytes = (*device)->memory().totalBytes();
    result.push_back(std::move(information));
    if (kind == DeviceKind::Host || kind == DeviceKind::Simulator)
      return;
  }
}

std::vector<DeviceInformation> orcinus::listDevices() {
  std::vector<DeviceInformation> result;
  for (DeviceKind kind : allKinds)
    listKind(kind, result);
  return result;
}
