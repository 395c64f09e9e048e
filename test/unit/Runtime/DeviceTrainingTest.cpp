//===- DeviceTrainingTest.cpp - Training on a device ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include "orcinus/Graph/Generator.h"
#include "orcinus/Runtime/Trainer.h"
#include "runtime/Device/SimulatorDevice.h"
#include "runtime/Train/Invocation.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <unistd.h>

using namespace orcinus;
using namespace orcinus::test;
namespace fs = std::filesystem;

namespace {

/// A simulator that counts copies, and whose kernels can be made to fail.
class CountingDevice : public SimulatorDevice {
public:
  explicit CountingDevice(size_t memoryLimit = 0)
      : SimulatorDevice(makeOptions(memoryLimit, *this)) {}

  Status copy(void *to, const void *from, size_t bytes,
              DeviceStream *stream) override {
    ++copies;
    return SimulatorDevice::copy(to, from, bytes, stream);
  }

  int64_t copies = 0;
  /// Kernels that still run; negative for all.
  int64_t launchesLeft = -1;

private:
  static DeviceOptions makeOptions(size_t memoryLimit, CountingDevice &device) {
    DeviceOptions options;
    options.memoryLimit = memoryLimit;
    options.simulatedLauncher =
        [&device](const SimulatedKernel &kernel, const LaunchSize &grid,
                  const LaunchSize &block, int64_t sharedBytes,
                  void **parameters) {
          if (device.launchesLeft-- == 0)
            return Status::error("the kernel has failed");
          return launchFakeKernel(kernel, grid, block, sharedBytes, parameters);
        };
    return options;
  }
};

std::shared_ptr<const EventStream> makeStream() {
  GeneratorOptions options;
  options.nodes = 100;
  options.events = 4000;
  auto stream = generateEventStream(options);
  EXPECT_TRUE(stream.ok()) << stream.message();
  return std::make_shared<EventStream>(std::move(*stream));
}

class DeviceTrainingTest : public testing::Test {
protected:
  DeviceTrainingTest() {
    folder = fs::temp_directory_path() /
             ("orcinus-device-" + std::to_string(getpid()));
    fs::remove_all(folder);
    options.epochs = 3;
    options.learningRate = 0.02;
    options.threads = 1;
  }
  ~DeviceTrainingTest() override { fs::remove_all(folder); }

  Trainer makeTrainer(std::shared_ptr<const CompiledModel> model) {
    auto trainer = Trainer::create(makeStream(), std::move(model), options);
    EXPECT_TRUE(trainer.ok()) << trainer.message();
    return std::move(*trainer);
  }
  Trainer onHost() { return makeTrainer(makeFakeModel()); }
  Trainer onDevice(
      std::shared_ptr<Device> device = std::make_shared<CountingDevice>()) {
    return makeTrainer(makeFakeDeviceModel(std::move(device)));
  }

