//===- NodeNamesTest.cpp - What nodes are called --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/NodeNames.h"

#include "TemporaryFolder.h"
#include "lib/Graph/IdMapping.h"
#include "orcinus/Graph/Loader.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

using namespace orcinus;

namespace {

/// What a file of that text is loaded as.
StatusOr<LoadedStream> loadText(const std::string &text) {
  test::TemporaryFolder folder;
  return loadEventStream(
      folder.write("events.csv", "source,destination,time\n" + text));
}

TEST(NodeNames, NumbersAreSpeltAsInFiles) {
  EventStream stream;
  stream.nodeCount = 2;
  stream.externalIds = {7, 1000};
  NodeNames names(stream);
  for (const char *spelling : {"7", "7.0"})
    EXPECT_EQ(names.find(spelling), 0) << spelling;
  for (const char *other : {"007", "7e0", "+7", "7.5"})
    EXPECT_EQ(names.find(other), std::nullopt) << other;
  EXPECT_EQ(names.find("1000"), 1);
  EXPECT_EQ(names.find("0"), std::nullopt);
  EXPECT_EQ(names.findOrAdd("8.0"), 2);
  EXPECT_EQ(names.findOrAdd("8"), 2);
  EXPECT_EQ(names.name(2), "8");
  EXPECT_EQ(names.findOrAdd("eight"), 3);
  EXPECT_EQ(names.nodeCount(), 4);
}

/// A stream's events have the same nodes, whether they come in one file or were
/// appended to one of them.
TEST(NodeNames, AgreeWithTheLoader) {
  for (const char *name : {"7", "007", "7.0", "0", "00", "0.0", "-7", "-7.0",
                           "7e0", "seven", "18446744073709551616"}) {
    auto loaded = loadText(std::string("7,0,1\n") + name + ",0,2\n");
    ASSERT_TRUE(loaded.ok()) << loaded.message();
    EventStream history;
    history.nodeCount = 2;
    history.externalIds = {0, 7};
    NodeNames names(history);
    int32_t node = names.findOrAdd(name);
    EXPECT_EQ(names.name(node),
              loaded->stream.nodeName(loaded->stream.source[1]))
        << name;
    EXPECT_TRUE(checkNodeName(name).ok()) << name;
  }
  for (const char *name : {"7.5", "-7.5", "", "nan", "null"}) {
    EXPECT_FALSE(loadText(std::string("7,0,1\n") + name + ",0,2\n").ok())
        << name;
    EXPECT_FALSE(checkNodeName(name).ok()) << name;
  }
}

TEST(NodeNames, TextIsTakenAsItStands) {
  EventStream stream;
  stream.nodeCount = 2;
  stream.externalNames = {"7", "a b"};
  NodeNames names(stream);
  EXPECT_EQ(names.find("a b"), 1);
  EXPECT_EQ(names.find("007"), std::nullopt);
  EXPECT_EQ(names.findOrAdd("007"), 2);
  EXPECT_EQ(names.name(2), "007");
}

TEST(NodeNames, WithoutNamesNodesAreTheirNumbers) {
  EventStream stream;
  stream.nodeCount = 3;
  NodeNames names(stream);
  for (int32_t node = 0; node != 3; ++node)
    EXPECT_EQ(names.find(std::to_string(node)), node);
}

// The names are found by views of them, which must stay where they are.
TEST(NodeNames, ManyAndMoved) {
  EventStream stream;
  stream.nodeCount = 1;
  NodeNames first(stream);
  for (int32_t node = 1; node != 5000; ++node)
    ASSERT_EQ(first.findOrAdd("n" + std::to_string(node)), node);
  NodeNames names(std::move(first));
  for (int32_t node = 1; node != 5000; ++node)
    ASSERT_EQ(names.find("n" + std::to_string(node)), node);
}

/// Two events 9 -> 5 and 7 -> 9 of integers that were numbered in their order,
/// 5, 7 and 9, with a feature each.
EventStream grownStream() {
  EventStream stream;
  stream.source = {2, 1};
  stream.destination = {0, 2};
  stream.setSeconds(std::array{1.0, 2.0});
  stream.nodeCount = 3;
  stream.externalIds = {5, 7, 9};
  stream.nodeFeatures.rows = 3;
  stream.nodeFeatures.columns = 2;
  stream.nodeFeatures.values = {50, 51, 70, 71, 90, 91};
  return stream;
}

TEST(NumberNodesAs, KnownNodesKeepTheirNumbers) {
  EventStream stream = grownStream();
  numberNodesAs({"9", "5"}, stream);
  EXPECT_EQ(stream.externalIds, (std::vector<int64_t>{9, 5, 7}));
  EXPECT_EQ(stream.source, (Column<int32_t>{0, 2}));
  EXPECT_EQ(stream.destination, (Column<int32_t>{1, 0}));
  EXPECT_EQ(stream.nodeFeatures.values,
            (Column<float>{90, 91, 50, 51, 70, 71}));
}

TEST(NumberNodesAs, NamesAreOfAnyKind) {
  EventStream stream = grownStream();
  stream.externalIds.clear();
  numberNodesAs({"2"}, stream);
  EXPECT_EQ(stream.externalIds, (std::vector<int64_t>{2, 0, 1}));
  EXPECT_EQ(stream.source, (Column<int32_t>{0, 2}));
  stream = grownStream();
  stream.externalIds.clear();
  stream.externalNames = {"a", "b", "c"};
  numberNodesAs({"c", "b"}, stream);
  EXPECT_EQ(stream.externalNames, (std::vector<std::string>{"c", "b", "a"}));
  EXPECT_TRUE(stream.externalIds.empty());
  EXPECT_EQ(stream.destination, (Column<int32_t>{2, 0}));
}

TEST(NumberNodesAs, NothingChangesWithoutOneOfTheNames) {
  std::vector<std::vector<std::string>> others{
      {}, {"5", "7"}, {"9", "8"}, {"9", "9"}, {"9", "5", "7", "1"}};
  for (const auto &names : others) {
    EventStream stream = grownStream();
    numberNodesAs(names, stream);
    EXPECT_EQ(stream.externalIds, grownStream().externalIds);
    EXPECT_EQ(stream.source, grownStream().source);
    EXPECT_EQ(stream.nodeFeatures.values, grownStream().nodeFeatures.values);
  }
}

} // namespace
