//===- ReferenceModules.cpp - What checks an operator's results -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/ReferenceModules.h"

#include "orcinus/Support/CheckedArithmetic.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace orcinus;

static func::FuncOp publicFunction(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPublic())
      return function;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Plain nests
//===----------------------------------------------------------------------===//

/// The loops of `op` in the order that walks rows; empty where it is not known.
static SmallVector<unsigned> rowOrder(linalg::GenericOp op) {
  AffineMap result = op.getIndexingMapsArray().back();
  if (op.getNumResults() != 1 || op.getNumReductionLoops() == 0 ||
      result.getNumResults() == 0 || !result.isProjectedPermutation())
    return {};
  unsigned innermost = result.getDimPosition(result.getNumResults() - 1);
  SmallVector<unsigned> order, sums;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    if (loop != innermost)
      (linalg::isParallelIterator(op.getIteratorTypesArray()[loop]) ? order
                                                                    : sums)
          .push_back(loop);
  order.append(sums);
  order.push_back(innermost);
  return order;
}

void orcinus::makePlainNests(ModuleOp module) {
  IRRewriter rewriter(module.getContext());
  SmallVector<linalg::LinalgOp> ops;
  module.walk([&](linalg::LinalgOp op) { ops.push_back(op); });
  for (linalg::LinalgOp op : ops) {
    rewriter.setInsertionPoint(op);
    auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
    if (!generic) {
      FailureOr<linalg::GenericOp> made =
          linalg::generalizeNamedOp(rewriter, op);
      if (failed(made))
        continue;
      generic = *made;
    }
    rewriter.setInsertionPoint(generic);
    // Where it fails, the reference is merely slow.
    if (SmallVector<unsigned> order = rowOrder(generic); !order.empty())
      (void)linalg::interchangeGenericOp(rewriter, generic, order);
  }
  // They are read once more, and by other programs.
  func::FuncOp function = publicFunction(module);
  for (unsigned argument = 0; argument < function.getNumArguments(); ++argument)
    if (isa<TensorType>(function.getArgumentTypes()[argument]))
      function.setArgAttr(
          argument, bufferization::BufferizationDialect::kWritableAttrName,
          rewriter.getBoolAttr(false));
}

int64_t orcinus::countIterations(ModuleOp module) {
  int64_t iterations = 0;
  module.walk([&](linalg::LinalgOp op) {
    iterations =
        saturatedSum(iterations, saturatedElements(op.getStaticLoopRanges()));
  });
  return iterations;
}

//===----------------------------------------------------------------------===//
// Boxes
//===----------------------------------------------------------------------===//

/// The last op of which a slice is taken, and these slices.
static std::pair<TilingInterface, SmallVector<tensor::ExtractSliceOp>>
lastSliced(Block &body) {
  for (Operation &op : llvm::reverse(body)) {
    auto tiled = dyn_cast<TilingInterface>(op);
    if (!tiled)
      continue;
    SmallVector<tensor::ExtractSliceOp> slices;
    for (Operation *user : op.getUsers())
      if (auto slice = dyn_cast<tensor::ExtractSliceOp>(user))
        slices.push_back(slice);
    if (!slices.empty())
      return {tiled, slices};
  }
  return {};
}

/// Has all that slices are taken of computed for the slices alone.
static LogicalResult computeSlicesAlone(func::FuncOp function) {
  IRRewriter rewriter(function.getContext());
  while (true) {
    // Equal slices are computed once, however many ops read them.
    DominanceInfo dominance(function);
    eliminateCommonSubExpressions(rewriter, dominance, function);
    auto [producer, slices] = lastSliced(function.getBody().front());
    if (!producer)
      return success();
    for (tensor::ExtractSliceOp slice : slices) {
      rewriter.setInsertionPoint(slice);
      FailureOr<TilingResult> tile =
          tensor::replaceExtractSliceWithTiledProducer(
              rewriter, slice, cast<OpResult>(slice.getSource()));
      if (failed(tile) ||
          tile->tiledValues.front().getType() != slice.getType())
        return failure();
      rewriter.replaceOp(slice, tile->tiledValues.front());
    }
  }
}