  fs::path folder;
  TrainOptions options;
};

std::vector<float> weightsOf(Trainer &trainer) {
  std::span<float> weights = trainer.parameter("weights");
  return {weights.begin(), weights.end()};
}

/// All that a run is observed by: parameters and embeddings.
std::vector<float> observe(Trainer &trainer) {
  std::vector<int32_t> nodes(100);
  std::vector<double> times(100, 1e9);
  for (int node = 0; node != 100; ++node)
    nodes[node] = node;
  std::vector<float> result(300);
  Status status = trainer.embed(nodes, times, result);
  EXPECT_TRUE(status.ok()) << status.message();
  std::vector<float> weights = weightsOf(trainer);
  result.insert(result.end(), weights.begin(), weights.end());
  return result;
}

void expectError(const Status &status, const char *words) {
  ASSERT_FALSE(status.ok()) << "wanted: " << words;
  EXPECT_NE(status.message().find(words), std::string::npos)
      << status.message();
}

TEST_F(DeviceTrainingTest, IsTheSameRunAsOnTheHost) {
  Trainer host = onHost(), device = onDevice();
  auto wanted = host.train(), got = device.train();
  ASSERT_TRUE(wanted.ok()) << wanted.message();
  ASSERT_TRUE(got.ok()) << got.message();
  EXPECT_EQ(got->bestEpoch, wanted->bestEpoch);
  EXPECT_EQ(got->test.averagePrecision, wanted->test.averagePrecision);
  EXPECT_EQ(observe(device), observe(host));
  auto replayedWanted = host.replayAndTest(), replayed = device.replayAndTest();
  ASSERT_TRUE(replayed.ok()) << replayed.message();
  EXPECT_EQ(replayed->averagePrecision, replayedWanted->averagePrecision);
}

TEST_F(DeviceTrainingTest, TakesWhatTheHostChanges) {
  Trainer host = onHost(), device = onDevice();
  for (Trainer *trainer : {&host, &device}) {
    for (int step = 0; step != 3; ++step)
      ASSERT_TRUE(trainer->trainStep().ok());
    for (float &weight : trainer->parameter("weights"))
      weight += 0.25f;
    for (int step = 0; step != 2; ++step)
      ASSERT_TRUE(trainer->trainStep().ok());
  }
  EXPECT_EQ(observe(device), observe(host));
  ASSERT_TRUE(host.trainEpoch().ok() && device.trainEpoch().ok());
  EXPECT_EQ(observe(device), observe(host));
}

TEST_F(DeviceTrainingTest, CheckpointsContinueOnEitherSide) {
  std::string directory = (folder / "run").string();
  Trainer whole = onHost();
  auto wanted = whole.train();
  ASSERT_TRUE(wanted.ok());
  std::vector<float> wantedState = observe(whole);

  Trainer first = onDevice();
  ASSERT_TRUE(first.trainEpoch().ok());
  for (int step = 0; step != 5; ++step)
    ASSERT_TRUE(first.trainStep().ok());
  Status saved = first.save(directory);
  ASSERT_TRUE(saved.ok()) << saved.message();

  // A trainer that was elsewhere takes all of it over.
  Trainer device = onDevice();
  ASSERT_TRUE(device.trainStep().ok());
  Trainer host = onHost();
  for (Trainer *trainer : {&first, &device, &host}) {
    if (trainer != &first) {
      Status loaded = trainer->load(directory);
      ASSERT_TRUE(loaded.ok()) << loaded.message();
    }
    auto report = trainer->train();
    ASSERT_TRUE(report.ok()) << report.message();
    EXPECT_EQ(report->test.averagePrecision, wanted->test.averagePrecision);
    EXPECT_EQ(observe(*trainer), wantedState);
  }
}

TEST_F(DeviceTrainingTest, CopiesNothingThatStaysThere) {
  auto device = std::make_shared<CountingDevice>();
  Trainer trainer = onDevice(device);
  ASSERT_TRUE(trainer.trainStep().ok());
  auto copiesOf = [&](auto action) {
    int64_t before = device->copies;
    action();
    return device->copies - before;
  };
  auto step = [&] { ASSERT_TRUE(trainer.trainStep().ok()); };
  // The program's own: ten tables there and the loss back.
  EXPECT_EQ(copiesOf(step), 11);
  // Reading brings the weights; they changed for the device, so they go back.
  EXPECT_EQ(copiesOf([&] { weightsOf(trainer); }), 1);
  EXPECT_EQ(copiesOf([&] { weightsOf(trainer); }), 0);
  EXPECT_EQ(copiesOf(step), 12);
  // Saving brings everything, and nothing goes back.
  EXPECT_EQ(copiesOf([&] {
              ASSERT_TRUE(trainer.save((folder / "run").string()).ok());
            }),
            5);
  EXPECT_EQ(copiesOf(step), 11);
  // What embeds changes nothing: ten copies, of which one is its result.
  EXPECT_EQ(copiesOf([&] { weightsOf(trainer); }), 1);
  std::vector<int32_t> node{3};
  std::vector<double> time{1e9};
  std::vector<float> row(3);
  auto embed = [&] { ASSERT_TRUE(trainer.embed(node, time, row).ok()); };
  EXPECT_EQ(copiesOf(embed), 7 + 1 + 1);
  EXPECT_EQ(copiesOf([&] { weightsOf(trainer); }), 0);
}

TEST_F(DeviceTrainingTest, ErrorsOfTheDeviceEndTheStep) {
  auto device = std::make_shared<CountingDevice>();
  Trainer trainer = onDevice(device);
  ASSERT_TRUE(trainer.trainStep().ok());
  device->launchesLeft = 2;
  expectError(trainer.train().status(), "the kernel has failed");
  // It can go on from a sound state alone.
  device->launchesLeft = -1;
  expectError(trainer.trainEpoch().status(), "an earlier error");
  Trainer another = onDevice(device);
  ASSERT_TRUE(another.trainEpoch().ok());
  device->launchesLeft = 0;
  std::vector<int32_t> node{3};
  std::vector<double> time{1e9};
  std::vector<float> row(3);
  expectError(another.embed(node, time, row), "the kernel has failed");
}

TEST_F(DeviceTrainingTest, SaysThatTheDevicesMemoryIsExhausted) {
  Trainer trainer = onDevice(std::make_shared<CountingDevice>(2048));
  expectError(trainer.trainStep().status(), "out of device memory");
  expectError(trainer.trainEpoch().status(), "an earlier error");
}

TEST_F(DeviceTrainingTest, LeavesNothingOnTheDevice) {
  auto device = std::make_shared<CountingDevice>();
  {
    Trainer trainer = onDevice(device);
    ASSERT_TRUE(trainer.trainStep().ok());
    EXPECT_GT(device->memory().usedBytes(), 0u);
  }
  EXPECT_EQ(device->memory().usedBytes(), 0u);
}

TEST_F(DeviceTrainingTest, NeedsTheDeviceOfTheProgram) {
  auto create = [&](StatusOr<std::shared_ptr<Device>> device) {
    return Trainer::create(makeStream(), makeFakeDeviceModel(std::move(device)),
                           options)
        .status();
  };
  expectError(create(Status::error("there is no GPU")), "there is no GPU");
  expectError(create(std::shared_ptr<Device>()),
              "is for the target simulator, but runs on host");
}

class FeatureArgumentsTest : public testing::Test {
protected:
  FeatureArgumentsTest() {
    stream.nodeCount = 3;
    stream.source = {0, 1};
    stream.destination = {1, 2};
    stream.setSeconds(std::vector<double>{1, 2});
    stream.edgeFeatures = {2, 2, {1, 2, 3, 4}};
  }

