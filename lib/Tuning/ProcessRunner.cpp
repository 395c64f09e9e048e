//===- ProcessRunner.cpp - Candidates in child processes ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/ProcessRunner.h"

#include "GpuModel.h"
#include "WorkerProcess.h"

#include "lib/Support/Clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <poll.h>

using namespace orcinus;

namespace {

class ProcessRunner : public CandidateRunner {
public:
  explicit ProcessRunner(ProcessRunnerOptions options)
      : options(std::move(options)) {
    for (int worker = 0; worker < std::max(1, this->options.compileWorkers);
         ++worker)
      workers.emplace_back(this->options.command, this->options.memoryBytes);
  }

  Status start() override;
  TimeOrigin origin() const override {
    return options.measures ? TimeOrigin::Measured : TimeOrigin::Modelled;
  }
  Status measure(const TunableOperator &op, std::span<const Schedule> schedules,
                 const Report &report) override;

private:
  /// A candidate on its way.
  struct Candidate {
    Measurement measurement;
    std::string object;
    std::vector<KernelResources> kernels;
  };
  /// What a worker compiles.
  struct Job {
    size_t candidate = 0;
    Clock::time_point begin;
  };

  Status compileAll(const TunableOperator &op,
                    std::span<const Schedule> schedules,
                    std::vector<Candidate> &candidates);
  Status startCompiling(const TunableOperator &op,
                        std::span<const Schedule> schedules, size_t &next);
  void waitForAny() const;
  bool collect(size_t worker, std::vector<Candidate> &candidates);
  Status run(const TunableOperator &op, Candidate &candidate);
  void judge(const TunableOperator &op, const Schedule &schedule,
             Candidate &candidate) const;
  Status load(const TunableOperator &op);
  Status updateBaseline();

  /// The one that measures; it compiles with the others.
  WorkerProcess &bench() { return workers.front(); }

  ProcessRunnerOptions options;
  std::vector<WorkerProcess> workers;
  /// What each worker compiles at the moment.
  std::vector<std::optional<Job>> jobs;
  /// The operator that `best` is of, and that the bench has loaded.
  std::string module;
  bool loaded = false;
  double bestMicroseconds = 0;
  /// The latest times of the baseline.
  std::deque<double> baselines;
  double baselineMicroseconds = 0;
};

} // namespace

/// Has a worker answer anything: one that lives to do so has been loaded.
Status ProcessRunner::start() {
  if (Status status = bench().send({WorkerCommand::Baseline, {}, 0, ""});
      !status.ok())
    return status;
  Measurement result =
      bench().receive(after(options.loadLimitSeconds)).measurement;
  if (bench().running())
    return Status();
  return Status::error(
      fmt::format("a worker cannot start with {} MB of data ({}): raise the "
                  "memory limit",
                  options.memoryBytes >> 20, result.message),
      StatusCode::OutOfMemory);
}

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

/// Gives every worker that is free the next schedule.
Status ProcessRunner::startCompiling(const TunableOperator &op,
                                     std::span<const Schedule> schedules,
                                     size_t &next) {
  for (size_t worker = 0; worker < workers.size(); ++worker) {
    if (jobs[worker] || next == schedules.size())
      continue;
    jobs[worker] = Job{next, Clock::now()};
    if (Status status = workers[worker].send(
            {WorkerCommand::Compile, schedules[next], 0, op.module});
        !status.ok())
      return status;
    ++next;
  }
  return Status();
}

/// Waits until a worker answers or the first deadline passes.
void ProcessRunner::waitForAny() const {
  std::vector<pollfd> requests;
  double left = options.compileLimitSeconds;
  for (size_t worker = 0; worker < workers.size(); ++worker)
    if (jobs[worker]) {
      requests.push_back({workers[worker].socket(), POLLIN, 0});
      left = std::min(left, options.compileLimitSeconds -
                                secondsSince(jobs[worker]->begin));
    }
  // An error shows where the workers are asked one by one.
  constexpr double mostSeconds = 1e6;
  poll(requests.data(), requests.size(),
       static_cast<int>(1000 * std::clamp(left, 0.0, mostSeconds)) + 1);
}

/// Whether `worker` has answered, or died.
static bool hasAnswered(const WorkerProcess &worker) {
  pollfd request = {worker.socket(), POLLIN, 0};
  return poll(&request, 1, 0) != 0;
}

/// Takes what `worker` compiled, or how it failed; false where it is still at
/// it.
bool ProcessRunner::collect(size_t worker, std::vector<Candidate> &candidates) {
  std::optional<Job> &job = jobs[worker];
  if (!job || (!hasAnswered(workers[worker]) &&
               secondsSince(job->begin) <= options.compileLimitSeconds))
    return false;
  WorkerReply reply =
      workers[worker].receive(after(options.compileLimitSeconds, job->begin));
  Candidate &candidate = candidates[job->candidate];
  candidate.measurement = std::move(reply.measurement);
  candidate.measurement.compileSeconds = secondsSince(job->begin);
  candidate.object = std::move(reply.body);
  candidate.kernels = std::move(reply.kernels);
  loaded &= bench().running();
  job.reset();
  return true;
}

