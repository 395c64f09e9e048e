//===- GpuSpaceTest.cpp - Schedules of contractions on GPUs ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tuning/GpuTiling.h"
#include "lib/Tuning/OperatorFamilies.h"
#include "orcinus/Tuning/GpuChip.h"
#include "orcinus/Tuning/OperatorSets.h"
#include "orcinus/Tuning/ReuseConditions.h"
#include "orcinus/Tuning/ScheduleSpace.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace orcinus;

namespace {

const GpuChip &chip(const char *target) { return **findGpuChip(target); }

std::unique_ptr<ScheduleSpace> spaceOf(const OperatorDescription &description,
                                       const char *target) {
  auto space = createScheduleSpace(description, describeGpu(chip(target)));
  EXPECT_TRUE(space.ok()) << space.message();
  return std::move(*space);
}

const ScheduleParameter &parameterOf(const ScheduleSpace &space,
                                     std::string_view name) {
  return *std::find_if(
      space.parameters().begin(), space.parameters().end(),
      [&](const ScheduleParameter &other) { return other.name == name; });
}

std::string whyIllegal(const ScheduleSpace &space,
                       const std::string &schedule) {
  return space.legal(*Schedule::parse(schedule)).message();
}

} // namespace

TEST(GpuSpace, KnowsTheContractionsOfAllSets) {
  for (const GpuChip &chip : gpuChips())
    for (const char *set : {"gemm-apart", "standard"}) {
      StatusOr<std::vector<TunableOperator>> operators = operatorSet(set, 0);
      ASSERT_TRUE(operators.ok()) << operators.message();
      for (const TunableOperator &op : *operators) {
        auto space = createScheduleSpace(op.description, describeGpu(chip));
        ASSERT_EQ(space.ok(),
                  op.description.family == OperatorFamily::Contraction)
            << op.description.name << ": " << space.message();
        if (!space.ok())
          continue;
        Status legal = (*space)->legal((*space)->defaultSchedule());
        EXPECT_TRUE(legal.ok()) << op.description.name << legal.message();
        for (const ScheduleParameter &parameter : (*space)->parameters())
          EXPECT_TRUE(std::is_sorted(parameter.choices.begin(),
                                     parameter.choices.end()));
      }
    }
}

TEST(GpuSpace, OffersNoTileBeyondTheOperator) {
  auto space = spaceOf(matmul(33, 20, 100), "nvidia:sm_90");
  EXPECT_EQ(parameterOf(*space, "block_rows").choices,
            (std::vector<int64_t>{16, 32, 48}));
  EXPECT_EQ(parameterOf(*space, "block_columns").choices,
            (std::vector<int64_t>{16, 32}));
  EXPECT_EQ(parameterOf(*space, "reduction_parts").choices,
            (std::vector<int64_t>{1, 2, 3}));
}

TEST(GpuSpace, RefusesWhatTheChipCannotHold) {
  auto nvidia = spaceOf(matmul(512, 512, 512), "nvidia:sm_90");
  auto amd = spaceOf(matmul(512, 512, 512), "amd:gfx942");
  std::string large =
      "block_rows=128 block_columns=64 block_reduction=64 "
      "thread_rows=4 thread_columns=8 reduction_parts=1 stages=1";
  EXPECT_EQ(whyIllegal(*nvidia, large),
            "the schedule needs 51200 bytes of workgroup memory, more than "
            "49152");
  EXPECT_EQ(whyIllegal(*amd, large), "");
  EXPECT_EQ(whyIllegal(*amd, "block_rows=256 block_columns=128 "
                             "block_reduction=16 thread_rows=4 "
                             "thread_columns=4 reduction_parts=1 stages=1"),
            "the schedule has blocks of 2048 threads, more than 1024");
  EXPECT_EQ(whyIllegal(*amd, "block_rows=64 block_columns=64 "
                             "block_reduction=16 thread_rows=12 "
                             "thread_columns=4 reduction_parts=1 stages=1"),
            "'thread_rows' in the schedule must divide the block's 64");
  EXPECT_EQ(whyIllegal(*amd, "block_rows=64 block_columns=64 "
                             "block_reduction=16 thread_rows=4 "
                             "thread_columns=6 reduction_parts=1 stages=1"),
            "'thread_columns' in the schedule must be a multiple of 4");
  EXPECT_EQ(whyIllegal(*amd, "block_rows=64 block_columns=64 "
                             "block_reduction=16 thread_rows=4 "
                             "thread_columns=4 reduction_parts=0 stages=1"),
            "'reduction_parts' in the schedule must be at least 1");
  // Two tiles of each operand, and what is on its way into one of them.
  EXPECT_EQ(whyIllegal(*nvidia, "block_rows=128 block_columns=64 "
                                "block_reduction=32 thread_rows=8 "
                                "thread_columns=4 reduction_parts=1 stages=2"),
            "the schedule needs 51200 bytes of workgroup memory, more than "
            "49152");
  EXPECT_EQ(whyIllegal(*nvidia, "block_rows=128 block_columns=64 "
                                "block_reduction=16 thread_rows=8 "
                                "thread_columns=8 reduction_parts=1 stages=2"),
            "");
  EXPECT_EQ(whyIllegal(*nvidia, "block_rows=64 block_columns=64 "
                                "block_reduction=16 thread_rows=16 "
                                "thread_columns=8 reduction_parts=1 stages=2"),
            "the schedule has 64 elements of a step on their way through each "
            "thread, more than 32");
  EXPECT_EQ(whyIllegal(*amd, "tile_rows=4"),
            "unknown 'tile_rows' in the schedule");
  EXPECT_NE(whyIllegal(*amd, "block_rows=64"), "");
}

// A thread's tile is no loop's: what shrinks for a small operator is the
// block's tile, which reuse tries anyway.
TEST(GpuSpace, ReusesAProgramAcrossRows) {
  auto small = spaceOf(matmul(1, 100, 412), "nvidia:sm_90");
  Schedule schedule = GpuTiling().toSchedule();
  StatusOr<Schedule> reused =
      reusedSchedule(schedule, *small, ReuseConditions());
  ASSERT_TRUE(reused.ok()) << reused.message();
  EXPECT_EQ(*reused, schedule);
}

TEST(GpuSpace, HasAsManyFeaturesForAllOfAKind) {
  auto one = spaceOf(matmul(1, 1, 8), "nvidia:sm_90");
  auto other = spaceOf(matmul(8192, 1000, 4096), "nvidia:sm_90");
  EXPECT_EQ(one->features(one->defaultSchedule()).size(),
            other->features(other->defaultSchedule()).size());
}

TEST(GpuSpace, IsNotForOtherElementsOrChips) {
  OperatorDescription product = matmul(64, 64, 64);
  for (OperatorOperand &operand : product.operands)
    operand.elementType = "f64";
  EXPECT_EQ(
      createScheduleSpace(product, describeGpu(chip("nvidia:sm_90"))).message(),
      "'" + product.name +
          "' has no tiled kernel on a GPU: it is not of f32 "
          "alone");
  TargetDescription unknown;
  unknown.name = "nvidia:sm_1";
  EXPECT_FALSE(createScheduleSpace(matmul(64, 64, 64), unknown).ok());
}
