//===- RightPacking.cpp - The right operand in panels ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/OperandPacking.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include "llvm/Support/MathExtras.h"

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

/// The dimensions of a right operand with `map` outside its panels.
static SmallVector<unsigned> outerOf(const Contraction &contraction,
                                     AffineMap map) {
  SmallVector<unsigned> outer;
  for (ArrayRef<unsigned> dimensions :
       {ArrayRef(contraction.outer), ArrayRef(contraction.outerColumns)})
    llvm::copy_if(
        dimensions, std::back_inserter(outer),
        [&](unsigned dimension) { return map.isFunctionOfDim(dimension); });
  return outer;
}

/// The map, over `dimensions` of them, of a copy in panels of `width` columns
/// of a right operand with `map`.
static AffineMap panelMap(const Contraction &contraction, AffineMap map,
                          int64_t width, unsigned dimensions) {
  MLIRContext *context = map.getContext();
  AffineExpr column = getAffineDimExpr(contraction.column, context);
  SmallVector<AffineExpr> results;
  for (unsigned dimension : outerOf(contraction, map))
    results.push_back(getAffineDimExpr(dimension, context));
  results.push_back(column.floorDiv(width));
  for (unsigned dimension : contraction.reductions)
    results.push_back(getAffineDimExpr(dimension, context));
  results.push_back(column % width);
  return AffineMap::get(dimensions, 0, results, context);
}

namespace {

/// The copy in panels: dimensions outside the panels, the panels, the steps of
/// the reductions, the columns of a panel.
class PanelPacker {
public:
  PanelPacker(ContractionFrame &frame, int64_t panelVectors)
      : frame(frame), loops(frame.loops), contraction(frame.contraction),
        source(frame.right), width(panelVectors * frame.lanes),
        outer(outerOf(contraction, source.map)) {}

  /// Packs into `target`, or into memory that is made for it.
  void pack(bool parallel, Value target = Value());

private:
  Value allocate();
  void copyPanel(Value target, ValueRange outerIndices, Value panel,
                 Value columns);
  void copyRun(Value target, ValueRange outerIndices, Value panel,
               Value columns);
  void copyWindows(Value target, ValueRange outerIndices, Value panel,
                   Value columns);

  ContractionFrame &frame;
  LoopBuilder &loops;
  const Contraction &contraction;
  ContractionFrame::Operand source;
  int64_t width;
  /// Dimensions of the operand outside the panels.
  SmallVector<unsigned> outer;
};

} // namespace

