//===- ReuseConditionsTest.cpp - When a program is taken over -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/ReuseConditions.h"

#include "lib/Tuning/OperatorFamilies.h"

#include <gtest/gtest.h>

using namespace orcinus;

namespace {

/// A space with a tile of rows in single rows, of columns in vectors of 16, and
/// a split of the rows.
class TestSpace : public ScheduleSpace {
public:
  TestSpace(int64_t rows, int64_t columns)
      : ScheduleSpace(matmul(rows, columns, 64), {}) {
    addParameter({"rows", ParameterRole::InnerTile, 0, 1, {1, 2, 4, 8}});
    addParameter({"columns", ParameterRole::InnerTile, 1, 16, {1, 2, 4}});
    addParameter({"depth", ParameterRole::InnerTile, 2, 1, {0, 16, 32}});
    addParameter({"tasks", ParameterRole::ParallelSplit, 0, 1, {0, 1, 2, 4}});
  }

  Status legal(const Schedule &schedule) const override {
    if (Status status = ScheduleSpace::legal(schedule); !status.ok())
      return status;
    if (*schedule.find("rows") * *schedule.find("columns") > 16)
      return Status::error("too many registers");
    return Status();
  }

  Schedule defaultSchedule() const override {
    return *Schedule::parse("rows=1 columns=1 depth=0 tasks=0");
  }
};

StatusOr<Schedule> reuse(const std::string &schedule, const TestSpace &target) {
  return reusedSchedule(*Schedule::parse(schedule), target, ReuseConditions());
}

} // namespace

TEST(ReuseConditions, AskForOneKindAndFewDifferences) {
  ReuseConditions conditions;
  OperatorDescription one = matmul(64, 64, 64);
  EXPECT_TRUE(mayReuse(one, matmul(64, 64, 64), conditions).ok());
  EXPECT_TRUE(mayReuse(one, matmul(64, 512, 64), conditions).ok());
  EXPECT_EQ(mayReuse(one, matmul(32, 512, 64), conditions).message(),
            "'matmul-64x64x64' and 'matmul-32x512x64' differ in 2 extents, "
            "more than 1");
  conditions.differingExtents = 2;
  EXPECT_TRUE(mayReuse(one, matmul(32, 512, 64), conditions).ok());
  EXPECT_EQ(mayReuse(one, batchMatmul(1, 64, 64, 64), conditions).message(),
            "'matmul-64x64x64' and 'batch-matmul-1x64x64x64' are of different "
            "kinds");
}

TEST(ReuseConditions, KeepTilesThatDivide) {
  StatusOr<Schedule> schedule =
      reuse("rows=8 columns=2 depth=32 tasks=2", TestSpace(128, 64));
  ASSERT_TRUE(schedule.ok()) << schedule.message();
  EXPECT_EQ(schedule->toString(), "rows=8 columns=2 depth=32 tasks=2");
}

TEST(ReuseConditions, AllowAnEighthOfPadding) {
  // 15 tiles of 8 cover 120 rows, 16 cover 128: 8 of 120 are added.
  EXPECT_TRUE(
      reuse("rows=8 columns=1 depth=0 tasks=0", TestSpace(113, 64)).ok());
  // Tiles of 8 would add 7 rows to 17, tiles of 6 add one.
  StatusOr<Schedule> smaller =
      reuse("rows=8 columns=1 depth=0 tasks=0", TestSpace(17, 64));
  ASSERT_TRUE(smaller.ok()) << smaller.message();
  EXPECT_EQ(smaller->find("rows"), 6);
}

TEST(ReuseConditions, ClipATileToAShortLoop) {
  StatusOr<Schedule> schedule =
      reuse("rows=4 columns=4 depth=0 tasks=0", TestSpace(3, 20));
  ASSERT_TRUE(schedule.ok()) << schedule.message();
  EXPECT_EQ(schedule->find("rows"), 3);
  EXPECT_EQ(schedule->find("columns"), 2);
}

TEST(ReuseConditions, RefuseATileThatFitsInNoWay) {
  // Panels of 64 or 32 columns add more than an eighth to 66.
  StatusOr<Schedule> schedule =
      reuse("rows=1 columns=4 depth=0 tasks=0", TestSpace(64, 66));
  EXPECT_EQ(schedule.message(),
            "'columns' of 4 does not fit the 66 iterations of 'n'");
}

TEST(ReuseConditions, RefuseASplitThatLeavesThreadsIdle) {
  EXPECT_FALSE(
      reuse("rows=1 columns=1 depth=0 tasks=4", TestSpace(2, 64)).ok());
}

TEST(ReuseConditions, RefuseWhatIsNotLegal) {
  EXPECT_EQ(
      reuse("rows=8 columns=4 depth=0 tasks=0", TestSpace(64, 64)).message(),
      "too many registers");
  EXPECT_FALSE(reuse("rows=8 columns=1", TestSpace(64, 64)).ok());
}
