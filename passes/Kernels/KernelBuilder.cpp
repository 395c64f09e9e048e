//===- KernelBuilder.cpp - Short spellings for kernels' code --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelBuilder.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
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
  if (isSubgroup())
    return scalar(value);
  return arith::ConstantOp::create(
      builder, location,
      SplatElementsAttr::get(cast<VectorType>(vectorOf(builder.getF32Type())),
                             builder.getF32FloatAttr(value)));
}

Value KernelBuilder::splat(Value scalar) {
  if (isSubgroup())
    return scalar;
  return vector::BroadcastOp::create(builder, location,
                                     vectorOf(scalar.getType()), scalar);
}

Value KernelBuilder::laneNumbers() {
  Type i32 = builder.getI32Type();
  if (isSubgroup())
    return arith::IndexCastUIOp::create(builder, location, i32, lane);
  SmallVector<int32_t> numbers = llvm::to_vector(llvm::seq<int32_t>(lanes));
  return arith::ConstantOp::create(
      builder, location,
      DenseElementsAttr::get(cast<VectorType>(vectorOf(i32)),
                             ArrayRef<int32_t>(numbers)));
}

Value KernelBuilder::loadElement(Value memref, ValueRange at) {
  return memref::LoadOp::create(builder, location, memref, at);
}

void KernelBuilder::storeElement(Value value, Value memref, ValueRange at) {
  OpBuilder::InsertionGuard guard(builder);
  if (isSubgroup()) {
    auto first = scf::IfOp::create(builder, location, lanesBelow(constant(1)));
    builder.setInsertionPointToStart(first.thenBlock());
  }
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
  if (isSubgroup())
    return math::FmaOp::create(builder, location, factor, other, addend);
  return vector::FMAOp::create(builder, location, factor, other, addend);
}

Value KernelBuilder::shareOf(Value count) {
  if (std::optional<int64_t> known = constantOf(count))
    return splat(1.0 / *known);
  Value whole =
      arith::IndexCastOp::create(builder, location, builder.getI32Type(),
                                 LoopBuilder::maximum(count, constant(1)));
  Value number =
      arith::SIToFPOp::create(builder, location, builder.getF32Type(), whole);
  return splat(divf(scalar(1.0), number));
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

/// What `combine` makes of the values of all lanes, in all lanes: of pairs that
/// are ever further apart, so that every lane adds in the same tree.
static Value combineLanes(KernelBuilder &b, Value value,
                          llvm::function_ref<Value(Value, Value)> combine) {
  auto i32 = [&](int64_t number) -> Value {
    return arith::ConstantIntOp::create(b.builder, b.location, number, 32);
  };
  for (int64_t distance = 1; distance < b.lanes; distance *= 2) {
    auto other =
        gpu::ShuffleOp::create(b.builder, b.location, value, i32(distance),
                               i32(b.lanes), gpu::ShuffleMode::XOR);
    value = combine(value, other.getShuffleResult());
  }
  return value;
}

Value KernelBuilder::sum(Value vector) {
  if (isSubgroup())
    return combineLanes(*this, vector,
                        [&](Value a, Value b) { return addf(a, b); });
  // Without leave to reassociate, the lanes are added one after the other.
  return vector::ReductionOp::create(builder, location,
                                     vector::CombiningKind::ADD, vector,
                                     arith::FastMathFlags::reassoc);
}

Value KernelBuilder::maximum(Value vector) {
  if (isSubgroup())
    return combineLanes(*this, vector,
                        [&](Value a, Value b) { return maxf(a, b); });
  return vector::ReductionOp::create(builder, location,
                                     vector::CombiningKind::MAXNUMF, vector);
}

void KernelBuilder::synchronize() {
  if (isSubgroup())
    gpu::BarrierOp::create(builder, location);
}

Value KernelBuilder::lanesBelow(Value count) {
  if (isSubgroup())
    return arith::CmpIOp::create(builder, location, arith::CmpIPredicate::slt,
                                 lane, count);
  return vector::CreateMaskOp::create(
      builder, location, vectorOf(builder.getI1Type()), ValueRange{count});
}

SmallVector<Value> KernelBuilder::delinearize(Value position,
                                              ArrayRef<int64_t> shape) {
  if (shape.empty())
    return {};
  SmallVector<Value> inner;
  for (int64_t extent : shape.drop_front())
    inner.push_back(constant(extent));
  return LoopBuilder::delinearize(position, inner);
}

Value KernelBuilder::scratch(ArrayRef<int64_t> shape) {
  Type f32 = builder.getF32Type();
  if (isSubgroup()) {
    auto kernel = builder.getInsertionBlock()
                      ->getParent()
                      ->getParentOfType<gpu::GPUFuncOp>();
    auto space = gpu::AddressSpaceAttr::get(builder.getContext(),
                                            gpu::AddressSpace::Workgroup);
    return kernel.addWorkgroupAttribution(
        MemRefType::get(shape, f32, MemRefLayoutAttrInterface(), space),
        location);
  }
  return memref::AllocaOp::create(builder, location,
                                  MemRefType::get(shape, f32),
                                  builder.getI64IntegerAttr(64));
}
