//===- TrainCommand.cpp - orcinus train -----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "NumberOption.h"
#include "Options.h"
#include "RunPrinter.h"
#include "lib/Support/Clock.h"
#include "orcinus/Runtime/Trainer.h"
#include "runtime/Train/RunSplit.h"
#include "runtime/Train/TrainOptionChecks.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

using namespace orcinus;

namespace {

struct TrainingRun {
  DataOptions data;
  CheckpointDescription run;
  CheckpointOptions checkpoints;
  LabelOptions labels;
  /// Another run's checkpoint, whose model and parameters are taken.
  std::string encoder;
  std::string metrics;
};

} // namespace

/// Says what a protocol of others sets. Errors: an option that it overrules.
static Status describeSplit(const CLI::App &command, const EventStream &stream,
                            const TrainOptions &options) {
  if (options.protocol == "orca")
    return Status();
  if (command.count("--mask-nodes") != 0)
    return Status::error(fmt::format(
        "--mask-nodes is for --protocol orca: {} says itself which nodes are "
        "kept from training",
        options.protocol));
  auto protocol = protocolOfRun(stream, options);
  if (!protocol.ok())
    return protocol.status();
  fmt::print("{}\n", protocol->describe().front());
  return Status();
}

/// Takes the model of --encoder.
static Status chooseEncoder(const CLI::App &command, TrainingRun &options) {
  CompileOptions &compile = options.run.compile;
  bool isOfLinks =
      !compile.task || *compile.task == taskName(Task::LinkPrediction);
  if (!options.encoder.empty() && isOfLinks)
    return Status::error("--encoder is for a task that has labels (--task); to "
                         "train a checkpoint on, say --continue");
  if (options.encoder.empty())
    return compile.freezeEncoder.value_or(false)
               ? Status::error("--freeze-encoder needs --encoder: nothing else "
                               "trains the encoder")
               : Status();
  if (command.count("--model") != 0)
    return Status::error("--encoder brings its model: leave out --model");
  auto stored = readCheckpoint(options.encoder);
  if (!stored.ok())
    return stored.status();
  takeModel(command, stored->compile, compile);
  return Status();
}

static Status trainAmong(const CLI::App &command, TrainingRun &options,
                         std::shared_ptr<Communicator> processes) {
  auto start = Clock::now();
  const CheckpointOptions &checkpoints = options.checkpoints;
  auto &[compile, train] = options.run;
  // A resumed run may be started in another folder.
  if (!compile.tuningDatabase.empty())
    compile.tuningDatabase = std::filesystem::absolute(compile.tuningDatabase);
  bool takesUp = (checkpoints.resume || checkpoints.startFromBest) &&
                 holdsCheckpoint(checkpoints.directory);
  if (takesUp) {
    auto stored = readCheckpoint(checkpoints.directory);
    if (!stored.ok())
      return stored.status();
    takeFromCheckpoint(command, *stored, options.run);
  } else if (Status status = chooseEncoder(command, options); !status.ok()) {
    return status;
  }
  if (Status status = checkUsed(command, compile); !status.ok())
    return status;
  auto stream = loadData(withLabels(options.data, options.labels),
                         takesUp ? checkpoints.directory : "");
  if (!stream.ok())
    return stream.status();
  auto labels =
      loadLabels(options.labels, **stream, compile.task, options.data.load);
  if (!labels.ok())
    return labels.status();
  if (*labels)
    compile.outputs = (*labels)->columns();
  if (takesUp && *labels)
    if (Status status = checkClasses(checkpoints.directory, **labels);
        !status.ok())
      return status;
  if (Status status =
          checkTrainOptions(train, processes ? processes->size() : 1);
      !status.ok())
    return status;
  if (Status status = describeSplit(command, **stream, train); !status.ok())
    return status;
  double loadSeconds = secondsSince(start);
  compile.threads = train.threads;
  if (train.shards.value_or(processes ? 2 : 1) > 1)
    compile.sharded = true;
  auto model = compileForStream(compile, **stream);
  if (!model.ok())
    return model.status();
  train.secondsBefore = secondsSince(start);
  auto trainer = Trainer::create(*stream, *model, train, *labels, processes);
  if (!trainer.ok())
    return trainer.status();
  if (!takesUp && !options.encoder.empty())
    if (Status status = trainer->loadEncoder(options.encoder); !status.ok())
      return status;
  RunPrinter printer;
  auto report = trainer->train(checkpoints, options.metrics, &printer);
  if (!report.ok())
    return report.status();
  printer.printTest(report->test, fmt::format("epoch {}", report->bestEpoch));
  printer.printSeconds(loadSeconds, report->compileSeconds, report->testSeconds,
                       report->totalSeconds);
  return Status();
}

static void addCheckpointOptions(CLI::App &command,
                                 CheckpointOptions &options) {
  CLI::Option *directory =
      command
          .add_option("--checkpoint", options.directory,
                      "A directory to keep the run's checkpoint in, written at "
                      "each epoch's "
                      "end and once a minute")
          ->type_name(anyDirectory);
  addNumber(command, "--checkpoint-batches", options.everyBatches,
            "Write it after that many batches too; 0 for never")
      ->needs(directory);
  CLI::Option *resume =
      command
          .add_flag("--resume", options.resume,
                    "Continue from the checkpoint, if there is one; options "
                    "that are not given are taken from it")
          ->needs(directory);
  command
      .add_flag("--continue", options.startFromBest,
                "Begin a new run with the checkpoint's best parameters, on "
                "events that came since; its options are taken likewise, and "
                "the new run's checkpoint replaces it")
      ->needs(directory)
      ->excludes(resume);
}

void orcinus::addTrainCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<TrainingRun>();
  CLI::App *command = app.add_subcommand(
      "train", "Train a model on an event stream, and test it");
  addDataOptions(*command, options->data);
  addAllRunOptions(*command, options->run);
  addProgramCacheOptions(*command, options->run.compile);
  addCheckpointOptions(*command, options->checkpoints);
  addLabelOptions(*command, options->labels);
  command
      ->add_option("--encoder", options->encoder,
                   "For a task that has labels, a checkpoint whose model and "
                   "best parameters, but for its decoder and head, training "
                   "begins with")
      ->type_name(anyDirectory)
      ->excludes(command->get_option("--continue"));
  command
      ->add_option("--metrics", options->metrics,
                   "A file for JSON lines, one an epoch and one for the "
                   "test")
      ->type_name(outputFile);
  command->final_callback([&chosen, command, options] {
    chosen = [command, options](std::shared_ptr<Communicator> processes) {
      return trainAmong(*command, *options, std::move(processes));
    };
  });
}
