//===- Options.cpp - Options that commands share --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include "orcinus/Reuse/ReplacementPolicy.h"
#include "orcinus/Runtime/Device.h"

#include <fmt/format.h>

using namespace orcinus;

void orcinus::addLoadOptions(CLI::App &command, LoadOptions &options) {
  command.add_option("--columns", options.columns,
                     "What the columns of a text file are: u source, v "
                     "destination, t time, f feature, - not used; or auto");
  command.add_flag("--sort", options.sort,
                   "Sort the events by time if the file is not sorted");
  command
      .add_option("--time-unit", options.timeUnit,
                  "What times that are numbers count: s, ms, us, ns, min, h or "
                  "d; auto tells times since 1970 by their size and takes "
                  "others for seconds")
      ->check(CLI::IsMember({"auto", "s", "ms", "us", "ns", "min", "h", "d"}));
  CLI::Option *features =
      command
          .add_option("--features", options.features,
                      "Columns of numbers that are edge features: names "
                      "between commas, all, or auto for those whose names "
                      "begin with 'feature'")
          ->check([](const std::string &names) -> std::string {
            return names.empty() ? "no name given; say --no-features" : "";
          });
  command
      .add_flag_callback(
          "--no-features", [&options] { options.features.clear(); },
          "Take no column of numbers for a feature")
      ->excludes(features);
  command.add_option("--categories", options.categories,
                     "Columns of text, by their names between commas, with a "
                     "feature for each text");
  command.add_option("--category-codes", options.categoryCodes,
                     "Columns of text, by their names between commas, with "
                     "one feature, the number of the text");
}

void orcinus::addDataOptions(CLI::App &command, DataOptions &options) {
  command
      .add_option("--data", options.data,
                  "A file of timestamped edges, or "
                  "synthetic:nodes=N,events=M[,seed=S][,features=F]")
      ->required();
  addLoadOptions(command, options.load);
}

StatusOr<std::shared_ptr<const EventStream>>
orcinus::loadData(const DataOptions &options) {
  StatusOr<LoadedStream> loaded = loadEventStream(options.data, options.load);
  if (!loaded.ok())
    return loaded.status();
  fmt::print("{}: {} events of {} nodes, {}\n", options.data,
             loaded->stream.eventCount(), loaded->stream.nodeCount,
             loaded->description);
  return std::make_shared<const EventStream>(std::move(loaded->stream));
}

void orcinus::addModelSizeOptions(CLI::App &command, CompileOptions &options) {
  command.add_option("--layers", options.layers, "Layers of the model")
      ->check(CLI::Range(1, 16));
  command
      .add_option("--neighbours", options.neighbours,
                  "Neighbours sampled for each query and layer")
      ->check(CLI::Range(1, 1024));
  command
      .add_option("--dim", options.dimension,
                  "Columns of states and embeddings")
      ->check(CLI::Range(1, 65536));
  command.add_option("--heads", options.heads, "Attention heads")
      ->check(CLI::Range(1, 1024));
  command
      .add_option("--dropout", options.dropout,
                  "Share of activations dropped in training")
      ->check(CLI::Range(0.0, 0.99));
}

void orcinus::addReuseOptions(CLI::App &command, CompileOptions &options) {
  command
      .add_option("--reuse", options.reuse,
                  "How training reuses the embeddings of inner layers: none, "
                  "push-pull (one that is not cached reads as zeros) or "
                  "recompute (it is computed)")
      ->check(CLI::IsMember({"none", "push-pull", "recompute"}));
  command
      .add_option("--share", options.share,
                  "Which embedding of its own batch a neighbour is given: "
                  "paper (its latest) or causal (the latest not after the "
                  "reader)")
      ->check(CLI::IsMember({"paper", "causal"}));
  command
      .add_option("--policy", options.policy,
                  "What a cache with a capacity keeps: mrd, lru, 2q, lfu, fifo "
                  "or random")
      ->check([](const std::string &name) {
        return parsePolicyKind(name).message();
      });
  command
      .add_option("--capacity", options.capacity,
                  "Most embeddings that each layer's cache holds; 0 shares "
                  "within a batch only")
      ->check(CLI::Range(int64_t(0), int64_t(unlimitedCapacity)))
      ->default_str("unlimited");
  command
      .add_option("--max-age", options.maxAge,
                  "Batches after which a cached embedding counts as uncached")
      ->check(CLI::Range(int64_t(0), int64_t(unlimitedAge)))
      ->default_str("unlimited");
  command.add_flag("--block-gradient,!--no-block-gradient",
                   options.blockGradient,
                   "Let no gradient flow through reused embeddings");
}

void orcinus::addTargetOptions(CLI::App &command, CompileOptions &options) {
  command
      .add_option("--target", options.target,
                  "What to compile for: host, cuda, hip or simulator")
      ->check([](const std::string &target) {
        return parseDeviceKind(target).message();
      });
  command.add_flag("--check-kernels", options.checkKernels,
                   "On the simulator, report races, accesses out of bounds and "
                   "barriers that not all threads reach");
  command.add_option("--thread-order", options.threadOrder,
                     "On the simulator, a seed for the order of threads; 0 for "
                     "that of their numbers");
  addProgramCacheOptions(command, options);
}

void orcinus::addProgramCacheOptions(CLI::App &command,
                                     CompileOptions &options) {
  command.add_option("--cache-dir", options.cacheDirectory,
                     "Where compiled programs are kept; the user's cache "
                     "directory if empty");
  command.add_flag(
      "--no-cache", [&options](int64_t) { options.useCache = false; },
      "Compile anew, whatever the cache holds");
}

StatusOr<std::shared_ptr<const CompiledModel>>
orcinus::compileForStream(CompileOptions options, const EventStream &stream) {
  options.edgeFeatureColumns = stream.edgeFeatures.columns;
  options.nodeFeatureColumns = stream.nodeFeatures.columns;
  auto model = compileModel(options);
  if (model.ok())
    fmt::print("model {}: {} in {:.2f} s\n", options.model,
               (*model)->cacheHit() ? "loaded from the cache" : "compiled",
               (*model)->compileSeconds());
  return model;
}
