//===- NetworkTuner.cpp - Tune a network, not its operators alone ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NetworkTuner.h"

#include "LatencyMeter.h"

#include "lib/Graph/AtomicFile.h"
#include "lib/Support/Clock.h"
#include "runtime/Jit/NetworkOperators.h"
#include "runtime/Module/WeightsFile.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace orcinus;

namespace {

/// Calls at one of the open extents.
struct ExtentLatency {
  LatencyMeter meter;
  /// As it is so far.
  NetworkLatency latency;
};

/// Says nothing, but listens.
class SilentObserver : public TuningObserver {
public:
  explicit SilentObserver(TuningObserver &observer) : observer(observer) {}
  bool wantsStop() override { return observer.wantsStop(); }

private:
  TuningObserver &observer;
};

/// Tells of the tuning of one group of operators as a part of that of all.
class GroupObserver : public TuningObserver {
public:
  GroupObserver(TuningObserver &observer, int64_t operators)
      : observer(observer), operators(operators) {}

  void onTrial(const TuningProgress &progress) override {
    observer.onTrial(ofAll(progress));
  }
  void onOperator(const OperatorResult &result, bool bridge,
                  const TuningProgress &progress) override {
    observer.onOperator(result, bridge, ofAll(progress));
  }
  void onNote(const std::string &note) override { observer.onNote(note); }
  bool wantsStop() override { return observer.wantsStop(); }

  /// Of the operators of groups that are through.
  int64_t done = 0;
  double latencyMilliseconds = 0;
  /// When all is expected to end; nothing where nobody knows.
  std::optional<Clock::time_point> end;

private:
  TuningProgress ofAll(TuningProgress progress) const {
    progress.operatorsDone = std::min(done + progress.operatorsDone, operators);
    progress.operators = operators;
    progress.latencyMilliseconds = latencyMilliseconds;
    if (end)
      progress.secondsLeft = std::max(0.0, secondsBetween(Clock::now(), *end));
    return progress;
  }

  TuningObserver &observer;
  int64_t operators;
};

class NetworkTuner {
public:
  NetworkTuner(const NetworkTuningOptions &network,
               const TargetDescription &target, CandidateRunner &runner,
               TuningDatabase &database, const TuningOptions &options,
               TuningObserver &observer)
      : settings(network), target(target), runner(runner), database(database),
        options(options), observer(observer) {}

  StatusOr<TuningReport> run();

private:
  Status readNetwork();
  Status makeMeters(const EntryPoint &entry);
  StatusOr<std::shared_ptr<const Module>> compile() const;
  Status measureDefaults();
  Status tuneInGroups();
  Status tuneGroup(const std::vector<size_t> &group, double part,
                   GroupObserver &groupObserver);
  Status keepWhatHelps(const std::vector<size_t> &group,
                       GroupObserver &groupObserver);
  Status tryInNetwork(size_t number);
  StatusOr<bool> helps(const LatencyMeter &meter, const Module &tried,
                       LatencyMeter::Comparison &comparison) const;
  Status judge();
  void takeAll(const ExtentLatency &latency);
  Status write();
  Status copyWeights() const;
  void collect();

  ExtentLatency &latencyOf(size_t number);
  const NetworkOperator &operatorAt(size_t number) const {
    return network->operators()[number];
  }
  /// Microseconds that a call spends in operator `number`, by the compiler's
  /// own schedule.
  double share(size_t number) const {
    return static_cast<double>(operatorAt(number).instance.calls) *
           results[number].untunedMicroseconds;
  }
  /// Milliseconds of a call, of the smallest where there are open extents.
  double latencyNow() const {
    return latencies.front().latency.millisecondsAfter;
  }
  bool hasBudget() const { return settings.budget > 0; }
  double secondsLeft() const { return settings.budget - secondsSince(begin); }
  /// Whether nothing more is to be begun.
  bool isOver() const {
    return observer.wantsStop() || (hasBudget() && secondsLeft() < 0);
  }

  const NetworkTuningOptions &settings;
  const TargetDescription &target;
  CandidateRunner &runner;
  TuningDatabase &database;
  const TuningOptions &options;
  TuningObserver &observer;
  Clock::time_point begin = Clock::now();

  std::unique_ptr<NetworkOperators> network;
  std::shared_ptr<const Module> untuned, best;
  std::vector<ExtentLatency> latencies;
  /// What becomes of each operator.
  std::vector<NetworkOperatorResult> results;
  /// Operators by what the network spends in them.
  std::vector<size_t> order;
  TuningReport report;
  /// Whether the output's weights are there.
  bool hasWeights = false;
};

} // namespace

