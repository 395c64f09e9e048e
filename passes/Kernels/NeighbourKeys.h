//===- NeighbourKeys.h - The keys that attention reads ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_KERNELS_NEIGHBOURKEYS_H
#define ORCINUS_PASSES_KERNELS_NEIGHBOURKEYS_H

#include "passes/Kernels/RowVectors.h"

namespace orcinus {

/// The keys of one query's valid neighbours, in a buffer on the stack that fits
/// the nearest cache: gathered and computed once, then read once by each use.
class NeighbourKeys {
public:
  /// `inputs` are those of `tgnn.attend`, `time` says whether it encodes time.
  /// To be made outside the loop over queries.
  NeighbourKeys(KernelBuilder &b, mlir::ValueRange inputs, bool time,
                int64_t neighbours);

  /// Runs `body` for every query of `range`, with its keys made.
  void forEachQuery(IndexRange range,
                    llvm::function_ref<void(mlir::Value)> body);

  /// How many keys the query has.
  mlir::Value count() const { return valid; }

  /// products[h, j] = rows[row, h] · key_j for every valid neighbour j; to be
  /// synchronized.
  void multiply(mlir::Value rows, mlir::Value row, mlir::Value products) const;

  /// out[query, h] = Σ_j coefficients[…, h, j] key_j over the valid neighbours.
  void combine(mlir::Value coefficients, mlir::ValueRange leading,
               mlir::Value out) const;

  /// The width of the keys of attend's `inputs`.
  static int64_t width(mlir::ValueRange inputs);

private:
  /// Makes the key of one of the query's neighbours.
  void fill(mlir::Value neighbour);
  /// Asks for the table rows of a neighbour of `ofQuery`.
  void prefetchRows(mlir::Value ofQuery, mlir::Value neighbour) const;
  /// Runs `body` for each table with the shape of its rows, the table and the
  /// row that a neighbour of `ofQuery` leads to.
  void forEachRow(
      mlir::Value ofQuery, mlir::Value neighbour,
      llvm::function_ref<void(const RowVectors &, mlir::Value, mlir::Value)>
          body) const;

  /// A head, or a few that share the loads of the keys.
  struct HeadGroup {
    int64_t first, size;
  };
  llvm::SmallVector<HeadGroup> headGroups() const;
  void multiplyGroup(HeadGroup group, mlir::Value rows, mlir::Value row,
                     mlir::Value products) const;
  void combineGroup(HeadGroup group, mlir::Value coefficients,
                    mlir::ValueRange leading, mlir::Value out) const;
  void forValid(llvm::function_ref<void(mlir::Value)> body) const;

  KernelBuilder &b;
  llvm::SmallVector<mlir::Value> inputs;
  bool time;
  int64_t heads;
  RowVectors columns;
  mlir::Value keys;
  mlir::Value query, valid;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_KERNELS_NEIGHBOURKEYS_H
