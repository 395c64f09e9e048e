//===- DividedRunnerTest.cpp - Candidates by several processes ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Tuning/DividedRunner.h"

#include "TuningSessionFixture.h"

#include <atomic>
#include <thread>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// A tuning by several processes, each a thread of this one; the first one is
/// the thread of the test.
class Divided : public Session {
protected:
  static constexpr int most = 4;

  /// What process `rank` is, before a test makes it another one.
  MeasuringProcess processOf(int rank) {
    MeasuringProcess process;
    process.place.machine = "host" + std::to_string(rank);
    process.place.identity = process.place.machine;
    process.place.processors = {0, 1};
    process.place.target = testTarget().summary();
    process.place.context = context;
    process.makeRunner =
        [this, rank]() -> StatusOr<std::unique_ptr<CandidateRunner>> {
      auto made = std::make_unique<FormulaRunner>();
      made->onMeasured = [this, rank] { ++measured[rank]; };
      adapt(rank, *made);
      return std::unique_ptr<CandidateRunner>(std::move(made));
    };
    process.moveTo = [this, rank](const ProcessorList &processors) {
      shares[rank] = processors;
      return Status();
    };
    change(rank, process);
    return process;
  }

  /// Tunes by `count` processes.
  StatusOr<TuningReport>
  tuneDivided(int count, const std::vector<OperatorDescription> &descriptions,
              TuningStrategy strategy) {
    for (std::atomic<int64_t> &each : measured)
      each = 0;
    said.clear();
    std::vector<std::shared_ptr<Communicator>> group = makeLocalGroup(count);
    std::vector<std::thread> others;
    for (int rank = 1; rank < count; ++rank)
      others.emplace_back([&, rank, own = std::move(group[rank])]() mutable {
        outcomes[rank] = measureForFirst(*own, processOf(rank));
        own.reset();
      });
    StatusOr<TuningReport> report =
        tuneAsFirst(std::move(group[0]), descriptions, strategy);
    for (std::thread &other : others)
      other.join();
    return report;
  }

  int64_t sumOfMeasured() const {
    int64_t sum = 0;
    for (const std::atomic<int64_t> &each : measured)
      sum += each;
    return sum;
  }

  std::function<void(int, FormulaRunner &)> adapt = [](int, FormulaRunner &) {};
  std::function<void(int, MeasuringProcess &)> change =
      [](int, MeasuringProcess &) {};
  std::atomic<int64_t> measured[most] = {};
  ProcessorList shares[most];
  Status outcomes[most];
  std::string said;
  /// Whether a batch was cut short.
  bool wasStopped = false;
  /// How often the tuning has asked whether to stop: before an operator, and
  /// for each candidate that it is told of.
  std::atomic<int64_t> timesAsked = 0;
  /// Whether the first process has its report.
  std::atomic<bool> hasReturned = false;

private:
  StatusOr<TuningReport>
  tuneAsFirst(std::shared_ptr<Communicator> processes,
              const std::vector<OperatorDescription> &descriptions,
              TuningStrategy strategy) {
    DividedRunner divided(
        std::move(processes),
        [this](const std::string &note) { said += note + "\n"; });
    if (Status status = divided.begin(processOf(0)); !status.ok())
      return status;
    timesAsked = 0;
    notes.isStopAsked = [&] {
      ++timesAsked;
      return divided.wantsStop();
    };
    std::vector<TunableOperator> operators;
    for (const OperatorDescription &description : descriptions)
      operators.push_back(*makeOperator(description));
    TuningOptions options;
    options.strategy = strategy;
    options.trials = trials;
    StatusOr<TuningReport> report = tuneOperators(
        operators, testTarget(), divided, database, options, notes);
    wasStopped = divided.hasStopped();
    hasReturned = true;
    divided.end(notes.wantsStop());
    notes.isStopAsked = [] { return false; };
    return report;
  }
};

/// Waits for what comes at once where all is right, but not for ever.
void waitUntil(const std::function<bool()> &condition) {
  for (int turn = 0; turn < 10000 && !condition(); ++turn)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// What does not depend on the clock.
std::vector<std::string> programsOf(const TuningReport &report) {
  std::vector<std::string> programs;
  for (const OperatorResult &result : report.operators)
    programs.push_back(result.name + " " + result.program.schedule.toString() +
                       " " + std::to_string(result.program.trials) + " " +
                       std::string(sourceName(result.program.source)));
  return programs;
}

} // namespace

