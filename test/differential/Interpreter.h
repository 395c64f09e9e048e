//===- Interpreter.h - What a module computes, slowly -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_INTERPRETER_H
#define ORCINUS_TEST_DIFFERENTIAL_INTERPRETER_H

#include "Number.h"

#include "orcinus/Support/Status.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include <cstdint>
#include <vector>

namespace orcinus::differential {

/// A tensor, or what a memref refers to; the last dimension is contiguous.
struct Array {
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape;
  std::vector<Number> elements;

  /// Of elements that nothing was written to: no numbers.
  static Array unwritten(ElementType type, std::vector<int64_t> shape);
};

/// Nothing where `type` is none that is tested.
std::optional<ElementType> elementTypeOf(mlir::Type type);

/// What a function leaves behind.
struct Evaluation {
  /// The arguments, as they are after the call where they are memrefs.
  std::vector<Array> arguments;
  std::vector<Array> results;
};

/// Runs `function`, linalg on tensors or memrefs, one iteration of each op
/// after the other, by the ops' maps and bodies alone: nothing of what is
/// tested takes part. Errors: an op that it does not know, an index beyond an
/// operand.
StatusOr<Evaluation> interpret(mlir::func::FuncOp function,
                               std::vector<Array> arguments);

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_INTERPRETER_H
