//===- CallTimerTest.cpp - How long calls take on a device ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/CallTimer.h"

#include "runtime/Device/HostDevice.h"

#include <gtest/gtest.h>

#include <chrono>

using namespace orcinus;

namespace {

using Clock = std::chrono::steady_clock;

/// Keeps the processor busy.
void spin(std::chrono::microseconds time) {
  Clock::time_point end = Clock::now() + time;
  while (Clock::now() < end)
    continue;
}

/// A GPU that works when it is waited for, and not before.
std::shared_ptr<Device> openFakeGpu() {
  DeviceOptions options;
  options.driverLibrary = ORCINUS_FAKE_CUDA_DRIVER;
  auto device = openDevice(DeviceKind::Cuda, options);
  EXPECT_TRUE(device.ok()) << device.message();
  return *device;
}

TEST(CallTimer, TimesCallsOfTheHost) {
  HostDevice host({});
  auto timer = CallTimer::create(host, /*threads=*/1);
  ASSERT_TRUE(timer.ok());
  double spent = 0;
  StatusOr<double> time = (*timer)->fastestMicroseconds(
      [&] {
        spin(std::chrono::microseconds(100));
        spent += 100;
      },
      /*totalMicroseconds=*/5000, /*enoughMicroseconds=*/0);
  ASSERT_TRUE(time.ok());
  // Of a processor that others use as well, the spinning gets a part.
  EXPECT_GT(*time, 1);
  EXPECT_LT(*time, 1000);
  EXPECT_GE(spent, 5000);
}

TEST(CallTimer, GivesUpWhatIsFarTooSlow) {
  HostDevice host({});
  auto timer = CallTimer::create(host, /*threads=*/2);
  ASSERT_TRUE(timer.ok());
  auto callsWhere = [&](double enoughMicroseconds) {
    int calls = 0;
    StatusOr<double> time = (*timer)->fastestMicroseconds(
        [&] {
          spin(std::chrono::microseconds(1000));
          ++calls;
        },
        /*totalMicroseconds=*/0, enoughMicroseconds);
    EXPECT_TRUE(time.ok());
    return calls;
  };
  // The first round alone may be slow for other reasons.
  EXPECT_EQ(callsWhere(100), 2);
  EXPECT_EQ(callsWhere(1e6), 5);
}

// The device's time and not that of asking it.
TEST(CallTimer, TimesWhatADeviceDoes) {
  std::shared_ptr<Device> device = openFakeGpu();
  auto timer = CallTimer::create(*device, /*threads=*/1);
  ASSERT_TRUE(timer.ok());
  constexpr size_t count = 1 << 20;
  StatusOr<void *> block = device->allocate(count * sizeof(uint32_t));
  ASSERT_TRUE(block.ok());
  double asking = 0;
  int calls = 0;
  StatusOr<double> time = (*timer)->fastestMicroseconds(
      [&] {
        Clock::time_point begin = Clock::now();
        EXPECT_TRUE(device->fill32(*block, 1, count).ok());
        asking +=
            std::chrono::duration<double, std::micro>(Clock::now() - begin)
                .count();
        ++calls;
      },
      /*totalMicroseconds=*/0, /*enoughMicroseconds=*/0);
  ASSERT_TRUE(time.ok()) << time.message();
  EXPECT_GT(*time, asking / calls);
  EXPECT_GT(*time, 10);
}

TEST(CallTimer, SaysWhatWentWrongInACall) {
  std::shared_ptr<Device> device = openFakeGpu();
  auto timer = CallTimer::create(*device, /*threads=*/1);
  ASSERT_TRUE(timer.ok());
  StatusOr<double> time = (*timer)->fastestMicroseconds(
      [&] { device->remember(Status::error("it was refused")); },
      /*totalMicroseconds=*/0, /*enoughMicroseconds=*/0);
  EXPECT_EQ(time.message(), "it was refused");
  EXPECT_FALSE(device->failed());
}

TEST(CallTimer, TimesABaselineOnEveryDevice) {
  HostDevice host({});
  std::shared_ptr<Device> gpu = openFakeGpu();
  for (Device *device : {static_cast<Device *>(&host), gpu.get()}) {
    StatusOr<double> time = measureBaseline(*device);
    ASSERT_TRUE(time.ok()) << time.message();
    EXPECT_GT(*time, 0);
    EXPECT_EQ(device->memory().usedBytes(), 0u);
  }
}

} // namespace
