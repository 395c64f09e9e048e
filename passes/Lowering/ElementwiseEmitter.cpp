//===- ElementwiseEmitter.cpp - Vector loops of elementwise ops -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ElementwiseEmitter.h"

#include "passes/Lowering/ColumnPanels.h"
#include "passes/Lowering/LoopBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace orcinus;

namespace {

/// Accumulators that a reduction over rows keeps going at the same time.
constexpr int64_t reductionPanelVectors = 4;

class Emitter {
public:
  Emitter(linalg::GenericOp op, const ElementwisePlan &plan,
          const VectorTarget &target, int64_t threads, OpBuilder &builder)
      : op(op), plan(plan), threads(threads), loops(builder, op.getLoc()),
        builder(builder), location(op.getLoc()), position(plan.extents.size()) {
    Type widest = op.getDpsInits()[0].getType();
    lanes = target.lanes(cast<MemRefType>(widest).getElementType());
  }

  void emit();

private:
  using Values = llvm::DenseMap<Value, Value>;

  void emitParallelLoops();
  void emitVectors();
  void emitVectorTasks();
  void emitPanel(Value column, const Panel &panel);
  void emitSums();
  SmallVector<Value> emitSumAlongVector(ValueRange carried, int64_t length);

  /// Runs `leaf` in loops over the reductions, carrying `initial`.
  SmallVector<Value>
  emitReductions(unsigned depth, ValueRange initial,
                 llvm::function_ref<SmallVector<Value>(ValueRange)> leaf);

  /// Computes what of the body is the same all along the vector dimension.
  void emitUniform();
  /// Computes the body for one vector; `results` stand for the op's results.
  SmallVector<Value> emitBody(const ColumnVector &vector, ValueRange results);
  Value emitVarying(Operation &nested, const ColumnVector &vector,
                    Values &values);

  Value extentOf(unsigned dimension);
  bool hasAtLeast(unsigned dimension, int64_t count) {
    int64_t extent = plan.extents[dimension];
    return ShapedType::isDynamic(extent) || extent >= count;
  }
  /// Where `map` leads from the current position, `column` columns further.
  SmallVector<Value> indices(AffineMap map, int64_t column);
  Value columnIndex(int64_t column) {
    Value index = position[plan.vectorDimension];
    return column ? loops.add(index, loops.constant(column)) : index;
  }
  Value loadOperand(OpOperand &operand, const ColumnVector &vector);
  /// `value` or, where it is a scalar, a vector of `length` times it.
  Value spread(Value value, int64_t length);

  linalg::GenericOp op;
  const ElementwisePlan &plan;
  int64_t threads;
  LoopBuilder loops;
  OpBuilder &builder;
  Location location;
  int64_t lanes;
  SmallVector<Value> position;
  Values uniform;
};

} // namespace

Value Emitter::extentOf(unsigned dimension) {
  if (!ShapedType::isDynamic(plan.extents[dimension]))
    return loops.constant(plan.extents[dimension]);
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (unsigned at = 0; at < map.getNumResults(); ++at)
      if (map.getResult(at).isFunctionOfDim(dimension))
        return loops.extent(operand.get(), at);
  }
  llvm_unreachable("every loop dimension is in an operand");
}

SmallVector<Value> Emitter::indices(AffineMap map, int64_t column) {
  SmallVector<Value> found;
  for (AffineExpr result : map.getResults()) {
    if (auto constant = dyn_cast<AffineConstantExpr>(result)) {
      found.push_back(loops.constant(constant.getValue()));
      continue;
    }
    unsigned dimension = cast<AffineDimExpr>(result).getPosition();
    found.push_back(dimension == plan.vectorDimension ? columnIndex(column)
                                                      : position[dimension]);
  }
  return found;
}

Value Emitter::spread(Value value, int64_t length) {
  if (isa<VectorType>(value.getType()))
    return value;
  return vector::BroadcastOp::create(
      builder, location, VectorType::get({length}, value.getType()), value);
}

Value Emitter::loadOperand(OpOperand &operand, const ColumnVector &vector) {
  Type element = cast<MemRefType>(operand.get().getType()).getElementType();
  return loadVector(loops, operand.get(),
                    indices(op.getMatchingIndexingMap(&operand), vector.offset),
                    VectorType::get({vector.length}, element), vector.mask);
}

void Emitter::emitUniform() {
  uniform.clear();
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(&operand);
    if (plan.varying.contains(argument) || argument.use_empty())
      continue;
    uniform[argument] =
        isa<MemRefType>(operand.get().getType())
            ? memref::LoadOp::create(
                  builder, location, operand.get(),
                  indices(op.getMatchingIndexingMap(&operand), 0))
                  .getResult()
            : operand.get();
  }
  IRMapping mapping;
  for (auto [from, to] : uniform)
    mapping.map(from, to);
  for (Operation &nested : op.getBody()->without_terminator()) {
    if (nested.getNumResults() == 0 ||
        plan.varying.contains(nested.getResult(0)))
      continue;
    if (auto index = dyn_cast<linalg::IndexOp>(nested))
      mapping.map(index.getResult(), position[index.getDim()]);
    else
      builder.clone(nested, mapping);
    for (Value result : nested.getResults())
      uniform[result] = mapping.lookup(result);
  }
}

