//===- ReferenceModules.h - What checks an operator's results ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Modules that compute an operator's results, or something that tells whether
// they are right, in plain loops. All are made of the operator's own module,
// which has one public function of linalg on tensors with static shapes.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_REFERENCEMODULES_H
#define ORCINUS_RUNTIME_JIT_REFERENCEMODULES_H

#include "orcinus/Support/Status.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <optional>

namespace orcinus {

/// Makes plain nests of all linalg ops of `module`, each with the last
/// dimension of its result as the innermost loop and the sums around it: they
/// walk rows rather than columns of memory, which for large operands is the
/// difference between one second and ten. Arguments are left as they are
/// passed.
void makePlainNests(mlir::ModuleOp module);

/// Iterations of all linalg ops of `module`, at most 2^63 - 1.
int64_t countIterations(mlir::ModuleOp module);

/// The function of `module` with an index more for each dimension of its result
/// number `result`: it computes, and returns, the part of that result that has
/// these offsets and the extents `sizes`. Errors: the result is computed by
/// something of which no part can be computed by itself.
StatusOr<mlir::OwningOpRef<mlir::ModuleOp>>
makeBoxModule(mlir::ModuleOp module, unsigned result,
              llvm::ArrayRef<int64_t> sizes);

/// Sums of a result along one of its dimensions, which weights multiply.
struct SumModule {
  /// The function takes one argument more, the weights, a tensor<N x V x f64>,
  /// and returns the sums of the right result: its type is that of the result,
  /// in f64 and with V in place of N.
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// The dimension of the result that is summed over, of extent N.
  unsigned dimension = 0;
  int64_t extent = 0;
  /// How many products each element of the result sums.
  int64_t terms = 0;
};

/// The sums of the result of `module` by `vectors` vectors of weights, V, where
/// it is a contraction's: Σn w(n) Σk a(m, k) b(k, n) is
/// Σk a(m, k) Σn w(n) b(k, n), which takes a share of V / N of the products and
/// needs no element of the result (Freivalds 1977). Nothing where the last op
/// is no contraction, or no dimension of its result comes from one of its
/// operands alone.
std::optional<SumModule> makeSumModule(mlir::ModuleOp module, int64_t vectors);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_REFERENCEMODULES_H
