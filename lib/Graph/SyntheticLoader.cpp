//===- SyntheticLoader.cpp - Streams made as a specification asks ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Formats.h"
#include "TextRows.h"
#include "orcinus/Graph/Generator.h"

using namespace orcinus;

/// Sets the option that `name` names to `value`.
static Status setOption(std::string_view name, std::string_view value,
                        GeneratorOptions &options) {
  int64_t number = 0;
  if (parseInteger(value, number) != NumberKind::Valid || number < 0)
    return Status::error("synthetic stream: " + quoteForMessage(name) + " is " +
                         quoteForMessage(value) +
                         "; give a non-negative integer");
  if (name == "nodes")
    options.nodes = number;
  else if (name == "events")
    options.events = number;
  else if (name == "seed")
    options.seed = static_cast<uint64_t>(number);
  else if (name == "features")
    options.edgeFeatures = number;
  else
    return Status::error("synthetic stream: unknown option " +
                         quoteForMessage(name) +
                         "; use nodes, events, seed and features");
  return Status();
}

StatusOr<LoadedStream> orcinus::loadSynthetic(std::string_view parameters) {
  GeneratorOptions options;
  FieldSplitter splitter(Separator::Comma);
  for (std::string_view parameter : splitter.split(parameters)) {
    size_t equals = parameter.find('=');
    if (equals == std::string_view::npos)
      return Status::error("synthetic stream: " + quoteForMessage(parameter) +
                           " has no value; write for example "
                           "synthetic:nodes=1000,events=10000");
    if (Status status = setOption(parameter.substr(0, equals),
                                  parameter.substr(equals + 1), options);
        !status.ok())
      return status;
  }
  StatusOr<EventStream> stream = generateEventStream(options);
  if (!stream.ok())
    return stream.status();
  return LoadedStream{
      std::move(*stream),
      "synthetic stream, nodes=" + std::to_string(options.nodes) +
          " events=" + std::to_string(options.events) +
          " seed=" + std::to_string(options.seed) +
          " features=" + std::to_string(options.edgeFeatures)};
}
