//===- PlainTextLoader.cpp - Events as plain text -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ColumnRecognition.h"
#include "EventCollector.h"
#include "Formats.h"
#include "LabelCollector.h"
#include "RowFeatures.h"
#include "TextRows.h"

using namespace orcinus;

/// What is wrong with a row of `count` fields.
static Status wrongFieldCount(const InputFile &file, const TextRows &rows,
                              size_t count, const ColumnLayout &layout) {
  std::string message = "row has " + std::to_string(count) +
                        " fields, expected " +
                        std::to_string(layout.fieldCount);
  return errorAtLine(file.path, rows.line(),
                     message + (rows.endsInside() && count < layout.fieldCount
                                    ? "; the file is truncated here: copy it "
                                      "again or remove the row"
                                    : "; correct or remove the row"));
}

/// Reads the rows behind the header into `events`, `features` and `labels`.
static Status readRows(const InputFile &file, const ColumnLayout &layout,
                       TextRows &rows, EventCollector &events,
                       RowFeatures &features, LabelCollector &labels) {
  std::vector<std::string_view> fields(layout.fieldCount);
  FieldSplitter splitter(layout.separator);
  std::string buffer;
  if (layout.hasHeader)
    rows.next();
  while (rows.next()) {
    size_t count = splitter.split(rows.row(), fields);
    if (rows.endsInQuotes())
      return errorAtLine(file.path, rows.line(),
                         "a quote that opens in this row is never closed; "
                         "close it or remove the row");
    if (count != fields.size())
      return wrongFieldCount(file, rows, count, layout);
    if (!events.add(
            fields[layout.source], fields[layout.destination],
            withDecimalPoint(fields[layout.time], layout.separator, buffer),
            rows.line()))
      return events.failure();
    for (const ColumnLayout::Feature &feature : layout.features) {
      std::string_view field = fields[feature.column];
      if (feature.kind == FeatureKind::Number)
        field = withDecimalPoint(field, layout.separator, buffer);
      if (!features.add(field, rows.line()))
        return features.failure();
    }
    for (size_t index = 0; index != layout.labels.size(); ++index)
      labels.add(index, fields[layout.labels[index]]);
  }
  return Status();
}

/// What became of the columns, once `features` has all rows.
static std::vector<ColumnUse> describeUses(ColumnLayout layout,
                                           const RowFeatures &features) {
  int64_t next = 0;
  for (size_t index = 0; index < layout.features.size(); ++index) {
    const ColumnLayout::Feature &feature = layout.features[index];
    int64_t width = features.width(index);
    std::string use = "edge feature " + std::to_string(next);
    if (width > 1)
      use = "edge features " + std::to_string(next) + " to " +
            std::to_string(next + width - 1);
    if (feature.kind == FeatureKind::OneHot)
      use += ", one for each text";
    if (feature.kind == FeatureKind::Code)
      use += ", the number of the text";
    if (feature.column < layout.uses.size())
      layout.uses[feature.column].use = use;
    next += width;
  }
  return std::move(layout.uses);
}

StatusOr<LoadedStream> orcinus::loadPlainText(const InputFile &file,
                                              const LoadOptions &options) {
  StatusOr<ColumnLayout> layout = recogniseColumns(file, options);
  if (!layout.ok())
    return layout.status();

  std::string_view text = file.bytes.view();
  EventCollector events(file.path, options, EventCollector::Ids::Any,
                        "; if time is another column, say so (--columns)");
  events.reserve(countLines(text));
  std::vector<FeatureKind> kinds;
  for (const ColumnLayout::Feature &feature : layout->features)
    kinds.push_back(feature.kind);
  RowFeatures features(file.path, std::move(kinds), text);
  LabelCollector labels(layout->labelNames);
  TextRows rows(text, layout->separator);
  if (Status status = readRows(file, *layout, rows, events, features, labels);
      !status.ok())
    return status;

  StatusOr<EventStream> stream = events.finish();
  if (!stream.ok())
    return stream.status();
  LoadedStream loaded;
  loaded.description = "plain text, " + layout->description +
                       (layout->hasHeader ? ", header" : ", no header") +
                       events.notes();
  if (rows.skippedComments() > 0)
    loaded.description += "; " + std::to_string(rows.skippedComments()) +
                          " lines that begin with # or % skipped";
  loaded.columns = describeUses(std::move(*layout), features);
  stream->edgeFeatures = features.take(events.rowOfEvent());
  stream->labels = labels.take(events.rowOfEvent());
  loaded.stream = std::move(*stream);
  return loaded;
}
