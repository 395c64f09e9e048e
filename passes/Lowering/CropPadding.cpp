//===- CropPadding.cpp - Negative padding as slices -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_CROPPADDING
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

static bool isKnownNonNegative(OpFoldResult amount) {
  if (std::optional<int64_t> constant = getConstantIntValue(amount))
    return *constant >= 0;
  // As this pass leaves it.
  auto maximum = cast<Value>(amount).getDefiningOp<arith::MaxSIOp>();
  if (!maximum)
    return false;
  std::optional<int64_t> bound = getConstantIntValue(maximum.getRhs());
  return bound && *bound >= 0;
}

namespace {

/// The amounts on one side of a tensor, in parts of either sign.
struct Side {
  /// What is added, and what is cut off: none of them is negative.
  SmallVector<OpFoldResult> added, cut;
};

class CropPaddingPass : public orcinus::impl::CropPaddingBase<CropPaddingPass> {
public:
  void runOnOperation() override {
    SmallVector<tensor::PadOp> pads;
    getOperation()->walk([&](tensor::PadOp pad) {
      if (!llvm::all_of(pad.getMixedLowPad(), isKnownNonNegative) ||
          !llvm::all_of(pad.getMixedHighPad(), isKnownNonNegative))
        pads.push_back(pad);
    });
    for (tensor::PadOp pad : pads)
      crop(pad);
  }

private:
  void crop(tensor::PadOp pad);
  static Side split(OpBuilder &builder, Location location,
                    ArrayRef<OpFoldResult> amounts);
};

} // namespace

Side CropPaddingPass::split(OpBuilder &builder, Location location,
                            ArrayRef<OpFoldResult> amounts) {
  Side side;
  for (OpFoldResult amount : amounts) {
    if (isKnownNonNegative(amount)) {
      side.added.push_back(amount);
      side.cut.push_back(builder.getIndexAttr(0));
      continue;
    }
    if (std::optional<int64_t> constant = getConstantIntValue(amount)) {
      side.added.push_back(builder.getIndexAttr(0));
      side.cut.push_back(builder.getIndexAttr(-*constant));
      continue;
    }
    auto value = cast<Value>(amount);
    Value zero = arith::ConstantIndexOp::create(builder, location, 0);
    Value negated = arith::SubIOp::create(builder, location, zero, value);
    side.added.push_back(
        arith::MaxSIOp::create(builder, location, value, zero).getResult());
    side.cut.push_back(
        arith::MaxSIOp::create(builder, location, negated, zero).getResult());
  }
  return side;
}

void CropPaddingPass::crop(tensor::PadOp pad) {
  OpBuilder builder(pad);
  Location location = pad.getLoc();
  Side low = split(builder, location, pad.getMixedLowPad());
  Side high = split(builder, location, pad.getMixedHighPad());
  SmallVector<OpFoldResult> sizes;
  for (auto [extent, before, behind] : llvm::zip_equal(
           tensor::getMixedSizes(builder, location, pad.getSource()), low.cut,
           high.cut)) {
    std::optional<int64_t> all = getConstantIntValue(extent),
                           first = getConstantIntValue(before),
                           last = getConstantIntValue(behind);
    if (first == 0 && last == 0) {
      sizes.push_back(extent);
    } else if (all && first && last) {
      sizes.push_back(builder.getIndexAttr(*all - *first - *last));
    } else {
      auto value = [&](OpFoldResult number) {
        return getValueOrCreateConstantIndexOp(builder, location, number);
      };
      Value rest = arith::SubIOp::create(builder, location, value(extent),
                                         value(before));
      rest = arith::SubIOp::create(builder, location, rest, value(behind));
      sizes.push_back(rest);
    }
  }
  SmallVector<OpFoldResult> ones(sizes.size(), builder.getIndexAttr(1));
  Value middle = tensor::ExtractSliceOp::create(
      builder, location, pad.getSource(), low.cut, sizes, ones);
  auto cropped =
      tensor::PadOp::create(builder, location, pad.getResultType(), middle,
                            low.added, high.added, pad.getNofold());
  cropped.getRegion().takeBody(pad.getRegion());
  pad.replaceAllUsesWith(cropped.getResult());
  pad.erase();
}