Value Emitter::emitVarying(Operation &nested, const ColumnVector &vector,
                           Values &values) {
  auto current = [&](Value value) {
    auto found = values.find(value);
    return found == values.end() ? value : found->second;
  };
  if (isa<linalg::IndexOp>(nested)) {
    Value steps = vector::StepOp::create(
        builder, location,
        VectorType::get({vector.length}, builder.getIndexType()));
    Value first = spread(columnIndex(vector.offset), vector.length);
    return arith::AddIOp::create(builder, location, first, steps);
  }
  if (auto load = dyn_cast<memref::LoadOp>(nested)) {
    SmallVector<Value> at;
    for (Value index : load.getIndices().drop_back())
      at.push_back(current(index));
    at.push_back(columnIndex(vector.offset));
    return loadVector(loops, current(load.getMemRef()), at,
                      VectorType::get({vector.length}, load.getType()),
                      vector.mask);
  }
  SmallVector<Value> operands;
  for (Value operand : nested.getOperands())
    operands.push_back(spread(current(operand), vector.length));
  Type type = VectorType::get({vector.length}, nested.getResult(0).getType());
  return builder
      .create(location, nested.getName().getIdentifier(), operands, type,
              nested.getAttrs())
      ->getResult(0);
}

SmallVector<Value> Emitter::emitBody(const ColumnVector &vector,
                                     ValueRange results) {
  Values values = uniform;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(operand);
    if (plan.varying.contains(argument) && !argument.use_empty())
      values[argument] = loadOperand(*operand, vector);
  }
  for (auto [argument, result] :
       llvm::zip_equal(op.getRegionOutputArgs(), results))
    values[argument] = result;
  for (Operation &nested : op.getBody()->without_terminator())
    if (nested.getNumResults() == 1 &&
        plan.varying.contains(nested.getResult(0)))
      values[nested.getResult(0)] = emitVarying(nested, vector, values);

  SmallVector<Value> yielded;
  for (Value value : op.getBody()->getTerminator()->getOperands()) {
    auto found = values.find(value);
    yielded.push_back(
        spread(found == values.end() ? value : found->second, vector.length));
  }
  return yielded;
}

SmallVector<Value> Emitter::emitReductions(
    unsigned depth, ValueRange initial,
    llvm::function_ref<SmallVector<Value>(ValueRange)> leaf) {
  if (depth == plan.reductions.size())
    return leaf(initial);
  unsigned dimension = plan.reductions[depth];
  return loops.reduceLoop(loops.constant(0), extentOf(dimension), /*step=*/1,
                          initial, [&](Value index, ValueRange carried) {
                            position[dimension] = index;
                            return emitReductions(depth + 1, carried, leaf);
                          });
}

void Emitter::emitPanel(Value column, const Panel &panel) {
  position[plan.vectorDimension] = column;
  int64_t resultCount = op.getNumDpsInits();
  SmallVector<Value> carried;
  for (const ColumnVector &vector : panel)
    for (OpOperand &result : op.getDpsInitsMutable())
      carried.push_back(plan.reductions.empty() &&
                                op.getMatchingBlockArgument(&result).use_empty()
                            ? Value()
                            : loadOperand(result, vector));
  carried = emitReductions(0, carried, [&](ValueRange current) {
    if (!plan.reductions.empty())
      emitUniform();
    SmallVector<Value> next;
    for (auto [at, vector] : llvm::enumerate(panel))
      llvm::append_range(
          next, emitBody(vector, current.slice(at * resultCount, resultCount)));
    return next;
  });
  for (auto [at, vector] : llvm::enumerate(panel))
    for (auto [result, operand] : llvm::enumerate(op.getDpsInitsMutable()))
      storeVector(loops, carried[at * resultCount + result], operand.get(),
                  indices(op.getMatchingIndexingMap(&operand), vector.offset),
                  vector.mask);
}

/// One pass along the vector dimension: whole vectors, then a masked one.
SmallVector<Value> Emitter::emitSumAlongVector(ValueRange carried,
                                               int64_t length) {
  emitUniform();
  Value extent = extentOf(plan.vectorDimension);
  Value step = loops.constant(length);
  Value whole = loops.multiply(loops.divide(extent, step), step);
  SmallVector<Value> sums =
      loops.reduceLoop(loops.constant(0), whole, length, carried,
                       [&](Value column, ValueRange current) {
                         position[plan.vectorDimension] = column;
                         return emitBody({0, length, Value()}, current);
                       });
  Value rest = loops.subtract(extent, whole);
  if (LoopBuilder::constantOf(rest) == 0)
    return sums;
  position[plan.vectorDimension] = whole;
  Value mask = vector::CreateMaskOp::create(
      builder, location, VectorType::get({length}, builder.getI1Type()), rest);
  SmallVector<Value> last = emitBody({0, length, mask}, sums);
  for (auto [sum, added] : llvm::zip_equal(sums, last))
    sum = arith::SelectOp::create(builder, location, mask, added, sum);
  return sums;
}

