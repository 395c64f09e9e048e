//===- CudaDriver.cpp - NVIDIA's driver -----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/CudaDriver.h"

#include "runtime/Device/VendorDriver.h"

#include <array>

using namespace orcinus;

// The prototypes of the driver's interface, as NVIDIA documents it. A device
// address (CUdeviceptr) is an integer of a pointer's size.

namespace {

using Address = uintptr_t;

struct CudaFunctions {
  int (*initialize)(unsigned flags);
  int (*errorName)(int code, const char **name);
  int (*errorText)(int code, const char **text);
  int (*deviceCount)(int *count);
  int (*device)(int *device, int index);
  int (*deviceName)(char *name, int size, int device);
  int (*deviceAttribute)(int *value, int attribute, int device);
  int (*retainContext)(void **context, int device);
  int (*releaseContext)(int device);
  int (*setContext)(void *context);
  int (*synchronize)();
  int (*memoryInformation)(size_t *free, size_t *total);
  int (*allocate)(Address *block, size_t bytes);
  int (*release)(Address block);
  int (*copy)(Address to, Address from, size_t bytes, DeviceStream *stream);
  int (*fill16)(Address to, unsigned short value, size_t count,
                DeviceStream *stream);
  int (*fill32)(Address to, unsigned value, size_t count, DeviceStream *stream);
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
  int (*loadModule)(DeviceModule **module, const void *code,
                    unsigned optionCount, int *options, void **values);
  int (*unloadModule)(DeviceModule *module);
  int (*findFunction)(DeviceFunction **function, DeviceModule *module,
                      const char *name);
  int (*setFunctionAttribute)(DeviceFunction *function, int attribute,
                              int value);
  int (*launch)(DeviceFunction *function, unsigned gridX, unsigned gridY,
                unsigned gridZ, unsigned blockX, unsigned blockY,
                unsigned blockZ, unsigned sharedBytes, DeviceStream *stream,
                void **parameters, void **extra);
};

constexpr int attributeMajor = 75;
constexpr int attributeMinor = 76;
constexpr int attributeDynamicSharedBytes = 8;
constexpr int stubLibrary = 34;
/// What a kernel may have without asking.
constexpr uint32_t usualSharedBytes = 48 << 10;

class OpenCudaDriver;

struct Cuda {
  using Functions = CudaFunctions;
  using Driver = OpenCudaDriver;
  static constexpr const char *name = "NVIDIA's", *device = "CUDA",
                              *install = "install it",
                              *update = "install a newer one";
  static std::vector<std::string> libraries() { return {"libcuda.so.1"}; }

  /// Names with a version are those that every driver since CUDA 11 has.
  template <typename Visit>
  static void forEachFunction(Functions &functions, Visit visit) {
    visit(functions.initialize, "cuInit");
    visit(functions.errorName, "cuGetErrorName");
    visit(functions.errorText, "cuGetErrorString");
    visit(functions.deviceCount, "cuDeviceGetCount");
    visit(functions.device, "cuDeviceGet");
    visit(functions.deviceName, "cuDeviceGetName");
    visit(functions.deviceAttribute, "cuDeviceGetAttribute");
    visit(functions.retainContext, "cuDevicePrimaryCtxRetain");
    visit(functions.releaseContext, "cuDevicePrimaryCtxRelease_v2");
    visit(functions.setContext, "cuCtxSetCurrent");
    visit(functions.synchronize, "cuCtxSynchronize");
    visit(functions.memoryInformation, "cuMemGetInfo_v2");
    visit(functions.allocate, "cuMemAlloc_v2");
    visit(functions.release, "cuMemFree_v2");
    visit(functions.copy, "cuMemcpyAsync");
    visit(functions.fill16, "cuMemsetD16Async");
    visit(functions.fill32, "cuMemsetD32Async");
    visit(functions.createStream, "cuStreamCreate");
    visit(functions.destroyStream, "cuStreamDestroy_v2");
    visit(functions.synchronizeStream, "cuStreamSynchronize");
    visit(functions.waitForEvent, "cuStreamWaitEvent");
    visit(functions.createEvent, "cuEventCreate");
    visit(functions.destroyEvent, "cuEventDestroy_v2");
    visit(functions.recordEvent, "cuEventRecord");
    visit(functions.synchronizeEvent, "cuEventSynchronize");
    visit(functions.elapsedTime, "cuEventElapsedTime");
    visit(functions.loadModule, "cuModuleLoadDataEx");
    visit(functions.unloadModule, "cuModuleUnload");
    visit(functions.findFunction, "cuModuleGetFunction");
    visit(functions.setFunctionAttribute, "cuFuncSetAttribute");
    visit(functions.launch, "cuLaunchKernel");
  }

