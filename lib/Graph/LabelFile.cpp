//===- LabelFile.cpp - Labels of nodes in a file of their own -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HeaderNames.h"
#include "InputFile.h"
#include "LabelBuilder.h"
#include "TextNumbers.h"
#include "TextRows.h"
#include "TimeColumn.h"
#include "orcinus/Graph/Labels.h"
#include "orcinus/Graph/NodeNames.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

using namespace orcinus;

namespace {

/// Where the columns are.
struct FileColumns {
  size_t node = 0, label = 0, count = 0;
  std::optional<size_t> time, weight;
};

/// The rows of a file of labels.
struct FileRows {
  struct Row {
    int32_t node = 0;
    Timestamp time;
    /// Among `texts`.
    int32_t text = 0;
    float weight = 1;
    int64_t line = 0;
  };
  std::vector<Row> rows;
  TextNumbers texts;
  /// Where each text first stands.
  std::vector<int64_t> lines;
  bool hasTimes = false;
};

/// Reads a file of labels.
class LabelFileReader {
public:
  LabelFileReader(const EventStream &stream, const std::string &path, Task task,
                  const std::string &timeUnit)
      : stream(stream), names(stream), path(path), task(task),
        timeUnit(timeUnit) {}

  StatusOr<FileRows> read();

private:
  Status readHeader(const TextRows &rows);
  Status readRow(std::span<const std::string_view> fields, int64_t line);
  Status readTime(std::string_view text, int64_t line, FileRows::Row &row);
  int32_t numberOf(std::string_view text, int64_t line);

  const EventStream &stream;
  NodeNames names;
  const std::string &path;
  Task task;
  const std::string &timeUnit;
  FileColumns columns;
  FileRows result;
};

} // namespace

static std::optional<size_t>
findOneOf(const HeaderNames &header,
          std::initializer_list<std::string_view> names) {
  for (std::string_view name : names)
    if (auto column = header.find(name))
      return column;
  return std::nullopt;
}

Status LabelFileReader::readHeader(const TextRows &rows) {
  FieldSplitter splitter(Separator::Comma);
  HeaderNames header(splitter.split(rows.row()));
  // Among them TGB's, of its four data sets.
  auto node = findOneOf(header, {"node", "node_id", "user", "user_id",
                                 "user_address", "nation", "id"});
  auto label =
      findOneOf(header, {"label", "class", "y", "value", "genre", "subreddit",
                         "token", "token_address", "trading_nation"});
  if (!node || !label)
    return errorAtLine(path, rows.line(),
                       "the header " + header.describe() +
                           " names no column 'node' (or user) or no column "
                           "'label' (or class, value); there may be 'time' and "
                           "'weight' besides");
  columns.node = *node;
  columns.label = *label;
  columns.time =
      findOneOf(header, {"time", "timestamp", "ts", "t", "date", "year"});
  columns.count = header.size();
  bool isOfShares = labelKindOf(task) == LabelKind::Shares;
  if (isOfShares)
    columns.weight = findOneOf(header, {"weight", "share"});
  if (isOfShares && !columns.time)
    return errorAtLine(path, rows.line(),
                       "the header names no column 'time', which labels of "
                       "node-property have");
  result.hasTimes = columns.time.has_value();
  return Status();
}

int32_t LabelFileReader::numberOf(std::string_view text, int64_t line) {
  auto [number, isNew] = result.texts.add(text);
  if (isNew)
    result.lines.push_back(line);
  return number;
}

Status LabelFileReader::readTime(std::string_view text, int64_t line,
                                 FileRows::Row &row) {
  StatusOr<Timestamp> time = parseTime(text, timeUnit, stream);
  if (!time.ok())
    return errorAtLine(path, line, time.message());
  row.time = *time;
  if (!result.rows.empty() && row.time < result.rows.back().time)
    return errorAtLine(path, line,
                       "time " + quoteForMessage(text) +
                           " is before the row above; sort the labels by time");
  return Status();
}

Status LabelFileReader::readRow(std::span<const std::string_view> fields,
                                int64_t line) {
  FileRows::Row row;
  row.line = line;
  auto node = names.find(fields[columns.node]);
  if (!node)
    return errorAtLine(path, line,
                       "the data have no node " +
                           quoteForMessage(fields[columns.node]) +
                           "; nodes are named as in the data");
  row.node = *node;
  if (columns.time)
    if (Status status = readTime(fields[*columns.time], line, row);
        !status.ok())
      return status;
  if (columns.weight) {
    std::string_view text = fields[*columns.weight];
    if (parseReal(text, row.weight) != NumberKind::Valid ||
        !std::isfinite(row.weight) || row.weight < 0)
      return errorAtLine(path, line,
                         "the weight " + quoteForMessage(text) +
                             " is no number of 0 or more");
  }
  std::string_view label = fields[columns.label];
  if (label.empty())
    return errorAtLine(path, line, "the label is empty; remove the row");
  row.text = numberOf(label, line);
  result.rows.push_back(row);
  return Status();
}

