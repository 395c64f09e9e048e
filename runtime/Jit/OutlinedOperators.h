//===- OutlinedOperators.h - The operators of a module ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_OUTLINEDOPERATORS_H
#define ORCINUS_RUNTIME_JIT_OUTLINEDOPERATORS_H

#include "orcinus/Tuning/Operator.h"

#include "mlir/IR/BuiltinOps.h"

#include <cstdint>
#include <string>
#include <vector>

namespace orcinus {

/// The operators of a module, at each of their buckets, and what computes
/// something and is none of them.
struct OutlinedOperators {
  std::vector<TunableOperator> operators;
  /// The `eto.operator` that each is an instance of.
  std::vector<std::string> symbols;
  /// The bucket of its dynamic extent; 0 where it has none.
  std::vector<int64_t> buckets;
  /// Named by op, function and line.
  std::vector<LeftOutOperator> leftOut;
};

/// Outlines the operators of `module`, which is linalg on tensors, with
/// `buckets` for a dynamic extent, or those of the pass where there are none.
/// Errors: a module that is not valid.
StatusOr<OutlinedOperators>
outlinedOperators(mlir::ModuleOp module,
                  const std::vector<int64_t> &buckets = {});

/// The same of the module in the file `path`. Errors: also a file that cannot
/// be read or parsed, or has no operator.
StatusOr<OutlinedOperators> fileOperators(const std::string &path);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_OUTLINEDOPERATORS_H
