//===- CompiledCallTest.cpp - Compiled code without memory ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Memory/CompiledCall.h"

#include "FakeModel.h"
#include "orcinus/Graph/Generator.h"
#include "orcinus/Runtime/Trainer.h"
#include "runtime/Abi/Abi.h"
#include "runtime/Memory/Arena.h"

#include <gtest/gtest.h>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// More than any machine has, so that a heap is not even asked.
constexpr int64_t tooMuch = int64_t(1) << 50;

void takeAndGiveBack(void *count) {
  orcinus_rt_free(orcinus_rt_allocate(1000));
  ++*static_cast<int *>(count);
}

void takeTooMuch(void *count) {
  (void)orcinus_rt_allocate(1000);
  (void)orcinus_rt_allocate(tooMuch);
  ++*static_cast<int *>(count);
}

/// What a call inside of a call leaves is the inner one.
void callTwice(void *count) {
  if (!callCompiled(takeTooMuch, count))
    *static_cast<int *>(count) += 10;
  (void)orcinus_rt_allocate(tooMuch);
}

TEST(CompiledCallTest, ACallThatFindsNoMemoryIsLeft) {
  Arena arena;
  ArenaScope scope(arena);
  int count = 0;
  EXPECT_TRUE(callCompiled(takeAndGiveBack, &count));
  EXPECT_GT(arena.reservedBytes(), 0u);
  EXPECT_FALSE(callCompiled(takeTooMuch, &count));
  EXPECT_EQ(count, 1);
  EXPECT_EQ(arena.reservedBytes(), 0u);
  EXPECT_TRUE(callCompiled(takeAndGiveBack, &count));
  EXPECT_EQ(count, 2);
  EXPECT_FALSE(callCompiled(callTwice, &count));
  EXPECT_EQ(count, 12);
}

TEST(CompiledCallTest, OutsideOfACallTheProcessEndsWithOneLine) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT((void)orcinus_rt_allocate(tooMuch), testing::ExitedWithCode(1),
              "^orcinus: error: out of memory: compiled code needs "
              "1125899906842624 bytes more [^\n]*\n$");
}

/// Other threads of a region would go on with what this one leaves.
TEST(CompiledCallTest, InAParallelRegionTheProcessEnds) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  int count = 0;
  EXPECT_EXIT(
      {
        setParallelLevel([] { return 1; });
        (void)callCompiled(takeTooMuch, &count);
      },
      testing::ExitedWithCode(1), "out of memory");
}

/// The model compiled by hand, whose training asks for too much.
class GreedyModel : public CompiledModel {
public:
  GreedyModel(const char *greedy, void *function)
      : greedy(greedy), function(function) {}
  const std::string &manifest() const override { return model->manifest(); }
  void *lookup(std::string_view symbol) const override {
    return symbol == greedy ? function : model->lookup(symbol);
  }
  const std::string &modelText() const override { return model->modelText(); }
  const CompileOptions &options() const override { return model->options(); }
  std::string_view objectCode() const override { return model->objectCode(); }
  void useThreads(int threads) const override { model->useThreads(threads); }
  double compileSeconds() const override { return 0; }
  bool cacheHit() const override { return false; }

private:
  std::string_view greedy;
  void *function;
  std::shared_ptr<const CompiledModel> model = makeFakeModel();
};

/// The error of a first step whose function `greedy` is `function`.
std::string firstStepsError(const char *greedy, void *function) {
  GeneratorOptions generator;
  generator.nodes = 200;
  generator.events = 6000;
  auto stream = generateEventStream(generator);
  EXPECT_TRUE(stream.ok()) << stream.message();
  auto trainer = Trainer::create(
      std::make_shared<EventStream>(std::move(*stream)),
      std::make_shared<GreedyModel>(greedy, function), TrainOptions());
  EXPECT_TRUE(trainer.ok()) << trainer.message();
  auto step = trainer->trainStep();
  EXPECT_EQ(step.code(), StatusCode::OutOfMemory);
  return step.message();
}

void greedyStep(void **) { (void)orcinus_rt_allocate(tooMuch); }

TEST(CompiledCallTest, ATrainingStepWithoutMemoryIsAnError) {
  EXPECT_EQ(
      firstStepsError("train_step", reinterpret_cast<void *>(&greedyStep)),
      "out of memory in a step of the model: take smaller batches");
}

void greedyPrepare(void *) { leaveCompiledCall(0); }

TEST(CompiledCallTest, IndexWorkWithoutMemoryIsAnError) {
  EXPECT_EQ(firstStepsError("train_prepare",
                            reinterpret_cast<void *>(&greedyPrepare)),
            "out of memory while preparing a batch");
}

} // namespace
