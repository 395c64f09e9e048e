//===- Options.cpp - Options that commands share --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include "NumberOption.h"
#include "lib/Support/Json.h"
#include "runtime/Train/Checkpoint.h"
#include "runtime/Train/CheckpointFile.h"
#include "runtime/Train/RunOptions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

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
      ->type_name(inputFile)
      ->required();
  addLoadOptions(command, options.load);
}

StatusOr<LoadedStream> orcinus::loadFile(const std::string &path,
                                         const LoadOptions &options,
                                         std::FILE *messages) {
  StatusOr<LoadedStream> loaded = loadEventStream(path, options);
  if (loaded.ok())
    fmt::print(messages, "{}: {} events of {} nodes, {}\n", path,
               loaded->stream.eventCount(), loaded->stream.nodeCount,
               loaded->description);
  return loaded;
}

StatusOr<std::shared_ptr<const EventStream>>
orcinus::loadData(const DataOptions &options, const std::string &checkpoint) {
  StatusOr<LoadedStream> loaded = loadFile(options.data, options.load, stdout);
  if (!loaded.ok())
    return loaded.status();
  if (!checkpoint.empty())
    if (Status status = alignWithCheckpoint(checkpoint, loaded->stream);
        !status.ok())
      return status;
  return std::make_shared<const EventStream>(std::move(loaded->stream));
}

//===----------------------------------------------------------------------===//
// Labels
//===----------------------------------------------------------------------===//

void orcinus::addLabelOptions(CLI::App &command, LabelOptions &options) {
  CLI::Option *columns = command.add_option(
      "--label-columns", options.columns,
      "Columns of the data that hold labels, between commas: of the events, or "
      "of their sources, or of their sources and of their destinations");
  command
      .add_option("--labels", options.file,
                  "A csv file of labels of nodes, whose header names node, "
                  "label and, where they have one, time and weight")
      ->type_name(inputFile)
      ->excludes(columns);
}

DataOptions orcinus::withLabels(DataOptions data, const LabelOptions &labels) {
  data.load.labels = labels.columns;
  return data;
}

/// "5120 labels of 11 classes".
static std::string describe(const LabelSet &labels) {
  std::string text = fmt::format("{} labels", labels.size());
  if (!labels.classes.empty())
    text += fmt::format(" of {} classes", labels.classes.size());
  return text;
}

StatusOr<std::shared_ptr<const LabelSet>>
orcinus::loadLabels(const LabelOptions &options, const EventStream &stream,
                    const std::optional<std::string> &task,
                    const LoadOptions &load) {
  StatusOr<Task> kind = taskOfOption(task);
  if (!kind.ok())
    return kind.status();
  bool given = !options.columns.empty() || !options.file.empty();
  if (*kind == Task::LinkPrediction)
    return given ? StatusOr<std::shared_ptr<const LabelSet>>(Status::error(
                       "link prediction has no labels: leave them out, or "
                       "train by them (--task)"))
                 : std::shared_ptr<const LabelSet>();
  if (!given)
    return Status::error(fmt::format(
        "{} learns by labels: name the columns of the data that hold them "
        "(--label-columns){}",
        taskName(*kind),
        isOfEvents(*kind) ? "" : ", or give a file (--labels)"));
  StatusOr<LabelSet> labels =
      options.file.empty()
          ? labelsOfStream(stream, *kind)
          : readLabels(stream, options.file, *kind, load.timeUnit);
  if (!labels.ok())
    return labels.status();
  fmt::print("{}: {}\n", taskName(*kind), describe(*labels));
  return std::make_shared<const LabelSet>(std::move(*labels));
}

Status orcinus::checkClasses(const std::string &checkpoint,
                             const LabelSet &labels) {
  auto file = openCheckpointFile(checkpoint);
  return file.ok() ? checkSameClasses(*file, checkpoint, labels.classes)
                   : file.status();
}

//===----------------------------------------------------------------------===//
// Options of a run
//===----------------------------------------------------------------------===//

namespace {

/// Adds an option of RunOptions.h to a command.
struct OptionAdder {
  CLI::App &command;

