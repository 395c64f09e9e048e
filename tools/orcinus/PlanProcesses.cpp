//===- PlanProcesses.cpp - orcinus plan --processes -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PlanProcesses.h"

#include "NumberOption.h"
#include "PlanSweep.h"
#include "lib/Support/Json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <bit>
#include <cstdio>
#include <limits>

using namespace orcinus;

CLI::Option *orcinus::addProcessOptions(CLI::App &command,
                                        ProcessOptions &options) {
  CLI::Option *processes =
      addNumber(command, "--processes", options.processes, 1, 1 << 20,
                "Compile the model, measure a few steps in shards, and say "
                "what an epoch of orcinus train with the same options would "
                "take on so many processes, powers of two")
          ->delimiter(',')
          ->group("Processes");
  command
      .add_option("--bandwidth", options.bandwidth,
                  "Bytes a second that two processes send each other")
      ->transform(byteCount())
      ->default_str("10GB")
      ->group("Processes")
      ->needs(processes);
  addNumber(command, "--latency", options.latencyMicroseconds, 0,
            std::numeric_limits<double>::max(),
            "Microseconds that a message takes, however short")
      ->group("Processes")
      ->needs(processes);
  return processes;
}

static std::string planJson(const ProcessPlan &plan) {
  nlohmann::ordered_json points = nlohmann::ordered_json::array();
  for (const ProcessPoint &point : plan.points)
    points.push_back({{"processes", point.processes},
                      {"shards", point.shards},
                      {"messages", point.messages},
                      {"bytes", point.bytes},
                      {"row_messages", point.rowMessages},
                      {"row_bytes", point.rowBytes},
                      {"shard_seconds", point.shardSeconds},
                      {"common_seconds", point.restSeconds},
                      {"network_seconds", point.networkSeconds},
                      {"row_seconds", point.rowSeconds},
                      {"train_seconds", point.epochSeconds}});
  const ShardCosts &costs = plan.costs;
  return printJson(nlohmann::ordered_json{
      {"batches", costs.batches},
      {"points", std::move(points)},
      {"seconds_per_shard", costs.computation.perStep},
      {"seconds_per_row", costs.computation.perRow},
      {"index_seconds_per_shard", costs.preparation.perStep},
      {"index_seconds_per_row", costs.preparation.perRow},
      {"common_seconds", costs.restSeconds},
      {"gradient_bytes", costs.gradientBytes}});
}

static std::string planTable(const ProcessPlan &plan) {
  std::string text = fmt::format(
      "{:>9} {:>7} {:>8} {:>12} {:>10} {:>10} {:>10} {:>11} {:>8}\n",
      "processes", "shards", "messages", "bytes", "shards", "all", "network",
      "epoch", "faster");
  double first = plan.points.front().epochSeconds;
  bool sharesRows = false;
  for (const ProcessPoint &point : plan.points) {
    text += fmt::format("{:>9} {:>7} {:>8.0f} {:>12.0f} {:>7.2f} ms {:>7.2f} "
                        "ms {:>7.2f} ms {:>9.2f} s {:>7.2f}x\n",
                        point.processes, point.shards, point.messages,
                        point.bytes, 1e3 * point.shardSeconds,
                        1e3 * point.restSeconds, 1e3 * point.networkSeconds,
                        point.epochSeconds, first / point.epochSeconds);
    sharesRows |= point.rowMessages > 0;
  }
  for (const ProcessPoint &point : plan.points)
    if (sharesRows && point.processes > 1)
      text += fmt::format("{} processes fetch rows of each other's nodes in "
                          "{:.1f} messages and {:.0f} bytes, {:.2f} ms beside "
                          "computing\n",
                          point.processes, point.rowMessages, point.rowBytes,
                          1e3 * point.rowSeconds);
  std::vector<double> microseconds = plan.costs.computation.perRow;
  for (double &each : microseconds)
    each *= 1e6;
  return text +
         fmt::format("of a step a process sends the messages and bytes, and "
                     "computes its shards and what all do alike\n"
                     "measured: {:.3g} ms a shard and, by layer, {:.3g} us a "
                     "row; {} steps an epoch\n",
                     1e3 * plan.costs.computation.perStep,
                     fmt::join(microseconds, ", "), plan.costs.batches);
}

Status orcinus::runProcessPlan(const CLI::App &command, const DataOptions &data,
                               const PlanRequest &plan,
                               const std::string &policy, bool json,
                               const ProcessOptions &options,
                               CheckpointDescription run) {
  auto &[compile, train] = run;
  takeFromPlan(command, plan, policy, run);
  if (command.count("--reuse") == 0)
    compile.reuse = "none";
  if (command.count("--capacity") != 0)
    compile.capacity = plan.plan.policy.capacity;
  if (command.count("--memory") != 0)
    compile.memory = plan.memory.bytes;
  for (int64_t count : options.processes)
    if (!std::has_single_bit(static_cast<uint64_t>(count)) ||
        train.shards.value_or(count) % count != 0)
      return Status::error(
          train.shards
              ? fmt::format("--processes {} do not divide --shards {}", count,
                            *train.shards)
              : fmt::format("--processes {}: processes are a power of two",
                            count));
  std::FILE *messages = json ? stderr : stdout;
  auto loaded = loadFile(data.data, data.load, messages);
  if (!loaded.ok())
    return loaded.status();
  auto stream = std::make_shared<const EventStream>(std::move(loaded->stream));
  compile.threads = train.threads;
  compile.sharded = true;
  auto model = compileForStream(compile, *stream, messages);
  if (!model.ok())
    return model.status();
  Network network{static_cast<double>(options.bandwidth),
                  1e-6 * options.latencyMicroseconds};
  auto made = planProcesses(stream, *model, train, network, options.processes);
  if (!made.ok())
    return made.status();
  fmt::print("{}", json ? planJson(*made) + "\n" : planTable(*made));
  return Status();
}
