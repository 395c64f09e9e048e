//===- DriverTest.cpp - What goes wrong with drivers ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DeviceTestSupport.h"
#include "runtime/Device/CudaDriver.h"
#include "runtime/Device/DeviceList.h"
#include "runtime/Device/HipDriver.h"
#include "runtime/Device/ModuleFormat.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <ostream>
#include <vector>

using namespace orcinus;
using namespace orcinus::test;
namespace fs = std::filesystem;

namespace {

struct FakeLibrary {
  const char *name;
  DeviceKind kind;
  const char *library;
};

void PrintTo(const FakeLibrary &library, std::ostream *stream) {
  *stream << library.name;
}

/// Both fake drivers: what one runs into, the other does.
class DriverTest : public testing::TestWithParam<FakeLibrary> {
protected:
  DriverTest() : control(resetControl(GetParam().library)) {}

  StatusOr<std::shared_ptr<Device>> open(int index = 0) {
    DeviceOptions options;
    options.driverLibrary = GetParam().library;
    options.index = index;
    return openDevice(GetParam().kind, options);
  }
  std::string goodModule() const {
    return GetParam().kind == DeviceKind::Cuda ? makeCubin(90)
                                               : makeCodeObject("gfx942");
  }

  fake::Control &control;
};

TEST_P(DriverTest, SaysThatThereIsNoDevice) {
  control.initializeCode = fake::noDevice;
  expectError(open().status(), "finds no GPU in this machine");
  EXPECT_EQ(open().code(), StatusCode::Unavailable);
  control.initializeCode = 0;
  control.deviceCount = 0;
  expectError(open().status(), "finds no GPU in this machine");
  control.deviceCount = 2;
  EXPECT_TRUE(open(1).ok());
  expectError(open(2).status(), "device 2: this machine has 2");
}

TEST_P(DriverTest, ListsTheDevicesAfterOneThatFails) {
  control.deviceCount = 3;
  control.brokenDevice = 1;
  std::vector<DeviceInformation> devices =
      listDevices(GetParam().kind, GetParam().library);
  ASSERT_EQ(devices.size(), 3u);
  EXPECT_TRUE(devices[0].usable.ok());
  expectError(devices[1].usable, "device 1 cannot be used");
  EXPECT_TRUE(devices[2].usable.ok());
  EXPECT_EQ(devices[2].architecture, devices[0].architecture);
  control.deviceCount = 0;
  devices = listDevices(GetParam().kind, GetParam().library);
  ASSERT_EQ(devices.size(), 1u);
  expectError(devices[0].usable, "finds no GPU in this machine");
}

TEST_P(DriverTest, SaysThatTheDriverFails) {
  control.initializeCode = 999;
  expectError(open().status(), "cannot be used: something else (FAKE_OTHER)");
}

TEST(CudaDriverTest, KnowsAToolkitsStub) {
  resetControl(ORCINUS_FAKE_CUDA_DRIVER).initializeCode = 34;
  DeviceOptions options;
  options.driverLibrary = ORCINUS_FAKE_CUDA_DRIVER;
  expectError(openDevice(DeviceKind::Cuda, options).status(), "stub");
}

TEST_P(DriverTest, SaysWhatTheDeviceIs) {
  auto device = open();
  ASSERT_TRUE(device.ok()) << device.message();
  bool cuda = GetParam().kind == DeviceKind::Cuda;
  EXPECT_EQ((*device)->name(), cuda ? "Fake H100" : "Fake MI300X (gfx name)");
  EXPECT_EQ((*device)->architecture(), cuda ? "sm_90" : "gfx942");
}

TEST_P(DriverTest, GivesEverythingBack) {
  {
    auto device = open();
    ASSERT_TRUE(device.ok());
    ASSERT_TRUE((*device)->allocate(1000).ok());
    EXPECT_GE(control.usedBytes, 1000u);
    EXPECT_EQ(control.liveStreams, 1);
  }
  EXPECT_EQ(control.usedBytes, 0u);
  EXPECT_EQ(control.liveStreams, 0);
}

TEST_P(DriverTest, FreesWhatItKeepsWhereMemoryIsShort) {
  auto device = open();
  ASSERT_TRUE(device.ok());
  // The driver has 16 MiB; two requests of different size do not fit in.
  auto first = (*device)->allocate(10 << 20);
  ASSERT_TRUE(first.ok()) << first.message();
  expectError((*device)->allocate(12 << 20).status(),
              "12582912 bytes asked for, 10485760 used by this program, "
              "6291456 of 16777216 free");
  ASSERT_TRUE((*device)->release(*first).ok());
  auto second = (*device)->allocate(12 << 20);
  EXPECT_TRUE(second.ok()) << second.message();
}

TEST_P(DriverTest, SaysThatAModuleIsForAnotherChip) {
  auto device = open();
  ASSERT_TRUE(device.ok());
  bool cuda = GetParam().kind == DeviceKind::Cuda;
  std::string other = cuda ? makeCubin(80) : makeCodeObject("gfx90a");
  expectError((*device)->loadModule(other).status(),
              cuda ? "no code for the device (FAKE_NO_CODE); the module was "
                     "built for sm_80, but the device is sm_90"
                   : "built for gfx90a, but the device is gfx942");
  std::string foreign = cuda ? makeCodeObject("gfx942") : makeCubin(90);
  expectError((*device)->loadModule(foreign).status(), "cannot be loaded");
}

TEST_P(DriverTest, FindsKernelsByName) {
  auto device = open();
  ASSERT_TRUE(device.ok());
  auto module = (*device)->loadModule(goodModule());
  ASSERT_TRUE(module.ok()) << module.message();
  EXPECT_TRUE((*device)->findFunction(*module, "scale").ok());
  expectError((*device)->findFunction(*module, "shift").status(),
              "has no kernel 'shift'");
  EXPECT_TRUE((*device)->unloadModule(*module).ok());
}

TEST_P(DriverTest, ReportsWhatLaunchesAndWaitsReturn) {
  auto device = open();
  ASSERT_TRUE(device.ok());
  auto module = (*device)->loadModule(goodModule());
  auto function = (*device)->findFunction(*module, "scale");
  ASSERT_TRUE(function.ok());
  void *values = nullptr;
  float factor = 1;
  uint64_t count = 0;
  void *parameters[] = {&values, &factor, &count};
  auto launch = [&](LaunchSize grid, int64_t sharedBytes) {
    return (*device)->launch(*function, grid, {1, 1, 1}, sharedBytes, nullptr,
                             parameters);
  };
  EXPECT_TRUE(launch({1, 1, 1}, 100 << 10).ok());
  expectError(launch({int64_t(1) << 32, 1, 1}, 0), "more than a GPU takes");
  if (GetParam().kind == DeviceKind::Cuda)
    expectError(launch({1, 1, 1}, 300 << 10), "cannot launch a kernel");
  control.launchCode = 7;
  expectError(launch({1, 1, 1}, 0), "cannot launch a kernel on Fake");
  control.synchronizeCode = 7;
  expectError((*device)->synchronize((*device)->ownStream()),
              "cannot finish the work of a stream");
  EXPECT_TRUE((*device)->unloadModule(*module).ok());
}

TEST_P(DriverTest, IsOfNoUseAfterAFault) {
  auto device = open();
  ASSERT_TRUE(device.ok());
  auto module = (*device)->loadModule(goodModule());
  auto function = (*device)->findFunction(*module, "scale");
  ASSERT_TRUE(function.ok());
  void *values = nullptr;
  float factor = 1;
  uint64_t count = 1;
  void *parameters[] = {&values, &factor, &count};
  EXPECT_TRUE(
      (*device)
          ->launch(*function, {1, 1, 1}, {1, 1, 1}, 0, nullptr, parameters)
          .ok());
  expectError((*device)->synchronize((*device)->ownStream()),
              "cannot finish the work of a stream");
  expectError((*device)->synchronize(), "cannot finish all work");
  expectError((*device)->unloadModule(*module), "cannot unload a module");
}

INSTANTIATE_TEST_SUITE_P(, DriverTest,
                         testing::Values(FakeLibrary{"Cuda", DeviceKind::Cuda,
                                                     ORCINUS_FAKE_CUDA_DRIVER},
                                         FakeLibrary{"Hip", DeviceKind::Hip,
                                                     ORCINUS_FAKE_HIP_DRIVER}),
                         [](const auto &info) {
                           return std::string(info.param.name);
                         });

TEST(CudaDriverTest, QuotesTheCompilerOfPtx) {
  resetControl(ORCINUS_FAKE_CUDA_DRIVER);
  DeviceOptions options;
  options.driverLibrary = ORCINUS_FAKE_CUDA_DRIVER;
  auto device = openDevice(DeviceKind::Cuda, options);
  ASSERT_TRUE(device.ok()) << device.message();
  auto module = (*device)->loadModule(".version 8.0\n.target sm_90\nmistake");
  expectError(module.status(), "(line 2: a mistake)");
}

TEST(DriverLibraryTest, SaysThatThereIsNoDriver) {
  DeviceOptions options;
  options.driverLibrary = "/nowhere/libdriver.so";
  expectError(openDevice(DeviceKind::Cuda, options).status(),
              "cannot open NVIDIA's driver: /nowhere/libdriver.so");
  expectError(openDevice(DeviceKind::Hip, options).status(),
              "cannot open AMD's driver: /nowhere/libdriver.so");
}

TEST(DriverLibraryTest, SaysThatADriverIsTooOld) {
  // Each library lacks what the other has.
  DeviceOptions options;
  options.driverLibrary = ORCINUS_FAKE_HIP_DRIVER;
  expectError(openDevice(DeviceKind::Cuda, options).status(), "has no cuInit");
  options.driverLibrary = ORCINUS_FAKE_CUDA_DRIVER;
  expectError(openDevice(DeviceKind::Hip, options).status(), "has no hipInit");
}

/// Expects that the library, which is only looked into, has all of `names`.
void expectSymbols(void *library, const std::vector<std::string> &names) {
  EXPECT_GT(names.size(), 20u);
  for (const std::string &name : names)
    EXPECT_NE(dlsym(library, name.c_str()), nullptr) << name;
  dlclose(library);
}

TEST(DriverLibraryTest, TheToolkitsStubHasAllSymbols) {
  std::vector<std::string> roots{"/usr/local/cuda"};
  for (const char *variable : {"CUDA_ROOT", "CUDA_HOME", "CUDA_PATH"})
    if (const char *root = std::getenv(variable))
      roots.emplace_back(root);
  for (const std::string &root : roots) {
    fs::path stub = fs::path(root) / "lib64/stubs/libcuda.so";
    if (!fs::exists(stub))
      continue;
    void *library = dlopen(stub.c_str(), RTLD_LAZY | RTLD_LOCAL);
    ASSERT_NE(library, nullptr) << dlerror();
    expectSymbols(library, CudaDriver::symbolNames());
    return;
  }
  GTEST_SKIP() << "there is no CUDA toolkit with lib64/stubs/libcuda.so";
}

TEST(DriverLibraryTest, AmdsLibraryHasAllSymbols) {
  for (const char *name : {"libamdhip64.so", "libamdhip64.so.7",
                           "libamdhip64.so.6", "libamdhip64.so.5"})
    if (void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL))
      return expectSymbols(library, HipDriver::symbolNames());
  GTEST_SKIP() << "libamdhip64 is not installed";
}

