//===- ElementwisePlan.cpp - Which dimension becomes vectors --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ElementwiseEmitter.h"

#include "orcinus/Support/CheckedArithmetic.h"
#include "passes/Lowering/AffineIndexing.h"
#include "passes/Lowering/MemRefUtils.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace orcinus;

/// Extents beyond this are equally good to vectorize.
static constexpr int64_t amplyLong = 64;
/// What an extent that is unknown until run time counts as.
static constexpr int64_t usualRows = 1024;
/// Below this much arithmetic a parallel loop costs more than it brings.
static constexpr int64_t fewestParallelOperations = 1 << 16;
/// What a transcendental function costs beside an addition.
static constexpr int64_t functionCost = 16;

static bool isDimensionOrConstant(AffineExpr expression) {
  return isa<AffineDimExpr, AffineConstantExpr>(expression);
}

/// Whether `operand` of `op` is indexed as loops can follow: what is written by
/// a loop for each dimension, what is read also by windows that slide.
static bool hasLoopIndices(linalg::GenericOp op, OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  return op.isDpsInit(&operand)
             ? llvm::all_of(map.getResults(), isDimensionOrConstant)
             : isLinear(map);
}

/// Whether vectors along `dimension` can be loaded and stored.
static bool fitsOperand(OpOperand &operand, AffineMap map, unsigned dimension) {
  return !map.isFunctionOfDim(dimension) ||
         (runsAlongInnermost(map, dimension) &&
          hasUnitInnermostStride(operand.get()));
}

/// Whether `operand` is a scalar, or has elements that vectors have, too.
static bool hasVectorElements(Value operand) {
  auto type = dyn_cast<MemRefType>(operand.getType());
  return type ? isVectorElement(type.getElementType())
              : operand.getType().isIntOrIndexOrFloat();
}

bool orcinus::isVectorElement(Type type) {
  // One-bit elements take a byte each in memory but not in a vector.
  return type.isIntOrFloat() && type.getIntOrFloatBitWidth() >= 8;
}

bool orcinus::hasVectorForm(Operation *op) {
  // The exponents of a vector of integer powers would have to be one number.
  return OpTrait::hasElementwiseMappableTraits(op) &&
         op->getNumRegions() == 0 && op->getNumResults() == 1 &&
         !isa<math::FPowIOp>(op);
}

bool orcinus::dividesIntegers(Operation *op) {
  return isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp,
             arith::CeilDivSIOp, arith::CeilDivUIOp, arith::FloorDivSIOp>(op);
}

static std::optional<vector::CombiningKind> combiningKind(Operation *op) {
  using vector::CombiningKind;
  return llvm::TypeSwitch<Operation *, std::optional<CombiningKind>>(op)
      .Case<arith::AddFOp, arith::AddIOp>(
          [](auto) { return CombiningKind::ADD; })
      .Case<arith::MulFOp, arith::MulIOp>(
          [](auto) { return CombiningKind::MUL; })
      .Case([](arith::MaximumFOp) { return CombiningKind::MAXIMUMF; })
      .Case([](arith::MinimumFOp) { return CombiningKind::MINIMUMF; })
      .Case([](arith::MaxNumFOp) { return CombiningKind::MAXNUMF; })
      .Case([](arith::MinNumFOp) { return CombiningKind::MINNUMF; })
      .Default([](Operation *) { return std::nullopt; });
}

/// How the results are combined over a reduction; nothing where one is not.
static std::optional<SmallVector<ElementwisePlan::Combiner>>
combinersOf(linalg::GenericOp op) {
  SmallVector<ElementwisePlan::Combiner> found;
  for (int64_t result = 0; result < op.getNumDpsInits(); ++result) {
    SmallVector<Operation *> combiners;
    if (!matchReduction(op.getRegionOutputArgs(), result, combiners) ||
        combiners.size() != 1)
      return std::nullopt;
    std::optional<vector::CombiningKind> kind = combiningKind(combiners[0]);
    if (!kind)
      return std::nullopt;
    found.push_back({*kind, combiners[0]});
  }
  return found;
}

/// Whether vectors may run along `dimension` of `op`.
static bool fitsDimension(linalg::GenericOp op, unsigned dimension) {
  bool parallel =
      op.getIteratorTypesArray()[dimension] == utils::IteratorType::parallel;
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (!fitsOperand(operand, map, dimension))
      return false;
    if (op.isDpsInit(&operand) && map.isFunctionOfDim(dimension) != parallel)
      return false;
  }
  return parallel || combinersOf(op).has_value();
}

