//===- Schedule.cpp - How an operator becomes a program -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/Schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

using namespace orcinus;

static auto findEntry(auto &entries, std::string_view name) {
  return std::find_if(
      entries.begin(), entries.end(),
      [&](const Schedule::Entry &entry) { return entry.first == name; });
}

std::optional<int64_t> Schedule::find(std::string_view name) const {
  auto entry = findEntry(list, name);
  return entry == list.end() ? std::nullopt : std::optional(entry->second);
}

void Schedule::set(std::string_view name, int64_t value) {
  auto entry = findEntry(list, name);
  if (entry == list.end())
    list.emplace_back(name, value);
  else
    entry->second = value;
}

std::string Schedule::toString() const {
  std::string text;
  for (const auto &[name, value] : list)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
  return text;
}

static Status parseEntry(std::string_view word, Schedule &schedule) {
  size_t equals = word.find('=');
  int64_t value = 0;
  const char *end = word.data() + word.size();
  if (equals == 0 || equals == std::string_view::npos)
    return Status::error(fmt::format(
        "'{}' in a schedule is not of the form name=integer", word));
  auto [stop, error] = std::from_chars(word.data() + equals + 1, end, value);
  if (error != std::errc() || stop != end)
    return Status::error(fmt::format(
        "'{}' in a schedule is not of the form name=integer", word));
  std::string_view name = word.substr(0, equals);
  if (schedule.find(name))
    return Status::error(fmt::format("'{}' appears twice in a schedule", name));
  schedule.set(name, value);
  return Status();
}

StatusOr<Schedule> Schedule::parse(std::string_view text) {
  Schedule schedule;
  while (true) {
    size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos)
      return schedule;
    size_t end = std::min(text.find(' ', begin), text.size());
    Status status = parseEntry(text.substr(begin, end - begin), schedule);
    if (!status.ok())
      return status;
    text.remove_prefix(end);
  }
}
