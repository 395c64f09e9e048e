//===- ColumnRecognition.cpp - Which column holds what --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ColumnRecognition.h"

#include "TextRows.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>

using namespace orcinus;

/// Whether `row` is a header: no field of it is a number.
static bool isHeader(const std::vector<std::string_view> &fields) {
  return std::none_of(fields.begin(), fields.end(), [](std::string_view field) {
    double value = 0;
    return parseReal(field, value) != NumberKind::Malformed;
  });
}

/// The layout that the letters of `columns` describe.
static StatusOr<ColumnLayout> parseColumns(const std::string &columns) {
  ColumnLayout layout;
  layout.fieldCount = columns.size();
  std::array<int, 3> seen{};
  for (size_t i = 0; i < columns.size(); ++i) {
    constexpr std::string_view letters = "uvt";
    size_t role = letters.find(columns[i]);
    if (role == std::string_view::npos && columns[i] != '-')
      return Status::error("columns '" + columns + "' holds '" + columns[i] +
                           "'; use one letter a column: u (source), v "
                           "(destination), t (time), - (not used)");
    if (role == std::string_view::npos)
      continue;
    ++seen[role];
    (role == 0   ? layout.source
     : role == 1 ? layout.destination
                 : layout.time) = i;
  }
  if (seen != std::array<int, 3>{1, 1, 1})
    return Status::error("columns '" + columns +
                         "' must name each of u (source), v (destination) and "
                         "t (time) once; for example uvt or tuv");
  layout.description = "columns " + columns + " as given";
  return layout;
}

/// The first of `names` that is in `header`.
static std::optional<size_t>
findName(const std::vector<std::string> &header,
         std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    auto found = std::find(header.begin(), header.end(), name);
    if (found != header.end())
      return static_cast<size_t>(found - header.begin());
  }
  return std::nullopt;
}

/// The layout that the names of a header describe, if they do.
static std::optional<ColumnLayout>
layoutFromNames(const std::vector<std::string_view> &fields) {
  std::vector<std::string> header(fields.begin(), fields.end());
  for (std::string &name : header)
    for (char &character : name)
      character = static_cast<char>(
          std::tolower(static_cast<unsigned char>(character)));
  // 'i' is the source in "i,j,t" and the destination in "u,i,t".
  auto source = findName(
      header, {"u", "source", "src", "user", "user_id", "from", "sender", "i"});
  auto destination =
      findName(header, {"v", "destination", "dst", "dest", "item", "item_id",
                        "target", "to", "receiver", "j", "i"});
  auto time = findName(header, {"t", "time", "ts", "timestamp", "unixts"});
  if (!source || !destination || !time || source == destination)
    return std::nullopt;

  ColumnLayout layout;
  layout.source = *source;
  layout.destination = *destination;
  layout.time = *time;
  layout.fieldCount = header.size();
  layout.description = "columns by the header's names:";
  for (size_t i = 0; i < header.size(); ++i) {
    if (i == *source || i == *destination || i == *time) {
      layout.description += i == *source        ? " source="
                            : i == *destination ? " destination="
                                                : " time=";
      layout.description += quoteForMessage(fields[i]);
    } else if (header[i].starts_with("feature")) {
      layout.features.push_back(i);
    } else {
      layout.description += " unused=" + quoteForMessage(fields[i]);
    }
  }
  return layout;
}

namespace {

/// What the first rows tell of a column.
struct ColumnEvidence {
  bool fractional = false;
  bool sorted = true;
  double last = -std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();

  void add(double value) {
    fractional |= value != std::floor(value);
    sorted &= value >= last;
    last = value;
    largest = std::max(largest, value);
  }
};

} // namespace

