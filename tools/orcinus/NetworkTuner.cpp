//===- NetworkTuner.cpp - Tune a network, not its operators alone ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NetworkTuner.h"

#include "lib/Graph/AtomicFile.h"
#include "orcinus/Runtime/Module.h"
#include "runtime/Jit/NetworkOperators.h"
#include "runtime/Module/WeightsFile.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace orcinus;
using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

static double medianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

//===----------------------------------------------------------------------===//
// Latency
//===----------------------------------------------------------------------===//

namespace {

/// Calls of a function of the network on arguments of its own.
class LatencyMeter {
public:
  static StatusOr<LatencyMeter> create(const NetworkTuningOptions &options,
                                       const EntryPoint &entry,
                                       int64_t threads) {
    LatencyMeter meter;
    meter.isAlone = threads == 1;
    meter.function = entry.name;
    for (const TensorType &type : entry.arguments) {
      std::vector<int64_t> extents = type.extents;
      std::replace(extents.begin(), extents.end(), int64_t(-1),
                   options.openExtent);
      StatusOr<Tensor> tensor = Tensor::create(type.element, extents);
      if (!tensor.ok())
        return tensor.status();
      fill(*tensor);
      meter.tensors.push_back(std::move(*tensor));
    }
    for (const Tensor &tensor : meter.tensors)
      meter.arguments.push_back(tensor.view());
    return meter;
  }

  /// Seconds a call of each of two modules, medians over turns.
  struct Comparison {
    double first = 0, second = 0;
    /// How many times as long the second takes, the median of the turns.
    double ratio = 1;
    /// Whether that is so in nearly all turns, and by more than a clock's
    /// error.
    bool isFaster = false;
  };

  /// Calls both in turns, each first in every other one, so that both meet what
  /// else the machine does.
  StatusOr<Comparison> compare(const Module &first,
                               const Module &second) const {
    constexpr int turns = 9, enough = 8;
    constexpr double leastGain = 0.995, burstSeconds = 0.1;
    StatusOr<double> one = seconds(first, 1);
    if (!one.ok())
      return one.status();
    int calls = std::clamp(static_cast<int>(burstSeconds / *one), 2, 1000);
    std::vector<double> firsts, others, ratios;
    for (int turn = 0; turn != turns; ++turn) {
      const Module *pair[] = {&first, &second};
      double fastest[2] = {};
      for (int each : {turn % 2, 1 - turn % 2}) {
        StatusOr<double> measured = seconds(*pair[each], calls);
        if (!measured.ok())
          return measured.status();
        fastest[each] = *measured;
      }
      firsts.push_back(fastest[0]);
      others.push_back(fastest[1]);
      ratios.push_back(fastest[1] / fastest[0]);
    }
    auto wins = std::count_if(ratios.begin(), ratios.end(),
                              [](double ratio) { return ratio < 1; });
    double ratio = medianOf(ratios);
    return Comparison{medianOf(firsts), medianOf(others), ratio,
                      wins >= enough && ratio < leastGain};
  }

private:
  LatencyMeter() = default;

  /// Numbers from -1 to 1; of integers, which may be indices, ones.
  static void fill(const Tensor &tensor) {
    size_t bytes = tensorElementBytes(tensor.element());
    for (size_t at = 0; at != tensor.bytes() / bytes; ++at) {
      char *element = static_cast<char *>(tensor.data()) + at * bytes;
      float number =
          static_cast<float>(static_cast<int64_t>(at * 7919 % 2001) - 1000) /
          1000;
      if (tensor.element() == TensorElement::F32) {
        std::memcpy(element, &number, bytes);
      } else if (tensor.element() == TensorElement::F64) {
        double wide = number;
        std::memcpy(element, &wide, bytes);
      } else {
        // Of f16 and bf16 a small number.
        std::memset(element, 0, bytes);
        element[0] = 1;
      }
    }
  }

  /// Of the fastest of `calls` calls: whatever else the machine does makes
  /// others slower.
  StatusOr<double> seconds(const Module &module, int calls) const {
    double fastest = 0;
    // The first brings code and data into caches.
    for (int call = -1; call != calls; ++call) {
      double begin = now();
      auto results = module.call(function, arguments);
      double taken = now() - begin;
      if (!results.ok())
        return results.status();
      if (call == 0 || (call > 0 && taken < fastest))
        fastest = taken;
    }
    return fastest;
  }

  /// Seconds on a clock: of one thread alone that of its own processor time,
  /// which stands still while the machine does something else.
  double now() const {
    timespec time{};
    clock_gettime(isAlone ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) +
           1e-9 * static_cast<double>(time.tv_nsec);
  }

