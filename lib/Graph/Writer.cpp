//===- Writer.cpp - Writing event streams ---------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Writer.h"

#include "AtomicFile.h"

#include <charconv>
#include <cmath>
#include <string_view>

using namespace orcinus;

/// Appends the shortest text that is read back as `value`.
template <typename T>
static void appendNumber(std::string &text, T value) {
  char digits[32];
  auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
  text.append(digits, end);
}

/// Appends a timestamp; whole ones without an exponent, which people and other
/// programs read more easily.
/// A whole number of ticks as decimals of a second.
static void appendTicks(std::string &text, int64_t ticks, int64_t perSecond) {
  appendNumber(text, ticks / perSecond);
  int64_t rest = ticks % perSecond;
  if (rest == 0)
    return;
  text += '.';
  for (; rest != 0; rest %= perSecond) {
    perSecond /= 10;
    text += static_cast<char>('0' + rest / perSecond);
  }
}

static void appendTime(std::string &text, double time) {
  if (time < 0x1p53 && time == std::floor(time))
    appendNumber(text, static_cast<int64_t>(time));
  else
    appendNumber(text, time);
}

/// A text as RFC 4180 writes it: in quotes where it could be taken for anything
/// else than one field.
static void appendQuoted(std::string &text, std::string_view field) {
  bool plain = !field.empty() && field[0] != '#' && field[0] != '%' &&
               field.front() != ' ' && field.back() != ' ' &&
               field.find_first_of(",\"\n\r\t") == std::string_view::npos;
  if (plain) {
    text += field;
    return;
  }
  text += '"';
  for (char character : field)
    text.append(character == '"' ? 2 : 1, character);
  text += '"';
}

static void appendHeader(std::string &text, const EventStream &stream) {
  text += "source,destination,time";
  for (int64_t column = 0; column < stream.edgeFeatures.columns; ++column)
    text += ",feature" + std::to_string(column);
  text += '\n';
}

static void appendRow(std::string &text, const EventStream &stream,
                      size_t event) {
  auto appendNode = [&](int32_t node) {
    if (stream.externalNames.empty())
      appendNumber(text, stream.externalIds.empty()
                             ? node
                             : stream.externalIds[static_cast<size_t>(node)]);
    else
      appendQuoted(text, stream.externalNames[static_cast<size_t>(node)]);
    text += ',';
  };
  appendNode(stream.source[event]);
  appendNode(stream.destination[event]);
  if (int64_t perSecond = stream.timeScale.ticksPerSecond())
    appendTicks(text, stream.time[event].key(), perSecond);
  else
    appendTime(text, stream.seconds(static_cast<int64_t>(event)));
  for (int64_t column = 0; column < stream.edgeFeatures.columns; ++column) {
    text += ',';
    appendNumber(text,
                 stream.edgeFeatures.row(static_cast<int64_t>(event))[column]);
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
