//===- TuningProgressTest.cpp - What is told of tuning ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TuningSessionFixture.h"

#include <nlohmann/json.hpp>

using namespace orcinus;
using namespace orcinus::test;

TEST_F(Session, NotesAnOperatorThatCannotBeTuned) {
  int64_t searched = TrialCounts().search;
  runner.failing = [&](const Schedule &) {
    return runner.measured <= searched;
  };
  StatusOr<TuningReport> report =
      tune({buckets()[0], buckets()[1]}, TuningStrategy::Search);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_EQ(report->operators.size(), 1u);
  EXPECT_NE(notes.notes.find("cannot tune '" + buckets()[0].name + "'"),
            std::string::npos);
  ASSERT_EQ(report->failed.size(), 1u);
  EXPECT_EQ(report->failed[0].name, buckets()[0].name);
  ASSERT_EQ(report->failed[0].outcomes.size(), 1u);
  EXPECT_EQ(report->failed[0].outcomes[0].status, MeasureStatus::Crash);
  EXPECT_EQ(report->failed[0].outcomes[0].count, searched);
  EXPECT_EQ(report->failed[0].outcomes[0].message, "segmentation fault");
}

TEST_F(Session, NotesADriftOfTheBaseline) {
  ASSERT_TRUE(tune({buckets()[0]}, TuningStrategy::Default).ok());
  EXPECT_EQ(notes.notes, "");
  runner.onMeasured = [&] { runner.baselineMicroseconds = 15; };
  ASSERT_TRUE(tune({buckets()[1], buckets()[2]}, TuningStrategy::Default).ok());
  EXPECT_EQ(notes.notes, "the machine's speed drifted: the baseline took 1.00 "
                         "to 1.50 times its first time\n");
}

TEST_F(Session, ReportsWhatFails) {
  runner.failing = [](const Schedule &) { return true; };
  StatusOr<TuningReport> report = tune({buckets()[0]}, TuningStrategy::Search);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_TRUE(report->operators.empty());
  ASSERT_EQ(report->failed.size(), 1u);
  EXPECT_EQ(report->failed[0].reason, "no candidate works: segmentation fault");
}

TEST_F(Session, CountsWhatBecameOfCandidates) {
  runner.failing = [](const Schedule &schedule) {
    return schedule.find("tile_rows").value_or(0) % 2 == 1;
  };
  StatusOr<TuningReport> report = tune({buckets()[0]}, TuningStrategy::Search);
  ASSERT_TRUE(report.ok()) << report.message();
  int64_t count = 0;
  for (const CandidateOutcome &outcome : report->operators[0].outcomes) {
    EXPECT_GT(outcome.count, 0);
    EXPECT_EQ(outcome.message.empty(), outcome.status == MeasureStatus::Ok);
    count += outcome.count;
  }
  EXPECT_EQ(report->operators[0].outcomes.size(), 2u);
  EXPECT_EQ(count, 64);
}

TEST_F(Session, SaysWhatThingsCostBeforeAndAfter) {
  StatusOr<TuningReport> report = tune(buckets(), TuningStrategy::Reuse);
  ASSERT_TRUE(report.ok()) << report.message();
  for (const OperatorResult &result : report->operators) {
    EXPECT_GE(result.untunedMicroseconds, result.program.microseconds);
    EXPECT_EQ(result.calls, 1);
  }
  ASSERT_EQ(report->steps.size(), 6u);
  EXPECT_EQ(report->steps[0].source, "");
  int64_t trials = 0;
  for (const TuningStep &step : report->steps)
    trials += step.trials;
  EXPECT_LE(trials, runner.measured);
  std::string page = tuningPage(*report);
  EXPECT_NE(page.find("matmul-8192x128x128"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  nlohmann::json json = nlohmann::json::parse(report->toJson());
  EXPECT_EQ(json["plan"]["steps"].size(), 6u);
  EXPECT_TRUE(json["plan"]["steps"][0]["source"].is_null());
}

// Whoever asks ends early where the answer is yes.
TEST_F(Session, AsksNobodyToStopOnceAllIsDone) {
  for (TuningStrategy strategy :
       {TuningStrategy::Default, TuningStrategy::Search,
        TuningStrategy::Reuse}) {
    int64_t all = -1, asked = 0;
    for (bool counts : {false, true}) {
      database = std::move(*TuningDatabase::open(":memory:", context));
      runner.measured = 0;
      notes.isStopAsked = [&] {
        asked += counts && runner.measured == all;
        return false;
      };
      ASSERT_TRUE(tune(buckets(), strategy).ok());
      all = runner.measured;
    }
    // When the last candidate is told of.
    EXPECT_EQ(asked, 1);
  }
}

TEST_F(Session, TellsHowFarItIs) {
  ASSERT_TRUE(tune(buckets(), TuningStrategy::Search).ok());
  EXPECT_EQ(notes.progress.operators, 6);
  EXPECT_EQ(notes.progress.operatorsDone, 5);
  EXPECT_EQ(notes.progress.trials, 64);
  EXPECT_EQ(notes.progress.totalTrials, 6 * 64);
  EXPECT_GT(notes.progress.bestMicroseconds, 0);
  EXPECT_GE(notes.progress.secondsLeft, 0);
}

TEST_F(Session, PrintsItsReportAsJson) {
  StatusOr<TuningReport> report = tune({buckets()[0]}, TuningStrategy::Search);
  ASSERT_TRUE(report.ok());
  nlohmann::json json = nlohmann::json::parse(report->toJson());
  EXPECT_EQ(json.size(), 7u);
  EXPECT_TRUE(json["left_out"].empty());
  EXPECT_TRUE(json["failed"].empty());
  EXPECT_EQ(json["strategy"], "search");
  EXPECT_TRUE(json["seconds"].is_number());
  ASSERT_EQ(json["operators"].size(), 1u);
  nlohmann::json op = json["operators"][0];
  EXPECT_EQ(op.size(), 10u);
  EXPECT_EQ(op["candidates"]["ok"], 64);
  EXPECT_EQ(op["name"], "matmul-256x128x128");
  EXPECT_EQ(op["trials"], 64);
  EXPECT_EQ(op["source"], "search");
  EXPECT_GT(op["microseconds"], 0);
}
