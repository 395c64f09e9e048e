//===- HipDriver.cpp - AMD's driver ---------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/HipDriver.h"

#include "runtime/Device/VendorDriver.h"

#include <array>
#include <string_view>

using namespace orcinus;

// The prototypes of HIP's interface, as AMD documents it.

namespace {

struct HipFunctions {
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

/// The direction of a copy follows from the addresses.
constexpr int directionByAddress = 4;
constexpr int invalidDevice = 101;

class OpenHipDriver;

struct Hip {
  using Functions = HipFunctions;
  using Driver = OpenHipDriver;
  static constexpr const char *name = "AMD's", *device = "HIP",
                              *install = "install ROCm",
                              *update = "install a newer ROCm";
  /// The name without a number comes with the development files alone.
  static std::vector<std::string> libraries() {
    return {"libamdhip64.so", "libamdhip64.so.7", "libamdhip64.so.6",
            "libamdhip64.so.5"};
  }

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

  static std::string describe(const Functions &functions, int code) {
    const char *name = functions.errorName(code);
    const char *text = functions.errorText(code);
    return fmt::format("{} ({})", text ? text : "unknown error",
                       name ? name : std::to_string(code));
  }

  static std::optional<std::string> refusal(int code) {
    if (code != invalidDevice)
      return std::nullopt;
    return "AMD's driver finds no GPU in this machine";
  }
};

/// The layout of hipDeviceProp_t changed between releases, and its size with
/// it. The architecture is the one text in it, behind the name, that begins
/// like this.
std::string architectureIn(std::string_view properties, size_t nameBytes) {
  size_t begin = properties.find("gfx", nameBytes);
  if (begin == properties.npos)
    return "";
  size_t end = properties.find_first_of(std::string_view(":\0", 2), begin);
  return std::string(properties.substr(begin, end - begin));
}

class OpenHipDriver : public VendorDriver<HipDriver, Hip> {
public:
  using VendorDriver::VendorDriver;

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

  bool takes(ModuleFormat format) const override {
    return format == ModuleFormat::CodeObject || format == ModuleFormat::Bundle;
  }
  int makeCurrent() override { return functions.setDevice(device); }

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

  int loadModule(DeviceModule **module, const char *code,
                 std::string &log) override {
    return functions.loadModule(module, code);
  }
};

} // namespace

std::vector<std::string> HipDriver::symbolNames() {
  return symbolNamesOf<Hip>();
}

StatusOr<int> HipDriver::count(const std::string &library) {
  return deviceCountOf<Hip>(library);
}

StatusOr<std::unique_ptr<GpuDriver>> HipDriver::open(const std::string &library,
                                                     int index) {
  return openDevice<Hip>(library, index);
}
