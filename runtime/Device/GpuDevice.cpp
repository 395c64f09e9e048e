//===- GpuDevice.cpp - A GPU by its driver --------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/GpuDevice.h"

#include <fmt/format.h>

#include <algorithm>

using namespace orcinus;

static Status failure(const GpuDriver &driver, int code, const char *purpose) {
  return Status::error(fmt::format("cannot {} on {}: {}", purpose,
                                   driver.identity().name,
                                   driver.describe(code)),
                       StatusCode::Unavailable);
}

namespace {

/// Shares the driver, so that it can give everything back to the end.
class GpuMemory : public MemorySource {
public:
  explicit GpuMemory(std::shared_ptr<GpuDriver> driver)
      : driver(std::move(driver)) {}

  StatusOr<void *> take(size_t bytes) override {
    void *block = nullptr;
    int code = driver->makeCurrent();
    if (!code)
      code = driver->allocate(&block, bytes);
    if (code && code != GpuDriver::outOfMemory)
      return failure(*driver, code, "allocate memory");
    return code ? nullptr : block;
  }
  void giveBack(void *block) override {
    if (!driver->makeCurrent())
      driver->release(block);
  }
  size_t totalBytes() override { return information().second; }
  size_t freeBytes() override { return information().first; }

private:
  std::pair<size_t, size_t> information() {
    size_t free = 0, total = 0;
    if (!driver->makeCurrent())
      driver->memoryInformation(&free, &total);
    return {free, total};
  }

  std::shared_ptr<GpuDriver> driver;
};

} // namespace

GpuDevice::GpuDevice(std::shared_ptr<GpuDriver> driver, size_t memoryLimit)
    : Device(driver->identity(), std::make_unique<GpuMemory>(driver),
             memoryLimit),
      driver(driver) {}

StatusOr<std::shared_ptr<Device>>
GpuDevice::create(std::unique_ptr<GpuDriver> driver, size_t memoryLimit) {
  std::shared_ptr<GpuDevice> device(
      new GpuDevice(std::move(driver), memoryLimit));
  auto stream = device->createStream();
  if (!stream.ok())
    return stream.status();
  device->stream = *stream;
  return std::shared_ptr<Device>(std::move(device));
}

GpuDevice::~GpuDevice() {
  destroyLentStreams();
  if (stream)
    (void)destroyStream(stream);
}

/// Makes the GPU current and calls `call`, which returns the driver's code.
template <typename Call>
Status GpuDevice::perform(const char *purpose, Call call) {
  int code = driver->makeCurrent();
  if (!code)
    code = call();
  return code ? failure(*driver, code, purpose) : Status();
}

Status GpuDevice::makeCurrent() {
  return perform("use the GPU", [] { return 0; });
}

Status GpuDevice::copy(void *to, const void *from, size_t bytes,
                       DeviceStream *stream) {
  if (bytes == 0)
    return Status();
  return perform("copy memory",
                 [&] { return driver->copy(to, from, bytes, orOwn(stream)); });
}

Status GpuDevice::fillPattern16(void *to, uint16_t value, size_t count,
                                DeviceStream *stream) {
  return perform("fill memory", [&] {
    return driver->fill16(to, value, count, orOwn(stream));
  });
}