void Emitter::emitSums() {
  int64_t length = lanes;
  if (int64_t extent = plan.extents[plan.vectorDimension];
      !ShapedType::isDynamic(extent))
    length = std::min<int64_t>(lanes, llvm::PowerOf2Ceil(extent));
  SmallVector<Value> carried;
  for (const ElementwisePlan::Combiner &combiner : plan.combiners) {
    TypedAttr neutral = *arith::getNeutralElement(combiner.op);
    auto type = VectorType::get({length}, neutral.getType());
    carried.push_back(arith::ConstantOp::create(
        builder, location, DenseElementsAttr::get(type, neutral)));
  }
  carried = emitReductions(0, carried, [&](ValueRange current) {
    return emitSumAlongVector(current, length);
  });
  auto reassociate = arith::FastMathFlagsAttr::get(
      builder.getContext(), arith::FastMathFlags::reassoc);
  for (auto [combiner, sum, operand] :
       llvm::zip_equal(plan.combiners, carried, op.getDpsInitsMutable())) {
    SmallVector<Value> at = indices(op.getMatchingIndexingMap(&operand), 0);
    Value total = vector::ReductionOp::create(builder, location, combiner.kind,
                                              sum, reassociate.getValue());
    Value start = memref::LoadOp::create(builder, location, operand.get(), at);
    total = vector::makeArithReduction(builder, location, combiner.kind, total,
                                       start);
    memref::StoreOp::create(builder, location, total, operand.get(), at);
  }
}

void Emitter::emitVectors() {
  if (plan.sumsAlongVector())
    return emitSums();
  if (plan.reductions.empty())
    emitUniform();
  auto panel = [&](Value column, const Panel &vectors) {
    emitPanel(column, vectors);
  };
  int64_t panelVectors = plan.reductions.empty() ? 1 : reductionPanelVectors;
  int64_t extent = plan.extents[plan.vectorDimension];
  if (ShapedType::isDynamic(extent))
    forEachPanel(loops, loops.constant(0), extentOf(plan.vectorDimension),
                 lanes, panelVectors, panel);
  else
    forEachPanel(loops, extent, lanes, panelVectors, panel);
}

/// The vector dimension itself, divided among the threads.
void Emitter::emitVectorTasks() {
  Value extent = extentOf(plan.vectorDimension);
  Value width = loops.constant(lanes);
  Value part = loops.multiply(
      loops.divideUp(loops.divideUp(extent, loops.constant(threads)), width),
      width);
  int64_t panelVectors = plan.reductions.empty() ? 1 : reductionPanelVectors;
  loops.nest(
      {loops.constant(threads)}, /*parallel=*/true, [&](ValueRange task) {
        if (plan.reductions.empty())
          emitUniform();
        Value begin = loops.minimum(loops.multiply(task[0], part), extent);
        Value end = loops.minimum(loops.add(begin, part), extent);
        forEachPanel(loops, begin, end, lanes, panelVectors,
                     [&](Value column, const Panel &vectors) {
                       emitPanel(column, vectors);
                     });
      });
}

/// Divides the first dimension that is long enough among the threads.
void Emitter::emitParallelLoops() {
  SmallVector<unsigned> outer = plan.parallel;
  auto shared = llvm::find_if(outer, [&](unsigned dimension) {
    return hasAtLeast(dimension, threads);
  });
  bool parallel = threads > 1 && shared != outer.end();
  if (parallel)
    std::rotate(outer.begin(), shared, std::next(shared));
  SmallVector<Value> extents;
  for (unsigned dimension : outer)
    extents.push_back(extentOf(dimension));
  auto inner = [&](ArrayRef<unsigned> dimensions, ValueRange indices) {
    for (auto [dimension, index] : llvm::zip_equal(dimensions, indices))
      position[dimension] = index;
  };
  size_t divided = parallel ? 1 : 0;
  loops.nest(ArrayRef(extents).take_front(divided), parallel,
             [&](ValueRange first) {
               inner(ArrayRef(outer).take_front(divided), first);
               loops.nest(ArrayRef(extents).drop_front(divided),
                          /*parallel=*/false, [&](ValueRange rest) {
                            inner(ArrayRef(outer).drop_front(divided), rest);
                            emitVectors();
                          });
             });
}

void Emitter::emit() {
  // Without another dimension to divide, divide the vectors' own.
  bool dividesVectors = threads > 1 && plan.parallel.empty() &&
                        !plan.sumsAlongVector() &&
                        hasAtLeast(plan.vectorDimension, threads * lanes);
  if (dividesVectors)
    emitVectorTasks();
  else
    emitParallelLoops();
}

void orcinus::emitElementwise(linalg::GenericOp op, const ElementwisePlan &plan,
                              const VectorTarget &target, int64_t threads,
                              OpBuilder &builder) {
  Emitter(op, plan, target, threads, builder).emit();
}