TEST_F(Divided, AnyNumberOfProcessesFindsTheSamePrograms) {
  std::vector<OperatorDescription> some = {buckets()[0], buckets()[1],
                                           buckets()[2]};
  trials.search = 20;
  for (TuningStrategy strategy :
       {TuningStrategy::Search, TuningStrategy::Reuse}) {
    database = std::move(*TuningDatabase::open(":memory:", context));
    StatusOr<TuningReport> alone = tune(some, strategy);
    ASSERT_TRUE(alone.ok()) << alone.message();
    std::vector<std::string> rows = measuredRows(database, buckets()[0]);
    for (int count : {1, 2, 3, 4}) {
      SCOPED_TRACE(count);
      database = std::move(*TuningDatabase::open(":memory:", context));
      StatusOr<TuningReport> report = tuneDivided(count, some, strategy);
      ASSERT_TRUE(report.ok()) << report.message();
      EXPECT_EQ(programsOf(*report), programsOf(*alone));
      EXPECT_EQ(measuredRows(database, buckets()[0]), rows);
      for (int rank = 1; rank < count; ++rank) {
        EXPECT_TRUE(outcomes[rank].ok()) << outcomes[rank].message();
        EXPECT_GT(measured[rank], std::ssize(rows) / (2 * count));
      }
    }
  }
}

// However many there were, and are, and whether the first one measures.
TEST_F(Divided, GoesOnWithAnotherNumberOfProcesses) {
  trials.search = 40;
  StatusOr<TuningReport> whole =
      tuneDivided(1, {buckets()[0]}, TuningStrategy::Search);
  ASSERT_TRUE(whole.ok());
  std::vector<std::string> wanted = measuredRows(database, buckets()[0]);
  database = std::move(*TuningDatabase::open(":memory:", context));
  int64_t known = 0;
  for (int count : {2, 4, 3}) {
    adapt = [&](int rank, FormulaRunner &runner) {
      if (count == 3 && rank == 0)
        runner.time = [](const OperatorDescription &op,
                         const Schedule &schedule) {
          return 1.5 * FormulaRunner::timeOf(op, schedule);
        };
    };
    // In the middle of a batch, the reference program's included.
    change = [&](int rank, MeasuringProcess &process) {
      if (rank == 0)
        process.wantsStop = [this, count] {
          return sumOfMeasured() >= count * 3 + 10;
        };
    };
    StatusOr<TuningReport> stopped =
        tuneDivided(count, {buckets()[0]}, TuningStrategy::Search);
    ASSERT_TRUE(stopped.ok()) << stopped.message();
    int64_t rows = std::ssize(measuredRows(database, buckets()[0]));
    EXPECT_GT(rows, known) << count;
    EXPECT_LT(rows, 40) << count;
    known = rows;
  }
  adapt = [](int, FormulaRunner &) {};
  change = [](int, MeasuringProcess &) {};
  StatusOr<TuningReport> report =
      tuneDivided(2, {buckets()[0]}, TuningStrategy::Search);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_EQ(programsOf(*report), programsOf(*whole));
  EXPECT_EQ(measuredRows(database, buckets()[0]), wanted);
}

// A stop within the candidates of a reuse leaves the others to a later run.
TEST_F(Divided, GoesOnWithAReuseThatWasStopped) {
  std::vector<OperatorDescription> two = {buckets()[0], buckets()[1]};
  trials.search = 20;
  trials.reuse = 6;
  StatusOr<TuningReport> whole = tuneDivided(2, two, TuningStrategy::Reuse);
  ASSERT_TRUE(whole.ok());
  size_t wanted = measuredRows(database, buckets()[0]).size();
  for (int64_t enough : {2, 9, 20, 23, 25}) {
    database = std::move(*TuningDatabase::open(":memory:", context));
    change = [&](int rank, MeasuringProcess &process) {
      if (rank == 0)
        process.wantsStop = [this, enough] {
          return sumOfMeasured() >= 6 + enough;
        };
    };
    ASSERT_TRUE(tuneDivided(2, two, TuningStrategy::Reuse).ok());
    change = [](int, MeasuringProcess &) {};
    StatusOr<TuningReport> report = tuneDivided(2, two, TuningStrategy::Reuse);
    ASSERT_TRUE(report.ok()) << report.message();
    EXPECT_EQ(report->operators.size(), 2u) << enough;
    EXPECT_TRUE(report->failed.empty());
    EXPECT_GE(measuredRows(database, buckets()[0]).size(), wanted) << enough;
  }
}

