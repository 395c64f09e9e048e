//===- ContractionEmitter.cpp - The loop nest of a contraction ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The nest, from outside in:
//
//   parallel: outer dimensions, tasks of rows, tasks of columns
//     blocks of the longest reduction
//       blocks of columns
//         blocks of rows: the left operand's part is packed
//           outer columns
//             panels of columns, tiles of rows; or the other way round
//               steps of the reductions: accumulators in registers
//
// All columns of a block pass over a block of rows while it is in cache. A
// panel's part of the right operand is read once for every tile of rows, so
// that the panels usually stand outside the tiles: it then comes from the
// nearest cache.
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ContractionEmitter.h"

#include "passes/Lowering/OperandPacking.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace orcinus;

namespace {

class Emitter {
public:
  Emitter(const Contraction &contraction, const ContractionSchedule &schedule,
          const VectorTarget &target, OpBuilder &builder, Location location)
      : contraction(contraction), schedule(schedule),
        frame(contraction,
              schedule.vectorLanes ? schedule.vectorLanes
                                   : target.lanes(contraction.elementType()),
              builder, location),
        loops(frame.loops), builder(builder), location(location),
        lanes(frame.lanes), blocked(contraction.longestReduction()) {
    frame.tileRows = schedule.tileRows;
  }

  void emit(ValueRange arguments);

private:
  void choosePanels();
  void prepareOperands();
  void emitTask(Interval rows, Interval columns);
  void emitReductionBlocks(Interval rows, Interval columns);
  void emitColumnBlocks(Interval rows, Interval columns, Interval steps,
                        bool accumulate);
  void emitRowBlocks(Interval rows, Interval columns, Interval steps,
                     bool accumulate);
  void emitTiles(Interval rows, Interval columns, Interval steps,
                 bool accumulate);
  void emitPanels(Interval columns,
                  llvm::function_ref<void(const Panel &)> body);
  void emitRowTiles(Interval rows, llvm::function_ref<void(int64_t)> body);
  void emitTile(int64_t rowCount, const Panel &panel, Interval steps,
                bool accumulate);
  SmallVector<Value> emitReduction(unsigned depth, Interval steps,
                                   int64_t rowCount, const Panel &panel,
                                   ValueRange accumulators);
  SmallVector<Value> emitStep(int64_t rowCount, const Panel &panel,
                              ValueRange accumulators);
  Value startOf(int64_t row, const ColumnVector &vector, bool accumulate);
  /// Stores the sums of a tile, or what the epilogue makes of them.
  void storeSums(int64_t rowCount, const Panel &panel, ValueRange sums);
  void storeFinished(int64_t rowCount, const Panel &panel, ValueRange sums);
  Value finished(int64_t row, const ColumnVector &vector, Value sum);
  /// `value`, or as many low lanes of it as `vector` has.
  Value lowLanes(Value value, const ColumnVector &vector);

  /// Moves to `index` of a reduction.
  void moveTo(unsigned reduction, Value index, Interval steps);
  /// Iterations of the reductions from `depth` on, where all are known.
  std::optional<int64_t> stepCount(unsigned depth, Interval steps);

  /// The extent of the dimension that tiles of rows run over.
  int64_t rowExtent() const {
    if (packer)
      return packer->rowExtent();
    return frame.row ? contraction.extents[*frame.row] : 1;
  }
  Value rowExtentValue() {
    int64_t extent = rowExtent();
    return ShapedType::isDynamic(extent) ? frame.extentOf(*frame.row)
                                         : loops.constant(extent);
  }
  /// The part number `task` of `tasks` of [0, extent), cut at multiples of
  /// `step`.
  Interval taskRange(Value task, Value tasks, Value extent, int64_t step);
  /// How long it is at most.
  Value taskSize(Value tasks, Value extent, int64_t step);

  bool isParallel() const {
    return schedule.rowTasks > 0 || schedule.columnTasks > 1;
  }
  bool packsRight() const {
    return schedule.packRight || contraction.gatherRight;
  }
  int64_t roundedRowBlock() const {
    return llvm::alignTo(schedule.rowBlock, schedule.tileRows);
  }

