//===- ScheduleTest.cpp - Schedules as text -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/Schedule.h"

#include <gtest/gtest.h>

using namespace orcinus;

TEST(Schedule, PrintsWhatItParses) {
  const char *text = "tile_rows=6 panel_vectors=4 reduction_block=0";
  StatusOr<Schedule> schedule = Schedule::parse(text);
  ASSERT_TRUE(schedule.ok()) << schedule.message();
  EXPECT_EQ(schedule->toString(), text);
  EXPECT_EQ(schedule->find("panel_vectors"), 4);
  EXPECT_EQ(schedule->find("panel"), std::nullopt);
}

TEST(Schedule, IsEmptyWithoutWords) {
  StatusOr<Schedule> schedule = Schedule::parse("  ");
  ASSERT_TRUE(schedule.ok());
  EXPECT_TRUE(schedule->empty());
  EXPECT_EQ(schedule->toString(), "");
}

TEST(Schedule, SetsInPlaceOrAtTheEnd) {
  Schedule schedule = *Schedule::parse("a=1 b=2");
  schedule.set("a", 3);
  schedule.set("c", -4);
  EXPECT_EQ(schedule.toString(), "a=3 b=2 c=-4");
  EXPECT_NE(schedule, *Schedule::parse("b=2 a=3 c=-4"));
}

TEST(Schedule, RefusesOtherText) {
  for (const char *text :
       {"a", "a=", "=1", "a=1x", "a=1.5", "a=1 a=2", "a=99999999999999999999"})
    EXPECT_FALSE(Schedule::parse(text).ok()) << text;
}
