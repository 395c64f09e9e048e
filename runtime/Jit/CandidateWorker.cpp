//===- CandidateWorker.cpp - Serves the runner of candidates --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/CandidateWorker.h"

#include "lib/Tuning/WorkerProtocol.h"
#include "runtime/Jit/GpuOperatorCompiler.h"
#include "runtime/Jit/OperatorBench.h"
#include "runtime/Jit/OperatorCompiler.h"

#include "llvm/Support/ErrorHandling.h"

#include <new>
#include <unistd.h>

using namespace orcinus;

static WorkerReply rejected(std::string message) {
  WorkerReply reply;
  reply.measurement.status = MeasureStatus::Rejected;
  reply.measurement.message = std::move(message);
  return reply;
}

namespace {

class CandidateWorker {
public:
  explicit CandidateWorker(int threads) : threads(threads), compiler(threads) {}

  WorkerReply serve(const WorkerRequest &request) {
    switch (request.command) {
    case WorkerCommand::Compile:
      return compile(request);
    case WorkerCommand::Load:
      return load(request);
    case WorkerCommand::Run:
      if (!bench)
        return rejected("no operator is loaded");
      return {bench->measure(request.body, request.enoughMicroseconds), "", {}};
    case WorkerCommand::Baseline: {
      WorkerReply reply;
      reply.measurement.microseconds = measureBaseline();
      return reply;
    }
    }
    return rejected("unknown command");
  }

private:
  WorkerReply compile(const WorkerRequest &request) {
    StatusOr<std::string> object =
        compiler.compile(request.body, request.schedule);
    if (!object.ok())
      return rejected(object.message());
    WorkerReply reply;
    reply.body = std::move(*object);
    return reply;
  }

  WorkerReply load(const WorkerRequest &request) {
    bench.reset();
    StatusOr<std::unique_ptr<OperatorBench>> loaded =
        OperatorBench::create(compiler, request.body, threads);
    if (!loaded.ok())
      return rejected(loaded.message());
    bench = std::move(*loaded);
    return {};
  }

  int threads;
  OperatorCompiler compiler;
  std::unique_ptr<OperatorBench> bench;
};

class GpuCandidateWorker {
public:
  explicit GpuCandidateWorker(const GpuChip &chip) : compiler(chip) {}

  WorkerReply serve(const WorkerRequest &request) {
    if (request.command != WorkerCommand::Compile)
      return rejected("kernels are compiled here, and not run");
    StatusOr<GpuObject> object =
        compiler.compile(request.body, request.schedule);
    if (!object.ok())
      return rejected(object.message());
    WorkerReply reply;
    reply.body = std::move(object->bytes);
    reply.kernels = std::move(object->kernels);
    return reply;
  }

private:
  GpuOperatorCompiler compiler;
};

} // namespace

/// Tells the runner why: what else a process does without memory is anyone's
/// guess.
static void exitOutOfMemory() { _exit(memoryExitStatus); }

/// Answers requests until there are no more.
template <typename Worker, typename Argument>
static int serveAll(const Argument &argument) {
  std::set_new_handler(exitOutOfMemory);
  llvm::install_bad_alloc_error_handler(
      [](void *, const char *, bool) { exitOutOfMemory(); });
  Worker worker(argument);
  WorkerRequest request;
  while (receiveRequest(STDIN_FILENO, request) == ReceiveResult::Message)
    sendReply(STDIN_FILENO, worker.serve(request));
  return 0;
}

int orcinus::serveCandidates(int threads) {
  return serveAll<CandidateWorker>(threads);
}

int orcinus::serveGpuCandidates(const GpuChip &chip) {
  return serveAll<GpuCandidateWorker>(chip);
}
