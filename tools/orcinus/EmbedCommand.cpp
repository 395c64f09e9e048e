//===- EmbedCommand.cpp - orcinus embed -----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "SessionOptions.h"
#include "lib/Graph/AtomicFile.h"
#include "lib/Graph/CsvText.h"
#include "lib/Graph/InputFile.h"
#include "lib/Graph/NumpyFile.h"
#include "lib/Graph/TextRows.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>

using namespace orcinus;

namespace {

struct EmbeddingOptions {
  SessionCommandOptions session;
  std::string nodes = "all";
  std::string time = "end";
  std::string output;
};

} // namespace

/// The names of all nodes, or those of a file, one a line.
static StatusOr<std::vector<std::string>>
chooseNodes(const Session &session, const std::string &nodes) {
  std::vector<std::string> result;
  if (nodes == "all") {
    for (int32_t node = 0; node != session.names().nodeCount(); ++node)
      result.push_back(session.names().name(node));
    return result;
  }
  auto file = InputFile::read(nodes);
  if (!file.ok())
    return file.status();
  TextRows rows(file->bytes.view(), Separator::Comma);
  FieldSplitter splitter(Separator::Comma);
  while (rows.next()) {
    auto fields = splitter.split(rows.row());
    if (fields.size() != 1)
      return errorAtLine(nodes, rows.line(), "expected the name of one node");
    if (auto node = findNode(session, fields[0]); !node.ok())
      return errorAtLine(nodes, rows.line(), node.message());
    result.emplace_back(fields[0]);
  }
  return result;
}

static std::string csvText(const std::vector<std::string> &names, int64_t width,
                           const std::vector<float> &rows) {
  std::string text = "node";
  for (int64_t column = 0; column != width; ++column)
    fmt::format_to(std::back_inserter(text), ",embedding{}", column);
  text += '\n';
  for (size_t row = 0; row != names.size(); ++row) {
    appendCsvText(text, names[row]);
    for (int64_t column = 0; column != width; ++column) {
      text += ',';
      appendCsvNumber(text, rows[row * width + column]);
    }
    text += '\n';
  }
  return text;
}

static Status embed(const EmbeddingOptions &options) {
  auto session = openSession(options.session, stdout);
  if (!session.ok())
    return session.status();
  auto names = chooseNodes(*session, options.nodes);
  if (!names.ok())
    return names.status();
  auto time = parseMoment(*session, options.session, options.time);
  if (!time.ok())
    return time.status().within("--time");
  std::vector<int32_t> nodes;
  for (const std::string &name : *names)
    nodes.push_back(session->node(name));
  warnOfUnknownNodes(std::ranges::count(nodes, unknownNode), std::ssize(nodes),
                     options.nodes);
  int64_t width = session->embeddingWidth();
  std::vector<Moment> moments(nodes.size(), Moment{*time});
  std::vector<float> rows(nodes.size() * width);
  if (Status status = session->embed(nodes, moments, rows); !status.ok())
    return status;
  return writeWholeFile(options.output,
                        options.output.ends_with(".npy")
                            ? npyText(rows, std::ssize(nodes), width)
                            : csvText(*names, width, rows));
}

void orcinus::addEmbedCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<EmbeddingOptions>();
  CLI::App *command = app.add_subcommand(
      "embed", "Embed nodes by the best parameters of a checkpoint");
  addSessionOptions(*command, options->session);
  command
      ->add_option("--nodes", options->nodes,
                   "A file with the name of a node a line, or all")
      ->type_name(inputFile);
  command->add_option("--time", options->time,
                      "When they are embedded: a time as in the data, or end, "
                      "right after the newest event");
  command
      ->add_option("-o,--output", options->output,
                   "A csv file with the columns node, embedding0, …; or, if it "
                   "ends with .npy, a NumPy array of a row a node")
      ->type_name(outputFile)
      ->required();
  command->final_callback(
      [&chosen, options] { chosen = [options] { return embed(*options); }; });
}
