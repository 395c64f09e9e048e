//===- DropoutMask.cpp - Which elements a dropout keeps -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/DropoutMask.h"

using namespace mlir;
using namespace orcinus;

Value DropoutMask::constant(uint32_t value, Type type) const {
  TypedAttr attribute =
      b.builder.getI32IntegerAttr(static_cast<int32_t>(value));
  if (auto vectorType = dyn_cast<VectorType>(type))
    attribute = SplatElementsAttr::get(vectorType, Attribute(attribute));
  return arith::ConstantOp::create(b.builder, b.location, attribute);
}

Value DropoutMask::hash(Value value) const {
  Type type = value.getType();
  auto foldRight = [&](uint32_t distance) {
    Value shifted = arith::ShRUIOp::create(b.builder, b.location, value,
                                           constant(distance, type));
    value = arith::XOrIOp::create(b.builder, b.location, value, shifted);
  };
  auto multiply = [&](uint32_t factor) {
    value = arith::MulIOp::create(b.builder, b.location, value,
                                  constant(factor, type));
  };
  foldRight(16);
  multiply(0x7feb352d);
  foldRight(15);
  multiply(0x846ca68b);
  foldRight(16);
  return value;
}

DropoutMask::DropoutMask(KernelBuilder &b, Value seed, int64_t salt,
                         double rate)
    : b(b), rate(rate) {
  if (!isActive())
    return;
  Type i32 = b.builder.getI32Type();
  Value shift = arith::ConstantIntOp::create(b.builder, b.location, 32, 64);
  Value upper = arith::ShRUIOp::create(b.builder, b.location, seed, shift);
  Value low = arith::TruncIOp::create(b.builder, b.location, i32, seed);
  Value high = arith::TruncIOp::create(b.builder, b.location, i32, upper);
  Value folded = arith::XOrIOp::create(b.builder, b.location, low, high);
  Value salted = hash(constant(static_cast<uint32_t>(salt), i32));
  key = hash(arith::XOrIOp::create(b.builder, b.location, folded, salted));
}

Value DropoutMask::apply(Value value, Value first) const {
  if (!isActive())
    return value;
  Value lane = b.laneNumbers();
  Type type = lane.getType();
  Value low = arith::IndexCastUIOp::create(b.builder, b.location,
                                           b.builder.getI32Type(), first);
  Value element =
      arith::AddIOp::create(b.builder, b.location, b.splat(low), lane);
  Value mixed =
      arith::XOrIOp::create(b.builder, b.location, hash(element), b.splat(key));
  auto threshold = static_cast<uint32_t>(rate * 4294967296.0);
  Value kept =
      arith::CmpIOp::create(b.builder, b.location, arith::CmpIPredicate::uge,
                            hash(mixed), constant(threshold, type));
  return b.keepIf(kept, b.mulf(value, b.splat(1.0 / (1.0 - rate))));
}