/// Looks at the first rows of three columns. Malformed rows are left to the
/// loader, which reports them.
static std::array<ColumnEvidence, 3> gatherEvidence(TextRows rows) {
  constexpr int sampledRows = 10000;
  std::array<ColumnEvidence, 3> evidence;
  for (int row = 0; row < sampledRows && rows.next(); ++row) {
    std::array<std::string_view, 3> fields;
    std::array<double, 3> values{};
    bool valid = splitFields(rows.row(), fields) == fields.size();
    for (size_t i = 0; i < fields.size() && valid; ++i)
      valid = parseReal(fields[i], values[i]) == NumberKind::Valid &&
              std::isfinite(values[i]);
    for (size_t i = 0; i < fields.size() && valid; ++i)
      evidence[i].add(values[i]);
  }
  return evidence;
}

/// Whether the values of column `column` reach beyond those of the others.
static bool reachesBeyond(const std::array<ColumnEvidence, 3> &evidence,
                          size_t column) {
  for (size_t other = 0; other < evidence.size(); ++other)
    if (other != column && evidence[column].largest <= evidence[other].largest)
      return false;
  return true;
}

/// Applies the rules of `recogniseColumns`: the time column and the reason, or
/// nothing.
static std::optional<std::pair<size_t, std::string>>
chooseTimeColumn(const std::array<ColumnEvidence, 3> &evidence, bool sort) {
  size_t fractional = 0, fractionalCount = 0;
  for (size_t i = 0; i < evidence.size(); ++i)
    if (evidence[i].fractional) {
      fractional = i;
      ++fractionalCount;
    }
  if (fractionalCount == 1)
    return std::pair(fractional, "column " + std::to_string(fractional + 1) +
                                     " alone has fractions");
  if (evidence[2].sorted)
    return std::pair(size_t(2), "column 3 is sorted");
  for (size_t i = 0; i < 2; ++i)
    if (evidence[i].sorted && reachesBeyond(evidence, i))
      return std::pair(i, "column " + std::to_string(i + 1) +
                              " is sorted and has the largest values");
  if (!sort || reachesBeyond(evidence, 2))
    return std::pair(size_t(2), "no column is sorted; time is usually last");
  return std::nullopt;
}

/// The layout of three columns without names, starting at `rows`.
static StatusOr<ColumnLayout>
layoutFromValues(const TextRows &rows, const std::string &path, bool sort) {
  auto choice = chooseTimeColumn(gatherEvidence(rows), sort);
  if (!choice)
    return Status::error("'" + path +
                         "': cannot tell which column is the time, as none is "
                         "sorted; give the order of the columns (--columns "
                         "uvt, tuv, ...)");
  constexpr std::array<const char *, 3> orders = {"tuv", "utv", "uvt"};
  StatusOr<ColumnLayout> layout = parseColumns(orders[choice->first]);
  layout->description = std::string("columns ") + orders[choice->first] +
                        " recognised (" + choice->second + ")";
  return layout;
}

StatusOr<ColumnLayout> orcinus::recogniseColumns(const InputFile &file,
                                                 const std::string &columns,
                                                 bool sort) {
  TextRows rows(file.bytes.view());
  TextRows first = rows;
  std::vector<std::string_view> fields;
  if (first.next())
    fields = splitFields(first.row());
  bool header = !fields.empty() && isHeader(fields);

  if (columns != "auto") {
    StatusOr<ColumnLayout> layout = parseColumns(columns);
    if (layout.ok())
      layout->hasHeader = header;
    return layout;
  }
  if (header)
    if (std::optional<ColumnLayout> named = layoutFromNames(fields)) {
      named->hasHeader = true;
      return *named;
    }
  if (!fields.empty() && fields.size() != 3)
    return errorAtLine(file.path, first.line(),
                       "row has " + std::to_string(fields.size()) +
                           " fields; expected 3 (source, destination, time), "
                           "or a header that names them, or the order of the "
                           "columns (--columns, with - for one not used)");
  StatusOr<ColumnLayout> layout =
      layoutFromValues(header ? first : rows, file.path, sort);
  if (layout.ok())
    layout->hasHeader = header;
  return layout;
}
