//===- EvalCommand.cpp - orcinus eval -------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "HeuristicEvaluation.h"
#include "Options.h"
#include "RunPrinter.h"
#include "ScoreWriter.h"
#include "SessionEvaluation.h"
#include "orcinus/Runtime/Trainer.h"
#include "runtime/Train/MetricsLog.h"
#include "runtime/Train/RunOptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

using namespace orcinus;

namespace {

struct EvaluationOptions {
  DataOptions data;
  LabelOptions labels;
  /// The target, the cache and the threads alone.
  CheckpointDescription run;
  std::string checkpoint;
  std::string metrics;
  std::string scores;
  HeuristicOptions heuristic;
  ProtocolArguments protocol;
  /// Those of the protocol.
  std::vector<CLI::Option *> ofProtocol;
};

} // namespace

/// Whether this process writes what a test leaves.
static bool isFirst(const std::shared_ptr<Communicator> &processes) {
  return !processes || processes->rank() == 0;
}

/// Prints, and writes the scores of the test where these are asked for.
class EvaluationPrinter : public RunPrinter {
public:
  explicit EvaluationPrinter(ScoreWriter *scores) : scores(scores) {}

  void onTestScores(std::span<const int32_t> events,
                    std::span<const int32_t> negatives,
                    std::span<const float> logits) override {
    if (scores)
      scores->add(events, negatives, logits);
  }

private:
  ScoreWriter *scores;
};

static Status test(Trainer &trainer, const EvaluationOptions &options,
                   ScoreWriter *scores) {
  EvaluationPrinter printer(scores);
  auto report = trainer.test(&printer);
  if (!report.ok())
    return report.status();
  printer.printTest(report->test, "from the validated states");
  return writeMetrics(options.metrics, metricsLine(*report));
}

static Status replay(Trainer &trainer, const EvaluationOptions &options,
                     ScoreWriter *scores) {
  EvaluationPrinter printer(scores);
  auto metrics = trainer.replayAndTest(&printer);
  if (!metrics.ok())
    return metrics.status();
  printer.printTest(*metrics, "after a replay of the events before");
  return writeMetrics(options.metrics, metricsLine(*metrics));
}

/// From the run's own states where the stream is the run's.
static Status runTest(Trainer &trainer, CheckpointMatch match,
                      const EvaluationOptions &options, ScoreWriter *scores) {
  if (match == CheckpointMatch::Run)
    return test(trainer, options, scores);
  if (match == CheckpointMatch::Model)
    warn("these are not the events that the model was trained on, nor do they "
         "begin with them: states start empty and neighbours are missing; for "
         "new events, give the training events followed by them");
  return replay(trainer, options, scores);
}

static Status
evaluateWithoutCheckpoint(const CLI::App &command,
                          const EvaluationOptions &options,
                          std::shared_ptr<Communicator> processes) {
  auto stream = loadData(options.data);
  if (!stream.ok())
    return stream.status();
  return evaluateHeuristic(command, **stream, options.heuristic,
                           options.protocol, options.metrics,
                           std::move(processes));
}

static Status evaluateByProtocol(const CLI::App &command,
                                 const EvaluationOptions &options,
                                 std::shared_ptr<Communicator> processes) {
  if (options.run.compile.target != "host")
    return Status::error(fmt::format(
        "a checkpoint is evaluated under a protocol on the host: leave out "
        "--target {}, or the protocol's options",
        options.run.compile.target));
  if (!options.scores.empty())
    return Status::error("--scores is for the test of the run itself: leave "
                         "out the protocol's options");
  return evaluateCheckpoint(
      command, {options.checkpoint, options.data, {}, {}, options.run},
      options.protocol, options.metrics, std::move(processes));
}

