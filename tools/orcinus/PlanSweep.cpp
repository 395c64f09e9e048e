//===- PlanSweep.cpp - orcinus plan --sweep -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PlanSweep.h"

#include "NumberOption.h"
#include "lib/Support/Json.h"
#include "runtime/Train/CapacitySweep.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

using namespace orcinus;

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

CLI::Option *orcinus::addSweepOptions(CLI::App &command,
                                      SweepOptions &options) {
  CLI::Option *sweep =
      command
          .add_flag("--sweep", options.isWanted,
                    "Compile the model, measure a few steps, and say for a "
                    "series of capacities what an epoch of orcinus train with "
                    "the same options hits, recomputes and takes; defaults are "
                    "those of train")
          ->group("Sweep");
  for (const char *single : {"--capacity", "--memory", "--neighbour-time"})
    sweep->excludes(command.get_option(single));
  CLI::Option *capacities =
      addNumber(command, "--capacities", options.capacities, 0,
                unlimitedCapacity, "Capacities to go through, of each cache")
          ->default_str("doublings")
          ->delimiter(',');
  CLI::Option *memories =
      command
          .add_option("--memories", options.memories,
                      "In place of capacities, memories for all caches "
                      "together, as 1MiB,4MiB")
          ->transform(byteCount())
          ->delimiter(',')
          ->excludes(capacities);
  for (CLI::Option *series : {capacities, memories})
    series->group("Sweep")->needs(sweep);
  return sweep;
}

/// The options that addPlannedRunOptions() adds.
static constexpr std::initializer_list<std::string_view> plannedRunOptions = {
    "--model",   "--dim",    "--heads", "--sizes",
    "--dropout", "--reuse",  "--share", "--block-gradient",
    "--threads", "--shards", "--state"};
static constexpr const char *plannedCacheOptions[] = {"--cache-dir",
                                                      "--no-cache"};

void orcinus::addPlannedRunOptions(CLI::App &command,
                                   CheckpointDescription &run) {
  run.compile.reuse = "recompute";
  constexpr const char *group = "The run that is swept or planned";
  addNamedRunOptions(command, plannedRunOptions, group, run);
  addProgramCacheOptions(command, run.compile);
  for (const char *name : plannedCacheOptions)
    command.get_option(name)->group(group);
}

std::optional<std::string>
orcinus::plannedRunOptionOf(const CLI::App &command) {
  for (std::string_view name : plannedRunOptions)
    if (command.count(std::string(name)) != 0)
      return std::string(name);
  for (const char *name : plannedCacheOptions)
    if (command.count(name) != 0)
      return name;
  return std::nullopt;
}

void orcinus::takeFromPlan(const CLI::App &command, const PlanRequest &plan,
                           const std::string &policy,
                           CheckpointDescription &run) {
  auto take = [&](const char *name, const auto &from, auto &to) {
    if (command.count(name) != 0)
      to = from;
  };
  const ReusePlanOptions &options = plan.plan;
  take("--layers", options.layers, run.compile.layers);
  take("--neighbours", options.neighbours, run.compile.neighbours);
  take("--policy", policy, run.compile.policy);
  take("--max-age", options.policy.maxAge, run.compile.maxAge);
  take("--seed", options.policy.seed, run.train.seed);
  take("--batch-size", options.batchSize, run.train.batchSize);
  take("--mask-nodes", plan.maskedNodeFraction, run.train.maskedNodeFraction);
  take("--train-fraction", plan.trainFraction, run.train.trainFraction);
  // What is validated and tested plays no part.
  run.train.validationFraction = std::clamp(1.0 - run.train.trainFraction, 0.0,
                                            run.train.validationFraction);
}

//===----------------------------------------------------------------------===//
// What is printed
//===----------------------------------------------------------------------===//

