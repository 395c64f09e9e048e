//===- Options.h - Options that commands share ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_OPTIONS_H
#define TOOLS_ORCINUS_OPTIONS_H

#include "orcinus/Graph/Loader.h"
#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Runtime/Options.h"
#include "orcinus/Runtime/Trainer.h"
#include "orcinus/Support/Status.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace orcinus {

// What the text of an option names, as its type in help says: a file that the
// command reads, one that it writes, a folder. By these no command writes over
// what it reads (Tool.cpp).
inline constexpr const char *inputFile = "INPUT";
inline constexpr const char *outputFile = "OUTPUT";
inline constexpr const char *anyDirectory = "DIRECTORY";

/// Where events come from.
struct DataOptions {
  std::string data;
  LoadOptions load;
};

/// Adds --columns and --sort, for data whose place is told otherwise.
void addLoadOptions(CLI::App &command, LoadOptions &options);
/// Adds --data and these.
void addDataOptions(CLI::App &command, DataOptions &options);

/// Loads the data, and prints what it was taken for; with the nodes numbered as
/// the run of `checkpoint` had them, if one is named.
StatusOr<std::shared_ptr<const EventStream>>
loadData(const DataOptions &options, const std::string &checkpoint = "");
/// The same of a file that is given otherwise; what it was taken for is printed
/// to `messages`.
StatusOr<LoadedStream> loadFile(const std::string &path,
                                const LoadOptions &options,
                                std::FILE *messages);

/// What a task that has labels learns by.
struct LabelOptions {
  /// Columns of the data, between commas, or a file.
  std::string columns;
  std::string file;
};

/// Adds --label-columns and --labels.
void addLabelOptions(CLI::App &command, LabelOptions &options);

/// What the data are loaded by, with the columns of labels.
DataOptions withLabels(DataOptions data, const LabelOptions &labels);

/// The labels of `task`, and prints what they are; null for link prediction.
/// Errors: also labels that the task has none of, or a task without its labels.
StatusOr<std::shared_ptr<const LabelSet>>
loadLabels(const LabelOptions &options, const EventStream &stream,
           const std::optional<std::string> &task, const LoadOptions &load);

/// That the run of `checkpoint` had the classes of `labels`.
Status checkClasses(const std::string &checkpoint, const LabelSet &labels);

/// Adds --layers, --neighbours, --dim, --heads, --dropout.
void addModelSizeOptions(CLI::App &command, CompileOptions &options);
/// Adds --reuse and what goes with it.
void addReuseOptions(CLI::App &command, CompileOptions &options);
/// Adds --cache-dir and --no-cache.
void addProgramCacheOptions(CLI::App &command, std::string &directory,
                            bool &useCache);
void addProgramCacheOptions(CLI::App &command, CompileOptions &options);
/// Adds --target and what goes with it.
void addTargetOptions(CLI::App &command, CompileOptions &options);
/// Adds --threads.
void addThreadsOption(CLI::App &command, TrainOptions &options);
/// Adds those of a training run's options whose first names are `names`, in a
/// group of the help.
void addNamedRunOptions(CLI::App &command,
                        std::initializer_list<std::string_view> names,
                        const std::string &group,
                        CheckpointDescription &options);
/// Adds all options of a training run (runtime/Train/RunOptions.h).
void addAllRunOptions(CLI::App &command, CheckpointDescription &options);

/// What of `options` the command line gave counts; the rest is taken from
/// `stored`.
void takeFromCheckpoint(const CLI::App &command,
                        const CheckpointDescription &stored,
                        CheckpointDescription &options);

/// The same of the model, its sizes and its dropout alone.
void takeModel(const CLI::App &command, const CompileOptions &stored,
               CompileOptions &options);

/// An error for an option that `command` gave and `options` make no use of,
/// such as a capacity without reuse.
Status checkUsed(const CLI::App &command, const CompileOptions &options);

/// Compiles, and prints how long it took and what a tuning database gave to
/// `messages`.
StatusOr<std::shared_ptr<const CompiledModel>>
compileForStream(CompileOptions options, const EventStream &stream,
                 std::FILE *messages = stdout);

/// Prints a line to the standard error that does not end the command.
void warn(const std::string &message);

/// Does without a checkpoint's tuning database that is gone, and warns of it.
void warnOfMissingDatabase(CompileOptions &options);

/// Warns where some of `count` rows name a node that no event has named, which
/// may be the wrong spelling.
void warnOfUnknownNodes(int64_t unknown, int64_t count,
                        const std::string &path);

} // namespace orcinus

#endif // TOOLS_ORCINUS_OPTIONS_H
