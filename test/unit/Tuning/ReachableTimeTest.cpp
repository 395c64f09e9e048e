//===- ReachableTimeTest.cpp - What an operator could reach ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tuning/ReachableTime.h"

#include "lib/Tuning/OperatorFamilies.h"

#include <gtest/gtest.h>

using namespace orcinus;

/// The time of `op` at `rate` operations a unit of it.
static double timeAt(const OperatorDescription &op, double rate) {
  return static_cast<double>(op.floatingPointOperations()) / rate;
}

TEST(ReachableTime, KnowsNothingOfOneAlone) {
  ReachableTime reachable;
  OperatorDescription op = matmul(64, 64, 64);
  EXPECT_FALSE(reachable.expected(op));
  reachable.note(op, 5);
  EXPECT_FALSE(reachable.expected(op)) << "itself is no measure of it";
  EXPECT_FALSE(reachable.expected(rowReduction("softmax", 64, 64)));
}

TEST(ReachableTime, ExpectsWhatSiblingsReach) {
  ReachableTime reachable;
  OperatorDescription known = matmul(64, 64, 64), op = matmul(512, 256, 64);
  reachable.note(known, timeAt(known, 100));
  ASSERT_TRUE(reachable.expected(op));
  EXPECT_NEAR(*reachable.expected(op), timeAt(op, 100), 1e-9 * timeAt(op, 100));
  // Operations of a convolution are as those of a product.
  ConvolutionShape shape;
  shape.spatial = {28, 28};
  shape.inputChannels = shape.outputChannels = 64;
  shape.window = 3;
  OperatorDescription sums = convolution(shape);
  EXPECT_NEAR(*reachable.expected(sums), timeAt(sums, 100),
              1e-9 * timeAt(sums, 100));
}

TEST(ReachableTime, ExpectsNothingOfWhatWaitsForMemory) {
  ReachableTime reachable;
  OperatorDescription product = matmul(256, 256, 256),
                      vector = matmul(1, 1024, 1024),
                      larger = matmul(1, 2048, 1024);
  reachable.note(product, timeAt(product, 100));
  EXPECT_FALSE(reachable.expected(vector));
  // But from another that does as little with each byte.
  reachable.note(vector, timeAt(vector, 20));
  EXPECT_NEAR(*reachable.expected(larger), timeAt(larger, 20),
              0.01 * timeAt(larger, 20));
}

TEST(ReachableTime, DoesNotBelieveTheOneThatStandsOut) {
  ReachableTime reachable;
  OperatorDescription op = matmul(512, 512, 512);
  for (int64_t rows : {128, 256}) {
    OperatorDescription known = matmul(rows, 512, 512);
    reachable.note(known, timeAt(known, 100));
  }
  OperatorDescription lucky = matmul(500, 512, 512);
  reachable.note(lucky, timeAt(lucky, 150));
  EXPECT_NEAR(*reachable.expected(op), timeAt(op, 100), 0.01 * timeAt(op, 100));
}
