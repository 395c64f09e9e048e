//===- KernelBuilder.cpp - Short spellings for vector code ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelBuilder.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace orcinus;

Value KernelBuilder::scalar(double value) {
  return arith::ConstantOp::create(builder, location,
                                   builder.getF32FloatAttr(value));
}

Value KernelBuilder::splat(double value) {
  return arith::ConstantOp::create(
      builder, location,
      SplatElementsAttr::get(vectorType(), builder.getF32FloatAttr(value)));
}

Value KernelBuilder::splat(Value scalar) {
  return vector::BroadcastOp::create(builder, location, vectorType(), scalar);
}

Value KernelBuilder::loadElement(Value memref, ValueRange at) {
  return memref::LoadOp::create(builder, location, memref, at);
}

void KernelBuilder::storeElement(Value value, Value memref, ValueRange at) {
  memref::StoreOp::create(builder, location, value, memref, at);
}

Value KernelBuilder::loadIndex(Value memref, ValueRange at) {
  return arith::IndexCastUIOp::create(builder, location, builder.getIndexType(),
                                      loadElement(memref, at));
}

Value KernelBuilder::addf(Value left, Value right) {
  return arith::AddFOp::create(builder, location, left, right);
}

Value KernelBuilder::subf(Value left, Value right) {
  return arith::SubFOp::create(builder, location, left, right);
}

Value KernelBuilder::mulf(Value left, Value right) {
  return arith::MulFOp::create(builder, location, left, right);
}

Value KernelBuilder::divf(Value left, Value right) {
  return arith::DivFOp::create(builder, location, left, right);
}

Value KernelBuilder::maxf(Value left, Value right) {
  return arith::MaxNumFOp::create(builder, location, left, right);
}

Value KernelBuilder::negf(Value value) {
  return arith::NegFOp::create(builder, location, value);
}

Value KernelBuilder::fma(Value factor, Value other, Value addend) {
  return vector::FMAOp::create(builder, location, factor, other, addend);
}

Value KernelBuilder::sigmoid(Value value) {
  Value one = splat(1.0);
  Value exponential = math::ExpOp::create(builder, location, negf(value));
  return divf(one, addf(one, exponential));
}

Value KernelBuilder::keepIf(Value condition, Value value) {
  return arith::SelectOp::create(builder, location, condition, value,
                                 splat(0.0));
}

Value KernelBuilder::sum(Value vector) {
  // Without leave to reassociate, the lanes are added one after the other.
  return vector::ReductionOp::create(builder, location,
                                     vector::CombiningKind::ADD, vector,
                                     arith::FastMathFlags::reassoc);
}

Value KernelBuilder::maximum(Value vector) {
  return vector::ReductionOp::create(builder, location,
                                     vector::CombiningKind::MAXNUMF, vector);
}

Value KernelBuilder::lanesBelow(Value count) {
  return vector::CreateMaskOp::create(
      builder, location, VectorType::get({lanes}, builder.getI1Type()),
      ValueRange{count});
}

SmallVector<Value> KernelBuilder::delinearize(Value position,
                                              ArrayRef<int64_t> shape) {
  if (shape.empty())
    return {};
  SmallVector<Value> reversed;
  for (int64_t extent : llvm::reverse(shape.drop_front())) {
    Value count = constant(extent);
    Value quotient = divide(position, count);
    reversed.push_back(subtract(position, multiply(quotient, count)));
    position = quotient;
  }
  reversed.push_back(position);
  return llvm::to_vector(llvm::reverse(reversed));
}

Value KernelBuilder::scratch(ArrayRef<int64_t> shape) {
  auto type = MemRefType::get(shape, builder.getF32Type());
  return memref::AllocaOp::create(builder, location, type,
                                  builder.getI64IntegerAttr(64));
}
