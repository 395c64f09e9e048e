//===- ArrayStreamTest.cpp - Event streams of arrays ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/ArrayStream.h"

#include "../TestStreams.h"
#include "TemporaryFolder.h"
#include "orcinus/Graph/Loader.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace orcinus;
using test::TemporaryFolder;

namespace {

template <typename T>
Column<T> borrowed(const std::vector<T> &values) {
  return Column<T>::borrow(values, std::make_shared<int>());
}

TEST(Column, BorrowsUntilItIsChanged) {
  std::vector<int32_t> values{3, 1, 2};
  Column<int32_t> column = borrowed(values);
  Column<int32_t> copy = column;
  EXPECT_EQ(column.data(), values.data());
  EXPECT_EQ(copy.data(), values.data());
  copy.push_back(7);
  EXPECT_FALSE(copy.isBorrowed());
  EXPECT_EQ(copy, (Column<int32_t>{3, 1, 2, 7}));
  EXPECT_EQ(values, (std::vector<int32_t>{3, 1, 2}));
  column.set(0, 9);
  EXPECT_EQ(column, (Column<int32_t>{9, 1, 2}));
  EXPECT_EQ(values.front(), 3);
}

TEST(Column, KeepsWhatItBorrowsAlive) {
  auto owner = std::make_shared<std::vector<float>>(100, 1.5f);
  std::weak_ptr<std::vector<float>> watched = owner;
  auto column = Column<float>::borrow(*owner, owner);
  owner.reset();
  Column<float> moved = std::move(column);
  EXPECT_TRUE(column.empty());
  EXPECT_EQ(moved[99], 1.5f);
  EXPECT_FALSE(watched.expired());
  moved.clear();
  EXPECT_TRUE(watched.expired());
}

TEST(Column, CopiesAndMovesOwnValues) {
  Column<int32_t> one{1, 2, 3};
  Column<int32_t> copy = one;
  copy.set(1, 5);
  EXPECT_EQ(one[1], 2);
  const int32_t *place = one.data();
  Column<int32_t> moved = std::move(one);
  EXPECT_EQ(moved.data(), place);
  moved = copy;
  EXPECT_EQ(moved, (Column<int32_t>{1, 5, 3}));
}

/// The stream of a file with the rows.
EventStream ofFile(const std::string &text) {
  TemporaryFolder folder;
  auto loaded = loadEventStream(folder.write("events.txt", text));
  EXPECT_TRUE(loaded.ok()) << loaded.message();
  return std::move(loaded->stream);
}

void expectSame(const EventStream &one, const EventStream &other) {
  EXPECT_EQ(one.source, other.source);
  EXPECT_EQ(one.destination, other.destination);
  EXPECT_EQ(one.time, other.time);
  EXPECT_EQ(one.timeScale, other.timeScale);
  EXPECT_EQ(one.nodeCount, other.nodeCount);
  EXPECT_EQ(one.externalIds, other.externalIds);
  EXPECT_EQ(one.externalNames, other.externalNames);
}

TEST(ArrayStream, IntegersAreThoseOfAFile) {
  std::mt19937 random(1);
  for (int64_t range : {4, 50, 1000000}) {
    std::string text;
    std::vector<int64_t> sources, destinations, times;
    for (int64_t event = 0; event != 200; ++event) {
      sources.push_back(random() % range);
      destinations.push_back(random() % range);
      times.push_back(event / 3 * 7);
      text += std::to_string(sources.back()) + " " +
              std::to_string(destinations.back()) + " " +
              std::to_string(times.back()) + "\n";
    }
    EventStream stream;
    ASSERT_TRUE(setNodes(stream, std::span<const int64_t>(sources),
                         std::span<const int64_t>(destinations))
                    .ok());
    ASSERT_TRUE(setTimes(stream, Column<int64_t>(times), "auto").ok());
    ASSERT_TRUE(checkStream(stream).ok());
    expectSame(stream, ofFile(text));

    EventStream narrow;
    std::vector<int32_t> narrowSources(sources.begin(), sources.end());
    std::vector<int32_t> narrowEnds(destinations.begin(), destinations.end());
    ASSERT_TRUE(
        setNodes(narrow, borrowed(narrowSources), borrowed(narrowEnds)).ok());
    std::vector<double> seconds(times.begin(), times.end());
    ASSERT_TRUE(setTimes(narrow, borrowed(seconds), "s").ok());
    expectSame(narrow, ofFile(text));
    EXPECT_EQ(narrow.source.isBorrowed(), range == 4 || range == 50);
    EXPECT_TRUE(narrow.time.isBorrowed());
  }
}

TEST(ArrayStream, TextsAreThoseOfAFile) {
  const std::string names[][2] = {
      {"alice", "shop"}, {"bob", "shop"}, {"7", "alice"}};
  std::string text;
  std::vector<std::string> sources, destinations;
  for (const auto &[source, destination] : names) {
    sources.push_back(source);
    destinations.push_back(destination);
    text += source + "," + destination + ",5\n";
  }
  EventStream stream;
  ASSERT_TRUE(setNodes(stream, std::span<const std::string>(sources),
                       std::span<const std::string>(destinations))
                  .ok());
  ASSERT_TRUE(setTimes(stream, Column<int64_t>{5, 5, 5}, "s").ok());
  expectSame(stream, ofFile(text));
  sources[1] = "nan";
  EXPECT_NE(setNodes(stream, std::span<const std::string>(sources),
                     std::span<const std::string>(destinations))
                .message()
                .find("event 1: node id 'nan' is missing"),
            std::string::npos);
}

TEST(ArrayStream, NanosecondsAreThoseOfAFile) {
  constexpr int64_t second = 1000000000;
  for (int64_t fraction : {int64_t(0), int64_t(250000000), int64_t(3)}) {
    std::vector<int64_t> times{1709280120 * second,
                               1709280121 * second + fraction};
    EventStream stream;
    ASSERT_TRUE(
        setNodes(stream, Column<int32_t>{0, 1}, Column<int32_t>{1, 0}).ok());
    ASSERT_TRUE(setTimes(stream, borrowed(times), "auto").ok());
    expectSame(stream, ofFile("0 1 " + std::to_string(times[0]) + "\n1 0 " +
                              std::to_string(times[1]) + "\n"));
    // A file keeps the finest ticks as well.
    EXPECT_EQ(stream.time.isBorrowed(), fraction != 0);
  }
}

TEST(ArrayStream, UnitsSayWhatATimeIs) {
  for (const auto &[unit, factor] :
       {std::pair("min", 60.0), {"h", 3600.0}, {"d", 86400.0}, {"ms", 1e-3}}) {
    EventStream whole, real;
    ASSERT_TRUE(setTimes(whole, Column<int64_t>{0, 2000}, unit).ok());
    ASSERT_TRUE(setTimes(real, Column<double>{0, 2000}, unit).ok());
    EXPECT_DOUBLE_EQ(whole.seconds(1), 2000 * factor);
    EXPECT_DOUBLE_EQ(real.seconds(1), 2000 * factor);
  }
  EventStream stream;
  EXPECT_NE(setTimes(stream, Column<double>{0}, "weeks")
                .message()
                .find("'weeks' is no unit"),
            std::string::npos);
}

TEST(ArrayStream, SaysWhatIsWrong) {
  auto timesMessage = [](Column<double> times) {
    EventStream stream;
    return setTimes(stream, std::move(times), "s").message();
  };
  EXPECT_EQ(timesMessage({0, 3, 2}),
            "event 2 is earlier than the one before: sort the events by time");
  EXPECT_EQ(timesMessage({-1}), "event 0 has a negative time");
  EXPECT_EQ(timesMessage({0, NAN}), "event 1 has a time that is not finite");
  EXPECT_EQ(timesMessage({-0.0, 0}), "");
  EventStream zeros;
  ASSERT_TRUE(setTimes(zeros, Column<double>{0, -0.0, 1}, "s").ok());
  EXPECT_EQ(test::secondsOf(zeros), (std::vector<double>{0, 0, 1}));
  EXPECT_EQ(zeros.time[0], zeros.time[1]);

  EventStream stream;
  EXPECT_EQ(
      setNodes(stream, Column<int32_t>{0, 1}, Column<int32_t>{0}).message(),
      "2 sources and 1 destinations: an event has one of each");
  EXPECT_EQ(
      setNodes(stream, Column<int32_t>{0, -1}, Column<int32_t>{0, 0}).message(),
      "event 1 has a negative node id: number the nodes from 0, or give "
      "ids as text");
  std::vector<std::string> none;
  EXPECT_TRUE(setNodes(stream, std::span<const std::string>(none), none).ok());
  EXPECT_TRUE(setNodes(stream, Column<int32_t>(), {}).ok());
  EXPECT_EQ(checkStream(stream).message(), "there is no event");
  ASSERT_TRUE(
      setNodes(stream, Column<int32_t>{0, 1}, Column<int32_t>{1, 0}).ok());
  ASSERT_TRUE(setTimes(stream, Column<double>{0, 1}, "s").ok());
  EXPECT_TRUE(checkStream(stream).ok());
  stream.edgeFeatures = {1, 2, Column<float>{0, 0}};
  EXPECT_EQ(checkStream(stream).message(),
            "1 rows of features for 2 events: give one row each");
  stream.edgeFeatures = {2, 2, Column<float>{0, 0, 1, INFINITY}};
  EXPECT_EQ(checkStream(stream).message(),
            "feature 1 of event 1 is not finite");
  stream.edgeFeatures = {};
  stream.labels.push_back(
      labelColumn("kind", std::vector<std::string>{"a", "", "a"}));
  EXPECT_EQ(stream.labels[0].codes, (std::vector<int32_t>{0, -1, 0}));
  EXPECT_EQ(checkStream(stream).message(),
            "3 labels of 'kind' for 2 events: give one each, an empty one for "
            "none");
}

} // namespace
