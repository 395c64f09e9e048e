//===- Layouts.h - In what order tensors lie in memory ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Convolutions are fastest where neighbours in memory are channels, while
// importers put pixels there. A layout says in what order the dimensions of a
// tensor lie; ops that do not care take over the layout of what they read, or
// of who reads them.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_LAYOUTS_H
#define ORCINUS_PASSES_LOWERING_LAYOUTS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <optional>

namespace orcinus {

/// The dimension of the tensor that lies at each place, from outside in.
/// Empty where the tensor lies as its type says.
using Layout = llvm::SmallVector<int64_t, 5>;

/// `layout` of a tensor of `rank` dimensions, spelled out.
Layout spelledOut(const Layout &layout, int64_t rank);
/// `layout`, empty where it changes nothing.
Layout normalized(Layout layout);
/// Where each dimension of the tensor lies: the inverse of `layout`.
Layout placesOf(llvm::ArrayRef<int64_t> layout);
/// `values`, one a dimension, in the order of `layout`.
template <typename T>
llvm::SmallVector<T> inOrder(llvm::ArrayRef<T> values, const Layout &layout) {
  if (layout.empty())
    return llvm::SmallVector<T>(values);
  return llvm::map_to_vector(layout, [&](int64_t at) { return values[at]; });
}
/// `type` as a tensor whose dimensions are in the order of `layout`.
mlir::RankedTensorType typeIn(const Layout &layout,
                              mlir::RankedTensorType type);

/// The layouts that an op's operands and results have together, and the order
/// of the loops that goes with them where it is a linalg op.
struct OpLayouts {
  llvm::SmallVector<Layout> operands, results;
  llvm::SmallVector<unsigned> loops;
};

/// A convolution or pooling that is spelled channels first.
struct ChannelsFirst {
  /// The same op spelled channels last; empty where MLIR has none, and a
  /// generic op has to do.
  llvm::StringRef channelsLast;
  OpLayouts layouts;
  /// Whether it is worth transposing its operands.
  bool pays = false;
};
std::optional<ChannelsFirst> channelsFirst(mlir::linalg::LinalgOp op);

/// The layouts of `op` where the tensor `value`, an operand or a result of it,
/// has `layout`; nothing where it cares in what order its dimensions lie.
std::optional<OpLayouts> layoutsWith(mlir::Operation *op, mlir::Value value,
                                     const Layout &layout);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_LAYOUTS_H
