//===- RightPacking.cpp - The right operand in panels ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/OperandPacking.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace orcinus;

/// Copies `source` to `target`, whose dimension i is that of `source` at
/// `permutation[i]`.
static void copyPermuted(LoopBuilder &loops, Value source, Value target,
                         ArrayRef<int64_t> permutation) {
  if (llvm::is_sorted(permutation))
    linalg::CopyOp::create(loops.builder, loops.location, source, target);
  else
    linalg::TransposeOp::create(loops.builder, loops.location, source, target,
                                permutation);
}

void orcinus::transposeRight(ContractionFrame &frame) {
  LoopBuilder &loops = frame.loops;
  auto [right, map] = frame.right;
  SmallVector<int64_t> permutation;
  int64_t columnAt = 0;
  for (unsigned at = 0; at < map.getNumResults(); ++at) {
    if (map.getDimPosition(at) == frame.contraction.column)
      columnAt = at;
    else
      permutation.push_back(at);
  }
  permutation.push_back(columnAt);

  auto type = cast<MemRefType>(right.getType());
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamicExtents;
  SmallVector<unsigned> dimensions;
  for (int64_t at : permutation) {
    shape.push_back(type.getDimSize(at));
    if (type.isDynamicDim(at))
      dynamicExtents.push_back(loops.extent(right, at));
    dimensions.push_back(map.getDimPosition(at));
  }
  Value copy = memref::AllocOp::create(
      loops.builder, loops.location, MemRefType::get(shape, frame.elementType),
      dynamicExtents);
  copyPermuted(loops, right, copy, permutation);
  frame.right = {copy, frame.mapTo(dimensions)};
}

namespace {

/// The copy in panels: dimensions outside the panels, the panels, the steps of
/// the reductions, the columns of a panel.
class PanelPacker {
public:
  PanelPacker(ContractionFrame &frame, int64_t panelVectors)
      : frame(frame), loops(frame.loops), source(frame.right.memref),
        map(frame.right.map), width(panelVectors * frame.lanes) {
    const Contraction &contraction = frame.contraction;
    for (AffineExpr result : map.getResults()) {
      unsigned dimension = cast<AffineDimExpr>(result).getPosition();
      if (dimension != contraction.column &&
          !llvm::is_contained(contraction.reductions, dimension))
        outer.push_back(dimension);
    }
  }

  void pack(int64_t threads);

private:
  Value allocate();
  void copyPanel(Value target, ValueRange outerIndices, Value panel,
                 Value columns);
  AffineMap packedMap();

  ContractionFrame &frame;
  LoopBuilder &loops;
  Value source;
  AffineMap map;
  int64_t width;
  /// Dimensions of the operand outside the panels, which it has outermost.
  SmallVector<unsigned> outer;
};

} // namespace

Value PanelPacker::allocate() {
  const Contraction &contraction = frame.contraction;
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamicExtents;
  auto add = [&](Value extent) {
    std::optional<int64_t> known = LoopBuilder::constantOf(extent);
    shape.push_back(known.value_or(ShapedType::kDynamic));
    if (!known)
      dynamicExtents.push_back(extent);
  };
  for (unsigned dimension : outer)
    add(frame.extentOf(dimension));
  add(loops.divideUp(frame.extentOf(contraction.column),
                     loops.constant(width)));
  for (unsigned dimension : contraction.reductions)
    add(frame.extentOf(dimension));
  add(loops.constant(width));
  return memref::AllocOp::create(loops.builder, loops.location,
                                 MemRefType::get(shape, frame.elementType),
                                 dynamicExtents);
}

/// A view of `memref` with one index at the front of each of `fixed`, and the
/// rest whole but for the last dimension.
static Value viewOf(LoopBuilder &loops, Value memref,
                    ArrayRef<OpFoldResult> offsets,
                    ArrayRef<OpFoldResult> sizes, ArrayRef<bool> dropped) {
  SmallVector<int64_t> shape;
  for (auto [size, drop] : llvm::zip_equal(sizes, dropped))
    if (!drop)
      shape.push_back(getConstantIntValue(size).value_or(ShapedType::kDynamic));
  SmallVector<OpFoldResult> strides(offsets.size(),
                                    loops.builder.getIndexAttr(1));
  auto type = memref::SubViewOp::inferRankReducedResultType(
      shape, cast<MemRefType>(memref.getType()), offsets, sizes, strides);
  return memref::SubViewOp::create(loops.builder, loops.location, type, memref,
                                   offsets, sizes, strides);
}

