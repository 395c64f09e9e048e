//===- PredictCommand.cpp - orcinus predict -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Follow.h"
#include "NumberOption.h"
#include "PairsFile.h"
#include "ScoreWriter.h"
#include "SessionOptions.h"
#include "lib/Graph/AtomicFile.h"
#include "lib/Graph/CsvText.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <vector>

using namespace orcinus;

namespace {

struct PredictionOptions {
  SessionCommandOptions session;
  std::string pairs;
  /// In place of pairs, for a model of a task of nodes.
  std::string nodes;
  std::string output;
  /// 0 to score the file's pairs.
  int64_t top = 0;
  bool follow = false;
  FollowFiles files;
};

} // namespace

/// The file's rows, each with its score.
static StatusOr<std::string> scoreRows(Session &session,
                                       const PairsFile &pairs) {
  std::vector<float> logits(pairs.queries.size());
  if (Status status = session.score(pairs.queries, logits); !status.ok())
    return status;
  std::string text = pairs.header + ",score\n";
  for (size_t row = 0; row != logits.size(); ++row)
    fmt::format_to(std::back_inserter(text), "{},{}\n", pairs.rows[row],
                   probability(logits[row]));
  return text;
}

/// The file's rows, each as often as it has candidates.
static StatusOr<std::string> rankRows(Session &session, const PairsFile &pairs,
                                      int64_t count) {
  std::string text = pairs.header + ",rank,candidate,score\n";
  for (size_t row = 0; row != pairs.rows.size(); ++row) {
    const PairQuery &query = pairs.queries[row];
    auto best =
        session.topK(query.source, query.moment, session.destinations(), count);
    if (!best.ok())
      return best.status();
    for (size_t rank = 0; rank != best->size(); ++rank) {
      fmt::format_to(std::back_inserter(text), "{},{},", pairs.rows[row],
                     rank + 1);
      int32_t node = session.destinations()[(*best)[rank].place];
      appendCsvText(text, session.names().name(node));
      fmt::format_to(std::back_inserter(text), ",{}\n",
                     probability((*best)[rank].logit));
    }
  }
  return text;
}

/// The probability of each class: of two that of both.
static std::vector<double> shares(std::span<const float> logits) {
  if (logits.size() == 1)
    return {1 - probability(logits[0]), probability(logits[0])};
  float largest = *std::ranges::max_element(logits);
  std::vector<double> result;
  for (float logit : logits)
    result.push_back(std::exp(static_cast<double>(logit) - largest));
  double sum = std::accumulate(result.begin(), result.end(), 0.0);
  for (double &share : result)
    share /= sum;
  return result;
}

/// Appends the `count` most probable classes of a row, each in a row of its
/// own.
static void appendClasses(std::string &text, const std::string &row,
                          const std::vector<std::string> &classes,
                          std::span<const float> logits, size_t count) {
  std::vector<double> probabilities = shares(logits);
  std::vector<size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::ranges::stable_sort(order, std::greater<>(),
                           [&](size_t each) { return probabilities[each]; });
  for (size_t rank = 0; rank != std::min(count, order.size()); ++rank) {
    fmt::format_to(std::back_inserter(text), "{},{},", row, rank + 1);
    appendCsvText(text, classes[order[rank]]);
    fmt::format_to(std::back_inserter(text), ",{}\n",
                   probabilities[order[rank]]);
  }
}

/// The file's rows, each with what is predicted of its node.
static StatusOr<std::string> predictRows(Session &session,
                                         const PairsFile &rows,
                                         const PredictionOptions &options) {
  auto classes = readCheckpointClasses(options.session.checkpoint);
  if (!classes.ok())
    return classes.status();
  bool isNumber = classes->empty();
  if (isNumber && options.top && session.predictionWidth() != 0)
    return Status::error(
        "--top is for classes, but the model predicts numbers");
  std::vector<int32_t> nodes;
  std::vector<Moment> moments;
  for (const PairQuery &query : rows.queries) {
    nodes.push_back(query.source);
    moments.push_back(query.moment);
  }
  size_t width = session.predictionWidth();
  std::vector<float> predictions(nodes.size() * width);
  if (Status status = session.predict(nodes, moments, predictions);
      !status.ok())
    return status;
  std::string text =
      rows.header + (isNumber ? ",prediction\n" : ",rank,class,score\n");
  for (size_t row = 0; row != nodes.size(); ++row) {
    auto prediction = std::span(predictions).subspan(row * width, width);
    if (isNumber)
      fmt::format_to(std::back_inserter(text), "{},{}\n", rows.rows[row],
                     prediction[0]);
    else
      appendClasses(text, rows.rows[row], *classes, prediction,
                    std::max<int64_t>(options.top, 1));
  }
  return text;
}

