//===- PlainTextLoader.cpp - Events as plain text -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ColumnRecognition.h"
#include "EventCollector.h"
#include "Formats.h"
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

StatusOr<LoadedStream> orcinus::loadPlainText(const InputFile &file,
                                              const LoadOptions &options) {
  StatusOr<ColumnLayout> layout =
      recogniseColumns(file, options.columns, options.sort);
  if (!layout.ok())
    return layout.status();

  std::string_view text = file.bytes.view();
  EventCollector events(file.path, options.sort,
                        "; if time is another column, say so (--columns)");
  events.reserve(countLines(text));
  RowFeatures features(file.path, layout->features.size(), text);
  std::vector<std::string_view> fields(layout->fieldCount);
  TextRows rows(text);
  if (layout->hasHeader)
    rows.next();
  while (rows.next()) {
    size_t count = splitFields(rows.row(), fields);
    if (count != fields.size())
      return wrongFieldCount(file, rows, count, *layout);
    if (!events.add(fields[layout->source], fields[layout->destination],
                    fields[layout->time], rows.line()))
      return events.failure();
    for (size_t column : layout->features)
      if (!features.add(fields[column], rows.line()))
        return features.failure();
  }

  StatusOr<EventStream> stream = events.finish();
  if (!stream.ok())
    return stream.status();
  stream->edgeFeatures = features.take(events.rowOfEvent());
  LoadedStream loaded{std::move(*stream), "plain text, "};
  loaded.description += layout->description;
  loaded.description += layout->hasHeader ? ", header" : ", no header";
  loaded.description += events.notes();
  return loaded;
}
