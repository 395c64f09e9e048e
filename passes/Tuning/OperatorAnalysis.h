//===- OperatorAnalysis.h - What an operator computes -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TUNING_OPERATORANALYSIS_H
#define ORCINUS_PASSES_TUNING_OPERATORANALYSIS_H

#include "dialects/ETO/IR/ETOOps.h"
#include "orcinus/Tuning/Operator.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/EquivalenceClasses.h"

#include <optional>
#include <string>
#include <utility>

namespace orcinus {

/// The family of an operator whose root is `op`, on tensors or memrefs: that of
/// a contraction where one is lowered of it without a schedule.
OperatorFamily familyOf(mlir::linalg::LinalgOp op);

/// Whether `op` does no more than make the tensor that another one starts from:
/// a fill, or a tensor repeated along further dimensions.
bool isInitialisation(mlir::linalg::LinalgOp op);

/// The loops of an operator. Each op of the body has loops of its own; those
/// that run over the same dimension of a tensor between two of them are one
/// loop of the operator.
class OperatorAnalysis {
public:
  struct Loop {
    /// `mlir::ShapedType::kDynamic` where it is dynamic.
    int64_t extent;
    bool reduced;
  };

  /// Why an operator cannot be tuned, and the op that is in the way.
  struct Obstacle {
    mlir::Operation *at = nullptr;
    std::string reason;
  };

  /// Nothing, and an obstacle, where the body has other than linalg ops with
  /// linear maps, or more than one dynamic loop.
  static std::optional<OperatorAnalysis> of(eto::OperatorOp op,
                                            Obstacle &obstacle);

  /// The same with an error at `op` for the obstacle.
  static mlir::FailureOr<OperatorAnalysis> ofTunable(eto::OperatorOp op);

  /// The op that gives the operator its family: the one that carries the
  /// schedule.
  mlir::linalg::LinalgOp root() const { return rootOp; }

  llvm::ArrayRef<Loop> loops() const { return loopList; }

  /// The operator's loop that is loop number `dimension` of `op`.
  unsigned loopOf(mlir::linalg::LinalgOp op, unsigned dimension) const;

  /// The dynamic loop; nothing where all extents are static.
  std::optional<unsigned> dynamicLoop() const;

  /// The extents where the dynamic loop, if there is one, has `bucket`
  /// iterations.
  llvm::SmallVector<int64_t> extents(int64_t bucket) const;

  /// What the tuner knows of the operator at `bucket`, which is 0 where no
  /// extent is dynamic.
  OperatorDescription describe(int64_t bucket) const;

  /// The loop of the operator for each loop of the description's kind.
  llvm::SmallVector<unsigned> canonicalOrder() const;

  eto::OperatorOp getOperator() const { return op; }

private:
  explicit OperatorAnalysis(eto::OperatorOp op) : op(op) {}

  mlir::LogicalResult collectOps(Obstacle &obstacle);
  void uniteLoops();
  mlir::LogicalResult numberLoops(Obstacle &obstacle);
  OperatorOperand operandOf(mlir::Value value, OperandRole role) const;
  OperandRole roleOf(mlir::Value argument) const;

  /// A loop of an op of the body, by the positions of both.
  using OpLoop = std::pair<unsigned, unsigned>;

  eto::OperatorOp op;
  mlir::linalg::LinalgOp rootOp;
  llvm::SmallVector<mlir::linalg::LinalgOp> ops;
  llvm::DenseMap<mlir::Operation *, unsigned> positions;
  llvm::EquivalenceClasses<OpLoop> united;
  llvm::DenseMap<OpLoop, unsigned> numbers;
  llvm::SmallVector<Loop> loopList;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_TUNING_OPERATORANALYSIS_H