TEST(DeviceListTest, ListsEveryKind) {
  std::vector<DeviceInformation> devices = listDevices();
  std::vector<DeviceKind> kinds;
  for (const DeviceInformation &each : devices) {
    if (kinds.empty() || kinds.back() != each.kind)
      kinds.push_back(each.kind);
    if (each.usable.ok())
      EXPECT_FALSE(each.name.empty());
    else
      EXPECT_EQ(each.usable.message().find('\n'), std::string::npos);
  }
  EXPECT_EQ(kinds, (std::vector{DeviceKind::Host, DeviceKind::Cuda,
                                DeviceKind::Hip, DeviceKind::Simulator}));
  EXPECT_TRUE(devices.front().usable.ok());
}

TEST(DeviceListTest, KindsHaveNames) {
  for (DeviceKind kind : {DeviceKind::Host, DeviceKind::Cuda, DeviceKind::Hip,
                          DeviceKind::Simulator}) {
    auto parsed = parseDeviceKind(deviceKindName(kind));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, kind);
  }
  expectError(parseDeviceKind("tpu").status(), "no target 'tpu'; use host");
}

TEST(ModuleFormatTest, KnowsWhatCodeIsFor) {
  auto expect = [](const std::string &code, ModuleFormat format,
                   const char *architecture) {
    auto module = describeModule(code);
    ASSERT_TRUE(module.ok()) << module.message();
    EXPECT_EQ(module->format, format);
    EXPECT_EQ(module->architecture, architecture);
  };
  expect(scalePtx, ModuleFormat::Ptx, "sm_75");
  expect(".version 8.0\n.target\tsm_90a, debug\n", ModuleFormat::Ptx, "sm_90a");
  expect(makeCubin(90), ModuleFormat::Cubin, "sm_90");
  expect(makeCubin(120), ModuleFormat::Cubin, "sm_120");
  expect(makeCodeObject("gfx90a"), ModuleFormat::CodeObject, "gfx90a");
  // Before version 8 of the ABI, the architecture is in the first byte.
  std::string old = makeElf(190, 86, "");
  old[8] = 7;
  expect(old, ModuleFormat::Cubin, "sm_86");
  expect("__CLANG_OFFLOAD_BUNDLE__ and so on", ModuleFormat::Bundle, "");
}

TEST(ModuleFormatTest, RejectsWhatIsNoCode) {
  std::string cubin = makeCubin(90);
  for (size_t length = 4; length != cubin.size(); ++length)
    expectError(
        describeModule(std::string_view(cubin).substr(0, length)).status(),
        "cut short");
  expectError(describeModule("").status(), "0 bytes, is neither PTX nor");
  expectError(describeModule("int main() {}").status(), "neither PTX");
  expectError(describeModule(makeElf(62, 0, "")).status(), "machine 62");
}

} // namespace
