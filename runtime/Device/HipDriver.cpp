//===- HipDriver.cpp - AMD's driver ---------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/HipDriver.h"

#include "runtime/Device/DynamicLibrary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

using namespace orcinus;

// The prototypes of HIP's interface, as AMD documents it.

namespace {

struct Functions {
  int (*initialize)(unsigned flags);
  const char *(*errorName)(int code);
  const char *(*errorText)(int code);
  int (*deviceCount)(int *count);
  int (*deviceName)(char *name, int size, int device);
  int (*deviceProperties)(void *properties, int device);
  int (*setDevice)(int device);
  int (*synchronize)();
  int (*memoryInformation)(size_t *free, size_t *total);
  int (*allocate)(void **block, size_t bytes);
  int (*release)(void *block);
  int (*copy)(void *to, const void *from, size_t bytes, int direction,
              DeviceStream *stream);
  int (*fill16)(void *to, unsigned short value, size_t count,
                DeviceStream *stream);
  int (*fill32)(void *to, int value, size_t count, DeviceStream *stream);
  int (*createStream)(DeviceStream **stream, unsigned flags);
  int (*destroyStream)(DeviceStream *stream);
  int (*synchronizeStream)(DeviceStream *stream);
  int (*waitForEvent)(DeviceStream *stream, DeviceEvent *event, unsigned flags);
  int (*createEvent)(DeviceEvent **event, unsigned flags);
  int (*destroyEvent)(DeviceEvent *event);
  int (*recordEvent)(DeviceEvent *event, DeviceStream *stream);
  int (*synchronizeEvent)(DeviceEvent *event);
  int (*elapsedTime)(float *milliseconds, DeviceEvent *first,
                     DeviceEvent *second);
  int (*loadModule)(DeviceModule **module, const void *code);
  int (*unloadModule)(DeviceModule *module);
  int (*findFunction)(DeviceFunction **function, DeviceModule *module,
                      const char *name);
  int (*launch)(DeviceFunction *function, unsigned gridX, unsigned gridY,
                unsigned gridZ, unsigned blockX, unsigned blockY,
                unsigned blockZ, unsigned sharedBytes, DeviceStream *stream,
                void **parameters, void **extra);
};

} // namespace

/// Calls `visit(pointer, name)` for each function.
template <typename Visit>
static void forEachFunction(Functions &functions, Visit visit) {
  visit(functions.initialize, "hipInit");
  visit(functions.errorName, "hipGetErrorName");
  visit(functions.errorText, "hipGetErrorString");
  visit(functions.deviceCount, "hipGetDeviceCount");
  visit(functions.deviceName, "hipDeviceGetName");
  visit(functions.deviceProperties, "hipGetDeviceProperties");
  visit(functions.setDevice, "hipSetDevice");
  visit(functions.synchronize, "hipDeviceSynchronize");
  visit(functions.memoryInformation, "hipMemGetInfo");
  visit(functions.allocate, "hipMalloc");
  visit(functions.release, "hipFree");
  visit(functions.copy, "hipMemcpyAsync");
  visit(functions.fill16, "hipMemsetD16Async");
  visit(functions.fill32, "hipMemsetD32Async");
  visit(functions.createStream, "hipStreamCreateWithFlags");
  visit(functions.destroyStream, "hipStreamDestroy");
  visit(functions.synchronizeStream, "hipStreamSynchronize");
  visit(functions.waitForEvent, "hipStreamWaitEvent");
  visit(functions.createEvent, "hipEventCreateWithFlags");
  visit(functions.destroyEvent, "hipEventDestroy");
  visit(functions.recordEvent, "hipEventRecord");
  visit(functions.synchronizeEvent, "hipEventSynchronize");
  visit(functions.elapsedTime, "hipEventElapsedTime");
  visit(functions.loadModule, "hipModuleLoadData");
  visit(functions.unloadModule, "hipModuleUnload");
  visit(functions.findFunction, "hipModuleGetFunction");
  visit(functions.launch, "hipModuleLaunchKernel");
}

/// The direction of a copy follows from the addresses.
static constexpr int directionByAddress = 4;
static constexpr unsigned streamNonBlocking = 1;
static constexpr int invalidDevice = 101;

static std::string describeCode(const Functions &functions, int code) {
  const char *name = functions.errorName(code);
  const char *text = functions.errorText(code);
  return fmt::format("{} ({})", text ? text : "unknown error",
                     name ? name : std::to_string(code));
}

/// The layout of hipDeviceProp_t changed between releases, and its size with
/// it. The architecture is the one text in it, behind the name, that begins
/// like this.
static std::string architectureIn(std::string_view properties,
                                  size_t nameBytes) {
  size_t begin = properties.find("gfx", nameBytes);
  if (begin == properties.npos)
    return "";
  size_t end = properties.find_first_of(std::string_view(":\0", 2), begin);
  return std::string(properties.substr(begin, end - begin));
}