/// Copies the `columns` columns that `panel` has.
void PanelPacker::copyPanel(Value target, ValueRange outerIndices, Value panel,
                            Value columns) {
  const Contraction &contraction = frame.contraction;
  OpBuilder &builder = loops.builder;
  OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
  auto sizeOf = [&](Value extent) -> OpFoldResult {
    return getAsOpFoldResult(extent);
  };

  SmallVector<OpFoldResult> offsets, sizes;
  SmallVector<bool> dropped;
  SmallVector<unsigned> kept;
  for (AffineExpr result : map.getResults()) {
    unsigned dimension = cast<AffineDimExpr>(result).getPosition();
    const auto *fixed = llvm::find(outer, dimension);
    dropped.push_back(fixed != outer.end());
    if (fixed != outer.end()) {
      offsets.push_back(outerIndices[fixed - outer.begin()]);
      sizes.push_back(one);
      continue;
    }
    bool isColumn = dimension == contraction.column;
    offsets.push_back(
        isColumn ? OpFoldResult(loops.multiply(panel, loops.constant(width)))
                 : zero);
    sizes.push_back(sizeOf(isColumn ? columns : frame.extentOf(dimension)));
    kept.push_back(dimension);
  }
  Value from = viewOf(loops, source, offsets, sizes, dropped);

  SmallVector<unsigned> wanted(contraction.reductions);
  wanted.push_back(contraction.column);
  offsets.assign(outerIndices.begin(), outerIndices.end());
  offsets.push_back(panel);
  sizes.assign(offsets.size(), one);
  dropped.assign(offsets.size(), true);
  SmallVector<int64_t> permutation;
  for (unsigned dimension : wanted) {
    permutation.push_back(llvm::find(kept, dimension) - kept.begin());
    offsets.push_back(zero);
    sizes.push_back(sizeOf(
        dimension == contraction.column ? columns : frame.extentOf(dimension)));
    dropped.push_back(false);
  }
  copyPermuted(loops, from, viewOf(loops, target, offsets, sizes, dropped),
               permutation);
}

AffineMap PanelPacker::packedMap() {
  const Contraction &contraction = frame.contraction;
  SmallVector<unsigned> dimensions(outer);
  dimensions.push_back(contraction.column);
  dimensions.append(contraction.reductions);
  dimensions.push_back(contraction.column);
  AffineMap packed = frame.mapTo(dimensions);
  SmallVector<AffineExpr> results(packed.getResults());
  results[outer.size()] = results[outer.size()].floorDiv(width);
  results.back() = results.back() % width;
  return AffineMap::get(packed.getNumDims(), 0, results, packed.getContext());
}

void PanelPacker::pack(int64_t threads) {
  Value target = allocate();
  Value columns = frame.extentOf(frame.contraction.column);
  Value panelColumns = loops.constant(width);
  SmallVector<Value> extents;
  for (unsigned dimension : outer)
    extents.push_back(frame.extentOf(dimension));
  Value wholePanels = loops.divide(columns, panelColumns);
  extents.push_back(wholePanels);
  loops.nest(extents, threads > 1, [&](ValueRange indices) {
    copyPanel(target, indices.drop_back(), indices.back(), panelColumns);
  });
  Value rest =
      loops.subtract(columns, loops.multiply(wholePanels, panelColumns));
  if (LoopBuilder::constantOf(rest) != 0) {
    extents.pop_back();
    loops.nest(extents, threads > 1, [&](ValueRange indices) {
      loops.forLoop(loops.constant(0), loops.minimum(rest, loops.constant(1)),
                    /*step=*/1, [&](Value) {
                      copyPanel(target, indices, wholePanels, rest);
                    });
    });
  }
  frame.right = {target, packedMap()};
}

void orcinus::packRight(ContractionFrame &frame, int64_t panelVectors,
                        int64_t threads) {
  PanelPacker(frame, panelVectors).pack(threads);
}
