//===- ShardCollectivesTest.cpp - Sums over shards while steps run --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/ShardCollectives.h"
#include "ShardRuns.h"
#include "TestModel.h"
#include "test/unit/Communicator/FakeNccl.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <dlfcn.h>
#include <random>

using namespace orcinus;
using namespace orcinus::test;

namespace {

constexpr int shardCount = 8;

/// Of every shard, its share of the batch, its loss and its gradients, by
/// array. A shard without events has nothing.
struct Shard {
  float share = 0, loss = 0;
  std::vector<std::vector<float>> gradients;
};

/// Where gradients are added, and by whom they are sent.
struct Place {
  const char *name;
  bool onDevice = false;
  const char *library = "";
  bool sendsBeside = true;
};

void PrintTo(const Place &place, std::ostream *stream) {
  *stream << place.name;
}

class ShardCollectivesTest : public ShardRuns,
                             public testing::WithParamInterface<Place> {
protected:
  ShardCollectivesTest() {
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    for (int number = 0; number != shardCount; ++number) {
      Shard &shard = shards.emplace_back();
      shard.share = number == 5 ? 0 : 1.0f / static_cast<float>(number + 3);
      shard.loss = normal(random);
      for (size_t size : {1, 16, 37, 400, 3}) {
        std::vector<float> &values = shard.gradients.emplace_back(size);
        for (float &value : values)
          value = normal(random);
      }
    }
  }

  /// What the sums are to be: of each array, then of the losses.
  std::vector<std::vector<float>> expected() const {
    std::vector<std::vector<float>> result;
    for (size_t array = 0; array <= shards[0].gradients.size(); ++array) {
      std::vector<std::vector<float>> parts;
      for (const Shard &shard : shards) {
        bool isLoss = array == shard.gradients.size();
        parts.push_back(isLoss ? std::vector{shard.loss}
                               : shard.gradients[array]);
        for (float &value : parts.back())
          value = shard.share == 0 ? 0 : shard.share * value;
      }
      for (; parts.size() > 1; parts.resize(parts.size() / 2))
        for (size_t pair = 0; pair != parts.size() / 2; ++pair) {
          std::vector<float> sum = parts[2 * pair];
          for (size_t index = 0; index != sum.size(); ++index)
            sum[index] += parts[2 * pair + 1][index];
          parts[pair] = sum;
        }
      result.push_back(parts.front());
    }
    return result;
  }

  void runProcess(int rank, int size, std::shared_ptr<Communicator> own);

  std::vector<Shard> shards;
  /// Of simulated devices; null for the host.
  std::shared_ptr<const CompiledModel> model;
};

/// Two batches of one process, by shards whose steps begin one sum themselves,
/// another one late or not at all.
void ShardCollectivesTest::runProcess(int rank, int size,
                                      std::shared_ptr<Communicator> own) {
  std::shared_ptr<Device> opened;
  if (GetParam().onDevice)
    opened = *model->device();
  Device *device = opened.get();
  std::vector<FloatArray> arrays;
  for (const std::vector<float> &values : shards[0].gradients)
    arrays.emplace_back(
        "gradient", std::vector<int64_t>{static_cast<int64_t>(values.size())},
        device);
  ShardLayout layout(shardCount, own.get());
  ShardCollectives collectives(
      {{&arrays[3], &arrays[0]}, {&arrays[1]}, {&arrays[4], &arrays[2]}},
      layout, size > 1 ? own : nullptr);
  std::shared_ptr<Communicator> background;
  if (size > 1 && GetParam().sendsBeside) {
    auto other = own->duplicate(Communicator::Waiting::Patient);
    ASSERT_TRUE(other.ok()) << other.message();
    background = *other;
  }
  if (device) {
    std::shared_ptr<DeviceCommunicator> others;
    if (size > 1) {
      auto connected = connectDevices(*device, background ? *background : *own,
                                      GetParam().library);
      ASSERT_TRUE(connected.ok()) << connected.message();
      others = std::move(*connected);
    }
    auto memory = deviceSums(*model, *device, std::move(others), rank, size);
    ASSERT_TRUE(memory.ok()) << memory.message();
    collectives.addOnDevice(std::move(*memory));
  }
  if (background) {
    ASSERT_TRUE(collectives.sendBeside(background).ok());
  }
  for (int batch = 0; batch != 2; ++batch) {
    std::vector<double> counts{0, 1, double(rank)};
    collectives.begin(/*isAsked=*/true, counts);
    for (int64_t number = layout.first; number != layout.first + layout.own;
         ++number) {
      const Shard &shard = shards[number];
      counts[0] += 1;
      if (shard.share == 0) {
        collectives.skipShard();
        continue;
      }
      for (size_t array = 0; array != arrays.size(); ++array)
        std::ranges::copy(shard.gradients[array],
                          arrays[array].replacedValues().begin());
      collectives.beginShard(shard.share);
      CollectivesScope scope(&collectives);
      if (number % 2)
        orcinus_rt_start_all_reduce(1);
      orcinus_rt_start_all_reduce(0);
      orcinus_rt_start_all_reduce(0);
      // There is no such sum.
      orcinus_rt_start_all_reduce(-1);
      orcinus_rt_start_all_reduce(17);
      collectives.endShard(shard.loss);
    }
    CollectivesScope scope(&collectives);
    orcinus_rt_await_all_reduce(1);
    ASSERT_TRUE(collectives.finish().ok()) << collectives.error().message();
    std::vector<std::vector<float>> sums = expected();
    for (size_t array = 0; array != arrays.size(); ++array) {
      std::span<const float> values = std::as_const(arrays[array]).values();
      EXPECT_EQ(std::vector(values.begin(), values.end()), sums[array])
          << "array " << array << " of process " << rank << " of " << size;
    }
    EXPECT_EQ(collectives.loss(), sums.back().front());
    EXPECT_EQ(counts, (std::vector<double>{shardCount, double(size),
                                           double(size * (size - 1) / 2)}));
  }
  // A batch of which nothing is asked has counts alone.
  std::vector<double> counts{1};
  collectives.begin(/*isAsked=*/false, counts);
  for (int64_t number = 0; number != layout.own; ++number)
    collectives.skipShard();
  EXPECT_TRUE(collectives.finish().ok());
  EXPECT_EQ(counts[0], size);
  if (background) {
    ASSERT_TRUE(own->meet().ok());
  }
}

TEST_P(ShardCollectivesTest, AddsInTheTreeOverShards) {
  if (GetParam().onDevice) {
    stream = smallStream(0, 0, 3);
    CompileOptions options = smallModel("tgn", 1, *stream);
    options.sharded = true;
    options.target = "simulator";
    model = compileForTest(options);
    ASSERT_TRUE(model);
  }
  for (int size : {1, 2, 4, 8})
    forAllProcesses(size, [&](int rank, auto own) {
      runProcess(rank, size, std::move(own));
    });
}

INSTANTIATE_TEST_SUITE_P(
    Places, ShardCollectivesTest,
    testing::Values(Place{"Host"},
                    Place{"HostWhileStepsWait", false, "", false},
                    Place{"Device", true},
                    Place{"DeviceWhileStepsWait", true, "", false},
                    Place{"DeviceByNccl", true, ORCINUS_FAKE_NCCL}),
    [](const auto &tested) { return tested.param.name; });

/// What steps wait for does not come: they are left, and the error is kept.
TEST_F(ShardRuns, CollectivesSayThatAProcessIsGone) {
  forAllProcesses(2, [&](int rank, std::shared_ptr<Communicator> own) {
    FloatArray array("gradient", {4}, nullptr);
    ShardCollectives collectives({{&array}}, ShardLayout(2, own.get()), own);
    auto other = own->duplicate();
    ASSERT_TRUE(other.ok());
    ASSERT_TRUE(collectives.sendBeside(std::move(*other)).ok());
    if (rank == 1)
      return own->leave();
    std::vector<double> counts{1};
    collectives.begin(/*isAsked=*/true, counts);
    collectives.beginShard(1);
    collectives.endShard(1);
    EXPECT_FALSE(collectives.awaitAllReduce(0));
    EXPECT_EQ(collectives.error().code(), StatusCode::Unavailable);
    EXPECT_EQ(collectives.finish().code(), StatusCode::Unavailable);
    EXPECT_FALSE(collectives.startAllReduce(0));
    collectives.restart();
    EXPECT_TRUE(collectives.error().ok());
  });
}

/// Sets the variable that names a library, which is what it was afterwards.
class NcclLibrary {
public:
  explicit NcclLibrary(const char *library) {
    if (const char *value = std::getenv("ORCINUS_NCCL"))
      before = value;
    setenv("ORCINUS_NCCL", library, 1);
  }
  ~NcclLibrary() {
    if (before)
      setenv("ORCINUS_NCCL", before->c_str(), 1);
    else
      unsetenv("ORCINUS_NCCL");
  }
  NcclLibrary(const NcclLibrary &) = delete;
  NcclLibrary &operator=(const NcclLibrary &) = delete;

private:
  std::optional<std::string> before;
};

fake::NcclControl &ncclControl() {
  auto *find = reinterpret_cast<decltype(&fakeNcclControl)>(
      dlsym(dlopen(ORCINUS_FAKE_NCCL, RTLD_NOW), "fakeNcclControl"));
  return *find();
}

/// Notes of a run.
struct Notes : TrainingObserver {
  void onNote(const std::string &note) override { all.push_back(note); }
  std::vector<std::string> all;
};

class SimulatedShardTest : public ShardRuns,
                           public testing::WithParamInterface<const char *> {
protected:
  SimulatedShardTest() { stream = generatedStream(60, 400); }

  std::shared_ptr<const CompiledModel> compile() const {
    CompileOptions options = smallModel("tgn", 2, *stream, 0.2f);
    options.sharded = true;
    options.target = "simulator";
    options.reuse = GetParam();
    if (options.reuse != "none") {
      options.policy = "lru";
      options.capacity = 20;
    }
    return compileForTest(options);
  }
};

/// The gradients of devices are added there, or on the hosts where no library
/// connects them, with the same bits.
TEST_P(SimulatedShardTest, AnyNumberOfProcessesGivesTheSameBits) {
  auto model = compile();
  ASSERT_TRUE(model);
  Outcome alone = train(model, 4, 1)[0];
  ASSERT_TRUE(alone.status.ok()) << alone.status.message();
  for (const char *library : {"", "/nowhere/libnccl.so", ORCINUS_FAKE_NCCL}) {
    NcclLibrary named(library);
    fake::NcclControl &nccl = ncclControl();
    nccl.messages = 0;
    for (int processes : {2, 4})
      for (const Outcome &outcome : train(model, 4, processes))
        EXPECT_TRUE(outcome == alone) << processes << " processes, '" << library
                                      << "': " << outcome.status.message();
    EXPECT_EQ(nccl.messages > 0, library == std::string(ORCINUS_FAKE_NCCL));
    EXPECT_EQ(nccl.liveMembers, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Reuse, SimulatedShardTest,
                         testing::Values("none", "recompute"),
                         [](const auto &tested) {
                           return std::string(tested.param);
                         });

/// A run says once that its gradients go through the host, and why.
TEST_F(ShardRuns, GradientsThroughTheHostAreSaid) {
  stream = generatedStream(60, 300);
  CompileOptions compiled = smallModel("tgn", 1, *stream);
  compiled.sharded = true;
  compiled.target = "simulator";
  auto model = compileForTest(compiled);
  ASSERT_TRUE(model);
  NcclLibrary named("/nowhere/libnccl.so");
  forAllProcesses(2, [&](int, std::shared_ptr<Communicator> own) {
    TrainOptions chosen = options(2);
    chosen.epochs = 1;
    auto trainer = Trainer::create(stream, model, chosen, nullptr, own);
    ASSERT_TRUE(trainer.ok()) << trainer.message();
    Notes notes;
    ASSERT_TRUE(trainer->train({}, "", &notes).ok());
    ASSERT_EQ(std::ranges::count_if(notes.all,
                                    [](const std::string &note) {
                                      return note.find("/nowhere/libnccl.so") !=
                                             std::string::npos;
                                    }),
              1);
  });
}

} // namespace
