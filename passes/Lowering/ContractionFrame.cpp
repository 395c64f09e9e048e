//===- ContractionFrame.cpp - Operands and position in a nest -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ContractionFrame.h"

#include "passes/Lowering/AffineIndexing.h"
#include "passes/Lowering/MemRefUtils.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace orcinus;

ContractionFrame::ContractionFrame(const Contraction &contraction,
                                   int64_t lanes, OpBuilder &builder,
                                   Location location)
    : contraction(contraction), loops(builder, location),
      elementType(contraction.elementType()), lanes(lanes) {
  flatRow = contraction.extents.size();
  rowInBlock = flatRow + 1;
  stepInBlock = flatRow + 2;
  row = contraction.longestRow();
}

bool ContractionFrame::Operand::isContiguousAlong(unsigned dimension) const {
  return runsAlongInnermost(map, dimension) && hasUnitInnermostStride(memref);
}

void ContractionFrame::setOperands(ValueRange arguments) {
  left = {arguments[0], contraction.leftMap};
  right = {arguments[1], contraction.rightMap};
  result = {arguments[2], contraction.resultMap};
  given = {result, left, right};
  size_t next = 3;
  if (contraction.bias)
    bias = {arguments[next++], contraction.biasMap};
  stored = result;
  const ContractionEpilogue &epilogue = contraction.epilogue;
  if (!epilogue.empty())
    stored = {arguments[next++], epilogue.resultMap};
  for (const ContractionEpilogue::Operand &operand : epilogue.operands)
    read.push_back({arguments[next++], operand.map});
  // Dimensions without a loop have one value only.
  position.assign(stepInBlock + 1, loops.constant(0));
}

void ContractionFrame::setRight(Value memref) {
  right = {memref, contraction.rightMap};
  given = {right};
  position.assign(stepInBlock + 1, loops.constant(0));
}

Value ContractionFrame::extentOf(unsigned dimension) {
  if (!ShapedType::isDynamic(contraction.extents[dimension]))
    return loops.constant(contraction.extents[dimension]);
  // A copy that took an operand's place may lack the dimension.
  for (const Operand &operand : given)
    if (std::optional<unsigned> at = positionOf(operand.map, dimension))
      return loops.extent(operand.memref, *at);
  llvm_unreachable("an unknown extent is that of an operand");
}

AffineMap ContractionFrame::mapTo(ArrayRef<unsigned> dimensions) const {
  MLIRContext *context = elementType.getContext();
  SmallVector<AffineExpr> results;
  for (unsigned dimension : dimensions)
    results.push_back(getAffineDimExpr(dimension, context));
  return AffineMap::get(position.size(), 0, results, context);
}

SmallVector<Value> ContractionFrame::indices(const Operand &operand,
                                             int64_t row, int64_t column) {
  SmallVector<Value> found;
  Value firstColumn = position[contraction.column];
  for (AffineExpr result : operand.map.getResults()) {
    std::optional<LinearIndex> linear =
        LinearIndex::of(result, position.size());
    if (!linear) {
      // A panel, or a column in it; no vector lies in two panels.
      auto division = cast<AffineBinaryOpExpr>(result);
      Value width = loops.constant(
          cast<AffineConstantExpr>(division.getRHS()).getValue());
      Value panel = loops.divide(firstColumn, width);
      Value inPanel = loops.subtract(firstColumn, loops.multiply(panel, width));
      found.push_back(division.getKind() == AffineExprKind::FloorDiv
                          ? panel
                          : loops.add(inPanel, loops.constant(column)));
      continue;
    }
    linear->constant += linear->coefficients[contraction.column] * column;
    if (this->row)
      linear->constant += linear->coefficients[*this->row] * row;
    linear->constant += linear->coefficients[rowInBlock] * row;
    found.push_back(emitIndex(loops, *linear, position));
  }
  return found;
}

Value ContractionFrame::load(const Operand &operand, int64_t row,
                             const ColumnVector &vector) {
  Type element = cast<MemRefType>(operand.memref.getType()).getElementType();
  return loadVector(loops, operand.memref, indices(operand, row, vector.offset),
                    VectorType::get({vector.length}, element), vector.mask);
}

Value ContractionFrame::spread(const Operand &operand, int64_t row,
                               const ColumnVector &vector) {
  Value element = operand.memref;
  if (isa<MemRefType>(element.getType())) {
    if (operand.map.isFunctionOfDim(contraction.column))
      return load(operand, row, vector);
    element = memref::LoadOp::create(loops.builder, loops.location, element,
                                     indices(operand, row, 0));
  }
  return vector::BroadcastOp::create(
      loops.builder, loops.location,
      VectorType::get({vector.length}, element.getType()), element);
}