/// Erases what nothing reads, and makes slices of empty tensors empty tensors
/// of their own size.
static void cleanUp(func::FuncOp function) {
  RewritePatternSet patterns(function.getContext());
  tensor::populateFoldTensorEmptyPatterns(patterns);
  // What is left after as many rounds as it takes is right, too.
  (void)applyPatternsGreedily(function, std::move(patterns));
}

StatusOr<OwningOpRef<ModuleOp>>
orcinus::makeBoxModule(ModuleOp module, unsigned result,
                       llvm::ArrayRef<int64_t> sizes) {
  OwningOpRef<ModuleOp> boxed = module.clone();
  func::FuncOp function = publicFunction(*boxed);
  Block &body = function.getBody().front();
  Operation *end = body.getTerminator();
  OpBuilder builder(end);
  SmallVector<OpFoldResult> offsets, extents, strides;
  for (int64_t size : sizes) {
    offsets.push_back(
        body.addArgument(builder.getIndexType(), function.getLoc()));
    extents.push_back(builder.getIndexAttr(size));
    strides.push_back(builder.getIndexAttr(1));
  }
  Value slice = tensor::ExtractSliceOp::create(builder, end->getLoc(),
                                               end->getOperand(result), offsets,
                                               extents, strides);
  end->setOperands(slice);
  function.setType(
      builder.getFunctionType(body.getArgumentTypes(), slice.getType()));
  if (failed(computeSlicesAlone(function)))
    return Status::error("no part of its result can be computed by itself");
  cleanUp(function);
  return boxed;
}

//===----------------------------------------------------------------------===//
// Weighted sums
//===----------------------------------------------------------------------===//

namespace {

/// Makes the sums of a contraction along one loop of it, from the sums of the
/// operand that the loop comes from.
class SumBuilder {
public:
  SumBuilder(linalg::GenericOp op, unsigned loop, int64_t vectors)
      : op(op), loop(loop), vectors(vectors), builder(op) {}

  /// The loop that makes the most of it; nothing where there is none.
  static std::optional<unsigned> bestLoop(linalg::GenericOp op);

  Value build(Value weights);

private:
  /// `value`, which `map` indexes, summed along the loop where that is one of
  /// its dimensions, in f64.
  Value sumAlong(Value value, AffineMap map, Value weights);
  RankedTensorType summedType(Value value, AffineMap map) const;
  Value zeros(RankedTensorType type);
  static Value extend(OpBuilder &body, Value value) {
    return value.getType().isF64()
               ? value
               : arith::ExtFOp::create(body, value.getLoc(), body.getF64Type(),
                                       value);
  }

  linalg::GenericOp op;
  unsigned loop;
  int64_t vectors;
  OpBuilder builder;
};

} // namespace

/// Whether `map` has `loop` as one dimension, by itself, and nowhere else.
static bool hasAsDimension(AffineMap map, unsigned loop) {
  unsigned functions = 0;
  for (AffineExpr index : map.getResults())
    functions += index.isFunctionOfDim(loop);
  AffineExpr dimension = getAffineDimExpr(loop, map.getContext());
  return functions == 1 && map.getResultPosition(dimension);
}

/// Whether `op` adds the product of two elements, and does nothing else.
static bool isSumOfProducts(linalg::GenericOp op) {
  return op.getNumDpsInputs() == 2 && op.getNumDpsInits() == 1 &&
         llvm::hasNItems(op.getBody()->getOperations(), 3) &&
         linalg::detail::isContractionBody(
             *op.getBody(), [](Operation *product, Operation *sum) {
               return isa<arith::MulFOp>(product) && isa<arith::AddFOp>(sum);
             });
}

std::optional<unsigned> SumBuilder::bestLoop(linalg::GenericOp op) {
  if (!isSumOfProducts(op))
    return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  std::optional<unsigned> best;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool inLeft = maps[0].isFunctionOfDim(loop),
         inRight = maps[1].isFunctionOfDim(loop);
    if (inLeft != inRight && hasAsDimension(maps[2], loop) &&
        hasAsDimension(maps[inLeft ? 0 : 1], loop) &&
        (!best || extents[loop] > extents[*best]))
      best = loop;
  }
  return best;
}

RankedTensorType SumBuilder::summedType(Value value, AffineMap map) const {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[*map.getResultPosition(getAffineDimExpr(loop, map.getContext()))] =
      vectors;
  return RankedTensorType::get(shape, Float64Type::get(map.getContext()));
}

