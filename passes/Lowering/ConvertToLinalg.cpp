//===- ConvertToLinalg.cpp - Dense tgnn ops to linalg ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

#include <numbers>

namespace orcinus {
#define GEN_PASS_DEF_CONVERTTOLINALG
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

static RankedTensorType tensorTypeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static OpFoldResult extentOf(OpBuilder &builder, Value tensor,
                             int64_t dimension) {
  return tensor::getMixedSize(builder, tensor.getLoc(), tensor, dimension);
}

static SmallVector<OpFoldResult> extentsOf(OpBuilder &builder, Value tensor) {
  return tensor::getMixedSizes(builder, tensor.getLoc(), tensor);
}

static Value emptyTensor(OpBuilder &builder, Location location,
                         ArrayRef<OpFoldResult> extents, Type type) {
  return tensor::EmptyOp::create(builder, location, extents,
                                 getElementTypeOrSelf(type));
}

static Value zeroTensor(OpBuilder &builder, Location location,
                        ArrayRef<OpFoldResult> extents, Type type) {
  Value zero = arith::ConstantOp::create(
      builder, location, builder.getZeroAttr(getElementTypeOrSelf(type)));
  return linalg::FillOp::create(
             builder, location, ValueRange{zero},
             ValueRange{emptyTensor(builder, location, extents, type)})
      .getResult(0);
}

/// Writes `part` at `offset` of dimension `dimension` into `whole`.
static Value insertRange(OpBuilder &builder, Location location, Value part,
                         Value whole, int64_t dimension, OpFoldResult offset) {
  int64_t rank = tensorTypeOf(whole).getRank();
  SmallVector<OpFoldResult> offsets(rank, builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(rank, builder.getIndexAttr(1));
  offsets[dimension] = offset;
  return tensor::InsertSliceOp::create(builder, location, part, whole, offsets,
                                       extentsOf(builder, part), strides);
}

static Value extractRange(OpBuilder &builder, Location location, Value whole,
                          int64_t dimension, OpFoldResult offset,
                          OpFoldResult size) {
  int64_t rank = tensorTypeOf(whole).getRank();
  SmallVector<OpFoldResult> offsets(rank, builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(rank, builder.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = extentsOf(builder, whole);
  offsets[dimension] = offset;
  sizes[dimension] = size;
  return tensor::ExtractSliceOp::create(builder, location, whole, offsets,
                                        sizes, strides);
}

/// `numerator / denominator · factor` rows of `tensor`.
static OpFoldResult scaledRows(OpBuilder &builder, Location location,
                               Value tensor, int64_t factor,
                               int64_t denominator) {
  Value rows = getValueOrCreateConstantIndexOp(builder, location,
                                               extentOf(builder, tensor, 0));
  Value part = arith::DivUIOp::create(
      builder, location, rows,
      arith::ConstantIndexOp::create(builder, location, denominator));
  return arith::MulIOp::create(
             builder, location, part,
             arith::ConstantIndexOp::create(builder, location, factor))
      .getResult();
}

/// A pointwise function of tensors of one shape.
static Value
mapElements(OpBuilder &builder, Location location, ValueRange inputs,
            function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  RankedTensorType type = tensorTypeOf(inputs.front());
  Value empty =
      emptyTensor(builder, location, extentsOf(builder, inputs.front()), type);
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  SmallVector<AffineMap> maps(inputs.size() + 1, identity);
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             builder, location, TypeRange{empty.getType()}, inputs,
             ValueRange{empty}, maps, iterators,
             [&](OpBuilder &nested, Location nestedLocation, ValueRange args) {
               linalg::YieldOp::create(
                   nested, nestedLocation,
                   body(nested, nestedLocation, args.drop_back()));
             })
      .getResult(0);
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

namespace {

/// The loops of a contraction: the result's labels, then the summed ones.
class ContractionLoops {
public:
  ContractionLoops(MLIRContext *context, const ContractionLabels &labels)
      : context(context), order(labels.result) {
    for (char label : (labels.lhs + labels.rhs).str())
      if (!llvm::is_contained(order, label))
        order.push_back(label);
    iterators.assign(order.size(), utils::IteratorType::reduction);
    std::fill_n(iterators.begin(), labels.result.size(),
                utils::IteratorType::parallel);
  }

  AffineMap mapOf(StringRef labels) const {
    SmallVector<AffineExpr> dimensions =
        llvm::map_to_vector(labels, [&](char label) {
          return getAffineDimExpr(order.find(label), context);
        });
    return AffineMap::get(order.size(), 0, dimensions, context);
  }

  SmallVector<utils::IteratorType> iterators;

private:
  MLIRContext *context;
  std::string order;
};

struct ConvertContract : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ContractOp op,
                                PatternRewriter &rewriter) const override {
    ContractionLabels labels = *parseContractionSpec(op.getSpec());
    Value lhs = op.getLhs(), rhs = op.getRhs();
    // Vectors run along the result's last label: it belongs to the right side.
    if (!labels.result.empty() && !labels.rhs.contains(labels.result.back())) {
      std::swap(lhs, rhs);
      std::swap(labels.lhs, labels.rhs);
    }
    Value init = op.getInit();
    if (!init)
      init = zeroTensor(rewriter, op.getLoc(),
                        resultExtents(rewriter, op, labels, lhs, rhs),
                        op.getType());
    ContractionLoops loops(getContext(), labels);
    rewriter.replaceOpWithNewOp<linalg::GenericOp>(
        op, TypeRange{op.getType()}, ValueRange{lhs, rhs}, ValueRange{init},
        ArrayRef<AffineMap>{loops.mapOf(labels.lhs), loops.mapOf(labels.rhs),
                            loops.mapOf(labels.result)},
        loops.iterators,
        [](OpBuilder &builder, Location location, ValueRange args) {
          Value product =
              arith::MulFOp::create(builder, location, args[0], args[1]);
          Value sum =
              arith::AddFOp::create(builder, location, args[2], product);
          linalg::YieldOp::create(builder, location, sum);
        });
    return success();
  }

  static SmallVector<OpFoldResult>
  resultExtents(OpBuilder &builder, ContractOp op,
                const ContractionLabels &labels, Value lhs, Value rhs) {
    SmallVector<OpFoldResult> extents;
    auto type = cast<RankedTensorType>(op.getType());
    for (auto [label, extent] : llvm::zip(labels.result, type.getShape())) {
      if (!ShapedType::isDynamic(extent)) {
        extents.push_back(builder.getIndexAttr(extent));
        continue;
      }
      size_t position = labels.lhs.find(label);
      extents.push_back(position != StringRef::npos
                            ? extentOf(builder, lhs, position)
                            : extentOf(builder, rhs, labels.rhs.find(label)));
    }
    return extents;
  }
};

struct ConvertConcat : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    Location location = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<OpFoldResult> extents =
        extentsOf(rewriter, op.getInputs().front());
    extents.back() = rewriter.getIndexAttr(type.getShape().back());
    Value whole = emptyTensor(rewriter, location, extents, type);
    int64_t offset = 0;
    for (Value input : op.getInputs()) {
      whole = insertRange(rewriter, location, input, whole, type.getRank() - 1,
                          rewriter.getIndexAttr(offset));
      offset += tensorTypeOf(input).getShape().back();
    }
    rewriter.replaceOp(op, whole);
    return success();
  }
};

struct ConvertSlice : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SliceOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<int64_t> offset = constantValue(op.getOffset()),
                           size = constantValue(op.getSize());
    if (!offset || !size)
      return rewriter.notifyMatchFailure(op, "its sizes have names yet");
    rewriter.replaceOp(op, extractRange(rewriter, op.getLoc(), op.getInput(),
                                        op.getDimension(),
                                        rewriter.getIndexAttr(*offset),
                                        rewriter.getIndexAttr(*size)));
    return success();
  }
};

