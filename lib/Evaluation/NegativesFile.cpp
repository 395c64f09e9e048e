//===- NegativesFile.cpp - Negatives and nodes of a file ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Graph/InputFile.h"
#include "lib/Graph/TextRows.h"
#include "orcinus/Evaluation/Negatives.h"
#include "orcinus/Graph/NodeNames.h"

#include <fmt/format.h>

#include <cmath>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace orcinus;

namespace {

/// An event as a row names it.
struct EventKey {
  Timestamp time;
  int32_t source;
  int32_t destination;
  friend auto operator<=>(const EventKey &, const EventKey &) = default;
};

class NegativesOfFile : public NegativeDraws {
public:
  NegativesOfFile(const EventStream &stream, std::string path)
      : stream(stream), path(std::move(path)) {}

  Status read();
  Status draw(std::span<const int32_t> events, NegativeBatch &result) override;

private:
  Status readRow(std::span<const std::string_view> fields,
                 const NodeNames &names, int64_t line);

  const EventStream &stream;
  std::string path;
  struct Range {
    size_t begin;
    size_t end;
  };
  std::map<EventKey, Range> rows;
  std::vector<int32_t> destinations;
};

} // namespace

/// The fields of `row` between blanks and commas; those in quotes (RFC 4180)
/// may have any of these. `unquoted` keeps the texts of the latter.
static std::vector<std::string_view>
splitFields(std::string_view row, std::deque<std::string> &unquoted) {
  std::vector<std::string_view> fields;
  constexpr std::string_view separators = " \t,";
  for (size_t begin = row.find_first_not_of(separators);
       begin != std::string_view::npos;) {
    size_t end = begin;
    if (row[begin] == '"') {
      std::string &text = unquoted.emplace_back();
      for (++end; end != row.size(); ++end) {
        // Two quotes are one of the text.
        if (row[end] == '"' && (++end == row.size() || row[end] != '"'))
          break;
        text += row[end];
      }
      fields.push_back(text);
    } else {
      end = std::min(row.find_first_of(separators, begin), row.size());
      fields.push_back(row.substr(begin, end - begin));
    }
    begin = row.find_first_not_of(separators, end);
  }
  return fields;
}

static Status unknownNode(const std::string &path, int64_t line,
                          std::string_view name) {
  return errorAtLine(path, line,
                     fmt::format("the data have no node {}; nodes are named as "
                                 "in the data",
                                 quoteForMessage(name)));
}

Status NegativesOfFile::readRow(std::span<const std::string_view> fields,
                                const NodeNames &names, int64_t line) {
  if (fields.size() < 4)
    return errorAtLine(path, line,
                       "a row is a source, a destination, a time and one "
                       "negative or more");
  double seconds;
  if (parseReal(fields[2], seconds) != NumberKind::Valid ||
      !std::isfinite(seconds))
    return errorAtLine(path, line,
                       fmt::format("the time {} is no number of seconds",
                                   quoteForMessage(fields[2])));
  std::optional<int32_t> source = names.find(fields[0]);
  std::optional<int32_t> destination = names.find(fields[1]);
  if (!source || !destination)
    return unknownNode(path, line, fields[source ? 1 : 0]);
  EventKey key{stream.timeScale.at(seconds), *source, *destination};
  Range range{destinations.size(), 0};
  for (std::string_view field : fields.subspan(3)) {
    std::optional<int32_t> node = names.find(field);
    if (!node)
      return unknownNode(path, line, field);
    destinations.push_back(*node);
  }
  range.end = destinations.size();
  if (!rows.emplace(key, range).second)
    return errorAtLine(path, line,
                       "there is a row before for this source, destination and "
                       "time; events that are equal share one");
  return Status();
}

Status NegativesOfFile::read() {
  StatusOr<InputFile> file = InputFile::read(path);
  if (!file.ok())
    return file.status();
  NodeNames names(stream);
  TextRows lines(file->bytes.view());
  while (lines.next()) {
    std::deque<std::string> unquoted;
    std::vector<std::string_view> fields = splitFields(lines.row(), unquoted);
    if (Status status = readRow(fields, names, lines.line()); !status.ok())
      return status;
  }
  return Status();
}

Status NegativesOfFile::draw(std::span<const int32_t> events,
                             NegativeBatch &result) {
  result.clear();
  for (int32_t event : events) {
    int32_t source = stream.source[event];
    int32_t destination = stream.destination[event];
    auto row = rows.find({stream.time[event], source, destination});
    if (row == rows.end())
      return Status::error(fmt::format(
          "{}: no negatives for the event from {} to {} at {} s; make the file "
          "of the same data",
          path, stream.nodeName(source), stream.nodeName(destination),
          stream.seconds(event)));
    result.destinations.insert(result.destinations.end(),
                               destinations.begin() + row->second.begin,
                               destinations.begin() + row->second.end);
    result.endEvent();
  }
  return Status();
}

StatusOr<std::shared_ptr<NegativeDraws>>
orcinus::readNegatives(const EventStream &stream, const std::string &path) {
  auto negatives = std::make_shared<NegativesOfFile>(stream, path);
  if (Status status = negatives->read(); !status.ok())
    return status;
  return std::shared_ptr<NegativeDraws>(std::move(negatives));
}

StatusOr<std::vector<uint8_t>> orcinus::readNodeSet(const EventStream &stream,
                                                    const std::string &path) {
  StatusOr<InputFile> file = InputFile::read(path);
  if (!file.ok())
    return file.status();
  NodeNames names(stream);
  std::vector<uint8_t> nodes(static_cast<size_t>(stream.nodeCount), 0);
  TextRows lines(file->bytes.view());
  bool any = false;
  while (lines.next()) {
    std::deque<std::string> unquoted;
    for (std::string_view name : splitFields(lines.row(), unquoted)) {
      std::optional<int32_t> node = names.find(name);
      if (!node)
        return unknownNode(path, lines.line(), name);
      nodes[*node] = any = true;
    }
  }
  if (!any)
    return Status::error(fmt::format(
        "'{}' names no node; put the names of nodes into it", path));
  return nodes;
}
