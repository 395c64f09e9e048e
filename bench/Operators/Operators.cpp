//===- Operators.cpp - Compiled operators beside OpenBLAS and oneDNN ------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Times the operators of a set in turns with the library's: a round of each,
// then the next. Prints both and how many times as fast Orcinus is, and the
// geometric mean by library.
//
//===----------------------------------------------------------------------===//

#include "CompiledOperator.h"
#include "LibraryOperator.h"

#include "orcinus/Tuning/Database.h"
#include "orcinus/Tuning/OperatorSets.h"
#include "passes/Lowering/HostDescription.h"
#include "runtime/Jit/OpenMP.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <optional>
#include <regex>
#include <thread>

using namespace orcinus;
using namespace orcinus::bench;

namespace {

struct Options {
  std::string set = "standard", filter = ".*", database;
  std::vector<std::string> schedules;
  int threads = 1, rounds = 15;
};

struct Times {
  double orcinus = 0, library = 0;
  double ratio = 0;
};

/// The libraries compared with, by name: logarithms of the ratios.
using Ratios = std::map<std::string, std::vector<double>>;

} // namespace

/// One thread is timed by its processor time, which does not count what else
/// the machine does meanwhile; several by the clock.
static double secondsNow(int threads) {
  timespec now;
  clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

template <typename Call>
static double secondsPerCall(Call call, int calls, int threads) {
  call();
  double begin = secondsNow(threads);
  for (int turn = 0; turn < calls; ++turn)
    call();
  return (secondsNow(threads) - begin) / calls;
}

static double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2,
                   values.end());
  return values[values.size() / 2];
}

/// Calls that take about `seconds` together.
template <typename Call>
static int callsFor(Call call, double seconds, int threads) {
  double once = secondsPerCall(call, 1, threads);
  return std::clamp(static_cast<int>(seconds / std::max(once, 1e-7)), 1, 20000);
}

static Times compare(CompiledOperator &compiled, LibraryOperator *library,
                     const Options &options) {
  constexpr double roundSeconds = 4e-3;
  // Threads of one runtime that still wait for work would slow the other down.
  auto settle = [&] {
    if (options.threads > 1)
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
  };
  auto ours = [&] { compiled.run(); };
  int ourCalls = callsFor(ours, roundSeconds, options.threads);
  int theirCalls =
      library ? callsFor(library->run, roundSeconds, options.threads) : 0;
  std::vector<double> mine, theirs, ratios;
  for (int round = 0; round < options.rounds; ++round) {
    settle();
    mine.push_back(secondsPerCall(ours, ourCalls, options.threads));
    if (!library)
      continue;
    settle();
    theirs.push_back(secondsPerCall(library->run, theirCalls, options.threads));
    ratios.push_back(theirs.back() / mine.back());
  }
  if (!library)
    return {median(mine), 0, 0};
  return {median(mine), median(theirs), median(ratios)};
}

static void printTimes(const OperatorDescription &description,
                       const std::string &library, const Times &times,
                       const Schedule &schedule) {
  auto rate = [&](double seconds) {
    return description.floatingPointOperations() / seconds * 1e-9;
  };
  fmt::print("{:<40} {:>10.1f} us {:>7.1f} GFLOP/s", description.name,
             times.orcinus * 1e6, rate(times.orcinus));
  if (!library.empty())
    fmt::print(" {:>10.1f} us {:>5.2f} {:<8}", times.library * 1e6, times.ratio,
               library);
  fmt::print(" {}\n", schedule.toString());
  std::fflush(stdout);
}

/// Times `description` under each schedule and counts the fastest.
static Status benchmark(const OperatorDescription &description,
                        const std::vector<Schedule> &schedules,
                        const Options &options, Ratios &ratios) {
  LibraryOperator library = libraryOperator(description, options.threads);
  LibraryOperator *other = library.library.empty() ? nullptr : &library;
  std::optional<Times> best;
  for (const Schedule &schedule : schedules) {
    StatusOr<std::unique_ptr<CompiledOperator>> compiled =
        CompiledOperator::create(description, schedule, options.threads);
    if (!compiled.ok())
      return Status::error(description.name + ": " + compiled.message());
    Times times = compare(**compiled, other, options);
    printTimes(description, library.library, times, schedule);
    if (!best || times.orcinus < best->orcinus)
      best = times;
  }
  if (other)
    ratios[library.library].push_back(std::log(best->ratio));
  return Status();
}

