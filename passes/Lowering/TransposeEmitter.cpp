//===- TransposeEmitter.cpp - Transposition by vectors --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/TransposeEmitter.h"

#include "passes/Lowering/ColumnPanels.h"
#include "passes/Lowering/ElementwiseEmitter.h"
#include "passes/Lowering/MemRefUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace orcinus;

bool orcinus::isTransposition(linalg::GenericOp op) {
  if (!op.hasPureBufferSemantics() || op.getNumDpsInputs() != 1 ||
      op.getNumDpsInits() != 1 || op.getNumLoops() < 2 ||
      op.getNumParallelLoops() != op.getNumLoops())
    return false;
  Operation *terminator = op.getBody()->getTerminator();
  Type element =
      cast<MemRefType>(op.getDpsInits()[0].getType()).getElementType();
  return terminator == &op.getBody()->front() &&
         terminator->getOperand(0) == op.getBody()->getArgument(0) &&
         isVectorElement(element) &&
         llvm::all_of(op.getIndexingMapsArray(),
                      [](AffineMap map) { return map.isPermutation(); }) &&
         llvm::all_of(op->getOperands(), hasUnitInnermostStride);
}

namespace {

class Emitter {
public:
  Emitter(linalg::GenericOp op, const VectorTarget &target, OpBuilder &builder)
      : loops(builder, op.getLoc()), builder(builder), location(op.getLoc()),
        input(op.getDpsInputs()[0]), output(op.getDpsInits()[0]),
        inputMap(op.getIndexingMapsArray()[0]),
        outputMap(op.getIndexingMapsArray()[1]),
        extents(op.getStaticLoopRanges()), position(op.getNumLoops()) {
    Type element = cast<MemRefType>(output.getType()).getElementType();
    side = target.lanes(element);
    type = VectorType::get({side}, element);
    unsigned last = op.getNumLoops() - 1;
    read = inputMap.getDimPosition(last);
    written = outputMap.getDimPosition(last);
  }

  void emit(int64_t threads);

private:
  void emitBlock(Value readBegin, Value writtenBegin);
  SmallVector<Value> loadRows(Value readBegin, Value writtenBegin);
  void transpose(SmallVector<Value> &rows);
  SmallVector<Value> indices(AffineMap map) {
    SmallVector<Value> found;
    for (unsigned at = 0; at < map.getNumResults(); ++at)
      found.push_back(position[map.getDimPosition(at)]);
    return found;
  }
  Value extentOf(unsigned dimension) {
    return loops.extent(output, *outputMap.getResultPosition(getAffineDimExpr(
                                    dimension, builder.getContext())));
  }
  Value mask(Value lanes) {
    return vector::CreateMaskOp::create(
        builder, location, VectorType::get({side}, builder.getI1Type()), lanes);
  }

  LoopBuilder loops;
  OpBuilder &builder;
  Location location;
  Value input, output;
  AffineMap inputMap, outputMap;
  SmallVector<int64_t> extents;
  SmallVector<Value> position;
  /// The dimensions that are innermost in the input and in the output.
  unsigned read, written;
  /// Rows and columns of a block.
  int64_t side;
  VectorType type;
};

} // namespace

/// Vectors along the input's innermost dimension. Rows beyond the end are read
/// as the last one: they go nowhere, but must be in memory.
SmallVector<Value> Emitter::loadRows(Value readBegin, Value writtenBegin) {
  position[read] = readBegin;
  Value last = loops.subtract(extentOf(written), loops.constant(1));
  Value exists = mask(loops.subtract(extentOf(read), readBegin));
  SmallVector<Value> rows;
  for (int64_t row = 0; row < side; ++row) {
    position[written] =
        loops.minimum(loops.add(writtenBegin, loops.constant(row)), last);
    rows.push_back(loadVector(loops, input, indices(inputMap), type, exists));
  }
  return rows;
}

/// Swaps the halves of ever larger blocks off the diagonal.
void Emitter::transpose(SmallVector<Value> &rows) {
  for (int64_t half = 1; half < side; half *= 2) {
    SmallVector<int64_t> low(side), high(side);
    for (int64_t lane = 0; lane < side; ++lane) {
      low[lane] = lane & half ? side + lane - half : lane;
      high[lane] = lane & half ? side + lane : lane + half;
    }
    for (int64_t row = 0; row < side; ++row) {
      if (row & half)
        continue;
      Value one = rows[row], other = rows[row + half];
      rows[row] = vector::ShuffleOp::create(builder, location, one, other, low);
      rows[row + half] =
          vector::ShuffleOp::create(builder, location, one, other, high);
    }
  }
}

void Emitter::emitBlock(Value readBegin, Value writtenBegin) {
  SmallVector<Value> rows = loadRows(readBegin, writtenBegin);
  transpose(rows);
  position[written] = writtenBegin;
  Value none = loops.constant(0);
  Value last = loops.subtract(extentOf(read), loops.constant(1));
  Value lanes = loops.subtract(extentOf(written), writtenBegin);
  for (auto [row, values] : llvm::enumerate(rows)) {
    Value at = loops.add(readBegin, loops.constant(row));
    Value exists = builder.createOrFold<arith::CmpIOp>(
        location, arith::CmpIPredicate::ule, at, last);
    Value stored =
        builder.createOrFold<arith::SelectOp>(location, exists, lanes, none);
    position[read] = loops.minimum(at, last);
    storeVector(loops, values, output, indices(outputMap), mask(stored));
  }
}

void Emitter::emit(int64_t threads) {
  SmallVector<unsigned> outer;
  SmallVector<Value> outerExtents;
  for (unsigned dimension = 0; dimension < extents.size(); ++dimension)
    if (dimension != read && dimension != written)
      outer.push_back(dimension);
  for (unsigned dimension : outer)
    outerExtents.push_back(extentOf(dimension));
  outerExtents.push_back(
      loops.divideUp(extentOf(written), loops.constant(side)));
  bool parallel = threads > 1;
  loops.nest(outerExtents, parallel, [&](ValueRange at) {
    for (auto [dimension, index] : llvm::zip(outer, at))
      position[dimension] = index;
    Value writtenBegin = loops.multiply(at.back(), loops.constant(side));
    loops.forLoop(loops.constant(0), extentOf(read), side,
                  [&](Value readBegin) { emitBlock(readBegin, writtenBegin); });
  });
}

void orcinus::emitTransposition(linalg::GenericOp op,
                                const VectorTarget &target, int64_t threads,
                                OpBuilder &builder) {
  Emitter(op, target, builder).emit(threads);
}
