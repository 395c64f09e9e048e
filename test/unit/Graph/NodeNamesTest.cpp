//===- NodeNamesTest.cpp - What nodes are called --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/NodeNames.h"

#include <gtest/gtest.h>

using namespace orcinus;

namespace {

TEST(NodeNames, NumbersHaveManySpellings) {
  EventStream stream;
  stream.nodeCount = 2;
  stream.externalIds = {7, 1000};
  NodeNames names(stream);
  for (const char *spelling : {"7", "007", "7.0", "7e0"})
    EXPECT_EQ(names.find(spelling), 0) << spelling;
  EXPECT_EQ(names.find("1000"), 1);
  EXPECT_EQ(names.find("0"), std::nullopt);
  EXPECT_EQ(names.findOrAdd("0008"), 2);
  EXPECT_EQ(names.findOrAdd("8"), 2);
  EXPECT_EQ(names.name(2), "8");
  EXPECT_EQ(names.findOrAdd("eight"), 3);
  EXPECT_EQ(names.nodeCount(), 4);
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

} // namespace
