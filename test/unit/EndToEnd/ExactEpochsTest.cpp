//===- ExactEpochsTest.cpp - Runs that end without reuse ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/EndToEnd/TestModel.h"
#include "test/unit/Graph/TemporaryFolder.h"

#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Runtime/Trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace orcinus;
using namespace orcinus::test;

namespace {

using Values = std::vector<float>;

/// Keeps all parameters as each epoch leaves them.
class ParameterRecorder : public TrainingObserver {
public:
  explicit ParameterRecorder(Trainer &trainer) : trainer(trainer) {}

  void onEpoch(const EpochReport &report) override {
    Values values;
    for (const std::string &name : trainer.parameterNames())
      values.insert(values.end(), trainer.parameter(name).begin(),
                    trainer.parameter(name).end());
    parameters.push_back(std::move(values));
    reports.push_back(report);
  }

  std::vector<Values> parameters;
  std::vector<EpochReport> reports;

private:
  Trainer &trainer;
};

void setParameters(Trainer &trainer, const Values &values) {
  auto next = values.begin();
  for (const std::string &name : trainer.parameterNames())
    for (float &value : trainer.parameter(name))
      value = *next++;
}

class ExactEpochsTest : public testing::Test {
protected:
  ExactEpochsTest() : compile(smallModel("tgn", 2, *stream)) {
    compile.optimizer = "sgd";
    options.epochs = 1;
    options.batchSize = 40;
    options.learningRate = 0.05;
    options.threads = 1;
    options.seed = 5;
  }

  CompileOptions reusing(const char *mode, int exactEpochs) const {
    CompileOptions result = compile;
    result.reuse = mode;
    result.exactEpochs = exactEpochs;
    return result;
  }

  std::shared_ptr<const EventStream> stream = smallStream(3, 0, 21);
  CompileOptions compile;
  TrainOptions options;
};

/// An exact run's second epoch, from what the reusing one learnt in its first.
TEST_F(ExactEpochsTest, AreThoseOfAnExactRun) {
  for (const char *mode : {"push-pull", "recompute"}) {
    Trainer whole =
        makeTrainer(stream, compileForTest(reusing(mode, 1)), options);
    ParameterRecorder recorder(whole);
    auto report = whole.train({}, "", &recorder);
    ASSERT_TRUE(report.ok()) << report.message();
    ASSERT_EQ(recorder.parameters.size(), 2);
    EXPECT_GT(recorder.reports[0].reuse.reads, 0);
    EXPECT_EQ(recorder.reports[1].reuse.reads, 0);

    Trainer exact = makeTrainer(stream, compileForTest(compile), options);
    ASSERT_TRUE(exact.trainEpoch().ok());
    setParameters(exact, recorder.parameters[0]);
    ParameterRecorder wanted(exact);
    auto epoch = exact.trainEpoch();
    ASSERT_TRUE(epoch.ok()) << epoch.message();
    wanted.onEpoch(*epoch);
    EXPECT_NEAR(recorder.reports[1].trainLoss, epoch->trainLoss, 1e-6);
    EXPECT_EQ(recorder.reports[1].rows, epoch->rows);
    EXPECT_NE(recorder.reports[0].rows, epoch->rows);
    for (size_t at = 0; at != wanted.parameters[0].size(); ++at)
      EXPECT_NEAR(recorder.parameters[1][at], wanted.parameters[0][at], 1e-6);
  }
}

/// Adam's first step moves a parameter by its rate, whatever the gradient is.
TEST_F(ExactEpochsTest, BeginWithANewOptimizer) {
  compile.optimizer = "adam";
  options.epochs = 3;
  options.batchSize = 1 << 20;
  options.learningRate = 1e-3;
  Trainer trainer =
      makeTrainer(stream, compileForTest(reusing("push-pull", 1)), options);
  ParameterRecorder recorder(trainer);
  ASSERT_TRUE(trainer.train({}, "", &recorder).ok());
  ASSERT_EQ(recorder.parameters.size(), 4);
  size_t best = 0;
  for (size_t epoch = 0; epoch != 3; ++epoch)
    if (recorder.reports[epoch].best)
      best = epoch;
  size_t wholeSteps = 0;
  for (size_t at = 0; at != recorder.parameters[0].size(); ++at) {
    float moved =
        std::abs(recorder.parameters[3][at] - recorder.parameters[best][at]);
    EXPECT_LT(moved, 1.01e-3);
    wholeSteps += moved > 0.99e-3;
  }
  // The others have no gradient, or one as small as Adam's epsilon.
  EXPECT_GT(wholeSteps, recorder.parameters[0].size() / 2);
}

/// Patience and the number of epochs are those of each part.
TEST_F(ExactEpochsTest, ComeAfterAllOthers) {
  TemporaryFolder folder;
  options.epochs = 4;
  options.patience = 1;
  options.learningRate = 0;
  CheckpointOptions checkpoints;
  checkpoints.directory = folder.path("run");
  auto epochsOf = [&](int exactEpochs) {
    Trainer trainer = makeTrainer(
        stream, compileForTest(reusing("recompute", exactEpochs)), options);
    ParameterRecorder recorder(trainer);
    auto report = trainer.train(checkpoints, "", &recorder);
    EXPECT_TRUE(report.ok()) << report.message();
    std::vector<int> epochs;
    for (const EpochReport &each : recorder.reports)
      epochs.push_back(each.epoch * (each.reuse.reads ? 1 : -1));
    return epochs;
  };
  // Nothing gets better without a learning rate.
  EXPECT_EQ(epochsOf(0), (std::vector<int>{1, 2}));
  checkpoints.resume = true;
  EXPECT_EQ(epochsOf(3), (std::vector<int>{-3}));
  EXPECT_EQ(epochsOf(3), std::vector<int>{});

  Trainer other =
      makeTrainer(stream, compileForTest(reusing("recompute", 0)), options);
  EXPECT_EQ(other.load(folder.path("run")).message(),
            "the run is in its exact epochs, for which the model was not "
            "compiled: ask for one or more");
  EXPECT_TRUE(other.trainEpoch().ok());
}

} // namespace