  static std::string describe(const Functions &functions, int code) {
    const char *name = nullptr, *text = nullptr;
    functions.errorName(code, &name);
    functions.errorText(code, &text);
    return fmt::format("{} ({})", text ? text : "unknown error",
                       name ? name : std::to_string(code));
  }

  static std::optional<std::string> refusal(int code) {
    if (code != stubLibrary)
      return std::nullopt;
    return "the libcuda.so.1 that the system finds is a toolkit's stub and no "
           "driver: take its folder out of LD_LIBRARY_PATH";
  }
};

Address addressOf(const void *pointer) {
  return reinterpret_cast<Address>(pointer);
}

class OpenCudaDriver : public VendorDriver<CudaDriver, Cuda> {
public:
  using VendorDriver::VendorDriver;
  ~OpenCudaDriver() override {
    if (context)
      functions.releaseContext(device);
  }

  /// Finds GPU `index`. Returns the driver's code.
  int use(int index) {
    char name[256] = {};
    int major = 0, minor = 0;
    int code = functions.device(&device, index);
    if (!code)
      code = functions.deviceName(name, sizeof(name), device);
    if (!code)
      code = functions.deviceAttribute(&major, attributeMajor, device);
    if (!code)
      code = functions.deviceAttribute(&minor, attributeMinor, device);
    if (!code)
      code = functions.retainContext(&context, device);
    gpu = {DeviceKind::Cuda, name, fmt::format("sm_{}{}", major, minor)};
    return code;
  }

  bool takes(ModuleFormat format) const override {
    return format != ModuleFormat::CodeObject;
  }
  int makeCurrent() override { return functions.setContext(context); }

  int allocate(void **block, size_t bytes) override {
    Address address = 0;
    int code = functions.allocate(&address, bytes);
    *block = reinterpret_cast<void *>(address);
    return code;
  }
  int release(void *block) override {
    return functions.release(addressOf(block));
  }
  int copy(void *to, const void *from, size_t bytes,
           DeviceStream *stream) override {
    return functions.copy(addressOf(to), addressOf(from), bytes, stream);
  }
  int fill16(void *to, uint16_t value, size_t count,
             DeviceStream *stream) override {
    return functions.fill16(addressOf(to), value, count, stream);
  }
  int fill32(void *to, uint32_t value, size_t count,
             DeviceStream *stream) override {
    return functions.fill32(addressOf(to), value, count, stream);
  }

  int loadModule(DeviceModule **module, const char *code,
                 std::string &log) override {
    constexpr int errorLog = 5, errorLogSize = 6;
    std::array<char, 4096> buffer = {};
    int options[] = {errorLog, errorLogSize};
    void *values[] = {buffer.data(), reinterpret_cast<void *>(buffer.size())};
    int result = functions.loadModule(module, code, 2, options, values);
    buffer.back() = 0;
    log = buffer.data();
    return result;
  }
  int launch(DeviceFunction *function, const LaunchSize &grid,
             const LaunchSize &block, uint32_t sharedBytes,
             DeviceStream *stream, void **parameters) override {
    if (sharedBytes > usualSharedBytes)
      if (int code = functions.setFunctionAttribute(
              function, attributeDynamicSharedBytes, int(sharedBytes)))
        return code;
    return VendorDriver::launch(function, grid, block, sharedBytes, stream,
                                parameters);
  }

private:
  void *context = nullptr;
};

} // namespace

std::vector<std::string> CudaDriver::symbolNames() {
  return symbolNamesOf<Cuda>();
}

StatusOr<int> CudaDriver::count(const std::string &library) {
  return deviceCountOf<Cuda>(library);
}

StatusOr<std::unique_ptr<GpuDriver>>
CudaDriver::open(const std::string &library, int index) {
  return openDevice<Cuda>(library, index);
}
