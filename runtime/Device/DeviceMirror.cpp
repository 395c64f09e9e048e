//===- DeviceMirror.cpp - Arrays with a side on a device ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/DeviceMirror.h"

using namespace orcinus;

StatusOr<DeviceBlock> DeviceBlock::allocate(Device &device, size_t bytes) {
  StatusOr<void *> allocated = device.allocate(bytes);
  if (!allocated.ok())
    return allocated.status();
  DeviceBlock result;
  result.device = &device;
  result.block = *allocated;
  return result;
}

DeviceBlock::~DeviceBlock() {
  if (block)
    (void)device->release(block);
}

void DeviceMirror::download() {
  Status status = device->copyToHost(host, block.address(), bytes);
  if (status.ok())
    status = device->synchronize(device->ownStream());
  if (status.ok())
    hostIsOld = false;
  else
    device->remember(std::move(status));
}

StatusOr<void *> DeviceMirror::onDevice(bool changes) {
  if (!block.address()) {
    StatusOr<DeviceBlock> allocated = DeviceBlock::allocate(*device, bytes);
    if (!allocated.ok())
      return allocated.status();
    block = std::move(*allocated);
  }
  if (deviceIsOld) {
    Status status = device->copyToDevice(block.address(), host, bytes);
    if (status.ok())
      status = device->synchronize(device->ownStream());
    if (!status.ok())
      return status;
    deviceIsOld = false;
  }
  hostIsOld |= changes;
  return block.address();
}
