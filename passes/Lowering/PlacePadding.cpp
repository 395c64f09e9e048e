//===- PlacePadding.cpp - What is padded, in the padded memory ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Contraction.h"
#include "passes/Lowering/Destinations.h"
#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_PLACEPADDING
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// Whether `pad` puts a constant around a tensor, by amounts that are known.
static bool isPlaceable(tensor::PadOp pad) {
  Value padding = pad.getConstantPaddingValue();
  auto isAmount = [](int64_t amount) { return amount >= 0; };
  return !pad.getNofold() && padding &&
         padding.getDefiningOp<arith::ConstantOp>() &&
         llvm::all_of(pad.getStaticLow(), isAmount) &&
         llvm::all_of(pad.getStaticHigh(), isAmount);
}

/// Whether what `use` reads may lie in pieces. A product that reads rows one
/// after the other is better off where they are one run of memory.
static bool mayReadPieces(OpOperand &use) {
  auto op = dyn_cast<linalg::LinalgOp>(use.getOwner());
  if (!op || op.isDpsInit(&use))
    return false;
  FailureOr<Contraction> product = Contraction::match(op);
  return failed(product) || (product->left == use.get() &&
                             !product->leftMap.isProjectedPermutation());
}

namespace {

/// Makes one padded tensor in memory that is written piece by piece.
class Placement {
public:
  Placement(tensor::PadOp pad, OpBuilder &builder)
      : pad(pad), builder(builder), location(pad.getLoc()),
        low(pad.getMixedLowPad()), high(pad.getMixedHighPad()) {}

  /// Where the producer of what is padded may write to the middle: false where
  /// it may not.
  bool intoProducer();

  /// With a copy of what is padded in the middle.
  void byCopy();

private:
  /// A tensor around what has the extents `sizes`, of which all but that is
  /// filled.
  Value border(ArrayRef<OpFoldResult> sizes);
  Value fill(Value tensor, Value padding, ArrayRef<OpFoldResult> offsets,
             ArrayRef<OpFoldResult> sizes);
  OpFoldResult sum(OpFoldResult one, OpFoldResult other);
  /// Makes `padded` what the pad was.
  void finish(Value padded);
  SmallVector<OpFoldResult> ones() const {
    return SmallVector<OpFoldResult>(low.size(), builder.getIndexAttr(1));
  }

  tensor::PadOp pad;
  OpBuilder &builder;
  Location location;
  SmallVector<OpFoldResult> low, high;
};

} // namespace

OpFoldResult Placement::sum(OpFoldResult one, OpFoldResult other) {
  std::optional<int64_t> left = getConstantIntValue(one);
  std::optional<int64_t> right = getConstantIntValue(other);
  if (left && right)
    return builder.getIndexAttr(*left + *right);
  return builder.createOrFold<arith::AddIOp>(
      location, getValueOrCreateConstantIndexOp(builder, location, one),
      getValueOrCreateConstantIndexOp(builder, location, other));
}

Value Placement::fill(Value tensor, Value padding,
                      ArrayRef<OpFoldResult> offsets,
                      ArrayRef<OpFoldResult> sizes) {
  Value part = tensor::ExtractSliceOp::create(builder, location, tensor,
                                              offsets, sizes, ones());
  Value filled =
      linalg::FillOp::create(builder, location, padding, part).getResult(0);
  return tensor::InsertSliceOp::create(builder, location, filled, tensor,
                                       offsets, sizes, ones());
}

Value Placement::border(ArrayRef<OpFoldResult> sizes) {
  Operation *constant = pad.getConstantPaddingValue().getDefiningOp();
  Value padding = builder.clone(*constant)->getResult(0);
  RankedTensorType type = pad.getResultType();
  SmallVector<OpFoldResult> extents;
  for (auto [at, extent] : llvm::enumerate(type.getShape()))
    extents.push_back(ShapedType::isDynamic(extent)
                          ? sum(sum(sizes[at], low[at]), high[at])
                          : OpFoldResult(builder.getIndexAttr(extent)));
  Value tensor = tensor::EmptyOp::create(builder, location, extents,
                                         type.getElementType());
  // What is before and behind the middle along one dimension, of the middle
  // along those before it, of all along those after it.
  OpFoldResult zero = builder.getIndexAttr(0);
  for (size_t at = 0; at < low.size(); ++at) {
    SmallVector<OpFoldResult> offsets(low.begin(), low.begin() + at);
    SmallVector<OpFoldResult> parts(sizes.begin(), sizes.begin() + at);
    offsets.append(low.size() - at, zero);
    llvm::append_range(parts, ArrayRef(extents).drop_front(at));
    if (getConstantIntValue(low[at]) != 0) {
      parts[at] = low[at];
      tensor = fill(tensor, padding, offsets, parts);
    }
    if (getConstantIntValue(high[at]) != 0) {
      offsets[at] = sum(low[at], sizes[at]);
      parts[at] = high[at];
      tensor = fill(tensor, padding, offsets, parts);
    }
  }
  return tensor;
}

void Placement::finish(Value padded) {
  // The pad may know less of its extents.
  if (padded.getType() != pad.getResultType())
    padded =
        tensor::CastOp::create(builder, location, pad.getResultType(), padded);
  pad.replaceAllUsesWith(padded);
  pad.erase();
}

bool Placement::intoProducer() {
  Value source = pad.getSource();
  if (source.getParentBlock() != pad->getBlock())
    return false;
  for (OpOperand &use : source.getUses())
    if (use.getOwner() != pad && !mayReadPieces(use))
      return false;
  OpOperand *destination = destinationOf(source);
  if (!destination)
    return false;
  builder.setInsertionPoint(destination->getOwner());
  auto empty = destination->get().getDefiningOp<tensor::EmptyOp>();
  SmallVector<OpFoldResult> sizes = empty.getMixedSizes();
  Value around = border(sizes);
  destination->set(tensor::ExtractSliceOp::create(
      builder, location, empty.getType(), around, low, sizes, ones()));
  builder.setInsertionPointAfter(source.getDefiningOp());
  Value padded = tensor::InsertSliceOp::create(builder, location, source,
                                               around, low, sizes, ones());
  Value middle = tensor::ExtractSliceOp::create(
      builder, location, cast<RankedTensorType>(source.getType()), padded, low,
      sizes, ones());
  finish(padded);
  if (empty->use_empty())
    empty.erase();
  source.replaceUsesWithIf(middle, [&](OpOperand &use) {
    return use.getOwner() != padded.getDefiningOp();
  });
  return true;
}

void Placement::byCopy() {
  builder.setInsertionPoint(pad);
  Value source = pad.getSource();
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(builder, location, source);
  finish(tensor::InsertSliceOp::create(builder, location, source, border(sizes),
                                       low, sizes, ones()));
}

namespace {

class PlacePaddingPass
    : public orcinus::impl::PlacePaddingBase<PlacePaddingPass> {
public:
  void runOnOperation() override {
    SmallVector<tensor::PadOp> pads;
    getOperation()->walk([&](tensor::PadOp pad) {
      if (isPlaceable(pad))
        pads.push_back(pad);
    });
    for (tensor::PadOp pad : pads) {
      OpBuilder builder(pad);
      Placement placement(pad, builder);
      if (placement.intoProducer())
        ++placedPaddings;
      else
        placement.byCopy();
    }
  }
};

} // namespace
