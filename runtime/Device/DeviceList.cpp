//===- DeviceList.cpp - Opening and listing devices -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/DeviceList.h"

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

static StatusOr<int> countDevices(DeviceKind kind, const std::string &library) {
  if (kind == DeviceKind::Cuda)
    return CudaDriver::count(library);
  if (kind == DeviceKind::Hip)
    return HipDriver::count(library);
  return 1;
}

int orcinus::deviceOfProcess(DeviceKind kind, int process,
                             const std::string &driverLibrary) {
  StatusOr<int> count = countDevices(kind, driverLibrary);
  return count.ok() && *count > 0 ? process % *count : 0;
}

static DeviceInformation describeDevice(DeviceKind kind,
                                        const DeviceOptions &options) {
  DeviceInformation information;
  information.kind = kind;
  auto device = openDevice(kind, options);
  if (!device.ok()) {
    information.usable = device.status();
    return information;
  }
  information.name = (*device)->name();
  information.architecture = (*device)->architecture();
  information.totalBytes = (*device)->memory().totalBytes();
  return information;
}

std::vector<DeviceInformation>
orcinus::listDevices(DeviceKind kind, const std::string &driverLibrary) {
  std::vector<DeviceInformation> devices;
  StatusOr<int> count = countDevices(kind, driverLibrary);
  if (!count.ok()) {
    devices.emplace_back().kind = kind;
    devices.back().usable = count.status();
    return devices;
  }
  DeviceOptions options;
  options.driverLibrary = driverLibrary;
  for (; options.index < *count; ++options.index)
    devices.push_back(describeDevice(kind, options));
  return devices;
}

std::vector<DeviceInformation> orcinus::listDevices() {
  std::vector<DeviceInformation> devices;
  for (DeviceKind kind : allKinds)
    for (DeviceInformation &device : listDevices(kind))
      devices.push_back(std::move(device));
  return devices;
}
