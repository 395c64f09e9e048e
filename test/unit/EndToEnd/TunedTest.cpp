//===- TunedTest.cpp - Training with a tuning database --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"

#include "orcinus/Support/Processors.h"
#include "orcinus/Tuning/Database.h"
#include "orcinus/Tuning/ScheduleSpace.h"
#include "passes/Lowering/HostDescription.h"
#include "runtime/Jit/StepOperators.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <random>
#include <unistd.h>

using namespace orcinus;
using namespace orcinus::test;

namespace {

class Tuned : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() /
             ("orcinus-tuned-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    stream = smallStream(/*edgeColumns=*/4, /*nodeColumns=*/0, /*seed=*/3);
    options = smallModel(GetParam(), /*layers=*/1, *stream);
    options.cacheDirectory = folder / "cache";
    target = describeHost(usableProcessors());
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  TuningDatabase open() const {
    StatusOr<TuningDatabase> database =
        TuningDatabase::open(folder / "tuning.db", tuningContext(target));
    EXPECT_TRUE(database.ok()) << database.message();
    return std::move(*database);
  }

  std::vector<TunableOperator> operators() const {
    auto list = stepOperators(options, /*fewestMultiplications=*/1);
    EXPECT_TRUE(list.ok()) << list.message();
    return std::move(*list);
  }

  /// Any legal schedule of `description`.
  Schedule randomSchedule(const OperatorDescription &description,
                          std::mt19937 &random) const {
    auto space = createScheduleSpace(description, target);
    EXPECT_TRUE(space.ok()) << space.message();
    for (int attempt = 0; attempt < 100; ++attempt) {
      Schedule schedule;
      for (const ScheduleParameter &parameter : (*space)->parameters())
        schedule.set(parameter.name,
                     parameter.choices[random() % parameter.choices.size()]);
      if ((*space)->legal(schedule).ok())
        return schedule;
    }
    return (*space)->defaultSchedule();
  }

  static TunedProgram program(const OperatorDescription &description,
                              Schedule schedule, double microseconds) {
    TunedProgram result;
    result.kind = description.kind();
    result.extents = description.extents();
    result.schedule = std::move(schedule);
    result.source = ProgramSource::Search;
    result.microseconds = microseconds;
    result.baselineMicroseconds = 1;
    return result;
  }

  std::shared_ptr<const CompiledModel> compile() const {
    auto model = compileModel(options);
    EXPECT_TRUE(model.ok()) << model.message();
    return model.ok() ? *model : nullptr;
  }

  /// The losses of some steps of `model`.
  std::vector<float> losses(std::shared_ptr<const CompiledModel> model) const {
    TrainOptions train;
    train.batchSize = 40;
    Trainer trainer = makeTrainer(stream, std::move(model), train);
    std::vector<float> list;
    for (int step = 0; step < 6; ++step) {
      StatusOr<StepReport> report = trainer.trainStep();
      EXPECT_TRUE(report.ok()) << report.message();
      list.push_back(report->loss);
    }
    return list;
  }

  std::filesystem::path folder;
  std::shared_ptr<const EventStream> stream;
  CompileOptions options;
  TargetDescription target;
};

void expectNear(const std::vector<float> &found,
                const std::vector<float> &wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (size_t at = 0; at < found.size(); ++at)
    EXPECT_NEAR(found[at], wanted[at], 1e-3) << "step " << at;
}

} // namespace

// Whatever the schedules, and without any, the losses are the same up to
// rounding.
TEST_P(Tuned, ComputesTheSame) {
  std::vector<float> wanted = losses(compile());
  {
    TuningDatabase database = open();
    std::mt19937 random(5);
    for (const TunableOperator &op : operators())
      ASSERT_TRUE(
          database
              .finish(program(op.description,
                              randomSchedule(op.description, random), 1))
              .ok());
  }
  options.tuningDatabase = folder / "tuning.db";
  expectNear(losses(compile()), wanted);
  options.tuningDatabase.clear();
  options.plainLoops = true;
  expectNear(losses(compile()), wanted);
}

// A run is told what a database gave it, and what it has where that is nothing.
TEST_P(Tuned, SaysWhatTheDatabaseGives) {
  EXPECT_EQ(compile()->tuningUse().operators, 0);
  options.tuningDatabase = folder / "tuning.db";
  {
    TuningDatabase database = open();
    TuningUse use = compile()->tuningUse();
    EXPECT_EQ(use.operators, 0);
    EXPECT_EQ(use.programs, 0);
    EXPECT_TRUE(use.others.empty());
    OperatorDescription foreign = operators().front().description;
    foreign.body = "another computation";
    ASSERT_TRUE(database.finish(program(foreign, Schedule(), 1)).ok());
  }
  TuningUse unused = compile()->tuningUse();
  EXPECT_EQ(unused.operators, 0);
  EXPECT_EQ(unused.programs, 1);
  {
    TuningDatabase database = open();
    std::mt19937 random(5);
    for (const TunableOperator &op : operators())
      ASSERT_TRUE(
          database
              .finish(program(op.description,
                              randomSchedule(op.description, random), 1))
              .ok());
  }
  // From the compiler, and from the cache.
  for (bool cached : {false, true}) {
    auto model = compile();
    EXPECT_EQ(model->cacheHit(), cached);
    EXPECT_GT(model->tuningUse().operators, 0);
    EXPECT_GT(model->tuningUse().programs, 1);
  }
  // The programs are those for the threads of the run, not of the machine.
  options.threads = usableProcessors() + 1;
  TuningUse others = compile()->tuningUse();
  EXPECT_EQ(others.operators, 0);
  EXPECT_EQ(others.programs, 0);
  ASSERT_EQ(others.others.size(), 1u);
  auto threads = [](int count) {
    return "threads " + std::to_string(count) + " ";
  };
  EXPECT_NE(others.wanted.find(threads(options.threads)), std::string::npos);
  EXPECT_NE(others.others.front().find(threads(usableProcessors())),
            std::string::npos);
}

