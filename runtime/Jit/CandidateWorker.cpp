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
#include "runtime/Memory/CompiledCall.h"

#include "llvm/Support/ErrorHandling.h"

#include <memory>
#include <new>
#include <unistd.h>
#include <utility>

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
  CandidateWorker(const TuningTarget &target, int threads)
      : target(target), threads(threads), compiler(threads) {
    if (target.kind != DeviceKind::Host)
      gpuCompiler = std::make_unique<GpuOperatorCompiler>(target.chip);
  }

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
    case WorkerCommand::Baseline:
      return timeBaseline();
    }
    return rejected("unknown command");
  }

private:
  WorkerReply compile(const WorkerRequest &request);
  WorkerReply compileForHost(const WorkerRequest &request);
  WorkerReply compileForGpu(const WorkerRequest &request);
  WorkerReply compileKernels(const WorkerRequest &request);
  WorkerReply load(const WorkerRequest &request);
  WorkerReply timeBaseline();
  StatusOr<Device *> device();

  const TuningTarget &target;
  int threads;
  /// Of programs for the host, and of what is right for all.
  OperatorCompiler compiler;
  /// Null where candidates are for the host.
  std::unique_ptr<GpuOperatorCompiler> gpuCompiler;
  std::shared_ptr<Device> opened;
  std::unique_ptr<OperatorBench> bench;
};

} // namespace

WorkerReply CandidateWorker::compile(const WorkerRequest &request) {
  if (!gpuCompiler)
    return compileForHost(request);
  return target.device ? compileForGpu(request) : compileKernels(request);
}

WorkerReply CandidateWorker::compileForHost(const WorkerRequest &request) {
  StatusOr<std::string> object =
      compiler.compile(request.body, request.schedule);
  if (!object.ok())
    return rejected(object.message());
  WorkerReply reply;
  reply.body = std::move(*object);
  return reply;
}

WorkerReply CandidateWorker::compileForGpu(const WorkerRequest &request) {
  StatusOr<GpuProgram> program =
      gpuCompiler->compile(request.body, request.schedule);
  if (!program.ok())
    return rejected(program.message());
  WorkerReply reply;
  reply.body = std::move(program->object);
  reply.kernels = std::move(program->kernels);
  return reply;
}

WorkerReply CandidateWorker::compileKernels(const WorkerRequest &request) {
  auto kernels = gpuCompiler->compileKernels(request.body, request.schedule);
  if (!kernels.ok())
    return rejected(kernels.message());
  WorkerReply reply;
  reply.kernels = std::move(*kernels);
  return reply;
}

StatusOr<Device *> CandidateWorker::device() {
  if (!target.device)
    return Status::error("candidates for " + target.name +
                         " are compiled here, and not run");
  if (!opened) {
    DeviceOptions options;
    options.index = *target.device;
    // Threads in an order of no meaning, for those that race to be found.
    options.simulator = {/*check=*/true, /*seed=*/1};
    StatusOr<std::shared_ptr<Device>> made = openDevice(target.kind, options);
    if (!made.ok())
      return made.status();
    opened = std::move(*made);
  }
  return opened.get();
}

WorkerReply CandidateWorker::load(const WorkerRequest &request) {
  bench.reset();
  StatusOr<Device *> runs = device();
  if (!runs.ok())
    return rejected(runs.message());
  StatusOr<std::unique_ptr<OperatorBench>> loaded =
      OperatorBench::create(compiler, request.body, **runs, threads);
  if (!loaded.ok())
    return rejected(loaded.message());
  bench = std::move(*loaded);
  return {};
}

WorkerReply CandidateWorker::timeBaseline() {
  StatusOr<Device *> runs = device();
  if (!runs.ok())
    return rejected(runs.message());
  StatusOr<double> microseconds = measureBaseline(**runs);
  if (!microseconds.ok())
    return rejected(microseconds.message());
  WorkerReply reply;
  reply.measurement.microseconds = *microseconds;
  return reply;
}

/// Tells the runner why: what else a process does without memory is anyone's
/// guess.
static void exitOutOfMemory() { _exit(memoryExitStatus); }

int orcinus::serveCandidates(const TuningTarget &target, int threads) {
  std::set_new_handler(exitOutOfMemory);
  setCompiledMemoryHandler(exitOutOfMemory);
  llvm::install_bad_alloc_error_handler(
      [](void *, const char *, bool) { exitOutOfMemory(); });
  CandidateWorker worker(target, threads);
  WorkerRequest request;
  while (receiveRequest(STDIN_FILENO, request) == ReceiveResult::Message)
    sendReply(STDIN_FILENO, worker.serve(request));
  return 0;
}
