//===- ContractionEmitter.cpp - The loop nest of a contraction ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The nest, from outside in:
//
//   parallel: outer dimensions, tasks of rows
//     blocks of the reduction
//       blocks of rows
//         outer columns, panels of columns
//           tiles of rows
//             steps of the reduction: accumulators in registers
//
// All columns pass over a block of rows while it is in cache. A panel's part of
// the right operand is read once for every tile of rows, so the panels stand
// outside the tiles: it then comes from the nearest cache.
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ContractionEmitter.h"

#include "passes/Lowering/ColumnPanels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace orcinus;

namespace {

/// [begin, end) of one loop dimension.
struct Range {
  Value begin, end;
};

class Emitter {
public:
  Emitter(const Contraction &contraction, const ContractionSchedule &schedule,
          const VectorTarget &target, OpBuilder &builder, Location location)
      : contraction(contraction), schedule(schedule), loops(builder, location),
        builder(builder), location(location),
        elementType(contraction.elementType()),
        lanes(target.lanes(elementType)), position(contraction.extents.size()) {
  }

  void emit(Block::BlockArgListType arguments);

private:
  void transposeRight();
  void emitTask(Value task, Value taskCount);
  void emitReductionBlocks(Range rows);
  void emitReductionBlock(Range rows, Range block, bool accumulate);
  void emitRowBlock(Range rows, Range block, bool accumulate);
  void emitPanels(llvm::function_ref<void(const Panel &)> body);
  void emitRowTiles(Range rows, llvm::function_ref<void(int64_t)> body);
  void emitTile(int64_t rowCount, const Panel &panel, Range block,
                bool accumulate);
  SmallVector<Value> emitReduction(unsigned depth, Range block,
                                   int64_t rowCount, const Panel &panel,
                                   ValueRange accumulators);
  SmallVector<Value> emitStep(int64_t rowCount, const Panel &panel,
                              ValueRange accumulators);

  /// The extent of a loop dimension, read from an operand that has it.
  Value extentOf(unsigned dimension);
  /// Where `map` leads from the current position, `row` rows and `column`
  /// columns further.
  SmallVector<Value> indices(AffineMap map, int64_t row, int64_t column);
  SmallVector<Value> biasIndices(int64_t row, int64_t column);
  Value startOf(int64_t row, const ColumnVector &vector, bool accumulate);
  VectorType vectorOf(int64_t length) {
    return VectorType::get({length}, elementType);
  }
  Value load(Value memref, ValueRange at, const ColumnVector &vector) {
    return loadVector(loops, memref, at, vectorOf(vector.length), vector.mask);
  }

  const Contraction &contraction;
  const ContractionSchedule &schedule;
  LoopBuilder loops;
  OpBuilder &builder;
  Location location;
  Type elementType;
  int64_t lanes;

  Value left, right, result, bias;
  AffineMap rightMap;
  /// The current value of each loop dimension.
  SmallVector<Value> position;
};

} // namespace

Value Emitter::extentOf(unsigned dimension) {
  if (!ShapedType::isDynamic(contraction.extents[dimension]))
    return loops.constant(contraction.extents[dimension]);
  std::pair<Value, AffineMap> operands[] = {{result, contraction.resultMap},
                                            {left, contraction.leftMap},
                                            {right, rightMap}};
  for (auto [memref, map] : operands)
    for (unsigned at = 0; at < map.getNumResults(); ++at)
      if (map.getDimPosition(at) == dimension)
        return loops.extent(memref, at);
  llvm_unreachable("every loop dimension is in an operand");
}

SmallVector<Value> Emitter::indices(AffineMap map, int64_t row,
                                    int64_t column) {
  SmallVector<Value> result;
  for (unsigned at = 0; at < map.getNumResults(); ++at) {
    unsigned dimension = map.getDimPosition(at);
    int64_t distance = 0;
    if (dimension == contraction.column)
      distance = column;
    else if (contraction.row && dimension == *contraction.row)
      distance = row;
    Value index = position[dimension];
    result.push_back(distance ? loops.add(index, loops.constant(distance))
                              : index);
  }
  return result;
}

SmallVector<Value> Emitter::biasIndices(int64_t row, int64_t column) {
  SmallVector<Value> all = indices(contraction.resultMap, row, column);
  SmallVector<Value> chosen;
  for (unsigned dimension : contraction.biasDimensions)
    chosen.push_back(all[dimension]);
  return chosen;
}

Value Emitter::startOf(int64_t row, const ColumnVector &vector,
                       bool accumulate) {
  if (accumulate || contraction.start == Contraction::Start::Result)
    return load(result, indices(contraction.resultMap, row, vector.offset),
                vector);
  if (contraction.start == Contraction::Start::Bias)
    return load(bias, biasIndices(row, vector.offset), vector);
  return arith::ConstantOp::create(
      builder, location, builder.getZeroAttr(vectorOf(vector.length)));
}

