//===- HeaderNames.cpp - What the names of a header mean ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HeaderNames.h"

#include "TextRows.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

using namespace orcinus;

using Names = std::span<const std::string_view>;

// 'i' is the source in "i,j,t" and the destination in "u,i,t".
static constexpr std::array<std::string_view, 9> sourceNames = {
    "u", "source", "src", "user", "user_id", "from", "sender", "user_no", "i"};
static constexpr std::array<std::string_view, 11> destinationNames = {
    "v",      "destination", "dst",      "dest", "item", "item_id",
    "target", "to",          "receiver", "j",    "i"};
static constexpr std::array<std::string_view, 9> timeNames = {
    "t",         "time",     "ts",        "timestamp", "unixts",
    "unix_time", "datetime", "date_time", "date"};
static constexpr std::array<std::string_view, 4> labelNames = {
    "label", "state_label", "class", "y"};
static constexpr std::array<std::string_view, 10> quantityNames = {
    "",       "idx",    "index", "row",   "weight",
    "amount", "rating", "value", "price", "count"};

static Names namesOf(HeaderNames::Role role) {
  switch (role) {
  case HeaderNames::Role::Source:
    return sourceNames;
  case HeaderNames::Role::Destination:
    return destinationNames;
  case HeaderNames::Role::Time:
    return timeNames;
  }
  return {};
}

static std::string normalize(std::string_view name) {
  std::string result(name);
  for (char &character : result)
    character = character == ' ' || character == '-'
                    ? '_'
                    : static_cast<char>(
                          std::tolower(static_cast<unsigned char>(character)));
  return result;
}

static bool isOneOf(Names names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

HeaderNames::HeaderNames(const std::vector<std::string_view> &fields)
    : given(fields.begin(), fields.end()) {
  for (const std::string &name : given)
    normalized.push_back(normalize(name));
}

static std::optional<size_t> findName(const std::vector<std::string> &names,
                                      std::string_view name) {
  auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    return std::nullopt;
  return static_cast<size_t>(found - names.begin());
}

std::optional<size_t> HeaderNames::find(std::string_view name) const {
  if (auto exact = findName(given, name))
    return exact;
  return findName(normalized, normalize(name));
}

std::optional<size_t> HeaderNames::find(Role role) const {
  for (std::string_view name : namesOf(role))
    if (auto column = findName(normalized, name))
      return column;
  return std::nullopt;
}

bool HeaderNames::namesFeature(size_t column) const {
  return normalized[column].starts_with("feature");
}

bool HeaderNames::namesLabel(size_t column) const {
  return isOneOf(labelNames, normalized[column]);
}

bool HeaderNames::namesNoNode(size_t column) const {
  return namesFeature(column) || namesLabel(column) ||
         isOneOf(quantityNames, normalized[column]);
}

std::optional<std::string> HeaderNames::findDuplicate() const {
  for (size_t column = 0; column < size(); ++column)
    if (!normalized[column].empty() &&
        findName(normalized, normalized[column]) != column)
      return given[column];
  return std::nullopt;
}

static std::string listOf(Names names) {
  std::string list;
  for (std::string_view name : names)
    list += (list.empty() ? "" : ", ") + std::string(name);
  return "(" + list + ")";
}

std::string HeaderNames::describeKnownNames() {
  return "source " + listOf(sourceNames) + ", destination " +
         listOf(destinationNames) + " and time " + listOf(timeNames);
}

std::string HeaderNames::describe() const {
  constexpr size_t most = 16;
  std::string list;
  for (size_t column = 0; column < std::min(size(), most); ++column)
    list += (list.empty() ? "" : ", ") + quoteForMessage(given[column]);
  return list + (size() > most ? ", ..." : "");
}
