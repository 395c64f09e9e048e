//===- InfoCommand.cpp - orcinus info -------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Options.h"
#include "orcinus/Graph/Statistics.h"
#include "orcinus/Runtime/Device.h"

#include <fmt/format.h>

#include <memory>

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
  print(computeStatistics(loaded->stream));
  return Status();
}

void orcinus::addInfoCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<DataOptions>();
  CLI::App *command = app.add_subcommand(
      "info", "Say what a stream is like, and what its columns were taken for");
  CLI::Option *data =
      command->add_option("data", options->data,
                          "A file of timestamped edges, or "
                          "synthetic:nodes=N,events=M[,seed=S][,features=F]");
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