namespace {

class OpenHipDriver : public HipDriver {
public:
  explicit OpenHipDriver(const Functions &functions) : functions(functions) {}

  /// Finds GPU `index`. Returns the driver's code.
  int use(int index) {
    device = index;
    constexpr size_t nameBytes = 256;
    char name[nameBytes] = {};
    // Several times what any release fills in.
    std::array<char, 16384> properties = {};
    int code = functions.deviceName(name, nameBytes, device);
    if (!code)
      code = functions.deviceProperties(properties.data(), device);
    if (!code)
      code = functions.setDevice(device);
    gpu = {DeviceKind::Hip, name,
           architectureIn({properties.data(), properties.size()}, nameBytes)};
    return code;
  }

  const DeviceIdentity &identity() const override { return gpu; }
  std::string describe(int code) const override {
    return describeCode(functions, code);
  }
  bool takes(ModuleFormat format) const override {
    return format == ModuleFormat::CodeObject || format == ModuleFormat::Bundle;
  }
  int makeCurrent() override { return functions.setDevice(device); }

  int memoryInformation(size_t *free, size_t *total) override {
    return functions.memoryInformation(free, total);
  }
  int allocate(void **block, size_t bytes) override {
    return functions.allocate(block, bytes);
  }
  int release(void *block) override { return functions.release(block); }
  int copy(void *to, const void *from, size_t bytes,
           DeviceStream *stream) override {
    return functions.copy(to, from, bytes, directionByAddress, stream);
  }
  int fill16(void *to, uint16_t value, size_t count,
             DeviceStream *stream) override {
    return functions.fill16(to, value, count, stream);
  }
  int fill32(void *to, uint32_t value, size_t count,
             DeviceStream *stream) override {
    return functions.fill32(to, static_cast<int>(value), count, stream);
  }

  int synchronize() override { return functions.synchronize(); }
  int createStream(DeviceStream **stream) override {
    return functions.createStream(stream, streamNonBlocking);
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

  int loadModule(DeviceModule **module, const char *code,
                 std::string &log) override {
    return functions.loadModule(module, code);
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

private:
  Functions functions;
  DeviceIdentity gpu;
  int device = 0;
};

} // namespace

std::vector<std::string> HipDriver::symbolNames() {
  std::vector<std::string> names;
  Functions functions;
  forEachFunction(functions,
                  [&](auto &, const char *name) { names.push_back(name); });
  return names;
}

static StatusOr<Functions> loadFunctions(const std::string &library) {
  // The name without a number comes with the development files alone.
  std::vector<std::string> names = {"libamdhip64.so", "libamdhip64.so.7",
                                    "libamdhip64.so.6", "libamdhip64.so.5"};
  if (!library.empty())
    names = {library};
  StatusOr<DynamicLibrary> opened = DynamicLibrary::open(names);
  if (!opened.ok())
    return Status::error(fmt::format(
        "cannot open AMD's driver: {}; install ROCm", opened.message()));
  Functions functions = {};
  const char *missing = nullptr;
  forEachFunction(functions, [&](auto &pointer, const char *symbol) {
    pointer = reinterpret_cast<std::remove_reference_t<decltype(pointer)>>(
        opened->find(symbol));
    if (!pointer && !missing)
      missing = symbol;
  });
  if (missing)
    return Status::error(fmt::format("AMD's driver is too old: {} has no {}; "
                                     "install a newer ROCm",
                                     names.front(), missing));
  return functions;
}

/// The GPUs that the driver has, at least one.
static StatusOr<int> countDevices(const Functions &functions) {
  int count = 0;
  int code = functions.initialize(0);
  if (!code)
    code = functions.deviceCount(&count);
  if (code == GpuDriver::noDevice || code == invalidDevice ||
      (!code && count == 0))
    return Status::error("AMD's driver finds no GPU in this machine");
  if (code)
    return Status::error(fmt::format("AMD's driver cannot be used: {}",
                                     describeCode(functions, code)));
  return count;
}

StatusOr<int> HipDriver::count(const std::string &library) {
  StatusOr<Functions> functions = loadFunctions(library);
  if (!functions.ok())
    return functions.status();
  return countDevices(*functions);
}

StatusOr<std::unique_ptr<GpuDriver>> HipDriver::open(const std::string &library,
                                                     int index) {
  StatusOr<Functions> functions = loadFunctions(library);
  if (!functions.ok())
    return functions.status();
  StatusOr<int> count = countDevices(*functions);
  if (!count.ok())
    return count.status();
  if (index < 0 || index >= *count)
    return Status::error(fmt::format("there is no HIP device {}: this machine "
                                     "has {}",
                                     index, *count));
  auto driver = std::make_unique<OpenHipDriver>(*functions);
  if (int failure = driver->use(index))
    return Status::error(fmt::format("HIP device {} cannot be used: {}", index,
                                     describeCode(*functions, failure)));
  return std::unique_ptr<GpuDriver>(std::move(driver));
}
