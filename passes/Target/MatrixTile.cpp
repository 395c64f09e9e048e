//===- MatrixTile.cpp - A subgroup's tile by matrix instructions ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/MatrixTile.h"

#include "passes/Target/VectorAccess.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace orcinus;

MatrixTile::MatrixTile(const MatrixInstruction &instruction,
                       const GpuContractionSchedule &schedule,
                       LoopBuilder &builder, Value thread)
    : instruction(instruction), schedule(schedule), b(builder) {
  auto split = [&](Value number, int64_t size) {
    Value quotient = b.divide(number, b.constant(size));
    Value rest = b.subtract(number, b.multiply(quotient, b.constant(size)));
    return std::pair(quotient, rest);
  };
  int64_t rows = schedule.subgroupRows(instruction);
  int64_t columns = schedule.subgroupColumns(instruction);
  auto [subgroup, lane] = split(thread, instruction.lanes);
  auto [down, across] = split(subgroup, schedule.blockColumns / columns);
  firstRow = b.multiply(down, b.constant(rows));
  firstColumn = b.multiply(across, b.constant(columns));
  // All three layouts have groups of as many lanes.
  std::tie(group, member) = split(lane, instruction.result.groupLanes);
  rowMatrices = rows / instruction.rows;
  columnMatrices = columns / instruction.columns;
}

SmallVector<Value> MatrixTile::zeros() {
  auto type = cast<VectorType>(instruction.resultType(b.builder.getContext()));
  Value zero = arith::ConstantOp::create(b.builder, b.location,
                                         b.builder.getZeroAttr(type));
  return SmallVector<Value>(rowMatrices * columnMatrices, zero);
}

MatrixTile::Start MatrixTile::startIn(const FragmentLayout &layout) {
  auto along = [&](int64_t groupStep, int64_t memberStep) {
    return b.add(b.multiply(group, b.constant(groupStep)),
                 b.multiply(member, b.constant(memberStep)));
  };
  return {along(layout.groupStep.row, layout.memberStep.row),
          along(layout.groupStep.column, layout.memberStep.column)};
}

SmallVector<Value> MatrixTile::loadLeft(Value tile, Value depth) {
  Start start = startIn(instruction.left);
  SmallVector<Value> matrices;
  for (int64_t matrix = 0; matrix < rowMatrices; ++matrix) {
    SmallVector<Value> runs;
    ArrayRef<FragmentLayout::Element> places = instruction.left.places;
    for (size_t at = 0; at < places.size(); at += instruction.operandRun()) {
      Value row = b.add(b.add(firstRow, start.row),
                        b.constant(matrix * instruction.rows + places[at].row));
      Value column =
          b.add(b.add(depth, start.column), b.constant(places[at].column));
      runs.push_back(
          loadElements(b, tile, {row, column}, instruction.operandRun()));
    }
    matrices.push_back(instruction.packOperand(b.builder, b.location, runs));
  }
  return matrices;
}

SmallVector<Value> MatrixTile::loadRight(Value tile, Value depth) {
  Start start = startIn(instruction.right);
  SmallVector<Value> matrices;
  for (int64_t matrix = 0; matrix < columnMatrices; ++matrix) {
    SmallVector<Value> runs;
    ArrayRef<FragmentLayout::Element> places = instruction.right.places;
    for (size_t at = 0; at < places.size(); at += instruction.operandRun()) {
      Value column =
          b.add(b.add(firstColumn, start.column),
                b.constant(matrix * instruction.columns + places[at].column));
      Value row = b.add(b.add(depth, start.row), b.constant(places[at].row));
      runs.push_back(
          loadElements(b, tile, {column, row}, instruction.operandRun()));
    }
    matrices.push_back(instruction.packOperand(b.builder, b.location, runs));
  }
  return matrices;
}

SmallVector<Value> MatrixTile::multiply(Value leftTile, Value rightTile,
                                        ValueRange sums) {
  return b.reduceLoop(
      b.constant(0), b.constant(schedule.blockReduction), instruction.depth,
      sums, [&](Value depth, ValueRange carried) {
        SmallVector<Value> lefts = loadLeft(leftTile, depth);
        SmallVector<Value> rights = loadRight(rightTile, depth);
        SmallVector<Value> next;
        for (Value left : lefts)
          for (Value right : rights)
            next.push_back(instruction.create(b.builder, b.location, left,
                                              right, carried[next.size()]));
        return next;
      });
}

void MatrixTile::forEachRun(
    ValueRange sums, llvm::function_ref<void(Value, Value, Value)> body) {
  Start start = startIn(instruction.result);
  Value firstRowOfLane = b.add(firstRow, start.row);
  Value firstColumnOfLane = b.add(firstColumn, start.column);
  ArrayRef<FragmentLayout::Element> places = instruction.result.places;
  for (int64_t matrix = 0; matrix < int64_t(sums.size()); ++matrix) {
    int64_t down = matrix / columnMatrices, across = matrix % columnMatrices;
    SmallVector<Value> runs =
        instruction.resultRuns(b.builder, b.location, sums[matrix]);
    for (auto [at, run] : llvm::enumerate(runs)) {
      const FragmentLayout::Element &place =
          places[at * (places.size() / runs.size())];
      body(run,
           b.add(firstRowOfLane,
                 b.constant(down * instruction.rows + place.row)),
           b.add(firstColumnOfLane,
                 b.constant(across * instruction.columns + place.column)));
    }
  }
}
