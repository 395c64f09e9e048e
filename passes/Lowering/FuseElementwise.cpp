//===- FuseElementwise.cpp - Elementwise ops within their readers ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MLIR's patterns fuse an elementwise op into whatever reads it. Fused into a
// sum of products it would be computed once for each product, and the sum would
// have no tiles any more; so what is fused is decided here.
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Contraction.h"
#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

//===----------------------------------------------------------------------===//
// What an op does
//===----------------------------------------------------------------------===//

/// Whether `op` gives its only input other indices, and no more.
static bool isMovement(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops())
    return false;
  Block *body = op.getBlock();
  return body->getTerminator() == &body->front() &&
         body->getTerminator()->getOperand(0) == body->getArgument(0) &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isPermutation() &&
         op.getMatchingIndexingMap(op.getDpsInputOperand(0))
             .isProjectedPermutation();
}

/// Whether each index of `op`'s result is one of its input's.
static bool isTransposition(linalg::LinalgOp op) {
  return isMovement(op) &&
         op.getMatchingIndexingMap(op.getDpsInputOperand(0)).isPermutation();
}

/// Whether the body of `op` is worth computing no more often than it must be.
static bool isCostly(linalg::GenericOp op) {
  return llvm::any_of(*op.getBody(), [](Operation &nested) {
    return isa<math::MathDialect>(nested.getDialect()) ||
           isa<arith::DivFOp, arith::DivSIOp, arith::DivUIOp, arith::RemFOp>(
               nested);
  });
}

/// Whether `op` is a window that slides, by its name.
static bool isNamedWindow(Operation *op) {
  return op && !isa<linalg::GenericOp>(op) &&
         isa<linalg::ConvolutionOpInterface, tensor::PadOp>(op);
}

//===----------------------------------------------------------------------===//
// What is fused
//===----------------------------------------------------------------------===//

/// Whether the sum of products `consumer` may read the input of `producer`
/// itself.
static bool fusesIntoProduct(linalg::GenericOp producer,
                             const Contraction &consumer) {
  if (!isMovement(producer))
    return false;
  // What is repeated need not be. A batched product reads its operands by
  // pieces in any case; another is better off with what lies in one piece.
  return !isTransposition(producer) || !consumer.outer.empty();
}

/// Whether the body of `op` reads what it is to overwrite.
static bool readsDestination(linalg::GenericOp op) {
  return llvm::any_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
    return op.payloadUsesValueFromOperand(&init);
  });
}

/// Whether the elementwise `producer` is better computed where `operand` reads
/// it.
static bool fusesInto(linalg::GenericOp producer, OpOperand &operand) {
  auto consumer = cast<linalg::GenericOp>(operand.getOwner());
  // What updates its destination would do so once for each turn of the
  // consumer's loops.
  if (readsDestination(producer))
    return false;
  if (FailureOr<Contraction> product = Contraction::match(consumer);
      succeeded(product))
    return fusesIntoProduct(producer, *product);
  AffineMap map = consumer.getMatchingIndexingMap(&operand);
  unsigned loops = consumer.getNumLoops();
  auto isRead = [&](unsigned loop) { return map.isFunctionOfDim(loop); };
  if (llvm::all_of(llvm::seq(0u, loops), isRead) || !isCostly(producer))
    return true;
  // What is the same along the innermost loop is computed before it.
  return !isRead(loops - 1);
}

/// Whether `type`, the larger side of a reshape by `groups`, has dimensions of
/// extent 1 in place of none.
static bool hasUnitsIn(RankedTensorType type,
                       ArrayRef<ReassociationIndices> groups) {
  return llvm::any_of(groups, [&](const ReassociationIndices &group) {
    return group.size() > 1 && llvm::any_of(group, [&](int64_t at) {
             return type.getDimSize(at) == 1;
           });
  });
}

/// Whether the op that makes `operand` is fused with the one that reads it.
static bool fuses(OpOperand *operand) {
  Operation *producer = operand->get().getDefiningOp();
  if (!producer || !producer->hasOneUse())
    return false;
  // Loops of one turn that were dropped stay so.
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(producer))
    return !hasUnitsIn(collapse.getSrcType(),
                       collapse.getReassociationIndices());
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(operand->getOwner()))
    return !hasUnitsIn(expand.getResultType(),
                       expand.getReassociationIndices());
  auto generic = dyn_cast<linalg::GenericOp>(producer);
  if (!generic || !isa<linalg::GenericOp>(operand->getOwner()))
    return true;
  return fusesInto(generic, *operand);
}

//===----------------------------------------------------------------------===//
// Before and after
//===----------------------------------------------------------------------===//

/// Whether `op` has loops of one turn.
static bool hasUnitLoops(linalg::LinalgOp op) {
  return llvm::is_contained(op.getStaticLoopRanges(), 1);
}