static void printMeans(const Ratios &ratios) {
  for (const auto &[library, logarithms] : ratios) {
    double sum = 0, least = logarithms.front();
    for (double logarithm : logarithms) {
      sum += logarithm;
      least = std::min(least, logarithm);
    }
    fmt::print("{}: {:.2f} times as fast in geometric mean of {}, {:.2f} at "
               "least\n",
               library, std::exp(sum / logarithms.size()), logarithms.size(),
               std::exp(least));
  }
}

/// The best schedule of `description` that `database` has; else the default.
static StatusOr<Schedule>
tunedSchedule(const TuningDatabase &database,
              const OperatorDescription &description) {
  StatusOr<std::optional<TunedProgram>> program =
      database.best(description.kind(), description.extents());
  if (!program.ok())
    return program.status();
  return *program ? (*program)->schedule : Schedule();
}

static StatusOr<std::vector<Schedule>>
parseSchedules(const std::vector<std::string> &texts) {
  std::vector<Schedule> schedules;
  for (const std::string &text : texts) {
    StatusOr<Schedule> schedule = Schedule::parse(text);
    if (!schedule.ok())
      return schedule.status();
    schedules.push_back(std::move(*schedule));
  }
  return schedules;
}

/// What follows a sum of products is no part of the comparison, and its
/// operator without it is in the set, too. A bias is what the sums start from.
static bool hasEpilogue(const OperatorDescription &description) {
  return description.body == "multiply_add" && !description.epilogue.empty() &&
         description.epilogue != "bias";
}

static Status run(const Options &options) {
  StatusOr<std::vector<TunableOperator>> operators =
      operatorSet(options.set, /*seed=*/0);
  if (!operators.ok())
    return operators.status();
  if (options.threads > 1)
    if (StatusOr<OpenMP *> runtime = OpenMP::open(); runtime.ok())
      (*runtime)->setThreads(options.threads);
  StatusOr<std::vector<Schedule>> given = parseSchedules(options.schedules);
  if (!given.ok())
    return given.status();
  std::optional<TuningDatabase> database;
  if (!options.database.empty()) {
    StatusOr<TuningDatabase> opened = TuningDatabase::openReadOnly(
        options.database, tuningContext(describeHost(options.threads)));
    if (!opened.ok())
      return opened.status();
    database.emplace(std::move(*opened));
  }
  std::regex wanted(options.filter);
  Ratios ratios;
  for (const TunableOperator &op : *operators) {
    const OperatorDescription &description = op.description;
    if (!std::regex_search(description.name, wanted) ||
        hasEpilogue(description))
      continue;
    std::vector<Schedule> schedules = *given;
    if (schedules.empty() && database) {
      StatusOr<Schedule> tuned = tunedSchedule(*database, description);
      if (!tuned.ok())
        return tuned.status();
      schedules.push_back(std::move(*tuned));
    }
    if (schedules.empty())
      schedules.emplace_back();
    if (Status status = benchmark(description, schedules, options, ratios);
        !status.ok())
      return status;
  }
  printMeans(ratios);
  return Status();
}

int main(int argc, char **argv) {
  Options options;
  CLI::App app("Times operators in turns with OpenBLAS and oneDNN");
  app.add_option("--set", options.set, "Set of operators")
      ->capture_default_str();
  app.add_option("--filter", options.filter,
                 "Regular expression that their names match");
  app.add_option("--tuning-db", options.database,
                 "Database with the schedules to run; else the defaults run");
  app.add_option("--schedule", options.schedules,
                 "Schedule to run instead; the fastest of several counts");
  app.add_option("--threads", options.threads)->capture_default_str();
  app.add_option("--rounds", options.rounds)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  Status status = run(options);
  if (!status.ok())
    fmt::print(stderr, "error: {}\n", status.message());
  return status.ok() ? 0 : 1;
}
