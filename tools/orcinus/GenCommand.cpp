//===- GenCommand.cpp - orcinus gen ---------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "NumberOption.h"
#include "Options.h"
#include "orcinus/Graph/Generator.h"
#include "orcinus/Graph/Writer.h"

#include <memory>
#include <string>

using namespace orcinus;

namespace {

struct GenOptions {
  GeneratorOptions generator;
  std::string output;
};

} // namespace

static Status generate(const GenOptions &options) {
  StatusOr<EventStream> stream = generateEventStream(options.generator);
  if (!stream.ok())
    return stream.status();
  return writeEventCsv(*stream, options.output);
}

void orcinus::addGenCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<GenOptions>();
  CLI::App *command = app.add_subcommand(
      "gen", "Write a synthetic event stream: power-law degrees, temporal "
             "locality, communities that can be learnt");
  addNumber(*command, "--nodes", options->generator.nodes, "Nodes");
  addNumber(*command, "--events", options->generator.events, "Events");
  addNumber(*command, "--seed", options->generator.seed, "Random seed");
  addNumber(*command, "--edge-features", options->generator.edgeFeatures,
            "Columns of edge features");
  command->add_option("-o,--output", options->output, "The file to write")
      ->type_name(outputFile)
      ->required();
  command->final_callback([&chosen, options] {
    chosen = [options] { return generate(*options); };
  });
}
