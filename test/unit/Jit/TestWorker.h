//===- TestWorker.h - A child that serves candidates ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_JIT_TESTWORKER_H
#define ORCINUS_TEST_UNIT_JIT_TESTWORKER_H

#include "lib/Tuning/WorkerProcess.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace orcinus::test {

/// What starts a worker for `target` that runs programs on its first device.
inline std::vector<std::string> workerCommand(const std::string &target) {
  return {ORCINUS_TOOL, "tune-worker", target, /*threads=*/"1", /*device=*/"0"};
}

/// A child that has an operator loaded.
class TestWorker : public testing::Test {
protected:
  TestWorker(const std::string &target, std::string module)
      : process(workerCommand(target), /*memoryBytes=*/int64_t(1) << 30),
        module(std::move(module)) {
    Measurement loaded = load();
    EXPECT_TRUE(loaded.ok()) << loaded.message;
  }

  WorkerReply ask(const WorkerRequest &request, double seconds = 30) {
    Status sent = process.send(request);
    EXPECT_TRUE(sent.ok()) << sent.message();
    return process.receive(
        std::chrono::steady_clock::now() +
        std::chrono::milliseconds(static_cast<int64_t>(1000 * seconds)));
  }

  Measurement load() {
    return ask({WorkerCommand::Load, {}, 0, module}).measurement;
  }

  /// Runs the program of `text`, which takes the operator's arguments.
  Measurement runInstead(const std::string &text, double seconds = 30) {
    WorkerReply compiled = ask({WorkerCommand::Compile, {}, 0, text});
    EXPECT_TRUE(compiled.measurement.ok()) << compiled.measurement.message;
    return ask({WorkerCommand::Run, {}, 0, compiled.body}, seconds).measurement;
  }

  /// A fault ended the child; a new one works, for which `right` is right.
  void expectNewLife(const std::string &right) {
    EXPECT_FALSE(process.running());
    EXPECT_TRUE(load().ok());
    Measurement run = runInstead(right);
    EXPECT_TRUE(run.ok()) << run.message;
  }

  WorkerProcess process;
  std::string module;
};

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_JIT_TESTWORKER_H
