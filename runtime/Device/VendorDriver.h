//===- VendorDriver.h - What NVIDIA's and AMD's drivers share ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// HIP follows CUDA: most functions differ in their names alone. A `Vendor` is
//
//     struct Vendor {
//       struct Functions;            // pointers, by the names used below
//       class Driver;                // a VendorDriver
//       static constexpr const char *name, *device, *install, *update;
//       static std::vector<std::string> libraries();
//       static void forEachFunction(Functions &, visit(pointer, symbol));
//       static std::string describe(const Functions &, int code);
//       // Why no GPU can be used, where the vendor's code says it.
//       static std::optional<std::string> refusal(int code);
//     };
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_DEVICE_VENDORDRIVER_H
#define RUNTIME_DEVICE_VENDORDRIVER_H

#include "runtime/Device/DynamicLibrary.h"
#include "runtime/Device/GpuDriver.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace orcinus {

/// The functions that both have with the same arguments.
template <typename Base, typename Vendor>
class VendorDriver : public Base {
public:
  using Functions = typename Vendor::Functions;
  explicit VendorDriver(const Functions &functions) : functions(functions) {}

  const DeviceIdentity &identity() const override { return gpu; }
  std::string describe(int code) const override {
    return Vendor::describe(functions, code);
  }

  int memoryInformation(size_t *free, size_t *total) override {
    return functions.memoryInformation(free, total);
  }

  int synchronize() override { return functions.synchronize(); }
  int createStream(DeviceStream **stream) override {
    constexpr unsigned nonBlocking = 1;
    return functions.createStream(stream, nonBlocking);
  }
  int destroyStream(DeviceStream *stream) override {
    return functions.destroyStream(stream);
  }
  int synchronizeStream(DeviceStream *stream) override {
    return functions.synchronizeStream(stream);
  }
  int waitForEvent(DeviceStream *stream, DeviceEvent *event) override {
    return functions.waitForEvent(stream, event, 0);
  }
  int createEvent(DeviceEvent **event) override {
    return functions.createEvent(event, 0);
  }
  int destroyEvent(DeviceEvent *event) override {
    return functions.destroyEvent(event);
  }
  int recordEvent(DeviceEvent *event, DeviceStream *stream) override {
    return functions.recordEvent(event, stream);
  }
  int synchronizeEvent(DeviceEvent *event) override {
    return functions.synchronizeEvent(event);
  }
  int elapsedMilliseconds(float *time, DeviceEvent *first,
                          DeviceEvent *second) override {
    return functions.elapsedTime(time, first, second);
  }

  int unloadModule(DeviceModule *module) override {
    return functions.unloadModule(module);
  }
  int findFunction(DeviceFunction **function, DeviceModule *module,
                   const char *name) override {
    return functions.findFunction(function, module, name);
  }
  int launch(DeviceFunction *function, const LaunchSize &grid,
             const LaunchSize &block, uint32_t sharedBytes,
             DeviceStream *stream, void **parameters) override {
    return functions.launch(function, grid[0], grid[1], grid[2], block[0],
                            block[1], block[2], sharedBytes, stream, parameters,
                            nullptr);
  }

protected:
  Functions functions;
  DeviceIdentity gpu;
  int device = 0;
};

/// What is looked up in the vendor's library.
template <typename Vendor>
std::vector<std::string> symbolNamesOf() {
  std::vector<std::string> names;
  typename Vendor::Functions functions;
  Vendor::forEachFunction(
      functions, [&](auto &, const char *symbol) { names.push_back(symbol); });
  return names;
}

/// `library` may be empty: the one that the system has.
template <typename Vendor>
StatusOr<typename Vendor::Functions> loadFunctions(const std::string &library) {
  std::vector<std::string> names = Vendor::libraries();
  if (!library.empty())
    names = {library};
  StatusOr<DynamicLibrary> opened = DynamicLibrary::open(names);
  if (!opened.ok())
    return Status::error(fmt::format("cannot open {} driver: {}; {}",
                                     Vendor::name, opened.message(),
                                     Vendor::install),
                         StatusCode::Unavailable);
  typename Vendor::Functions functions = {};
  const char *missing = nullptr;
  Vendor::forEachFunction(functions, [&](auto &pointer, const char *symbol) {
    pointer = reinterpret_cast<std::remove_reference_t<decltype(pointer)>>(
        opened->find(symbol));
    if (!pointer && !missing)
      missing = symbol;
  });
  if (missing)
    return Status::error(fmt::format("{} driver is too old: {} has no {}; {}",
                                     Vendor::name, names.front(), missing,
                                     Vendor::update),
                         StatusCode::Unavailable);
  return functions;
}

/// The GPUs that the driver has, at least one.
template <typename Vendor>
StatusOr<int> deviceCount(const typename Vendor::Functions &functions) {
  int count = 0;
  int code = functions.initialize(0);
  if (!code)
    code = functions.deviceCount(&count);
  if (code == GpuDriver::noDevice || (!code && count == 0))
    return Status::error(
        fmt::format("{} driver finds no GPU in this machine", Vendor::name),
        StatusCode::Unavailable);
  if (std::optional<std::string> refusal = Vendor::refusal(code))
    return Status::error(*refusal, StatusCode::Unavailable);
  if (code)
    return Status::error(fmt::format("{} driver cannot be used: {}",
                                     Vendor::name,
                                     Vendor::describe(functions, code)),
                         StatusCode::Unavailable);
  return count;
}

template <typename Vendor>
StatusOr<int> deviceCountOf(const std::string &library) {
  StatusOr<typename Vendor::Functions> functions =
      loadFunctions<Vendor>(library);
  if (!functions.ok())
    return functions.status();
  return deviceCount<Vendor>(*functions);
}

/// GPU `index`. Errors: no driver, one that is too old, no such GPU.
template <typename Vendor>
StatusOr<std::unique_ptr<GpuDriver>> openDevice(const std::string &library,
                                                int index) {
  StatusOr<typename Vendor::Functions> functions =
      loadFunctions<Vendor>(library);
  if (!functions.ok())
    return functions.status();
  StatusOr<int> count = deviceCount<Vendor>(*functions);
  if (!count.ok())
    return count.status();
  if (index < 0 || index >= *count)
    return Status::error(fmt::format("there is no {} device {}: this machine "
                                     "has {}",
                                     Vendor::device, index, *count),
                         StatusCode::Unavailable);
  auto driver = std::make_unique<typename Vendor::Driver>(*functions);
  if (int failure = driver->use(index))
    return Status::error(fmt::format("{} device {} cannot be used: {}",
                                     Vendor::device, index,
                                     Vendor::describe(*functions, failure)),
                         StatusCode::Unavailable);
  return std::unique_ptr<GpuDriver>(std::move(driver));
}

} // namespace orcinus

#endif // RUNTIME_DEVICE_VENDORDRIVER_H
