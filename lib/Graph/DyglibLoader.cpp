//===- DyglibLoader.cpp - Events in the DyGLib and TGN layout -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EventCollector.h"
#include "Formats.h"
#include "LabelCollector.h"
#include "NumpyFile.h"
#include "TextRows.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <optional>

using namespace orcinus;

bool orcinus::isDyglibHeader(std::string_view header) {
  return header == ",u,i,ts,label,idx";
}

/// The path of the feature file with `ending` beside the csv at `path`, plain
/// or gzipped, if there is one.
static std::optional<std::string> findFeatureFile(std::string_view path,
                                                  const std::string &ending) {
  if (path.ends_with(".gz"))
    path.remove_suffix(3);
  if (path.ends_with(".csv"))
    path.remove_suffix(4);
  for (const char *compression : {"", ".gz"}) {
    std::string candidate = std::string(path) + ending + compression;
    if (fileExists(candidate))
      return candidate;
  }
  return std::nullopt;
}

/// Reads the rows behind the header into `events` and, where they are asked
/// for, `labels`, and the rows' idx.
static Status readRows(const InputFile &file, TextRows &rows,
                       EventCollector &events,
                       std::vector<int64_t> &featureRows,
                       LabelCollector *labels) {
  std::array<std::string_view, 6> fields;
  FieldSplitter splitter(Separator::Comma);
  while (rows.next()) {
    size_t count = splitter.split(rows.row(), fields);
    if (count != fields.size())
      return errorAtLine(
          file.path, rows.line(),
          "row has " + std::to_string(count) +
              " fields, expected 6 (number, u, i, ts, label, "
              "idx); correct or remove the row" +
              (rows.endsInside() ? " (the file ends in it)" : ""));
    if (!events.add(fields[1], fields[2], fields[3], rows.line()))
      return events.failure();
    int64_t featureRow = 0;
    if (parseInteger(fields[5], featureRow) != NumberKind::Valid)
      return errorAtLine(file.path, rows.line(),
                         "idx " + quoteForMessage(fields[5]) +
                             " is not an integer; number the events from 1");
    featureRows.push_back(featureRow);
    if (labels)
      labels->add(0, fields[4]);
  }
  return Status();
}

/// Loads the rows `rows` of the feature file at `path`, which must have
/// `expected` rows in all. Adds to `description` what it found.
static StatusOr<FeatureMatrix>
loadFeatures(const InputFile &file, const std::string &path,
             const std::string &what, std::span<const int64_t> rows,
             int64_t expected, std::string &description) {
  StatusOr<NumpyFile> array = NumpyFile::read(path);
  if (!array.ok())
    return array.status();
  if (array->rows() != expected)
    return Status::error(
        "'" + path + "' has " + std::to_string(array->rows()) + " rows, but '" +
        file.path + "' needs " + std::to_string(expected) + " (one for each " +
        what + " and row 0 as padding); use files that belong together");
  description +=
      ", " + std::to_string(array->columns()) + " " + what + " features";
  return array->gather(rows);
}

/// The line of data row `row`, counted from 0, of `file`.
static int64_t lineOfRow(const InputFile &file, int64_t row) {
  TextRows rows(file.bytes.view());
  rows.next();
  for (int64_t i = 0; i <= row; ++i)
    rows.next();
  return rows.line();
}

/// Adds the edge features: the row `featureRows[row]` for the event of `row`.
static Status addEdgeFeatures(const InputFile &file,
                              const EventCollector &events,
                              const std::vector<int64_t> &featureRows,
                              LoadedStream &loaded) {
  std::optional<std::string> path = findFeatureFile(file.path, ".npy");
  if (!path) {
    loaded.description += ", no edge features";
    return Status();
  }
  int64_t count = loaded.stream.eventCount();
  auto bad = std::find_if(featureRows.begin(), featureRows.end(),
                          [&](int64_t row) { return row < 1 || row > count; });
  if (bad != featureRows.end())
    return errorAtLine(file.path, lineOfRow(file, bad - featureRows.begin()),
                       "idx '" + std::to_string(*bad) + "' is outside 1.." +
                           std::to_string(count) +
                           "; number the events from 1");
  std::vector<int64_t> ordered;
  for (int32_t row : events.rowOfEvent())
    ordered.push_back(featureRows[static_cast<size_t>(row)]);
  StatusOr<FeatureMatrix> features =
      loadFeatures(file, *path, "edge", ordered.empty() ? featureRows : ordered,
                   count + 1, loaded.description);
  if (!features.ok())
    return features.status();
  loaded.stream.edgeFeatures = std::move(*features);
  return Status();
}

/// Adds the node features: the row of a node is its id in the file.
static Status addNodeFeatures(const InputFile &file, LoadedStream &loaded) {
  std::optional<std::string> path = findFeatureFile(file.path, "_node.npy");
  if (!path) {
    loaded.description += ", no node features";
    return Status();
  }
  EventStream &stream = loaded.stream;
  std::vector<int64_t> rows = stream.externalIds;
  if (rows.empty()) {
    rows.resize(static_cast<size_t>(stream.nodeCount));
    std::iota(rows.begin(), rows.end(), 0);
  }
  if (rows.back() == std::numeric_limits<int64_t>::max())
    return Status::error("'" + *path + "' cannot have a row for node id " +
                         std::to_string(rows.back()) + " of '" + file.path +
                         "'; number the nodes with smaller ids");
  StatusOr<FeatureMatrix> features = loadFeatures(
      file, *path, "node", rows, rows.back() + 1, loaded.description);
  if (!features.ok())
    return features.status();
  stream.nodeFeatures = std::move(*features);
  return Status();
}

StatusOr<LoadedStream> orcinus::loadDyglib(const InputFile &file,
                                           const LoadOptions &options) {
  std::string_view text = file.bytes.view();
  EventCollector events(file.path, options, EventCollector::Ids::Integers);
  events.reserve(countLines(text));
  std::vector<int64_t> featureRows;
  featureRows.reserve(static_cast<size_t>(countLines(text)));
  TextRows rows(text);
  rows.next();
  LabelCollector labels({"label"});
  if (Status status = readRows(file, rows, events, featureRows,
                               options.labels.empty() ? nullptr : &labels);
      !status.ok())
    return status;
  StatusOr<EventStream> stream = events.finish();
  if (!stream.ok())
    return stream.status();
  if (!options.labels.empty())
    stream->labels = labels.take(events.rowOfEvent());

  LoadedStream loaded{std::move(*stream),
                      "DyGLib csv, columns u=source i=destination ts=time"};
  if (Status status = addEdgeFeatures(file, events, featureRows, loaded);
      !status.ok())
    return status;
  if (Status status = addNodeFeatures(file, loaded); !status.ok())
    return status;
  loaded.description += events.notes();
  return loaded;
}
