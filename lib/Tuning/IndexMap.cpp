//===- IndexMap.cpp - Maps from loops to an operand's elements ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IndexMap.h"

#include "orcinus/Support/CheckedArithmetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

using namespace orcinus;

namespace {

/// Reads one map from left to right.
class Parser {
public:
  Parser(std::string_view text, const std::vector<OperatorLoop> &loops)
      : text(text), loops(loops) {}

  StatusOr<IndexMap> parse() {
    IndexMap map;
    skipBlanks();
    if (position == text.size())
      return map;
    do {
      map.emplace_back();
      do {
        if (Status status = parseTerm(map.back()); !status.ok())
          return status;
      } while (take('+'));
    } while (take(','));
    if (position != text.size())
      return error();
    return map;
  }

private:
  Status error() const {
    return Status::error(
        fmt::format("cannot read the index map '{}' at '{}': write sums of "
                    "loops times constants, with a comma between dimensions",
                    text, text.substr(position)));
  }

  /// loop, loop * constant, or constant.
  Status parseTerm(IndexExpression &expression) {
    skipBlanks();
    size_t begin = position;
    int64_t value = 0;
    if (takeNumber(value)) {
      std::optional<int64_t> sum = checkedSum(expression.constant, value);
      if (!sum)
        return error();
      expression.constant = *sum;
      return Status();
    }
    while (position < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[position])) ||
            text[position] == '_'))
      ++position;
    std::string_view name = text.substr(begin, position - begin);
    auto loop = std::find_if(
        loops.begin(), loops.end(),
        [&](const OperatorLoop &candidate) { return candidate.name == name; });
    if (loop == loops.end()) {
      position = begin;
      return error();
    }
    int64_t coefficient = 1;
    if (take('*')) {
      skipBlanks();
      if (!takeNumber(coefficient))
        return error();
    }
    expression.terms.emplace_back(loop - loops.begin(), coefficient);
    return Status();
  }

  bool takeNumber(int64_t &value) {
    const char *begin = text.data() + position;
    auto [end, error] =
        std::from_chars(begin, text.data() + text.size(), value);
    if (error != std::errc())
      return false;
    position += end - begin;
    return true;
  }

  bool take(char wanted) {
    skipBlanks();
    if (position == text.size() || text[position] != wanted)
      return false;
    ++position;
    return true;
  }

  void skipBlanks() {
    while (position < text.size() && text[position] == ' ')
      ++position;
  }

  std::string_view text;
  const std::vector<OperatorLoop> &loops;
  size_t position = 0;
};

} // namespace

StatusOr<IndexMap>
orcinus::parseIndexMap(std::string_view text,
                       const std::vector<OperatorLoop> &loops) {
  return Parser(text, loops).parse();
}

static std::string printExpression(const IndexExpression &expression,
                                   const std::vector<size_t> &numbers,
                                   std::string_view prefix) {
  std::vector<std::pair<size_t, int64_t>> terms;
  for (auto [loop, coefficient] : expression.terms)
    terms.emplace_back(numbers[loop], coefficient);
  std::sort(terms.begin(), terms.end());
  std::string text;
  for (auto [number, coefficient] : terms) {
    text += text.empty() ? "" : " + ";
    text += fmt::format("{}{}", prefix, number);
    if (coefficient != 1)
      text += fmt::format(" * {}", coefficient);
  }
  if (expression.constant != 0 || text.empty())
    text += fmt::format("{}{}", text.empty() ? "" : " + ", expression.constant);
  return text;
}

std::string orcinus::printIndexMap(const IndexMap &map,
                                   const std::vector<size_t> &numbers,
                                   std::string_view prefix,
                                   std::string_view separator) {
  std::string text;
  for (const IndexExpression &expression : map) {
    text += text.empty() ? "" : separator;
    text += printExpression(expression, numbers, prefix);
  }
  return text;
}
