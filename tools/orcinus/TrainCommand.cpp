//===- TrainCommand.cpp - orcinus train -----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Options.h"
#include "RunPrinter.h"
#include "orcinus/Runtime/Trainer.h"

#include <fmt/format.h>

#include <memory>
#include <string>

using namespace orcinus;

namespace {

struct RunOptions {
  DataOptions data;
  CompileOptions compile;
  TrainOptions train;
  CheckpointOptions checkpoints;
  std::string metrics;
};

} // namespace

/// Options that the command line did not give are those of the checkpoint;
/// the trainer compares the others.
static void takeFromCheckpoint(const CLI::App &command,
                               CheckpointDescription stored,
                               RunOptions &options) {
  auto keep = [&](const char *name, auto &value, const auto &storedValue) {
    if (command.count(name) == 0)
      value = storedValue;
  };
  keep("--model", options.compile.model, stored.compile.model);
  keep("--model", options.compile.modelText, stored.compile.modelText);
  keep("--layers", options.compile.layers, stored.compile.layers);
  keep("--neighbours", options.compile.neighbours, stored.compile.neighbours);
  keep("--dim", options.compile.dimension, stored.compile.dimension);
  keep("--heads", options.compile.heads, stored.compile.heads);
  keep("--dropout", options.compile.dropout, stored.compile.dropout);
  keep("--reuse", options.compile.reuse, stored.compile.reuse);
  keep("--share", options.compile.share, stored.compile.share);
  keep("--policy", options.compile.policy, stored.compile.policy);
  keep("--capacity", options.compile.capacity, stored.compile.capacity);
  keep("--max-age", options.compile.maxAge, stored.compile.maxAge);
  keep("--block-gradient", options.compile.blockGradient,
       stored.compile.blockGradient);
  keep("--target", options.compile.target, stored.compile.target);
  keep("--epochs", options.train.epochs, stored.train.epochs);
  keep("--batch-size", options.train.batchSize, stored.train.batchSize);
  keep("--lr", options.train.learningRate, stored.train.learningRate);
  keep("--seed", options.train.seed, stored.train.seed);
  keep("--threads", options.train.threads, stored.train.threads);
  keep("--patience", options.train.patience, stored.train.patience);
  keep("--mask-nodes", options.train.maskedNodeFraction,
       stored.train.maskedNodeFraction);
}

static Status train(const CLI::App &command, RunOptions &options) {
  const CheckpointOptions &checkpoints = options.checkpoints;
  if (checkpoints.resume && holdsCheckpoint(checkpoints.directory)) {
    auto stored = readCheckpoint(checkpoints.directory);
    if (!stored.ok())
      return stored.status();
    takeFromCheckpoint(command, std::move(*stored), options);
  }
  auto stream = loadData(options.data);
  if (!stream.ok())
    return stream.status();
  auto model = compileForStream(options.compile, **stream);
  if (!model.ok())
    return model.status();
  options.train.stalenessSamples = options.compile.measureStaleness ? 4 : 0;
  auto trainer = Trainer::create(*stream, *model, options.train);
  if (!trainer.ok())
    return trainer.status();
  RunPrinter printer;
  auto report = trainer->train(checkpoints, options.metrics, &printer);
  if (!report.ok())
    return report.status();
  printer.printTest(report->test, fmt::format("epoch {}", report->bestEpoch));
  return Status();
}

static void addRunOptions(CLI::App &command, TrainOptions &options) {
  command.add_option("--epochs", options.epochs, "Epochs at most")
      ->check(CLI::PositiveNumber);
  command.add_option("--batch-size", options.batchSize, "Events of a step")
      ->check(CLI::Range(1, 1 << 20));
  command.add_option("--lr", options.learningRate, "Learning rate of Adam")
      ->check([](const std::string &rate) -> std::string {
        double value;
        if (CLI::detail::lexical_cast(rate, value) && value >= 0)
          return {};
        return "'" + rate + "' is not a number, 0 or more";
      });
  command.add_option("--seed", options.seed, "Random seed");
  command
      .add_option("--threads", options.threads,
                  "Threads to compute with; 0 for one a processor")
      ->check(CLI::Range(0, 4096));
  command
      .add_option("--mask-nodes", options.maskedNodeFraction,
                  "Share of nodes kept from training, for the inductive "
                  "figures")
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--patience", options.patience,
                  "Epochs without a better validation AP before stopping; 0 "
                  "for never")
      ->check(CLI::NonNegativeNumber);
}

static void addCheckpointOptions(CLI::App &command,
                                 CheckpointOptions &options) {
  CLI::Option *directory = command.add_option(
      "--checkpoint", options.directory,
      "A directory to keep the run's checkpoint in, written at each epoch's "
      "end and once a minute");
  command
      .add_option("--checkpoint-batches", options.everyBatches,
                  "Write it after that many batches too; 0 for never")
      ->check(CLI::NonNegativeNumber)
      ->needs(directory);
  command
      .add_flag("--resume", options.resume,
                "Continue from the checkpoint, if there is one; options that "
                "are not given are taken from it")
      ->needs(directory);
}

void orcinus::addTrainCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<RunOptions>();
  CLI::App *command = app.add_subcommand(
      "train", "Train a model on an event stream, and test it");
  addDataOptions(*command, options->data);
  command->add_option("--model", options->compile.model,
                      "A built-in model's name, or an .mlir file");
  addModelSizeOptions(*command, options->compile);
  addReuseOptions(*command, options->compile);
  addRunOptions(*command, options->train);
  command->add_flag("--measure-staleness", options->compile.measureStaleness,
                    "Compare reused embeddings with exact ones in four batches "
                    "of each epoch");
  addTargetOptions(*command, options->compile);
  command->add_option("--tuning-db", options->compile.tuningDatabase,
                      "A database of orcinus tune, whose programs are used for "
                      "what it was tuned for");
  addCheckpointOptions(*command, options->checkpoints);
  command->add_option("--metrics", options->metrics,
                      "A file for JSON lines, one an epoch and one for the "
                      "test");
  command->final_callback([&chosen, command, options] {
    chosen = [command, options] { return train(*command, *options); };
  });
}
