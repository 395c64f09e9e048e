//===- TimeColumnTest.cpp - The times of a file, exactly ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Graph/TimeColumn.h"
#include "../TestStreams.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

using namespace orcinus;

namespace {

/// The stream of `times`, and in `note` what they were taken for.
EventStream read(const std::vector<std::string> &times,
                 const std::string &unit = "auto",
                 std::string *note = nullptr) {
  TimeColumn column(unit);
  for (const std::string &time : times)
    EXPECT_EQ(column.add(time), "") << time;
  EventStream stream;
  std::string text = column.finish(stream);
  if (note)
    *note = text;
  return stream;
}

std::string errorOf(const std::vector<std::string> &times,
                    const std::string &unit = "auto") {
  TimeColumn column(unit);
  std::string last;
  for (const std::string &time : times)
    last = column.add(time);
  return last;
}

TEST(TimeColumn, NanosecondsSince1970AreExact) {
  std::string note;
  EventStream stream = read({"1700000000000000001", "1700000000000000002",
                             "1700000000000000002", "1700000000000001003"},
                            "auto", &note);
  EXPECT_EQ(note, "times in nanoseconds since 1970, by their size");
  EXPECT_LT(stream.time[0], stream.time[1]);
  EXPECT_EQ(stream.time[1], stream.time[2]);
  EXPECT_EQ(stream.timeScale.difference(stream.time[1], stream.time[0]), 1e-9);
  EXPECT_EQ(stream.timeScale.difference(stream.time[3], stream.time[2]),
            1001e-9);
  EXPECT_EQ(stream.seconds(0), 1700000000.0);
}

TEST(TimeColumn, DescentsOfANanosecondAreSeen) {
  TimeColumn column("auto");
  EXPECT_EQ(column.add("1700000000000000100"), "");
  EXPECT_FALSE(column.descends());
  EXPECT_EQ(column.add("1700000000000000099"), "");
  EXPECT_TRUE(column.descends());
}

TEST(TimeColumn, TellsUnitsSince1970BySize) {
  std::string note;
  for (auto [time, plural] :
       {std::pair("1700000000", "seconds"),
        std::pair("1700000000000", "milliseconds"),
        std::pair("1700000000000000", "microseconds"),
        std::pair("1700000000000000000", "nanoseconds")}) {
    EventStream stream = read({time}, "auto", &note);
    EXPECT_EQ(stream.seconds(0), 1700000000) << plural;
    EXPECT_EQ(note,
              fmt::format("times in {} since 1970, by their size", plural));
  }
  read({"0", "1700000000000"}, "auto", &note);
  EXPECT_EQ(note.find("times taken for seconds, which makes 53870 years"), 0u)
      << note;
  read({"0", "1000"}, "auto", &note);
  EXPECT_EQ(note, "times taken for seconds");
}

/// `seconds` seconds in days, as a program prints a double.
std::string inDays(double seconds) {
  return fmt::format("{}", seconds / 86400);
}

TEST(TimeColumn, EveryUnitGivesTheSameStream) {
  std::mt19937_64 random(5);
  for (double start : {0.0, 1.7e9}) {
    std::vector<std::string> s, ms, us, ns, d;
    int64_t second = 0;
    for (int event = 0; event < 2000; ++event) {
      second += static_cast<int64_t>(random() % 20000);
      int64_t time = static_cast<int64_t>(start) + second;
      s.push_back(std::to_string(time) + (event % 2 ? ".0" : ""));
      ms.push_back(std::to_string(time) + "000");
      us.push_back(std::to_string(time) + "000000");
      ns.push_back(std::to_string(time) + "000000000");
      d.push_back(inDays(static_cast<double>(time)));
    }
    EventStream expected = read(s, "s");
    for (const auto &[unit, times] :
         {std::pair("ms", ms), {"us", us}, {"ns", ns}, {"d", d}}) {
      EventStream stream = read(times, unit);
      EXPECT_EQ(stream.timeScale, expected.timeScale) << unit;
      EXPECT_TRUE(stream.time == expected.time) << unit;
    }
    for (int64_t event = 0; event < 2000; ++event)
      ASSERT_EQ(expected.seconds(event), std::stod(s[size_t(event)]));
  }
}

TEST(TimeColumn, FractionsOfSecondsAreTheSameInEveryUnit) {
  EventStream expected = read({"0.5", "1.25", "1700000000.123456"}, "s");
  EXPECT_EQ(expected.timeScale, TimeScale::ticks(1'000'000'000));
  EXPECT_TRUE(read({"500", "1.25e3", "1700000000123.456"}, "ms").time ==
              expected.time);
  EXPECT_TRUE(read({"500000", "1250000", "1700000000123456"}, "us").time ==
              expected.time);
  EXPECT_TRUE(
      read({"500000000", "1250000000", "1700000000123456000"}, "ns").time ==
      expected.time);
  // In microseconds that are a second apart doubles would be 200 ns off.
  EXPECT_EQ(expected.timeScale.difference(
                read({"1700000000.123457"}, "s").time[0], expected.time[2]),
            1e-6);
}

TEST(TimeColumn, WhatIsFinerThanNanosecondsStaysDoubles) {
  std::vector<std::string> times = {"0.1234567890123", "0.3000000000000004"};
  EventStream stream = read(times);
  EXPECT_EQ(stream.timeScale, TimeScale());
  EXPECT_EQ(stream.seconds(0), 0.1234567890123);
  EXPECT_EQ(stream.seconds(1), 0.3000000000000004);
  stream = read({"1e38", "2e38"});
  EXPECT_EQ(stream.seconds(1), 2e38);
  EXPECT_EQ(errorOf({"1e38", "1e39"}),
            " is beyond single precision, in which models read times; correct "
            "or remove the row");
  stream = read({"0.00000000000000000001", "1e15"});
  EXPECT_EQ(stream.seconds(0), 1e-20);
}

TEST(TimeColumn, IntegersBeyondDoublesStayExact) {
  EventStream stream =
      read({"4611686018427387903", "4611686018427387904"}, "s");
  EXPECT_LT(stream.time[0], stream.time[1]);
  EXPECT_EQ(stream.timeScale.difference(stream.time[1], stream.time[0]), 1);
}

TEST(TimeColumn, DatesOfIso8601) {
  constexpr int64_t day = 86400'000'000'000;
  constexpr int64_t noon = 19783 * day + day / 2; // 2024-03-01T12:00Z
  for (std::string_view text :
       {"2024-03-01T12:00:00Z", "2024-03-01 12:00:00", "2024-03-01T12:00",
        "2024-03-01T12", "2024-03-01t12:00:00z", "2024-03-01T14:00:00+02:00",
        "2024-03-01T06:30:00-0530", "2024-03-01T13+01", "20240301T120000Z",
        "2024-03-01T12:00:00.000000Z", "2024-03-01 12:00:00 +00:00"})
    EXPECT_EQ(parseIsoTime(text), noon) << text;
  EXPECT_EQ(parseIsoTime("2024-03-01T12:00:00.000000001Z"), noon + 1);
  EXPECT_EQ(parseIsoTime("2024-03-01T12:00:00,25"), noon + 250'000'000);
  EXPECT_EQ(parseIsoTime("2024-02-29"), 19782 * day);
  EXPECT_EQ(parseIsoTime("2024-02-29T24:00:00Z"), 19783 * day);
  EXPECT_EQ(parseIsoTime("2016-12-31T23:59:60Z"),
            parseIsoTime("2017-01-01T00:00:00Z"));
  for (std::string_view text :
       {"", "2024", "20240301", "2024-13-01", "2023-02-29", "2024-03-01T25:00",
        "2024-03-01T12:60", "2024-03-01T", "2024-03-01T12:00:00.",
        "2024-03-01T12:00:00X", "2024-03-01T24:00:01", "2024-03-01Z",
        "2024-03-01T12:00:00.0000000001Z", "2024-03-01T12:00+", "2024-3-1",
        "9999-01-01", "2024-03-01T12:00:00+24:00", "12:30"})
    EXPECT_EQ(parseIsoTime(text), std::nullopt) << text;
}

TEST(TimeColumn, DatesAndSecondsAreTheSameStream) {
  std::string note;
  EventStream dates =
      read({"2023-11-14T22:13:20Z", "2023-11-14T22:13:20.5Z"}, "auto", &note);
  EXPECT_EQ(note, "times of ISO 8601");
  EXPECT_TRUE(dates.time == read({"1700000000", "1700000000.5"}).time);
  read({"2023-11-14"}, "auto", &note);
  EXPECT_EQ(note, "times of ISO 8601 without a zone, taken for UTC");
}

TEST(TimeColumn, Errors) {
  EXPECT_EQ(errorOf({"nan"}), " is not finite; correct or remove the row");
  EXPECT_NE(errorOf({"-1"}).find("negative"), std::string::npos);
  EXPECT_NE(errorOf({"1969-12-31T23:59:59Z"}).find("before 1970"),
            std::string::npos);
  EXPECT_NE(errorOf({"5", "2024-01-01"}).find("is not a number"),
            std::string::npos);
  EXPECT_NE(errorOf({"2024-01-01", "5"}).find("ISO 8601"), std::string::npos);
  EXPECT_NE(errorOf({"1e15"}, "d").find("--time-unit"), std::string::npos);
}

TEST(TimeScale, OrdersDoublesOfEverySize) {
  TimeScale scale;
  std::vector<double> values = {-1e300, -2.5, -1e-300, -0.0,  1e-320,
                                1e-9,   1,    1.5,     1e300, INFINITY};
  for (size_t i = 0; i + 1 < values.size(); ++i) {
    EXPECT_LT(scale.at(values[i]), scale.at(values[i + 1])) << values[i];
    EXPECT_EQ(scale.seconds(scale.at(values[i])), values[i]);
  }
  EXPECT_EQ(scale.at(-0.0), scale.at(0.0));
  EXPECT_EQ(scale.at(0.0), Timestamp());
  EXPECT_LT(scale.at(INFINITY), Timestamp::latest());
}

TEST(TimeScale, RoundsToTicks) {
  TimeScale scale = TimeScale::ticks(10);
  EXPECT_EQ(scale.at(0.26).key(), 3);
  EXPECT_EQ(scale.at(-0.26).key(), -3);
  EXPECT_EQ(scale.at(1e300).key(), int64_t(1) << 62);
  EXPECT_EQ(scale.at(-1e300).key(), -(int64_t(1) << 62));
}

TEST(ParseTime, GivesThePointsOfAColumn) {
  TimeScale seconds, nanoseconds = TimeScale::ticks(1000000000);
  auto at = [](std::string_view text, std::string_view unit, TimeScale scale) {
    EventStream stream;
    stream.timeScale = scale;
    auto time = parseTime(text, unit, stream);
    EXPECT_TRUE(time.ok()) << time.message();
    return time.ok() ? time->key() : -1;
  };
  EXPECT_EQ(at("12", "auto", seconds), seconds.at(12).key());
  EXPECT_EQ(at("12.5", "auto", seconds), seconds.at(12.5).key());
  EXPECT_EQ(at("1500", "ms", seconds), seconds.at(1.5).key());
  EXPECT_EQ(at("1700000000123", "auto", nanoseconds), 1700000000123000000);
  EXPECT_EQ(at("1700000000.123456789", "auto", nanoseconds),
            1700000000123456789);
  EXPECT_EQ(at("2023-11-14T22:13:20Z", "auto", seconds),
            seconds.at(1700000000).key());
  for (const char *bad : {"", "noon", "-1", "nan", "inf", "1e999"})
    EXPECT_FALSE(parseTime(bad, "auto", EventStream()).ok()) << bad;
}

/// A time that could be of 1990 to 2099 in another unit is none where the
/// stream counts from 0.
TEST(ParseTime, ANumberCountsWhatTheStreamsDo) {
  auto secondsOf = [](std::vector<double> times, std::string_view text,
                      std::string_view unit = "auto") {
    EventStream stream;
    stream.setSeconds(times);
    auto time = parseTime(text, unit, stream);
    EXPECT_TRUE(time.ok()) << time.message();
    return time.ok() ? stream.timeScale.seconds(*time) : -1;
  };
  EXPECT_EQ(secondsOf({0, 1.2e12}, "1100000000000"), 1.1e12);
  EXPECT_EQ(secondsOf({7e11, 8e11}, "750000000000"), 7.5e11);
  EXPECT_EQ(secondsOf({3, 5}, "1e18"), 1e18);
  EXPECT_EQ(secondsOf({0, 1.2e12}, "1100000000000", "ms"), 1.1e9);
  EXPECT_EQ(secondsOf({1.7e9, 1.8e9}, "1750000000000"), 1.75e9);
  EXPECT_EQ(secondsOf({1.7e9, 1.8e9}, "1750000000"), 1.75e9);
  EXPECT_EQ(secondsOf({0, 10}, "1970-01-01T00:00:07Z"), 7);
}

TEST(ConvertTime, RoundsToTheNearestTick) {
  TimeScale milliseconds = TimeScale::ticks(1000), whole = TimeScale::ticks(1);
  auto convert = [](int64_t key, TimeScale from, TimeScale to) {
    return convertTime(Timestamp::fromKey(key), from, to).key();
  };
  EXPECT_EQ(convert(1499, milliseconds, whole), 1);
  EXPECT_EQ(convert(1500, milliseconds, whole), 2);
  EXPECT_EQ(convert(-1499, milliseconds, whole), -1);
  EXPECT_EQ(convert(3, whole, milliseconds), 3000);
  EXPECT_EQ(convert(7, milliseconds, milliseconds), 7);
  EXPECT_EQ(convert(INT64_MAX, whole, milliseconds), int64_t(1) << 62);
  EXPECT_EQ(convert(2500, milliseconds, TimeScale()),
            TimeScale().at(2.5).key());
}

} // namespace
