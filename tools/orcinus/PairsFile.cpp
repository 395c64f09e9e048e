//===- PairsFile.cpp - The pairs that are to be scored --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PairsFile.h"

#include "lib/Graph/CsvText.h"
#include "lib/Graph/InputFile.h"
#include "lib/Graph/TextRows.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

using namespace orcinus;

namespace {

/// Where the columns are, and how many there are.
struct PairColumns {
  size_t source = 0, time = 0;
  std::optional<size_t> destination, event;
  size_t count = 0;
};

} // namespace

/// Whether predictions are written with a column of that name.
static bool isPredicted(std::string_view name) {
  constexpr std::string_view names[] = {"rank", "candidate", "class", "score",
                                        "prediction"};
  return std::ranges::find(names, name) != std::end(names);
}

/// The fields of a row, as csv, but those of the columns `left`.
static std::string joinWithout(const std::vector<size_t> &left,
                               const std::vector<std::string_view> &fields) {
  std::string text;
  for (size_t column = 0; column != fields.size(); ++column) {
    if (std::ranges::find(left, column) != left.end())
      continue;
    if (!fields[column].empty())
      appendCsvText(text, fields[column]);
    text += ',';
  }
  text.pop_back();
  return text;
}

/// By a header; nothing where `fields` are none.
static std::optional<PairColumns>
namedColumns(const std::vector<std::string_view> &fields,
             bool hasDestinations) {
  auto find = [&](std::string_view name) -> std::optional<size_t> {
    auto found = std::find(fields.begin(), fields.end(), name);
    if (found == fields.end())
      return std::nullopt;
    return found - fields.begin();
  };
  auto source = find("source"), time = find("time");
  for (std::string_view name : {"node", "user"})
    if (!source && !hasDestinations)
      source = find(name);
  auto destination = hasDestinations ? find("destination") : std::nullopt;
  if (!source || !time || (hasDestinations && !destination))
    return std::nullopt;
  return PairColumns{*source, *time, destination, find("event"), fields.size()};
}

/// The columns that are always there.
static const char *headerOf(PairsForm form) {
  return form == PairsForm::Pairs     ? "source,destination,time"
         : form == PairsForm::Sources ? "source,time"
                                      : "node,time";
}

/// By their places.
static StatusOr<PairColumns> placedColumns(size_t count, PairsForm form,
                                           const std::string &path,
                                           int64_t line) {
  bool hasDestinations = form == PairsForm::Pairs;
  size_t least = hasDestinations ? 3 : 2;
  if (count != least && count != least + 1)
    return errorAtLine(
        path, line,
        fmt::format("row has {} fields between commas; without a header, the "
                    "columns are {}[,event]",
                    count, headerOf(form)));
  PairColumns columns;
  columns.time = least - 1;
  columns.count = count;
  if (hasDestinations)
    columns.destination = 1;
  if (count > least)
    columns.event = least;
  return columns;
}

/// The event that `text` names; none where it is empty.
static StatusOr<int64_t> parseEvent(std::string_view text,
                                    const Session &session) {
  if (text.empty())
    return int64_t(-1);
  int64_t event = 0;
  if (parseInteger(text, event) != NumberKind::Valid || event < 0 ||
      event >= session.eventCount())
    return Status::error(fmt::format("the event {} is none of 0 to {}",
                                     quoteForMessage(text),
                                     session.eventCount() - 1));
  return event;
}

static StatusOr<PairQuery> parseRow(const std::vector<std::string_view> &fields,
                                    const PairColumns &columns,
                                    const SessionCommandOptions &options,
                                    const Session &session) {
  PairQuery query;
  if (columns.event) {
    auto event = parseEvent(fields[*columns.event], session);
    if (!event.ok())
      return event.status();
    query.moment.event = *event;
  }
  if (query.moment.event >= 0) {
    query.moment.time = session.eventTime(query.moment.event);
  } else {
    auto time = parseMoment(session, options, fields[columns.time]);
    if (!time.ok())
      return time.status();
    query.moment.time = *time;
  }
  auto source = findNode(session, fields[columns.source]);
  if (!source.ok())
    return source.status();
  query.source = *source;
  if (!columns.destination)
    return query;
  auto destination = findNode(session, fields[*columns.destination]);
  if (!destination.ok())
    return destination.status();
  query.destination = *destination;
  return query;
}

StatusOr<PairsFile> PairsFile::read(const std::string &path, PairsForm form,
                                    const SessionCommandOptions &options,
                                    const Session &session) {
  auto file = InputFile::read(path);
  if (!file.ok())
    return file.status();
  if (std::string what = describeBinary(file->bytes.view()); !what.empty())
    return Status::error(path + " is " + what + ", not a csv file of pairs");
  PairsFile result;
  TextRows rows(file->bytes.view(), Separator::Comma);
  FieldSplitter splitter(Separator::Comma);
  std::optional<PairColumns> columns;
  // Of earlier predictions, which give way to new ones.
  std::vector<size_t> replaced;
  bool isPlaced = false;
  while (rows.next()) {
    std::vector<std::string_view> fields = splitter.split(rows.row());
    if (!columns) {
      columns = namedColumns(fields, form == PairsForm::Pairs);
      if (columns) {
        for (size_t column = 0; column != fields.size(); ++column)
          if (isPredicted(fields[column]))
            replaced.push_back(column);
        result.header = replaced.empty() ? std::string(rows.row())
                                         : joinWithout(replaced, fields);
        continue;
      }
      auto placed = placedColumns(fields.size(), form, path, rows.line());
      if (!placed.ok())
        return placed.status();
      columns = *placed;
      isPlaced = true;
      result.header = headerOf(form);
      if (columns->event)
        result.header += ",event";
    }
    if (rows.endsInQuotes() || fields.size() != columns->count)
      return errorAtLine(path, rows.line(),
                         fmt::format("row has {} fields, but the first has {}",
                                     fields.size(), columns->count));
    auto query = parseRow(fields, *columns, options, session);
    if (!query.ok() && isPlaced && result.rows.empty())
      return errorAtLine(path, rows.line(),
                         query.message() +
                             fmt::format("; where this is a header, name the "
                                         "columns {}[,event]",
                                         headerOf(form)));
    if (!query.ok())
      return errorAtLine(path, rows.line(), query.message());
    bool isKnown = query->source != unknownNode &&
                   (!columns->destination || query->destination != unknownNode);
    result.unknownRows += !isKnown;
    result.rows.push_back(replaced.empty() ? std::string(rows.row())
                                           : joinWithout(replaced, fields));
    result.queries.push_back(*query);
  }
  return result;
}
