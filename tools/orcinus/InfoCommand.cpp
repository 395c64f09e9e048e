//===- InfoCommand.cpp - orcinus info -------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Options.h"
#include "orcinus/Graph/MemoryEstimate.h"
#include "orcinus/Graph/Split.h"
#include "orcinus/Graph/Statistics.h"
#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Runtime/Device.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

using namespace orcinus;

static void print(const StreamStatistics &each) {
  fmt::print("events          {} ({} self-loops, {} of a pair seen before)\n",
             each.events, each.selfLoops, each.repeatedPairs);
  fmt::print("nodes           {} ({} sources, {} destinations, {} without "
             "events){}\n",
             each.nodes, each.sources, each.destinations, each.isolatedNodes,
             each.bipartite ? ", bipartite" : "");
  fmt::print("time            {} to {}, {} distinct, {} events tied with the "
             "one before\n",
             each.firstTime, each.lastTime, each.distinctTimes,
             each.tiedEvents);
  fmt::print("degree          mean {:.2f}, median {:g}, 90 % {:g}, 99 % {:g}, "
             "maximum {}\n",
             each.meanDegree, each.medianDegree, each.degree90, each.degree99,
             each.maxDegree);
  fmt::print("edge features   {} columns\n", each.edgeFeatureColumns);
  fmt::print("node features   {} columns\n", each.nodeFeatureColumns);
}

static void print(const std::vector<ColumnUse> &columns) {
  size_t widest = 0;
  for (const ColumnUse &column : columns)
    widest = std::max(widest, column.name.size());
  for (const ColumnUse &column : columns)
    fmt::print("column          {:<{}}  {}\n", column.name, widest, column.use);
}

/// Says how training would split the stream, by default.
static void printSplit(const EventStream &stream) {
  StatusOr<Split> split = splitByTime(stream, SplitOptions());
  if (!split.ok()) {
    fmt::print("split           {}\n", split.message());
    return;
  }
  size_t later = split->validation.size() + split->test.size();
  fmt::print("split           {} events to train on ({} more have masked "
             "nodes), {} to validate ({} inductive), {} to test ({} "
             "inductive)\n",
             split->train.size(),
             stream.time.size() - later - split->train.size(),
             split->validation.size(), split->inductiveValidation.size(),
             split->test.size(), split->inductiveTest.size());
  if (Status status = checkEvaluationSplits(*split, stream); !status.ok())
    fmt::print("                {}\n", status.message());
}

/// Says what training TGN as it is by default would take.
static void printMemory(const EventStream &stream) {
  constexpr double mebibyte = 1 << 20;
  constexpr int32_t dimension = 100; // As models/tgn.mlir has it.
  MemoryEstimate estimate = estimateTrainingMemory(stream, dimension);
  fmt::print("memory          about {:.0f} MiB to train tgn: graph {:.0f}, "
             "features {:.0f}, node states {:.0f}, program {:.0f}\n",
             static_cast<double>(estimate.total()) / mebibyte,
             static_cast<double>(estimate.graph) / mebibyte,
             static_cast<double>(estimate.features) / mebibyte,
             static_cast<double>(estimate.nodeStates) / mebibyte,
             static_cast<double>(estimate.program) / mebibyte);
}

static Status describeDevices() {
  constexpr double gibibyte = 1 << 30;
  for (const DeviceInformation &each : listDevices()) {
    std::string text = each.usable.message();
    if (each.usable.ok())
      text = fmt::format("{}, {}, {:.1f} GiB", each.name, each.architecture,
                         static_cast<double>(each.totalBytes) / gibibyte);
    fmt::print("{:<10}  {:<10}  {}\n", deviceKindName(each.kind),
               each.usable.ok() ? "usable" : "not usable", text);
  }
  return Status();
}

static Status describe(const DataOptions &options) {
  StatusOr<LoadedStream> loaded = loadEventStream(options.data, options.load);
  if (!loaded.ok())
    return loaded.status();
  fmt::print("taken for       {}\n", loaded->description);
  print(loaded->columns);
  print(computeStatistics(loaded->stream));
  printSplit(loaded->stream);
  printMemory(loaded->stream);
  return Status();
}

void orcinus::addInfoCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<DataOptions>();
  CLI::App *command = app.add_subcommand(
      "info", "Say what a stream is like, and what its columns were taken for");
  CLI::Option *data =
      command
          ->add_option("data", options->data,
                       "A file of timestamped edges, or "
                       "synthetic:nodes=N,events=M[,seed=S][,features=F]")
          ->type_name(inputFile);
  CLI::Option *devices =
      command->add_flag("--devices")
          ->description("Say instead what programs can run on, and why not")
          ->excludes(data);
  addLoadOptions(*command, options->load);
  command->final_callback([&chosen, options, data, devices] {
    if (data->empty() && devices->empty())
      throw CLI::RequiredError(data->get_name());
    chosen = [options, devices] {
      return devices->empty() ? describe(*options) : describeDevices();
    };
  });
}