struct ConvertPad : OpRewritePattern<PadOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PadOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<OpFoldResult> extents = extentsOf(rewriter, op.getInput());
    extents[op.getDimension()] = rewriter.getIndexAttr(op.getSize());
    Value zeros = zeroTensor(rewriter, op.getLoc(), extents, op.getType());
    rewriter.replaceOp(op, insertRange(rewriter, op.getLoc(), op.getInput(),
                                       zeros, op.getDimension(),
                                       rewriter.getIndexAttr(op.getOffset())));
    return success();
  }
};

/// The dimensions of `many` that each of `few` is made of: from the last on as
/// many as its extent takes, and all that are left for the first.
static std::optional<SmallVector<ReassociationIndices>>
groupDimensions(ArrayRef<int64_t> many, ArrayRef<int64_t> few) {
  SmallVector<ReassociationIndices> groups(few.size());
  int64_t next = static_cast<int64_t>(many.size()) - 1;
  for (size_t dimension = few.size() - 1; dimension > 0; --dimension) {
    int64_t extent = 1;
    do {
      if (next == 0)
        return std::nullopt;
      extent *= many[next];
      groups[dimension].insert(groups[dimension].begin(), next--);
    } while (extent < few[dimension]);
    if (extent != few[dimension])
      return std::nullopt;
  }
  for (int64_t dimension = 0; dimension <= next; ++dimension)
    groups[0].push_back(dimension);
  return groups;
}

