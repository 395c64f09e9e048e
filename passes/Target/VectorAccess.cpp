//===- VectorAccess.cpp - Several elements at a time ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/VectorAccess.h"

#include "passes/Lowering/AffineIndexing.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace orcinus;

/// Less than this is not worth a vector.
static constexpr int64_t fewestBytes = 8;

/// Whether the stride of dimension `at`, not the innermost, of a memref of
/// `type` is known to be a multiple of `count`.
static bool strideIsMultiple(MemRefType type, int64_t at, int64_t count) {
  auto [strides, offset] = type.getStridesAndOffset();
  if (!ShapedType::isDynamic(strides[at]))
    return strides[at] % count == 0;
  // A product of the extents within.
  int64_t innermost = type.getShape().back();
  return type.getLayout().isIdentity() && !ShapedType::isDynamic(innermost) &&
         innermost % count == 0;
}

/// Whether elements that are neighbours in the innermost dimension are so in
/// memory, and all rows of them begin a multiple of `count` from the first.
static bool rowsAreMultiples(MemRefType type, int64_t count) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)) || strides.back() != 1)
    return false;
  return llvm::all_of(
      llvm::seq<int64_t>(0, type.getRank() - 1),
      [&](int64_t at) { return strideIsMultiple(type, at, count); });
}

/// Whether `view` begins a multiple of `count` elements behind what it is of.
static bool movesByMultiples(memref::SubViewOp view, int64_t count) {
  MemRefType type = view.getSourceType();
  auto [strides, offset] = type.getStridesAndOffset();
  for (auto [at, start] : llvm::enumerate(view.getMixedOffsets())) {
    std::optional<int64_t> known = getConstantIntValue(start);
    if (known && !ShapedType::isDynamic(strides[at])) {
      if (*known * strides[at] % count != 0)
        return false;
    } else if (known != 0 && (static_cast<int64_t>(at) == type.getRank() - 1 ||
                              !strideIsMultiple(type, at, count))) {
      return false;
    }
  }
  return true;
}

/// Whether `memref` is known to begin at a multiple of `count` elements in
/// memory.
static bool beginsAtMultiple(Value memref, int64_t count) {
  while (Operation *op = memref.getDefiningOp()) {
    if (isa<memref::AllocOp>(op))
      break;
    if (auto view = dyn_cast<memref::SubViewOp>(op)) {
      if (!movesByMultiples(view, count))
        return false;
    } else if (!isa<memref::CastOp, memref::CollapseShapeOp,
                    memref::ExpandShapeOp>(op)) {
      return false;
    }
    memref = op->getOperand(0);
  }
  if (auto argument = dyn_cast<BlockArgument>(memref))
    if (!isa<FunctionOpInterface>(argument.getOwner()->getParentOp()))
      return false;
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(cast<MemRefType>(memref.getType())
                       .getStridesAndOffset(strides, offset)) &&
         !ShapedType::isDynamic(offset) && offset % count == 0;
}

/// Whether the innermost index of `map` is a multiple of `count` where
/// `dimension` is.
static bool startsAtMultiple(AffineMap map, unsigned dimension, int64_t count) {
  LinearIndex index =
      *LinearIndex::of(map.getResults().back(), map.getNumDims());
  index.coefficients[dimension] = 0;
  return index.constant % count == 0 &&
         llvm::all_of(index.coefficients, [&](int64_t coefficient) {
           return coefficient % count == 0;
         });
}

int64_t orcinus::vectorWidth(Value memref, AffineMap map, unsigned dimension,
                             int64_t extent) {
  auto type = cast<MemRefType>(memref.getType());
  if (ShapedType::isDynamic(extent) || !runsAlongInnermost(map, dimension))
    return 1;
  int64_t elementBytes = type.getElementTypeBitWidth() / 8;
  for (int64_t bytes = accessBytes; bytes >= fewestBytes; bytes /= 2) {
    int64_t count = bytes / elementBytes;
    if (extent % count == 0 && startsAtMultiple(map, dimension, count) &&
        rowsAreMultiples(type, count) && beginsAtMultiple(memref, count))
      return count;
  }
  return 1;
}

/// What an access to a vector of `type` is aligned to.
static llvm::MaybeAlign alignmentOf(VectorType type) {
  int64_t bytes = type.getNumElements() * type.getElementTypeBitWidth() / 8;
  return llvm::MaybeAlign(std::min(bytes, accessBytes));
}

Value orcinus::loadElements(LoopBuilder &b, Value memref, ValueRange indices,
                            int64_t width) {
  if (width == 1)
    return memref::LoadOp::create(b.builder, b.location, memref, indices);
  Type elementType = cast<MemRefType>(memref.getType()).getElementType();
  auto type = VectorType::get({width}, elementType);
  return vector::LoadOp::create(b.builder, b.location, type, memref, indices,
                                /*nontemporal=*/false, alignmentOf(type));
}

void orcinus::storeElements(LoopBuilder &b, Value value, Value memref,
                            ValueRange indices) {
  auto type = dyn_cast<VectorType>(value.getType());
  if (!type) {
    memref::StoreOp::create(b.builder, b.location, value, memref, indices);
    return;
  }
  vector::StoreOp::create(b.builder, b.location, value, memref, indices,
                          /*nontemporal=*/false, alignmentOf(type));
}