/// The longest dimension that fits; of two such, a parallel one, and then the
/// inner one.
static std::optional<unsigned> chooseDimension(linalg::GenericOp op,
                                               ArrayRef<int64_t> extents) {
  std::optional<unsigned> best;
  int64_t bestScore = -1;
  for (unsigned dimension = 0; dimension < op.getNumLoops(); ++dimension) {
    if (!fitsDimension(op, dimension))
      continue;
    int64_t extent = ShapedType::isDynamic(extents[dimension])
                         ? amplyLong
                         : std::min(extents[dimension], amplyLong);
    bool parallel =
        op.getIteratorTypesArray()[dimension] == utils::IteratorType::parallel;
    int64_t score = 2 * extent + parallel;
    if (score >= bestScore) {
      bestScore = score;
      best = dimension;
    }
  }
  return best;
}

/// Notes which values of the body vary along the vector dimension; false where
/// an op of it has no vector form.
static bool analyseBody(linalg::GenericOp op, ElementwisePlan &plan) {
  for (OpOperand &operand : op->getOpOperands())
    if (op.isDpsInit(&operand) ||
        op.getMatchingIndexingMap(&operand).isFunctionOfDim(
            plan.vectorDimension))
      plan.varying.insert(op.getMatchingBlockArgument(&operand));

  for (Operation &nested : op.getBody()->without_terminator()) {
    bool varies = llvm::any_of(nested.getOperands(), [&](Value operand) {
      return plan.varying.contains(operand);
    });
    if (auto index = dyn_cast<linalg::IndexOp>(nested)) {
      varies = index.getDim() == plan.vectorDimension;
    } else if (auto load = dyn_cast<memref::LoadOp>(nested)) {
      // Rows may be looked up, but along the vector elements must be
      // neighbours, which those of a diagonal are not.
      for (auto [at, index] : llvm::enumerate(load.getIndices()))
        if (plan.varying.contains(index) &&
            (at + 1 != load.getIndices().size() ||
             !index.getDefiningOp<linalg::IndexOp>()))
          return false;
      if (!hasVectorElements(load.getMemRef()) ||
          (varies && !hasUnitInnermostStride(load.getMemRef())))
        return false;
    } else if (varies && !hasVectorForm(&nested)) {
      return false;
    } else if (!varies && !isPure(&nested)) {
      return false;
    }
    if (varies)
      plan.varying.insert(nested.result_begin(), nested.result_end());
  }
  return true;
}

bool orcinus::isWorthThreads(linalg::GenericOp op) {
  int64_t operations = 1;
  for (Operation &nested : op.getBody()->getOperations())
    operations +=
        isa<math::MathDialect>(nested.getDialect()) ? functionCost : 1;
  for (int64_t extent : op.getStaticLoopRanges())
    operations = saturatedProduct(
        operations, ShapedType::isDynamic(extent) ? usualRows : extent);
  return operations >= fewestParallelOperations;
}

std::optional<ElementwisePlan> ElementwisePlan::of(linalg::GenericOp op) {
  if (!op.hasPureBufferSemantics() || op.getNumLoops() == 0)
    return std::nullopt;
  for (OpOperand &operand : op->getOpOperands())
    if (!hasVectorElements(operand.get()) || !hasLoopIndices(op, operand))
      return std::nullopt;

  ElementwisePlan plan;
  plan.extents = op.getStaticLoopRanges();
  std::optional<unsigned> dimension = chooseDimension(op, plan.extents);
  if (!dimension)
    return std::nullopt;
  plan.vectorDimension = *dimension;
  if (!analyseBody(op, plan))
    return std::nullopt;
  for (auto [at, type] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (type != utils::IteratorType::parallel && at == *dimension)
      plan.combiners = *combinersOf(op);
    else if (at != *dimension)
      (type == utils::IteratorType::parallel ? plan.parallel : plan.reductions)
          .push_back(at);
  }
  // Each element of a result belongs to one turn of the parallel loops and to
  // all of the reductions.
  for (OpOperand &result : op.getDpsInitsMutable()) {
    AffineMap map = op.getMatchingIndexingMap(&result);
    auto isIndexedBy = [&](unsigned at) { return map.isFunctionOfDim(at); };
    if (!llvm::all_of(plan.parallel, isIndexedBy) ||
        llvm::any_of(plan.reductions, isIndexedBy))
      return std::nullopt;
  }
  return plan;
}