  bool isAlone = false;
  std::string function;
  std::vector<Tensor> tensors;
  std::vector<TensorView> arguments;
};

//===----------------------------------------------------------------------===//
// Tuning
//===----------------------------------------------------------------------===//

class NetworkTuner {
public:
  NetworkTuner(const NetworkTuningOptions &network,
               const TargetDescription &target, CandidateRunner &runner,
               TuningDatabase &database, const TuningOptions &options,
               TuningObserver &observer)
      : settings(network), target(target), runner(runner), database(database),
        options(options), observer(observer) {}

  Status run();

private:
  Status readNetwork();
  StatusOr<std::shared_ptr<const Module>> compile() const;
  Status measureDefaults();
  Status tuneInOrder();
  StatusOr<bool> helps(const Module &tried, double &ratio,
                       double &seconds) const;
  Status keepWhatHelps();
  Status judge();
  Status write() const;
  void report() const;

  /// Seconds that a call spends in operator `number`, by the compiler's own
  /// schedule.
  double share(size_t number) const {
    return static_cast<double>(network->operators()[number].calls) *
           defaults[number];
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
  std::optional<LatencyMeter> meter;
  /// Seconds of a call by the compiler's own schedules.
  double latency = 0;
  /// Microseconds of each operator by the compiler's own schedule, 0 where it
  /// cannot be tuned; operators by what the network spends in them.
  std::vector<double> defaults;
  std::vector<size_t> order;
  /// What came of each: kept, or why not.
  std::vector<std::string> fates;
};

} // namespace

Status NetworkTuner::readNetwork() {
  auto read = NetworkOperators::read(settings.network, settings.openExtent);
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
  StatusOr<LatencyMeter> made =
      LatencyMeter::create(settings, **entry, target.threads);
  if (!made.ok())
    return made.status();
  meter.emplace(std::move(*made));
  auto measured = meter->compare(*untuned, *untuned);
  if (!measured.ok())
    return measured.status();
  latency = measured->first;
  observer.onNote(
      fmt::format("{}: {} operators, {} ops that are none; {:.4g} ms a call",
                  settings.network, network->operators().size(),
                  network->leftOut().size(), 1e3 * latency));
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

/// Times each operator as the compiler executes it by itself.
Status NetworkTuner::measureDefaults() {
  const std::vector<NetworkOperator> &operators = network->operators();
  std::vector<TunableOperator> all;
  for (const NetworkOperator &each : operators)
    all.push_back(each.instance);
  TuningOptions untunedOptions = options;
  untunedOptions.strategy = TuningStrategy::Default;
  TuningObserver silent;
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
  for (const NetworkOperator &each : operators) {
    const std::string &name = each.instance.description.name;
    auto known = microseconds.find(name);
    defaults.push_back(known == microseconds.end() ? 0 : known->second);
    auto reason = reasons.find(name);
    fates.push_back(reason == reasons.end() ? "no program is faster alone"
                                            : reason->second);
  }
  order.resize(operators.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](size_t one, size_t other) {
    return share(one) > share(other);
  });
  return Status();
}

/// Tunes by reuse, in groups: first what makes up half of the operators' time,
/// then what makes up the next quarter, and so on. What was tuned before is
/// there for the next group to reuse. With a budget, rounds of more candidates
/// follow as long as there is time.
Status NetworkTuner::tuneInOrder() {
  double total = 0;
  for (size_t number : order)
    total += share(number);
  TuningOptions round = options;
  constexpr double partForTuning = 0.75;
  if (settings.budget > 0)
    round.deadline =
        begin +
        std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double>(partForTuning * settings.budget));
  constexpr int64_t firstTrials = 16;
  int64_t most = options.trials.search;
  round.trials.search =
      settings.budget > 0 ? std::min(firstTrials, most) : most;
  while (true) {
    double done = 0, goal = total / 2;
    for (size_t at = 0; at != order.size() && !round.isLate();) {
      std::vector<TunableOperator> group;
      for (; at != order.size() && (group.empty() || done < goal); ++at) {
        done += share(order[at]);
        if (defaults[order[at]] > 0)
          group.push_back(network->operators()[order[at]].instance);
      }
      goal += (total - goal) / 2;
      if (group.empty())
        break;
      auto tuned =
          tuneOperators(group, target, runner, database, round, observer);
      if (!tuned.ok())
        return tuned.status();
    }
    if (settings.budget <= 0 || round.isLate() || round.trials.search >= most)
      return Status();
    round.trials.search = std::min(2 * round.trials.search, most);
  }
}