struct ConvertReshape : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType before = tensorTypeOf(op.getInput());
    auto after = cast<RankedTensorType>(op.getType());
    bool isSplit = before.getRank() < after.getRank();
    auto groups = isSplit
                      ? groupDimensions(after.getShape(), before.getShape())
                      : groupDimensions(before.getShape(), after.getShape());
    if (!groups)
      return convertFlat(op, after, rewriter);
    if (isSplit)
      rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(
          op, after, op.getInput(), *groups);
    else if (before.getRank() > after.getRank())
      rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
          op, after, op.getInput(), *groups);
    else
      rewriter.replaceOp(op, op.getInput());
    return success();
  }

  /// What neither splits nor joins dimensions does both.
  static LogicalResult convertFlat(ReshapeOp op, RankedTensorType after,
                                   PatternRewriter &rewriter) {
    RankedTensorType before = tensorTypeOf(op.getInput());
    if (before.getNumDynamicDims() > 1 ||
        before.hasStaticShape() != after.hasStaticShape() ||
        after.getNumDynamicDims() > 1)
      return rewriter.notifyMatchFailure(op, "several extents are unknown");
    auto allOf = [](RankedTensorType type) {
      return ReassociationIndices(
          llvm::to_vector(llvm::seq<int64_t>(0, type.getRank())));
    };
    int64_t elements = before.hasStaticShape() ? before.getNumElements()
                                               : ShapedType::kDynamic;
    Value flat = tensor::CollapseShapeOp::create(
        rewriter, op.getLoc(),
        RankedTensorType::get(elements, before.getElementType()), op.getInput(),
        ArrayRef<ReassociationIndices>{allOf(before)});
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(
        op, after, flat, ArrayRef<ReassociationIndices>{allOf(after)});
    return success();
  }
};

/// Makes an element of a pointwise op's result of those of its operands.
using EmitElement = Value (*)(OpBuilder &, Location, ValueRange);

template <typename PointwiseOp, EmitElement emit>
struct ConvertPointwise : OpRewritePattern<PointwiseOp> {
  using OpRewritePattern<PointwiseOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(PointwiseOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(
        op, mapElements(rewriter, op.getLoc(), op->getOperands(), emit));
    return success();
  }
};

