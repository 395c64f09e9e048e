//===- Weights.h - Constants that lie outside a module ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A weight is a tensor whose elements are no part of a module's text: a
// `memref.global` without a value, named as in the file of weights, which
// functions read by `memref.get_global` and `bufferization.to_tensor`.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_WEIGHTS_H
#define ORCINUS_PASSES_LOWERING_WEIGHTS_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"

#include "llvm/ADT/SmallVector.h"

namespace orcinus {

/// A constant that became a weight.
struct ConstantWeight {
  mlir::memref::GlobalOp global;
  mlir::ElementsAttr value;
  /// Its elements, row-major.
  llvm::ArrayRef<char> bytes;
};

/// Makes weights of the constants of `module` that take at least `leastBytes`
/// bytes and are not one number repeated; equal ones become one.
llvm::SmallVector<ConstantWeight> takeConstants(mlir::ModuleOp module,
                                                int64_t leastBytes);

/// The weights of `module`.
llvm::SmallVector<mlir::memref::GlobalOp> weightsOf(mlir::ModuleOp module);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_WEIGHTS_H
