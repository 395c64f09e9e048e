//===- OperatorCluster.h - Linalg ops that are one operator -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TUNING_OPERATORCLUSTER_H
#define ORCINUS_PASSES_TUNING_OPERATORCLUSTER_H

#include "dialects/ETO/IR/ETOOps.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"

namespace orcinus {

/// Whether `op` can be, or be part of, an operator: a linalg op on tensors with
/// one result that does more than initialise, copy or transpose.
bool isDenseComputation(mlir::Operation *op);

/// Linalg ops of one block that are executed together: all results but the last
/// op's stay inside.
class OperatorCluster {
public:
  /// The largest cluster with `sink` as its last op, which none of `taken`
  /// is in.
  static OperatorCluster
  growFrom(mlir::linalg::LinalgOp sink,
           const llvm::DenseSet<mlir::Operation *> &taken);

  /// `sink` by itself.
  explicit OperatorCluster(mlir::linalg::LinalgOp sink);

  /// In the order of the block.
  llvm::ArrayRef<mlir::linalg::LinalgOp> ops() const { return members; }

  mlir::linalg::LinalgOp sink() const { return members.back(); }

  /// An operator named `name` that computes the same, not yet in a module, and
  /// the values of the block that it is to be called with.
  eto::OperatorOp buildOperator(mlir::StringRef name,
                                mlir::ArrayRef<int64_t> buckets,
                                llvm::SmallVector<mlir::Value> &inputs) const;

private:
  void add(mlir::linalg::LinalgOp op);
  bool contains(mlir::Operation *op) const { return memberSet.contains(op); }
  bool fuses(mlir::linalg::LinalgOp producer) const;
  bool isEpilogueOf(mlir::linalg::LinalgOp consumer,
                    mlir::Value produced) const;

  llvm::SmallVector<mlir::linalg::LinalgOp> members;
  llvm::DenseSet<mlir::Operation *> memberSet;
  bool hasProduct = false;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_TUNING_OPERATORCLUSTER_H
