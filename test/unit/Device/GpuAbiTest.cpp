//===- GpuAbiTest.cpp - What compiled programs ask of a device ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Abi/GpuAbi.h"

#include "DeviceTestSupport.h"
#include "runtime/Device/HostDevice.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace orcinus;
using namespace orcinus::test;

namespace {

class GpuAbiTest : public testing::Test {
protected:
  GpuAbiTest() {
    resetControl(ORCINUS_FAKE_CUDA_DRIVER);
    DeviceOptions options;
    options.driverLibrary = ORCINUS_FAKE_CUDA_DRIVER;
    auto opened = openDevice(DeviceKind::Cuda, options);
    EXPECT_TRUE(opened.ok()) << opened.message();
    device = std::move(*opened);
    scope.emplace(device.get());
  }

  std::shared_ptr<Device> device;
  std::optional<DeviceScope> scope;
};

/// The calls that MLIR's lowering makes of a copy, a launch and a copy back.
TEST_F(GpuAbiTest, RunsAProgram) {
  void *module = mgpuModuleLoadJIT(const_cast<char *>(scalePtx), 2);
  void *function = mgpuModuleGetFunction(module, "scale");
  void *stream = mgpuStreamCreate();
  void *block = mgpuMemAlloc(40, stream, false);
  std::vector<float> values(10, 2), result(10);
  mgpuMemcpy(block, values.data(), 40, stream);
  float factor = 5;
  uint64_t count = 4;
  void *parameters[] = {&block, &factor, &count};
  mgpuLaunchKernel(function, 1, 1, 1, 10, 1, 1, 0, stream, parameters, nullptr,
                   3);
  void *event = mgpuEventCreate();
  mgpuEventRecord(event, stream);
  mgpuStreamWaitEvent(stream, event);
  mgpuMemset32(static_cast<char *>(block) + 32, 0x40400000, 1, stream);
  mgpuMemset16(static_cast<char *>(block) + 36, 0, 2, stream);
  mgpuMemcpy(result.data(), block, 40, stream);
  mgpuEventSynchronize(event);
  mgpuStreamSynchronize(stream);
  mgpuEventDestroy(event);
  mgpuMemFree(block, stream);
  mgpuStreamDestroy(stream);
  mgpuModuleUnload(module);
  EXPECT_EQ(result, (std::vector<float>{10, 10, 10, 10, 2, 2, 2, 2, 3, 0}));
  Status error = device->takeError();
  EXPECT_TRUE(error.ok()) << error.message();
  EXPECT_EQ(device->memory().usedBytes(), 0u);
}

TEST_F(GpuAbiTest, LendsStreamsUntilTheProgramEnds) {
  void *copies = mgpuStreamCreate(), *compute = mgpuStreamCreate();
  EXPECT_NE(copies, compute);
  // Not given to another while its work may go on, though a program that joined
  // it destroys it, or never does.
  mgpuStreamDestroy(copies);
  void *joined = mgpuStreamCreate();
  EXPECT_NE(joined, copies);
  EXPECT_NE(joined, compute);
  device->returnStreams();
  std::set<void *> first{copies, compute, joined}, second;
  for (int program = 0; program != 3; ++program)
    second.insert(mgpuStreamCreate());
  EXPECT_EQ(second, first);
}

// What is copied on one stream is there for a launch on another that waited for
// it, and not before: the fake driver works when it is waited for.
TEST_F(GpuAbiTest, OrdersStreamsByEvents) {
  void *copies = mgpuStreamCreate(), *compute = mgpuStreamCreate();
  void *block = mgpuMemAlloc(4, copies, false);
  float value = 3, result = 0;
  mgpuMemset32(block, 0, 1, compute);
  mgpuStreamSynchronize(compute);
  mgpuMemcpy(block, &value, 4, copies);
  void *event = mgpuEventCreate();
  mgpuEventRecord(event, copies);
  mgpuStreamWaitEvent(compute, event);
  mgpuMemcpy(&result, block, 4, compute);
  mgpuStreamSynchronize(compute);
  mgpuEventDestroy(event);
  mgpuMemFree(block, compute);
  EXPECT_EQ(result, 3);
  EXPECT_TRUE(device->takeError().ok());
}

// All is done in the order in which it was asked for, but not before the stream
// is waited for.
TEST_F(GpuAbiTest, KeepsToOneStreamWhereThereIsOne) {
  auto created = device->createStream();
  ASSERT_TRUE(created.ok());
  void *block = mgpuMemAlloc(4, nullptr, false);
  uint32_t result = 0;
  {
    DeviceScope oneStream(device.get(), *created);
    void *copies = mgpuStreamCreate(), *compute = mgpuStreamCreate();
    EXPECT_EQ(copies, *created);
    EXPECT_EQ(compute, *created);
    mgpuMemset32(block, 3, 1, copies);
    void *event = mgpuEventCreate();
    mgpuEventRecord(event, copies);
    mgpuStreamWaitEvent(compute, event);
    mgpuMemcpy(&result, block, 4, compute);
    mgpuEventSynchronize(event);
    mgpuEventDestroy(event);
    mgpuStreamSynchronize(compute);
  }
  EXPECT_EQ(Device::currentStream(), nullptr);
  EXPECT_EQ(result, 0u);
  EXPECT_TRUE(device->synchronize(*created).ok());
  EXPECT_EQ(result, 3u);
  EXPECT_TRUE(device->takeError().ok());
  mgpuMemFree(block, nullptr);
  EXPECT_TRUE(device->destroyStream(*created).ok());
}

TEST_F(GpuAbiTest, LoadsMachineCode) {
  std::string cubin = makeCubin(90);
  void *module =
      mgpuModuleLoad(cubin.data(), static_cast<int64_t>(cubin.size()));
  EXPECT_NE(mgpuModuleGetFunction(module, "scale"), nullptr);
  mgpuModuleUnload(module);
  cubin = makeCubin(80);
  EXPECT_EQ(mgpuModuleLoad(cubin.data(), static_cast<int64_t>(cubin.size())),
            nullptr);
  expectError(device->takeError(), "built for sm_80");
}

TEST_F(GpuAbiTest, ALaterErrorDoesNotHideTheFirst) {
  void *good = mgpuMemAlloc(64, nullptr, false);
  EXPECT_EQ(mgpuMemAlloc(int64_t(1) << 40, nullptr, false), nullptr);
  // Nothing that would use the missing memory is done.
  float value = 1;
  mgpuMemcpy(nullptr, &value, 4, nullptr);
  mgpuMemset32(nullptr, 0, 1, nullptr);
  mgpuLaunchKernel(nullptr, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr, 0);
  EXPECT_EQ(mgpuModuleLoadJIT(const_cast<char *>("nonsense"), 2), nullptr);
  EXPECT_EQ(mgpuEventCreate(), nullptr);
  // Freeing goes on.
  mgpuMemFree(nullptr, nullptr);
  mgpuMemFree(good, nullptr);
  EXPECT_EQ(device->memory().usedBytes(), 0u);
  expectError(device->takeError(), "1099511627776 bytes asked for");
  EXPECT_TRUE(device->takeError().ok());
}

TEST_F(GpuAbiTest, RejectsSharedAndForeignMemory) {
  EXPECT_EQ(mgpuMemAlloc(64, nullptr, true), nullptr);
  expectError(device->takeError(), "host and device share");
  int onHost = 0;
  mgpuMemFree(&onHost, nullptr);
  expectError(device->takeError(), "no block of this device");
  EXPECT_EQ(mgpuMemAlloc(-1, nullptr, false), nullptr);
  expectError(device->takeError(), "out of device memory");
}

TEST_F(GpuAbiTest, ScopesNest) {
  HostDevice inner({});
  {
    DeviceScope innerScope(&inner);
    EXPECT_EQ(Device::current(), &inner);
    mgpuMemFree(&inner, nullptr);
  }
  EXPECT_EQ(Device::current(), device.get());
  EXPECT_FALSE(device->failed());
  EXPECT_TRUE(inner.failed());
}

TEST(GpuAbiWithoutDeviceTest, DoesNothing) {
  EXPECT_EQ(Device::current(), nullptr);
  EXPECT_EQ(mgpuMemAlloc(64, nullptr, false), nullptr);
  EXPECT_EQ(mgpuStreamCreate(), nullptr);
  mgpuStreamSynchronize(nullptr);
}

TEST(GpuAbiWithoutDeviceTest, SymbolsAreNamedOnce) {
  std::set<std::string> names;
  std::set<void *> addresses;
  for (const AbiSymbol &symbol : gpuSymbols()) {
    EXPECT_TRUE(names.insert(symbol.name).second) << symbol.name;
    EXPECT_TRUE(addresses.insert(symbol.address).second) << symbol.name;
  }
}

} // namespace
