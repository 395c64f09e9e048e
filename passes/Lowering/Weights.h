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
// What depends on weights alone is *prepared*: the function
// `orcinus_prepare_weights`, which whoever loads or compiles a module calls
// once, computes it into memory of the module's own.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_WEIGHTS_H
#define ORCINUS_PASSES_LOWERING_WEIGHTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"

#include "llvm/ADT/DenseSet.h"
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

/// Whether `global` has the same elements in all calls: a weight, a constant,
/// or what is prepared.
bool isSameForAllCalls(mlir::memref::GlobalOp global);

/// The weights of `module`.
llvm::SmallVector<mlir::memref::GlobalOp> weightsOf(mlir::ModuleOp module);

/// The function that prepares weights, and what the names of the memory that it
/// fills end in.
inline constexpr llvm::StringLiteral prepareWeightsName =
    "orcinus_prepare_weights";
inline constexpr llvm::StringLiteral preparedSuffix = ".prepared";

/// The attribute of a function's argument that is the same for all calls: what
/// is made of it alone is prepared by a function of the same arguments.
inline constexpr llvm::StringLiteral weightArgumentName = "orcinus.weight";

/// The function of `module` that prepares weights; one of `type` that does
/// nothing yet where there is none.
mlir::func::FuncOp preparationOf(mlir::SymbolTable &symbols,
                                 mlir::FunctionType type);

/// Memory for what is made of the weight or function `name`.
mlir::memref::GlobalOp addPreparedWeight(mlir::SymbolTable &symbols,
                                         llvm::StringRef name,
                                         mlir::MemRefType type,
                                         mlir::Location location);

/// The tensors and scalars in the body of `function` that weights and
/// constants alone decide on.
llvm::DenseSet<mlir::Value> weightValues(mlir::func::FuncOp function);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_WEIGHTS_H