  const Contraction &contraction;
  const ContractionSchedule &schedule;
  ContractionFrame frame;
  LoopBuilder &loops;
  OpBuilder &builder;
  Location location;
  int64_t lanes;
  /// The reduction that is cut into blocks.
  unsigned blocked;
  /// Vectors of a panel, and whether panels start at multiples of as many, as
  /// they must where columns are cut or packed.
  int64_t panelVectors = 1;
  bool alignedPanels = false;
  std::optional<LeftPacker> packer;
  /// Whether the sums of the tile that is emitted are complete; null where they
  /// are in any case.
  Value complete;
};

} // namespace

Value Emitter::startOf(int64_t row, const ColumnVector &vector,
                       bool accumulate) {
  if (accumulate || contraction.start == Contraction::Start::Result)
    return frame.load(frame.result, row, vector);
  if (contraction.start == Contraction::Start::Bias)
    return frame.spread(frame.bias, row, vector);
  return arith::ConstantOp::create(
      builder, location, builder.getZeroAttr(frame.vectorOf(vector.length)));
}

Value Emitter::lowLanes(Value value, const ColumnVector &vector) {
  if (vector.length == lanes)
    return value;
  return vector::ExtractStridedSliceOp::create(
      builder, location, value, ArrayRef<int64_t>{0},
      ArrayRef<int64_t>{vector.length}, ArrayRef<int64_t>{1});
}

/// One step: every row's element of left, or vector of it, times the panel's
/// vectors of right.
SmallVector<Value> Emitter::emitStep(int64_t rowCount, const Panel &panel,
                                     ValueRange accumulators) {
  SmallVector<Value> vectors;
  for (const ColumnVector &vector : panel)
    vectors.push_back(frame.load(frame.right, 0, vector));
  SmallVector<Value> sums;
  for (int64_t row = 0; row < rowCount; ++row) {
    Value wide;
    if (!contraction.leftHasColumn) {
      Value scalar =
          memref::LoadOp::create(builder, location, frame.left.memref,
                                 frame.indices(frame.left, row, 0));
      // A narrower last vector takes the low lanes of the same register.
      wide = vector::BroadcastOp::create(builder, location,
                                         frame.vectorOf(lanes), scalar);
    }
    for (auto [index, vector] : llvm::enumerate(panel)) {
      Value factor =
          wide ? lowLanes(wide, vector) : frame.load(frame.left, row, vector);
      sums.push_back(
          vector::FMAOp::create(builder, location, factor, vectors[index],
                                accumulators[row * panel.size() + index]));
    }
  }
  return sums;
}

void Emitter::moveTo(unsigned reduction, Value index, Interval steps) {
  frame.position[reduction] = index;
  if (reduction == blocked)
    frame.position[frame.stepInBlock] = loops.subtract(index, steps.begin);
}

std::optional<int64_t> Emitter::stepCount(unsigned depth, Interval steps) {
  int64_t count = 1;
  for (unsigned dimension :
       ArrayRef(contraction.reductions).drop_front(depth)) {
    if (dimension == blocked) {
      std::optional<int64_t> begin = LoopBuilder::constantOf(steps.begin);
      std::optional<int64_t> end = LoopBuilder::constantOf(steps.end);
      if (!begin || !end)
        return std::nullopt;
      count *= *end - *begin;
    } else if (ShapedType::isDynamic(contraction.extents[dimension])) {
      return std::nullopt;
    } else {
      count *= contraction.extents[dimension];
    }
  }
  return count;
}

SmallVector<Value> Emitter::emitReduction(unsigned depth, Interval steps,
                                          int64_t rowCount, const Panel &panel,
                                          ValueRange accumulators) {
  if (depth == contraction.reductions.size())
    return emitStep(rowCount, panel, accumulators);
  unsigned dimension = contraction.reductions[depth];
  Interval range = dimension == blocked
                       ? steps
                       : Interval{loops.constant(0), frame.extentOf(dimension)};
  auto inner = [&](Value index, ValueRange carried) {
    moveTo(dimension, index, steps);
    return emitReduction(depth + 1, steps, rowCount, panel, carried);
  };
  // Short reductions need no loop.
  if (std::optional<int64_t> count = stepCount(depth, steps);
      count && *count <= schedule.unroll) {
    int64_t begin = *LoopBuilder::constantOf(range.begin);
    int64_t end = *LoopBuilder::constantOf(range.end);
    SmallVector<Value> sums(accumulators);
    for (int64_t index = begin; index < end; ++index)
      sums = inner(loops.constant(index), sums);
    return sums;
  }
  // Several steps a turn, and then those that are left one by one.
  int64_t unroll =
      depth + 1 == contraction.reductions.size() ? schedule.unroll : 1;
  SmallVector<Value> sums(accumulators);
  if (unroll > 1) {
    Value length = loops.subtract(range.end, range.begin);
    Value turns = loops.divide(length, loops.constant(unroll));
    Value end =
        loops.add(range.begin, loops.multiply(turns, loops.constant(unroll)));
    sums = loops.reduceLoop(
        range.begin, end, unroll, sums, [&](Value index, ValueRange carried) {
          SmallVector<Value> next(carried);
          for (int64_t step = 0; step < unroll; ++step)
            next = inner(loops.add(index, loops.constant(step)), next);
          return next;
        });
    range.begin = end;
  }
  return loops.reduceLoop(range.begin, range.end, /*step=*/1, sums, inner);
}