  template <typename Field>
  void operator()(const RunOption &option, Field &field) const {
    using Number = typename NumberIn<Field>::type;
    if (!option.flags)
      return;
    CLI::Option *added;
    if constexpr (std::is_same_v<Field, std::optional<bool>>) {
      added = command.add_flag(
          option.flags, [&field](int64_t count) { field = count > 0; },
          option.help);
    } else if constexpr (std::is_same_v<Field, bool>) {
      added = command.add_flag(option.flags, field, option.help);
    } else if constexpr (std::is_arithmetic_v<Number>) {
      if (option.isBytes) {
        added = command.add_option(option.flags, field, option.help)
                    ->transform(byteCount());
        added->default_str(option.defaultText);
        return;
      }
      // The largest value stands for all that the type has.
      bool bounded = option.most != std::numeric_limits<double>::max();
      added = addNumber(command, option.flags, field,
                        static_cast<Number>(option.least),
                        bounded ? static_cast<Number>(option.most)
                                : std::numeric_limits<Number>::max(),
                        option.help);
    } else {
      added = command.add_option(option.flags, field, option.help);
      if (option.check)
        added->check(option.check);
      if (option.isFile)
        added->type_name(inputFile);
    }
    if (option.defaultText)
      added->default_str(option.defaultText);
  }
};

/// The option's first name, by which a command knows it.
std::string firstName(const RunOption &option) {
  std::string_view flags = option.flags ? option.flags : "";
  return std::string(flags.substr(0, flags.find(',')));
}

} // namespace

void orcinus::addModelSizeOptions(CLI::App &command, CompileOptions &options) {
  visitModelOptions(OptionAdder{command}, options);
}

void orcinus::addReuseOptions(CLI::App &command, CompileOptions &options) {
  visitReuseOptions(OptionAdder{command}, options);
}

void orcinus::addTargetOptions(CLI::App &command, CompileOptions &options) {
  visitTargetOptions(OptionAdder{command}, options);
}

void orcinus::addThreadsOption(CLI::App &command, TrainOptions &options) {
  OptionAdder add{command};
  visitTrainOptions(
      [&](const RunOption &option, auto &field) {
        if (firstName(option) == "--threads")
          add(option, field);
      },
      options);
}

void orcinus::addNamedRunOptions(CLI::App &command,
                                 std::initializer_list<std::string_view> names,
                                 const std::string &group,
                                 CheckpointDescription &options) {
  OptionAdder add{command};
  auto addNamed = [&](const RunOption &option, auto &field) {
    std::string name = firstName(option);
    if (std::ranges::find(names, name) == names.end())
      return;
    add(option, field);
    command.get_option(name)->group(group);
  };
  visitCompileOptions(addNamed, options.compile);
  visitTrainOptions(addNamed, options.train);
}

void orcinus::addAllRunOptions(CLI::App &command,
                               CheckpointDescription &options) {
  visitCompileOptions(OptionAdder{command}, options.compile);
  visitTrainOptions(OptionAdder{command}, options.train);
}

void orcinus::takeModel(const CLI::App &command, const CompileOptions &stored,
                        CompileOptions &options) {
  visitModelOptions(
      [&](const RunOption &option, auto &value, const auto &kept) {
        if (command.count(firstName(option)) == 0)
          value = kept;
      },
      options, stored);
  options.model = stored.model;
  options.modelText = stored.modelText;
}

void orcinus::takeFromCheckpoint(const CLI::App &command,
                                 const CheckpointDescription &stored,
                                 CheckpointDescription &options) {
  auto keep = [&](const RunOption &option, auto &value, const auto &kept) {
    if (!option.flags || command.count(firstName(option)) == 0)
      value = kept;
  };
  visitCompileOptions(keep, options.compile, stored.compile);
  visitTrainOptions(keep, options.train, stored.train);
  if (command.count("--model") == 0)
    options.compile.modelText = stored.compile.modelText;
  // What is given takes the place of what excludes it.
  bool hasMemory = command.count("--memory") != 0;
  bool hasCapacity = command.count("--capacity") != 0;
  if (!hasMemory && (hasCapacity || options.compile.reuse == "none"))
    options.compile.memory.reset();
  if (hasMemory && !hasCapacity)
    options.compile.capacity.reset();
  // Another mode has its own defaults.
  if (options.compile.reuse != stored.compile.reuse) {
    auto forget = [&](const char *name, auto &value) {
      if (command.count(name) == 0)
        value.reset();
    };
    forget("--share", options.compile.share);
    forget("--capacity", options.compile.capacity);
    forget("--block-gradient", options.compile.blockGradient);
  }
}