// The others take its candidates over, and find what all would have found.
TEST_F(Divided, LeavesOutWhoBreaks) {
  trials.search = 20;
  StatusOr<TuningReport> whole =
      tuneDivided(1, {buckets()[0]}, TuningStrategy::Search);
  ASSERT_TRUE(whole.ok());
  std::vector<std::string> wanted = measuredRows(database, buckets()[0]);
  for (int count : {2, 4, 3}) {
    database = std::move(*TuningDatabase::open(":memory:", context));
    adapt = [&](int rank, FormulaRunner &runner) {
      runner.failAfter = rank == count - 1 ? 4 : -1;
    };
    StatusOr<TuningReport> report =
        tuneDivided(count, {buckets()[0]}, TuningStrategy::Search);
    ASSERT_TRUE(report.ok()) << report.message();
    std::string last = std::to_string(count - 1);
    EXPECT_NE(said.find("process " + last + " on host" + last +
                        " is left out: the machine is gone\n"),
              std::string::npos)
        << said;
    EXPECT_EQ(programsOf(*report), programsOf(*whole));
    EXPECT_EQ(measuredRows(database, buckets()[0]), wanted);
  }
}

// Once nobody is left, operators fail one after the other.
TEST_F(Divided, SaysThatNobodyIsLeft) {
  adapt = [](int rank, FormulaRunner &runner) {
    if (rank == 0)
      runner.time = [](const OperatorDescription &op,
                       const Schedule &schedule) {
        return 1.3 * FormulaRunner::timeOf(op, schedule);
      };
    else
      runner.failAfter = 4;
  };
  StatusOr<TuningReport> report =
      tuneDivided(3, {buckets()[0], buckets()[1]}, TuningStrategy::Search);
  ASSERT_TRUE(report.ok()) << report.message();
  ASSERT_EQ(report->failed.size(), 2u);
  EXPECT_NE(report->failed[0].reason.find("the machine is gone"),
            std::string::npos);
  EXPECT_EQ(report->failed[1].reason, "no process is left that can measure");
}

// Machines that differ a little have their times in common.
TEST_F(Divided, TimesAreThoseOfTheUsualProcess) {
  adapt = [](int rank, FormulaRunner &runner) {
    if (rank == 2)
      runner.time = [](const OperatorDescription &op,
                       const Schedule &schedule) {
        return 1.1 * FormulaRunner::timeOf(op, schedule);
      };
  };
  StatusOr<TuningReport> report =
      tuneDivided(3, {buckets()[0]}, TuningStrategy::Search);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_NE(said.find("measured by 3 processes"), std::string::npos) << said;
  auto records = database.records(buckets()[0].kind());
  ASSERT_TRUE(records.ok());
  ASSERT_EQ(records->size(), 64u);
  for (const TuningRecord &record : *records) {
    Schedule executed =
        record.schedule.empty() ? FormulaRunner().untuned : record.schedule;
    EXPECT_NEAR(record.measurement.microseconds /
                    FormulaRunner::timeOf(buckets()[0], executed),
                1, 1e-9);
  }
}

TEST_F(Divided, LeavesOutAnotherTarget) {
  change = [](int rank, MeasuringProcess &process) {
    if (rank == 1)
      process.place.target = "host older, 1 threads";
    if (rank == 2)
      process.place.context.target = "test machine without a feature";
    if (rank == 3)
      process.place.problem = "there is no GPU";
  };
  ASSERT_TRUE(tuneDivided(4, {buckets()[0]}, TuningStrategy::Search).ok());
  EXPECT_EQ(said,
            "process 1 on host1 is left out: it is host older, 1 threads, and "
            "process 0 " +
                testTarget().summary() +
                "\nprocess 2 on host2 is left out: its processor has other "
                "features than process 0's\n"
                "process 3 on host3 is left out: there is no GPU\n"
                "candidates are measured by 1 process on 1 machine\n");
  EXPECT_EQ(measured[0], 64);
}

