//===- OperatorFuzzer.cpp - Operators as JSON -----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"

#include "orcinus/Tuning/Operator.h"
#include "orcinus/Tuning/ScheduleSpace.h"
#include "orcinus/Tuning/Target.h"

using namespace orcinus;
using namespace orcinus::fuzz;

/// All that the tuner asks of an operator before it compiles anything.
static void describe(const OperatorDescription &description) {
  check(!description.kind().empty(), "an operator has a kind");
  check(description.extents().size() == description.loops.size(),
        "each loop has an extent");
  check(description.withExtents(description.extents()).kind() ==
            description.kind(),
        "the same extents leave an operator as it is");
  for (const OperatorOperand &operand : description.operands)
    (void)description.shapeOf(operand);
  check(description.iterations() >= 1, "an operator has iterations");
  (void)description.floatingPointOperations();
  (void)description.bytes();
}

static void findSchedules(const OperatorDescription &description,
                          const char *targetName) {
  TargetDescription target;
  target.name = targetName;
  auto space = createScheduleSpace(description, target);
  if (!space.ok())
    return;
  Schedule schedule = (*space)->defaultSchedule();
  check((*space)->legal(schedule).ok(), "the default schedule is legal");
  (void)(*space)->features(schedule);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  StatusOr<OperatorDescription> description =
      OperatorDescription::fromJson(asText(data, size));
  if (!description.ok())
    return 0;
  StatusOr<OperatorDescription> again =
      OperatorDescription::fromJson(description->toJson());
  check(again.ok() && *again == *description, "what is printed is read again");
  describe(*description);
  (void)makeOperator(*description);
  for (const char *target : {"host", "nvidia:sm_90", "simulator"})
    findSchedules(*description, target);
  return 0;
}
