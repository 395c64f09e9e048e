//===- Operators.cpp - Compiled operators beside OpenBLAS and oneDNN ------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Times the operators of a set in turns with the library's, each in a process
// of its own: a round of each, then the next. Prints both and how many times as
// fast Orcinus is, and the geometric mean by library.
//
//===----------------------------------------------------------------------===//

#include "CompiledOperator.h"
#include "LibraryOperator.h"
#include "TimedProcess.h"

#include "orcinus/Tuning/Database.h"
#include "passes/Lowering/HostDescription.h"
#include "runtime/Jit/StepOperators.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <regex>
#include <utility>
#include <vector>

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

static double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2,
                   values.end());
  return values[values.size() / 2];
}

static StatusOr<TimedProcess> startOurs(const OperatorDescription &description,
                                        const Schedule &schedule, int threads) {
  return TimedProcess::start(
      [&]() -> StatusOr<TimedWork> {
        StatusOr<std::unique_ptr<CompiledOperator>> compiled =
            CompiledOperator::create(description, schedule, threads);
        if (!compiled.ok())
          return compiled.status();
        std::shared_ptr<CompiledOperator> work = std::move(*compiled);
        return TimedWork{"Orcinus", [work] { work->run(); }};
      },
      threads);
}

static StatusOr<TimedProcess>
startTheirs(const OperatorDescription &description, int threads) {
  return TimedProcess::start(
      [&]() -> StatusOr<TimedWork> {
        return libraryOperator(description, threads);
      },
      threads);
}

static StatusOr<Times> compare(TimedProcess &ours, TimedProcess &theirs,
                               int rounds) {
  std::vector<double> mine, others, ratios;
  for (int round = 0; round < rounds; ++round) {
    StatusOr<double> seconds = ours.secondsPerCall();
    if (!seconds.ok())
      return seconds.status();
    mine.push_back(*seconds);
    if (theirs.name().empty())
      continue;
    seconds = theirs.secondsPerCall();
    if (!seconds.ok())
      return seconds.status();
    others.push_back(*seconds);
    ratios.push_back(others.back() / mine.back());
  }
  if (theirs.name().empty())
    return Times{median(mine), 0, 0};
  return Times{median(mine), median(others), median(ratios)};
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
  StatusOr<TimedProcess> theirs = startTheirs(description, options.threads);
  if (!theirs.ok())
    return Status::error(description.name + ": " + theirs.message());
  std::optional<Times> best;
  for (const Schedule &schedule : schedules) {
    StatusOr<TimedProcess> ours =
        startOurs(description, schedule, options.threads);
    if (!ours.ok())
      return Status::error(description.name + ": " + ours.message());
    StatusOr<Times> times = compare(*ours, *theirs, options.rounds);
    if (!times.ok())
      return Status::error(description.name + ": " + times.message());
    printTimes(description, theirs->name(), *times, schedule);
    if (!best || times->orcinus < best->orcinus)
      best = *times;
  }
  if (!theirs->name().empty())
    ratios[theirs->name()].push_back(std::log(best->ratio));
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
      operatorsOfSet(options.set, stepSetModel(), /*seed=*/0);
  if (!operators.ok())
    return operators.status();
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
  int64_t found = 0, tuned = 0;
  Ratios ratios;
  for (const TunableOperator &op : *operators) {
    const OperatorDescription &description = op.description;
    if (!std::regex_search(description.name, wanted) ||
        hasEpilogue(description))
      continue;
    ++found;
    std::vector<Schedule> schedules = *given;
    if (schedules.empty() && database) {
      StatusOr<std::optional<TunedProgram>> program =
          database->best(description.kind(), description.extents());
      if (!program.ok())
        return program.status();
      tuned += program->has_value();
      schedules.push_back(*program ? (*program)->schedule : Schedule());
    }
    if (schedules.empty())
      schedules.emplace_back();
    if (Status status = benchmark(description, schedules, options, ratios);
        !status.ok())
      return status;
  }
  printMeans(ratios);
  if (found > 0 && database && tuned == 0)
    return Status::error(fmt::format("'{}' has none of these operators for "
                                     "this machine with {} threads",
                                     options.database, options.threads));
  if (found == 0)
    return Status::error(fmt::format("no operator of '{}' matches '{}'",
                                     options.set, options.filter));
  return Status();
}

int main(int argc, char **argv) {
  Options options;
  CLI::App app("Times operators in turns with OpenBLAS and oneDNN");
  app.add_option("--set", options.set, "Set of operators")
      ->capture_default_str();
  app.add_option("--filter", options.filter,
                 "Regular expression that their names match")
      ->check([](const std::string &text) -> std::string {
        try {
          std::regex expression(text);
        } catch (const std::regex_error &error) {
          return error.what();
        }
        return "";
      });
  app.add_option("--tuning-db", options.database,
                 "Database with the schedules to run; else the defaults run");
  app.add_option("--schedule", options.schedules,
                 "Schedule to run instead; the fastest of several counts");
  app.add_option("--threads", options.threads,
                 "Threads of each operator, as --tuning-db was tuned for")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "Rounds whose median counts")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  Status status = run(options);
  if (!status.ok())
    fmt::print(stderr, "error: {}\n", status.message());
  return status.ok() ? 0 : 1;
}