Value PanelPacker::allocate() {
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

/// A view of `memref` without the dimensions that are `dropped`.
static Value viewOf(LoopBuilder &loops, Value memref,
                    ArrayRef<OpFoldResult> offsets,
                    ArrayRef<OpFoldResult> sizes, ArrayRef<bool> dropped) {
  OpBuilder &builder = loops.builder;
  SmallVector<OpFoldResult> steps(offsets.size(), builder.getIndexAttr(1));
  auto whole = memref::SubViewOp::create(builder, loops.location, memref,
                                         offsets, sizes, steps);
  auto type = whole.getType();
  auto [strides, offset] = type.getStridesAndOffset();
  // A subview that drops dimensions says so by its type alone, which does not
  // tell one of extent 1 from another where strides are not known.
  auto metadata =
      memref::ExtractStridedMetadataOp::create(builder, loops.location, whole);
  SmallVector<int64_t> keptShape, keptStrides;
  SmallVector<OpFoldResult> keptSizes, keptSteps;
  for (auto [at, drop] : llvm::enumerate(dropped)) {
    if (drop)
      continue;
    keptShape.push_back(type.getDimSize(at));
    keptStrides.push_back(strides[at]);
    keptSizes.push_back(sizes[at]);
    keptSteps.push_back(metadata.getConstifiedMixedStrides()[at]);
  }
  auto keptType = MemRefType::get(
      keptShape, type.getElementType(),
      StridedLayoutAttr::get(builder.getContext(), offset, keptStrides),
      type.getMemorySpace());
  return memref::ReinterpretCastOp::create(
      builder, loops.location, keptType, whole,
      metadata.getConstifiedMixedOffset(), keptSizes, keptSteps);
}

/// The same where the operand is a permutation: the panel is one view of it.
void PanelPacker::copyRun(Value target, ValueRange outerIndices, Value panel,
                          Value columns) {
  OpBuilder &builder = loops.builder;
  OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
  auto sizeOf = [&](Value extent) -> OpFoldResult {
    return getAsOpFoldResult(extent);
  };

  SmallVector<OpFoldResult> offsets, sizes;
  SmallVector<bool> dropped;
  SmallVector<unsigned> kept;
  for (AffineExpr result : source.map.getResults()) {
    unsigned dimension = cast<AffineDimExpr>(result).getPosition();
    bool isColumn = dimension == contraction.column;
    if (!isColumn && !llvm::is_contained(contraction.reductions, dimension)) {
      // One index of it; dimensions of extent 1 have no other.
      const auto *fixed = llvm::find(outer, dimension);
      offsets.push_back(
          fixed == outer.end()
              ? zero
              : OpFoldResult(outerIndices[fixed - outer.begin()]));
      sizes.push_back(one);
      dropped.push_back(true);
      continue;
    }
    dropped.push_back(false);
    offsets.push_back(
        isColumn ? OpFoldResult(loops.multiply(panel, loops.constant(width)))
                 : zero);
    sizes.push_back(sizeOf(isColumn ? columns : frame.extentOf(dimension)));
    kept.push_back(dimension);
  }
  Value from = viewOf(loops, source.memref, offsets, sizes, dropped);

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

/// The same where windows slide over the operand: element by element, vectors
/// where columns follow each other.
void PanelPacker::copyWindows(Value target, ValueRange outerIndices,
                              Value panel, Value columns) {
  for (auto [dimension, index] : llvm::zip_equal(outer, outerIndices))
    frame.position[dimension] = index;
  Value first = loops.multiply(panel, loops.constant(width));
  SmallVector<Value> extents;
  for (unsigned dimension : contraction.reductions)
    extents.push_back(frame.extentOf(dimension));
  loops.nest(extents, /*parallel=*/false, [&](ValueRange steps) {
    for (auto [dimension, index] :
         llvm::zip_equal(contraction.reductions, steps))
      frame.position[dimension] = index;
    SmallVector<Value> at(outerIndices);
    at.push_back(panel);
    llvm::append_range(at, steps);
    at.push_back(Value());
    if (source.isContiguousAlong(contraction.column)) {
      forEachPanel(loops, loops.constant(0), columns, frame.lanes,
                   /*panelVectors=*/1, [&](Value column, const Panel &vectors) {
                     frame.position[contraction.column] =
                         loops.add(first, column);
                     at.back() = column;
                     const ColumnVector &vector = vectors.front();
                     storeVector(loops, frame.load(source, 0, vector), target,
                                 at, vector.mask);
                   });
      return;
    }
    loops.forLoop(loops.constant(0), columns, /*step=*/1, [&](Value column) {
      frame.position[contraction.column] = loops.add(first, column);
      at.back() = column;
      Value element =
          memref::LoadOp::create(loops.builder, loops.location, source.memref,
                                 frame.indices(source, 0, 0));
      memref::StoreOp::create(loops.builder, loops.location, element, target,
                              at);
    });
  });
}

/// Copies the `columns` columns that `panel` has.
void PanelPacker::copyPanel(Value target, ValueRange outerIndices, Value panel,
                            Value columns) {
  if (source.map.isProjectedPermutation())
    copyRun(target, outerIndices, panel, columns);
  else
    copyWindows(target, outerIndices, panel, columns);
}

void PanelPacker::pack(bool parallel, Value target) {
  if (!target)
    target = allocate();
  Value columns = frame.extentOf(contraction.column);
  Value panelColumns = loops.constant(width);
  SmallVector<Value> extents;
  for (unsigned dimension : outer)
    extents.push_back(frame.extentOf(dimension));
  Value wholePanels = loops.divide(columns, panelColumns);
  extents.push_back(wholePanels);
  loops.nest(extents, parallel, [&](ValueRange indices) {
    copyPanel(target, indices.drop_back(), indices.back(), panelColumns);
  });
  Value rest =
      loops.subtract(columns, loops.multiply(wholePanels, panelColumns));
  if (LoopBuilder::constantOf(rest) != 0) {
    extents.pop_back();
    loops.nest(extents, parallel, [&](ValueRange indices) {
      loops.forLoop(loops.constant(0), loops.minimum(rest, loops.constant(1)),
                    /*step=*/1, [&](Value) {
                      copyPanel(target, indices, wholePanels, rest);
                    });
    });
  }
  frame.right = {
      target, panelMap(contraction, source.map, width, frame.position.size())};
}

void orcinus::packRight(ContractionFrame &frame, int64_t panelVectors,
                        bool parallel) {
  PanelPacker(frame, panelVectors).pack(parallel);
}

PackedOperand orcinus::packedRight(const Contraction &contraction,
                                   int64_t lanes, int64_t panelVectors) {
  int64_t width = panelVectors * lanes;
  SmallVector<int64_t> shape;
  for (unsigned dimension : outerOf(contraction, contraction.rightMap))
    shape.push_back(contraction.extents[dimension]);
  shape.push_back(
      llvm::divideCeil(contraction.extents[contraction.column], width));
  for (unsigned dimension : contraction.reductions)
    shape.push_back(contraction.extents[dimension]);
  shape.push_back(width);
  return {MemRefType::get(shape, contraction.elementType()),
          panelMap(contraction, contraction.rightMap, width,
                   contraction.extents.size())};
}

func::FuncOp orcinus::emitRightPacking(const Contraction &contraction,
                                       int64_t lanes, int64_t panelVectors,
                                       MemRefType packed, bool parallel) {
  Location location = contraction.right.getLoc();
  OpBuilder builder(location.getContext());
  auto function = func::FuncOp::create(
      location, "orcinus_pack_weight",
      builder.getFunctionType({contraction.right.getType(), packed}, {}));
  function.setPrivate();
  builder.setInsertionPointToStart(function.addEntryBlock());
  ContractionFrame frame(contraction, lanes, builder, location);
  frame.setRight(function.getArgument(0));
  PanelPacker(frame, panelVectors).pack(parallel, function.getArgument(1));
  func::ReturnOp::create(builder, location);
  return function;
}