/// One step: every row's element of left times the panel's vectors of right.
SmallVector<Value> Emitter::emitStep(int64_t rowCount, const Panel &panel,
                                     ValueRange accumulators) {
  SmallVector<Value> vectors;
  for (const ColumnVector &vector : panel)
    vectors.push_back(load(right, indices(rightMap, 0, vector.offset), vector));
  SmallVector<Value> sums;
  for (int64_t row = 0; row < rowCount; ++row) {
    Value scalar = memref::LoadOp::create(builder, location, left,
                                          indices(contraction.leftMap, row, 0));
    Value wide =
        vector::BroadcastOp::create(builder, location, vectorOf(lanes), scalar);
    for (auto [index, vector] : llvm::enumerate(panel)) {
      // A narrower last vector takes the low lanes of the same register.
      Value factor = wide;
      if (vector.length != lanes)
        factor = vector::ExtractStridedSliceOp::create(
            builder, location, wide, ArrayRef<int64_t>{0},
            ArrayRef<int64_t>{vector.length}, ArrayRef<int64_t>{1});
      sums.push_back(
          vector::FMAOp::create(builder, location, factor, vectors[index],
                                accumulators[row * panel.size() + index]));
    }
  }
  return sums;
}

SmallVector<Value> Emitter::emitReduction(unsigned depth, Range block,
                                          int64_t rowCount, const Panel &panel,
                                          ValueRange accumulators) {
  if (depth == contraction.reductions.size())
    return emitStep(rowCount, panel, accumulators);
  unsigned dimension = contraction.reductions[depth];
  Range range =
      depth == 0 ? block : Range{loops.constant(0), extentOf(dimension)};
  return loops.reduceLoop(range.begin, range.end, /*step=*/1, accumulators,
                          [&](Value index, ValueRange carried) {
                            position[dimension] = index;
                            return emitReduction(depth + 1, block, rowCount,
                                                 panel, carried);
                          });
}

void Emitter::emitTile(int64_t rowCount, const Panel &panel, Range block,
                       bool accumulate) {
  SmallVector<Value> accumulators;
  for (int64_t row = 0; row < rowCount; ++row)
    for (const ColumnVector &vector : panel)
      accumulators.push_back(startOf(row, vector, accumulate));
  if (block.begin)
    accumulators = emitReduction(0, block, rowCount, panel, accumulators);
  for (int64_t row = 0; row < rowCount; ++row)
    for (auto [index, vector] : llvm::enumerate(panel))
      storeVector(loops, accumulators[row * panel.size() + index], result,
                  indices(contraction.resultMap, row, vector.offset),
                  vector.mask);
}

void Emitter::emitRowTiles(Range rows, llvm::function_ref<void(int64_t)> body) {
  if (!contraction.row)
    return body(1);
  auto tiles = [&](Value begin, Value end, int64_t step) {
    loops.forLoop(begin, end, step, [&](Value row) {
      position[*contraction.row] = row;
      body(step);
    });
  };
  int64_t tileRows = schedule.tileRows;
  Value step = loops.constant(tileRows);
  Value whole = loops.multiply(
      loops.divide(loops.subtract(rows.end, rows.begin), step), step);
  Value wholeEnd = loops.add(rows.begin, whole);
  tiles(rows.begin, wholeEnd, tileRows);
  if (tileRows > 1)
    tiles(wholeEnd, rows.end, 1);
}

void Emitter::emitPanels(llvm::function_ref<void(const Panel &)> body) {
  auto at = [&](Value column, const Panel &panel) {
    position[contraction.column] = column;
    body(panel);
  };
  int64_t columns = contraction.extents[contraction.column];
  if (ShapedType::isDynamic(columns))
    forEachPanel(loops, loops.constant(0), extentOf(contraction.column), lanes,
                 schedule.panelVectors, at);
  else
    forEachPanel(loops, columns, lanes, schedule.panelVectors, at);
}

void Emitter::emitRowBlock(Range rows, Range block, bool accumulate) {
  SmallVector<Value> extents;
  for (unsigned dimension : contraction.outerColumns)
    extents.push_back(extentOf(dimension));
  loops.nest(extents, /*parallel=*/false, [&](ValueRange columns) {
    for (auto [dimension, index] :
         llvm::zip_equal(contraction.outerColumns, columns))
      position[dimension] = index;
    emitPanels([&](const Panel &panel) {
      emitRowTiles(rows, [&](int64_t rowCount) {
        emitTile(rowCount, panel, block, accumulate);
      });
    });
  });
}