/// Makes generic what fuses in that form alone.
static void generalise(Operation *root) {
  SmallVector<linalg::LinalgOp> ops;
  root->walk([&](linalg::LinalgOp op) {
    if (!op.hasPureTensorSemantics() || isNamedWindow(op) ||
        isa<linalg::GenericOp, linalg::FillOp>(op))
      return;
    FailureOr<Contraction> product = Contraction::match(op);
    if (isMovement(op) ||
        (succeeded(product) && (!product->outer.empty() || hasUnitLoops(op))))
      ops.push_back(op);
  });
  IRRewriter rewriter(root->getContext());
  for (linalg::LinalgOp op : ops) {
    rewriter.setInsertionPoint(op);
    // What has no generic form stays.
    (void)linalg::generalizeNamedOp(rewriter, op);
  }
}

/// The loops of `op` that may be dropped: none where it is next to a window,
/// between which and it there would be a reshape then.
static SmallVector<unsigned> droppableLoops(Operation *op) {
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic || !generic.hasPureTensorSemantics())
    return {};
  for (Value operand : op->getOperands())
    if (isNamedWindow(operand.getDefiningOp()))
      return {};
  for (Operation *user : op->getUsers())
    if (isNamedWindow(user))
      return {};
  return llvm::to_vector(llvm::seq(0u, generic.getNumLoops()));
}

namespace {

/// A batched product writes its result as the transposition of it lies.
struct SinkTransposition : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() || !isTransposition(op))
      return rewriter.notifyMatchFailure(op, "transposes no tensor");
    auto producer = op.getInputs()[0].getDefiningOp<linalg::GenericOp>();
    if (!producer || !producer->hasOneUse() || producer.getNumResults() != 1)
      return rewriter.notifyMatchFailure(op, "what it reads others read, too");
    FailureOr<Contraction> product = Contraction::match(producer);
    auto fill = producer.getOutputs()[0].getDefiningOp<linalg::FillOp>();
    if (failed(product) || product->outer.empty() || !fill)
      return rewriter.notifyMatchFailure(op, "reads no batched product");
    // From indices of the producer's result to those of the transposed.
    AffineMap moved = op.getIndexingMapsArray()[1].compose(
        inversePermutation(op.getIndexingMapsArray()[0]));
    unsigned last = moved.getNumResults() - 1;
    if (moved.getDimPosition(last) != last)
      return rewriter.notifyMatchFailure(op,
                                         "columns would not stay innermost");
    Location location = producer.getLoc();
    rewriter.setInsertionPoint(op);
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    if (!type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "an extent is not known");
    Value empty = tensor::EmptyOp::create(rewriter, location, type.getShape(),
                                          type.getElementType());
    Value start =
        linalg::FillOp::create(rewriter, location, fill.getInputs()[0], empty)
            .getResult(0);
    SmallVector<AffineMap> maps = producer.getIndexingMapsArray();
    maps.back() = moved.compose(maps.back());
    auto transposed = linalg::GenericOp::create(
        rewriter, location, type, producer.getInputs(), start, maps,
        producer.getIteratorTypesArray());
    rewriter.cloneRegionBefore(producer.getRegion(), transposed.getRegion(),
                               transposed.getRegion().end());
    rewriter.replaceOp(op, transposed.getResults());
    return success();
  }
};

class FuseElementwisePass
    : public orcinus::impl::FuseElementwiseBase<FuseElementwisePass> {
public:
  void runOnOperation() override {
    generalise(getOperation());
    // What is fused may bring further ops together that have such loops.
    if (failed(dropUnitLoops()) || failed(fuseAll()) ||
        failed(dropUnitLoops()) || failed(fuseAll()))
      signalPassFailure();
  }

private:
  LogicalResult dropUnitLoops() {
    RewritePatternSet patterns(&getContext());
    linalg::ControlDropUnitDims control;
    control.controlFn = droppableLoops;
    linalg::populateFoldUnitExtentDimsPatterns(patterns, control);
    // A reduction of one turn that was dropped reads what it starts with, as
    // any operand.
    linalg::populateMoveInitOperandsToInputPattern(patterns);
    linalg::FillOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::populateFoldTensorEmptyPatterns(patterns);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  LogicalResult fuseAll() {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    linalg::populateElementwiseOpsFusionPatterns(patterns, fuses);
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, fuses);
    linalg::populateConstantFoldLinalgOperations(patterns, fuses);
    // Small powers, as exporters write squares and cubes, become products.
    populateMathAlgebraicSimplificationPatterns(patterns);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    tensor::populateFoldTensorEmptyPatterns(patterns);
    patterns.add<SinkTransposition>(context);
    linalg::FillOp::getCanonicalizationPatterns(patterns, context);
    affine::AffineApplyOp::getCanonicalizationPatterns(patterns, context);
    linalg::GenericOp::getCanonicalizationPatterns(patterns, context);
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
    context->getLoadedDialect<linalg::LinalgDialect>()
        ->getCanonicalizationPatterns(patterns);
    // Fusion downwards keeps producers before what is fused with them.
    return applyPatternsGreedily(
        getOperation(), std::move(patterns),
        GreedyRewriteConfig().setUseTopDownTraversal());
  }
};

} // namespace
