//===- ColumnRecognition.cpp - Which column holds what --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ColumnRecognition.h"

#include "ColumnEvidence.h"
#include "HeaderNames.h"
#include "TimeColumn.h"

#include <algorithm>
#include <array>
#include <optional>

using namespace orcinus;

using Role = HeaderNames::Role;

/// Whether `row` is a header: no field of it is a number or a date.
static bool isHeader(const std::vector<std::string_view> &fields,
                     Separator separator) {
  std::string buffer;
  return !fields.empty() &&
         std::none_of(
             fields.begin(), fields.end(), [&](std::string_view field) {
               double value = 0;
               return parseReal(withDecimalPoint(field, separator, buffer),
                                value) != NumberKind::Malformed ||
                      parseIsoTime(field);
             });
}

//===----------------------------------------------------------------------===//
// Layouts by option and by values
//===----------------------------------------------------------------------===//

/// The layout that the letters of `columns` describe.
static StatusOr<ColumnLayout> parseColumns(const std::string &columns) {
  ColumnLayout layout;
  layout.fieldCount = columns.size();
  std::array<int, 3> seen{};
  for (size_t i = 0; i < columns.size(); ++i) {
    constexpr std::string_view letters = "uvt";
    size_t role = letters.find(columns[i]);
    if (role != std::string_view::npos) {
      ++seen[role];
      (role == 0   ? layout.source
       : role == 1 ? layout.destination
                   : layout.time) = i;
    } else if (columns[i] == 'f') {
      layout.features.push_back({i, FeatureKind::Number});
    } else if (columns[i] != '-') {
      return Status::error("columns '" + columns + "' holds '" + columns[i] +
                           "'; use one letter a column: u (source), v "
                           "(destination), t (time), f (edge feature), - (not "
                           "used)");
    }
  }
  if (seen != std::array<int, 3>{1, 1, 1})
    return Status::error("columns '" + columns +
                         "' must name each of u (source), v (destination) and "
                         "t (time) once; for example uvt or tuv");
  layout.description = "columns " + columns + " as given";
  return layout;
}

