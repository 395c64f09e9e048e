//===- DeviceConformanceTest.cpp - What every device keeps to -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DeviceTestSupport.h"
#include "runtime/Device/HostDevice.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <numeric>
#include <ostream>
#include <thread>
#include <vector>

using namespace orcinus;
using namespace orcinus::test;

namespace {

using OpenedDevice = StatusOr<std::shared_ptr<Device>>;

/// A device to test.
struct TestDevice {
  const char *name;
  /// Whether a machine may be without it: then its tests are skipped.
  bool mayBeMissing;
  std::function<OpenedDevice(size_t memoryLimit)> open;
  /// The code of the kernel `scale`; empty where it is a function of the test,
  std::string code;
  /// or where this device gets none.
  bool hasKernel = true;
};

void PrintTo(const TestDevice &device, std::ostream *stream) {
  *stream << device.name;
}

void hostScale(const KernelPosition &position, void **parameters) {
  auto *values = *static_cast<float **>(parameters[0]);
  float factor = *static_cast<float *>(parameters[1]);
  uint64_t count = *static_cast<uint64_t *>(parameters[2]);
  uint64_t index =
      position.blockIndex[0] * position.block[0] + position.threadIndex[0];
  if (index < count)
    values[index] *= factor;
}

auto opener(DeviceKind kind, DeviceOptions options = {}, bool isFake = false) {
  return [=](size_t memoryLimit) {
    if (isFake)
      resetControl(options.driverLibrary.c_str());
    DeviceOptions limited = options;
    limited.memoryLimit = memoryLimit;
    return openDevice(kind, limited);
  };
}

DeviceOptions driver(const char *library) {
  DeviceOptions options;
  options.driverLibrary = library;
  return options;
}

const TestDevice testDevices[] = {
    {"Host", false, opener(DeviceKind::Host), ""},
    {"Simulator", false, opener(DeviceKind::Simulator, simulatorOptions()), ""},
    {"FakeCuda", false,
     opener(DeviceKind::Cuda, driver(ORCINUS_FAKE_CUDA_DRIVER), true),
     scalePtx},
    {"FakeHip", false,
     opener(DeviceKind::Hip, driver(ORCINUS_FAKE_HIP_DRIVER), true),
     makeCodeObject("gfx942")},
    {"Cuda", true, opener(DeviceKind::Cuda), scalePtx},
    {"Hip", true, opener(DeviceKind::Hip), "", false}};

class DeviceConformanceTest : public testing::TestWithParam<TestDevice> {
protected:
  void SetUp() override { open(0); }

  void open(size_t memoryLimit) {
    device.reset();
    OpenedDevice opened = GetParam().open(memoryLimit);
    if (!opened.ok() && GetParam().mayBeMissing)
      GTEST_SKIP() << opened.message();
    ASSERT_TRUE(opened.ok()) << opened.message();
    device = std::move(*opened);
  }

  void TearDown() override {
    if (module)
      expectOk(device->unloadModule(module));
  }

  StatusOr<DeviceFunction *> findScale() {
    if (GetParam().code.empty())
      return reinterpret_cast<DeviceFunction *>(&hostScale);
    StatusOr<DeviceModule *> loaded = device->loadModule(GetParam().code);
    if (!loaded.ok())
      return loaded.status();
    module = *loaded;
    return device->findFunction(module, "scale");
  }

  void *allocate(size_t bytes) {
    StatusOr<void *> block = device->allocate(bytes);
    EXPECT_TRUE(block.ok()) << block.message();
    return block.ok() ? *block : nullptr;
  }

  /// What lies on the device after all work.
  template <typename T>
  std::vector<T> read(const void *block, size_t count) {
    std::vector<T> values(count);
    expectOk(device->copyToHost(values.data(), block, count * sizeof(T)));
    expectOk(device->synchronize(device->ownStream()));
    return values;
  }

  static void expectOk(const Status &status) {
    EXPECT_TRUE(status.ok()) << status.message();
  }

