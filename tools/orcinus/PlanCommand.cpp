//===- PlanCommand.cpp - orcinus plan -------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/PlanCommand.h"

#include "Commands.h"
#include "NumberOption.h"
#include "Options.h"
#include "PlanProcesses.h"
#include "PlanSweep.h"

#include <fmt/format.h>

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

using namespace orcinus;

namespace {

struct PlanOptions {
  DataOptions data;
  PlanRequest request;
  std::string policy = "mrd";
  std::string neighbourTime = "query";
  bool json = false;
  SweepOptions sweep;
  ProcessOptions processes;
};

} // namespace

static Status plan(const CLI::App &command, PlanOptions options) {
  if (!options.processes.processes.empty())
    return runProcessPlan(command, options.data, options.request,
                          options.policy, options.json, options.processes,
                          std::move(options.sweep.run));
  if (options.sweep.isWanted)
    return runSweep(command, options.data, options.request, options.policy,
                    options.json, std::move(options.sweep));
  if (command.count("--seed") && options.policy != "random")
    return Status::error("--seed is for --policy random");
  options.request.data = options.data.data;
  options.request.load = options.data.load;
  StatusOr<PolicyKind> kind = parsePolicyKind(options.policy);
  if (!kind.ok())
    return kind.status();
  options.request.plan.policy.kind = *kind;
  options.request.plan.neighbourTime = options.neighbourTime == "event"
                                           ? NeighbourTime::Event
                                           : NeighbourTime::Query;
  StatusOr<PlanStatistics> statistics = runPlan(options.request);
  if (!statistics.ok())
    return statistics.status();
  fmt::print("{}",
             options.json ? toJson(*statistics) + "\n" : toText(*statistics));
  return Status();
}

static void addCacheOptions(CLI::App &command, PlanOptions &options) {
  PolicyOptions &policy = options.request.plan.policy;
  command
      .add_option("--policy", options.policy,
                  "What a full cache keeps: mrd, lru, 2q, lfu, fifo or random")
      ->check([](const std::string &name) {
        return parsePolicyKind(name).message();
      });
  CLI::Option *capacity = addNumber(command, "--capacity", policy.capacity,
                                    "Most embeddings a cache holds; 0 shares "
                                    "within a batch only")
                              ->default_val(1000);
  addNumber(command, "--max-age", policy.maxAge,
            "Batches after which a cached embedding is computed anew")
      ->default_str("unlimited");
  addNumber(command, "--seed", policy.seed, "Seed of the random policy");
  command
      .add_option("--neighbour-time", options.neighbourTime,
                  "When the model embeds neighbours: at the query's time, and "
                  "a cache holds nodes, or at their event's, and it holds "
                  "events' endpoints")
      ->check(CLI::IsMember({"query", "event"}));
  MemoryRequest &memory = options.request.memory;
  CLI::Option *bytes =
      command
          .add_option("--memory", memory.bytes,
                      "Bytes for the embeddings of all caches, as 64MiB, "
                      "divided among them; in place of a capacity")
          ->transform(byteCount())
          ->default_str("")
          ->excludes(capacity);
  addNumber(command, "--embedding-bytes", memory.embeddingBytes, 1,
            std::numeric_limits<int64_t>::max(),
            "Of each cache, first layer first: the bytes of an embedding (400)")
      ->delimiter(',')
      ->needs(bytes);
  addNumber(command, "--costs", memory.costs,
            "Of each cache: what recomputing an embedding costs (the layer's "
            "number)")
      ->delimiter(',')
      ->needs(bytes);
}

static void addTrainingOptions(CLI::App &command, PlanRequest &request) {
  addNumber(command, "--train-fraction", request.trainFraction, 0, 1,
            "Events up to this quantile of the timestamps are trained on");
  addNumber(command, "--mask-nodes", request.maskedNodeFraction, 0, 1,
            "Share of the nodes that training never sees");
  addNumber(command, "--batch-size", request.plan.batchSize, 1, 1 << 20,
            "Events a batch");
  addNumber(command, "--neighbours", request.plan.neighbours, 1, 1024,
            "Neighbours sampled for each query and layer");
  addNumber(command, "--layers", request.plan.layers, 2, 16,
            "Layers of the model; each but the last has a cache");
}

void orcinus::addPlanCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<PlanOptions>();
  CLI::App *command = app.add_subcommand(
      "plan", "Say what caching embeddings saves in an epoch of training, or "
              "what more processes do");
  addDataOptions(*command, options->data);
  addCacheOptions(*command, *options);
  addTrainingOptions(*command, options->request);
  command->add_flag("--json", options->json, "Print one line of JSON");
  CLI::Option *sweep = addSweepOptions(*command, options->sweep);
  CLI::Option *processes = addProcessOptions(*command, options->processes);
  processes->excludes(sweep);
  processes->excludes(command->get_option("--neighbour-time"));
  addPlannedRunOptions(*command, options->sweep.run);
  command->final_callback([&chosen, command, options, sweep, processes] {
    if (sweep->count() == 0 && processes->count() == 0)
      if (std::optional<std::string> name = plannedRunOptionOf(*command))
        throw CLI::RequiresError(*name, "--sweep or --processes");
    chosen = [command, options] { return plan(*command, *options); };
  });
}
