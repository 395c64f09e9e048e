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
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// Walks over the rows of a text. Blank lines and comments (a first character
/// '#' or '%') are skipped; a byte order mark and carriage returns are ignored.
class TextRows {
public:
  /// `text` must outlive the rows.
  explicit TextRows(std::string_view text);

  /// Goes to the next row; false at the end of the text.
  bool next();

  /// The current row without its end of line.
  std::string_view row() const { return current; }
  /// The line of the current row, counted from 1.
  int64_t line() const { return lineNumber; }
  /// Whether the current row is the last and no end of line follows it.
  bool endsInside() const { return rest.empty() && !terminated; }
  /// What follows the current row.
  std::string_view remainder() const { return rest; }

private:
  std::string_view rest;
  std::string_view current;
  int64_t lineNumber = 0;
  bool terminated = true;
};

/// Splits `row` at commas and runs of blanks (a comma with blanks around it is
/// one separator; two commas hold an empty field). Writes as many fields as
/// `fields` has room for and returns how many there are.
size_t splitFields(std::string_view row, std::span<std::string_view> fields);

/// All fields of `row`.
std::vector<std::string_view> splitFields(std::string_view row);

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

/// Reads a real number of single precision.
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