// A run goes on with the programs that it began with, or says that it cannot.
TEST_P(Tuned, ARunIsResumedWithTheSameProgramsAlone) {
  auto tune = [&](int seed) {
    TuningDatabase database = open();
    std::mt19937 random(seed);
    for (const TunableOperator &op : operators())
      ASSERT_TRUE(database
                      .finish(program(op.description,
                                      randomSchedule(op.description, random),
                                      1.0 / (1 + seed)))
                      .ok());
  };
  tune(1);
  options.tuningDatabase = folder / "tuning.db";
  TrainOptions train;
  train.batchSize = 40;
  auto makeRun = [&] { return makeTrainer(stream, compile(), train); };
  ASSERT_TRUE(makeRun().save(folder / "run").ok());
  auto stored = readCheckpoint(folder / "run");
  ASSERT_TRUE(stored.ok()) << stored.message();
  EXPECT_EQ(stored->compile.tuningDatabase, options.tuningDatabase);
  EXPECT_EQ(forgetMissingDatabase(stored->compile), "");
  EXPECT_EQ(stored->compile.tuningDatabase, options.tuningDatabase);
  stored->compile.tuningDatabase = folder / "gone.db";
  EXPECT_NE(forgetMissingDatabase(stored->compile).find("gone.db' is gone"),
            std::string::npos);
  EXPECT_EQ(stored->compile.tuningDatabase, "");
  EXPECT_TRUE(makeRun().load(folder / "run").ok());
  tune(2);
  EXPECT_NE(makeRun().load(folder / "run").message().find("tuned programs"),
            std::string::npos);
  options.tuningDatabase.clear();
  EXPECT_NE(makeRun().load(folder / "run").message().find("tuned programs"),
            std::string::npos);
}

// A cached program is another one's where schedules differ, and only there.
TEST_P(Tuned, IsCachedByItsSchedules) {
  OperatorDescription description = operators().front().description;
  auto space = createScheduleSpace(description, target);
  ASSERT_TRUE(space.ok()) << space.message();
  Schedule schedule = (*space)->defaultSchedule();
  EXPECT_FALSE(compile()->cacheHit());
  ASSERT_TRUE(open().finish(program(description, schedule, 10)).ok());
  options.tuningDatabase = folder / "tuning.db";
  EXPECT_FALSE(compile()->cacheHit());
  EXPECT_TRUE(compile()->cacheHit());

  // The same schedule, measured anew.
  ASSERT_TRUE(open().finish(program(description, schedule, 9)).ok());
  EXPECT_TRUE(compile()->cacheHit());

  std::mt19937 random(7);
  Schedule other = schedule;
  while (other == schedule)
    other = randomSchedule(description, random);
  ASSERT_TRUE(open().finish(program(description, other, 8)).ok());
  EXPECT_FALSE(compile()->cacheHit());
}

// A dropout rate is part of the key to its last bit.
TEST_P(Tuned, IsCachedByTheWholeDropoutRate) {
  options.dropout = 0.1f;
  EXPECT_FALSE(compile()->cacheHit());
  EXPECT_TRUE(compile()->cacheHit());
  options.dropout = std::nextafter(0.1f, 1.0f);
  EXPECT_FALSE(compile()->cacheHit());
}

// Programs of another machine are not used.
TEST_P(Tuned, KnowsItsMachine) {
  OperatorDescription description = operators().front().description;
  options.tuningDatabase = folder / "tuning.db";
  open();
  EXPECT_FALSE(compile()->cacheHit());
  TuningContext elsewhere = tuningContext(target);
  elsewhere.target += " elsewhere";
  auto database = TuningDatabase::open(options.tuningDatabase, elsewhere);
  ASSERT_TRUE(database.ok()) << database.message();
  Schedule nonsense;
  nonsense.set("nonsense", 1);
  ASSERT_TRUE(database->finish(program(description, nonsense, 1)).ok());
  EXPECT_TRUE(compile()->cacheHit());
}

TEST_P(Tuned, NeedsItsDatabase) {
  options.tuningDatabase = folder / "missing.db";
  auto model = compileModel(options);
  ASSERT_FALSE(model.ok());
  EXPECT_NE(model.message().find("missing.db"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Models, Tuned, testing::Values("tgn", "tgat"),
                         [](const auto &info) {
                           return std::string(info.param);
                         });
