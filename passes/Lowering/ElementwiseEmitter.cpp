//===- ElementwiseEmitter.cpp - Vector loops of elementwise ops -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ElementwiseEmitter.h"

#include "passes/Lowering/AffineIndexing.h"
#include "passes/Lowering/ColumnPanels.h"
#include "passes/Lowering/LoopBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace orcinus;

namespace {

/// Accumulators that a reduction keeps going at the same time.
constexpr int64_t usualAccumulators = 4;

class Emitter {
public:
  Emitter(linalg::GenericOp op, const ElementwisePlan &plan,
          const RowSchedule &schedule, const VectorTarget &target,
          int64_t threads, OpBuilder &builder)
      : op(op), plan(plan), threads(threads), loops(builder, op.getLoc()),
        builder(builder), location(op.getLoc()), position(plan.extents.size()) {
    Type widest = op.getDpsInits()[0].getType();
    lanes = schedule.vectorLanes
                ? schedule.vectorLanes
                : target.lanes(cast<MemRefType>(widest).getElementType());
    bool reduces = plan.sumsAlongVector() || !plan.reductions.empty();
    panelVectors = schedule.unroll ? schedule.unroll
                   : reduces       ? usualAccumulators
                                   : 1;
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
  /// `divisor` with 1 in the lanes that do not exist: those hold zeros, which
  /// no integer can be divided by.
  Value withOnesWhereMasked(Value divisor, Value mask);
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
  /// Vectors that are worked on together.
  int64_t panelVectors;
  SmallVector<Value> position;
  Values uniform;
};

} // namespace

Value Emitter::extentOf(unsigned dimension) {
  if (!ShapedType::isDynamic(plan.extents[dimension]))
    return loops.constant(plan.extents[dimension]);
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (std::optional<unsigned> at = positionOf(map, dimension))
      return loops.extent(operand.get(), *at);
  }
  llvm_unreachable("every loop dimension is in an operand");
}

SmallVector<Value> Emitter::indices(AffineMap map, int64_t column) {
  SmallVector<Value> found;
  for (AffineExpr result : map.getResults()) {
    LinearIndex index = *LinearIndex::of(result, map.getNumDims());
    index.constant += index.coefficients[plan.vectorDimension] * column;
    found.push_back(emitIndex(loops, index, position));
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

Value Emitter::withOnesWhereMasked(Value divisor, Value mask) {
  auto type = cast<VectorType>(divisor.getType());
  Value ones = arith::ConstantOp::create(
      builder, location,
      DenseElementsAttr::get(type,
                             builder.getIntegerAttr(type.getElementType(), 1)));
  return arith::SelectOp::create(builder, location, mask, divisor, ones);
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
  if (vector.mask && dividesIntegers(&nested))
    operands[1] = withOnesWhereMasked(operands[1], vector.mask);
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

/// One pass along the vector dimension: whole turns of as many vectors as there
/// are partial results, whole vectors, then a masked one. `carried` has the
/// partial results of one vector after those of another.
SmallVector<Value> Emitter::emitSumAlongVector(ValueRange carried,
                                               int64_t length) {
  emitUniform();
  size_t resultCount = plan.combiners.size();
  Value extent = extentOf(plan.vectorDimension);
  Value begin = loops.constant(0);
  SmallVector<Value> sums(carried);
  // Adds vectors to the first `count` partial results as long as all fit.
  auto addWhole = [&](int64_t count) {
    int64_t width = count * length;
    Value step = loops.constant(width);
    Value turns = loops.divide(loops.subtract(extent, begin), step);
    Value end = loops.add(begin, loops.multiply(turns, step));
    SmallVector<Value> added = loops.reduceLoop(
        begin, end, width, ArrayRef(sums).take_front(count * resultCount),
        [&](Value column, ValueRange current) {
          position[plan.vectorDimension] = column;
          SmallVector<Value> next;
          for (int64_t at = 0; at < count; ++at)
            llvm::append_range(
                next, emitBody({at * length, length, Value()},
                               current.slice(at * resultCount, resultCount)));
          return next;
        });
    llvm::copy(added, sums.begin());
    begin = end;
  };
  if (panelVectors > 1)
    addWhole(panelVectors);
  addWhole(1);
  Value rest = loops.subtract(extent, begin);
  if (LoopBuilder::constantOf(rest) == 0)
    return sums;
  position[plan.vectorDimension] = begin;
  Value mask = vector::CreateMaskOp::create(
      builder, location, VectorType::get({length}, builder.getI1Type()), rest);
  SmallVector<Value> last =
      emitBody({0, length, mask}, ArrayRef(sums).take_front(resultCount));
  for (auto [sum, added] :
       llvm::zip(MutableArrayRef(sums).take_front(resultCount), last))
    sum = arith::SelectOp::create(builder, location, mask, added, sum);
  return sums;
}

void Emitter::emitSums() {
  int64_t length = lanes;
  if (int64_t extent = plan.extents[plan.vectorDimension];
      !ShapedType::isDynamic(extent)) {
    length = std::clamp<int64_t>(llvm::PowerOf2Ceil(extent), 1, lanes);
    panelVectors = std::clamp<int64_t>(extent / length, 1, panelVectors);
  }
  size_t resultCount = plan.combiners.size();
  SmallVector<Value> carried;
  for (int64_t vector = 0; vector < panelVectors; ++vector) {
    for (const ElementwisePlan::Combiner &combiner : plan.combiners) {
      TypedAttr neutral = *arith::getNeutralElement(combiner.op);
      auto type = VectorType::get({length}, neutral.getType());
      carried.push_back(arith::ConstantOp::create(
          builder, location, DenseElementsAttr::get(type, neutral)));
    }
  }
  carried = emitReductions(0, carried, [&](ValueRange current) {
    return emitSumAlongVector(current, length);
  });
  auto reassociate = arith::FastMathFlagsAttr::get(
      builder.getContext(), arith::FastMathFlags::reassoc);
  for (auto [result, combiner] : llvm::enumerate(plan.combiners)) {
    Value sum = carried[result];
    for (int64_t vector = 1; vector < panelVectors; ++vector)
      sum = vector::makeArithReduction(builder, location, combiner.kind, sum,
                                       carried[vector * resultCount + result]);
    OpOperand &operand = *op.getDpsInitOperand(result);
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
                              const RowSchedule &schedule,
                              const VectorTarget &target, int64_t threads,
                              OpBuilder &builder) {
  Emitter(op, plan, schedule, target, threads, builder).emit();
}