//===----------------------------------------------------------------------===//
// The network as it is
//===----------------------------------------------------------------------===//

Status NetworkTuner::makeMeters(const EntryPoint &entry) {
  bool isOpen = std::any_of(entry.arguments.begin(), entry.arguments.end(),
                            [](const TensorType &type) {
                              return std::count(type.extents.begin(),
                                                type.extents.end(), -1) > 0;
                            });
  std::vector<int64_t> extents = settings.openExtents;
  if (!isOpen)
    extents = {0};
  for (int64_t extent : extents) {
    StatusOr<LatencyMeter> meter =
        LatencyMeter::create(entry, extent, target.threads);
    if (!meter.ok())
      return meter.status();
    auto measured = meter->compare(*untuned, *untuned);
    if (!measured.ok())
      return measured.status();
    double milliseconds = 1e3 * measured->first;
    NetworkLatency latency;
    latency.extent = extent;
    latency.millisecondsBefore = latency.millisecondsAfter = milliseconds;
    latency.moments.push_back(
        {secondsSince(begin), milliseconds, "by the compiler's own schedules"});
    latencies.push_back({std::move(*meter), std::move(latency)});
  }
  return Status();
}

Status NetworkTuner::readNetwork() {
  auto read = NetworkOperators::read(settings.network, settings.openExtents);
  if (!read.ok())
    return read.status();
  network = std::move(*read);
  StatusOr<std::shared_ptr<const Module>> compiled = compile();
  if (!compiled.ok())
    return compiled.status();
  untuned = best = *compiled;
  StatusOr<const EntryPoint *> entry = untuned->find(settings.function);
  if (!entry.ok())
    return entry.status();
  if (Status status = makeMeters(**entry); !status.ok())
    return status;
  std::string times;
  for (const auto &[meter, latency] : latencies)
    times += fmt::format(
        "{}{:.4g} ms a call{}", times.empty() ? "" : ", ",
        latency.millisecondsBefore,
        latencies.size() > 1 ? fmt::format(" of {}", latency.extent) : "");
  observer.onNote(fmt::format("{}: {} operators, {} ops that are none; {}",
                              settings.network, network->operators().size(),
                              network->leftOut().size(), times));
  return Status();
}

StatusOr<std::shared_ptr<const Module>> NetworkTuner::compile() const {
  ModuleOptions module;
  module.path = settings.network;
  module.text = network->text();
  module.threads = static_cast<int>(target.threads);
  module.useCache = false;
  StatusOr<std::shared_ptr<const Module>> opened = openModule(module);
  if (opened.ok())
    (*opened)->useThreads(module.threads);
  return opened;
}

/// The calls that operator `number` is timed in: those of its extent.
ExtentLatency &NetworkTuner::latencyOf(size_t number) {
  auto found = std::find_if(
      latencies.begin(), latencies.end(), [&](const ExtentLatency &each) {
        return each.latency.extent == operatorAt(number).extent;
      });
  return found == latencies.end() ? latencies.front() : *found;
}

/// Times each operator as the compiler executes it by itself.
Status NetworkTuner::measureDefaults() {
  std::vector<TunableOperator> all;
  for (const NetworkOperator &each : network->operators())
    all.push_back(each.instance);
  TuningOptions untunedOptions = options;
  untunedOptions.strategy = TuningStrategy::Default;
  SilentObserver silent(observer);
  auto measured =
      tuneOperators(all, target, runner, database, untunedOptions, silent);
  if (!measured.ok())
    return measured.status();
  std::map<std::string, double> microseconds;
  for (const OperatorResult &result : measured->operators)
    microseconds[result.name] = result.program.microseconds;
  std::map<std::string, std::string> reasons;
  for (const LeftOutOperator &each : measured->leftOut)
    reasons[each.name] = each.reason;
  for (const FailedOperator &each : measured->failed)
    reasons[each.name] = each.reason;
  for (const NetworkOperator &each : network->operators()) {
    const std::string &name = each.instance.description.name;
    auto known = microseconds.find(name);
    auto reason = reasons.find(name);
    double time = known == microseconds.end() ? 0 : known->second;
    results.push_back({name, each.instance.calls, time, time, false,
                       reason == reasons.end() ? "no program is faster alone"
                                               : reason->second});
  }
  order.resize(results.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](size_t one, size_t other) {
    return share(one) > share(other);
  });
  return Status();
}

