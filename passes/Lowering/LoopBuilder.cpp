//===- LoopBuilder.cpp - Short spellings for index arithmetic -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/LoopBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace orcinus;

bool orcinus::isInParallelLoop(Operation *op) {
  return op->getParentOfType<scf::ParallelOp>() != nullptr;
}

int64_t orcinus::threadsAt(Operation *op, int64_t threads) {
  return isInParallelLoop(op) ? 1 : threads;
}

Value LoopBuilder::constant(int64_t value) {
  return arith::ConstantIndexOp::create(builder, location, value);
}

std::optional<int64_t> LoopBuilder::constantOf(Value value) {
  return getConstantIntValue(value);
}

Value LoopBuilder::add(Value left, Value right) {
  return builder.createOrFold<arith::AddIOp>(location, left, right);
}

Value LoopBuilder::subtract(Value left, Value right) {
  return builder.createOrFold<arith::SubIOp>(location, left, right);
}

Value LoopBuilder::multiply(Value left, Value right) {
  return builder.createOrFold<arith::MulIOp>(location, left, right);
}

Value LoopBuilder::divide(Value left, Value right) {
  return builder.createOrFold<arith::DivUIOp>(location, left, right);
}

Value LoopBuilder::divideUp(Value left, Value right) {
  return builder.createOrFold<arith::CeilDivUIOp>(location, left, right);
}

Value LoopBuilder::minimum(Value left, Value right) {
  return builder.createOrFold<arith::MinUIOp>(location, left, right);
}

Value LoopBuilder::maximum(Value left, Value right) {
  return builder.createOrFold<arith::MaxUIOp>(location, left, right);
}

Value LoopBuilder::extent(Value memref, int64_t position) {
  auto type = cast<MemRefType>(memref.getType());
  if (!type.isDynamicDim(position))
    return constant(type.getDimSize(position));
  return memref::DimOp::create(builder, location, memref, position);
}

SmallVector<Value> LoopBuilder::delinearize(Value number, ValueRange inner) {
  SmallVector<Value> reversed;
  for (Value extent : llvm::reverse(inner)) {
    Value quotient = divide(number, extent);
    reversed.push_back(subtract(number, multiply(quotient, extent)));
    number = quotient;
  }
  reversed.push_back(number);
  return llvm::to_vector(llvm::reverse(reversed));
}

void LoopBuilder::forLoop(Value begin, Value end, int64_t step,
                          llvm::function_ref<void(Value)> body) {
  std::optional<int64_t> first = constantOf(begin), last = constantOf(end);
  if (first && last && *last - *first <= step) {
    if (*last > *first)
      body(begin);
    return;
  }
  auto loop = scf::ForOp::create(builder, location, begin, end, constant(step));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

SmallVector<Value> LoopBuilder::reduceLoop(
    Value begin, Value end, int64_t step, ValueRange initial,
    llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(builder, location, begin, end, constant(step),
                                 initial);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> carried =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(builder, location, carried);
  return SmallVector<Value>(loop.getResults());
}

void LoopBuilder::nest(ArrayRef<Value> extents, bool parallel,
                       llvm::function_ref<void(ValueRange)> body) {
  OpBuilder::InsertionGuard guard(builder);
  Value zero = constant(0), one = constant(1);
  SmallVector<Value> indices(extents.size(), zero);
  SmallVector<size_t> longer;
  for (auto [at, extent] : llvm::enumerate(extents))
    if (constantOf(extent) != 1)
      longer.push_back(at);
  if (parallel && !longer.empty()) {
    SmallVector<Value> ends;
    for (size_t at : longer)
      ends.push_back(extents[at]);
    auto loop = scf::ParallelOp::create(
        builder, location, SmallVector<Value>(ends.size(), zero), ends,
        SmallVector<Value>(ends.size(), one));
    builder.setInsertionPointToStart(loop.getBody());
    for (auto [at, index] : llvm::zip_equal(longer, loop.getInductionVars()))
      indices[at] = index;
    return body(indices);
  }
  for (size_t at : longer) {
    auto loop = scf::ForOp::create(builder, location, zero, extents[at], one);
    builder.setInsertionPointToStart(loop.getBody());
    indices[at] = loop.getInductionVar();
  }
  body(indices);
}