/// Whether `tried` is faster than the best so far, twice in a row; `ratio`
/// becomes how many times as long it takes, `seconds` how long.
StatusOr<bool> NetworkTuner::helps(const Module &tried, double &ratio,
                                   double &seconds) const {
  for (int time = 0; time != 2; ++time) {
    auto compared = meter->compare(*best, tried);
    if (!compared.ok())
      return compared.status();
    ratio = compared->ratio;
    seconds = compared->second;
    if (!compared->isFaster)
      return false;
  }
  return true;
}

/// Tries the programs of each operator in the network, in the order of its
/// share, and keeps them where calls become faster.
Status NetworkTuner::keepWhatHelps() {
  // What takes less of a call is not told from what the machine does besides.
  constexpr double leastShare = 0.005;
  for (size_t number : order) {
    const NetworkOperator &op = network->operators()[number];
    if (settings.budget > 0 && secondsSince(begin) > settings.budget) {
      fates[number] = "was not tried for want of time";
      continue;
    }
    if (share(number) < leastShare * 1e6 * latency) {
      fates[number] = "takes too little of a call to tell";
      continue;
    }
    StatusOr<bool> given = network->give(number, database);
    if (!given.ok())
      return given.status();
    if (!*given)
      continue;
    StatusOr<std::shared_ptr<const Module>> tried = compile();
    if (!tried.ok()) {
      network->take(number);
      fates[number] = tried.message();
      continue;
    }
    double ratio = 1, seconds = 0;
    StatusOr<bool> isFaster = helps(**tried, ratio, seconds);
    if (!isFaster.ok())
      return isFaster.status();
    fates[number] = fmt::format("{}: calls take {:.3f} times as long",
                                *isFaster ? "kept" : "not kept", ratio);
    observer.onNote(fmt::format("{}, {:.4g} ms a call: {}", op.name,
                                1e3 * seconds, fates[number]));
    if (!*isFaster) {
      network->take(number);
      continue;
    }
    best = *tried;
    if (Status status = write(); !status.ok())
      return status;
  }
  return Status();
}

/// Goes back to the compiler's own schedules where all that was kept does not
/// help together.
Status NetworkTuner::judge() {
  auto compared = meter->compare(*untuned, *best);
  if (!compared.ok())
    return compared.status();
  bool isTuned = best != untuned && compared->ratio < 1;
  if (!isTuned)
    for (size_t number : order) {
      network->take(number);
      if (fates[number].starts_with("kept"))
        fates[number] = "not kept: the network is not faster with all of them";
    }
  if (Status status = write(); !status.ok())
    return status;
  report();
  fmt::print("{:.4g} ms a call before, {:.4g} after, {:.3f} times as long; "
             "{:.0f} s\n",
             1e3 * compared->first,
             1e3 * (isTuned ? compared->second : compared->first),
             isTuned ? compared->ratio : 1.0, secondsSince(begin));
  return Status();
}

/// Writes the network as it is now, with its weights beside it.
Status NetworkTuner::write() const {
  Status status = writeWholeFile(settings.output, network->text());
  std::string weights = weightsPathOf(settings.network),
              copy = weightsPathOf(settings.output);
  std::error_code error;
  if (!status.ok() || !std::filesystem::exists(weights, error) ||
      std::filesystem::equivalent(weights, copy, error))
    return status;
  // One file under two names, where the disk can.
  std::filesystem::remove(copy, error);
  std::filesystem::create_hard_link(weights, copy, error);
  if (error)
    std::filesystem::copy_file(weights, copy, error);
  if (!error)
    return status;
  return Status::error("cannot write '" + copy + "': " + error.message(),
                       StatusCode::InputOutput);
}

void NetworkTuner::report() const {
  fmt::print("{:<40} {:>5} {:>10}  {}\n", "operator", "calls", "us",
             "its program");
  for (size_t number : order) {
    const NetworkOperator &op = network->operators()[number];
    fmt::print("{:<40} {:>5} {:>10.1f}  {}\n", op.name, op.calls,
               defaults[number], fates[number]);
  }
  for (const LeftOutOperator &each : network->leftOut())
    fmt::print("by default: {} {}\n", each.name, each.reason);
}

Status NetworkTuner::run() {
  for (Status (NetworkTuner::*step)() :
       {&NetworkTuner::readNetwork, &NetworkTuner::measureDefaults,
        &NetworkTuner::tuneInOrder, &NetworkTuner::keepWhatHelps,
        &NetworkTuner::judge})
    if (Status status = (this->*step)(); !status.ok())
      return status;
  return Status();
}

Status orcinus::tuneNetwork(const NetworkTuningOptions &network,
                            const TargetDescription &target,
                            CandidateRunner &runner, TuningDatabase &database,
                            const TuningOptions &options,
                            TuningObserver &observer) {
  return NetworkTuner(network, target, runner, database, options, observer)
      .run();
}