Status GpuDevice::fillPattern32(void *to, uint32_t value, size_t count,
                                DeviceStream *stream) {
  return perform("fill memory", [&] {
    return driver->fill32(to, value, count, orOwn(stream));
  });
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

StatusOr<DeviceStream *> GpuDevice::createStream() {
  DeviceStream *result = nullptr;
  Status status =
      perform("create a stream", [&] { return driver->createStream(&result); });
  return status.ok() ? StatusOr<DeviceStream *>(result) : status;
}

Status GpuDevice::destroyStream(DeviceStream *stream) {
  return perform("destroy a stream",
                 [&] { return driver->destroyStream(stream); });
}

Status GpuDevice::synchronize(DeviceStream *stream) {
  return perform("finish the work of a stream",
                 [&] { return driver->synchronizeStream(orOwn(stream)); });
}

Status GpuDevice::synchronize() {
  return perform("finish all work", [&] { return driver->synchronize(); });
}

StatusOr<DeviceEvent *> GpuDevice::createEvent() {
  DeviceEvent *result = nullptr;
  Status status =
      perform("create an event", [&] { return driver->createEvent(&result); });
  return status.ok() ? StatusOr<DeviceEvent *>(result) : status;
}

Status GpuDevice::destroyEvent(DeviceEvent *event) {
  return perform("destroy an event",
                 [&] { return driver->destroyEvent(event); });
}

Status GpuDevice::record(DeviceEvent *event, DeviceStream *stream) {
  return perform("record an event",
                 [&] { return driver->recordEvent(event, orOwn(stream)); });
}

Status GpuDevice::wait(DeviceStream *stream, DeviceEvent *event) {
  return perform("wait for an event",
                 [&] { return driver->waitForEvent(orOwn(stream), event); });
}

Status GpuDevice::synchronize(DeviceEvent *event) {
  return perform("finish the work before an event",
                 [&] { return driver->synchronizeEvent(event); });
}

StatusOr<double> GpuDevice::secondsBetween(DeviceEvent *first,
                                           DeviceEvent *second) {
  float milliseconds = 0;
  Status status = perform("measure the time between events", [&] {
    return driver->elapsedMilliseconds(&milliseconds, first, second);
  });
  return status.ok() ? StatusOr<double>(milliseconds * 1e-3) : status;
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

/// The first line of a compiler's log, in brackets.
static std::string firstLine(const std::string &log) {
  std::string line = log.substr(0, log.find('\n'));
  return line.empty() ? "" : fmt::format(" ({})", line);
}

StatusOr<DeviceModule *> GpuDevice::loadModule(std::string_view code) {
  StatusOr<ModuleDescription> module = describeModule(code);
  if (!module.ok())
    return module.status();
  if (!driver->takes(module->format))
    return Status::error(fmt::format("a module for {} cannot be loaded on {}, "
                                     "which is {}: compile it for this device",
                                     module->architecture, name(),
                                     architecture()));
  // Text has to end with a zero byte.
  std::string ended(code);
  std::string log;
  DeviceModule *result = nullptr;
  Status status = perform("load a module", [&] {
    return driver->loadModule(&result, ended.c_str(), log);
  });
  if (status.ok())
    return result;
  bool isOther =
      !module->architecture.empty() && module->architecture != architecture();
  return Status::error(
      fmt::format(
          "{}{}{}", status.message(), firstLine(log),
          isOther
              ? fmt::format("; the module was built for {}, but the device is "
                            "{}: compile it for that",
                            module->architecture, architecture())
              : ""),
      status.code());
}

Status GpuDevice::unloadModule(DeviceModule *module) {
  return perform("unload a module",
                 [&] { return driver->unloadModule(module); });
}

StatusOr<DeviceFunction *> GpuDevice::findFunction(DeviceModule *module,
                                                   const std::string &name) {
  DeviceFunction *result = nullptr;
  int code = 0;
  Status status = perform("look up a kernel", [&] {
    return code = driver->findFunction(&result, module, name.c_str());
  });
  if (code == GpuDriver::notFound)
    return Status::error(fmt::format("a module has no kernel '{}'", name));
  return status.ok() ? StatusOr<DeviceFunction *>(result) : status;
}

Status GpuDevice::launchKernel(DeviceFunction *function, const LaunchSize &grid,
                               const LaunchSize &block, int64_t sharedBytes,
                               DeviceStream *stream, void **parameters) {
  int64_t largest =
      std::max({*std::max_element(grid.begin(), grid.end()),
                *std::max_element(block.begin(), block.end()), sharedBytes});
  if (largest > INT32_MAX)
    return Status::error(fmt::format("a kernel is launched with {} blocks, "
                                     "threads or bytes, more than a GPU takes",
                                     largest));
  return perform("launch a kernel", [&] {
    return driver->launch(function, grid, block,
                          static_cast<uint32_t>(sharedBytes), orOwn(stream),
                          parameters);
  });
}
