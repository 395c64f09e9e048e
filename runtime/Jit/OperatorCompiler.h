//===- OperatorCompiler.h - Operators to machine code -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_OPERATORCOMPILER_H
#define ORCINUS_RUNTIME_JIT_OPERATORCOMPILER_H

#include "orcinus/Support/Status.h"
#include "orcinus/Tuning/Schedule.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace orcinus {

/// The one public function of an operator's module.
struct OperatorSignature {
  std::string function;
  /// Shapes of the f32 tensors that it takes and returns. The compiled function
  /// takes a memref for each, the results' last.
  std::vector<std::vector<int64_t>> arguments;
  /// Which arguments are single f32 instead, which it takes by value; their
  /// shapes are empty.
  std::vector<bool> isScalar;
  std::vector<std::vector<int64_t>> results;
};

/// Compiles operators, one candidate after the other, in a context that is made
/// once: most of the time of a single small program is making it.
class OperatorCompiler {
public:
  /// Programs divide their work among `threads`.
  explicit OperatorCompiler(int threads);
  ~OperatorCompiler();

  /// The object file of the operator in `module` under `schedule`, which is set
  /// on its main op: the contraction or convolution, else the op that reduces,
  /// else the last. An empty schedule is the compiler's default. Errors: what
  /// MLIR says of the module or the schedule.
  StatusOr<std::string> compile(llvm::StringRef module,
                                const Schedule &schedule);

  /// The object file of `module` without any schedule: plain scalar loops, made
  /// by MLIR's own passes. It writes to no argument. Lowers the module.
  StatusOr<std::string> compileReference(mlir::ModuleOp module);

  /// The operator's module, in this compiler's context. Errors: what MLIR says
  /// of `text`.
  StatusOr<mlir::OwningOpRef<mlir::ModuleOp>> parse(llvm::StringRef text);

  /// Errors: other than one public function of f32 and f32 tensors with static
  /// shapes, which returns tensors.
  StatusOr<OperatorSignature> signature(llvm::StringRef module);

private:
  StatusOr<std::string> lower(mlir::ModuleOp module, bool scheduled);

  int threads;
  std::unique_ptr<mlir::MLIRContext> context;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_OPERATORCOMPILER_H
