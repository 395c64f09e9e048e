//===- TuningSessionFixture.h - Sessions without a machine ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_TUNING_TUNINGSESSIONFIXTURE_H
#define ORCINUS_TEST_UNIT_TUNING_TUNINGSESSIONFIXTURE_H

#include "orcinus/Tuning/TuningSession.h"

#include "lib/Tuning/OperatorFamilies.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace orcinus::test {

inline const TuningContext context = {"test machine", "compiler"};

inline TargetDescription testTarget() {
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
  bool wantsStop() override { return isStopAsked(); }

  std::function<bool()> isStopAsked = [] { return false; };
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

/// What was measured of the kind of `op`, in that order.
inline std::vector<std::string> measuredRows(const TuningDatabase &database,
                                             const OperatorDescription &op) {
  std::vector<std::string> rows;
  std::vector<TuningRecord> records = *database.records(op.kind());
  for (const TuningRecord &record : records)
    rows.push_back(std::to_string(record.extents.front()) + " " +
                   record.schedule.toString());
  return rows;
}

/// Products that differ in the rows alone.
inline std::vector<OperatorDescription> buckets() {
  std::vector<OperatorDescription> result;
  for (int64_t rows = 256; rows <= 8192; rows *= 2)
    result.push_back(matmul(rows, 128, 128));
  return result;
}

inline double bestTime(const OperatorDescription &description) {
  return FormulaRunner::timeOf(
      description,
      *Schedule::parse("tile_rows=8 panel_vectors=3 row_block=96"));
}

/// How many times as long as the best the programs for `buckets()` take, in
/// geometric mean: one search may be unlucky.
inline double slowdown(const TuningReport &report) {
  double sum = 0;
  for (size_t at = 0; at < report.operators.size(); ++at)
    sum += std::log(report.operators[at].program.microseconds /
                    bestTime(buckets()[at]));
  return std::exp(sum / static_cast<double>(report.operators.size()));
}

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_TUNING_TUNINGSESSIONFIXTURE_H
