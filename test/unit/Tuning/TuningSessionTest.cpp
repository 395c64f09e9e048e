//===- TuningSessionTest.cpp - Tuning a set of operators ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/TuningSession.h"

#include "lib/Tuning/OperatorFamilies.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>

using namespace orcinus;

namespace {

const TuningContext context = {"test machine", "compiler"};

TargetDescription testTarget() {
  TargetDescription target;
  target.vectorBits = 512;
  target.vectorRegisters = 32;
  return target;
}

/// Takes times from a formula instead of a machine: the register tile 8×3 is
/// the best, and a block of 96 rows.
class FormulaRunner : public CandidateRunner {
public:
  TimeOrigin origin() const override { return timesOrigin; }
  Status measure(const TunableOperator &op, std::span<const Schedule> schedules,
                 const Report &report) override {
    for (size_t at = 0; at < schedules.size(); ++at) {
      if (measured == failAfter)
        return Status::error("the machine is gone");
      ++measured;
      Measurement measurement;
      measurement.origin = timesOrigin;
      measurement.baselineMicroseconds = baselineMicroseconds;
      measurement.compileSeconds = compileSeconds;
      measurement.runSeconds = runSeconds(op.description);
      measurement.microseconds =
          time(op.description, schedules[at].empty() ? untuned : schedules[at]);
      if (failing(schedules[at])) {
        measurement.status = MeasureStatus::Crash;
        measurement.microseconds = 0;
        measurement.message = "segmentation fault";
      }
      if (Status status = report(at, measurement); !status.ok())
        return status;
      onMeasured();
    }
    return Status();
  }

  static double timeOf(const OperatorDescription &description,
                       const Schedule &schedule) {
    double rows = static_cast<double>(*schedule.find("tile_rows"));
    double vectors = static_cast<double>(*schedule.find("panel_vectors"));
    double block = static_cast<double>(*schedule.find("row_block"));
    double work =
        static_cast<double>(description.floatingPointOperations()) * 1e-4;
    return work * (1 + 0.1 * std::abs(rows - 8) + 0.2 * std::abs(vectors - 3) +
                   0.05 * std::abs(std::log2((block + 1) / 97)));
  }

  std::function<double(const OperatorDescription &, const Schedule &)> time =
      timeOf;
  /// What the compiler does without a schedule.
  Schedule untuned =
      *Schedule::parse("tile_rows=14 panel_vectors=2 row_block=0");
  /// What a candidate takes, as it says itself.
  double compileSeconds = 0.05;
  std::function<double(const OperatorDescription &)> runSeconds =
      [](const OperatorDescription &) { return 0.02; };
  TimeOrigin timesOrigin = TimeOrigin::Measured;
  double baselineMicroseconds = 10;
  std::function<void()> onMeasured = [] {};
  int64_t measured = 0;
  int64_t failAfter = -1;
  std::function<bool(const Schedule &)> failing = [](const Schedule &) {
    return false;
  };
};

struct Notes : TuningObserver {
  void onTrial(const TuningProgress &each) override { progress = each; }
  void onOperator(const OperatorResult &, bool bridge,
                  const TuningProgress &counted) override {
    bridges += bridge;
    EXPECT_GE(counted.operatorsDone, 1);
    EXPECT_LE(counted.operatorsDone, counted.operators);
  }
  void onNote(const std::string &note) override { notes += note + "\n"; }

  TuningProgress progress;
  int bridges = 0;
  std::string notes;
};

class Session : public testing::Test {
protected:
  Session() : database(std::move(*TuningDatabase::open(":memory:", context))) {}

  StatusOr<TuningReport>
  tune(const std::vector<OperatorDescription> &descriptions,
       TuningStrategy strategy, bool bridges = true) {
    std::vector<TunableOperator> operators;
    for (const OperatorDescription &description : descriptions)
      operators.push_back(*makeOperator(description));
    TuningOptions options;
    options.strategy = strategy;
    options.bridges = bridges;
    options.trials = trials;
    options.patience = patience;
    options.deadline = deadline;
    return tuneOperators(operators, testTarget(), runner, database, options,
                         notes);
  }

  TrialCounts trials;
  int64_t patience = TuningOptions().patience;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  FormulaRunner runner;
  TuningDatabase database;
  Notes notes;
};

/// Products that differ in the rows alone.
std::vector<OperatorDescription> buckets() {
  std::vector<OperatorDescription> result;
  for (int64_t rows = 256; rows <= 8192; rows *= 2)
    result.push_back(matmul(rows, 128, 128));
  return result;
}

double bestTime(const OperatorDescription &description) {
  return FormulaRunner::timeOf(
      description,
      *Schedule::parse("tile_rows=8 panel_vectors=3 row_block=96"));
}

/// How many times as long as the best the programs for `buckets()` take, in
/// geometric mean: one search may be unlucky.
double slowdown(const TuningReport &report) {
  double sum = 0;
  for (size_t at = 0; at < report.operators.size(); ++at)
    sum += std::log(report.operators[at].program.microseconds /
                    bestTime(buckets()[at]));
  return std::exp(sum / static_cast<double>(report.operators.size()));
}

} // namespace

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
  auto measuredRows = [](const TuningDatabase &from) {
    std::vector<std::string> rows;
    for (const OperatorDescription &op : {buckets()[0], buckets()[1]}) {
      std::vector<TuningRecord> records = *from.records(op.kind());
      for (const TuningRecord &record : records)
        if (record.extents == op.extents())
          rows.push_back(record.schedule.toString());
    }
    return rows;
  };
  trials.search = 30;
  ASSERT_TRUE(tune({buckets()[0], buckets()[1]}, TuningStrategy::Search).ok());
  std::vector<std::string> wanted = measuredRows(database);
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
    EXPECT_EQ(measuredRows(database), wanted) << "stopped after " << step;
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
