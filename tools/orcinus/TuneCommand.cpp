//===- TuneCommand.cpp - orcinus tune -------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TuneCommand.h"

#include "CandidateMeasuring.h"
#include "NetworkTuner.h"
#include "NumberOption.h"
#include "Options.h"
#include "StopSignals.h"
#include "TunePrinter.h"

#include "lib/Graph/AtomicFile.h"
#include "lib/Support/Clock.h"
#include "orcinus/Tuning/OperatorSets.h"
#include "orcinus/Tuning/TuningSession.h"
#include "passes/Lowering/HostDescription.h"
#include "runtime/Jit/CandidateWorker.h"
#include "runtime/Jit/OutlinedOperators.h"
#include "runtime/Jit/StepOperators.h"
#include "runtime/Jit/TuningTarget.h"
#include "runtime/Tuning/DividedRunner.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace orcinus;

namespace {

struct TuneOptions {
  /// A set's name or a file, one of these.
  std::string set, file;
  /// Or a network, as a whole.
  NetworkTuningOptions network;
  /// The model whose step has the operators of the set tgnn.
  CompileOptions model = stepSetModel();
  MeasuringOptions measuring;
  std::string strategy = "reuse";
  std::string database = "tuning.db";
  std::vector<std::string> merged;
  TuningOptions tuning;
  bool noBridges = false;
  /// Seconds for all; 0 for as many as the trials take.
  double budget = 0;
  bool json = false;
  /// A file for a page about what was done.
  std::string page;
};

} // namespace

static StatusOr<OutlinedOperators> operatorsOf(const TuneOptions &options) {
  if (!options.file.empty())
    return fileOperators(options.file);
  auto operators =
      operatorsOfSet(options.set, options.model, options.tuning.seed);
  if (!operators.ok())
    return operators.status();
  return OutlinedOperators{std::move(*operators), {}, {}, {}};
}

/// An error where an operator failed, or none was tuned.
static Status judge(const TuningReport &report) {
  if (!report.failed.empty())
    return Status::error(fmt::format(
        "{} of {} operators failed, the first one being '{}': {}",
        report.failed.size(), report.failed.size() + report.operators.size(),
        report.failed.front().name, report.failed.front().reason));
  if (report.operators.empty())
    return Status::error(fmt::format(
        "none of {} operators can be tuned: '{}' {}", report.leftOut.size(),
        report.leftOut.front().name, report.leftOut.front().reason));
  return Status();
}

/// That what is said of a network goes together.
static Status checkNetwork(const TuneOptions &options) {
  if (options.network.network.empty())
    return options.network.output.empty()
               ? Status()
               : Status::error("-o is for --network: operators are kept in the "
                               "database");
  if (options.network.output.empty())
    return Status::error("name the file for the tuned network by -o");
  if (options.measuring.target != "host")
    return Status::error("a network is tuned for the host");
  return Status();
}

/// The operators of a set or a file.
static StatusOr<TuningReport> tuneSet(TuneOptions &options,
                                      const TargetDescription &target,
                                      CandidateRunner &runner,
                                      TuningDatabase &database,
                                      TuningObserver &observer) {
  if (options.budget > 0)
    options.tuning.deadline = after(options.budget);
  StatusOr<OutlinedOperators> operators = operatorsOf(options);
  if (!operators.ok())
    return operators.status();
  StatusOr<TuningReport> report = tuneOperators(
      operators->operators, target, runner, database, options.tuning, observer);
  if (report.ok())
    report->leftOut.insert(report->leftOut.begin(), operators->leftOut.begin(),
                           operators->leftOut.end());
  return report;
}

/// What goes together, and the options that others follow from.
static Status completeOptions(TuneOptions &options) {
  if (Status status = checkNetwork(options); !status.ok())
    return status;
  options.network.budget = options.budget;
  std::vector<int64_t> &extents = options.network.openExtents;
  std::sort(extents.begin(), extents.end());
  extents.erase(std::unique(extents.begin(), extents.end()), extents.end());
  options.tuning.bridges = !options.noBridges;
  StatusOr<TuningStrategy> strategy = parseStrategy(options.strategy);
  if (strategy.ok())
    options.tuning.strategy = *strategy;
  return strategy.status();
}

