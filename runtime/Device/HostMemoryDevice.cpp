//===- HostMemoryDevice.cpp - A device in the host's memory ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/HostMemoryDevice.h"

#include "runtime/Memory/AlignedBuffer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>
#include <optional>
#include <unistd.h>

using namespace orcinus;

namespace {

class HostMemory : public MemorySource {
public:
  StatusOr<void *> take(size_t bytes) override {
    return ::operator new(bytes, std::align_val_t(bufferAlignment),
                          std::nothrow);
  }
  void giveBack(void *block) override {
    ::operator delete(block, std::align_val_t(bufferAlignment));
  }
  size_t totalBytes() override { return pages(_SC_PHYS_PAGES); }
  size_t freeBytes() override { return pages(_SC_AVPHYS_PAGES); }

private:
  static size_t pages(int what) {
    return std::max(0L, sysconf(what)) *
           static_cast<size_t>(sysconf(_SC_PAGESIZE));
  }
};

} // namespace

struct HostMemoryDevice::Event {
  /// None before it is recorded.
  std::optional<std::chrono::steady_clock::time_point> time;
};

HostMemoryDevice::HostMemoryDevice(DeviceIdentity identity, size_t memoryLimit)
    : Device(std::move(identity), std::make_unique<HostMemory>(), memoryLimit) {
}

HostMemoryDevice::~HostMemoryDevice() {
  for (DeviceStream *stream : streams)
    delete reinterpret_cast<char *>(stream);
  for (DeviceEvent *event : events)
    delete reinterpret_cast<Event *>(event);
}

StatusOr<void *> HostMemoryDevice::allocate(size_t bytes) {
  StatusOr<void *> block = Device::allocate(bytes);
  if (block.ok())
    std::memset(*block, 0xff, bytes);
  return block;
}

Status HostMemoryDevice::copy(void *to, const void *from, size_t bytes,
                              DeviceStream *stream) {
  Status status = checkStream(stream);
  if (status.ok() && bytes)
    std::memmove(to, from, bytes);
  return status;
}

Status HostMemoryDevice::fillPattern16(void *to, uint16_t value, size_t count,
                                       DeviceStream *stream) {
  Status status = checkStream(stream);
  if (status.ok())
    std::fill_n(static_cast<uint16_t *>(to), count, value);
  return status;
}

Status HostMemoryDevice::fillPattern32(void *to, uint32_t value, size_t count,
                                       DeviceStream *stream) {
  Status status = checkStream(stream);
  if (status.ok())
    std::fill_n(static_cast<uint32_t *>(to), count, value);
  return status;
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

/// A stream is its address and nothing else; the device's own one is the
/// device's.
DeviceStream *HostMemoryDevice::ownStream() {
  return reinterpret_cast<DeviceStream *>(this);
}

Status HostMemoryDevice::checkStream(DeviceStream *stream) {
  std::lock_guard<std::mutex> lock(mutex);
  return !stream || stream == ownStream() || streams.count(stream)
             ? Status()
             : Status::error(fmt::format("{} is not a stream of the {} device",
                                         fmt::ptr(stream),
                                         deviceKindName(kind())),
                             StatusCode::Internal);
}

StatusOr<HostMemoryDevice::Event *>
HostMemoryDevice::checkEvent(DeviceEvent *event) {
  std::lock_guard<std::mutex> lock(mutex);
  if (!events.count(event))
    return Status::error(fmt::format("{} is not an event of the {} device",
                                     fmt::ptr(event), deviceKindName(kind())),
                         StatusCode::Internal);
  return reinterpret_cast<Event *>(event);
}

StatusOr<DeviceStream *> HostMemoryDevice::createStream() {
  auto *stream = reinterpret_cast<DeviceStream *>(new char);
  std::lock_guard<std::mutex> lock(mutex);
  streams.insert(stream);
  return stream;
}

Status HostMemoryDevice::destroyStream(DeviceStream *stream) {
  if (Status status = checkStream(stream); !status.ok())
    return status;
  std::lock_guard<std::mutex> lock(mutex);
  if (streams.erase(stream))
    delete reinterpret_cast<char *>(stream);
  return Status();
}

Status HostMemoryDevice::synchronize(DeviceStream *stream) {
  return checkStream(stream);
}

StatusOr<DeviceEvent *> HostMemoryDevice::createEvent() {
  auto *event = reinterpret_cast<DeviceEvent *>(new Event);
  std::lock_guard<std::mutex> lock(mutex);
  events.insert(event);
  return event;
}

Status HostMemoryDevice::destroyEvent(DeviceEvent *event) {
  StatusOr<Event *> checked = checkEvent(event);
  if (!checked.ok())
    return checked.status();
  std::lock_guard<std::mutex> lock(mutex);
  events.erase(event);
  delete *checked;
  return Status();
}

Status HostMemoryDevice::record(DeviceEvent *event, DeviceStream *stream) {
  StatusOr<Event *> checked = checkEvent(event);
  if (checked.ok())
    (*checked)->time = std::chrono::steady_clock::now();
  return checked.ok() ? checkStream(stream) : checked.status();
}

Status HostMemoryDevice::wait(DeviceStream *stream, DeviceEvent *event) {
  Status status = checkStream(stream);
  return status.ok() ? synchronize(event) : status;
}

Status HostMemoryDevice::synchronize(DeviceEvent *event) {
  return checkEvent(event).status();
}

StatusOr<double> HostMemoryDevice::secondsBetween(DeviceEvent *first,
                                                  DeviceEvent *second) {
  StatusOr<Event *> from = checkEvent(first), to = checkEvent(second);
  if (!from.ok() || !to.ok())
    return from.ok() ? to.status() : from.status();
  if (!(*from)->time || !(*to)->time)
    return Status::error("the time between events that were not recorded");
  return std::chrono::duration<double>(*(*to)->time - *(*from)->time).count();
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

static Status hasNoModules(DeviceKind kind) {
  return Status::error(fmt::format("the {} device loads no modules: its "
                                   "kernels are part of the program",
                                   deviceKindName(kind)));
}

StatusOr<DeviceModule *> HostMemoryDevice::loadModule(std::string_view) {
  return hasNoModules(kind());
}

Status HostMemoryDevice::unloadModule(DeviceModule *) {
  return hasNoModules(kind());
}

StatusOr<DeviceFunction *> HostMemoryDevice::findFunction(DeviceModule *,
                                                          const std::string &) {
  return hasNoModules(kind());
}
