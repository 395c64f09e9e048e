//===- TextRows.cpp - Rows, fields and numbers of a text file -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TextRows.h"

#include <algorithm>
#include <charconv>
#include <cmath>

using namespace orcinus;

static bool isBlank(char character) {
  return character == ' ' || character == '\t' || character == '\r';
}

TextRows::TextRows(std::string_view text) : rest(text) {
  constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";
  if (rest.starts_with(byteOrderMark))
    rest.remove_prefix(byteOrderMark.size());
}

bool TextRows::next() {
  while (!rest.empty()) {
    ++lineNumber;
    const char *end =
        static_cast<const char *>(std::memchr(rest.data(), '\n', rest.size()));
    terminated = end != nullptr;
    size_t length = end ? static_cast<size_t>(end - rest.data()) : rest.size();
    current = rest.substr(0, length);
    rest.remove_prefix(terminated ? length + 1 : length);
    while (!current.empty() && isBlank(current.back()))
      current.remove_suffix(1);
    if (!current.empty() && current[0] != '#' && current[0] != '%')
      return true;
  }
  return false;
}

size_t orcinus::splitFields(std::string_view row,
                            std::span<std::string_view> fields) {
  const char *position = row.data();
  const char *end = position + row.size();
  size_t count = 0;
  auto skipBlanks = [&] {
    while (position != end && isBlank(*position))
      ++position;
  };
  skipBlanks();
  bool another = position != end;
  while (another) {
    const char *begin = position;
    while (position != end && *position != ',' && !isBlank(*position))
      ++position;
    if (count < fields.size())
      fields[count] = {begin, static_cast<size_t>(position - begin)};
    ++count;
    skipBlanks();
    another = position != end;
    if (another && *position == ',') {
      ++position;
      skipBlanks();
    }
  }
  return count;
}

std::vector<std::string_view> orcinus::splitFields(std::string_view row) {
  std::vector<std::string_view> fields(splitFields(row, {}));
  splitFields(row, fields);
  return fields;
}

template <typename T>
static NumberKind parseWhole(std::string_view text, T &value) {
  const char *end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::invalid_argument || stop != end)
    return NumberKind::Malformed;
  return error == std::errc() ? NumberKind::Valid : NumberKind::OutOfRange;
}

NumberKind orcinus::parseInteger(std::string_view text, int64_t &value) {
  NumberKind kind = parseWhole(text, value);
  if (kind != NumberKind::Malformed)
    return kind;
  double real = 0;
  if (parseWhole(text, real) != NumberKind::Valid || std::isnan(real) ||
      real != std::floor(real))
    return NumberKind::Malformed;
  // Beyond 2^53 neighbouring integers share one double.
  if (std::abs(real) > 0x1p53)
    return NumberKind::OutOfRange;
  value = static_cast<int64_t>(real);
  return NumberKind::Valid;
}

NumberKind orcinus::parseReal(std::string_view text, double &value) {
  return parseWhole(text, value);
}

NumberKind orcinus::parseReal(std::string_view text, float &value) {
  return parseWhole(text, value);
}

std::string orcinus::quoteForMessage(std::string_view text) {
  constexpr size_t longest = 32;
  constexpr char digits[] = "0123456789abcdef";
  std::string quoted = "'";
  for (unsigned char character : text.substr(0, longest)) {
    if (character >= 0x20 && character != 0x7f && character < 0x80) {
      quoted += static_cast<char>(character);
      continue;
    }
    quoted += "\\x";
    quoted += digits[character >> 4];
    quoted += digits[character & 15];
  }
  return quoted + (text.size() > longest ? "...'" : "'");
}

Status orcinus::errorAtLine(const std::string &path, int64_t line,
                            const std::string &message) {
  return Status::error(path + ":" + std::to_string(line) + ": " + message);
}

std::string orcinus::describeBinary(std::string_view text) {
  if (text.starts_with("\x93NUMPY"))
    return "a NumPy array";
  auto isControl = [](char character) {
    unsigned char byte = static_cast<unsigned char>(character);
    return byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
  };
  std::string_view head = text.substr(0, 1 << 16);
  return std::any_of(head.begin(), head.end(), isControl) ? "a binary file"
                                                          : "";
}

int64_t orcinus::countLines(std::string_view text) {
  return std::count(text.begin(), text.end(), '\n') + 1;
}