Status ProcessRunner::compileAll(const TunableOperator &op,
                                 std::span<const Schedule> schedules,
                                 std::vector<Candidate> &candidates) {
  jobs.assign(workers.size(), std::nullopt);
  size_t next = 0, done = 0;
  while (done < schedules.size()) {
    if (Status status = startCompiling(op, schedules, next); !status.ok()) {
      // What the others answer belongs to nothing any more.
      for (WorkerProcess &worker : workers)
        worker.stop();
      loaded = false;
      return status;
    }
    waitForAny();
    for (size_t worker = 0; worker < workers.size(); ++worker)
      done += collect(worker, candidates);
  }
  return Status();
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

/// Makes the bench ready for `op`. Errors: what its results are compared with
/// cannot be computed.
Status ProcessRunner::load(const TunableOperator &op) {
  if (loaded)
    return Status();
  if (Status status = bench().send({WorkerCommand::Load, {}, 0, op.module});
      !status.ok())
    return status;
  Measurement result =
      bench().receive(after(options.loadLimitSeconds)).measurement;
  loaded = result.ok();
  if (loaded)
    return Status();
  return Status::error("cannot check programs of '" + op.description.name +
                           "': " + result.message,
                       StatusCode::Internal);
}

Status ProcessRunner::run(const TunableOperator &op, Candidate &candidate) {
  auto loadBegin = Clock::now();
  bool wasLoaded = loaded;
  if (Status status = load(op); !status.ok())
    return status;
  double loadSeconds = wasLoaded ? 0 : secondsSince(loadBegin);
  auto begin = Clock::now();
  if (Status status = bench().send({WorkerCommand::Run,
                                    {},
                                    bestMicroseconds,
                                    std::move(candidate.object)});
      !status.ok())
    return status;
  Measurement result =
      bench().receive(after(options.runLimitSeconds)).measurement;
  result.compileSeconds = candidate.measurement.compileSeconds;
  result.runSeconds = secondsSince(begin);
  result.loadSeconds = loadSeconds;
  result.baselineMicroseconds = baselineMicroseconds;
  loaded = bench().running();
  if (result.ok() &&
      (bestMicroseconds == 0 || result.microseconds < bestMicroseconds))
    bestMicroseconds = result.microseconds;
  candidate.measurement = std::move(result);
  return Status();
}

/// Measures the baseline once more. The fastest of a few is what a candidate is
/// compared with: whatever disturbs it makes it slower, and would make
/// candidates look faster than they are.
Status ProcessRunner::updateBaseline() {
  constexpr size_t most = 5;
  if (Status status = bench().send({WorkerCommand::Baseline, {}, 0, ""});
      !status.ok())
    return status;
  Measurement result =
      bench().receive(after(options.runLimitSeconds)).measurement;
  if (!result.ok())
    return Status::error("a worker cannot time the baseline: " + result.message,
                         StatusCode::Internal);
  baselines.push_back(result.microseconds);
  if (baselines.size() > most)
    baselines.pop_front();
  baselineMicroseconds = *std::min_element(baselines.begin(), baselines.end());
  return Status();
}

/// Asks the model whether `candidate`, which was compiled, can be any good, and
/// where candidates do not run, for its time.
void ProcessRunner::judge(const TunableOperator &op, const Schedule &schedule,
                          Candidate &candidate) const {
  Measurement &measurement = candidate.measurement;
  measurement.origin = origin();
  if (!options.measures)
    // Modelled times do not drift: they are their own multiples.
    measurement.baselineMicroseconds = 1;
  if (!measurement.ok() || !options.model)
    return;
  StatusOr<double> time = options.model(op, schedule, candidate.kernels);
  if (!time.ok()) {
    measurement.status = MeasureStatus::Rejected;
    measurement.message = time.message();
  } else if (!options.measures) {
    measurement.microseconds = *time;
  }
}

Status ProcessRunner::measure(const TunableOperator &op,
                              std::span<const Schedule> schedules,
                              const Report &report) {
  if (schedules.empty())
    return Status();
  if (module != op.module) {
    module = op.module;
    loaded = false;
    bestMicroseconds = 0;
  }
  std::vector<Candidate> candidates(schedules.size());
  if (Status status = compileAll(op, schedules, candidates); !status.ok())
    return status;
  if (options.measures)
    if (Status status = updateBaseline(); !status.ok())
      return status;
  for (size_t at = 0; at < candidates.size(); ++at) {
    Candidate &candidate = candidates[at];
    judge(op, schedules[at], candidate);
    if (options.measures && candidate.measurement.ok())
      if (Status status = run(op, candidate); !status.ok())
        return status;
    if (Status status = report(at, candidate.measurement); !status.ok())
      return status;
  }
  return Status();
}

TimeModel orcinus::gpuTimeModel(const GpuChip &chip) {
  return [&chip](const TunableOperator &op, const Schedule &schedule,
                 std::span<const KernelResources> kernels) {
    return operatorMicroseconds(chip, op.description, schedule, kernels);
  };
}

std::unique_ptr<CandidateRunner>
orcinus::createProcessRunner(ProcessRunnerOptions options) {
  return std::make_unique<ProcessRunner>(std::move(options));
}
