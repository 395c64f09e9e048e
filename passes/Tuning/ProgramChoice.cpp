//===- ProgramChoice.cpp - Which programs an operator gets ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Tuning/ProgramChoice.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace orcinus;

static ChosenProgram fromDatabase(MLIRContext *context, int64_t bucket,
                                  const TunedProgram &tuned) {
  StringRef source(sourceName(tuned.source));
  return {bucket,
          eto::ProgramAttr::get(eto::ScheduleAttr::get(context, tuned.schedule),
                                tuned.microseconds,
                                *eto::symbolizeSource(source)),
          llvm::formatv("from the database, found by {0} in {1} trials, {2:f1} "
                        "us, {3}{4}",
                        source, tuned.trials, tuned.microseconds,
                        StringRef(originName(tuned.origin)),
                        tuned.schedule.empty()
                            ? ": the lowering's own schedule is the fastest"
                            : "")
              .str()};
}

/// Gives buckets without a program that of the tuned one nearest to them.
static void fillGaps(std::vector<ChosenProgram> &chosen) {
  auto isTuned = [](const ChosenProgram &program) {
    return static_cast<bool>(program.program);
  };
  std::vector<ChosenProgram> tuned;
  llvm::copy_if(chosen, std::back_inserter(tuned), isTuned);
  for (ChosenProgram &program : chosen) {
    if (program.program)
      continue;
    program.reason = "not in the database, left to the lowering";
    if (tuned.empty())
      continue;
    auto larger = llvm::find_if(tuned, [&](const ChosenProgram &other) {
      return other.bucket > program.bucket;
    });
    const ChosenProgram &nearest =
        larger == tuned.end() ? tuned.back() : *larger;
    program.program = nearest.program;
    program.reason =
        llvm::formatv("not in the database, as at {0}", nearest.bucket).str();
  }
}

StatusOr<std::vector<ChosenProgram>>
orcinus::choosePrograms(const OperatorAnalysis &analysis,
                        const TuningDatabase &database) {
  eto::OperatorOp op = analysis.getOperator();
  SmallVector<int64_t> buckets(op.getBuckets());
  if (buckets.empty())
    buckets.push_back(0);
  std::vector<ChosenProgram> chosen;
  for (int64_t bucket : buckets) {
    OperatorDescription description = analysis.describe(bucket);
    StatusOr<std::optional<TunedProgram>> best =
        database.best(description.kind(), description.extents());
    if (!best.ok())
      return best.status();
    chosen.push_back(*best ? fromDatabase(op.getContext(), bucket, **best)
                           : ChosenProgram{bucket, nullptr, ""});
  }
  fillGaps(chosen);
  return chosen;
}

void orcinus::dropPrograms(ModuleOp module) {
  for (auto op : module.getOps<eto::OperatorOp>())
    op.removeProgramsAttr();
}
