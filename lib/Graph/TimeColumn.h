//===- TimeColumn.h - The times of a file, exactly --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_TIMECOLUMN_H
#define ORCINUS_LIB_GRAPH_TIMECOLUMN_H

#include "orcinus/Graph/EventStream.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// The units that times may be given in, as `LoadOptions::timeUnit` names them.
struct TimeUnit {
  std::string_view name;
  std::string_view plural;
  /// A unit has `seconds` seconds, or a second 10^`digits` units.
  int64_t seconds;
  int digits;
};

/// The unit called `name`, if there is one.
std::optional<TimeUnit> parseTimeUnit(std::string_view name);

/// The unit of times from `smallest` to `largest`, by their size: those since
/// 1970 are told apart, all others are taken for seconds.
TimeUnit unitBySize(double smallest, double largest);

/// Nanoseconds since 1970 of a date and time of ISO 8601: "2024-03-01",
/// "2024-03-01T08:02:00.25+01:00", "20240301T080200Z", with a blank for the T
/// and without seconds or minutes too; in UTC where no zone is given. Nothing
/// for any other text, and for what 64 bits cannot hold: years before 1678 and
/// after 2261.
std::optional<int64_t> parseIsoTime(std::string_view text);

/// The unit, as of LoadOptions::timeUnit, by which further times of `stream`
/// are read where `unit` is given. A few times do not tell by their size
/// whether they are since 1970; with "auto" they are where the stream's are,
/// else they are seconds as the stream's.
std::string_view unitOfFurtherTimes(std::string_view unit,
                                    const EventStream &stream);

/// Whether `seconds`, of 1990 to 2099, go on from a history whose times count
/// from something else: they are more than twenty years after its newest.
bool isOfAnotherCount(double seconds, const EventStream &stream);

/// The point in time that `text` names, a number of the unit `unit`, as further
/// times of `stream` have it, or an ISO 8601 date, on the scale of `stream`:
/// the nearest tick. Errors: text that is no time.
StatusOr<Timestamp> parseTime(std::string_view text, std::string_view unit,
                              const EventStream &stream);

/// The point in time `time` of the scale `from`, on `timeScale`: the nearest
/// tick.
Timestamp convertTime(Timestamp time, TimeScale from, TimeScale timeScale);

/// Takes times as text, one event after the other, and turns them into
/// timestamps. Decimal numbers are kept as whole numbers of a power of ten as
/// long as 64 bits can hold them, so that nothing is rounded; where they
/// cannot, as doubles.
///
/// The result depends on the points in time alone and not on their unit: whole
/// seconds are doubles, times with up to nine decimals of a second are the
/// finest ticks that fit (nanoseconds, within 146 years), others are doubles.
/// Minutes, hours and days are rounded to microseconds.
class TimeColumn {
public:
  /// `unit` is a unit's name, or "auto".
  explicit TimeColumn(std::string_view unit);

  void reserve(size_t events);
  size_t size() const { return reals.size(); }

  /// Adds a time. Returns what is wrong with it, or an empty text.
  std::string add(std::string_view text);

  /// Whether the last time is earlier than the one before it.
  bool descends() const;

  /// Whether time `first` is before time `second`.
  bool isBefore(size_t first, size_t second) const;

  /// Puts the times into the order `order`.
  void permute(const std::vector<int32_t> &order);

  /// Whether the times are dates.
  bool hasDates() const { return kind == Kind::Dates; }

  /// Moves the times into `stream`; returns a note on what they were taken for.
  std::string finish(EventStream &stream);

private:
  enum class Kind { None, Numbers, Dates };

  std::string addNumber(std::string_view text, double value);
  bool addDecimal(std::string_view text);
  bool rescale(int more);
  std::string chooseUnit();
  void reduce();

  std::optional<TimeUnit> unit;
  bool unitWasGiven = false;
  Kind kind = Kind::None;
  bool hasZones = false;
  /// Whether `wholes` has all times: time i is wholes[i] / 10^decimals.
  bool isExact = true;
  int decimals = 0;
  std::vector<int64_t> wholes;
  /// All times as doubles, in the file's unit, or seconds for dates.
  std::vector<double> reals;
};

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_TIMECOLUMN_H
