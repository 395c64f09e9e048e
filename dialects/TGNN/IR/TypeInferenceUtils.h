//===- TypeInferenceUtils.h - What type inference shares --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TYPEINFERENCEUTILS_H
#define ORCINUS_DIALECTS_TGNN_IR_TYPEINFERENCEUTILS_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Value.h"

namespace orcinus::tgnn {

using llvm::ArrayRef;
using llvm::SmallVectorImpl;
using llvm::StringRef;
using mlir::emitOptionalError;
using mlir::failed;
using mlir::failure;
using mlir::FailureOr;
using mlir::Location;
using mlir::LogicalResult;
using mlir::RankedTensorType;
using mlir::ShapedType;
using mlir::success;
using mlir::Value;

inline ArrayRef<int64_t> shapeOf(Value value) {
  return cast<ShapedType>(value.getType()).getShape();
}

inline int64_t rankOf(Value value) {
  auto type = dyn_cast<ShapedType>(value.getType());
  return type ? type.getRank() : -1;
}

inline RankedTensorType tensorOf(Value like, ArrayRef<int64_t> shape) {
  return RankedTensorType::get(
      shape, cast<ShapedType>(like.getType()).getElementType());
}

/// What two operands agree on: the inline one of two extents.
inline FailureOr<int64_t> mergeExtents(int64_t a, int64_t b) {
  if (ShapedType::isDynamic(a))
    return b;
  if (ShapedType::isDynamic(b) || a == b)
    return a;
  return failure();
}

inline LogicalResult mergeShapes(std::optional<Location> location, Value a,
                                 Value b, SmallVectorImpl<int64_t> &shape) {
  if (rankOf(a) != rankOf(b))
    return emitOptionalError(location, "operands must have the same rank");
  for (auto [x, y] : llvm::zip(shapeOf(a), shapeOf(b))) {
    FailureOr<int64_t> extent = mergeExtents(x, y);
    if (failed(extent))
      return emitOptionalError(location, "operands have different extents, ", x,
                               " and ", y);
    shape.push_back(*extent);
  }
  return success();
}

/// Checks that `value` has `rank` dimensions and that its dimension
/// `dimension` is `extent`.
inline LogicalResult expectExtent(std::optional<Location> location, Value value,
                                  StringRef what, int64_t rank,
                                  int64_t dimension, int64_t extent) {
  if (rankOf(value) != rank)
    return emitOptionalError(location, what, " must have rank ", rank);
  if (failed(mergeExtents(shapeOf(value)[dimension], extent)))
    return emitOptionalError(location, what, " must have the extent ", extent,
                             " in dimension ", dimension, ", has ",
                             shapeOf(value)[dimension]);
  return success();
}

/// Checks that `value` has as many rows as `like`.
inline LogicalResult expectRows(std::optional<Location> location, Value value,
                                StringRef what, Value like) {
  return expectExtent(location, value, what, rankOf(value), 0,
                      shapeOf(like)[0]);
}

} // namespace orcinus::tgnn

#endif // ORCINUS_DIALECTS_TGNN_IR_TYPEINFERENCEUTILS_H