static Status checkTogether(const PredictionOptions &options) {
  if (options.follow) {
    if (!options.pairs.empty() || !options.nodes.empty() ||
        !options.output.empty() || options.top)
      return Status::error("--follow answers on the standard output: it takes "
                           "no --pairs, --nodes, --output or --top");
    return Status();
  }
  if (!options.files.log.empty())
    return Status::error("--log is for --follow");
  if (!options.files.snapshot.empty())
    return Status::error("--snapshot is for --follow");
  if (options.pairs.empty() == options.nodes.empty() || options.output.empty())
    return Status::error("say which --pairs to score, or of which --nodes to "
                         "predict, and where to (-o), or --follow");
  return Status();
}

static Status predict(PredictionOptions &options) {
  if (Status status = checkTogether(options); !status.ok())
    return status;
  if (options.follow)
    return follow(options.session, options.files);
  auto session = openSession(options.session, stdout);
  if (!session.ok())
    return session.status();
  bool ofNodes = !options.nodes.empty();
  PairsForm form = ofNodes       ? PairsForm::Nodes
                   : options.top ? PairsForm::Sources
                                 : PairsForm::Pairs;
  auto pairs = PairsFile::read(ofNodes ? options.nodes : options.pairs, form,
                               options.session, *session);
  if (!pairs.ok())
    return pairs.status();
  warnOfUnknownNodes(pairs->unknownRows, std::ssize(pairs->rows),
                     ofNodes ? options.nodes : options.pairs);
  AtomicFile file(options.output);
  if (Status status = file.open(); !status.ok())
    return status;
  auto text = ofNodes       ? predictRows(*session, *pairs, options)
              : options.top ? rankRows(*session, *pairs, options.top)
                            : scoreRows(*session, *pairs);
  if (!text.ok())
    return text.status();
  if (Status status = file.write(*text); !status.ok())
    return status;
  return file.commit();
}

void orcinus::addPredictCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<PredictionOptions>();
  CLI::App *command = app.add_subcommand(
      "predict",
      "Score links, or predict labels of nodes, by the best parameters of a "
      "checkpoint");
  addSessionOptions(*command, options->session);
  command
      ->add_option("--pairs", options->pairs,
                   "A csv file with the columns source,destination,time and "
                   "optionally event, which are named by a header or in "
                   "this order")
      ->type_name(inputFile);
  command
      ->add_option("--nodes", options->nodes,
                   "For a model of a task of nodes, a csv file with the "
                   "columns node,time and optionally event; each row gets "
                   "its prediction, or its best class and its probability")
      ->type_name(inputFile);
  command
      ->add_option("-o,--output", options->output,
                   "A csv file for the same rows with the column score, the "
                   "probability of the link, or with what is predicted")
      ->type_name(outputFile);
  addNumber(*command, "--top", options->top, int64_t(1), int64_t(1) << 31,
            "Instead of a destination, give each source's so many best among "
            "all destinations, a row each with rank, candidate and score; with "
            "--nodes, so many best classes")
      ->default_str("");
  command->add_flag("--follow", options->follow,
                    "Read events and queries as lines of JSON from the "
                    "standard input, and answer each by a line; events count "
                    "at once (--block-size 1) unless that is given");
  command
      ->add_option("--log", options->files.log,
                   "With --follow, a file that events are written to before "
                   "they are acknowledged, and read from at the start")
      ->type_name(outputFile);
  CLI::Option *snapshot =
      command
          ->add_option("--snapshot", options->files.snapshot,
                       "With --follow, a file for the events and states as "
                       "they are, which a server begins with; written each "
                       "minute, where events came, and at the end, after which "
                       "the log begins anew")
          ->type_name(outputFile);
  addNumber(*command, "--snapshot-events", options->files.snapshotEvents,
            int64_t(0), int64_t(1) << 31,
            "Events after which the snapshot is written, too; 0 to go by time "
            "alone")
      ->needs(snapshot);
  command->final_callback([&chosen, command, options] {
    if (options->follow && command->count("--block-size") == 0)
      options->session.session.blockSize = 1;
    // A server does not stop to go through all events once more.
    options->session.session.mayReplay = !options->follow;
    chosen = [options] { return predict(*options); };
  });
}
