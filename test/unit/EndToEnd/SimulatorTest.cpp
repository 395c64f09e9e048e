//===- SimulatorTest.cpp - Training by simulated GPU kernels --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"

#include "orcinus/Runtime/Device.h"

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>

using namespace orcinus;
using namespace orcinus::test;

namespace {

struct Instance {
  const char *model;
  const char *reuse;
};

void PrintTo(const Instance &instance, std::ostream *stream) {
  *stream << instance.model << ", " << instance.reuse;
}

TrainOptions simulatedRun() {
  TrainOptions options;
  options.epochs = 2;
  // Adam makes a full step of a gradient that is nothing but rounding: with
  // larger ones, runs that differ by that alone soon part.
  options.learningRate = 1e-4;
  options.threads = 1;
  options.batchSize = 30;
  options.seed = 5;
  return options;
}

class SimulatorRunTest : public testing::TestWithParam<Instance> {
protected:
  CompileOptions options(const EventStream &stream) const {
    // Widths beside the multiples of a subgroup, and dropout, whose masks must
    // be the host's.
    CompileOptions options = smallModel(GetParam().model, 2, stream, 0.3f);
    options.dimension = 20;
    options.reuse = GetParam().reuse;
    if (options.reuse == "recompute")
      options.capacity = 40;
    return options;
  }
};

// Every kernel of the step, with all checks on and the threads of each block in
// an order of no meaning: an error of the step is a report of the checks.
TEST_P(SimulatorRunTest, LossesAreTheHosts) {
  auto stream = smallStream(3, 2, 31);
  CompileOptions compile = options(*stream);
  auto host = compileForTest(compile);
  compile.target = "simulator";
  compile.checkKernels = true;
  compile.threadOrder = 17;
  auto simulated = compileForTest(compile);
  ASSERT_TRUE(host && simulated);
  Trainer expected = makeTrainer(stream, host, simulatedRun());
  Trainer actual = makeTrainer(stream, simulated, simulatedRun());
  double firstLoss = 0, lastLoss = 0;
  for (int step = 0; step < 20; ++step) {
    auto left = expected.trainStep(), right = actual.trainStep();
    ASSERT_TRUE(left.ok()) << left.message();
    ASSERT_TRUE(right.ok()) << right.message();
    EXPECT_NEAR(right->loss, left->loss, 1e-4 * std::abs(left->loss))
        << "step " << step;
    firstLoss = step == 0 ? left->loss : firstLoss;
    lastLoss = left->loss;
  }
  // Steps that change nothing would agree as well.
  EXPECT_NE(firstLoss, lastLoss);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, SimulatorRunTest,
    testing::Values(Instance{"tgn", "none"}, Instance{"tgn", "push-pull"},
                    Instance{"tgn", "recompute"}, Instance{"tgat", "none"},
                    Instance{"tgat", "push-pull"},
                    Instance{"tgat", "recompute"}, Instance{"apan", "none"},
                    Instance{"dyrep", "none"}));

TEST(SimulatorEvaluationTest, ScoresAreTheHosts) {
  auto stream = smallStream(3, 2, 32);
  CompileOptions compile = smallModel("tgn", 2, *stream);
  auto host = compileForTest(compile);
  compile.target = "simulator";
  auto simulated = compileForTest(compile);
  ASSERT_TRUE(host && simulated);
  Trainer expected = makeTrainer(stream, host, simulatedRun());
  Trainer actual = makeTrainer(stream, simulated, simulatedRun());
  auto left = expected.trainEpoch(), right = actual.trainEpoch();
  ASSERT_TRUE(left.ok() && right.ok());
  EXPECT_NEAR(right->validation.averagePrecision,
              left->validation.averagePrecision, 1e-3);
  std::vector<float> hosts = allParameters(expected);
  std::vector<float> device = allParameters(actual);
  ASSERT_EQ(device.size(), hosts.size());
  for (size_t at = 0; at != device.size(); ++at)
    ASSERT_NEAR(device[at], hosts[at], 2e-3) << "parameter value " << at;
}

TEST(DeviceTargetTest, SaysWhichDeviceIsMissing) {
  auto stream = smallStream(0, 0, 33);
  CompileOptions compile = smallModel("tgn", 2, *stream);
  for (const DeviceInformation &device : listDevices()) {
    if (device.usable.ok() || device.kind == DeviceKind::Simulator)
      continue;
    compile.target = std::string(deviceKindName(device.kind));
    auto model = compileModel(compile);
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.message(), device.usable.message());
  }
}

} // namespace
