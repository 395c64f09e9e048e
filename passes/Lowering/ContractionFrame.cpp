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

int64_t ContractionFrame::distance(const LinearIndex &index, int64_t row,
                                   int64_t column) const {
  int64_t sum = index.coefficients[contraction.column] * column +
                index.coefficients[rowInBlock] * row;
  return this->row ? sum + index.coefficients[*this->row] * row : sum;
}

ContractionFrame::Index ContractionFrame::indexOf(AffineExpr expression,
                                                  int64_t row, int64_t column) {
  if (std::optional<LinearIndex> linear =
          LinearIndex::of(expression, position.size()))
    return {emitIndex(loops, *linear, position),
            distance(*linear, row, column)};
  auto operation = cast<AffineBinaryOpExpr>(expression);
  Index left = indexOf(operation.getLHS(), row, column);
  if (operation.getKind() == AffineExprKind::Add) {
    Index right = indexOf(operation.getRHS(), row, column);
    return {loops.add(left.base, right.base), left.distance + right.distance};
  }
  int64_t factor = cast<AffineConstantExpr>(operation.getRHS()).getValue();
  Value constant = loops.constant(factor);
  if (operation.getKind() == AffineExprKind::Mul)
    return {loops.multiply(left.base, constant), left.distance * factor};
  // No vector lies in two panels, and no tile of rows on both sides of a
  // multiple of whole tiles.
  bool isPanel = operation.getLHS().isFunctionOfDim(contraction.column);
  if (!isPanel && factor % tileRows != 0)
    left = {loops.add(left.base, loops.constant(left.distance)), 0};
  Value quotient = loops.divide(left.base, constant);
  if (operation.getKind() == AffineExprKind::FloorDiv)
    return {quotient, 0};
  return {loops.subtract(left.base, loops.multiply(quotient, constant)),
          left.distance};
}

SmallVector<Value> ContractionFrame::indices(const Operand &operand,
                                             int64_t row, int64_t column) {
  SmallVector<Value> found;
  for (AffineExpr result : operand.map.getResults()) {
    std::optional<LinearIndex> linear =
        LinearIndex::of(result, position.size());
    if (linear) {
      linear->constant += distance(*linear, row, column);
      found.push_back(emitIndex(loops, *linear, position));
      continue;
    }
    Index index = indexOf(result, row, column);
    found.push_back(index.distance
                        ? loops.add(index.base, loops.constant(index.distance))
                        : index.base);
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
