//===- LeftPacking.cpp - Blocks of the left operand, row by row -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/AffineIndexing.h"
#include "passes/Lowering/OperandPacking.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace orcinus;

/// The results of `map` from `first` to that of `last`, as one group.
static SmallVector<ReassociationIndices> joining(int64_t rank, unsigned first,
                                                 unsigned last) {
  SmallVector<ReassociationIndices> groups;
  for (unsigned at = 0; at < rank; ++at) {
    if (at > first && at <= last)
      groups.back().push_back(at);
    else
      groups.push_back({at});
  }
  return groups;
}

LeftPacker::LeftPacker(ContractionFrame &frame)
    : frame(frame), contraction(frame.contraction), source(frame.left) {
  orderSteps();
  chooseGroup();
  if (group.size() < 2)
    return;
  flatten(frame.result);
  if (contraction.bias)
    flatten(frame.bias);
  if (!contraction.epilogue.empty())
    flatten(frame.stored);
  for (ContractionFrame::Operand &operand : frame.read)
    if (isa<MemRefType>(operand.memref.getType()))
      flatten(operand);
  frame.row = frame.flatRow;
}

/// The reductions in the order in which the right operand has them, but for the
/// last that the left operand's memory follows: that one goes innermost, so
/// that what is a vector of the operand is one of the copy, too.
void LeftPacker::orderSteps() {
  stepOrder = contraction.reductions;
  auto contiguous =
      llvm::find_if(llvm::reverse(stepOrder), [&](unsigned dimension) {
        return runsAlongInnermost(source.map, dimension);
      });
  if (contiguous != stepOrder.rend())
    std::rotate(std::prev(contiguous.base()), contiguous.base(),
                stepOrder.end());
}

/// The longest run of rows of known extents that includes the longest row and
/// that the result has next to each other.
void LeftPacker::chooseGroup() {
  std::optional<unsigned> row = contraction.longestRow();
  if (!row)
    return;
  group = {*row};
  AffineMap map = contraction.resultMap;
  auto isKnownRow = [&](unsigned at) {
    auto index = dyn_cast<AffineDimExpr>(map.getResult(at));
    return index && llvm::is_contained(contraction.rows, index.getPosition()) &&
           !ShapedType::isDynamic(contraction.extents[index.getPosition()]);
  };
  std::optional<unsigned> position = positionOf(map, *row);
  if (!position || !isKnownRow(*position))
    return;
  unsigned first = *position, last = first;
  while (first > 0 && isKnownRow(first - 1))
    --first;
  while (last + 1 < map.getNumResults() && isKnownRow(last + 1))
    ++last;
  group.clear();
  for (unsigned at = first; at <= last; ++at)
    group.push_back(map.getDimPosition(at));
}

/// Makes the flat row an index of `operand`: the only one in the place of all
/// rows where these are one run of memory, else one that is divided.
void LeftPacker::flatten(ContractionFrame::Operand &operand) {
  if (operand.map.getResults() == contraction.resultMap.getResults() &&
      collapse(operand))
    return;
  operand.map = contraction.divided(operand.map, frame.flatRow, group,
                                    frame.position.size());
}

/// Joins the group's dimensions of `operand`, which lies as the result does;
/// false where they are not one run of memory.
bool LeftPacker::collapse(ContractionFrame::Operand &operand) {
  AffineMap map = contraction.resultMap;
  unsigned first = *positionOf(map, group.front());
  unsigned last = *positionOf(map, group.back());
  SmallVector<ReassociationIndices> groups =
      joining(map.getNumResults(), first, last);
  if (!memref::CollapseShapeOp::isGuaranteedCollapsible(
          cast<MemRefType>(operand.memref.getType()), groups))
    return false;
  AffineExpr flat =
      getAffineDimExpr(frame.flatRow, frame.elementType.getContext());
  SmallVector<AffineExpr> indices(map.getResults().take_front(first));
  indices.push_back(flat);
  llvm::append_range(indices, map.getResults().drop_front(last + 1));
  operand.map = AffineMap::get(frame.position.size(), 0, indices,
                               frame.elementType.getContext());
  operand.memref = memref::CollapseShapeOp::create(
      frame.loops.builder, frame.loops.location, operand.memref, groups);
  return true;
}

int64_t LeftPacker::rowExtent() const {
  int64_t rows = 1;
  for (unsigned dimension : group) {
    if (ShapedType::isDynamic(contraction.extents[dimension]))
      return ShapedType::kDynamic;
    rows *= contraction.extents[dimension];
  }
  return rows;
}

/// Whether rows, not steps, follow each other in the left operand's memory.
bool LeftPacker::rowsAreInnermost() const {
  return group.size() == 1 && source.isContiguousAlong(group.front());
}