struct ConvertScale : OpRewritePattern<ScaleOp> {
  using OpRewritePattern<ScaleOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(ScaleOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op,
                       mapElements(rewriter, op.getLoc(), op->getOperands(),
                                   [&](OpBuilder &builder, Location location,
                                       ValueRange args) -> Value {
                                     Value factor = arith::ConstantOp::create(
                                         builder, location, op.getFactorAttr());
                                     return arith::MulFOp::create(
                                         builder, location, args[0], factor);
                                   }));
    return success();
  }
};

/// An op of one or two elements of `arith` or `math`.
template <typename ElementOp>
static Value emitOp(OpBuilder &builder, Location location, ValueRange args) {
  if constexpr (ElementOp::template hasTrait<OpTrait::OneOperand>())
    return ElementOp::create(builder, location, args[0]);
  else
    return ElementOp::create(builder, location, args[0], args[1]);
}

static Value floatZero(OpBuilder &builder, Location location, Type type) {
  return arith::ConstantOp::create(builder, location,
                                   builder.getZeroAttr(type));
}

/// `number` as a float of the type of `like`.
static Value floatConstant(OpBuilder &builder, Location location, Value like,
                           double number) {
  return arith::ConstantOp::create(
      builder, location, builder.getFloatAttr(like.getType(), number));
}

static Value emitRelu(OpBuilder &builder, Location location, ValueRange args) {
  return arith::MaximumFOp::create(
      builder, location, args[0],
      floatZero(builder, location, args[0].getType()));
}

static Value emitReluGrad(OpBuilder &builder, Location location,
                          ValueRange args) {
  Value zero = floatZero(builder, location, args[0].getType());
  Value isPositive = arith::CmpFOp::create(
      builder, location, arith::CmpFPredicate::OGT, args[0], zero);
  return arith::SelectOp::create(builder, location, isPositive, args[1], zero);
}

/// Φ(x) = (1 + erf(x / √2)) / 2.
static Value normalDistribution(OpBuilder &builder, Location location,
                                Value x) {
  Value scaled = arith::MulFOp::create(
      builder, location, x,
      floatConstant(builder, location, x, std::numbers::sqrt2 / 2));
  Value error = math::ErfOp::create(builder, location, scaled);
  Value half = floatConstant(builder, location, x, 0.5);
  Value scaledError = arith::MulFOp::create(builder, location, error, half);
  return arith::AddFOp::create(builder, location, scaledError, half);
}

static Value emitGelu(OpBuilder &builder, Location location, ValueRange args) {
  return arith::MulFOp::create(builder, location, args[0],
                               normalDistribution(builder, location, args[0]));
}

/// dy (Φ(x) + x exp(-x² / 2) / √(2π)).
static Value emitGeluGrad(OpBuilder &builder, Location location,
                          ValueRange args) {
  Value x = args[0];
  Value square = arith::MulFOp::create(builder, location, x, x);
  Value exponent = arith::MulFOp::create(
      builder, location, square, floatConstant(builder, location, x, -0.5));
  Value density = arith::MulFOp::create(
      builder, location, math::ExpOp::create(builder, location, exponent),
      floatConstant(builder, location, x,
                    std::numbers::inv_sqrtpi / std::numbers::sqrt2));
  Value slope = arith::AddFOp::create(
      builder, location, normalDistribution(builder, location, x),
      arith::MulFOp::create(builder, location, x, density));
  return arith::MulFOp::create(builder, location, args[1], slope);
}

static Value emitSigmoid(OpBuilder &builder, Location location,
                         ValueRange args) {
  Value negative = arith::NegFOp::create(builder, location, args[0]);
  Value power = math::ExpOp::create(builder, location, negative);
  Value one = floatConstant(builder, location, args[0], 1);
  return arith::DivFOp::create(
      builder, location, one,
      arith::AddFOp::create(builder, location, one, power));
}

