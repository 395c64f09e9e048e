//===- CudaDriver.cpp - NVIDIA's driver -----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/CudaDriver.h"

#include "runtime/Device/DynamicLibrary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

using namespace orcinus;

// The prototypes of the driver's interface, as NVIDIA documents it. A device
// address (CUdeviceptr) is an integer of a pointer's size.

namespace {

using Address = uintptr_t;

struct Functions {
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

} // namespace

/// Calls `visit(pointer, name)` for each function. Names with a version are
/// those that every driver since CUDA 11 has.
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

static constexpr int attributeMajor = 75;
static constexpr int attributeMinor = 76;
static constexpr int attributeDynamicSharedBytes = 8;
static constexpr unsigned streamNonBlocking = 1;
static constexpr int stubLibrary = 34;
/// What a kernel may have without asking.
static constexpr uint32_t usualSharedBytes = 48 << 10;

static Address addressOf(const void *pointer) {
  return reinterpret_cast<Address>(pointer);
}

static std::string describeCode(const Functions &functions, int code) {
  const char *name = nullptr, *text = nullptr;
  functions.errorName(code, &name);
  functions.errorText(code, &text);
  return fmt::format("{} ({})", text ? text : "unknown error",
                     name ? name : std::to_string(code));
}

namespace {

class OpenCudaDriver : public CudaDriver {
public:
  explicit OpenCudaDriver(const Functions &functions) : functions(functions) {}
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

  const DeviceIdentity &identity() const override { return gpu; }
  std::string describe(int code) const override {
    return describeCode(functions, code);
  }
  bool takes(ModuleFormat format) const override {
    return format != ModuleFormat::CodeObject;
  }
  int makeCurrent() override { return functions.setContext(context); }

  int memoryInformation(size_t *free, size_t *total) override {
    return functions.memoryInformation(free, total);
  }
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
    constexpr int errorLog = 5, errorLogSize = 6;
    std::array<char, 4096> buffer = {};
    int options[] = {errorLog, errorLogSize};
    void *values[] = {buffer.data(), reinterpret_cast<void *>(buffer.size())};
    int result = functions.loadModule(module, code, 2, options, values);
    buffer.back() = 0;
    log = buffer.data();
    return result;
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
    if (sharedBytes > usualSharedBytes)
      if (int code = functions.setFunctionAttribute(
              function, attributeDynamicSharedBytes, int(sharedBytes)))
        return code;
    return functions.launch(function, grid[0], grid[1], grid[2], block[0],
                            block[1], block[2], sharedBytes, stream, parameters,
                            nullptr);
  }

private:
  Functions functions;
  DeviceIdentity gpu;
  int device = 0;
  void *context = nullptr;
};

} // namespace

std::vector<std::string> CudaDriver::symbolNames() {
  std::vector<std::string> names;
  Functions functions;
  forEachFunction(functions,
                  [&](auto &, const char *name) { names.push_back(name); });
  return names;
}

static StatusOr<Functions> loadFunctions(const std::string &library) {
  std::string name = library.empty() ? "libcuda.so.1" : library;
  StatusOr<DynamicLibrary> opened = DynamicLibrary::open({&name, 1});
  if (!opened.ok())
    return Status::error(fmt::format(
        "cannot open NVIDIA's driver: {}; install it", opened.message()));
  Functions functions = {};
  const char *missing = nullptr;
  forEachFunction(functions, [&](auto &pointer, const char *symbol) {
    pointer = reinterpret_cast<std::remove_reference_t<decltype(pointer)>>(
        opened->find(symbol));
    if (!pointer && !missing)
      missing = symbol;
  });
  if (missing)
    return Status::error(fmt::format("NVIDIA's driver is too old: {} has no "
                                     "{}; install a newer one",
                                     name, missing));
  return functions;
}

/// The GPUs that the driver has, at least one.
static StatusOr<int> countDevices(const Functions &functions) {
  int count = 0;
  int code = functions.initialize(0);
  if (!code)
    code = functions.deviceCount(&count);
  if (code == GpuDriver::noDevice || (!code && count == 0))
    return Status::error("NVIDIA's driver finds no GPU in this machine");
  if (code == stubLibrary)
    return Status::error(
        "the libcuda.so.1 that the system finds is a toolkit's "
        "stub and no driver: take its folder out of "
        "LD_LIBRARY_PATH");
  if (code)
    return Status::error(fmt::format("NVIDIA's driver cannot be used: {}",
                                     describeCode(functions, code)));
  return count;
}

StatusOr<int> CudaDriver::count(const std::string &library) {
  StatusOr<Functions> functions = loadFunctions(library);
  if (!functions.ok())
    return functions.status();
  return countDevices(*functions);
}

StatusOr<std::unique_ptr<GpuDriver>>
CudaDriver::open(const std::string &library, int index) {
  StatusOr<Functions> functions = loadFunctions(library);
  if (!functions.ok())
    return functions.status();
  StatusOr<int> count = countDevices(*functions);
  if (!count.ok())
    return count.status();
  if (index < 0 || index >= *count)
    return Status::error(fmt::format("there is no CUDA device {}: this machine "
                                     "has {}",
                                     index, *count));
  auto driver = std::make_unique<OpenCudaDriver>(*functions);
  if (int failure = driver->use(index))
    return Status::error(fmt::format("CUDA device {} cannot be used: {}", index,
                                     describeCode(*functions, failure)));
  return std::unique_ptr<GpuDriver>(std::move(driver));
}
