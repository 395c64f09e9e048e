//===- Steps.cpp - What schedules are worth in a training step ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Trains the same model by three programs in turns, some steps each: with
// linear algebra as plain loops, with the compiler's own schedules, and with
// those of a tuning database. Prints the median time of a step of each, and as
// a multiple of the one with the compiler's schedules.
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Loader.h"
#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Runtime/Trainer.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <vector>

using namespace orcinus;

namespace {

struct ScheduleOptions {
  std::string data;
  CompileOptions compile;
  TrainOptions train;
  int rounds = 9;
  int steps = 10;
  bool plainLoops = true;
};

/// A program that trains, and how long its steps took.
struct Variant {
  std::string name;
  Trainer trainer;
  double compileSeconds;
  std::vector<double> milliseconds = {};

  double median() {
    std::sort(milliseconds.begin(), milliseconds.end());
    return milliseconds[milliseconds.size() / 2];
  }
};

} // namespace

static Status trainRound(Variant &variant, int steps) {
  auto begin = std::chrono::steady_clock::now();
  for (int step = 0; step < steps; ++step)
    if (auto report = variant.trainer.trainStep(); !report.ok())
      return report.status();
  std::chrono::duration<double, std::milli> time =
      std::chrono::steady_clock::now() - begin;
  variant.milliseconds.push_back(time.count() / steps);
  return Status();
}

static StatusOr<Variant> makeVariant(std::string name,
                                     std::shared_ptr<const EventStream> stream,
                                     const CompileOptions &compile,
                                     const TrainOptions &train) {
  auto model = compileModel(compile);
  if (!model.ok())
    return model.status();
  auto trainer = Trainer::create(std::move(stream), *model, train);
  if (!trainer.ok())
    return trainer.status();
  return Variant{std::move(name), std::move(*trainer),
                 (*model)->compileSeconds()};
}

static StatusOr<std::vector<Variant>>
makeVariants(const ScheduleOptions &options,
             const std::shared_ptr<const EventStream> &stream) {
  std::vector<std::pair<std::string, CompileOptions>> list;
  CompileOptions compile = options.compile;
  compile.edgeFeatureColumns = stream->edgeFeatures.columns;
  compile.nodeFeatureColumns = stream->nodeFeatures.columns;
  compile.tuningDatabase.clear();
  list.emplace_back("compiler's schedules", compile);
  if (!options.compile.tuningDatabase.empty()) {
    list.emplace_back("tuned", compile);
    list.back().second.tuningDatabase = options.compile.tuningDatabase;
  }
  if (options.plainLoops) {
    list.emplace_back("plain loops", compile);
    list.back().second.plainLoops = true;
  }
  std::vector<Variant> variants;
  for (auto &[name, variant] : list) {
    auto made = makeVariant(name, stream, variant, options.train);
    if (!made.ok())
      return made.status();
    variants.push_back(std::move(*made));
  }
  return variants;
}

static Status run(const ScheduleOptions &options) {
  StatusOr<LoadedStream> loaded = loadEventStream(options.data);
  if (!loaded.ok())
    return loaded.status();
  auto stream = std::make_shared<const EventStream>(std::move(loaded->stream));
  auto variants = makeVariants(options, stream);
  if (!variants.ok())
    return variants.status();
  // The first round finds caches and branch predictors cold.
  for (int round = 0; round <= options.rounds; ++round)
    for (Variant &variant : *variants) {
      if (Status status = trainRound(variant, options.steps); !status.ok())
        return status;
      if (round == 0)
        variant.milliseconds.clear();
    }
  double reference = variants->front().median();
  for (Variant &variant : *variants)
    fmt::print("{:24} {:9.2f} ms a step  {:6.3f}  compiled in {:.1f} s\n",
               variant.name, variant.median(), variant.median() / reference,
               variant.compileSeconds);
  return Status();
}

int main(int argc, char **argv) {
  ScheduleOptions options;
  CLI::App app("Times training steps by their schedules");
  app.add_option("--data", options.data, "Events")->required();
  app.add_option("--model", options.compile.model, "Model")
      ->capture_default_str();
  app.add_option("--tuning-db", options.compile.tuningDatabase,
                 "A database of orcinus tune");
  app.add_option("--batch-size", options.train.batchSize, "Events of a step")
      ->capture_default_str();
  app.add_option("--threads", options.train.threads, "Threads; 0 for all")
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "Rounds of each program")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--steps", options.steps, "Steps of a round")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("!--no-plain-loops", options.plainLoops,
               "Leave the plain loops out");
  CLI11_PARSE(app, argc, argv);
  Status status = run(options);
  if (!status.ok())
    std::cerr << "error: " << status.message() << "\n";
  return status.ok() ? 0 : 1;
}