void LeftPacker::allocate(Value rows, Value steps, int64_t padding) {
  LoopBuilder &loops = frame.loops;
  SmallVector<unsigned> dimensions;
  SmallVector<Value> extents;
  if (!rowsAreInnermost() && !group.empty()) {
    dimensions.push_back(frame.rowInBlock);
    extents.push_back(rows);
  }
  for (unsigned dimension : stepOrder) {
    bool isLongest = dimension == contraction.longestReduction();
    dimensions.push_back(isLongest ? frame.stepInBlock : dimension);
    extents.push_back(isLongest ? steps : frame.extentOf(dimension));
  }
  if (rowsAreInnermost()) {
    dimensions.push_back(frame.rowInBlock);
    extents.push_back(rows);
  }
  extents.back() = loops.add(extents.back(), loops.constant(padding));
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamicExtents;
  for (Value extent : extents) {
    std::optional<int64_t> known = LoopBuilder::constantOf(extent);
    shape.push_back(known.value_or(ShapedType::kDynamic));
    if (!known)
      dynamicExtents.push_back(extent);
  }
  Value copy = memref::AllocOp::create(
      loops.builder, loops.location, MemRefType::get(shape, frame.elementType),
      dynamicExtents);
  frame.left = {copy, frame.mapTo(dimensions)};
}

/// Sets the position of each row of the group to where `flat` leads.
void LeftPacker::decompose(Value flat) {
  LoopBuilder &loops = frame.loops;
  for (unsigned dimension : llvm::reverse(group)) {
    if (dimension == group.front()) {
      frame.position[dimension] = flat;
      return;
    }
    Value extent = frame.extentOf(dimension);
    Value quotient = loops.divide(flat, extent);
    frame.position[dimension] =
        loops.subtract(flat, loops.multiply(quotient, extent));
    flat = quotient;
  }
}

/// Copies what lies along dimension `run` in `range` from the current position:
/// by vectors where both the operand and the copy are contiguous along it.
void LeftPacker::copyRun(unsigned run, Interval range) {
  LoopBuilder &loops = frame.loops;
  bool isLongest = run == contraction.longestReduction();
  bool isRow = llvm::is_contained(group, run);
  unsigned runOfCopy = isRow       ? frame.rowInBlock
                       : isLongest ? frame.stepInBlock
                                   : run;
  auto moveTo = [&](Value at) {
    frame.position[run] = at;
    if (isLongest)
      frame.position[frame.stepInBlock] = loops.subtract(at, range.begin);
    if (isRow)
      frame.position[frame.rowInBlock] = loops.subtract(at, range.begin);
  };
  if (!source.isContiguousAlong(run) ||
      !frame.left.isContiguousAlong(runOfCopy)) {
    loops.forLoop(range.begin, range.end, /*step=*/1, [&](Value at) {
      moveTo(at);
      Value element =
          memref::LoadOp::create(loops.builder, loops.location, source.memref,
                                 frame.indices(source, 0, 0));
      memref::StoreOp::create(loops.builder, loops.location, element,
                              frame.left.memref,
                              frame.indices(frame.left, 0, 0));
    });
    return;
  }
  auto copy = [&](Value at, const Panel &panel) {
    moveTo(at);
    const ColumnVector &vector = panel.front();
    Value values = frame.load(source, 0, vector);
    storeVector(loops, values, frame.left.memref,
                frame.indices(frame.left, 0, 0), vector.mask);
  };
  std::optional<int64_t> begin = LoopBuilder::constantOf(range.begin);
  std::optional<int64_t> end = LoopBuilder::constantOf(range.end);
  if (begin == 0 && end)
    forEachPanel(loops, *end, frame.lanes, /*panelVectors=*/1, copy);
  else
    forEachPanel(loops, range.begin, range.end, frame.lanes,
                 /*panelVectors=*/1, copy);
}

void LeftPacker::pack(Interval rows, Interval steps) {
  LoopBuilder &loops = frame.loops;
  unsigned longest = contraction.longestReduction();
  auto rangeOf = [&](unsigned dimension) {
    return dimension == longest
               ? steps
               : Interval{loops.constant(0), frame.extentOf(dimension)};
  };
  auto copySteps = [&](auto &&self, unsigned depth) -> void {
    unsigned dimension = stepOrder[depth];
    Interval range = rangeOf(dimension);
    bool last = depth + 1 == stepOrder.size();
    if (last && !rowsAreInnermost())
      return copyRun(dimension, range);
    loops.forLoop(range.begin, range.end, /*step=*/1, [&](Value at) {
      frame.position[dimension] = at;
      if (dimension == longest)
        frame.position[frame.stepInBlock] = loops.subtract(at, range.begin);
      if (last)
        copyRun(group.front(), rows);
      else
        self(self, depth + 1);
    });
  };
  if (rowsAreInnermost() || group.empty())
    return copySteps(copySteps, 0);
  loops.forLoop(rows.begin, rows.end, /*step=*/1, [&](Value row) {
    decompose(row);
    frame.position[frame.rowInBlock] = loops.subtract(row, rows.begin);
    copySteps(copySteps, 0);
  });
}