//===----------------------------------------------------------------------===//
// Tuning
//===----------------------------------------------------------------------===//

/// Tunes by reuse, in groups: first what makes up half of the operators' time,
/// then what makes up the next quarter, and so on. What was tuned before is
/// there for the next group to reuse. What is left of a budget is divided among
/// the groups as the time that they make up.
Status NetworkTuner::tuneInGroups() {
  double total = 0;
  for (size_t number : order)
    total += share(number);
  GroupObserver groupObserver(observer, std::ssize(order));
  if (hasBudget())
    groupObserver.end = after(settings.budget, begin);
  double done = 0, goal = total / 2;
  for (size_t at = 0; at != order.size();) {
    std::vector<size_t> group;
    double before = done;
    for (; at != order.size() && (group.empty() || done < goal); ++at) {
      done += share(order[at]);
      if (results[order[at]].untunedMicroseconds > 0)
        group.push_back(order[at]);
    }
    goal += (total - goal) / 2;
    groupObserver.latencyMilliseconds = latencyNow();
    double part = total > before ? (done - before) / (total - before) : 1;
    if (Status status = tuneGroup(group, part, groupObserver); !status.ok())
      return status;
    if (Status status = keepWhatHelps(group, groupObserver); !status.ok())
      return status;
    groupObserver.done = static_cast<int64_t>(at);
  }
  return Status();
}

/// Tunes the operators of `group`; of a budget's rest it may take a `part`.
Status NetworkTuner::tuneGroup(const std::vector<size_t> &group, double part,
                               GroupObserver &groupObserver) {
  // What remains is for the calls in which programs are tried.
  constexpr double partForTuning = 0.75;
  if (group.empty() || observer.wantsStop())
    return Status();
  TuningOptions groupOptions = options;
  if (hasBudget())
    groupOptions.deadline =
        after(partForTuning * part * std::max(0.0, secondsLeft()));
  std::vector<TunableOperator> operators;
  for (size_t number : group)
    operators.push_back(operatorAt(number).instance);
  auto tuned = tuneOperators(operators, target, runner, database, groupOptions,
                             groupObserver);
  if (!tuned.ok())
    return tuned.status();
  for (size_t number : group)
    for (const LeftOutOperator &each : tuned->leftOut)
      if (each.name == operatorAt(number).instance.description.name)
        results[number].fate = each.reason;
  report.add(std::move(*tuned));
  return Status();
}

//===----------------------------------------------------------------------===//
// In the network
//===----------------------------------------------------------------------===//

/// Whether `tried` is faster than the best so far, twice in a row.
StatusOr<bool> NetworkTuner::helps(const LatencyMeter &meter,
                                   const Module &tried,
                                   LatencyMeter::Comparison &comparison) const {
  for (int time = 0; time != 2; ++time) {
    auto compared = meter.compare(*best, tried);
    if (!compared.ok())
      return compared.status();
    comparison = *compared;
    if (!compared->isFaster)
      return false;
  }
  return true;
}

/// Tries the programs of a group in the network, and keeps them where calls
/// become faster.
Status NetworkTuner::keepWhatHelps(const std::vector<size_t> &group,
                                   GroupObserver &groupObserver) {
  // What takes less of a call is not told from what the machine does besides.
  constexpr double leastShare = 0.005;
  for (size_t number : group) {
    if (isOver()) {
      results[number].fate = "was not tried for want of time";
      continue;
    }
    double microseconds = 1e3 * latencyOf(number).latency.millisecondsBefore;
    if (share(number) < leastShare * microseconds) {
      results[number].fate = "takes too little of a call to tell";
      continue;
    }
    if (Status status = tryInNetwork(number); !status.ok())
      return status;
    groupObserver.latencyMilliseconds = latencyNow();
  }
  return Status();
}

