//===- TimeColumn.cpp - The times of a file, exactly ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TimeColumn.h"

#include "TextRows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

using namespace orcinus;

static constexpr std::array<TimeUnit, 7> units = {{{"s", "seconds", 1, 0},
                                                   {"ms", "milliseconds", 1, 3},
                                                   {"us", "microseconds", 1, 6},
                                                   {"ns", "nanoseconds", 1, 9},
                                                   {"min", "minutes", 60, 0},
                                                   {"h", "hours", 3600, 0},
                                                   {"d", "days", 86400, 0}}};

/// The digits of a second that times in minutes, hours and days are rounded to.
/// A double of days since 1970 is within a fifth of a microsecond.
static constexpr int coarseDigits = 6;

static constexpr int64_t powerOfTen(int exponent) {
  int64_t power = 1;
  for (; exponent > 0; --exponent)
    power *= 10;
  return power;
}

std::optional<TimeUnit> orcinus::parseTimeUnit(std::string_view name) {
  for (const TimeUnit &unit : units)
    if (unit.name == name)
      return unit;
  return std::nullopt;
}

TimeColumn::TimeColumn(std::string_view name) : unit(parseTimeUnit(name)) {
  unitWasGiven = unit.has_value();
}

void TimeColumn::reserve(size_t events) {
  wholes.reserve(events);
  reals.reserve(events);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {

/// A decimal number: digits / 10^decimals. `decimals` may be negative.
struct Decimal {
  __int128 digits = 0;
  int decimals = 0;
};

} // namespace

/// Reads what `parseReal` took for a finite number that is not negative.
/// Digits behind the 27th are left out of a fraction; nothing where there are
/// more before the point or the exponent is larger than a time can have.
static std::optional<Decimal> parseDecimal(std::string_view text) {
  // Of so many digits a number of days in microseconds fits into 127 bits.
  constexpr __int128 most = __int128(10'000'000'000'000) * 10'000'000'000'000;
  Decimal result;
  bool behindPoint = false;
  size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; ++at) {
    if (text[at] == '.') {
      behindPoint = true;
      continue;
    }
    if (text[at] < '0' || text[at] > '9')
      return std::nullopt;
    if (result.digits >= most) {
      if (!behindPoint)
        return std::nullopt;
      continue;
    }
    result.digits = 10 * result.digits + (text[at] - '0');
    result.decimals += behindPoint;
  }
  int64_t exponent = 0;
  if (at < text.size()) {
    std::string_view digits = text.substr(at + 1);
    if (digits.starts_with('+'))
      digits.remove_prefix(1);
    constexpr int64_t largest = 40;
    if (parseInteger(digits, exponent) != NumberKind::Valid ||
        std::abs(exponent) > largest)
      return std::nullopt;
  }
  result.decimals -= static_cast<int>(exponent);
  while (result.decimals > 0 && result.digits % 10 == 0) {
    result.digits /= 10;
    --result.decimals;
  }
  return result;
}

/// digits · factor / 10^decimals, rounded to the nearest; nothing where 64 bits
/// cannot hold it.
static std::optional<int64_t> scaled(Decimal decimal, int64_t factor) {
  constexpr __int128 largest = std::numeric_limits<int64_t>::max();
  __int128 value = decimal.digits * factor;
  for (; decimal.decimals < 0; ++decimal.decimals) {
    if (value > largest)
      return std::nullopt;
    value *= 10;
  }
  for (; decimal.decimals > 1; --decimal.decimals)
    value /= 10;
  if (decimal.decimals == 1)
    value = (value + 5) / 10;
  if (value > largest)
    return std::nullopt;
  return static_cast<int64_t>(value);
}

/// Makes room for `more` decimals; false where 64 bits are too few.
bool TimeColumn::rescale(int more) {
  constexpr int mostDecimals = 18;
  if (decimals + more > mostDecimals)
    return false;
  int64_t factor = powerOfTen(more);
  int64_t largest = std::numeric_limits<int64_t>::max() / factor;
  if (std::any_of(wholes.begin(), wholes.end(),
                  [&](int64_t whole) { return whole > largest; }))
    return false;
  for (int64_t &whole : wholes)
    whole *= factor;
  decimals += more;
  return true;
}

/// Adds a number to the exact ones; false where it cannot be one.
bool TimeColumn::addDecimal(std::string_view text) {
  std::optional<Decimal> decimal = parseDecimal(text);
  if (!decimal)
    return false;
  if (unit && unit->seconds > 1) {
    decimals = coarseDigits;
    auto rounded = scaled(*decimal, unit->seconds * powerOfTen(coarseDigits));
    if (rounded)
      wholes.push_back(*rounded);
    return rounded.has_value();
  }
  if (decimal->decimals > decimals && !rescale(decimal->decimals - decimals))
    return false;
  decimal->decimals -= decimals;
  auto whole = scaled(*decimal, 1);
  if (whole)
    wholes.push_back(*whole);
  return whole.has_value();
}

