//===- Schedule.h - How an operator becomes a program -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_SCHEDULE_H
#define ORCINUS_TUNING_SCHEDULE_H

#include "orcinus/Support/Status.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orcinus {

/// Named integers in an order, which is that of the schedule space's
/// parameters: `tile_rows=6 panel_vectors=4 reduction_block=256`. It says
/// exactly what the schedule attribute of an op says; what the names mean, the
/// schedule space of the operator's family knows.
class Schedule {
public:
  using Entry = std::pair<std::string, int64_t>;

  Schedule() = default;
  explicit Schedule(std::vector<Entry> entries) : list(std::move(entries)) {}

  const std::vector<Entry> &entries() const { return list; }
  bool empty() const { return list.empty(); }

  /// The value of `name`; nothing where it has none.
  std::optional<int64_t> find(std::string_view name) const;

  /// Sets `name`, which comes last where it is new.
  void set(std::string_view name, int64_t value);

  bool operator==(const Schedule &) const = default;

  /// `name=value` pairs with a space between; empty for the empty schedule.
  std::string toString() const;

  /// What `toString` printed. Errors: a word that is not `name=integer` or a
  /// name that appears twice.
  static StatusOr<Schedule> parse(std::string_view text);

private:
  std::vector<Entry> list;
};

} // namespace orcinus

#endif // ORCINUS_TUNING_SCHEDULE_H