Value SumBuilder::zeros(RankedTensorType type) {
  Value zero = arith::ConstantOp::create(builder, op.getLoc(),
                                         builder.getF64FloatAttr(0));
  Value empty = tensor::EmptyOp::create(builder, op.getLoc(), type.getShape(),
                                        type.getElementType());
  return linalg::FillOp::create(builder, op.getLoc(), zero, empty).getResult(0);
}

Value SumBuilder::sumAlong(Value value, AffineMap map, Value weights) {
  if (!map.isFunctionOfDim(loop))
    return value;
  RankedTensorType type = summedType(value, map);
  unsigned rank = type.getRank();
  unsigned summed =
      *map.getResultPosition(getAffineDimExpr(loop, map.getContext()));
  // The dimensions of the value, and then that of the vectors.
  MLIRContext *context = map.getContext();
  AffineExpr vector = getAffineDimExpr(rank, context);
  SmallVector<AffineExpr> from, to;
  for (unsigned dimension = 0; dimension < rank; ++dimension)
    from.push_back(getAffineDimExpr(dimension, context));
  to = from;
  to[summed] = vector;
  SmallVector<AffineMap> maps = {
      AffineMap::get(rank + 1, 0, from, context),
      AffineMap::get(rank + 1, 0, {from[summed], vector}, context),
      AffineMap::get(rank + 1, 0, to, context)};
  SmallVector<utils::IteratorType> iterators(rank + 1,
                                             utils::IteratorType::parallel);
  iterators[summed] = utils::IteratorType::reduction;
  return linalg::GenericOp::create(
             builder, op.getLoc(), type, ValueRange{value, weights},
             zeros(type), maps, iterators,
             [&](OpBuilder &body, Location location, ValueRange elements) {
               Value product = arith::MulFOp::create(
                   body, location, extend(body, elements[0]), elements[1]);
               Value sum =
                   arith::AddFOp::create(body, location, elements[2], product);
               linalg::YieldOp::create(body, location, sum);
             })
      .getResult(0);
}

Value SumBuilder::build(Value weights) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<Value> inputs = {sumAlong(op.getInputs()[0], maps[0], weights),
                               sumAlong(op.getInputs()[1], maps[1], weights)};
  Value start = sumAlong(op.getOutputs()[0], maps[2], weights);
  return linalg::GenericOp::create(
             builder, op.getLoc(), start.getType(), inputs, start, maps,
             op.getIteratorTypesArray(),
             [&](OpBuilder &body, Location location, ValueRange elements) {
               Value product = arith::MulFOp::create(body, location,
                                                     extend(body, elements[0]),
                                                     extend(body, elements[1]));
               Value sum =
                   arith::AddFOp::create(body, location, elements[2], product);
               linalg::YieldOp::create(body, location, sum);
             })
      .getResult(0);
}

std::optional<SumModule> orcinus::makeSumModule(ModuleOp module,
                                                int64_t vectors) {
  SumModule sums;
  sums.module = module.clone();
  makePlainNests(*sums.module);
  func::FuncOp function = publicFunction(*sums.module);
  Block &body = function.getBody().front();
  Operation *end = body.getTerminator();
  if (end->getNumOperands() != 1)
    return std::nullopt;
  auto op = end->getOperand(0).getDefiningOp<linalg::GenericOp>();
  std::optional<unsigned> loop =
      op ? SumBuilder::bestLoop(op) : std::optional<unsigned>();
  if (!loop)
    return std::nullopt;
  AffineMap result = op.getIndexingMapsArray().back();
  sums.dimension =
      *result.getResultPosition(getAffineDimExpr(*loop, op.getContext()));
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  sums.extent = extents[*loop];
  sums.terms = 1;
  for (auto [extent, iterator] : llvm::zip(extents, op.getIteratorTypesArray()))
    if (linalg::isReductionIterator(iterator))
      sums.terms = saturatedProduct(sums.terms, extent);

  OpBuilder builder(end);
  auto weightType =
      RankedTensorType::get({sums.extent, vectors}, builder.getF64Type());
  Value weights = body.addArgument(weightType, function.getLoc());
  Value summed = SumBuilder(op, *loop, vectors).build(weights);
  end->setOperands(summed);
  function.setType(
      builder.getFunctionType(body.getArgumentTypes(), summed.getType()));
  op.erase();
  return sums;
}
