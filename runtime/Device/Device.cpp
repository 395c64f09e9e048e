//===- Device.cpp - What executes kernels, and its memory -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/Device.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

using namespace orcinus;

static thread_local Device *currentDevice = nullptr;
static thread_local DeviceStream *onlyStream = nullptr;

Device *Device::current() { return currentDevice; }

DeviceStream *Device::currentStream() { return onlyStream; }

DeviceScope::DeviceScope(Device *device, DeviceStream *stream)
    : previous(std::exchange(currentDevice, device)),
      previousStream(std::exchange(onlyStream, stream)) {}

DeviceScope::~DeviceScope() {
  currentDevice = previous;
  onlyStream = previousStream;
}

Device::Device(DeviceIdentity identity, std::unique_ptr<MemorySource> source,
               size_t memoryLimit)
    : identity(std::move(identity)), allocator(std::move(source), memoryLimit) {
}

Device::~Device() = default;

StatusOr<DeviceStream *> Device::borrowStream() {
  std::lock_guard lock(streamMutex);
  if (idleStreams.empty()) {
    StatusOr<DeviceStream *> made = createStream();
    if (!made.ok())
      return made.status();
    idleStreams.push_back(*made);
  }
  borrowedStreams.push_back(idleStreams.back());
  idleStreams.pop_back();
  return borrowedStreams.back();
}

void Device::destroyLentStreams() {
  returnStreams();
  for (DeviceStream *stream : idleStreams)
    (void)destroyStream(stream);
  idleStreams.clear();
}

void Device::returnStreams() {
  std::lock_guard lock(streamMutex);
  idleStreams.insert(idleStreams.end(), borrowedStreams.begin(),
                     borrowedStreams.end());
  borrowedStreams.clear();
}

StatusOr<void *> Device::allocate(size_t bytes) {
  return allocator.allocate(bytes);
}

Status Device::checkRange(const void *address, size_t bytes,
                          const char *purpose) const {
  if (bytes == 0 || allocator.holds(address, bytes))
    return Status();
  return Status::error(fmt::format("{} bytes at {} are {}, but do not lie in a "
                                   "block of {}",
                                   bytes, address, purpose, identity.name));
}

Status Device::copyToDevice(void *to, const void *from, size_t bytes,
                            DeviceStream *stream) {
  Status status = checkRange(to, bytes, "copied to");
  return status.ok() ? copy(to, from, bytes, stream) : status;
}

Status Device::copyToHost(void *to, const void *from, size_t bytes,
                          DeviceStream *stream) {
  Status status = checkRange(from, bytes, "copied from");
  return status.ok() ? copy(to, from, bytes, stream) : status;
}

Status Device::copyOnDevice(void *to, const void *from, size_t bytes,
                            DeviceStream *stream) {
  Status status = checkRange(from, bytes, "copied from");
  return status.ok() ? copyToDevice(to, from, bytes, stream) : status;
}

Status Device::fill16(void *to, uint16_t value, size_t count,
                      DeviceStream *stream) {
  Status status = checkRange(to, count * sizeof(value), "filled");
  return status.ok() && count ? fillPattern16(to, value, count, stream)
                              : status;
}

Status Device::fill32(void *to, uint32_t value, size_t count,
                      DeviceStream *stream) {
  Status status = checkRange(to, count * sizeof(value), "filled");
  return status.ok() && count ? fillPattern32(to, value, count, stream)
                              : status;
}

Status Device::launch(DeviceFunction *function, const LaunchSize &grid,
                      const LaunchSize &block, int64_t sharedBytes,
                      DeviceStream *stream, void **parameters) {
  auto least = [](const LaunchSize &size) {
    return *std::min_element(size.begin(), size.end());
  };
  if (!function)
    return Status::error("a kernel is launched that was not found");
  if (least(grid) < 0 || least(block) < 1 || sharedBytes < 0)
    return Status::error(fmt::format(
        "a kernel is launched on {}x{}x{} blocks of {}x{}x{} threads with {} "
        "bytes of shared memory",
        grid[0], grid[1], grid[2], block[0], block[1], block[2], sharedBytes));
  if (least(grid) == 0)
    return Status();
  return launchKernel(function, grid, block, sharedBytes, stream, parameters);
}

void Device::remember(Status error) {
  std::lock_guard<std::mutex> lock(errorMutex);
  if (firstError.ok())
    firstError = std::move(error);
}

bool Device::failed() const {
  std::lock_guard<std::mutex> lock(errorMutex);
  return !firstError.ok();
}

Status Device::takeError() {
  std::lock_guard<std::mutex> lock(errorMutex);
  return std::exchange(firstError, Status());
}
