//===- TuningSessionTest.cpp - Tuning a set of operators ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TuningSessionFixture.h"

using namespace orcinus;
using namespace orcinus::test;

TEST_F(Session, SearchComesNearTheBestSchedule) {
  StatusOr<TuningReport> report = tune(buckets(), TuningStrategy::Search);
  ASSERT_TRUE(report.ok()) << report.message();
  ASSERT_EQ(report->operators.size(), 6u);
  for (size_t at = 0; at < report->operators.size(); ++at) {
    const TunedProgram &program = report->operators[at].program;
    EXPECT_EQ(program.trials, 64);
    EXPECT_EQ(program.source, ProgramSource::Search);
  }
  EXPECT_LE(slowdown(*report), 1.1);
  EXPECT_EQ(runner.measured, 6 * 64);
}

TEST_F(Session, SearchMeasuresAsManyAsItMay) {
  // One is left over after the first eight.
  for (int64_t most : {1, 2, 8, 9, 10, 17}) {
    SCOPED_TRACE(most);
    database = std::move(*TuningDatabase::open(":memory:", context));
    runner.measured = 0;
    trials.search = most;
    ASSERT_TRUE(tune({buckets()[0]}, TuningStrategy::Search).ok());
    EXPECT_EQ(runner.measured, most);
  }
}

TEST_F(Session, ReuseTriesTheCompilersScheduleAsSecond) {
  trials.reuse = 2;
  runner.untuned = *Schedule::parse("tile_rows=8 panel_vectors=3 row_block=96");
  StatusOr<TuningReport> report = tune(buckets(), TuningStrategy::Reuse);
  ASSERT_TRUE(report.ok()) << report.message();
  for (const OperatorResult &result : report->operators)
    EXPECT_TRUE(result.program.schedule.empty()) << result.name;
}

TEST_F(Session, ReuseSearchesOnceAndIsAsGood) {
  StatusOr<TuningReport> report = tune(buckets(), TuningStrategy::Reuse);
  ASSERT_TRUE(report.ok()) << report.message();
  int searched = 0;
  double searchedSlowdown = 0;
  for (size_t at = 0; at < report->operators.size(); ++at) {
    const TunedProgram &program = report->operators[at].program;
    if (program.source != ProgramSource::Search)
      continue;
    ++searched;
    searchedSlowdown = program.microseconds / bestTime(buckets()[at]);
  }
  EXPECT_EQ(searched, 1);
  EXPECT_LE(slowdown(*report), 1.01 * searchedSlowdown);
  EXPECT_LE(runner.measured, 64 + 5 * 9);
}

TEST_F(Session, TheCompilersScheduleStaysWhereNothingIsFaster) {
  // As fast as nothing in the space is.
  runner.untuned = *Schedule::parse("tile_rows=8 panel_vectors=3 row_block=96");
  StatusOr<TuningReport> report = tune(buckets(), TuningStrategy::Reuse);
  ASSERT_TRUE(report.ok()) << report.message();
  int searched = 0;
  for (size_t at = 0; at < report->operators.size(); ++at) {
    const TunedProgram &program = report->operators[at].program;
    EXPECT_TRUE(program.schedule.empty()) << program.schedule.toString();
    EXPECT_EQ(program.microseconds, bestTime(buckets()[at]));
    searched += program.source == ProgramSource::Search;
  }
  // What others reuse is then the fastest that was found beside it.
  EXPECT_EQ(searched, 1);
  EXPECT_LE(runner.measured, 64 + 5 * 9);
}

TEST_F(Session, DefaultMeasuresTheDefaultAlone) {
  StatusOr<TuningReport> report = tune(buckets(), TuningStrategy::Default);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_EQ(runner.measured, 6);
  EXPECT_EQ(report->operators[0].program.source, ProgramSource::Default);
}

// Where the way is long and what lies between is small.
TEST_F(Session, BridgesJoinWhatIsApart) {
  runner.runSeconds = [](const OperatorDescription &op) {
    return 1e-8 * static_cast<double>(op.floatingPointOperations());
  };
  // The small one shows that small ones take less.
  std::vector<OperatorDescription> apart = {
      matmul(128, 64, 8192), matmul(128, 8192, 64), matmul(32, 32, 32)};
  StatusOr<TuningReport> report = tune(apart, TuningStrategy::Reuse);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_GT(report->bridges, 0);
  EXPECT_EQ(notes.bridges, report->bridges);
  EXPECT_EQ(report->operators.size(), 3u) << "bridges are not reported";
  EXPECT_EQ(std::ssize(report->steps), 3 + report->bridges);
  database = std::move(*TuningDatabase::open(":memory:", context));
  report = tune(apart, TuningStrategy::Reuse, /*bridges=*/false);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_EQ(report->bridges, 0);
  EXPECT_EQ(report->steps[1].source, report->steps[0].name)
      << "taken over a long way";
}

TEST_F(Session, SearchesPastCandidatesThatFail) {
  runner.failing = [](const Schedule &schedule) {
    return schedule.find("tile_rows").value_or(0) % 2 == 1;
  };
  StatusOr<TuningReport> report = tune(buckets(), TuningStrategy::Search);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_LE(slowdown(*report), 1.3);
}

TEST_F(Session, SkipsAnOperatorWithoutSchedules) {
  OperatorDescription strange = buckets()[0];
  strange.operands.back().map = "";
  std::vector<TunableOperator> operators = {*makeOperator(buckets()[1]),
                                            {strange, "module"}};
  TuningOptions options;
  options.strategy = TuningStrategy::Search;
  StatusOr<TuningReport> report =
      tuneOperators(operators, testTarget(), runner, database, options, notes);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_EQ(report->operators.size(), 1u);
  ASSERT_EQ(report->leftOut.size(), 1u);
  EXPECT_EQ(report->leftOut[0].name, strange.name);
  EXPECT_NE(report->leftOut[0].reason, "");
}

TEST_F(Session, HasNothingToDoWhereAllIsSkipped) {
  OperatorDescription strange = buckets()[0];
  strange.operands.back().map = "";
  for (TuningStrategy strategy : {TuningStrategy::Search, TuningStrategy::Reuse,
                                  TuningStrategy::Default}) {
    TuningOptions options;
    options.strategy = strategy;
    StatusOr<TuningReport> report = tuneOperators(
        {{strange, "module"}}, testTarget(), runner, database, options, notes);
    ASSERT_TRUE(report.ok()) << report.message();
    EXPECT_TRUE(report->operators.empty());
  }
}
