//===- TuningBudgetTest.cpp - Tuning in the time that there is ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TuningSessionFixture.h"

#include <set>

using namespace orcinus;
using namespace orcinus::test;

// The operator that is being searched keeps what was measured; those behind it
// are left out, and a later run goes on with both.
TEST_F(Session, StopsAtADeadline) {
  std::vector<TunableOperator> operators;
  for (const OperatorDescription &description : buckets())
    operators.push_back(*makeOperator(description));
  TuningOptions options;
  options.strategy = TuningStrategy::Search;
  options.trials.search = 32;
  constexpr int64_t enough = 40;
  runner.onMeasured = [&] {
    if (runner.measured == enough)
      options.deadline = std::chrono::steady_clock::now();
  };
  StatusOr<TuningReport> report =
      tuneOperators(operators, testTarget(), runner, database, options, notes);
  ASSERT_TRUE(report.ok()) << report.message();
  ASSERT_EQ(report->operators.size(), 2u);
  EXPECT_EQ(report->operators[0].program.trials, 32);
  EXPECT_LT(report->operators[1].program.trials, 32);
  EXPECT_EQ(runner.measured, 32 + report->operators[1].program.trials);
  ASSERT_EQ(report->leftOut.size(), 4u);
  EXPECT_EQ(report->leftOut[0].name, buckets()[2].name);
  EXPECT_EQ(report->leftOut[0].reason,
            "was not reached in the time that there was");

  options.deadline.reset();
  runner.onMeasured = [] {};
  report =
      tuneOperators(operators, testTarget(), runner, database, options, notes);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_EQ(report->operators.size(), 6u);
  EXPECT_EQ(report->operators[1].program.trials, 32);
  EXPECT_EQ(runner.measured, 6 * 32);
}

// The batch that is being measured ends behind the candidate; what was measured
// is there, and a later run goes on from it.
TEST_F(Session, StopsBehindACandidateWhenAsked) {
  std::vector<OperatorDescription> operators = {buckets()[0], buckets()[1]};
  trials.search = 24;
  for (TuningStrategy strategy :
       {TuningStrategy::Search, TuningStrategy::Reuse}) {
    for (int64_t enough : {1, 2, 5, 15}) {
      SCOPED_TRACE(enough);
      database = std::move(*TuningDatabase::open(":memory:", context));
      runner.measured = 0;
      notes.isStopAsked = [&] { return runner.measured >= enough; };
      StatusOr<TuningReport> report = tune(operators, strategy);
      ASSERT_TRUE(report.ok()) << report.message();
      EXPECT_EQ(runner.measured, enough);
      EXPECT_FALSE(report->leftOut.empty());
      notes.isStopAsked = [] { return false; };
      report = tune(operators, strategy);
      ASSERT_TRUE(report.ok()) << report.message();
      EXPECT_EQ(report->operators.size(), 2u);
      std::vector<std::string> rows = measuredRows(database, buckets()[0]);
      EXPECT_EQ(std::ssize(rows), runner.measured);
      std::set<std::string> distinct(rows.begin(), rows.end());
      EXPECT_EQ(distinct.size(), rows.size()) << "measured twice";
    }
  }
}

TEST_F(Session, ExpectsTimesOfWhatWasMeasured) {
  OperatorDescription op = buckets()[0];
  auto expected = [&] {
    return MeasuredCosts::create(database, {op}, TrialCounts())
        ->searchSeconds(op);
  };
  auto add = [&](TimeOrigin origin, double runSeconds) {
    TuningRecord record;
    record.kind = op.kind();
    record.extents = op.extents();
    record.measurement.origin = origin;
    record.measurement.runSeconds = runSeconds;
    EXPECT_TRUE(database.add(record).ok());
  };
  add(TimeOrigin::Modelled, 0);
  EXPECT_EQ(expected(), 0);
  add(TimeOrigin::Measured, 1);
  EXPECT_EQ(expected(), TrialCounts().search);
}

// In little time all operators get a few candidates, and what is left goes to
// those that may gain.
TEST_F(Session, PlansForTheTimeThatThereIs) {
  constexpr double seconds = 60;
  runner.compileSeconds = 1;
  deadline = std::chrono::steady_clock::now() +
             std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                 std::chrono::duration<double>(seconds));
  int64_t planned = 0;
  struct Counter : Notes {
    int64_t *planned;
    FormulaRunner *runner;
    void onOperator(const OperatorResult &, bool,
                    const TuningProgress &progress) override {
      if (progress.operatorsDone == progress.operators)
        *planned = runner->measured;
    }
  } counter;
  counter.planned = &planned;
  counter.runner = &runner;
  std::vector<TunableOperator> operators;
  for (const OperatorDescription &description : buckets())
    operators.push_back(*makeOperator(description));
  TuningOptions options;
  options.deadline = deadline;
  StatusOr<TuningReport> report = tuneOperators(operators, testTarget(), runner,
                                                database, options, counter);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_EQ(report->operators.size(), 6u);
  EXPECT_TRUE(report->leftOut.empty());
  EXPECT_GT(planned, 0);
  EXPECT_LE(static_cast<double>(planned), seconds);
  EXPECT_GT(runner.measured, planned) << "time is left";
}

TEST_F(Session, LeavesOutWhatTimeDoesNotSufficeFor) {
  runner.compileSeconds = 5;
  deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  std::vector<OperatorDescription> operators = {matmul(4096, 512, 512),
                                                batchMatmul(2, 16, 16, 16)};
  StatusOr<TuningReport> report = tune(operators, TuningStrategy::Reuse);
  ASSERT_TRUE(report.ok()) << report.message();
  ASSERT_EQ(report->operators.size(), 1u);
  EXPECT_EQ(report->operators[0].name, operators[0].name);
  ASSERT_EQ(report->leftOut.size(), 1u);
  EXPECT_EQ(report->leftOut[0].reason,
            "takes too little time for the time that there is");
}