void Emitter::emitReductionBlock(Range rows, Range block, bool accumulate) {
  if (schedule.rowBlock == 0 || !contraction.row)
    return emitRowBlock(rows, block, accumulate);
  loops.forLoop(rows.begin, rows.end, schedule.rowBlock, [&](Value begin) {
    Value end = loops.minimum(
        loops.add(begin, loops.constant(schedule.rowBlock)), rows.end);
    emitRowBlock(Range{begin, end}, block, accumulate);
  });
}

void Emitter::emitReductionBlocks(Range rows) {
  Range whole{loops.constant(0), extentOf(contraction.reductions.front())};
  if (schedule.reductionBlock == 0)
    return emitReductionBlock(rows, whole, /*accumulate=*/false);

  // Start the result first, so that all blocks accumulate and share code.
  if (contraction.start != Contraction::Start::Result)
    emitReductionBlock(rows, Range{}, /*accumulate=*/false);
  loops.forLoop(whole.begin, whole.end, schedule.reductionBlock,
                [&](Value begin) {
                  Value end = loops.minimum(
                      loops.add(begin, loops.constant(schedule.reductionBlock)),
                      whole.end);
                  emitReductionBlock(rows, Range{begin, end},
                                     /*accumulate=*/true);
                });
}

void Emitter::emitTask(Value task, Value taskCount) {
  Range rows{loops.constant(0), loops.constant(1)};
  if (contraction.row) {
    Value extent = extentOf(*contraction.row);
    Value tileRows = loops.constant(schedule.tileRows);
    Value taskRows = loops.multiply(
        loops.divideUp(loops.divideUp(extent, taskCount), tileRows), tileRows);
    rows.begin = loops.minimum(loops.multiply(task, taskRows), extent);
    rows.end = loops.minimum(loops.add(rows.begin, taskRows), extent);
  }
  emitReductionBlocks(rows);
}

/// Replaces the right operand by a copy whose innermost dimension is the
/// column. It stays untransposed on paper: the copy's op is lowered with the
/// other elementwise ones.
void Emitter::transposeRight() {
  SmallVector<int64_t> permutation;
  int64_t columnAt = 0;
  for (unsigned at = 0; at < rightMap.getNumResults(); ++at) {
    if (rightMap.getDimPosition(at) == contraction.column)
      columnAt = at;
    else
      permutation.push_back(at);
  }
  permutation.push_back(columnAt);

  auto type = cast<MemRefType>(right.getType());
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamicExtents;
  SmallVector<AffineExpr> results;
  for (int64_t at : permutation) {
    shape.push_back(type.getDimSize(at));
    if (type.isDynamicDim(at))
      dynamicExtents.push_back(loops.extent(right, at));
    results.push_back(rightMap.getResult(at));
  }
  Value copy = memref::AllocOp::create(
      builder, location, MemRefType::get(shape, elementType), dynamicExtents);
  linalg::TransposeOp::create(builder, location, right, copy, permutation);
  right = copy;
  rightMap =
      AffineMap::get(rightMap.getNumDims(), 0, results, builder.getContext());
}

void Emitter::emit(Block::BlockArgListType arguments) {
  left = arguments[0];
  right = arguments[1];
  result = arguments[2];
  if (contraction.bias)
    bias = arguments[3];
  rightMap = contraction.rightMap;
  if (contraction.transposeRight)
    transposeRight();

  SmallVector<Value> extents;
  for (unsigned dimension : contraction.outer)
    extents.push_back(extentOf(dimension));
  bool parallel = schedule.rowTasks > 0;
  Value tasks = loops.constant(std::max<int64_t>(schedule.rowTasks, 1));
  bool taskLoop = schedule.rowTasks > 1 && contraction.row;
  if (taskLoop)
    extents.push_back(tasks);
  loops.nest(extents, parallel, [&](ValueRange outer) {
    for (auto [dimension, index] : llvm::zip(contraction.outer, outer))
      position[dimension] = index;
    emitTask(taskLoop ? outer.back() : loops.constant(0),
             taskLoop ? tasks : loops.constant(1));
  });
}

func::FuncOp orcinus::emitContraction(const Contraction &contraction,
                                      const ContractionSchedule &schedule,
                                      const VectorTarget &target,
                                      Location location) {
  OpBuilder builder(location.getContext());
  SmallVector<Type> types{contraction.left.getType(),
                          contraction.right.getType(),
                          contraction.result.getType()};
  if (contraction.bias)
    types.push_back(contraction.bias.getType());
  auto function = func::FuncOp::create(location, "orcinus_contraction",
                                       builder.getFunctionType(types, {}));
  function.setPrivate();
  builder.setInsertionPointToStart(function.addEntryBlock());
  Emitter(contraction, schedule, target, builder, location)
      .emit(function.getArguments());
  func::ReturnOp::create(builder, location);
  return function;
}
