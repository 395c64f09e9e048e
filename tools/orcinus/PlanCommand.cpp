//===- PlanCommand.cpp - orcinus plan -------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/PlanCommand.h"

#include "Commands.h"
#include "Options.h"

#include <fmt/format.h>

#include <memory>
#include <string>

using namespace orcinus;

namespace {

struct PlanOptions {
  DataOptions data;
  PlanRequest request;
  std::string policy = "mrd";
  std::string neighbourTime = "query";
  bool json = false;
};

} // namespace

static Status plan(PlanOptions options) {
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
  command
      .add_option("--capacity", policy.capacity,
                  "Most embeddings a cache holds; 0 shares within a batch only")
      ->check(CLI::NonNegativeNumber)
      ->default_val(1000);
  command
      .add_option("--max-age", policy.maxAge,
                  "Batches after which a cached embedding is computed anew")
      ->check(CLI::NonNegativeNumber)
      ->default_str("unlimited");
  command.add_option("--seed", policy.seed, "Seed of the random policy");
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
                      "Bytes for the caches of all layers, divided among them; "
                      "in place of a capacity")
          ->check(CLI::NonNegativeNumber)
          ->default_str("");
  command
      .add_option("--embedding-bytes", memory.embeddingBytes,
                  "Of each cache, first layer first: the bytes of an embedding "
                  "(400)")
      ->delimiter(',')
      ->check(CLI::PositiveNumber)
      ->needs(bytes);
  command
      .add_option("--costs", memory.costs,
                  "Of each cache: what recomputing an embedding costs (the "
                  "layer's number)")
      ->delimiter(',')
      ->check(CLI::NonNegativeNumber)
      ->needs(bytes);
}

static void addTrainingOptions(CLI::App &command, PlanRequest &request) {
  command
      .add_option("--train-fraction", request.trainFraction,
                  "Events up to this quantile of the timestamps are trained on")
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--mask-nodes", request.maskedNodeFraction,
                  "Share of the nodes that training never sees")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--batch-size", request.plan.batchSize, "Events a batch")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--neighbours", request.plan.neighbours,
                  "Neighbours sampled for each query and layer")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--layers", request.plan.layers,
                  "Layers of the model; each but the last has a cache")
      ->check(CLI::Range(2, 16));
}

void orcinus::addPlanCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<PlanOptions>();
  CLI::App *command = app.add_subcommand(
      "plan", "Say what caching embeddings saves in an epoch of training");
  addDataOptions(*command, options->data);
  addCacheOptions(*command, *options);
  addTrainingOptions(*command, options->request);
  command->add_flag("--json", options->json, "Print one line of JSON");
  command->final_callback(
      [&chosen, options] { chosen = [options] { return plan(*options); }; });
}
