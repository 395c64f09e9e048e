//===- CsvText.cpp - Fields of csv files that are written -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CsvText.h"

#include <charconv>
#include <cmath>

using namespace orcinus;

template <typename T>
static void appendNumber(std::string &text, T value) {
  char digits[32];
  auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
  text.append(digits, end);
}

void orcinus::appendCsvNumber(std::string &text, float value) {
  appendNumber(text, value);
}

void orcinus::appendCsvText(std::string &text, std::string_view field) {
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

void orcinus::appendCsvNode(std::string &text, const EventStream &stream,
                            int32_t node) {
  size_t index = static_cast<size_t>(node);
  if (!stream.externalNames.empty())
    appendCsvText(text, stream.externalNames[index]);
  else if (!stream.externalIds.empty())
    appendNumber(text, stream.externalIds[index]);
  else
    appendNumber(text, node);
}

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

void orcinus::appendCsvTime(std::string &text, TimeScale scale,
                            Timestamp time) {
  if (int64_t perSecond = scale.ticksPerSecond())
    return appendTicks(text, time.key(), perSecond);
  // Whole seconds without an exponent, which people and other programs read
  // more easily.
  double seconds = scale.seconds(time);
  if (seconds < 0x1p53 && seconds == std::floor(seconds))
    appendNumber(text, static_cast<int64_t>(seconds));
  else
    appendNumber(text, seconds);
}