/// Tells what came of it; an error where that is not all that was asked for.
static Status conclude(const TuneOptions &options, const TuningReport &report,
                       const DividedRunner *divided, TunePrinter &printer) {
  printer.printReport(report);
  if (!options.page.empty())
    if (Status status = writeWholeFile(options.page, tuningPage(report));
        !status.ok())
      return status;
  if (printer.hasStopped() || (divided && divided->hasStopped()))
    return Status::error("stopped before the end; '" + options.database +
                             "' has what was measured: run the same again to "
                             "go on",
                         StatusCode::Interrupted);
  return report.network ? Status() : judge(report);
}

/// Tunes, with the other processes where `divided` is not null.
static Status tuneAsFirst(TuneOptions options, DividedRunner *divided,
                          TunePrinter &printer) {
  if (Status status = completeOptions(options); !status.ok())
    return status;
  StatusOr<CandidateMeasuring> measuring = setUpMeasuring(options.measuring);
  if (!measuring.ok())
    return measuring.status();
  const TargetDescription &target = measuring->target;
  StatusOr<TuningDatabase> database =
      TuningDatabase::open(options.database, tuningContext(target));
  if (!database.ok())
    return database.status();
  for (const std::string &path : options.merged)
    if (Status status = database->merge(path); !status.ok())
      return status;
  if (!measuring->place.note.empty())
    printer.onNote(measuring->place.note);
  std::unique_ptr<CandidateRunner> alone;
  if (divided) {
    if (Status status = divided->begin(measuring->process); !status.ok())
      return status;
  } else {
    auto made = measuring->process.makeRunner();
    if (!made.ok())
      return made.status();
    alone = std::move(*made);
  }
  CandidateRunner &runner = divided ? *divided : *alone;
  StatusOr<TuningReport> report =
      options.network.network.empty()
          ? tuneSet(options, target, runner, *database, printer)
          : tuneNetwork(options.network, target, runner, *database,
                        options.tuning, printer);
  if (!report.ok())
    return report.status();
  return conclude(options, *report, divided, printer);
}

/// The first process decides, prints and writes; the others measure for it.
static Status tune(const TuneOptions &options,
                   std::shared_ptr<Communicator> processes) {
  heedStopSignals();
  if (processes && processes->rank() != 0)
    return measureForFirst(*processes, setUpHelper(options.measuring));
  TunePrinter printer(options.json);
  std::optional<DividedRunner> divided;
  if (processes)
    divided.emplace(std::move(processes),
                    [&](const std::string &note) { printer.onNote(note); });
  if (divided)
    printer.othersWantStop = [&] { return divided->wantsStop(); };
  Status status = tuneAsFirst(options, divided ? &*divided : nullptr, printer);
  if (divided)
    divided->end(status.code() == StatusCode::Interrupted);
  return status;
}

static std::string describeSets() {
  std::string text = fmt::format(
      "Which operators; {}: the contractions of a model's training step, each "
      "for 256, 512, … 8192 rows",
      stepSet);
  for (const OperatorSet &set : operatorSets())
    text += fmt::format("; {}: {}", set.name, set.summary);
  return text;
}

/// What decides on the operators of a step, as `orcinus train` has it.
static void addModelOptions(CLI::App &command, CompileOptions &model) {
  command
      .add_option("--model", model.model,
                  "The model of the set tgnn: a built-in model's name, or "
                  "an .mlir file")
      ->type_name(inputFile);
  addModelSizeOptions(command, model);
  addNumber(command, "--edge-features", model.edgeFeatureColumns,
            "Columns of the edge features");
  addNumber(command, "--node-features", model.nodeFeatureColumns,
            "Columns of the node features");
}

/// More would not be measured in a year.
static constexpr int mostTrials = 1 << 20;

/// More than any machine has; a day.
static constexpr int64_t mostThreads = 4096, mostMegabytes = 1 << 30;
static constexpr double mostSeconds = 24 * 3600, leastSeconds = 0.001;

static void addSearchOptions(CLI::App &command, TuneOptions &options) {
  command
      .add_option("--strategy", options.strategy,
                  "search: each operator from nothing; reuse: some from the "
                  "programs of others; default: no tuning")
      ->check([](const std::string &name) {
        return parseStrategy(name).message();
      });
  addNumber(command, "--trials", options.tuning.trials.search, 1, mostTrials,
            "Candidates that a search measures");
  addNumber(command, "--reuse-trials", options.tuning.trials.reuse, 1,
            mostTrials, "Candidates that reuse measures at the most");
  command.add_flag("--no-bridges", options.noBridges,
                   "Tune no operator that was not asked for");
  addNumber(command, "--seed", options.tuning.seed, "Random seed");
  addNumber(command, "--budget", options.budget, 0, mostSeconds,
            "Seconds for all of it, in which the strategy reuse plans as many "
            "candidates as there is time for; 0 for as many as --trials take");
}