  std::vector<float> read(const float *block, size_t count) {
    std::vector<float> values(count);
    Status status =
        device.copyToHost(values.data(), block, count * sizeof(float));
    EXPECT_TRUE(status.ok()) << status.message();
    return values;
  }

  EventStream stream;
  CountingDevice device;
};

TEST_F(FeatureArgumentsTest, AreUploadedOnce) {
  FeatureArguments features(stream, &device);
  auto first = features.bind(BindingKind::EdgeFeatures, 2);
  auto second = features.bind(BindingKind::EdgeFeatures, 2);
  ASSERT_TRUE(first.ok() && second.ok()) << first.message();
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(device.copies, 1);
  EXPECT_EQ(read(*first, 4), (std::vector<float>{1, 2, 3, 4}));
  expectError(features.bind(BindingKind::EdgeFeatures, 3).status(),
              "edge features of 2 columns");
}

TEST_F(FeatureArgumentsTest, AreZeroWhereThereAreNone) {
  FeatureArguments features(stream, &device);
  auto nodes = features.bind(BindingKind::NodeFeatures, 5);
  ASSERT_TRUE(nodes.ok()) << nodes.message();
  EXPECT_EQ(read(*nodes, 15), std::vector<float>(15, 0));
  auto empty = features.bind(BindingKind::NodeFeatures, 0);
  ASSERT_TRUE(empty.ok()) << empty.message();
  EXPECT_NE(*empty, nullptr);
}

TEST_F(FeatureArgumentsTest, StayInPlaceOnTheHost) {
  FeatureArguments features(stream, nullptr);
  auto edges = features.bind(BindingKind::EdgeFeatures, 2);
  ASSERT_TRUE(edges.ok());
  EXPECT_EQ(*edges, stream.edgeFeatures.values.data());
}

} // namespace