StatusOr<FileRows> LabelFileReader::read() {
  StatusOr<InputFile> file = InputFile::read(path);
  if (!file.ok())
    return file.status();
  if (std::string what = describeBinary(file->bytes.view()); !what.empty())
    return Status::error("'" + path + "' is " + what +
                         ", not a csv file of labels");
  TextRows rows(file->bytes.view(), Separator::Comma);
  if (!rows.next())
    return Status::error("'" + path +
                         "' is empty: it needs a header that "
                         "names node and label, and labels");
  if (Status status = readHeader(rows); !status.ok())
    return status;
  std::vector<std::string_view> fields(columns.count);
  FieldSplitter splitter(Separator::Comma);
  while (rows.next()) {
    size_t count = splitter.split(rows.row(), fields);
    if (rows.endsInQuotes())
      return errorAtLine(path, rows.line(),
                         "a quote that opens in this row is never closed; "
                         "close it or remove the row");
    if (count != columns.count)
      return errorAtLine(path, rows.line(),
                         "row has " + std::to_string(count) +
                             " fields, but the header has " +
                             std::to_string(columns.count));
    if (Status status = readRow(fields, rows.line()); !status.ok())
      return status;
  }
  return std::move(result);
}

/// The first event that is not before `time`, or the last one.
static int32_t eventOf(const EventStream &stream, Timestamp time) {
  auto found = std::ranges::lower_bound(stream.time, time);
  int64_t event = found - stream.time.begin();
  return static_cast<int32_t>(std::min(event, stream.eventCount() - 1));
}

static Status repeated(const std::string &path, const EventStream &stream,
                       const FileRows::Row &row, bool hasTimes) {
  return errorAtLine(path, row.line,
                     "node " + quoteForMessage(stream.nodeName(row.node)) +
                         " has a label before" +
                         (hasTimes ? " for this time" : "") +
                         "; leave one of them");
}

/// Divides weights by their sum.
static Status makeShares(std::vector<LabelEntry> &entries) {
  double sum = 0;
  for (LabelEntry entry : entries)
    sum += entry.value;
  if (!(sum > 0))
    return Status::error(
        "has a label whose weights are all 0; remove its rows");
  for (LabelEntry &entry : entries)
    entry.value = static_cast<float>(entry.value / sum);
  return Status();
}

/// Labels with times of their own.
static StatusOr<LabelSet> labelsInTime(const EventStream &stream,
                                       const std::string &path, Task task,
                                       const FileRows &file,
                                       LabelMeaning meaning) {
  bool isOfShares = labelKindOf(task) == LabelKind::Shares;
  std::vector<LabelPlace> places;
  std::vector<std::vector<LabelEntry>> entries;
  std::map<std::pair<Timestamp, int32_t>, size_t> known;
  for (const FileRows::Row &row : file.rows) {
    auto [place, isNew] =
        known.try_emplace({row.time, row.node}, places.size());
    if (!isNew && !isOfShares)
      return repeated(path, stream, row, /*hasTimes=*/true);
    if (isNew) {
      places.push_back(
          {row.time, row.node, eventOf(stream, row.time), LabelOf::Node});
      entries.emplace_back();
    }
    LabelEntry entry = meaning.entries[row.text];
    if (isOfShares)
      entry.value = row.weight;
    entries[place->second].push_back(entry);
  }
  for (size_t label = 0; isOfShares && label != places.size(); ++label)
    if (Status status = makeShares(entries[label]); !status.ok())
      return status.within(
          "'" + path + "': node " +
          quoteForMessage(stream.nodeName(places[label].node)));
  return sortLabels(task, std::move(meaning.classes), places, entries);
}

/// One label a node, at each of its events.
static StatusOr<LabelSet> labelsOfEvents(const EventStream &stream,
                                         const std::string &path, Task task,
                                         const FileRows &file,
                                         LabelMeaning meaning) {
  std::vector<const FileRows::Row *> rowOf(stream.nodeCount, nullptr);
  for (const FileRows::Row &row : file.rows) {
    if (rowOf[row.node])
      return repeated(path, stream, row, /*hasTimes=*/false);
    rowOf[row.node] = &row;
  }
  LabelSet labels;
  labels.task = task;
  labels.classes = std::move(meaning.classes);
  for (int32_t event = 0; event != stream.eventCount(); ++event)
    for (LabelOf end : {LabelOf::Source, LabelOf::Destination}) {
      int32_t node = end == LabelOf::Source ? stream.source[event]
                                            : stream.destination[event];
      if (!rowOf[node])
        continue;
      labels.add({stream.time[event], node, event, end},
                 meaning.entries[rowOf[node]->text]);
    }
  return labels;
}

StatusOr<LabelSet> orcinus::readLabels(const EventStream &stream,
                                       const std::string &path, Task task,
                                       const std::string &timeUnit) {
  if (isOfEvents(task) || task == Task::LinkPrediction)
    return Status::error(
        "'" + path + "' has labels of nodes, of which " +
        std::string(taskName(task)) + " has none" +
        (isOfEvents(task) ? "; name a column of the events" : ""));
  StatusOr<FileRows> file =
      LabelFileReader(stream, path, task, timeUnit).read();
  if (!file.ok())
    return file.status();
  auto where = [&](size_t text) {
    return path + ":" + std::to_string(file->lines[text]);
  };
  StatusOr<LabelMeaning> meaning = readMeaning(
      labelKindOf(task), file->texts.texts(), "'" + path + "'", where);
  if (!meaning.ok())
    return meaning.status();
  return file->hasTimes
             ? labelsInTime(stream, path, task, *file, std::move(*meaning))
             : labelsOfEvents(stream, path, task, *file, std::move(*meaning));
}
