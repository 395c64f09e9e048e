//===- LayoutRewriter.h - Ops on tensors in other layouts -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_LAYOUTREWRITER_H
#define ORCINUS_PASSES_LOWERING_LAYOUTREWRITER_H

#include "passes/Lowering/Layouts.h"

#include "mlir/IR/PatternMatch.h"

namespace orcinus {

/// Makes ops again whose tensors lie in layouts of their own. A tensor that
/// others need in another layout is transposed once for all of them.
class LayoutRewriter {
public:
  explicit LayoutRewriter(mlir::MLIRContext *context) : builder(context) {}

  /// Makes `op` again, with its tensors in `layouts`, which `channelsFirst` or
  /// `layoutsWith` have said it can have. What makes its operands comes first.
  void rewrite(mlir::Operation *op, const OpLayouts &layouts);

  /// Gives what is left of the readers of rewritten ops tensors as they expect
  /// them, and erases the ops.
  void finish();

  /// Transpositions that were made.
  int64_t transpositions() const { return transposed; }

private:
  /// `value`, a tensor, in `layout`.
  mlir::Value in(const Layout &layout, mlir::Value value);
  mlir::Value transpose(mlir::Value value, const Layout &layout);
  llvm::SmallVector<mlir::Value> operandsOf(mlir::Operation *op,
                                            const OpLayouts &layouts);

  mlir::Operation *rebuild(mlir::Operation *op, const OpLayouts &layouts,
                           mlir::ValueRange operands);
  mlir::Operation *rebuildLinalg(mlir::linalg::LinalgOp op,
                                 const OpLayouts &layouts,
                                 mlir::ValueRange operands);
  mlir::Operation *rebuildNamed(mlir::linalg::LinalgOp op, llvm::StringRef name,
                                mlir::ValueRange operands);
  mlir::Operation *rebuildReshape(mlir::Operation *op, const OpLayouts &layouts,
                                  mlir::Value source);

  mlir::IRRewriter builder;
  /// What a rewritten result became, and the layout that it has.
  llvm::DenseMap<mlir::Value, std::pair<mlir::Value, Layout>> made;
  llvm::DenseMap<mlir::Value,
                 llvm::SmallVector<std::pair<Layout, mlir::Value>, 1>>
      known;
  llvm::SmallVector<mlir::Operation *> rewritten;
  int64_t transposed = 0;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_LAYOUTREWRITER_H
