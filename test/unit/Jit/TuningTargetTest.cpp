//===- TuningTargetTest.cpp - What operators are tuned for ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/TuningTarget.h"

#include "lib/Tuning/OperatorFamilies.h"
#include "orcinus/Tuning/ScheduleSpace.h"
#include "passes/Lowering/HostDescription.h"

#include <gmock/gmock.h>

using namespace orcinus;
using testing::HasSubstr;

TEST(TuningTarget, IsTheHostAChipOrTheSimulator) {
  TuningTarget host = *findTuningTarget("host");
  EXPECT_EQ(host.kind, DeviceKind::Host);
  EXPECT_EQ(host.device, 0);
  EXPECT_EQ(host.note, "");
  TuningTarget simulator = *findTuningTarget("simulator");
  EXPECT_EQ(simulator.kind, DeviceKind::Simulator);
  EXPECT_EQ(simulator.device, 0);
  EXPECT_THAT(simulator.note, HasSubstr("say nothing about a GPU"));
  TuningTarget nvidia = *parseTuningTarget("nvidia:sm_90");
  EXPECT_EQ(nvidia.kind, DeviceKind::Cuda);
  EXPECT_EQ(nvidia.chip, *findGpuChip("nvidia:sm_90"));
  EXPECT_EQ(nvidia.device, std::nullopt);
  EXPECT_EQ(parseTuningTarget("amd:gfx942")->kind, DeviceKind::Hip);
  StatusOr<TuningTarget> unknown = findTuningTarget("nvidia:sm_1");
  EXPECT_THAT(unknown.message(), HasSubstr("the target 'nvidia:sm_1' is not"));
  EXPECT_THAT(unknown.message(), HasSubstr("host, cuda, hip or simulator"));
}

// The simulator takes the schedules of a chip, but what it finds is kept apart.
TEST(TuningTarget, TheSimulatorHasAContextOfItsOwn) {
  TargetDescription simulator = *describeTarget("simulator", 1);
  TargetDescription chip = *describeTarget(simulatedChip().target(), 1);
  auto space = createScheduleSpace(matmul(64, 64, 64), simulator);
  ASSERT_TRUE(space.ok()) << space.message();
  EXPECT_EQ(
      (*space)->defaultSchedule(),
      (*createScheduleSpace(matmul(64, 64, 64), chip))->defaultSchedule());
  EXPECT_NE(tuningContext(simulator).target, tuningContext(chip).target);
}