/// Evaluates among processes, of which the first one writes what there is.
static Status evaluateAmong(const CLI::App &command, EvaluationOptions options,
                            std::shared_ptr<Communicator> processes) {
  if (!isFirst(processes))
    options.metrics.clear();
  bool byProtocol =
      !options.heuristic.model.empty() ||
      std::ranges::any_of(options.ofProtocol, [](const CLI::Option *option) {
        return option->count() != 0;
      });
  if (byProtocol &&
      !(options.labels.columns.empty() && options.labels.file.empty()))
    return Status::error("labels are for the test of a run that was trained by "
                         "them: leave out --label-columns and --labels, or "
                         "--model and the protocol's options");
  if (!options.heuristic.model.empty())
    return evaluateWithoutCheckpoint(command, options, processes);
  if (byProtocol)
    return evaluateByProtocol(command, options, processes);
  if (Status status = checkUsed(command, options.run.compile); !status.ok())
    return status;
  auto stored = readCheckpoint(options.checkpoint);
  if (!stored.ok())
    return stored.status();
  auto stream =
      loadData(withLabels(options.data, options.labels), options.checkpoint);
  if (!stream.ok())
    return stream.status();
  CompileOptions compile = stored->compile;
  auto labels =
      loadLabels(options.labels, **stream, compile.task, options.data.load);
  if (!labels.ok())
    return labels.status();
  if (*labels && !options.scores.empty())
    return Status::error("--scores is for link prediction");
  if (*labels)
    if (Status status = checkClasses(options.checkpoint, **labels);
        !status.ok())
      return status;
  const CompileOptions &given = options.run.compile;
  visitTargetOptions([](const RunOption &, auto &value,
                        const auto &wanted) { value = wanted; },
                     compile, given);
  compile.cacheDirectory = given.cacheDirectory;
  compile.useCache = given.useCache;
  compile.threads = stored->train.threads = options.run.train.threads;
  warnOfMissingDatabase(compile);
  stored->train.evaluationShards = std::max<int64_t>(
      stored->train.shards.value_or(1), processes ? processes->size() : 1);
  if (*stored->train.evaluationShards > 1)
    compile.sharded = true;
  auto model = compileForStream(compile, **stream);
  if (!model.ok())
    return model.status();
  auto trainer =
      Trainer::create(*stream, *model, stored->train, *labels, processes);
  if (!trainer.ok())
    return trainer.status();
  auto match = trainer->loadForTest(options.checkpoint);
  if (!match.ok())
    return match.status();
  std::optional<ScoreWriter> scores;
  if (!options.scores.empty() && isFirst(processes)) {
    scores.emplace(options.scores, **stream);
    if (Status status = scores->open(); !status.ok())
      return status;
  }
  ScoreWriter *writer = scores ? &*scores : nullptr;
  if (Status status = runTest(*trainer, *match, options, writer); !status.ok())
    return status;
  return scores ? scores->commit() : Status();
}

void orcinus::addEvalCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<EvaluationOptions>();
  CLI::App *command = app.add_subcommand(
      "eval", "Test the best parameters of a checkpoint, or a model without "
              "parameters, on an event stream");
  CLI::Option *checkpoint =
      command
          ->add_option("--checkpoint", options->checkpoint,
                       "The directory of the checkpoint")
          ->type_name(anyDirectory);
  addDataOptions(*command, options->data);
  addLabelOptions(*command, options->labels);
  CLI::Option *model = addHeuristicOptions(*command, options->heuristic);
  options->ofProtocol = addProtocolOptions(*command, options->protocol);
  size_t before = command->get_options().size();
  addThreadsOption(*command, options->run.train);
  addTargetOptions(*command, options->run.compile);
  addProgramCacheOptions(*command, options->run.compile);
  std::vector<CLI::Option *> all = command->get_options({});
  for (size_t place = before; place != all.size(); ++place)
    model->excludes(all[place]);
  model->excludes(checkpoint);
  command
      ->add_option("--metrics", options->metrics,
                   "A file for the figures as a line of JSON")
      ->type_name(outputFile);
  command
      ->add_option("--scores", options->scores,
                   "A file for the score of every event of the test and of its "
                   "negative, CSV")
      ->type_name(outputFile)
      ->needs(checkpoint);
  command->final_callback([&chosen, command, options] {
    if (options->checkpoint.empty() && options->heuristic.model.empty())
      throw CLI::RequiredError("--checkpoint or --model");
    chosen = [command, options](std::shared_ptr<Communicator> processes) {
      return evaluateAmong(*command, *options, std::move(processes));
    };
  });
}
