//===- EvalCommand.cpp - orcinus eval -------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Options.h"
#include "RunPrinter.h"
#include "orcinus/Runtime/Trainer.h"

#include <memory>
#include <string>

using namespace orcinus;

namespace {

struct EvaluationOptions {
  DataOptions data;
  CompileOptions target;
  std::string checkpoint;
  int threads = 0;
};

} // namespace

static Status evaluate(const EvaluationOptions &options) {
  auto stored = readCheckpoint(options.checkpoint);
  if (!stored.ok())
    return stored.status();
  auto stream = loadData(options.data);
  if (!stream.ok())
    return stream.status();
  CompileOptions compile = stored->compile;
  compile.target = options.target.target;
  compile.cacheDirectory = options.target.cacheDirectory;
  compile.useCache = options.target.useCache;
  auto model = compileForStream(compile, **stream);
  if (!model.ok())
    return model.status();
  stored->train.threads = options.threads;
  auto trainer = Trainer::create(*stream, *model, stored->train);
  if (!trainer.ok())
    return trainer.status();
  auto sameRun = trainer->loadForTest(options.checkpoint);
  if (!sameRun.ok())
    return sameRun.status();

  RunPrinter printer;
  if (*sameRun) {
    auto report = trainer->test(&printer);
    if (!report.ok())
      return report.status();
    printer.printTest(report->test, "from the validated states");
    return Status();
  }
  auto metrics = trainer->replayAndTest(&printer);
  if (!metrics.ok())
    return metrics.status();
  printer.printTest(*metrics, "after a replay of the events before");
  return Status();
}

void orcinus::addEvalCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<EvaluationOptions>();
  CLI::App *command = app.add_subcommand(
      "eval", "Test the best parameters of a checkpoint on an event stream");
  command
      ->add_option("--checkpoint", options->checkpoint,
                   "The directory of the checkpoint")
      ->required();
  addDataOptions(*command, options->data);
  command
      ->add_option("--threads", options->threads,
                   "Threads to compute with; 0 for one a processor")
      ->check(CLI::Range(0, 4096));
  addTargetOptions(*command, options->target);
  command->final_callback([&chosen, options] {
    chosen = [options] { return evaluate(*options); };
  });
}
