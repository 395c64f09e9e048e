//===- Writer.cpp - Writing event streams ---------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Writer.h"

#include "AtomicFile.h"
#include "CsvText.h"

#include <string>

using namespace orcinus;

static void appendHeader(std::string &text, const EventStream &stream) {
  text += "source,destination,time";
  for (int64_t column = 0; column < stream.edgeFeatures.columns; ++column)
    text += ",feature" + std::to_string(column);
  text += '\n';
}

static void appendRow(std::string &text, const EventStream &stream,
                      size_t event) {
  appendCsvNode(text, stream, stream.source[event]);
  text += ',';
  appendCsvNode(text, stream, stream.destination[event]);
  text += ',';
  appendCsvTime(text, stream.timeScale, stream.time[event]);
  for (int64_t column = 0; column < stream.edgeFeatures.columns; ++column) {
    text += ',';
    appendCsvNumber(
        text, stream.edgeFeatures.row(static_cast<int64_t>(event))[column]);
  }
  text += '\n';
}

Status orcinus::writeEventCsv(const EventStream &stream,
                              const std::string &path) {
  if (stream.nodeFeatures.columns > 0)
    return Status::error("cannot write '" + path +
                         "': a csv of events cannot hold node features; remove "
                         "them from the stream");
  AtomicFile file(path);
  if (Status status = file.open(); !status.ok())
    return status;
  constexpr size_t blockSize = 1 << 20;
  std::string text;
  appendHeader(text, stream);
  for (size_t event = 0; event < stream.time.size(); ++event) {
    appendRow(text, stream, event);
    if (text.size() < blockSize)
      continue;
    if (Status status = file.write(text); !status.ok())
      return status;
    text.clear();
  }
  if (Status status = file.write(text); !status.ok())
    return status;
  return file.commit();
}
