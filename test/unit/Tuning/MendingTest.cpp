//===- MendingTest.cpp - Programs that are good enough or not -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TuningSessionFixture.h"

#include <utility>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// Another register tile is the best where there are 4096 rows.
double oddTimeOf(const OperatorDescription &op, const Schedule &schedule) {
  if (op.extents()[0] != 4096)
    return FormulaRunner::timeOf(op, schedule);
  auto distance = [&](const char *name, double best) {
    return std::abs(static_cast<double>(*schedule.find(name)) - best);
  };
  return static_cast<double>(op.floatingPointOperations()) * 1e-4 *
         (1 + 0.1 * distance("tile_rows", 2) +
          0.2 * distance("panel_vectors", 6));
}

} // namespace

// Where an observer asks to stop for a moment only, what comes behind what was
// left out is told of as its own.
TEST_F(Session, MendsBehindWhatWasLeftOut) {
  runner.time = oddTimeOf;
  notes.isStopAsked = [this, hasAsked = false]() mutable {
    bool isPlanned = notes.notes.find("the plan:") != std::string::npos;
    return isPlanned && !std::exchange(hasAsked, isPlanned);
  };
  StatusOr<TuningReport> report = tune(buckets(), TuningStrategy::Reuse);
  notes.isStopAsked = [] { return false; };
  ASSERT_TRUE(report.ok()) << report.message();
  ASSERT_EQ(report->leftOut.size(), 1u);
  int64_t mended = 0;
  for (const TuningStep &step : report->steps) {
    mended += step.mendingTrials;
    EXPECT_LE(step.mendingTrials, step.trials);
    for (const OperatorResult &result : report->operators)
      if (result.name == step.name)
        // Or one more, where a probe was measured before.
        EXPECT_NEAR(static_cast<double>(step.trials),
                    static_cast<double>(result.program.trials), 1)
            << step.name;
  }
  EXPECT_GT(mended, 0);
}

// A program that was taken over and falls short is searched for.
TEST_F(Session, MendsWhatFallsShort) {
  runner.time = oddTimeOf;
  StatusOr<TuningReport> report = tune(buckets(), TuningStrategy::Reuse);
  ASSERT_TRUE(report.ok()) << report.message();
  ASSERT_EQ(report->operators[4].program.extents[0], 4096);
  double best =
      1e-4 * static_cast<double>(buckets()[4].floatingPointOperations());
  EXPECT_LE(report->operators[4].program.microseconds, 1.15 * best);
  int mended = 0;
  for (const TuningStep &step : report->steps) {
    mended += step.mendingTrials > 0;
    EXPECT_LE(step.mendingTrials, step.trials);
    EXPECT_TRUE(step.mendingTrials == 0 || !step.source.empty());
  }
  EXPECT_GE(mended, 1);
  EXPECT_LE(runner.measured, 64 * 3) << "half of what searches would take";
  int64_t before = runner.measured;
  ASSERT_TRUE(tune(buckets(), TuningStrategy::Reuse).ok());
  EXPECT_EQ(runner.measured, before) << "what is mended is finished";
}

// Where what is taken over is as good as can be, nothing else is tried.
TEST_F(Session, AcceptsWhatIsGoodEnough) {
  ASSERT_TRUE(tune(buckets(), TuningStrategy::Reuse).ok());
  StatusOr<TuningReport> report =
      tune({matmul(16384, 128, 128)}, TuningStrategy::Reuse);
  ASSERT_TRUE(report.ok()) << report.message();
  runner.measured = 0;
  std::vector<OperatorDescription> more = buckets();
  more.push_back(matmul(32768, 128, 128));
  report = tune(more, TuningStrategy::Reuse);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_EQ(runner.measured, 2);
}

TEST_F(Session, EndsASearchThatBringsNothing) {
  // All are as fast.
  runner.time = [](const OperatorDescription &op, const Schedule &) {
    return static_cast<double>(op.floatingPointOperations());
  };
  ASSERT_TRUE(tune({buckets()[0]}, TuningStrategy::Reuse).ok());
  EXPECT_EQ(runner.measured, 1 + 8 * patience) << "the first is a probe";
  database = std::move(*TuningDatabase::open(":memory:", context));
  runner.measured = 0;
  ASSERT_TRUE(tune({buckets()[0]}, TuningStrategy::Search).ok());
  EXPECT_EQ(runner.measured, 64) << "a search is one of all its candidates";
}

// Another kind's program is tried at first.
TEST_F(Session, BeginsWithProgramsOfRelatives) {
  ASSERT_TRUE(tune({buckets()[0]}, TuningStrategy::Search).ok());
  Schedule known = database.best(buckets()[0].kind(), buckets()[0].extents())
                       ->value()
                       .schedule;
  OperatorDescription other =
      matmul(256, 128, 128, MatrixLayout::Plain, "relu");
  std::vector<std::string> tried;
  runner.time = [&](const OperatorDescription &op, const Schedule &schedule) {
    tried.push_back(schedule.toString());
    return FormulaRunner::timeOf(op, schedule);
  };
  ASSERT_TRUE(tune({other}, TuningStrategy::Reuse).ok());
  ASSERT_GE(tried.size(), 3u);
  EXPECT_TRUE(tried[1] == known.toString() || tried[2] == known.toString());
}
