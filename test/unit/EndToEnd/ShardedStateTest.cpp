//===- ShardedStateTest.cpp - States of nodes in one process each ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShardRuns.h"

using namespace orcinus;
using namespace orcinus::test;

namespace {

class ShardedStateTest : public ShardTest {};

TEST_P(ShardedStateTest, GivesTheSameBitsAsStatesInEachProcess) {
  auto model = compile(0.3f);
  ASSERT_TRUE(model);
  expectTheSameWithShardedStates(model);
}

/// The step of a whole batch, which reads and writes what it has fetched.
TEST_P(ShardedStateTest, GivesTheSameBitsWithoutShards) {
  auto model = compile(0.3f);
  ASSERT_TRUE(model);
  Outcome expected = train(model, 1, 1)[0];
  state = "sharded";
  EXPECT_TRUE(train(model, 1, 1)[0] == expected);
}

INSTANTIATE_TEST_SUITE_P(Models, ShardedStateTest,
                         testing::Values("tgn", "tgat", "apan", "jodie",
                                         "dyrep"),
                         [](const auto &tested) { return tested.param; });

} // namespace
