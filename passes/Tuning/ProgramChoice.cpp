//===- ProgramChoice.cpp - Which program an operator gets -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Tuning/ProgramChoice.h"

#include "orcinus/Tuning/ScheduleSpace.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace orcinus;

static eto::Source toAttribute(ProgramSource source) {
  return *eto::symbolizeSource(StringRef(sourceName(source)));
}

StatusOr<ChosenProgram>
ProgramChoice::choose(const OperatorDescription &description) const {
  if (!database)
    return chooseDefault(description);
  StatusOr<std::optional<TunedProgram>> best =
      database->best(description.kind(), description.extents());
  if (!best.ok())
    return best.status();
  if (!*best) {
    ChosenProgram chosen = chooseDefault(description);
    chosen.reason = "not in the database: " + chosen.reason;
    return chosen;
  }
  const TunedProgram &tuned = **best;
  return ChosenProgram{
      eto::ProgramAttr::get(eto::ScheduleAttr::get(context, tuned.schedule),
                            tuned.microseconds, toAttribute(tuned.source)),
      llvm::formatv("from the database: {0}, {1:f1} us, {2} trials",
                    StringRef(sourceName(tuned.source)), tuned.microseconds,
                    tuned.trials)
          .str()};
}

ChosenProgram
ProgramChoice::chooseDefault(const OperatorDescription &description) const {
  StatusOr<std::unique_ptr<ScheduleSpace>> space =
      createScheduleSpace(description, target);
  if (!space.ok())
    return {nullptr, "left to the lowering: " + space.message()};
  return {eto::ProgramAttr::get(
              eto::ScheduleAttr::get(context, (*space)->defaultSchedule()),
              /*microseconds=*/0, eto::Source::Default),
          "the default of its schedule space"};
}