void Emitter::emitTile(int64_t rowCount, const Panel &panel, Interval steps,
                       bool accumulate) {
  SmallVector<Value> accumulators;
  for (int64_t row = 0; row < rowCount; ++row)
    for (const ColumnVector &vector : panel)
      accumulators.push_back(startOf(row, vector, accumulate));
  if (steps.begin)
    accumulators = emitReduction(0, steps, rowCount, panel, accumulators);
  if (contraction.epilogue.empty())
    return storeSums(rowCount, panel, accumulators);
  if (!complete)
    return storeFinished(rowCount, panel, accumulators);
  auto choice = scf::IfOp::create(builder, location, complete,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(choice.thenYield());
  storeFinished(rowCount, panel, accumulators);
  builder.setInsertionPoint(choice.elseYield());
  storeSums(rowCount, panel, accumulators);
}

void Emitter::storeSums(int64_t rowCount, const Panel &panel, ValueRange sums) {
  for (int64_t row = 0; row < rowCount; ++row)
    for (auto [index, vector] : llvm::enumerate(panel))
      storeVector(loops, sums[row * panel.size() + index], frame.result.memref,
                  frame.indices(frame.result, row, vector.offset), vector.mask);
}

/// What the epilogue makes of `sum`.
Value Emitter::finished(int64_t row, const ColumnVector &vector, Value sum) {
  return contraction.epilogue.emit(
      builder, location, sum, [&](unsigned operand) {
        return frame.spread(frame.read[operand], row, vector);
      });
}

/// In registers where the epilogue is short. A long one is a loop over the
/// tile's rows, which the nearest cache holds.
void Emitter::storeFinished(int64_t rowCount, const Panel &panel,
                            ValueRange sums) {
  if (!contraction.epilogue.isCostly()) {
    // All is read before the first store, which might be to the same memory.
    SmallVector<Value> values;
    for (int64_t row = 0; row < rowCount; ++row)
      for (auto [index, vector] : llvm::enumerate(panel))
        values.push_back(
            finished(row, vector, sums[row * panel.size() + index]));
    for (int64_t row = 0; row < rowCount; ++row)
      for (auto [index, vector] : llvm::enumerate(panel))
        storeVector(
            loops, values[row * panel.size() + index], frame.stored.memref,
            frame.indices(frame.stored, row, vector.offset), vector.mask);
    return;
  }
  storeSums(rowCount, panel, sums);
  auto finishRow = [&] {
    for (const ColumnVector &vector : panel)
      storeVector(loops,
                  finished(0, vector, frame.load(frame.result, 0, vector)),
                  frame.stored.memref,
                  frame.indices(frame.stored, 0, vector.offset), vector.mask);
  };
  if (!frame.row)
    return finishRow();
  Value first = frame.position[*frame.row];
  loops.forLoop(first, loops.add(first, loops.constant(rowCount)), /*step=*/1,
                [&](Value row) {
                  frame.position[*frame.row] = row;
                  finishRow();
                });
  frame.position[*frame.row] = first;
}

/// Tiles of whole height, then one of what is left; where that is not known,
/// row by row.
void Emitter::emitRowTiles(Interval rows,
                           llvm::function_ref<void(int64_t)> body) {
  if (!frame.row)
    return body(1);
  auto tiles = [&](Value begin, Value end, int64_t step) {
    loops.forLoop(begin, end, step, [&](Value row) {
      frame.position[*frame.row] = row;
      frame.position[frame.rowInBlock] = loops.subtract(row, rows.begin);
      body(step);
    });
  };
  int64_t tileRows = schedule.tileRows;
  int64_t extent = rowExtent();
  int64_t rest = ShapedType::isDynamic(extent) ? 1 : extent % tileRows;
  Value step = loops.constant(tileRows);
  Value whole = loops.multiply(
      loops.divide(loops.subtract(rows.end, rows.begin), step), step);
  Value wholeEnd = loops.add(rows.begin, whole);
  tiles(rows.begin, wholeEnd, tileRows);
  if (tileRows > 1 && rest > 0)
    tiles(wholeEnd, rows.end, rest);
}

void Emitter::emitPanels(Interval columns,
                         llvm::function_ref<void(const Panel &)> body) {
  auto at = [&](Value column, const Panel &panel) {
    frame.position[contraction.column] = column;
    body(panel);
  };
  int64_t extent = contraction.extents[contraction.column];
  if (ShapedType::isDynamic(extent))
    forEachPanel(loops, columns.begin, columns.end, lanes, panelVectors, at);
  else if (alignedPanels)
    forEachAlignedPanel(loops, columns.begin, columns.end, extent, lanes,
                        panelVectors, at);
  else
    forEachPanel(loops, extent, lanes, panelVectors, at);
}

void Emitter::emitTiles(Interval rows, Interval columns, Interval steps,
                        bool accumulate) {
  SmallVector<Value> extents;
  for (unsigned dimension : contraction.outerColumns)
    extents.push_back(frame.extentOf(dimension));
  loops.nest(extents, /*parallel=*/false, [&](ValueRange indices) {
    for (auto [dimension, index] :
         llvm::zip_equal(contraction.outerColumns, indices))
      frame.position[dimension] = index;
    if (schedule.tileOrder == 1) {
      emitRowTiles(rows, [&](int64_t rowCount) {
        emitPanels(columns, [&](const Panel &panel) {
          emitTile(rowCount, panel, steps, accumulate);
        });
      });
    } else {
      emitPanels(columns, [&](const Panel &panel) {
        emitRowTiles(rows, [&](int64_t rowCount) {
          emitTile(rowCount, panel, steps, accumulate);
        });
      });
    }
  });
}

void Emitter::emitRowBlocks(Interval rows, Interval columns, Interval steps,
                            bool accumulate) {
  auto emitBlock = [&](Interval block) {
    if (packer && steps.begin)
      packer->pack(block, steps);
    emitTiles(block, columns, steps, accumulate);
  };
  if (schedule.rowBlock == 0 || !frame.row)
    return emitBlock(rows);
  int64_t size = roundedRowBlock();
  loops.forLoop(rows.begin, rows.end, size, [&](Value begin) {
    emitBlock({begin, loops.minimum(loops.add(begin, loops.constant(size)),
                                    rows.end)});
  });
}

void Emitter::emitColumnBlocks(Interval rows, Interval columns, Interval steps,
                               bool accumulate) {
  if (schedule.columnBlock == 0)
    return emitRowBlocks(rows, columns, steps, accumulate);
  int64_t size = llvm::alignTo(schedule.columnBlock, panelVectors * lanes);
  loops.forLoop(columns.begin, columns.end, size, [&](Value begin) {
    Value end =
        loops.minimum(loops.add(begin, loops.constant(size)), columns.end);
    emitRowBlocks(rows, {begin, end}, steps, accumulate);
  });
}

void Emitter::emitReductionBlocks(Interval rows, Interval columns) {
  Interval whole{loops.constant(0), frame.extentOf(blocked)};
  if (schedule.reductionBlock == 0)
    return emitColumnBlocks(rows, columns, whole, /*accumulate=*/false);

  auto completeWhere = [&](arith::CmpIPredicate predicate, Value end) {
    complete = contraction.epilogue.empty()
                   ? Value()
                   : arith::CmpIOp::create(builder, location, predicate, end,
                                           whole.end);
  };
  // Start the result first, so that all blocks accumulate and share code. Where
  // there is nothing to sum, that is all.
  bool mayBeEmpty = LoopBuilder::constantOf(whole.end).value_or(0) == 0;
  if (contraction.start != Contraction::Start::Result ||
      (mayBeEmpty && !contraction.epilogue.empty())) {
    completeWhere(arith::CmpIPredicate::eq, whole.begin);
    emitColumnBlocks(rows, columns, Interval{}, /*accumulate=*/false);
  }
  loops.forLoop(whole.begin, whole.end, schedule.reductionBlock,
                [&](Value begin) {
                  Value end = loops.minimum(
                      loops.add(begin, loops.constant(schedule.reductionBlock)),
                      whole.end);
                  completeWhere(arith::CmpIPredicate::eq, end);
                  emitColumnBlocks(rows, columns, Interval{begin, end},
                                   /*accumulate=*/true);
                });
}

Value Emitter::taskSize(Value tasks, Value extent, int64_t step) {
  Value unit = loops.constant(step);
  return loops.multiply(loops.divideUp(loops.divideUp(extent, tasks), unit),
                        unit);
}

Interval Emitter::taskRange(Value task, Value tasks, Value extent,
                            int64_t step) {
  Value size = taskSize(tasks, extent, step);
  Value begin = loops.minimum(loops.multiply(task, size), extent);
  return {begin, loops.minimum(loops.add(begin, size), extent)};
}

void Emitter::emitTask(Interval rows, Interval columns) {
  if (packer) {
    auto blockOf = [&](int64_t size, Value extent) {
      return size ? loops.minimum(loops.constant(size), extent) : extent;
    };
    Value rowsOfTask = rowExtentValue();
    if (schedule.rowTasks > 1)
      rowsOfTask = loops.minimum(taskSize(loops.constant(schedule.rowTasks),
                                          rowsOfTask, schedule.tileRows),
                                 rowsOfTask);
    packer->allocate(blockOf(roundedRowBlock(), rowsOfTask),
                     blockOf(schedule.reductionBlock, frame.extentOf(blocked)),
                     schedule.leftPadding);
  }
  emitReductionBlocks(rows, columns);
}

/// The fewest panels of at most the schedule's width, as equal as can be; those
/// of an operand that comes packed are what they are.
void Emitter::choosePanels() {
  panelVectors = schedule.panelVectors;
  alignedPanels = schedule.columnTasks > 1 || schedule.columnBlock > 0 ||
                  packsRight() || contraction.panelColumns;
  int64_t columns = contraction.extents[contraction.column];
  if (ShapedType::isDynamic(columns) || contraction.panelColumns)
    return;
  panelVectors = schedule.panelVectorsFor(columns, lanes);
}

void Emitter::prepareOperands() {
  if (packsRight())
    packRight(frame, panelVectors, isParallel());
  else if (contraction.transposeRight)
    transposeRight(frame);
  if (schedule.packLeft)
    packer.emplace(frame);
}

void Emitter::emit(ValueRange arguments) {
  frame.setOperands(arguments);
  choosePanels();
  prepareOperands();

  SmallVector<unsigned> outer(contraction.outer);
  for (unsigned dimension : contraction.rows) {
    bool isTiled = packer
                       ? llvm::is_contained(packer->flattenedRows(), dimension)
                       : dimension == frame.row;
    if (!isTiled)
      outer.push_back(dimension);
  }
  SmallVector<Value> extents;
  for (unsigned dimension : outer)
    extents.push_back(frame.extentOf(dimension));
  Value rowTasks =
      loops.constant(frame.row ? std::max<int64_t>(schedule.rowTasks, 1) : 1);
  Value columnTasks =
      loops.constant(std::max<int64_t>(schedule.columnTasks, 1));
  extents.append({rowTasks, columnTasks});
  loops.nest(extents, isParallel(), [&](ValueRange indices) {
    for (auto [dimension, index] : llvm::zip(outer, indices))
      frame.position[dimension] = index;
    Interval rows{loops.constant(0), loops.constant(1)};
    if (frame.row)
      rows = taskRange(indices.drop_back().back(), rowTasks, rowExtentValue(),
                       schedule.tileRows);
    Interval columns =
        taskRange(indices.back(), columnTasks,
                  frame.extentOf(contraction.column), panelVectors * lanes);
    emitTask(rows, columns);
  });
}

func::FuncOp orcinus::emitContraction(Contraction &contraction,
                                      const ContractionSchedule &schedule,
                                      const VectorTarget &target,
                                      Location location) {
  OpBuilder builder(location.getContext());
  SmallVector<Type> types;
  for (Value *operand : contraction.arguments())
    types.push_back(operand->getType());
  auto function = func::FuncOp::create(location, "orcinus_contraction",
                                       builder.getFunctionType(types, {}));
  function.setPrivate();
  builder.setInsertionPointToStart(function.addEntryBlock());
  Emitter(contraction, schedule, target, builder, location)
      .emit(function.getArguments());
  func::ReturnOp::create(builder, location);
  return function;
}