std::string TimeColumn::addNumber(std::string_view text, double value) {
  if (!std::isfinite(value))
    return " is not finite; correct or remove the row";
  if (value > largestSeconds)
    return " is beyond single precision, in which models read times; correct "
           "or remove the row";
  if (value < 0)
    return " is negative; shift all timestamps so that the first is 0";
  if (isExact && !addDecimal(text)) {
    if (unit && unit->seconds > 1)
      return " is too far from 0; check the unit of the times (--time-unit)";
    isExact = false;
    wholes = {};
  }
  // Adding zero turns a negative zero into a positive one.
  reals.push_back(value + 0.0);
  return "";
}

std::string TimeColumn::add(std::string_view text) {
  double value = 0;
  NumberKind number = parseReal(text, value);
  if (number == NumberKind::OutOfRange)
    return " is not a number that double precision can hold; correct or remove "
           "the row";
  if (number == NumberKind::Valid && kind != Kind::Dates) {
    kind = Kind::Numbers;
    return addNumber(text, value);
  }
  std::optional<int64_t> date =
      number == NumberKind::Valid ? std::nullopt : parseIsoTime(text);
  if (!date || kind == Kind::Numbers)
    return kind == Kind::Dates
               ? std::string(" is not a date and time of ISO 8601 as those "
                             "before it; correct or remove the row")
               : std::string(" is not a number; correct or remove the row, and "
                             "check the order of the columns");
  if (*date < 0)
    return " is before 1970; give times as numbers that begin at 0";
  kind = Kind::Dates;
  decimals = 9;
  hasZones |= text.find_first_of("Zz+", 10) != std::string_view::npos ||
              text.find('-', 10) != std::string_view::npos;
  wholes.push_back(*date);
  reals.push_back(static_cast<double>(*date) / 1e9);
  return "";
}

bool TimeColumn::descends() const {
  return size() > 1 && isBefore(size() - 1, size() - 2);
}

bool TimeColumn::isBefore(size_t first, size_t second) const {
  return isExact ? wholes[first] < wholes[second]
                 : reals[first] < reals[second];
}

/// `values` in the order that `order` lists them.
template <typename T>
static void permuteValues(std::vector<T> &values,
                          const std::vector<int32_t> &order) {
  std::vector<T> result(order.size());
  for (size_t i = 0; i < order.size(); ++i)
    result[i] = values[static_cast<size_t>(order[i])];
  values = std::move(result);
}

void TimeColumn::permute(const std::vector<int32_t> &order) {
  if (isExact)
    permuteValues(wholes, order);
  permuteValues(reals, order);
}

//===----------------------------------------------------------------------===//
// Units and scales
//===----------------------------------------------------------------------===//

/// The unit in which all times are of 1990 to 2099, if there is one: seconds,
/// milliseconds, microseconds and nanoseconds since 1970 are apart from each
/// other by factors of hundreds, and no stream counts from 0 that far in
/// seconds.
static const TimeUnit *unitSince1970(double smallest, double largest) {
  constexpr double secondsIn1990 = 631152000, secondsIn2100 = 4102444800;
  for (const TimeUnit &candidate : units) {
    double perSecond = std::pow(10.0, candidate.digits);
    if (candidate.seconds == 1 && smallest >= secondsIn1990 * perSecond &&
        largest < secondsIn2100 * perSecond)
      return &candidate;
  }
  return nullptr;
}

TimeUnit orcinus::unitBySize(double smallest, double largest) {
  const TimeUnit *unit = unitSince1970(smallest, largest);
  return unit ? *unit : units[0];
}

/// Finds the unit where none was given; returns a note on it.
std::string TimeColumn::chooseUnit() {
  auto [smallest, largest] = std::minmax_element(reals.begin(), reals.end());
  if (const TimeUnit *since1970 = unitSince1970(*smallest, *largest)) {
    unit = *since1970;
    return "times in " + std::string(unit->plural) +
           " since 1970, by their size";
  }
  unit = units[0];
  constexpr double secondsOfYear = 31556952;
  double years = (*largest - *smallest) / secondsOfYear;
  if (years < 1000)
    return "times taken for seconds";
  return "times taken for seconds, which makes " +
         std::to_string(static_cast<int64_t>(std::min(years, 1e18))) +
         " years of them: give their unit (--time-unit)";
}

