//===- DeviceMirrorTest.cpp - Arrays with a side on a device --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/DeviceMirror.h"

#include "DeviceTestSupport.h"

#include <gtest/gtest.h>

#include <vector>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// Over the fake driver, which copies nothing before it is waited for.
class DeviceMirrorTest : public testing::Test {
protected:
  DeviceMirrorTest() : control(resetControl(ORCINUS_FAKE_CUDA_DRIVER)) {
    DeviceOptions options;
    options.driverLibrary = ORCINUS_FAKE_CUDA_DRIVER;
    auto opened = openDevice(DeviceKind::Cuda, options);
    EXPECT_TRUE(opened.ok()) << opened.message();
    device = std::move(*opened);
  }

  DeviceMirror makeMirror() {
    return DeviceMirror(device.get(), host.data(),
                        host.size() * sizeof(uint32_t));
  }

  void *onDevice(DeviceMirror &mirror, bool changes) {
    StatusOr<void *> address = mirror.onDevice(changes);
    EXPECT_TRUE(address.ok()) << address.message();
    return *address;
  }

  std::vector<uint32_t> read(void *block) {
    std::vector<uint32_t> values(host.size());
    EXPECT_TRUE(
        device->copyToHost(values.data(), block, values.size() * 4).ok());
    EXPECT_TRUE(device->synchronize().ok());
    return values;
  }

  fake::Control &control;
  std::shared_ptr<Device> device;
  std::vector<uint32_t> host{1, 2, 3, 4};
};

using Values = std::vector<uint32_t>;

TEST_F(DeviceMirrorTest, FollowsTheSideThatChanged) {
  DeviceMirror mirror = makeMirror();
  void *block = onDevice(mirror, true);
  EXPECT_EQ(read(block), (Values{1, 2, 3, 4}));
  ASSERT_TRUE(device->fill32(block, 9, 2).ok());
  mirror.hostReads();
  EXPECT_EQ(host, (Values{9, 9, 3, 4}));

  // The device's change and the host's are both kept.
  EXPECT_EQ(onDevice(mirror, true), block);
  ASSERT_TRUE(device->fill32(block, 7, 1).ok());
  mirror.hostChanges();
  host[3] = 5;
  EXPECT_EQ(onDevice(mirror, false), block);
  EXPECT_EQ(read(block), (Values{7, 9, 3, 5}));

  onDevice(mirror, true);
  mirror.hostReplaces();
  host = {0, 0, 0, 1};
  mirror.hostReads();
  EXPECT_EQ(host, (Values{0, 0, 0, 1}));
  onDevice(mirror, false);
  EXPECT_EQ(read(block), (Values{0, 0, 0, 1}));
}

TEST_F(DeviceMirrorTest, DoesNotCopyWhatIsNotOld) {
  DeviceMirror mirror = makeMirror();
  void *block = onDevice(mirror, false);
  host[0] = 100;
  // Nobody said that the host changed it, nor the device.
  onDevice(mirror, false);
  EXPECT_EQ(read(block), (Values{1, 2, 3, 4}));
  mirror.hostReads();
  EXPECT_EQ(host[0], 100u);
}

TEST_F(DeviceMirrorTest, RemembersACopyThatFails) {
  DeviceMirror mirror = makeMirror();
  void *block = onDevice(mirror, true);
  ASSERT_TRUE(device->fill32(block, 9, 4).ok());
  control.synchronizeCode = 7;
  mirror.hostReads();
  expectError(device->takeError(), "cannot finish the work");
  // It is tried again.
  control.synchronizeCode = 0;
  mirror.hostReads();
  EXPECT_EQ(host, (Values{9, 9, 9, 9}));
  EXPECT_FALSE(device->failed());
}

TEST_F(DeviceMirrorTest, SaysThatMemoryIsExhausted) {
  control.memoryBytes = 16;
  DeviceMirror mirror = makeMirror();
  expectError(mirror.onDevice(false).status(), "out of device memory");
}

TEST_F(DeviceMirrorTest, ReleasesItsBlock) {
  {
    DeviceMirror first = makeMirror();
    onDevice(first, false);
    DeviceMirror moved = std::move(first);
    EXPECT_GT(device->memory().usedBytes(), 0u);
  }
  EXPECT_EQ(device->memory().usedBytes(), 0u);
}

TEST(DeviceMirrorWithoutDeviceTest, LeavesTheHostAlone) {
  float value = 1;
  DeviceMirror mirror(nullptr, &value, sizeof(value));
  mirror.hostReads();
  mirror.hostChanges();
  mirror.hostReplaces();
  EXPECT_EQ(value, 1);
}

} // namespace
