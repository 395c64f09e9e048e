//===- TextRows.h - Rows, fields and numbers of a text file -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_TEXTROWS_H
#define ORCINUS_LIB_GRAPH_TEXTROWS_H

#include "orcinus/Support/Status.h"

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// What separates the fields of all rows of a file.
enum class Separator : char {
  Comma = ',',
  Semicolon = ';',
  Tab = '\t',
  /// A run of blanks and tabs.
  Blank = ' ',
};

/// The name of a separator for a message: "comma", …
std::string_view separatorName(Separator separator);

/// The separator of a file whose first row is `row`: the first of tab,
/// semicolon and comma that makes three fields or more, else blanks where they
/// do, else what there is.
Separator recogniseSeparator(std::string_view row);

/// Walks over the rows of a text. Blank lines and comments (a first character
/// '#' or '%') are skipped; a byte order mark and carriage returns are ignored.
/// A field in double quotes may hold ends of lines (RFC 4180).
class TextRows {
public:
  /// `text` must outlive the rows.
  explicit TextRows(std::string_view text,
                    Separator separator = Separator::Comma);

  /// Goes to the next row; false at the end of the text.
  bool next();

  /// The current row without its end of line.
  std::string_view row() const { return current; }
  /// The line where the current row begins, counted from 1.
  int64_t line() const { return firstLine; }
  /// Whether the current row is the last and no end of line follows it.
  bool endsInside() const { return rest.empty() && !terminated; }
  /// Whether the current row ends within quotes, which the text then does too.
  bool endsInQuotes() const { return openQuote; }
  /// How many comments were skipped since the first row.
  int64_t skippedComments() const { return comments; }

private:
  size_t findRowEnd();

  std::string_view rest;
  std::string_view current;
  Separator separator;
  int64_t firstLine = 0;
  int64_t linesRead = 0;
  int64_t comments = 0;
  bool terminated = true;
  bool openQuote = false;
  bool seenRow = false;
};

/// Splits rows into fields. Blanks around a field do not belong to it. A field
/// in double quotes is what stands between them, where two quotes are one.
class FieldSplitter {
public:
  explicit FieldSplitter(Separator separator) : separator(separator) {}

  /// Writes as many fields as `fields` has room for and returns how many there
  /// are. They are valid until the next call, as long as `row` and the splitter
  /// are, which for that reason has a name.
  size_t split(std::string_view row, std::span<std::string_view> fields) &;
  /// All fields of `row`.
  std::vector<std::string_view> split(std::string_view row) &;

private:
  std::string_view takeField(const char *&position, const char *end);
  std::string_view takeQuoted(const char *&position, const char *end);

  Separator separator;
  /// Quoted fields that hold quotes, without the doubling.
  std::deque<std::string> unescaped;
};

/// `text` with a point for a decimal comma, which numbers have where fields are
/// separated by semicolons; `buffer` has the room for it.
std::string_view withDecimalPoint(std::string_view text, Separator separator,
                                  std::string &buffer);

/// What a text was when it was read as a number.
enum class NumberKind {
  Valid,
  /// Not a number.
  Malformed,
  /// A number that the type cannot hold.
  OutOfRange,
};

/// Reads an integer; a real number with an integral value ("7.0") is one.
NumberKind parseInteger(std::string_view text, int64_t &value);

/// Reads a real number, "nan" and "inf" included.
NumberKind parseReal(std::string_view text, double &value);

/// Reads a real number of single precision; one too small for it is 0.
NumberKind parseReal(std::string_view text, float &value);

/// `text` in quotes for a message: shortened, and with what cannot be printed
/// escaped.
std::string quoteForMessage(std::string_view text);

/// An error at a line: "path:line: message".
Status errorAtLine(const std::string &path, int64_t line,
                   const std::string &message);

/// Why `text` cannot be a text file of events ("a NumPy array", "a binary
/// file"), or empty where nothing speaks against it.
std::string describeBinary(std::string_view text);

/// An upper bound of the rows in `text`: its lines.
int64_t countLines(std::string_view text);

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_TEXTROWS_H
