//===- ResumedTuningTest.cpp - Tuning that goes on ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TuningSessionFixture.h"

using namespace orcinus;
using namespace orcinus::test;

TEST_F(Session, GoesOnWhereItWasStopped) {
  runner.failAfter = 100;
  ASSERT_TRUE(tune({buckets()[0]}, TuningStrategy::Search).ok());
  StatusOr<TuningReport> stopped = tune({buckets()[1]}, TuningStrategy::Search);
  ASSERT_TRUE(stopped.ok()) << stopped.message();
  ASSERT_EQ(stopped->failed.size(), 1u);
  EXPECT_EQ(stopped->failed[0].reason, "the machine is gone");
  runner.failAfter = -1;
  StatusOr<TuningReport> report =
      tune({buckets()[0], buckets()[1]}, TuningStrategy::Search);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_EQ(runner.measured, 2 * 64) << "nothing is measured twice";
  EXPECT_EQ(report->operators[1].program.trials, 64);
}

// Wherever a search is stopped, those that go on try the same candidates as one
// that is not, in the same order.
TEST_F(Session, SearchGoesOnAsIfNeverStopped) {
  trials.search = 30;
  ASSERT_TRUE(tune({buckets()[0], buckets()[1]}, TuningStrategy::Search).ok());
  std::vector<std::string> wanted = measuredRows(database, buckets()[0]);
  ASSERT_EQ(wanted.size(), 60u);
  for (int64_t step : {1, 3, 8, 13}) {
    database = std::move(*TuningDatabase::open(":memory:", context));
    runner.measured = 0;
    do
      runner.failAfter = std::min<int64_t>(runner.measured + step, 60);
    while (!tune({buckets()[0]}, TuningStrategy::Search)->failed.empty() ||
           !tune({buckets()[0], buckets()[1]}, TuningStrategy::Search)
                ->failed.empty());
    EXPECT_EQ(runner.measured, 60);
    EXPECT_EQ(measuredRows(database, buckets()[0]), wanted)
        << "stopped after " << step;
  }
}

TEST_F(Session, DoesNothingTwice) {
  ASSERT_TRUE(tune(buckets(), TuningStrategy::Reuse).ok());
  int64_t before = runner.measured;
  StatusOr<TuningReport> again = tune(buckets(), TuningStrategy::Reuse);
  ASSERT_TRUE(again.ok()) << again.message();
  EXPECT_EQ(runner.measured, before);
  EXPECT_EQ(again->operators.size(), 6u);
}

TEST_F(Session, ReusesWhatAnotherSetLeft) {
  ASSERT_TRUE(tune({matmul(256, 128, 128)}, TuningStrategy::Search).ok());
  int64_t before = runner.measured;
  StatusOr<TuningReport> report =
      tune({matmul(512, 128, 128)}, TuningStrategy::Reuse);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_NE(report->operators[0].program.source, ProgramSource::Search);
  EXPECT_LE(runner.measured - before, 9);
}

// What one origin has tuned is not finished for the other, unless it was
// measured.
TEST_F(Session, MeasuresWhatWasModelled) {
  runner.timesOrigin = TimeOrigin::Modelled;
  StatusOr<TuningReport> modelled =
      tune({buckets()[0]}, TuningStrategy::Default);
  ASSERT_TRUE(modelled.ok()) << modelled.message();
  EXPECT_EQ(runner.measured, 1);
  EXPECT_EQ(modelled->origin, TimeOrigin::Modelled);
  EXPECT_NE(modelled->toJson().find("\"origin\":\"modelled\""),
            std::string::npos);
  ASSERT_TRUE(tune({buckets()[0]}, TuningStrategy::Default).ok());
  EXPECT_EQ(runner.measured, 1);

  runner.timesOrigin = TimeOrigin::Measured;
  StatusOr<TuningReport> measured =
      tune({buckets()[0]}, TuningStrategy::Default);
  ASSERT_TRUE(measured.ok()) << measured.message();
  EXPECT_EQ(runner.measured, 2);
  EXPECT_EQ(measured->operators[0].program.origin, TimeOrigin::Measured);

  runner.timesOrigin = TimeOrigin::Modelled;
  ASSERT_TRUE(tune({buckets()[0]}, TuningStrategy::Default).ok());
  EXPECT_EQ(runner.measured, 2);
}

TEST_F(Session, ProbesKindsThatWereModelledAlone) {
  runner.timesOrigin = TimeOrigin::Modelled;
  ASSERT_TRUE(tune({buckets()[0]}, TuningStrategy::Default).ok());
  runner.timesOrigin = TimeOrigin::Measured;
  ASSERT_TRUE(tune({buckets()[0]}, TuningStrategy::Reuse).ok());
  EXPECT_TRUE(*database.finished(buckets()[0].kind(), buckets()[0].extents(),
                                 ProgramSource::Search));
  EXPECT_NE(notes.notes.find("the plan: 1 by search"), std::string::npos);
  // The probe's program.
  std::optional<TunedProgram> untuned = *database.finished(
      buckets()[0].kind(), buckets()[0].extents(), ProgramSource::Default);
  ASSERT_TRUE(untuned);
  EXPECT_EQ(untuned->origin, TimeOrigin::Measured);
}

TEST_F(Session, GoesOnWithALargerBudget) {
  patience = 0;
  for (TuningStrategy strategy :
       {TuningStrategy::Search, TuningStrategy::Reuse}) {
    database = std::move(*TuningDatabase::open(":memory:", context));
    runner.measured = 0;
    trials.search = 16;
    ASSERT_TRUE(tune({buckets()[0]}, strategy).ok());
    EXPECT_EQ(runner.measured, 16);
    ASSERT_TRUE(tune({buckets()[0]}, strategy).ok());
    EXPECT_EQ(runner.measured, 16) << "the same budget is used up";
    trials.search = 40;
    StatusOr<TuningReport> report = tune({buckets()[0]}, strategy);
    ASSERT_TRUE(report.ok()) << report.message();
    EXPECT_EQ(runner.measured, 40);
    EXPECT_EQ(report->operators[0].program.trials, 40);
    EXPECT_EQ(report->operators[0].program.source, ProgramSource::Search);
    trials.search = 16;
    ASSERT_TRUE(tune({buckets()[0]}, strategy).ok());
    EXPECT_EQ(runner.measured, 40) << "a smaller one as well";
  }
}
