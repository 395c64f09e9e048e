//===- JodieLoader.cpp - Events as a JODIE csv ----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EventCollector.h"
#include "Formats.h"
#include "LabelCollector.h"
#include "RowFeatures.h"
#include "TextRows.h"

using namespace orcinus;

/// User, item, time and label come before the features.
static constexpr size_t leadingFields = 4;

bool orcinus::isJodieHeader(std::string_view header) {
  return header.starts_with("user_id,item_id,timestamp,state_label");
}

/// Reads the events of `rows`, which stand behind the header; `fields` has the
/// room for the fields of each.
static Status readRows(const InputFile &file, TextRows &rows,
                       std::vector<std::string_view> &fields,
                       EventCollector &events, RowFeatures &features,
                       LabelCollector *labels) {
  FieldSplitter splitter(Separator::Comma);
  while (rows.next()) {
    size_t count = splitter.split(rows.row(), fields);
    if (count != fields.size())
      return errorAtLine(
          file.path, rows.line(),
          "row has " + std::to_string(count) +
              " fields, but the first row has " +
              std::to_string(fields.size()) + "; correct or remove the row" +
              (rows.endsInside() ? " (the file ends in it)" : ""));
    if (!events.add(fields[0], fields[1], fields[2], rows.line()))
      return events.failure();
    if (labels)
      labels->add(0, fields[leadingFields - 1]);
    for (size_t i = leadingFields; i < fields.size(); ++i)
      if (!features.add(fields[i], rows.line()))
        return features.failure();
  }
  return Status();
}

StatusOr<LoadedStream> orcinus::loadJodie(const InputFile &file,
                                          const LoadOptions &options) {
  std::string_view text = file.bytes.view();
  TextRows rows(text);
  rows.next();
  // The header calls all features one column, so that the first row has to say
  // how many there are.
  TextRows first = rows;
  FieldSplitter splitter(Separator::Comma);
  size_t fieldCount =
      first.next() ? splitter.split(first.row(), {}) : leadingFields;
  if (fieldCount < leadingFields)
    return errorAtLine(file.path, first.line(),
                       "row has " + std::to_string(fieldCount) +
                           " fields; a JODIE csv has at least 4 (user, item, "
                           "time, label)");

  EventCollector events(file.path, options, EventCollector::Ids::Integers);
  events.reserve(countLines(text));
  RowFeatures features(
      file.path, std::vector(fieldCount - leadingFields, FeatureKind::Number),
      text);
  std::vector<std::string_view> fields(fieldCount);
  LabelCollector labels({"state_label"});
  if (Status status = readRows(file, rows, fields, events, features,
                               options.labels.empty() ? nullptr : &labels);
      !status.ok())
    return status;
  StatusOr<int64_t> shift = events.shiftDestinations();
  if (!shift.ok())
    return shift.status();
  StatusOr<EventStream> stream = events.finish();
  if (!stream.ok())
    return stream.status();
  stream->edgeFeatures = features.take(events.rowOfEvent());
  if (!options.labels.empty())
    stream->labels = labels.take(events.rowOfEvent());
  return LoadedStream{.stream = std::move(*stream),
                      .description =
                          "JODIE csv, columns user item time label and " +
                          std::to_string(fieldCount - leadingFields) +
                          " features; item ids shifted by " +
                          std::to_string(*shift) + events.notes(),
                      .itemsAreShifted = true};
}
