//===- ProcessRunnerTest.cpp - Faults cost one candidate ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/ProcessRunner.h"

#include "lib/Tuning/WorkerProtocol.h"
#include "test/unit/WorkerMemory.h"

#include <gtest/gtest.h>

#include <chrono>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace orcinus;

namespace {

/// For candidates that hang. All others are given the time that a sanitizer
/// takes to report a crash on a busy machine.
constexpr double hangSeconds = 0.5;

ProcessRunnerOptions faultyWorker(double limitSeconds = 30) {
  ProcessRunnerOptions options;
  options.command = {ORCINUS_FAULTY_WORKER};
  options.compileWorkers = 2;
  options.compileLimitSeconds = options.runLimitSeconds = limitSeconds;
  options.memoryBytes = int64_t(64) << 20;
  return options;
}

Schedule scheduleOf(const std::string &text) { return *Schedule::parse(text); }

/// What becomes of each of `schedules`.
std::vector<Measurement> measure(CandidateRunner &runner,
                                 const std::vector<std::string> &schedules) {
  TunableOperator op;
  op.module = "module";
  std::vector<Schedule> candidates;
  for (const std::string &schedule : schedules)
    candidates.push_back(scheduleOf(schedule));
  std::vector<Measurement> measurements;
  Status status = runner.measure(
      op, candidates, [&](size_t candidate, const Measurement &measurement) {
        EXPECT_EQ(candidate, measurements.size());
        measurements.push_back(measurement);
        return Status();
      });
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(measurements.size(), schedules.size());
  measurements.resize(schedules.size());
  return measurements;
}

/// A candidate with `fault` fails with `expected`, the others around it are
/// measured.
void expectFault(const std::string &fault, MeasureStatus expected) {
  auto runner = createProcessRunner(expected == MeasureStatus::Timeout
                                        ? faultyWorker(hangSeconds)
                                        : faultyWorker());
  std::vector<Measurement> measurements =
      measure(*runner, {"time=3", fault, "time=5", "time=4"});
  EXPECT_EQ(measurements[0].microseconds, 3);
  EXPECT_EQ(measurements[1].status, expected)
      << statusName(measurements[1].status) << measurements[1].message;
  EXPECT_FALSE(measurements[1].message.empty());
  EXPECT_EQ(measurements[2].microseconds, 5);
  EXPECT_EQ(measurements[3].microseconds, 4);
}

} // namespace

TEST(ProcessRunner, ACandidateThatCrashesCostsItselfAlone) {
  expectFault("fail_run=1", MeasureStatus::Crash);
}

TEST(ProcessRunner, ACandidateThatHangsCostsItselfAlone) {
  expectFault("fail_run=2", MeasureStatus::Timeout);
}

TEST(ProcessRunner, ACandidateThatExhaustsMemoryCostsItselfAlone) {
  expectFault("fail_run=3", test::withoutMemory);
}

TEST(ProcessRunner, ACandidateWithAWrongResultCostsItselfAlone) {
  expectFault("fail_run=4", MeasureStatus::WrongResult);
}

TEST(ProcessRunner, ACandidateThatCrashesItsDeviceCostsItselfAlone) {
  expectFault("fail_run=7", MeasureStatus::Crash);
}

TEST(ProcessRunner, ACandidateThatWritesToTheSocketCostsItselfAlone) {
  expectFault("fail_run=5", MeasureStatus::Crash);
}

TEST(ProcessRunner, ACandidateThatSendsADamagedHeaderCostsItselfAlone) {
  expectFault("fail_run=8", MeasureStatus::Crash);
}

TEST(ProcessRunner, SaysThatTheMemoryIsTooLittle) {
  if (test::sanitizerOwnsMemory)
    GTEST_SKIP() << "what a sanitizer maps is allowed besides, which is more";
  ProcessRunnerOptions options = faultyWorker();
  options.memoryBytes = 4096;
  Status status = createProcessRunner(options)->start();
  EXPECT_NE(status.message().find("raise the memory limit"), std::string::npos)
      << status.message();
  EXPECT_TRUE(createProcessRunner(faultyWorker())->start().ok());
}

