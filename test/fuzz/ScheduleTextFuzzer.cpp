//===- ScheduleTextFuzzer.cpp - Schedules as text -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"

#include "orcinus/Tuning/Schedule.h"

using namespace orcinus;
using namespace orcinus::fuzz;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  StatusOr<Schedule> schedule = Schedule::parse(asText(data, size));
  if (!schedule.ok())
    return 0;
  StatusOr<Schedule> again = Schedule::parse(schedule->toString());
  check(again.ok() && *again == *schedule, "what is printed is read again");
  return 0;
}