/// dy times a slope that follows from the result: 1 - y² of a tangent, y - y²
/// of a sigmoid.
template <typename GradientOp>
static Value emitActivationGrad(OpBuilder &builder, Location location,
                                ValueRange args) {
  Value y = args[0];
  Value start = std::is_same_v<GradientOp, TanhGradOp>
                    ? floatConstant(builder, location, y, 1)
                    : y;
  Value square = arith::MulFOp::create(builder, location, y, y);
  Value slope = arith::SubFOp::create(builder, location, start, square);
  return arith::MulFOp::create(builder, location, args[1], slope);
}

struct ConvertTranspose : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<OpFoldResult> extents = extentsOf(rewriter, op.getInput());
    auto order = llvm::to_vector(llvm::seq<int64_t>(0, extents.size()));
    std::swap(extents[extents.size() - 2], extents.back());
    std::swap(order[order.size() - 2], order.back());
    Value empty = emptyTensor(rewriter, op.getLoc(), extents, op.getType());
    rewriter.replaceOpWithNewOp<linalg::TransposeOp>(op, op.getInput(), empty,
                                                     order);
    return success();
  }
};

struct ConvertStopGradient : OpRewritePattern<StopGradientOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(StopGradientOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, op.getInput());
    return success();
  }
};

struct ConvertSumRows : OpRewritePattern<SumRowsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SumRowsOp op,
                                PatternRewriter &rewriter) const override {
    int64_t rank = tensorTypeOf(op.getInput()).getRank();
    Value zeros =
        zeroTensor(rewriter, op.getLoc(),
                   extentOf(rewriter, op.getInput(), rank - 1), op.getType());
    SmallVector<utils::IteratorType> iterators(rank,
                                               utils::IteratorType::reduction);
    iterators.back() = utils::IteratorType::parallel;
    AffineMap last = AffineMap::get(
        rank, 0, rewriter.getAffineDimExpr(rank - 1), getContext());
    rewriter.replaceOpWithNewOp<linalg::GenericOp>(
        op, TypeRange{op.getType()}, ValueRange{op.getInput()},
        ValueRange{zeros},
        ArrayRef<AffineMap>{rewriter.getMultiDimIdentityMap(rank), last},
        iterators, [](OpBuilder &builder, Location location, ValueRange args) {
          Value sum =
              arith::AddFOp::create(builder, location, args[1], args[0]);
          linalg::YieldOp::create(builder, location, sum);
        });
    return success();
  }
};

struct ConvertBroadcastRows : OpRewritePattern<BroadcastRowsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BroadcastRowsOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<OpFoldResult> extents{extentOf(rewriter, op.getLike(), 0)};
    llvm::append_range(extents, extentsOf(rewriter, op.getVector()));
    Value empty = emptyTensor(rewriter, op.getLoc(), extents, type);
    rewriter.replaceOpWithNewOp<linalg::BroadcastOp>(op, op.getVector(), empty,
                                                     ArrayRef<int64_t>{0});
    return success();
  }
};

struct ConvertZeros : OpRewritePattern<ZerosOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ZerosOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, zeroTensor(rewriter, op.getLoc(),
                                      extentsOf(rewriter, op.getLike()),
                                      op.getType()));
    return success();
  }
};

struct ConvertConcatRows : OpRewritePattern<ConcatRowsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConcatRowsOp op,
                                PatternRewriter &rewriter) const override {
    Location location = op.getLoc();
    OpFoldResult first = extentOf(rewriter, op.getFirst(), 0);
    Value rows = arith::AddIOp::create(
        rewriter, location,
        getValueOrCreateConstantIndexOp(rewriter, location, first),
        getValueOrCreateConstantIndexOp(rewriter, location,
                                        extentOf(rewriter, op.getSecond(), 0)));
    Value whole =
        emptyTensor(rewriter, location,
                    {OpFoldResult(rows), extentOf(rewriter, op.getFirst(), 1)},
                    op.getType());
    whole = insertRange(rewriter, location, op.getFirst(), whole, 0,
                        rewriter.getIndexAttr(0));
    rewriter.replaceOp(
        op, insertRange(rewriter, location, op.getSecond(), whole, 0, first));
    return success();
  }
};