  std::shared_ptr<Device> device;
  DeviceModule *module = nullptr;
};

std::vector<float> countedValues(size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}

TEST_P(DeviceConformanceTest, SaysWhatItIs) {
  EXPECT_FALSE(device->name().empty());
  EXPECT_FALSE(device->architecture().empty());
  EXPECT_GT(device->memory().totalBytes(), 0u);
  EXPECT_LE(device->memory().freeBytes(), device->memory().totalBytes());
}

TEST_P(DeviceConformanceTest, CopiesThereAndBack) {
  std::vector<float> values = countedValues(1000);
  size_t bytes = values.size() * sizeof(float);
  void *first = allocate(bytes), *second = allocate(bytes);
  ASSERT_NE(first, second);
  expectOk(device->copyToDevice(first, values.data(), bytes));
  expectOk(device->copyOnDevice(second, first, bytes));
  EXPECT_EQ(read<float>(second, 1000), values);
  // A part, from the middle of a block to the middle of another.
  expectOk(device->copyOnDevice(static_cast<float *>(first) + 100,
                                static_cast<float *>(second) + 500,
                                100 * sizeof(float)));
  std::copy_n(values.begin() + 500, 100, values.begin() + 100);
  EXPECT_EQ(read<float>(first, 1000), values);
}

TEST_P(DeviceConformanceTest, BlocksAreNotTheHosts) {
  std::vector<float> values = countedValues(16);
  void *block = allocate(64);
  expectOk(device->copyToDevice(block, values.data(), 64));
  expectOk(device->synchronize());
  values[3] = -1;
  EXPECT_EQ(read<float>(block, 16), countedValues(16));
}

TEST_P(DeviceConformanceTest, CopiesOfUnknownDirection) {
  std::vector<float> values = countedValues(100), result(100);
  void *block = allocate(400);
  expectOk(device->copy(block, values.data(), 400, nullptr));
  expectOk(device->copy(result.data(), block, 400, nullptr));
  expectOk(device->synchronize());
  EXPECT_EQ(result, values);
}

TEST_P(DeviceConformanceTest, CopiesNothing) {
  void *block = allocate(0);
  ASSERT_NE(block, nullptr);
  expectOk(device->copyToDevice(block, nullptr, 0));
  expectOk(device->copyToHost(nullptr, block, 0));
  expectOk(device->fill32(block, 1, 0));
  expectOk(device->release(block));
}

TEST_P(DeviceConformanceTest, Fills) {
  void *block = allocate(64);
  expectOk(device->fill32(block, 0x01020304, 16));
  expectOk(device->fill16(static_cast<char *>(block) + 8, 0x0506, 2));
  std::vector<uint32_t> wanted(16, 0x01020304);
  wanted[2] = 0x05060506;
  EXPECT_EQ(read<uint32_t>(block, 16), wanted);
}

TEST_P(DeviceConformanceTest, RejectsRangesBeyondABlock) {
  std::vector<char> values(1 << 16);
  void *block = allocate(1024);
  char *end = static_cast<char *>(block) + 1024;
  expectError(device->copyToDevice(block, values.data(), values.size()),
              "do not lie in a block");
  expectError(device->copyToDevice(end, values.data(), 64), "block");
  expectError(device->copyToHost(values.data(), values.data() + 100, 16),
              "block");
  expectError(device->copyOnDevice(block, values.data(), 16), "block");
  expectError(device->fill32(block, 0, 1 << 16), "block");
  expectError(device->fill16(values.data(), 0, 4), "block");
  expectOk(device->release(block));
  expectError(device->copyToDevice(block, values.data(), 16), "block");
}

TEST_P(DeviceConformanceTest, RejectsWhatIsNoBlock) {
  void *block = allocate(100);
  int onHost = 0;
  expectError(device->release(&onHost), "no block of this device");
  expectError(device->release(static_cast<char *>(block) + 4), "no block");
  expectOk(device->release(block));
  expectError(device->release(block), "released twice");
  expectOk(device->release(nullptr));
}

TEST_P(DeviceConformanceTest, UsesBlocksAgain) {
  void *block = allocate(5000);
  int64_t taken = device->memory().takenBlocks();
  expectOk(device->release(block));
  EXPECT_EQ(device->memory().usedBytes(), 0u);
  EXPECT_GE(device->memory().keptBytes(), 5000u);
  EXPECT_EQ(allocate(4900), block);
  EXPECT_EQ(device->memory().takenBlocks(), taken);
  EXPECT_NE(allocate(4900), block);
}

TEST_P(DeviceConformanceTest, SaysThatMemoryIsExhausted) {
  open(1 << 20);
  if (!device)
    return;
  StatusOr<void *> tooMuch = device->allocate(size_t(2) << 20);
  expectError(tooMuch.status(), "2097152 bytes asked for, 0 used");
  expectError(device->allocate(~size_t(0)).status(), "out of device memory");

  void *half = allocate(500 << 10);
  expectError(device->allocate(600 << 10).status(), "out of device memory");
  // What is kept makes room.
  expectOk(device->release(half));
  allocate(900 << 10);
  EXPECT_EQ(device->memory().keptBytes(), 0u);
}

TEST_P(DeviceConformanceTest, StreamsKeepOrder) {
  StatusOr<DeviceStream *> first = device->createStream(),
                           second = device->createStream();
  StatusOr<DeviceEvent *> filled = device->createEvent();
  ASSERT_TRUE(first.ok() && second.ok() && filled.ok());
  void *block = allocate(400);
  std::vector<uint32_t> result(100);
  expectOk(device->fill32(block, 1, 100, *first));
  expectOk(device->fill32(block, 2, 50, *first));
  expectOk(device->record(*filled, *first));
  expectOk(device->wait(*second, *filled));
  expectOk(device->copyToHost(result.data(), block, 400, *second));
  expectOk(device->synchronize(*second));
  std::vector<uint32_t> wanted(100, 1);
  std::fill_n(wanted.begin(), 50, 2);
  EXPECT_EQ(result, wanted);
  expectOk(device->destroyEvent(*filled));
  expectOk(device->destroyStream(*first));
  expectOk(device->destroyStream(*second));
}

TEST_P(DeviceConformanceTest, EventsMeasureTime) {
  StatusOr<DeviceEvent *> start = device->createEvent(),
                          end = device->createEvent();
  ASSERT_TRUE(start.ok() && end.ok());
  EXPECT_FALSE(device->secondsBetween(*start, *end).ok());
  void *block = allocate(1 << 20);
  expectOk(device->record(*start, nullptr));
  expectOk(device->fill32(block, 0, 1 << 18));
  expectOk(device->record(*end, nullptr));
  expectOk(device->synchronize(*end));
  StatusOr<double> seconds = device->secondsBetween(*start, *end);
  ASSERT_TRUE(seconds.ok()) << seconds.message();
  EXPECT_GE(*seconds, 0);
  EXPECT_LT(*seconds, 10);
  expectOk(device->destroyEvent(*start));
  expectOk(device->destroyEvent(*end));
}

// Between them lies what the host has slept, in seconds.
TEST_P(DeviceConformanceTest, EventsMeasureTheTimeBetweenThem) {
  using namespace std::chrono_literals;
  StatusOr<DeviceEvent *> start = device->createEvent(),
                          end = device->createEvent();
  StatusOr<DeviceStream *> stream = device->createStream();
  ASSERT_TRUE(start.ok() && end.ok() && stream.ok());
  // Events can be recorded again.
  for (int turn = 0; turn != 2; ++turn) {
    expectOk(device->record(*start, *stream));
    expectOk(device->synchronize(*start));
    std::this_thread::sleep_for(20ms);
    expectOk(device->record(*end, *stream));
    expectOk(device->synchronize(*end));
    StatusOr<double> seconds = device->secondsBetween(*start, *end);
    ASSERT_TRUE(seconds.ok()) << seconds.message();
    EXPECT_GE(*seconds, 0.019);
    EXPECT_LT(*seconds, 10);
  }
  expectOk(device->destroyEvent(*start));
  expectOk(device->destroyEvent(*end));
  expectOk(device->destroyStream(*stream));
}

TEST_P(DeviceConformanceTest, LaunchesKernels) {
  if (!GetParam().hasKernel)
    GTEST_SKIP() << "no kernel for this device comes with the tests";
  auto scale = findScale();
  ASSERT_TRUE(scale.ok()) << scale.message();
  std::vector<float> values = countedValues(1000);
  void *block = allocate(4000);
  expectOk(device->copyToDevice(block, values.data(), 4000));
  float factor = 3;
  uint64_t count = 900;
  void *parameters[] = {&block, &factor, &count};
  expectOk(
      device->launch(*scale, {4, 1, 1}, {256, 1, 1}, 0, nullptr, parameters));
  // The arguments are the launch's own.
  factor = 100;
  std::vector<float> wanted = values;
  for (size_t each = 0; each != 900; ++each)
    wanted[each] *= 3;
  EXPECT_EQ(read<float>(block, 1000), wanted);
  // A grid without a block does nothing.
  expectOk(
      device->launch(*scale, {0, 1, 1}, {256, 1, 1}, 0, nullptr, parameters));
  EXPECT_EQ(read<float>(block, 1000), wanted);
  expectError(device->launch(*scale, {1, 1, 1}, {0, 1, 1}, 0, nullptr, nullptr),
              "1x1x1 blocks of 0x1x1 threads");
  expectError(
      device->launch(*scale, {-1, 1, 1}, {1, 1, 1}, 0, nullptr, nullptr),
      "-1x1x1 blocks");
  expectError(
      device->launch(nullptr, {1, 1, 1}, {1, 1, 1}, 0, nullptr, nullptr),
      "was not found");
}

TEST_P(DeviceConformanceTest, WorksOnAnyThread) {
  void *block = nullptr;
  std::thread([&] { block = allocate(400); }).join();
  std::thread([&] {
    expectOk(device->fill32(block, 7, 100));
    expectOk(device->synchronize());
  }).join();
  EXPECT_EQ(read<uint32_t>(block, 100), std::vector<uint32_t>(100, 7));
}

TEST_P(DeviceConformanceTest, RemembersTheFirstError) {
  EXPECT_FALSE(device->failed());
  device->remember(Status::error("first"));
  device->remember(Status::error("second"));
  EXPECT_TRUE(device->failed());
  expectError(device->takeError(), "first");
  EXPECT_FALSE(device->failed());
  EXPECT_TRUE(device->takeError().ok());
}

INSTANTIATE_TEST_SUITE_P(, DeviceConformanceTest,
                         testing::ValuesIn(testDevices), [](const auto &info) {
                           return std::string(info.param.name);
                         });

} // namespace