Status NetworkTuner::tryInNetwork(size_t number) {
  NetworkOperatorResult &result = results[number];
  StatusOr<std::optional<TunedProgram>> given = network->give(number, database);
  if (!given.ok())
    return given.status();
  if (!*given)
    return Status();
  StatusOr<std::shared_ptr<const Module>> tried = compile();
  if (!tried.ok()) {
    network->take(number);
    result.fate = tried.message();
    return Status();
  }
  auto &[meter, latency] = latencyOf(number);
  LatencyMeter::Comparison comparison;
  StatusOr<bool> isFaster = helps(meter, **tried, comparison);
  if (!isFaster.ok())
    return isFaster.status();
  double milliseconds = 1e3 * comparison.second;
  result.fate = fmt::format("{}: calls take {:.3f} times as long",
                            *isFaster ? "kept" : "not kept", comparison.ratio);
  observer.onNote(fmt::format("{}, {:.4g} ms a call: {}", result.name,
                              milliseconds, result.fate));
  if (!*isFaster) {
    network->take(number);
    return Status();
  }
  result.isKept = true;
  result.microseconds = (*given)->microseconds;
  latency.millisecondsAfter = milliseconds;
  latency.moments.push_back(
      {secondsSince(begin), milliseconds, "with " + result.name});
  best = *tried;
  return write();
}

/// Goes back to the compiler's own schedules at the extents where all that was
/// kept does not help together.
Status NetworkTuner::judge() {
  for (ExtentLatency &each : latencies) {
    auto compared = each.meter.compare(*untuned, *best);
    if (!compared.ok())
      return compared.status();
    NetworkLatency &latency = each.latency;
    latency.millisecondsBefore = latency.millisecondsAfter =
        1e3 * compared->first;
    if (best != untuned && compared->ratio < 1) {
      latency.millisecondsAfter = 1e3 * compared->second;
      latency.ratio = compared->ratio;
    } else {
      takeAll(each);
    }
    latency.moments.push_back({secondsSince(begin), latency.millisecondsAfter,
                               "at the end, beside what it was before"});
  }
  return write();
}

/// Takes the programs away that were kept for calls of one extent.
void NetworkTuner::takeAll(const ExtentLatency &latency) {
  for (size_t number : order) {
    NetworkOperatorResult &result = results[number];
    if (!result.isKept || &latencyOf(number) != &latency)
      continue;
    network->take(number);
    result.isKept = false;
    result.microseconds = result.untunedMicroseconds;
    result.fate = "not kept: the network is not faster with all of them";
  }
}

/// Writes the network as it is now, with its weights beside it.
Status NetworkTuner::write() {
  if (!hasWeights)
    if (Status status = copyWeights(); !status.ok())
      return status;
  hasWeights = true;
  return writeWholeFile(settings.output, network->text());
}

/// Gives the output the weights of the network, if it has any, in place of what
/// was there.
Status NetworkTuner::copyWeights() const {
  std::string weights = weightsPathOf(settings.network),
              copy = weightsPathOf(settings.output);
  std::error_code error;
  if (!std::filesystem::exists(weights, error) ||
      std::filesystem::equivalent(weights, copy, error))
    return Status();
  // One file under two names, where the disk can.
  std::string temporary = copy + ".tmp." + std::to_string(getpid());
  std::filesystem::create_hard_link(weights, temporary, error);
  if (error)
    std::filesystem::copy_file(
        weights, temporary, std::filesystem::copy_options::overwrite_existing,
        error);
  if (!error)
    std::filesystem::rename(temporary, copy, error);
  if (!error)
    return Status();
  std::error_code ignored;
  std::filesystem::remove(temporary, ignored);
  return Status::error("cannot write '" + copy + "': " + error.message(),
                       StatusCode::InputOutput);
}

void NetworkTuner::collect() {
  report.strategy = options.strategy;
  report.target = target.summary();
  report.origin = runner.origin();
  report.seconds = secondsSince(begin);
  NetworkReport &all = report.network.emplace();
  all.network = settings.network;
  for (ExtentLatency &each : latencies)
    all.latencies.push_back(std::move(each.latency));
  for (size_t number : order)
    all.operators.push_back(std::move(results[number]));
  all.byDefault = network->leftOut();
}

StatusOr<TuningReport> NetworkTuner::run() {
  for (Status (NetworkTuner::*step)() :
       {&NetworkTuner::readNetwork, &NetworkTuner::measureDefaults,
        &NetworkTuner::tuneInGroups, &NetworkTuner::judge})
    if (Status status = (this->*step)(); !status.ok())
      return status;
  collect();
  return std::move(report);
}

StatusOr<TuningReport> orcinus::tuneNetwork(const NetworkTuningOptions &network,
                                            const TargetDescription &target,
                                            CandidateRunner &runner,
                                            TuningDatabase &database,
                                            const TuningOptions &options,
                                            TuningObserver &observer) {
  return NetworkTuner(network, target, runner, database, options, observer)
      .run();
}
