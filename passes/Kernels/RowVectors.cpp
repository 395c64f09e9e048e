//===- RowVectors.cpp - The columns of a row, in vectors ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/RowVectors.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace orcinus;

SmallVector<RowVector> RowVectors::block(int64_t first, int64_t vectors) const {
  SmallVector<RowVector> result;
  for (int64_t index = first; index < first + vectors; ++index) {
    int64_t column = index * b.lanes;
    result.push_back({b.constant(column), std::min(b.lanes, width - column)});
  }
  return result;
}

SmallVector<Value> RowVectors::reduce(
    int64_t blockVectors, ValueRange initial,
    llvm::function_ref<SmallVector<Value>(ArrayRef<RowVector>, ValueRange)>
        body) const {
  int64_t vectors = count();
  if (vectors == 0)
    return SmallVector<Value>(initial);
  int64_t blocks = llvm::divideCeil(vectors, blockVectors);
  int64_t size = vectors / blocks, wider = vectors % blocks;
  bool hasTail = width % b.lanes != 0;
  SmallVector<Value> carried(initial);
  int64_t first = 0;
  // `blockCount` blocks of `length` full vectors.
  auto run = [&](int64_t blockCount, int64_t length) {
    int64_t begin = first * b.lanes, step = length * b.lanes;
    int64_t end = begin + blockCount * step;
    first += blockCount * length;
    auto turn = [&](Value column, ValueRange values) {
      SmallVector<RowVector> block;
      for (int64_t index = 0; index < length; ++index)
        block.push_back({b.add(column, b.constant(index * b.lanes)), b.lanes});
      return body(block, values);
    };
    if (carried.empty() || blockCount <= 1)
      b.forLoop(b.constant(begin), b.constant(end), step,
                [&](Value column) { carried = turn(column, carried); });
    else
      carried =
          b.reduceLoop(b.constant(begin), b.constant(end), step, carried, turn);
  };
  run(wider, size + 1);
  run(blocks - wider - (hasTail ? 1 : 0), size);
  if (hasTail)
    carried = body(block(first, size), carried);
  return carried;
}

void RowVectors::forEachBlock(
    int64_t blockVectors,
    llvm::function_ref<void(ArrayRef<RowVector>)> body) const {
  reduce(blockVectors, {}, [&](ArrayRef<RowVector> block, ValueRange) {
    body(block);
    return SmallVector<Value>();
  });
}

void RowVectors::forEach(
    llvm::function_ref<void(const RowVector &)> body) const {
  forEachBlock(elementwiseBlock, [&](ArrayRef<RowVector> block) {
    for (const RowVector &vector : block)
      body(vector);
  });
}

SmallVector<Value> RowVectors::indices(ValueRange leading,
                                       const RowVector &vector,
                                       int64_t offset) const {
  SmallVector<Value> result(leading);
  result.push_back(b.add(vector.column, b.constant(offset)));
  if (b.isSubgroup())
    result.back() = b.add(result.back(), b.laneIndex());
  return result;
}

Value RowVectors::loadLane(Value memref, ValueRange at, Value mask) const {
  auto chosen = scf::IfOp::create(b.builder, b.location,
                                  TypeRange{b.builder.getF32Type()}, mask,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b.builder);
  b.builder.setInsertionPointToStart(chosen.thenBlock());
  scf::YieldOp::create(b.builder, b.location, b.loadElement(memref, at));
  b.builder.setInsertionPointToStart(chosen.elseBlock());
  scf::YieldOp::create(b.builder, b.location, b.scalar(0.0));
  return chosen.getResult(0);
}

void RowVectors::storeLane(Value value, Value memref, ValueRange at,
                           const RowVector &vector) const {
  OpBuilder::InsertionGuard guard(b.builder);
  if (vector.valid != b.lanes) {
    auto valid = scf::IfOp::create(b.builder, b.location, validMask(vector));
    b.builder.setInsertionPointToStart(valid.thenBlock());
  }
  memref::StoreOp::create(b.builder, b.location, value, memref, at);
}

Value RowVectors::validMask(const RowVector &vector) const {
  if (b.isSubgroup())
    return b.lanesBelow(b.constant(vector.valid));
  return vector::ConstantMaskOp::create(b.builder, b.location,
                                        b.vectorOf(b.builder.getI1Type()),
                                        ArrayRef<int64_t>{vector.valid});
}

Value RowVectors::load(Value memref, ValueRange leading,
                       const RowVector &vector, int64_t offset) const {
  SmallVector<Value> at = indices(leading, vector, offset);
  if (b.isSubgroup())
    return vector.valid == b.lanes ? b.loadElement(memref, at)
                                   : loadLane(memref, at, validMask(vector));
  auto type = cast<VectorType>(b.vectorOf(b.builder.getF32Type()));
  if (vector.valid == b.lanes)
    return vector::LoadOp::create(b.builder, b.location, type, memref, at);
  Value zero = b.splat(0.0);
  if (!llvm::isPowerOf2_64(vector.valid))
    return vector::MaskedLoadOp::create(b.builder, b.location, type, memref, at,
                                        validMask(vector), zero);
  // A narrower load clears the rest of its register: it needs no mask.
  auto narrow = VectorType::get({vector.valid}, b.builder.getF32Type());
  Value low = vector::LoadOp::create(b.builder, b.location, narrow, memref, at);
  return vector::InsertStridedSliceOp::create(b.builder, b.location, low, zero,
                                              ArrayRef<int64_t>{0},
                                              ArrayRef<int64_t>{1});
}

Value RowVectors::loadWhere(Value mask, Value memref, ValueRange leading,
                            const RowVector &vector) const {
  if (b.isSubgroup())
    return loadLane(memref, indices(leading, vector, 0), mask);
  return b.keepIf(mask, load(memref, leading, vector));
}

void RowVectors::store(Value value, Value memref, ValueRange leading,
                       const RowVector &vector, int64_t offset) const {
  SmallVector<Value> at = indices(leading, vector, offset);
  if (b.isSubgroup())
    return storeLane(value, memref, at, vector);
  if (vector.valid == b.lanes) {
    vector::StoreOp::create(b.builder, b.location, value, memref, at);
    return;
  }
  if (!llvm::isPowerOf2_64(vector.valid)) {
    vector::MaskedStoreOp::create(b.builder, b.location, memref, at,
                                  validMask(vector), value);
    return;
  }
  Value low = vector::ExtractStridedSliceOp::create(
      b.builder, b.location, value, ArrayRef<int64_t>{0},
      ArrayRef<int64_t>{vector.valid}, ArrayRef<int64_t>{1});
  vector::StoreOp::create(b.builder, b.location, low, memref, at);
}

void RowVectors::prefetch(Value memref, ValueRange leading,
                          const RowVector &vector, int64_t offset) const {
  // A GPU has other subgroups to run while one waits.
  if (b.isSubgroup())
    return;
  memref::PrefetchOp::create(b.builder, b.location, memref,
                             indices(leading, vector, offset),
                             /*isWrite=*/false, /*localityHint=*/3,
                             /*isDataCache=*/true);
}

Value RowVectors::clearInvalid(Value value, const RowVector &vector) const {
  if (vector.valid == b.lanes)
    return value;
  return b.keepIf(validMask(vector), value);
}
