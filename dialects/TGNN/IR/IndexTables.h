//===- IndexTables.h - What tables a handle names ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_INDEXTABLES_H
#define ORCINUS_DIALECTS_TGNN_IR_INDEXTABLES_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>

namespace orcinus::tgnn {

/// A table that index work makes.
struct TableDescription {
  enum class Element : uint8_t { I32, I64, F32 };

  llvm::StringLiteral name;
  Element element;
  /// A name for each extent; of a vector the second is empty. `offsets` is one
  /// more than `rows`, and `places` one more than `neighbours`.
  llvm::StringLiteral names[2];
  /// What its values are below: a sum of products, such as `neighbours + 1`, of
  /// numbers, extents of the handle or of `IndexWorkOpInterface::
  /// getExtentSources`, counts of the step, and the stream's `nodes` and
  /// `events`. Only what has it is an index or counts places.
  llvm::StringLiteral below = "";
  /// Whether no value is there twice.
  bool isDistinct = false;

  /// Those of the same name are equal.
  llvm::ArrayRef<llvm::StringLiteral> getExtents() const {
    return llvm::ArrayRef(names).take_front(names[1].empty() ? 1 : 2);
  }
};

/// What an extent of an op's tables is equal to. Several of one name are equal
/// to each other, which the op needs of its operands.
struct ExtentSource {
  llvm::StringLiteral name;
  /// Whose extent `of` it is, or the sum of whose extents, `rows + cached`;
  /// null where `of` is a count of the step (docs/abi.md), or a binding, whose
  /// rows it is.
  mlir::Value handle;
  std::string of;
};

/// The table `component` of `handle`; null where its type has none.
const TableDescription *findTable(mlir::Value handle,
                                  llvm::StringRef component);

/// The extent `name` of the tables of `handle`, dynamic where the op that makes
/// it does not know it.
int64_t getHandleExtent(mlir::Value handle, llvm::StringRef name);

/// Its type: extents that the op which makes the handle does not know are
/// dynamic.
mlir::RankedTensorType getTableType(mlir::Value handle,
                                    const TableDescription &table);

} // namespace orcinus::tgnn

#endif // ORCINUS_DIALECTS_TGNN_IR_INDEXTABLES_H
