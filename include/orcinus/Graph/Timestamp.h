//===- Timestamp.h - Points in time, exactly --------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_TIMESTAMP_H
#define ORCINUS_GRAPH_TIMESTAMP_H

#include <bit>
#include <compare>
#include <cstdint>
#include <limits>

namespace orcinus {

/// No time is more seconds: models read how far times are apart in single
/// precision.
constexpr double largestSeconds = std::numeric_limits<float>::max();

/// A point in time of one stream. Order and equality are exact; how far two
/// are apart, the stream's `TimeScale` tells. The default is second 0 of any
/// scale.
class Timestamp {
public:
  constexpr Timestamp() = default;
  static constexpr Timestamp fromKey(int64_t key) {
    Timestamp result;
    result.value = key;
    return result;
  }

  /// Not before any other.
  static constexpr Timestamp latest() { return fromKey(INT64_MAX); }

  /// A number with the order of the points in time.
  constexpr int64_t key() const { return value; }

  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;

private:
  int64_t value = 0;
};

/// How the keys of a stream's timestamps count: as doubles of seconds, or as
/// whole ticks. Nanoseconds since 1970 need ticks: doubles of that size are
/// 200 ns apart.
class TimeScale {
public:
  /// Doubles of seconds. The key of a double is its bits, which have the order
  /// of the values once those below the sign of a negative are inverted.
  constexpr TimeScale() = default;
  /// Whole ticks, `perSecond` > 0 in a second.
  static constexpr TimeScale ticks(int64_t perSecond) {
    TimeScale result;
    result.perSecond = perSecond;
    return result;
  }

  /// 0 where timestamps are doubles of seconds.
  constexpr int64_t ticksPerSecond() const { return perSecond; }

  /// The timestamp of `seconds` (finite): exact for doubles, else the nearest
  /// tick, at most 2^62 from second 0.
  Timestamp at(double seconds) const {
    if (perSecond > 0)
      return Timestamp::fromKey(nearestTick(seconds));
    // Adding zero makes the two zeros one.
    return Timestamp::fromKey(ordered(std::bit_cast<int64_t>(seconds + 0.0)));
  }

  /// The seconds from second 0 to `time`, in double precision.
  double seconds(Timestamp time) const {
    return perSecond > 0 ? static_cast<double>(time.key()) /
                               static_cast<double>(perSecond)
                         : std::bit_cast<double>(ordered(time.key()));
  }

  /// The seconds from `earlier` to `later`: the exact difference of ticks, or
  /// that of the doubles, rounded to double precision.
  double difference(Timestamp later, Timestamp earlier) const {
    return perSecond > 0 ? static_cast<double>(later.key() - earlier.key()) /
                               static_cast<double>(perSecond)
                         : seconds(later) - seconds(earlier);
  }

  friend constexpr bool operator==(TimeScale, TimeScale) = default;

private:
  static constexpr int64_t ordered(int64_t bits) {
    return bits >= 0 ? bits : bits ^ INT64_MAX;
  }

  int64_t nearestTick(double seconds) const {
    constexpr double farthest = 0x1p62;
    double ticks = seconds * static_cast<double>(perSecond);
    if (ticks >= farthest || ticks <= -farthest)
      return ticks > 0 ? int64_t(1) << 62 : -(int64_t(1) << 62);
    return static_cast<int64_t>(ticks < 0 ? ticks - 0.5 : ticks + 0.5);
  }

  int64_t perSecond = 0;
};

} // namespace orcinus

#endif // ORCINUS_GRAPH_TIMESTAMP_H