static void addRunOptions(CLI::App &command, TuneOptions &options) {
  command.add_option(
      "--target", options.measuring.target,
      "What to tune for: host; nvidia:CHIP or amd:CHIP, measured "
      "where this machine has such a GPU and modelled elsewhere; "
      "cuda or hip, the GPU of this machine; simulator, which "
      "checks candidates, but whose times say nothing about a "
      "GPU");
  command
      .add_option("--db", options.database, "The database to read and to write")
      ->type_name(outputFile)
      ->check([](const std::string &path) {
        return path.empty() || path == ":memory:"
                   ? "what is tuned must be kept: name a file"
                   : std::string();
      });
  command
      .add_option("--merge", options.merged,
                  "Databases to take over into it first")
      ->type_name(inputFile);
  addNumber(command, "--threads", options.measuring.threads, 0, mostThreads,
            "Threads that an operator is divided among on the host")
      ->default_str("all");
  addNumber(command, "--time-limit", options.measuring.timeLimit, leastSeconds,
            mostSeconds,
            "Seconds that compiling, or running, a candidate may take");
  addNumber(command, "--memory-limit", options.measuring.memoryMegabytes, 1,
            mostMegabytes, "Megabytes of the host that a candidate may take");
  command.add_flag("--json", options.json, "Print one line of JSON");
  command
      .add_option("--report", options.page,
                  "A file for a page (HTML) of what was tuned from what, "
                  "what it brought and where the time went")
      ->type_name(outputFile);
}

namespace {

/// The arguments of a worker.
struct WorkerOptions {
  std::string target = "host";
  int threads = 1;
  std::optional<int> device;
};

} // namespace

static Status work(const WorkerOptions &options) {
  StatusOr<TuningTarget> target = parseTuningTarget(options.target);
  if (!target.ok())
    return target.status();
  target->device = options.device;
  serveCandidates(*target, options.threads);
  return Status();
}

static void addWorkerCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<WorkerOptions>();
  CLI::App *command = app.add_subcommand(workerCommand)->group("");
  command->add_option("target", options->target);
  command->add_option("threads", options->threads);
  command->add_option("device", options->device);
  command->final_callback([&chosen, options] {
    chosen = ChildWork{[options] { return work(*options); }};
  });
}

static void addNetworkOptions(CLI::App &command,
                              NetworkTuningOptions &network) {
  command
      .add_option("-o,--output", network.output,
                  "Of a network: the module to write, with the programs that "
                  "make it faster")
      ->type_name(outputFile);
  command
      .add_option("--function", network.function,
                  "Of a network: the function whose latency counts")
      ->default_str("the only one");
  addNumber(command, "--open-extent", network.openExtents, 1, 1 << 20,
            "Of a network: what open extents are tuned for, and are in the "
            "calls that are timed; of several, such as 1,8,32, each has "
            "programs of its own, among which calls choose")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void orcinus::addTuneCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<TuneOptions>();
  CLI::App *command = app.add_subcommand(
      "tune", "Find the fastest programs for a set of operators, and keep them "
              "in a database; candidates are divided among the processes that "
              "mpirun has started");
  CLI::Option_group *source = command->add_option_group("Operators");
  source->add_option("--set", options->set, describeSets());
  source
      ->add_option("--operators", options->file,
                   "An .mlir file of linalg on tensors, whose operators are "
                   "tuned")
      ->type_name(inputFile);
  source
      ->add_option("--network", options->network.network,
                   "A module of a network, which is tuned as a whole")
      ->type_name(inputFile);
  source->require_option(1);
  addNetworkOptions(*command, options->network);
  addModelOptions(*command, options->model);
  addSearchOptions(*command, *options);
  addRunOptions(*command, *options);
  command->final_callback([&chosen, options] {
    chosen = [options](std::shared_ptr<Communicator> processes) {
      return tune(*options, std::move(processes));
    };
  });
  addWorkerCommand(app, chosen);
}
