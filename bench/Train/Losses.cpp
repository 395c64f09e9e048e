//===- Losses.cpp - What another implementation needs to follow a run -----===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Trains some steps without dropout, and without masked nodes unless a protocol
// has some, and writes the initial parameters, the training events and their
// negatives (.npy) and the losses (one a line), so that bench/compare_losses.py
// and bench/compare_dyglib.py can repeat the run in PyTorch.
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Loader.h"
#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Runtime/Trainer.h"
#include "orcinus/Sampling/NegativeSampler.h"
#include "orcinus/Support/CounterRng.h"
#include "runtime/Train/RunSplit.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>

using namespace orcinus;

namespace {
struct LossOptions {
  std::string data, directory;
  CompileOptions compile;
  TrainOptions train;
  int steps = 50;
  bool validates = false;
};
} // namespace

/// A one-dimensional .npy file; `type` is numpy's name of the element type.
template <typename T>
static void writeNpy(const std::string &path, const char *type,
                     std::span<const T> values) {
  std::string header = std::string("{'descr': '") + type +
                       "', 'fortran_order': False, 'shape': (" +
                       std::to_string(values.size()) + ",), }";
  header.resize((10 + header.size() + 64) / 64 * 64 - 10, ' ');
  header.back() = '\n';
  std::ofstream file(path, std::ios::binary);
  file.write("\x93NUMPY\x01\x00", 8);
  uint16_t length = header.size();
  file.write(reinterpret_cast<const char *>(&length), 2);
  file << header;
  file.write(reinterpret_cast<const char *>(values.data()),
             values.size_bytes());
}

static Status writeEvents(const EventStream &stream,
                          const LossOptions &options) {
  StatusOr<Split> parts = splitOfRun(stream, options.train);
  if (!parts.ok())
    return parts.status();
  // As the trainer draws those of its first epoch.
  NegativeSampler sampler(
      stream, parts->train,
      randomBits(options.train.seed, randomStream("training negatives"), 0));
  std::vector<int32_t> negatives(parts->train.size());
  sampler.sample(0, stream, parts->train, negatives);
  writeNpy<int32_t>(options.directory + "/train.npy", "<i4", parts->train);
  writeNpy<int32_t>(options.directory + "/negatives.npy", "<i4", negatives);
  return Status();
}

static Status run(LossOptions options) {
  StatusOr<LoadedStream> loaded = loadEventStream(options.data);
  if (!loaded.ok())
    return loaded.status();
  auto stream = std::make_shared<const EventStream>(std::move(loaded->stream));
  options.compile.edgeFeatureColumns = stream->edgeFeatures.columns;
  options.compile.nodeFeatureColumns = stream->nodeFeatures.columns;
  options.compile.dropout = 0;
  if (options.train.protocol == "orca")
    options.train.maskedNodeFraction = 0;
  auto model = compileModel(options.compile);
  if (!model.ok())
    return model.status();
  StatusOr<Trainer> trainer = Trainer::create(stream, *model, options.train);
  if (!trainer.ok())
    return trainer.status();
  nlohmann::json shapes;
  nlohmann::json manifest = nlohmann::json::parse((*model)->manifest());
  for (const nlohmann::json &entry : manifest["parameters"])
    shapes[entry["name"].get<std::string>()] = entry["shape"];
  std::ofstream(options.directory + "/shapes.json") << shapes.dump();
  for (const std::string &name : trainer->parameterNames())
    writeNpy<float>(options.directory + "/" + name + ".npy", "<f4",
                    trainer->parameter(name));
  if (Status status = writeEvents(*stream, options); !status.ok())
    return status;
  std::ofstream losses(options.directory + "/losses.txt");
  losses.precision(9);
  for (int step = 0; step < options.steps; ++step) {
    StatusOr<StepReport> report = trainer->trainStep();
    if (!report.ok())
      return report.status();
    losses << report->loss << "\n";
  }
  if (!options.validates)
    return Status();
  StatusOr<EpochReport> epoch = trainer->trainEpoch();
  if (!epoch.ok())
    return epoch.status();
  std::ofstream figures(options.directory + "/validation.txt");
  figures.precision(9);
  figures << epoch->validation.averagePrecision << " "
          << epoch->validation.areaUnderCurve << "\n";
  return Status();
}

int main(int argc, char **argv) {
  LossOptions options;
  CLI::App app("Writes a run's initial parameters, negatives and losses");
  app.add_option("--data", options.data, "Events")->required();
  app.add_option("--steps", options.steps, "Training steps")
      ->capture_default_str();
  app.add_option("--model", options.compile.model, "Model")
      ->capture_default_str();
  app.add_option("--protocol", options.train.protocol, "Whose split")
      ->capture_default_str();
  app.add_option("--learning-rate", options.train.learningRate,
                 "In place of the model's");
  app.add_flag("--validate", options.validates,
               "After the steps, train the rest of the epoch and validate");
  app.add_option("directory", options.directory, "Where to write")->required();
  CLI11_PARSE(app, argc, argv);
  Status status = run(options);
  if (!status.ok())
    std::cerr << "error: " << status.message() << "\n";
  return status.ok() ? 0 : 1;
}
