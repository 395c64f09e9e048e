//===- FaultyWorker.cpp - A worker that fails as it is told ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Speaks the protocol of the candidate workers without compiling anything: the
// schedule's entries say what happens, `fail_compile` and `fail_run` which
// fault, `time` how long a call takes. A program is its schedule's text.
//
//===----------------------------------------------------------------------===//

#include "lib/Tuning/WorkerProtocol.h"

#include <csignal>
#include <cstdint>
#include <new>
#include <string>
#include <unistd.h>
#include <vector>

using namespace orcinus;

/// What `fail_compile` and `fail_run` may be.
enum Fault {
  none,
  crash,
  hang,
  memory,
  wrongResult,
  garbage,
  hangingTool,
  deviceCrash,
  damagedHeader
};

static void exhaustMemory() {
  std::set_new_handler([] { _exit(memoryExitStatus); });
  constexpr size_t chunk = 1 << 20;
  std::vector<std::vector<char>> chunks;
  while (true)
    chunks.emplace_back(chunk, 'x');
}

static void fail(int64_t fault) {
  switch (fault) {
  case crash:
    raise(SIGSEGV);
    break;
  case hangingTool:
    // Both wait, as a compiler does for its assembler.
    fork();
    [[fallthrough]];
  case hang:
    while (true)
      pause();
  case memory:
    exhaustMemory();
    break;
  case garbage: {
    const char bytes[64] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    [[maybe_unused]] ssize_t written = write(STDIN_FILENO, bytes, sizeof bytes);
    pause();
    break;
  }
  case damagedHeader: {
    // A whole message whose fields are of other types.
    const std::string header =
        R"({"status":7,"microseconds":null,"message":[],"kernels":"none"})";
    const uint64_t frame[] = {header.size(), 0};
    [[maybe_unused]] ssize_t written = write(STDIN_FILENO, frame, sizeof frame);
    written = write(STDIN_FILENO, header.data(), header.size());
    pause();
    break;
  }
  }
}

static WorkerReply serve(const WorkerRequest &request) {
  WorkerReply reply;
  reply.measurement.microseconds = 1;
  if (request.command == WorkerCommand::Compile) {
    fail(request.schedule.find("fail_compile").value_or(none));
    reply.body = request.schedule.toString();
    if (std::optional<int64_t> spilled = request.schedule.find("spilled"))
      reply.kernels = {{"contraction", 1, 2, 3, *spilled},
                       {"elements", 4, 5, 6, 0}};
  }
  if (request.command != WorkerCommand::Run)
    return reply;
  // A device that has crashed stays so.
  static bool unusable = false;
  Schedule program = *Schedule::parse(request.body);
  int64_t fault = program.find("fail_run").value_or(none);
  fail(fault);
  unusable |= fault == deviceCrash;
  if (unusable) {
    reply.measurement.status = MeasureStatus::Crash;
    reply.measurement.message = "the device is lost";
  }
  if (fault == wrongResult) {
    reply.measurement.status = MeasureStatus::WrongResult;
    reply.measurement.message = "element 0 is wrong";
  }
  reply.measurement.microseconds =
      static_cast<double>(program.find("time").value_or(1));
  return reply;
}

int main() {
  WorkerRequest request;
  while (receiveRequest(STDIN_FILENO, request) == ReceiveResult::Message)
    sendReply(STDIN_FILENO, serve(request));
  return 0;
}