TEST_F(Divided, LeavesOutOtherOrigins) {
  change = [](int rank, MeasuringProcess &process) {
    if (rank == 1)
      process.place.origin = TimeOrigin::Modelled;
  };
  ASSERT_TRUE(tuneDivided(2, {buckets()[0]}, TuningStrategy::Default).ok());
  EXPECT_NE(said.find("process 1 on host1 is left out: its times are modelled, "
                      "and process 0's measured\n"),
            std::string::npos)
      << said;
}

TEST_F(Divided, RefusesAnotherBuild) {
  change = [](int rank, MeasuringProcess &process) {
    if (rank == 2)
      process.place.context.compiler = "an older one";
  };
  StatusOr<TuningReport> report =
      tuneDivided(3, {buckets()[0]}, TuningStrategy::Search);
  EXPECT_EQ(report.message(),
            "process 2 on host2 has another build of Orcinus (an older one) "
            "than process 0 (compiler): start the same program everywhere");
  for (int rank : {1, 2})
    EXPECT_TRUE(outcomes[rank].ok()) << "it just ends";
}

// Of three one differs, also where that is the one that decides.
TEST_F(Divided, LeavesOutAnotherClock) {
  for (int slow : {0, 2}) {
    for (double times : {0.7, 1.3}) {
      database = std::move(*TuningDatabase::open(":memory:", context));
      adapt = [&](int rank, FormulaRunner &runner) {
        if (rank == slow)
          runner.time = [times](const OperatorDescription &op,
                                const Schedule &schedule) {
            return times * FormulaRunner::timeOf(op, schedule);
          };
      };
      StatusOr<TuningReport> report =
          tuneDivided(3, {buckets()[0]}, TuningStrategy::Search);
      ASSERT_TRUE(report.ok()) << report.message();
      EXPECT_NE(said.find("process " + std::to_string(slow) + " on host" +
                          std::to_string(slow) +
                          " is left out: the reference program takes "),
                std::string::npos)
          << said;
      EXPECT_NE(said.find("measured by 2 processes on 2 machines"),
                std::string::npos);
      constexpr int64_t references = 3;
      EXPECT_EQ(measured[slow], references);
      EXPECT_EQ(report->operators[0].program.trials, 64);
    }
  }
}

TEST_F(Divided, LeavesOutWhoCannotStart) {
  change = [](int rank, MeasuringProcess &process) {
    if (rank == 1)
      process.makeRunner = []() -> StatusOr<std::unique_ptr<CandidateRunner>> {
        return Status::error("there is not enough memory");
      };
    if (rank == 2)
      process.moveTo = [](const ProcessorList &) {
        return Status::error("no such processors");
      };
  };
  adapt = [](int rank, FormulaRunner &runner) {
    if (rank == 3)
      runner.failing = [](const Schedule &) { return true; };
  };
  ASSERT_TRUE(tuneDivided(4, {buckets()[0]}, TuningStrategy::Search).ok());
  EXPECT_EQ(said, "process 1 on host1 is left out: there is not enough memory\n"
                  "process 2 on host2 is left out: no such processors\n"
                  "process 3 on host3 is left out: it cannot measure the "
                  "reference program: segmentation fault\n"
                  "candidates are measured by 1 process on 1 machine\n");
}

TEST_F(Divided, ProcessesOfAMachineHaveProcessorsOfTheirOwn) {
  change = [](int rank, MeasuringProcess &process) {
    process.place.machine = process.place.identity = "host";
    process.place.processors = {0, 1, 2, 3, 4};
    process.threads = 2;
  };
  ASSERT_TRUE(tuneDivided(3, {buckets()[0]}, TuningStrategy::Default).ok());
  EXPECT_EQ(shares[0], ProcessorList({0, 1}));
  EXPECT_EQ(shares[1], ProcessorList({2, 3, 4}));
  EXPECT_EQ(said, "process 2 on host is left out: the other processes of that "
                  "machine take all of its processors, 2 each: give less "
                  "--threads, or start fewer processes\n"
                  "candidates are measured by 2 processes on 1 machine\n");
}

