//===- ColumnPanels.cpp - A dimension cut into vectors --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ColumnPanels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace orcinus;

static Panel wholePanel(int64_t vectors, int64_t lanes) {
  Panel panel;
  for (int64_t index = 0; index < vectors; ++index)
    panel.push_back({index * lanes, lanes, Value()});
  return panel;
}

static VectorType maskType(LoopBuilder &loops, int64_t length) {
  return VectorType::get({length}, loops.builder.getI1Type());
}

/// A panel of `columns` columns, the last vector of which may be narrower, and
/// masked where it must be.
static Panel narrowPanel(LoopBuilder &loops, int64_t columns, int64_t lanes) {
  int64_t tail = columns % lanes;
  Panel panel = wholePanel(columns / lanes, lanes);
  if (tail == 0)
    return panel;
  int64_t length = llvm::PowerOf2Ceil(tail);
  Value mask;
  if (length != tail)
    mask = vector::ConstantMaskOp::create(loops.builder, loops.location,
                                          maskType(loops, length),
                                          ArrayRef<int64_t>{tail});
  panel.push_back({columns - tail, length, mask});
  return panel;
}

void orcinus::forEachPanel(LoopBuilder &loops, int64_t extent, int64_t lanes,
                           int64_t panelVectors, PanelBody body) {
  int64_t vectors = llvm::divideCeil(extent, lanes);
  if (vectors == 0)
    return;
  int64_t panels = llvm::divideCeil(vectors, panelVectors);
  int64_t tail = extent % lanes;
  int64_t begin = 0;
  // Equal panels share a loop; the last one stands alone where it has a tail.
  auto emitRun = [&](int64_t count, int64_t width) {
    int64_t end = begin + count * width * lanes;
    loops.forLoop(
        loops.constant(begin), loops.constant(end), width * lanes,
        [&](Value column) { body(column, wholePanel(width, lanes)); });
    begin = end;
  };
  int64_t width = vectors / panels, wider = vectors % panels;
  emitRun(wider, width + 1);
  emitRun(panels - wider - (tail ? 1 : 0), width);
  if (!tail)
    return;
  body(loops.constant(begin), narrowPanel(loops, extent - begin, lanes));
}

void orcinus::forEachPanel(LoopBuilder &loops, Value begin, Value end,
                           int64_t lanes, int64_t panelVectors,
                           PanelBody body) {
  int64_t step = panelVectors * lanes;
  Value width = loops.constant(step);
  Value whole =
      loops.multiply(loops.divide(loops.subtract(end, begin), width), width);
  Value wholeEnd = loops.add(begin, whole);
  loops.forLoop(begin, wholeEnd, step, [&](Value column) {
    body(column, wholePanel(panelVectors, lanes));
  });
  loops.forLoop(wholeEnd, end, lanes, [&](Value column) {
    Value mask = vector::CreateMaskOp::create(
        loops.builder, loops.location, maskType(loops, lanes),
        ValueRange{loops.subtract(end, column)});
    body(column, {ColumnVector{0, lanes, mask}});
  });
}

void orcinus::forEachAlignedPanel(LoopBuilder &loops, Value begin, Value end,
                                  int64_t extent, int64_t lanes,
                                  int64_t panelVectors, PanelBody body) {
  int64_t step = panelVectors * lanes;
  int64_t rest = extent % step;
  Value wholeEnd = loops.constant(extent - rest);
  loops.forLoop(begin, loops.minimum(end, wholeEnd), step, [&](Value column) {
    body(column, wholePanel(panelVectors, lanes));
  });
  if (rest == 0)
    return;
  // The last panel, where it is among these columns.
  auto emitLast = [&](Value column) {
    body(column, narrowPanel(loops, rest, lanes));
  };
  if (LoopBuilder::constantOf(end) == extent)
    return emitLast(wholeEnd);
  // A task without columns begins behind it.
  loops.forLoop(loops.maximum(begin, wholeEnd), end, step, emitLast);
}

Value orcinus::loadVector(LoopBuilder &loops, Value memref, ValueRange indices,
                          VectorType type, Value mask) {
  OpBuilder &builder = loops.builder;
  if (!mask)
    return vector::LoadOp::create(builder, loops.location, type, memref,
                                  indices);
  Value zero = arith::ConstantOp::create(builder, loops.location,
                                         builder.getZeroAttr(type));
  return vector::MaskedLoadOp::create(builder, loops.location, type, memref,
                                      indices, mask, zero);
}

void orcinus::storeVector(LoopBuilder &loops, Value value, Value memref,
                          ValueRange indices, Value mask) {
  if (mask)
    vector::MaskedStoreOp::create(loops.builder, loops.location, memref,
                                  indices, mask, value);
  else
    vector::StoreOp::create(loops.builder, loops.location, value, memref,
                            indices);
}