struct ConvertFirstRows : OpRewritePattern<FirstRowsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(FirstRowsOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, extractRange(rewriter, op.getLoc(), op.getInput(), 0,
                                        rewriter.getIndexAttr(0),
                                        extentOf(rewriter, op.getLike(), 0)));
    return success();
  }
};

struct ConvertLinkPairs : OpRewritePattern<LinkPairsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LinkPairsOp op,
                                PatternRewriter &rewriter) const override {
    Location location = op.getLoc();
    Value all = op.getEmbeddings();
    OpFoldResult events = scaledRows(rewriter, location, all, 1, 3);
    OpFoldResult pairs = scaledRows(rewriter, location, all, 2, 3);
    OpFoldResult width = extentOf(rewriter, all, 1);
    OpFoldResult zero = rewriter.getIndexAttr(0);
    Value sources = extractRange(rewriter, location, all, 0, zero, events);
    Value twice =
        emptyTensor(rewriter, location, {pairs, width}, all.getType());
    twice = insertRange(rewriter, location, sources, twice, 0, zero);
    twice = insertRange(rewriter, location, sources, twice, 0, events);
    Value others = extractRange(rewriter, location, all, 0, events, pairs);
    rewriter.replaceOp(op, ValueRange{twice, others});
    return success();
  }
};

struct ConvertLinkPairsGrad : OpRewritePattern<LinkPairsGradOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LinkPairsGradOp op,
                                PatternRewriter &rewriter) const override {
    Location location = op.getLoc();
    Value twice = op.getSources();
    OpFoldResult events = scaledRows(rewriter, location, twice, 1, 2);
    OpFoldResult all = scaledRows(rewriter, location, twice, 3, 2);
    OpFoldResult zero = rewriter.getIndexAttr(0);
    Value ofEvents = extractRange(rewriter, location, twice, 0, zero, events);
    Value ofNegatives =
        extractRange(rewriter, location, twice, 0, events, events);
    Value sources = mapElements(
        rewriter, location, {ofEvents, ofNegatives},
        [](OpBuilder &builder, Location nested, ValueRange args) -> Value {
          return arith::AddFOp::create(builder, nested, args[0], args[1]);
        });
    Value whole =
        emptyTensor(rewriter, location, {all, extentOf(rewriter, twice, 1)},
                    twice.getType());
    whole = insertRange(rewriter, location, sources, whole, 0, zero);
    whole =
        insertRange(rewriter, location, op.getDestinations(), whole, 0, events);
    rewriter.replaceOp(op, whole);
    return success();
  }
};

struct ConvertToLinalgPass
    : orcinus::impl::ConvertToLinalgBase<ConvertToLinalgPass> {
  using ConvertToLinalgBase::ConvertToLinalgBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<
        ConvertContract, ConvertConcat, ConvertSlice, ConvertPad,
        ConvertReshape, ConvertPointwise<tgnn::AddOp, emitOp<arith::AddFOp>>,
        ConvertPointwise<tgnn::MulOp, emitOp<arith::MulFOp>>,
        ConvertPointwise<ReluOp, emitRelu>,
        ConvertPointwise<ReluGradOp, emitReluGrad>,
        ConvertPointwise<GeluOp, emitGelu>,
        ConvertPointwise<GeluGradOp, emitGeluGrad>,
        ConvertPointwise<TanhOp, emitOp<math::TanhOp>>,
        ConvertPointwise<TanhGradOp, emitActivationGrad<TanhGradOp>>,
        ConvertPointwise<SigmoidOp, emitSigmoid>,
        ConvertPointwise<SigmoidGradOp, emitActivationGrad<SigmoidGradOp>>,
        ConvertScale, ConvertTranspose, ConvertStopGradient, ConvertSumRows,
        ConvertBroadcastRows, ConvertConcatRows, ConvertFirstRows, ConvertZeros,
        ConvertLinkPairs, ConvertLinkPairsGrad>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