// poll refuses more sockets than a process may have: here, one.
TEST(WorkerProtocol, AWaitThatFailsEnds) {
  pid_t child = fork();
  if (child == 0) {
    alarm(10);
    rlimit none = {0, 0};
    setrlimit(RLIMIT_NOFILE, &none);
    WorkerReply reply;
    _exit(receiveReply(STDIN_FILENO, reply, noDeadline) == ReceiveResult::Closed
              ? 0
              : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

/// The most memory that this process has held, in KiB.
long peakKibibytes() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// What a worker wrote that was dying may ask for a message of any size.
TEST(WorkerProtocol, MemoryIsTakenAsBytesArrive) {
  for (auto [header, body] : {std::pair<uint64_t, uint64_t>{1 << 30, 0},
                              {2, 1 << 30},
                              {2, uint64_t(1) << 62}}) {
    pid_t child = fork();
    if (child == 0) {
      alarm(10);
      int ends[2];
      socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
      uint64_t frame[] = {header, body};
      send(ends[1], frame, sizeof frame, 0);
      send(ends[1], "{}", 2, 0);
      close(ends[1]);
      long before = peakKibibytes();
      WorkerReply reply;
      bool closed =
          receiveReply(ends[0], reply, noDeadline) == ReceiveResult::Closed;
      _exit(closed && peakKibibytes() - before < 1 << 18 ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << header << " " << body;
  }
}

TEST(ProcessRunner, ACompilerThatCrashesCostsOneCandidate) {
  expectFault("fail_compile=1", MeasureStatus::Crash);
}

TEST(ProcessRunner, ACompilerThatHangsCostsOneCandidate) {
  expectFault("fail_compile=2", MeasureStatus::Timeout);
}

TEST(ProcessRunner, ACompilerThatExhaustsMemoryCostsOneCandidate) {
  expectFault("fail_compile=3", test::withoutMemory);
}

TEST(ProcessRunner, WhatAWorkerHasStartedEndsWithIt) {
  // Every descendant keeps the end to write to open as long as it lives.
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  {
    auto runner = createProcessRunner(faultyWorker(hangSeconds));
    std::vector<Measurement> measurements =
        measure(*runner, {"fail_compile=6", "fail_run=6"});
    EXPECT_EQ(measurements[0].status, MeasureStatus::Timeout);
    EXPECT_EQ(measurements[1].status, MeasureStatus::Timeout);
  }
  close(ends[1]);
  pollfd request = {ends[0], POLLIN, 0};
  constexpr int mostMilliseconds = 5000;
  EXPECT_EQ(poll(&request, 1, mostMilliseconds), 1)
      << "a process that a worker started lives on";
  close(ends[0]);
}

TEST(ProcessRunner, NothingButFaultsIsMeasuredToTheEnd) {
  auto runner = createProcessRunner(faultyWorker(hangSeconds));
  for (const Measurement &measurement :
       measure(*runner, {"fail_run=1", "fail_compile=1", "fail_run=3",
                         "fail_compile=2", "fail_run=2", "fail_run=1"}))
    EXPECT_FALSE(measurement.ok());
}

TEST(ProcessRunner, AProgramThatCannotBeStartedIsAnError) {
  ProcessRunnerOptions options = faultyWorker();
  options.command = {"/no/such/program"};
  auto runner = createProcessRunner(options);
  std::vector<Schedule> schedules = {scheduleOf("time=1")};
  Status status =
      runner->measure(TunableOperator(), schedules,
                      [](size_t, const Measurement &) { return Status(); });
  EXPECT_FALSE(status.ok());
}

TEST(ProcessRunner, AnErrorOfTheReportEndsTheMeasuring) {
  auto runner = createProcessRunner(faultyWorker());
  std::vector<Schedule> schedules = {scheduleOf("time=1"),
                                     scheduleOf("time=2")};
  int reports = 0;
  Status status = runner->measure(TunableOperator(), schedules,
                                  [&](size_t, const Measurement &) {
                                    ++reports;
                                    return Status::error("the disk is full");
                                  });
  EXPECT_EQ(status.message(), "the disk is full");
  EXPECT_EQ(reports, 1);
}

TEST(ProcessRunner, AsksAModelBeforeItMeasures) {
  ProcessRunnerOptions options = faultyWorker();
  options.model = [](const TunableOperator &, const Schedule &,
                     std::span<const KernelResources> kernels) {
    return kernels.front().spilledBytes > 0
               ? StatusOr<double>(Status::error("it spills"))
               : 7.0;
  };
  auto runner = createProcessRunner(options);
  EXPECT_EQ(runner->origin(), TimeOrigin::Measured);
  std::vector<Measurement> measurements =
      measure(*runner, {"spilled=0 time=3", "spilled=4 fail_run=2"});
  EXPECT_EQ(measurements[0].microseconds, 3);
  EXPECT_EQ(measurements[1].status, MeasureStatus::Rejected);
  EXPECT_EQ(measurements[1].message, "it spills");
  for (const Measurement &measurement : measurements)
    EXPECT_EQ(measurement.origin, TimeOrigin::Measured);
}

TEST(ProcessRunner, TakesTimesFromAModel) {
  // One candidate hangs, another crashes.
  constexpr double limitSeconds = 3;
  ProcessRunnerOptions options = faultyWorker(limitSeconds);
  options.measures = false;
  std::vector<KernelResources> seen;
  options.model =
      [&](const TunableOperator &op, const Schedule &schedule,
          std::span<const KernelResources> kernels) -> StatusOr<double> {
    EXPECT_EQ(op.module, "module");
    seen.assign(kernels.begin(), kernels.end());
    if (kernels.front().spilledBytes > 0)
      return Status::error("it spills");
    return 7.0;
  };
  auto runner = createProcessRunner(options);
  EXPECT_EQ(runner->origin(), TimeOrigin::Modelled);
  std::vector<Measurement> measurements =
      measure(*runner, {"spilled=0", "spilled=4", "fail_compile=1 spilled=0",
                        "fail_compile=2 spilled=0", "fail_run=1 spilled=0"});
  EXPECT_EQ(measurements[0].microseconds, 7);
  EXPECT_EQ(measurements[1].status, MeasureStatus::Rejected);
  EXPECT_EQ(measurements[1].message, "it spills");
  EXPECT_EQ(measurements[2].status, MeasureStatus::Crash);
  EXPECT_EQ(measurements[3].status, MeasureStatus::Timeout);
  // What is not run cannot fail there.
  EXPECT_EQ(measurements[4].microseconds, 7);
  for (const Measurement &measurement : measurements) {
    EXPECT_EQ(measurement.origin, TimeOrigin::Modelled);
    EXPECT_GT(measurement.baselineMicroseconds, 0);
  }
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].name, "contraction");
  EXPECT_EQ(seen[1].threads, 4);
  EXPECT_EQ(seen[1].registers, 5);
  EXPECT_EQ(seen[1].workgroupBytes, 6);
}
