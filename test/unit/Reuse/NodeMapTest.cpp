//===- NodeMapTest.cpp - The hash map against the standard one ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/NodeMap.h"

#include "ReuseTestSupport.h"

#include <gtest/gtest.h>

#include <unordered_map>

using namespace orcinus;
using orcinus::test::Random;

TEST(NodeMap, AgreesWithStandardMap) {
  // Strides make ids collide in a table that hashes badly.
  for (int32_t stride : {1, 64, 4096, 1 << 20}) {
    Random random(stride);
    NodeMap map;
    std::unordered_map<int32_t, int32_t> oracle;
    for (int32_t step = 0; step < 20000; ++step) {
      int32_t node = random.between(0, 500) * stride;
      if (random.between(0, 2) == 0) {
        map.erase(node);
        oracle.erase(node);
      } else {
        auto [value, inserted] = map.tryInsert(node, step);
        auto [position, isNew] = oracle.try_emplace(node, step);
        ASSERT_EQ(value, position->second);
        ASSERT_EQ(inserted, isNew);
      }
      ASSERT_EQ(map.size(), static_cast<int64_t>(oracle.size()));
    }
    for (int32_t index = 0; index <= 500; ++index) {
      const int32_t *value = map.find(index * stride);
      auto position = oracle.find(index * stride);
      ASSERT_EQ(value != nullptr, position != oracle.end());
      if (value)
        ASSERT_EQ(*value, position->second);
    }
    map.clear();
    EXPECT_EQ(map.size(), 0);
    EXPECT_EQ(map.find(0), nullptr);
  }
}
