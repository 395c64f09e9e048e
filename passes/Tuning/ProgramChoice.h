//===- ProgramChoice.h - Which programs an operator gets --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TUNING_PROGRAMCHOICE_H
#define ORCINUS_PASSES_TUNING_PROGRAMCHOICE_H

#include "orcinus/Tuning/Database.h"
#include "passes/Tuning/OperatorAnalysis.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace orcinus {

/// The program of an operator at one of its buckets, and why it is this one.
struct ChosenProgram {
  /// 0 where the operator has no buckets.
  int64_t bucket = 0;
  /// Null where nothing is known of the operator: the lowering chooses.
  eto::ProgramAttr program;
  /// One line, without a full stop.
  std::string reason;
};

/// The best programs of `analysis`' operator in `database`, one for each of
/// its buckets, ascending. A bucket that was not tuned gets the program of the
/// next larger one that was, or else of the next smaller. Errors: a database
/// that cannot be read.
StatusOr<std::vector<ChosenProgram>>
choosePrograms(const OperatorAnalysis &analysis,
               const TuningDatabase &database);

/// Takes the programs of the operators of `module` away: they are of the host,
/// and the module is compiled for something else.
void dropPrograms(mlir::ModuleOp module);

} // namespace orcinus

#endif // ORCINUS_PASSES_TUNING_PROGRAMCHOICE_H
