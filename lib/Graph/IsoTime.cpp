//===- IsoTime.cpp - Dates and times of ISO 8601 --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TimeColumn.h"

#include <chrono>

using namespace orcinus;

namespace {

/// Reads a text from its front; what does not match leaves it as it is.
class TextCursor {
public:
  explicit TextCursor(std::string_view text) : rest(text) {}

  bool atEnd() const { return rest.empty(); }
  bool startsWithDigit() const {
    return !rest.empty() && rest[0] >= '0' && rest[0] <= '9';
  }

  /// One of `characters`, which is passed over; 0 where none is next.
  char take(std::string_view characters) {
    if (rest.empty() || characters.find(rest[0]) == std::string_view::npos)
      return 0;
    char taken = rest[0];
    rest.remove_prefix(1);
    return taken;
  }

  /// Exactly `count` digits.
  std::optional<int> number(size_t count) {
    if (rest.size() < count)
      return std::nullopt;
    int value = 0;
    for (char digit : rest.substr(0, count)) {
      if (digit < '0' || digit > '9')
        return std::nullopt;
      value = 10 * value + (digit - '0');
    }
    rest.remove_prefix(count);
    return value;
  }

private:
  std::string_view rest;
};

} // namespace

/// The days from 1970 to the date at `text`: 2024-03-01 or 20240301.
static std::optional<int64_t> parseDate(TextCursor &text, bool &extended) {
  auto year = text.number(4);
  extended = text.take("-") != 0;
  auto month = year ? text.number(2) : std::nullopt;
  if (!month || (extended && !text.take("-")))
    return std::nullopt;
  auto day = text.number(2);
  if (!day)
    return std::nullopt;
  std::chrono::year_month_day date{
      std::chrono::year(*year), std::chrono::month(unsigned(*month)),
      std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok())
    return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

/// The nanoseconds of a fraction of a second, whose point was taken. What is
/// finer than a nanosecond is not exact, and so not taken.
static std::optional<int64_t> parseFraction(TextCursor &text) {
  if (!text.startsWithDigit())
    return std::nullopt;
  int64_t nanoseconds = 0;
  int64_t place = 100'000'000;
  while (auto digit = text.number(1)) {
    if (place == 0 && *digit != 0)
      return std::nullopt;
    nanoseconds += *digit * place;
    place /= 10;
  }
  return nanoseconds;
}

/// The nanoseconds of the time of day at `text`: 08, 08:02, 08:02:00.25 or the
/// same without colons. A leap second is the second behind it.
static std::optional<int64_t> parseTimeOfDay(TextCursor &text, bool extended) {
  auto hours = text.number(2);
  if (!hours || *hours > 24)
    return std::nullopt;
  int64_t parts[2] = {0, 0};
  int64_t nanoseconds = 0;
  for (int part = 0; part < 2; ++part) {
    bool colon = extended && text.take(":");
    if (!colon && (extended || !text.startsWithDigit()))
      break;
    auto value = text.number(2);
    if (!value || *value > (part == 0 ? 59 : 60))
      return std::nullopt;
    parts[part] = *value;
    if (part == 1 && text.take(".,")) {
      auto fraction = parseFraction(text);
      if (!fraction)
        return std::nullopt;
      nanoseconds = *fraction;
    }
  }
  int64_t seconds = *hours * 3600 + parts[0] * 60 + parts[1];
  if (*hours == 24 && (seconds != 24 * 3600 || nanoseconds != 0))
    return std::nullopt;
  return seconds * 1'000'000'000 + nanoseconds;
}

/// The seconds that the zone at `text` is ahead of UTC: Z, +01, +0100, +01:00.
static std::optional<int64_t> parseZone(TextCursor &text) {
  if (text.take("Zz"))
    return 0;
  char sign = text.take("+-");
  auto hours = sign ? text.number(2) : std::nullopt;
  if (!hours || *hours > 23)
    return std::nullopt;
  int minutes = 0;
  if (text.take(":") || text.startsWithDigit()) {
    auto given = text.number(2);
    if (!given || *given > 59)
      return std::nullopt;
    minutes = *given;
  }
  int64_t ahead = *hours * 3600 + minutes * 60;
  return sign == '-' ? -ahead : ahead;
}

std::optional<int64_t> orcinus::parseIsoTime(std::string_view string) {
  TextCursor text(string);
  bool extended = false;
  auto days = parseDate(text, extended);
  if (!days)
    return std::nullopt;
  int64_t ofDay = 0, ahead = 0;
  if (text.take("Tt ")) {
    auto time = parseTimeOfDay(text, extended);
    if (!time)
      return std::nullopt;
    ofDay = *time;
    if (!text.atEnd()) {
      text.take(" ");
      auto zone = parseZone(text);
      if (!zone)
        return std::nullopt;
      ahead = *zone;
    }
  } else if (!extended) {
    // Eight digits are a number.
    return std::nullopt;
  }
  __int128 nanoseconds =
      (static_cast<__int128>(*days) * 86400 - ahead) * 1'000'000'000 + ofDay;
  bool fits = nanoseconds >= INT64_MIN && nanoseconds <= INT64_MAX;
  if (!text.atEnd() || !fits)
    return std::nullopt;
  return static_cast<int64_t>(nanoseconds);
}