static double percentage(int64_t part, int64_t whole) {
  return whole == 0
             ? 0.0
             : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

/// The option of `orcinus train` that asks for the point.
static std::string optionOf(const SweepPoint &point) {
  return point.room.memory ? fmt::format("--memory {}", *point.room.memory)
                           : fmt::format("--capacity {}", *point.room.capacity);
}

static std::string sweepJson(const CapacitySweep &sweep) {
  nlohmann::ordered_json points = nlohmann::ordered_json::array();
  for (const SweepPoint &point : sweep.points) {
    const ReuseCounts &reuse = point.epoch.reuse;
    points.push_back({{"option", optionOf(point)},
                      {"capacities", point.capacities},
                      {"bytes", point.bytes},
                      {"rows", point.epoch.rows},
                      {"reads", reuse.reads},
                      {"out_of_batch_reads", reuse.outOfBatchReads},
                      {"hits", reuse.hits},
                      {"recomputed", reuse.recomputed},
                      {"mean_age", reuse.meanAge()},
                      {"max_age", reuse.maxAge},
                      {"train_seconds", point.seconds}});
  }
  return printJson(nlohmann::ordered_json{
      {"batches", sweep.points.front().epoch.batches},
      {"points", std::move(points)},
      {"seconds_per_batch", sweep.cost.perStep},
      {"seconds_per_row", sweep.cost.perRow},
      {"recommended", optionOf(sweep.points[sweep.recommended])}});
}

static std::string sweepTable(const CapacitySweep &sweep,
                              bool recomputesMisses) {
  std::string text =
      fmt::format("{:>16} {:>12} {:>8} {:>12} {:>9} {:>10}\n", "rows of caches",
                  "bytes", "hits", "recomputed", "mean age", "epoch");
  for (const SweepPoint &point : sweep.points) {
    const ReuseCounts &reuse = point.epoch.reuse;
    text +=
        fmt::format("{:>16} {:>12} {:>6.1f} % {:>12} {:>9.2f} {:>8.3f} s\n",
                    fmt::format("{}", fmt::join(point.capacities, ", ")),
                    point.bytes, percentage(reuse.hits, reuse.outOfBatchReads),
                    reuse.recomputed, reuse.meanAge(), point.seconds);
  }
  std::vector<double> microseconds = sweep.cost.perRow;
  for (double &each : microseconds)
    each *= 1e6;
  text += fmt::format("measured: {:.3g} ms a step and, by layer, {:.3g} us a "
                      "row\n",
                      1e3 * sweep.cost.perStep, fmt::join(microseconds, ", "));
  return text +
         fmt::format("recommended: {}, the least beyond which no other {}\n",
                     optionOf(sweep.points[sweep.recommended]),
                     recomputesMisses
                         ? "saves 5 % of the epoch"
                         : "serves another 5 % of the out-of-batch reads");
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

Status orcinus::runSweep(const CLI::App &command, const DataOptions &data,
                         const PlanRequest &plan, const std::string &policy,
                         bool json, SweepOptions options) {
  auto &[compile, train] = options.run;
  takeFromPlan(command, plan, policy, options.run);
  if (compile.reuse == "none")
    return Status::error("--sweep is for --reuse recompute or push-pull");
  if (train.shards)
    return Status::error("--shards is for --processes");
  if (command.count("--state") != 0)
    return Status::error("--state is for --processes");
  std::FILE *messages = json ? stderr : stdout;
  auto loaded = loadFile(data.data, data.load, messages);
  if (!loaded.ok())
    return loaded.status();
  auto stream = std::make_shared<const EventStream>(std::move(loaded->stream));
  // The capacities are given later; the program is the same for all.
  compile.memory = 0;
  compile.threads = train.threads;
  auto model = compileForStream(compile, *stream, messages);
  if (!model.ok())
    return model.status();
  std::vector<CacheRoom> series;
  for (int32_t capacity : options.capacities)
    series.push_back({{}, capacity});
  for (int64_t memory : options.memories)
    series.push_back({memory, {}});
  auto sweep = sweepCapacities(stream, *model, train, std::move(series));
  if (!sweep.ok())
    return sweep.status();
  fmt::print("{}", json ? sweepJson(*sweep) + "\n"
                        : sweepTable(*sweep, compile.reuse == "recompute"));
  return Status();
}
