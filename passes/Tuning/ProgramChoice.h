//===- ProgramChoice.h - Which program an operator gets ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TUNING_PROGRAMCHOICE_H
#define ORCINUS_PASSES_TUNING_PROGRAMCHOICE_H

#include "dialects/ETO/IR/ETOOps.h"
#include "orcinus/Tuning/Database.h"
#include "orcinus/Tuning/Operator.h"
#include "orcinus/Tuning/Target.h"

#include <string>

namespace orcinus {

/// A program for an operator, and why it is this one.
struct ChosenProgram {
  /// Null where the operator has no schedule space: the lowering chooses.
  eto::ProgramAttr program;
  /// One line, without a full stop.
  std::string reason;
};

/// Chooses programs: the best one in a database, else the default of the
/// operator's schedule space.
class ProgramChoice {
public:
  /// `database` may be null, and must outlive this.
  ProgramChoice(mlir::MLIRContext *context, const TuningDatabase *database,
                TargetDescription target)
      : context(context), database(database), target(std::move(target)) {}

  /// Errors: a database that cannot be read.
  StatusOr<ChosenProgram> choose(const OperatorDescription &description) const;

private:
  ChosenProgram chooseDefault(const OperatorDescription &description) const;

  mlir::MLIRContext *context;
  const TuningDatabase *database;
  TargetDescription target;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_TUNING_PROGRAMCHOICE_H
