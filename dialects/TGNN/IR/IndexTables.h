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

namespace orcinus::tgnn {

/// A table that index work makes.
struct TableDescription {
  enum class Element : uint8_t { I32, I64, F32 };

  llvm::StringLiteral name;
  Element element;
  /// A name for each extent; of a vector the second is empty.
  llvm::StringLiteral names[2];

  /// Those of the same name are equal.
  llvm::ArrayRef<llvm::StringLiteral> getExtents() const {
    return llvm::ArrayRef(names).take_front(names[1].empty() ? 1 : 2);
  }
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