Status orcinus::checkUsed(const CLI::App &command,
                          const CompileOptions &options) {
  auto isGiven = [&](const char *name) {
    const CLI::Option *option = command.get_option_no_throw(name);
    return option && option->count() != 0;
  };
  auto require = [&](bool used, std::initializer_list<const char *> names,
                     const char *purpose) {
    for (const char *name : names)
      if (!used && isGiven(name))
        return Status::error(fmt::format(
            "{} {}", command.get_option(name)->get_name(false, true), purpose));
    return Status();
  };
  bool reuses = options.reuse != "none";
  Status status =
      require(reuses,
              {"--share", "--policy", "--capacity", "--memory", "--max-age",
               "--block-gradient", "--measure-staleness", "--exact-epochs"},
              "needs reuse: add --reuse push-pull or recompute");
  if (status.ok())
    status = require(options.capacity >= 0 || options.memory, {"--policy"},
                     "is for caches with a --capacity or a --memory");
  if (status.ok())
    status = require(!options.capacity || *options.capacity < 0, {"--memory"},
                     "takes the place of a --capacity: give one of them");
  if (status.ok())
    status = require(options.target == "simulator",
                     {"--check-kernels", "--thread-order"},
                     "is for --target simulator");
  return status;
}

void orcinus::addProgramCacheOptions(CLI::App &command, std::string &directory,
                                     bool &useCache) {
  CLI::Option *place =
      command
          .add_option("--cache-dir", directory,
                      "Where compiled programs are kept; the user's cache "
                      "directory if empty")
          ->type_name(anyDirectory);
  command
      .add_flag(
          "--no-cache", [&useCache](int64_t) { useCache = false; },
          "Compile anew, whatever the cache holds")
      ->excludes(place);
}

void orcinus::addProgramCacheOptions(CLI::App &command,
                                     CompileOptions &options) {
  addProgramCacheOptions(command, options.cacheDirectory, options.useCache);
}

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

void orcinus::warn(const std::string &message) {
  std::fflush(stdout);
  fmt::print(stderr, "orcinus: warning: {}\n", message);
}

void orcinus::warnOfUnknownNodes(int64_t unknown, int64_t count,
                                 const std::string &path) {
  if (unknown)
    warn(fmt::format("{} of {} rows of '{}' name a node that no event has: it "
                     "has no state and no neighbours; nodes are written as in "
                     "the data",
                     unknown, count, path));
}

void orcinus::warnOfMissingDatabase(CompileOptions &options) {
  if (std::string notice = forgetMissingDatabase(options); !notice.empty())
    warn(notice);
}

/// Says what the tuning database at `path` has for the program.
static void printTuning(const std::string &path, const TuningUse &use,
                        std::FILE *messages) {
  if (use.operators)
    fmt::print(messages, "tuning database {}: {} operators by its programs\n",
               path, use.operators);
  else if (use.programs)
    fmt::print(messages,
               "tuning database {}: none of its {} programs is for an operator "
               "of this model\n",
               path, use.programs);
  else
    fmt::print(messages, "tuning database {}: nothing for {}; it has {}\n",
               path, use.wanted,
               use.others.empty() ? "no program at all"
                                  : fmt::format("programs for {}",
                                                fmt::join(use.others, "; ")));
}

StatusOr<std::shared_ptr<const CompiledModel>>
orcinus::compileForStream(CompileOptions options, const EventStream &stream,
                          std::FILE *messages) {
  auto model = compileModel(streamCompileOptions(options, stream));
  if (!model.ok())
    return model;
  fmt::print(messages, "model {}: {} in {:.2f} s\n", options.model,
             (*model)->cacheHit() ? "loaded from the cache" : "compiled",
             (*model)->compileSeconds());
  if (!options.tuningDatabase.empty())
    printTuning(options.tuningDatabase, (*model)->tuningUse(), messages);
  if (std::string warning = (*model)->cacheWarning(); !warning.empty()) {
    if (!options.cacheDirectory.empty())
      return Status::error(warning);
    warn(warning);
  }
  return model;
}