/// The layout of three columns without names that are known.
static StatusOr<ColumnLayout>
layoutFromValues(const std::vector<ColumnEvidence> &evidence,
                 const std::string &path, bool sort) {
  auto choice = chooseTimeColumn(evidence, sort);
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

//===----------------------------------------------------------------------===//
// Layouts by names
//===----------------------------------------------------------------------===//

namespace {

/// Finds source, destination and time among the columns of a header.
class RoleFinder {
public:
  RoleFinder(const HeaderNames &names,
             const std::vector<ColumnEvidence> &evidence)
      : names(names), evidence(evidence) {
    source = names.find(Role::Source);
    destination = names.find(Role::Destination);
    time = names.find(Role::Time);
    // One column named 'i' is the destination beside a source of another name,
    // and the source where there is none.
    if (source == destination)
      destination.reset();
  }

  bool knowsAny() const { return source || destination || time; }

  /// Finds by the values and by the order what no name tells; false where that
  /// is not possible.
  bool findMissing() {
    if (!time)
      guessedTime = (time = findDates()).has_value();
    if (!time)
      return false;
    if (!source)
      guessedSource = (source = findNodes()).has_value();
    if (!destination)
      guessedDestination = (destination = findNodes()).has_value();
    return source && destination;
  }

  /// What column `column` is, or an empty text.
  std::string use(size_t column) const {
    if (column == source)
      return guessedSource ? "source, guessed by order" : "source";
    if (column == destination)
      return guessedDestination ? "destination, guessed by order"
                                : "destination";
    if (column == time)
      return guessedTime ? "time, the only dates" : "time";
    return "";
  }

  std::optional<size_t> source, destination, time;

private:
  /// The only column of dates.
  std::optional<size_t> findDates() const {
    std::optional<size_t> found;
    for (size_t column = 0; column < names.size(); ++column) {
      if (!use(column).empty() || !evidence[column].hasDates())
        continue;
      if (found)
        return std::nullopt;
      found = column;
    }
    return found;
  }

  /// The first column that nothing else is known of.
  std::optional<size_t> findNodes() const {
    for (size_t column = 0; column < names.size(); ++column)
      if (use(column).empty() && !names.namesNoNode(column) &&
          !evidence[column].hasDates() &&
          !(evidence[column].hasNumbers() && evidence[column].fractional))
        return column;
    return std::nullopt;
  }

  const HeaderNames &names;
  const std::vector<ColumnEvidence> &evidence;
  bool guessedSource = false, guessedDestination = false, guessedTime = false;
};

} // namespace

static Status unknownNames(const InputFile &file, int64_t line,
                           const HeaderNames &names) {
  return errorAtLine(file.path, line,
                     "the header " + names.describe() +
                         " does not tell source, destination and time; rename "
                         "columns to names that are known, " +
                         HeaderNames::describeKnownNames() +
                         ", or give the order of the columns (--columns)");
}

/// Describes the columns and their uses.
static void describeColumns(const HeaderNames &names, const RoleFinder &roles,
                            ColumnLayout &layout) {
  layout.description = "columns by the header's names:";
  for (size_t column = 0; column < names.size(); ++column) {
    std::string use = roles.use(column);
    if (!use.empty()) {
      size_t comma = use.find(',');
      layout.description += " " + use.substr(0, comma) + "=" +
                            quoteForMessage(names.name(column));
      if (comma != std::string::npos)
        layout.description += " (" + use.substr(comma + 2) + ")";
    }
    layout.uses.push_back({names.name(column), use});
  }
}

/// The layout that `names` describe, or nothing where they are not known and
/// the values of three columns may decide.
static StatusOr<std::optional<ColumnLayout>>
layoutFromNames(const InputFile &file, int64_t line, const HeaderNames &names,
                const std::vector<ColumnEvidence> &evidence) {
  if (auto twice = names.findDuplicate())
    return errorAtLine(file.path, line,
                       "the header names " + quoteForMessage(*twice) +
                           " twice; give each column a name of its own, or "
                           "the order of the columns (--columns)");
  RoleFinder roles(names, evidence);
  if (!roles.knowsAny() && names.size() == 3)
    return std::optional<ColumnLayout>();
  if (!roles.findMissing())
    return unknownNames(file, line, names);
  ColumnLayout layout;
  layout.source = *roles.source;
  layout.destination = *roles.destination;
  layout.time = *roles.time;
  layout.fieldCount = names.size();
  describeColumns(names, roles, layout);
  return std::optional<ColumnLayout>(std::move(layout));
}

//===----------------------------------------------------------------------===//
// Features
//===----------------------------------------------------------------------===//

/// The names between the commas of `list`.
static std::vector<std::string> namesIn(const std::string &list) {
  FieldSplitter splitter(Separator::Comma);
  std::vector<std::string_view> names = splitter.split(list);
  return {names.begin(), names.end()};
}

namespace {

/// Chooses the features among the columns of a layout.
class FeatureChooser {
public:
  FeatureChooser(const InputFile &file, const HeaderNames &names,
                 const std::vector<ColumnEvidence> &evidence,
                 ColumnLayout &layout)
      : file(file), names(names), evidence(evidence), layout(layout) {}

  Status choose(const LoadOptions &options) {
    if (Status status = addLabels(options.labels); !status.ok())
      return status;
    bool all = options.features == "all";
    if (all || options.features == "auto")
      for (size_t column = 0; column < names.size(); ++column)
        if (isFree(column) &&
            (all ? isQuantity(column) : names.namesFeature(column)))
          layout.features.push_back({column, FeatureKind::Number});
    Status status;
    if (!all && options.features != "auto")
      status = add(options.features, FeatureKind::Number);
    if (status.ok())
      status = add(options.categories, FeatureKind::OneHot);
    if (status.ok())
      status = add(options.categoryCodes, FeatureKind::Code);
    return status;
  }

  /// Why a column that is free is not used.
  std::string whyNotUsed(size_t column) const {
    if (names.namesLabel(column))
      return "not used: a label (--label-columns)";
    const ColumnEvidence &values = evidence[column];
    return values.hasNumbers() ? "not used: numbers (--features)"
           : values.hasDates() ? "not used: dates"
                               : "not used: text (--categories)";
  }

  bool isFree(size_t column) const {
    return column != layout.source && column != layout.destination &&
           column != layout.time && !isLabel(column) &&
           std::none_of(layout.features.begin(), layout.features.end(),
                        [&](const ColumnLayout::Feature &feature) {
                          return feature.column == column;
                        });
  }

private:
  bool isLabel(size_t column) const {
    return std::ranges::find(layout.labels, column) != layout.labels.end();
  }

  Status addLabels(const std::string &list) {
    for (std::string_view name : namesIn(list)) {
      StatusOr<size_t> column = findFree(name, "labels");
      if (!column.ok())
        return column.status();
      layout.labels.push_back(*column);
      layout.labelNames.push_back(names.name(*column));
      layout.uses[*column].use = "label";
    }
    return Status();
  }

  StatusOr<size_t> findFree(std::string_view name, const char *what) const {
    auto column = names.find(name);
    if (!column)
      return Status::error("'" + file.path + "' has no column " +
                           quoteForMessage(name) + "; its columns are " +
                           names.describe());
    if (!isFree(*column))
      return Status::error("'" + file.path + "': column " +
                           quoteForMessage(name) +
                           " is in use already; name other columns as " + what);
    return *column;
  }

  bool isQuantity(size_t column) const {
    return evidence[column].numbers == evidence[column].values &&
           evidence[column].hasNumbers() && !names.namesLabel(column) &&
           names.find("idx") != column && names.find("index") != column &&
           !names.name(column).empty();
  }

  Status add(const std::string &list, FeatureKind kind) {
    for (std::string_view name : namesIn(list)) {
      StatusOr<size_t> column = findFree(name, "features");
      if (!column.ok())
        return column.status();
      layout.features.push_back({*column, kind});
    }
    return Status();
  }

  const InputFile &file;
  const HeaderNames &names;
  const std::vector<ColumnEvidence> &evidence;
  ColumnLayout &layout;
};

} // namespace

/// Chooses the features of a file with a header, and says what is not used.
static Status chooseFeatures(const InputFile &file, const LoadOptions &options,
                             const HeaderNames &names,
                             const std::vector<ColumnEvidence> &evidence,
                             ColumnLayout &layout) {
  FeatureChooser chooser(file, names, evidence, layout);
  if (Status status = chooser.choose(options); !status.ok())
    return status;
  for (size_t column = 0; column < layout.uses.size(); ++column)
    if (chooser.isFree(column)) {
      layout.uses[column].use = chooser.whyNotUsed(column);
      layout.description += " unused=" + quoteForMessage(names.name(column));
    }
  return Status();
}

/// The uses of columns whose order was given or recognised by their values.
static void describeOrder(const HeaderNames &names, ColumnLayout &layout) {
  for (size_t column = 0; column < names.size(); ++column)
    layout.uses.push_back(
        {names.name(column), column == layout.source        ? "source"
                             : column == layout.destination ? "destination"
                             : column == layout.time        ? "time"
                                                            : "not used"});
}

/// The error of options that name columns where there are no names.
static Status checkUnnamed(const InputFile &file, const LoadOptions &options) {
  bool named = options.features != "auto" && options.features != "all" &&
               !options.features.empty();
  if (!options.labels.empty())
    return Status::error("'" + file.path +
                         "' has no header that names a column of labels (" +
                         options.labels + "); add one");
  if (named || !options.categories.empty() || !options.categoryCodes.empty())
    return Status::error("'" + file.path +
                         "' has no header that names features; add one, or "
                         "give the order of the columns with f for a feature "
                         "(--columns)");
  return Status();
}

//===----------------------------------------------------------------------===//
// All of it
//===----------------------------------------------------------------------===//

/// The layout of a file with the header `names`, whose rows follow `first`.
static StatusOr<ColumnLayout> layoutWithHeader(const InputFile &file,
                                               const LoadOptions &options,
                                               const HeaderNames &names,
                                               const TextRows &first,
                                               Separator separator) {
  std::vector<ColumnEvidence> evidence =
      gatherEvidence(first, separator, names.size());
  StatusOr<ColumnLayout> layout = ColumnLayout();
  if (options.columns == "auto") {
    auto named = layoutFromNames(file, first.line(), names, evidence);
    if (!named.ok())
      return named.status();
    if (*named)
      layout = std::move(**named);
    else
      layout = layoutFromValues(evidence, file.path, options.sort);
  } else {
    layout = parseColumns(options.columns);
  }
  if (!layout.ok())
    return layout;
  if (layout->uses.empty())
    describeOrder(names, *layout);
  if (layout->fieldCount != names.size())
    return layout;
  if (Status status = chooseFeatures(file, options, names, evidence, *layout);
      !status.ok())
    return status;
  return layout;
}

static StatusOr<ColumnLayout>
layoutWithoutHeader(const InputFile &file, const LoadOptions &options,
                    const TextRows &rows, size_t fieldCount, int64_t line,
                    Separator separator) {
  if (Status status = checkUnnamed(file, options); !status.ok())
    return status;
  if (options.columns != "auto")
    return parseColumns(options.columns);
  if (fieldCount != 0 && fieldCount != 3)
    return errorAtLine(file.path, line,
                       "row has " + std::to_string(fieldCount) +
                           " fields; expected 3 (source, destination, time), "
                           "or a header that names them, or the order of the "
                           "columns (--columns, with - for one not used)");
  return layoutFromValues(gatherEvidence(rows, separator, 3), file.path,
                          options.sort);
}

StatusOr<ColumnLayout> orcinus::recogniseColumns(const InputFile &file,
                                                 const LoadOptions &options) {
  TextRows lines(file.bytes.view());
  Separator separator =
      lines.next() ? recogniseSeparator(lines.row()) : Separator::Blank;
  TextRows rows(file.bytes.view(), separator);
  TextRows first = rows;
  FieldSplitter splitter(separator);
  std::vector<std::string_view> fields;
  if (first.next())
    fields = splitter.split(first.row());
  bool header = isHeader(fields, separator);
  StatusOr<ColumnLayout> layout =
      header ? layoutWithHeader(file, options, HeaderNames(fields), first,
                                separator)
             : layoutWithoutHeader(file, options, rows, fields.size(),
                                   first.line(), separator);
  if (layout.ok()) {
    layout->hasHeader = header;
    layout->separator = separator;
  }
  return layout;
}
