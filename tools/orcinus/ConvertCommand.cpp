//===- ConvertCommand.cpp - orcinus convert -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Options.h"
#include "orcinus/Graph/Writer.h"

#include <fmt/format.h>

#include <memory>
#include <string>

using namespace orcinus;

namespace {

struct ConvertOptions {
  DataOptions data;
  std::string output;
};

} // namespace

static Status convert(const ConvertOptions &options) {
  StatusOr<LoadedStream> loaded =
      loadEventStream(options.data.data, options.data.load);
  if (!loaded.ok())
    return loaded.status();
  if (Status status =
          writeEventFile(loaded->stream, loaded->source(), options.output);
      !status.ok())
    return status;
  fmt::print("{}: {} events of {} nodes, from {}\n", options.output,
             loaded->stream.eventCount(), loaded->stream.nodeCount,
             loaded->description);
  return Status();
}

void orcinus::addConvertCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App *command = app.add_subcommand(
      "convert", "Write a stream as a file that is mapped in place of read: it "
                 "opens at once, and its events need not fit in memory");
  command
      ->add_option("data", options->data.data,
                   "A file of timestamped edges, or "
                   "synthetic:nodes=N,events=M[,seed=S][,features=F]")
      ->type_name(inputFile)
      ->required();
  addLoadOptions(*command, options->data.load);
  command->add_option("-o,--output", options->output, "The file to write")
      ->type_name(outputFile)
      ->required();
  command->final_callback(
      [&chosen, options] { chosen = [options] { return convert(*options); }; });
}