/// Takes away zeros that all exact times end with.
void TimeColumn::reduce() {
  auto endsWithZero = [](int64_t whole) { return whole % 10 == 0; };
  while (decimals > 0 &&
         std::all_of(wholes.begin(), wholes.end(), endsWithZero)) {
    for (int64_t &whole : wholes)
      whole /= 10;
    --decimals;
  }
}

std::string TimeColumn::finish(EventStream &stream) {
  std::string note;
  if (kind == Kind::Dates)
    note = hasZones ? "times of ISO 8601"
                    : "times of ISO 8601 without a zone, taken for UTC";
  else if (unitWasGiven)
    note = "times in " + std::string(unit->plural) + " as given";
  else
    note = chooseUnit();

  if (kind == Kind::Numbers && unit->seconds == 1)
    decimals += unit->digits;
  constexpr int finest = 9;
  if (isExact)
    reduce();
  if (!isExact || decimals > finest) {
    double perSecond = kind == Kind::Numbers ? std::pow(10.0, unit->digits) : 1;
    for (double &value : reals)
      value /= perSecond;
    stream.setSeconds(reals);
    return note;
  }
  int64_t largest =
      wholes.empty() ? 0 : *std::max_element(wholes.begin(), wholes.end());
  constexpr int64_t exactInDoubles = int64_t(1) << 53;
  if (decimals == 0 && largest <= exactInDoubles) {
    std::copy(wholes.begin(), wholes.end(), reals.begin());
    stream.setSeconds(reals);
    return note;
  }
  constexpr int64_t farthest = int64_t(1) << 62;
  int more = finest - decimals;
  while (more > 0 && largest > farthest / powerOfTen(more))
    --more;
  stream.timeScale = TimeScale::ticks(powerOfTen(decimals + more));
  std::vector<Timestamp> times;
  times.reserve(wholes.size());
  for (int64_t whole : wholes)
    times.push_back(Timestamp::fromKey(whole * powerOfTen(more)));
  stream.time = std::move(times);
  return note;
}

//===----------------------------------------------------------------------===//
// Single times
//===----------------------------------------------------------------------===//

/// Whether all times are seconds since 1970, of 1990 to 2099.
static bool areSecondsSince1970(double smallest, double largest) {
  const TimeUnit *unit = unitSince1970(smallest, largest);
  return unit && unit->digits == 0;
}

static bool areSecondsSince1970(const EventStream &stream) {
  return areSecondsSince1970(stream.seconds(0),
                             stream.seconds(stream.eventCount() - 1));
}

std::string_view orcinus::unitOfFurtherTimes(std::string_view unit,
                                             const EventStream &stream) {
  if (unit != "auto" || stream.time.empty())
    return unit;
  return areSecondsSince1970(stream) ? unit : units[0].name;
}

bool orcinus::isOfAnotherCount(double seconds, const EventStream &stream) {
  constexpr double twentyYears = 20 * 31556952.0;
  if (stream.time.empty())
    return false;
  return !areSecondsSince1970(stream) &&
         areSecondsSince1970(seconds, seconds) &&
         seconds - stream.seconds(stream.eventCount() - 1) > twentyYears;
}

StatusOr<Timestamp> orcinus::parseTime(std::string_view text,
                                       std::string_view unit,
                                       const EventStream &stream) {
  TimeColumn column(unitOfFurtherTimes(unit, stream));
  if (std::string problem = column.add(text); !problem.empty())
    // What is said of rows behind a semicolon is not for a time by itself.
    return Status::error("the time " + quoteForMessage(text) +
                         problem.substr(0, problem.find(';')));
  EventStream single;
  column.finish(single);
  if (column.hasDates() && isOfAnotherCount(single.seconds(0), stream))
    return Status::error("the time " + quoteForMessage(text) +
                         " is a date, but those of the history do not count "
                         "from 1970; give it as they are");
  return convertTime(single.time.front(), single.timeScale, stream.timeScale);
}

Timestamp orcinus::convertTime(Timestamp time, TimeScale from,
                               TimeScale timeScale) {
  if (from == timeScale)
    return time;
  int64_t before = from.ticksPerSecond(), after = timeScale.ticksPerSecond();
  if (before == 0 || after == 0)
    return timeScale.at(from.seconds(time));
  constexpr __int128 farthest = __int128(1) << 62;
  __int128 ticks = __int128(time.key()) * after;
  ticks = (ticks + (ticks < 0 ? -before : before) / 2) / before;
  return Timestamp::fromKey(
      static_cast<int64_t>(std::clamp(ticks, -farthest, farthest)));
}
