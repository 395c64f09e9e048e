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

/// Whether `character` may stand around a field without belonging to it.
static bool isPadding(char character, Separator separator) {
  return isBlank(character) && character != static_cast<char>(separator);
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

std::string_view orcinus::separatorName(Separator separator) {
  switch (separator) {
  case Separator::Comma:
    return "comma";
  case Separator::Semicolon:
    return "semicolon";
  case Separator::Tab:
    return "tab";
  case Separator::Blank:
    return "blank";
  }
  return "";
}

Separator orcinus::recogniseSeparator(std::string_view row) {
  constexpr Separator candidates[] = {Separator::Tab, Separator::Semicolon,
                                      Separator::Comma, Separator::Blank};
  for (size_t enough : {3, 2})
    for (Separator candidate : candidates)
      if (FieldSplitter splitter(candidate); splitter.split(row, {}) >= enough)
        return candidate;
  return Separator::Blank;
}

TextRows::TextRows(std::string_view text, Separator separator)
    : rest(text), separator(separator) {
  constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";
  if (rest.starts_with(byteOrderMark))
    rest.remove_prefix(byteOrderMark.size());
}

/// How long the row at the start of `rest` is: to the first end of line that
/// does not stand within quotes.
size_t TextRows::findRowEnd() {
  openQuote = false;
  size_t end = std::min(rest.find('\n'), rest.size());
  // Comments and rows without quotes, which are most, end with their line.
  if (rest[0] == '#' || rest[0] == '%' ||
      rest.substr(0, end).find('"') == std::string_view::npos)
    return end;
  bool fieldStarts = true, quoted = false;
  for (size_t i = 0; i < rest.size(); ++i) {
    char character = rest[i];
    if (openQuote) {
      openQuote = character != '"';
      linesRead += character == '\n';
      continue;
    }
    if (character == '\n')
      return i;
    bool separates = character == static_cast<char>(separator) ||
                     (separator == Separator::Blank && isBlank(character));
    // A quote behind a closing one stands for itself and opens them again.
    openQuote =
        character == '"' && (fieldStarts || (quoted && rest[i - 1] == '"'));
    quoted = openQuote || (quoted && !separates);
    fieldStarts = separates || (fieldStarts && isBlank(character));
  }
  return rest.size();
}

bool TextRows::next() {
  while (!rest.empty()) {
    firstLine = ++linesRead;
    size_t length = findRowEnd();
    terminated = length < rest.size();
    current = rest.substr(0, length);
    rest.remove_prefix(terminated ? length + 1 : length);
    while (!current.empty() && isPadding(current.back(), separator))
      current.remove_suffix(1);
    if (separator == Separator::Blank)
      while (!current.empty() && isBlank(current.back()))
        current.remove_suffix(1);
    bool isComment =
        !current.empty() && (current[0] == '#' || current[0] == '%');
    comments += isComment && seenRow;
    if (current.empty() || isComment)
      continue;
    seenRow = true;
    return true;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Fields
//===----------------------------------------------------------------------===//

/// The field in quotes at `position`, which is moved behind it.
std::string_view FieldSplitter::takeQuoted(const char *&position,
                                           const char *end) {
  const char *begin = ++position;
  std::string *copy = nullptr;
  while (true) {
    const char *quote = std::find(position, end, '"');
    if (copy)
      copy->append(position, quote);
    position = quote == end ? end : quote + 1;
    if (position == end || *position != '"')
      return copy ? std::string_view(*copy) : std::string_view(begin, quote);
    if (!copy)
      copy = &unescaped.emplace_back(begin, quote);
    *copy += '"';
    ++position;
  }
}

/// The field at `position`, which is moved to the separator behind it.
std::string_view FieldSplitter::takeField(const char *&position,
                                          const char *end) {
  auto separates = [&](char character) {
    return separator == Separator::Blank
               ? isBlank(character)
               : character == static_cast<char>(separator);
  };
  if (position != end && *position == '"') {
    const char *begin = position;
    std::string_view quoted = takeQuoted(position, end);
    const char *behind = position;
    while (position != end && isPadding(*position, separator) &&
           !separates(*position))
      ++position;
    if (position == end || separates(*position))
      return quoted;
    // What follows a closing quote makes the quotes part of an ordinary field.
    position = behind;
    position = std::find_if(position, end, separates);
    return {begin, static_cast<size_t>(position - begin)};
  }
  const char *begin = position;
  position = std::find_if(position, end, separates);
  const char *last = position;
  while (last != begin && isPadding(last[-1], separator))
    --last;
  return {begin, static_cast<size_t>(last - begin)};
}

size_t FieldSplitter::split(std::string_view row,
                            std::span<std::string_view> fields) & {
  unescaped.clear();
  const char *position = row.data();
  const char *end = position + row.size();
  size_t count = 0;
  bool blank = separator == Separator::Blank;
  auto skip = [&] {
    while (position != end &&
           (isPadding(*position, separator) || (blank && isBlank(*position))))
      ++position;
  };
  for (bool another = !row.empty(); another;) {
    skip();
    if (blank && position == end)
      break;
    std::string_view field = takeField(position, end);
    if (count < fields.size())
      fields[count] = field;
    ++count;
    another = position != end;
    if (another)
      ++position;
  }
  return count;
}

std::vector<std::string_view> FieldSplitter::split(std::string_view row) & {
  std::vector<std::string_view> fields(split(row, {}));
  split(row, fields);
  return fields;
}

//===----------------------------------------------------------------------===//
// Numbers and messages
//===----------------------------------------------------------------------===//

std::string_view orcinus::withDecimalPoint(std::string_view text,
                                           Separator separator,
                                           std::string &buffer) {
  size_t comma = text.find(',');
  if (separator != Separator::Semicolon || comma == std::string_view::npos)
    return text;
  buffer = text;
  buffer[comma] = '.';
  return buffer;
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
  NumberKind kind = parseWhole(text, value);
  double wide = 0;
  if (kind != NumberKind::OutOfRange ||
      parseWhole(text, wide) != NumberKind::Valid || std::abs(wide) > 1)
    return kind;
  // Too small is not too large.
  value = static_cast<float>(wide);
  return NumberKind::Valid;
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
