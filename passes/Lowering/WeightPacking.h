//===- WeightPacking.h - Weights in panels, once ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_WEIGHTPACKING_H
#define ORCINUS_PASSES_LOWERING_WEIGHTPACKING_H

#include "passes/Lowering/Contraction.h"
#include "passes/Lowering/ContractionSchedule.h"
#include "passes/Lowering/OperandPacking.h"
#include "passes/Lowering/VectorTarget.h"

#include "mlir/IR/SymbolTable.h"

#include "llvm/ADT/StringMap.h"

namespace orcinus {

/// Whether `right`, the right operand of a contraction, is a weight, or a view
/// of one: the same for all calls.
bool isWeight(mlir::Value right);

/// Moves the packing of weights into the function that prepares them
/// (`Weights.h`). A weight that several contractions read in the same panels is
/// packed once, and one function packs all that lie alike.
class WeightPacking {
public:
  WeightPacking(mlir::SymbolTable &symbols, const VectorTarget &target,
                int64_t threads)
      : symbols(symbols), target(target), threads(threads) {}

  /// Where `schedule` would copy the right operand of `contraction`, a weight,
  /// makes it one that comes packed, read at `builder`, and `schedule` the one
  /// that reads it so.
  void apply(Contraction &contraction, ContractionSchedule &schedule,
             mlir::OpBuilder &builder);

private:
  bool isPrepared(mlir::Value right);
  mlir::memref::GlobalOp packedWeight(const Contraction &contraction,
                                      const PackedOperand &packed,
                                      int64_t lanes, int64_t panelVectors);
  mlir::func::FuncOp packingFunction(const Contraction &contraction,
                                     const PackedOperand &packed, int64_t lanes,
                                     int64_t panelVectors);

  mlir::SymbolTable &symbols;
  const VectorTarget &target;
  int64_t threads;
  /// The function whose arguments the one that prepares weights has; null where
  /// no weight was an argument so far.
  mlir::func::FuncOp argumentsOf;
  /// What was made, by the weight and its packing.
  llvm::StringMap<mlir::memref::GlobalOp> weights;
  /// What packs, by the packing.
  llvm::StringMap<mlir::func::FuncOp> functions;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_WEIGHTPACKING_H