TEST_F(Divided, AStopThatOneIsAskedForStopsAll) {
  std::vector<OperatorDescription> two = {buckets()[0], buckets()[1]};
  trials.search = 32;
  for (int asked : {0, 1, 2}) {
    database = std::move(*TuningDatabase::open(":memory:", context));
    constexpr int64_t enough = 8;
    change = [&](int rank, MeasuringProcess &process) {
      if (rank == asked)
        process.wantsStop = [this, rank] { return measured[rank] >= enough; };
    };
    StatusOr<TuningReport> report = tuneDivided(3, two, TuningStrategy::Search);
    ASSERT_TRUE(report.ok()) << report.message();
    EXPECT_FALSE(report->operators.empty());
    EXPECT_FALSE(report->leftOut.empty());
    for (int rank : {1, 2})
      EXPECT_EQ(outcomes[rank].code(), StatusCode::Interrupted);
    // What was measured is not measured again.
    std::vector<std::string> rows = measuredRows(database, buckets()[0]);
    change = [](int, MeasuringProcess &) {};
    report = tuneDivided(2, two, TuningStrategy::Search);
    ASSERT_TRUE(report.ok()) << report.message();
    EXPECT_EQ(report->operators.size(), 2u);
    EXPECT_EQ(measuredRows(database, buckets()[0]).size(), 2u * 32);
    constexpr int64_t references = 3;
    EXPECT_EQ(measured[0] + measured[1] - 2 * references,
              2 * 32 - std::ssize(rows));
  }
}

// The first process waits for the other's part of the only batch that there is:
// nobody asks behind it whether to stop.
TEST_F(Divided, SaysThatTheLastBatchWasCutShort) {
  trials.search = 8;
  constexpr int64_t references = 3, share = 4;
  for (bool stops : {false, true}) {
    database = std::move(*TuningDatabase::open(":memory:", context));
    std::atomic<bool> isAsked = false;
    hasReturned = false;
    change = [&](int rank, MeasuringProcess &process) {
      if (rank == 0)
        process.wantsStop = [&] { return isAsked.load(); };
    };
    adapt = [&](int rank, FormulaRunner &runner) {
      if (rank == 1 && stops)
        runner.onMeasured = [&, before = runner.onMeasured] {
          before();
          if (measured[1] != references + 1)
            return;
          // The first process is told of candidates in their order: of its
          // first, of this one and of its second. Then it waits for the next
          // one of this process, and nobody asks again.
          waitUntil([&] { return timesAsked == 1 + 3; });
          waitUntil([&] { return measured[0] == references + share; });
          isAsked = true;
          waitUntil([&] { return hasReturned.load(); });
        };
    };
    StatusOr<TuningReport> report =
        tuneDivided(2, {buckets()[0]}, TuningStrategy::Search);
    ASSERT_TRUE(report.ok()) << report.message();
    EXPECT_EQ(wasStopped, stops);
    EXPECT_EQ(measured[0], references + share);
  }
}

TEST_F(Divided, AProcessThatIsGoneEndsTheRun) {
  std::vector<std::shared_ptr<Communicator>> group = makeLocalGroup(2);
  std::thread other([own = std::move(group[1])]() mutable { own.reset(); });
  DividedRunner divided(std::move(group[0]), [](const std::string &) {});
  Status status = divided.begin(processOf(0));
  EXPECT_EQ(status.code(), StatusCode::Unavailable) << status.message();
  other.join();
}

// More processes make the same plan seem shorter.
TEST_F(Divided, PlansForAllThatMeasure) {
  auto expectedSeconds = [&](int count) {
    database = std::move(*TuningDatabase::open(":memory:", context));
    EXPECT_TRUE(
        tuneDivided(count, {buckets()[0]}, TuningStrategy::Default).ok());
    StatusOr<TuningReport> report =
        tuneDivided(count, buckets(), TuningStrategy::Reuse);
    EXPECT_TRUE(report.ok()) << report.message();
    double seconds = 0;
    for (const TuningStep &step : report->steps)
      seconds += step.expectedSeconds;
    return seconds;
  };
  double alone = expectedSeconds(1);
  EXPECT_GT(alone, 0);
  EXPECT_DOUBLE_EQ(expectedSeconds(4), alone / 4);
}
