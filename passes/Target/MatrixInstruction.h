//===- MatrixInstruction.h - Products by a whole subgroup -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_MATRIXINSTRUCTION_H
#define ORCINUS_PASSES_TARGET_MATRIXINSTRUCTION_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Support/LLVM.h"

namespace orcinus {

/// The matrix instructions of a kind of GPU: none, NVIDIA's `mma.sync` from
/// sm_80 on, AMD's MFMA from gfx90a on.
enum class MatrixInstructions { None, Mma, Mfma };

/// Which element of a matrix each lane of a subgroup has in which place of its
/// vector. The lanes come in groups of `groupLanes` members that follow each
/// other: from one group to the next, and from one member to the next, rows and
/// columns go on by fixed steps.
struct FragmentLayout {
  struct Element {
    int64_t row = 0, column = 0;
    bool operator==(const Element &) const = default;
  };
  struct Holder {
    int64_t lane = 0, place = 0;
  };

  int64_t groupLanes;
  Element groupStep, memberStep;
  /// The elements of lane 0 in the order of its vector.
  llvm::ArrayRef<Element> places;

  Element element(Holder holder) const;

  /// Who has `element`, among `lanes` lanes.
  Holder holder(Element element, int64_t lanes) const;
};

/// An instruction by which the lanes of a subgroup together add to a matrix of
/// `rows` × `columns` in f32 the product of two, of `rows` × `depth` and
/// `depth` × `columns`.
struct MatrixInstruction {
  MatrixInstructions kind;
  int64_t lanes;
  int64_t rows, columns, depth;
  FragmentLayout left, right, result;
  /// Whether it reads f32 as tf32, of 10 bits of mantissa: what is below them
  /// is not looked at.
  bool truncatesToTf32;

  /// The instruction among `kind` that multiplies matrices of `operandType`, or
  /// null.
  static const MatrixInstruction *find(MatrixInstructions kind,
                                       mlir::Type operandType);

  /// The instruction that `op` is, or null.
  static const MatrixInstruction *of(mlir::Operation *op);

  /// Elements of an operand that follow each other along the depth and are
  /// neighbours in a lane: one load takes them.
  int64_t operandRun() const;

  /// A lane's part of an operand, from its runs: vectors, or elements where a
  /// run has one.
  mlir::Value packOperand(mlir::OpBuilder &builder, mlir::Location location,
                          mlir::ValueRange runs) const;

  /// A lane's part of the result, as vectors of what follows each other along
  /// the columns, or elements where nothing does.
  llvm::SmallVector<mlir::Value> resultRuns(mlir::OpBuilder &builder,
                                            mlir::Location location,
                                            mlir::Value sums) const;

  /// The type of a lane's part of the result.
  mlir::Type resultType(mlir::MLIRContext *context) const;

  /// The op, on lanes' parts.
  mlir::Value create(mlir::OpBuilder &builder, mlir::Location location,
                     mlir::Value left, mlir::Value right,
                     mlir::Value sum) const;
};

/// The elements of a lane's part of a matrix in the order of their places.
llvm::SmallVector<mlir::Value> unpackFragment(mlir::OpBuilder &builder,
                                              mlir::Location location,
                                              mlir::Value fragment);

/// The part of `type` that has `elements`.
mlir::Value packFragment(mlir::OpBuilder &builder, mlir::Location location,
                         mlir::Type type, mlir::ValueRange elements);

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_MATRIXINSTRUCTION_H
