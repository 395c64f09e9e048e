//===- TGNNDenseOps.cpp - Building and verifying dense ops ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

FailureOr<ContractionLabels> tgnn::parseContractionSpec(StringRef spec) {
  auto [inputs, result] = spec.split("->");
  auto [lhs, rhs] = inputs.split(',');
  auto isDistinct = [](StringRef labels) {
    llvm::SmallDenseSet<char> seen;
    return llvm::all_of(labels, [&](char label) {
      return llvm::isAlpha(label) && seen.insert(label).second;
    });
  };
  if (!spec.contains("->") || !inputs.contains(',') || lhs.empty() ||
      rhs.empty() || !isDistinct(lhs) || !isDistinct(rhs) ||
      !isDistinct(result))
    return failure();
  auto isUsed = [](StringRef labels, StringRef a, StringRef b) {
    return llvm::all_of(labels, [&](char label) {
      return a.contains(label) || b.contains(label);
    });
  };
  if (!isUsed(lhs, rhs, result) || !isUsed(rhs, lhs, result) ||
      !isUsed(result, lhs, rhs))
    return failure();
  return ContractionLabels{lhs, rhs, result};
}

LogicalResult ConcatOp::verify() {
  if (getInputs().empty())
    return emitOpError("needs an input");
  return success();
}

void SliceOp::build(OpBuilder &builder, OperationState &state, Value input,
                    int64_t dimension, int64_t offset, int64_t size) {
  MLIRContext *context = builder.getContext();
  build(builder, state, input, static_cast<uint64_t>(dimension),
        getConstantExtent(context, offset), getConstantExtent(context, size));
}

void SliceOp::build(OpBuilder &builder, OperationState &state, Type result,
                    Value input, int64_t dimension, int64_t offset,
                    int64_t size) {
  MLIRContext *context = builder.getContext();
  build(builder, state, result, input, static_cast<uint64_t>(dimension),
        getConstantExtent(context, offset), getConstantExtent(context, size));
}

SmallVector<Attribute> SliceOp::getSizedExtents() {
  return {getOffset(), getSize()};
}

void SliceOp::evaluateSizes(function_ref<int64_t(StringRef)> sizeOf) {
  setOffsetAttr(
      getConstantExtent(getContext(), evaluateExtent(getOffset(), sizeOf)));
  setSizeAttr(
      getConstantExtent(getContext(), evaluateExtent(getSize(), sizeOf)));
}

LogicalResult SliceOp::verify() {
  auto type = cast<RankedTensorType>(getInput().getType());
  int64_t dimension = getDimension();
  if (dimension < 0 || dimension >= type.getRank())
    return emitOpError("has no dimension ") << dimension;
  std::optional<int64_t> offset = constantValue(getOffset()),
                         size = constantValue(getSize());
  if (!offset || !size)
    return success();
  int64_t extent = type.getDimSize(dimension);
  if (*offset < 0 || *size < 0 ||
      (!ShapedType::isDynamic(extent) && *offset + *size > extent))
    return emitOpError("range [") << *offset << ", " << *offset + *size
                                  << ") exceeds the extent " << extent;
  return success();
}

void ReshapeOp::build(OpBuilder &builder, OperationState &state, Value input,
                      ArrayRef<int64_t> trailing) {
  build(builder, state, input,
        getConstantExtents(builder.getContext(), trailing));
}

void ReshapeOp::build(OpBuilder &builder, OperationState &state, Type result,
                      Value input, ArrayRef<int64_t> trailing) {
  build(builder, state, result, input,
        getConstantExtents(builder.getContext(), trailing));
}

SmallVector<Attribute> ReshapeOp::getSizedExtents() {
  return SmallVector<Attribute>(getTrailing().getValue());
}

void ReshapeOp::evaluateSizes(function_ref<int64_t(StringRef)> sizeOf) {
  setTrailingAttr(
      getConstantExtents(getContext(), evaluateExtents(getTrailing(), sizeOf)));
}

LogicalResult ReshapeOp::verify() {
  auto type = cast<RankedTensorType>(getInput().getType());
  if (type.getRank() == 0)
    return emitOpError("needs a leading dimension");
  SmallVector<int64_t> trailing = knownExtents(getTrailing());
  ArrayRef<int64_t> rest = type.getShape().drop_front();
  if (ShapedType::isDynamicShape(trailing) || ShapedType::isDynamicShape(rest))
    return success();
  int64_t before = ShapedType::getNumElements(rest),
          after = ShapedType::getNumElements(trailing);
  if (after == 0 || before == 0 || (before % after && after % before))
    return emitOpError("cannot turn rows of ")
           << before << " elements into rows of " << after;
  return success();
}

SmallVector<Attribute> TokenAttentionOp::getSizedExtents() {
  return {getHeads()};
}

void TokenAttentionOp::evaluateSizes(function_ref<int64_t(StringRef)> sizeOf) {
  setHeadsAttr(
      getConstantExtent(getContext(), evaluateExtent(getHeads(), sizeOf)));
}

LogicalResult TokenAttentionOp::verify() {
  std::optional<int64_t> heads = constantValue(getHeads());
  if (!heads)
    return success();
  for (Value tokens : {getQuery(), getValue()}) {
    int64_t width = cast<RankedTensorType>(tokens.getType()).getShape().back();
    if (*heads <= 0 || (!ShapedType::isDynamic(width) && width % *heads))
      return emitOpError("needs a number of heads that divides the ")
             << width << " columns of its tokens, not " << *heads;
  }
  return success();
}
