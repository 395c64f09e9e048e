//===- CaseRunner.h - Compile, call, compare --------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_CASERUNNER_H
#define ORCINUS_TEST_DIFFERENTIAL_CASERUNNER_H

#include "Case.h"
#include "Interpreter.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <memory>
#include <optional>

namespace orcinus::differential {

/// Runs cases, one after the other, in a context that is made once. What a
/// case computes is not asked of the interpreter again where the next one has
/// the same module but for schedules, and the same arguments.
class CaseRunner {
public:
  CaseRunner();
  ~CaseRunner();

  /// Compiles the module as the product does, calls it on poisoned memory with
  /// red zones and compares all that it leaves behind with the interpreter's
  /// results. A crash is the caller's.
  Outcome run(const Case &tested);

  mlir::MLIRContext &context() { return *mlirContext; }

private:
  StatusOr<Evaluation> expected(const Case &tested, mlir::ModuleOp module,
                                const std::vector<ArgumentLayout> &layouts);

  std::unique_ptr<mlir::MLIRContext> mlirContext;
  /// What the interpreter was asked last, and its answer.
  std::string asked;
  std::optional<Evaluation> answer;
};

/// Dialects, interfaces and translations that modules of cases need.
void registerCaseDialects(mlir::DialectRegistry &registry);

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_CASERUNNER_H
