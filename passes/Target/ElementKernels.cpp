//===- ElementKernels.cpp - A thread for each element ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/ElementKernels.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace orcinus;

/// Threads of a block: a few subgroups, so that a multiprocessor has others to
/// run while one waits.
static constexpr int64_t blockThreads = 256;
/// What a thread adds up in one go: a longer sum is divided.
static constexpr int64_t sumBlock = 64;

namespace {

/// Loops of a generic op as a kernel goes through them.
class ElementKernel {
public:
  ElementKernel(linalg::GenericOp op, KernelModule &kernels)
      : op(op), kernels(kernels), builder(op), b(builder, op.getLoc()) {}

  LogicalResult emit();
  /// Without dividing anything.
  LogicalResult emitWhole();

private:
  /// What the op refers to beyond its operands: constants are computed again,
  /// others become arguments.
  void collectCaptures();
  LogicalResult checkResults();
  /// Extents as index values, in the host's code.
  LogicalResult computeExtents();
  std::string key(StringRef what);

  /// Whether the op adds up one dimension, alone and long, in one result.
  std::optional<unsigned> dividedReduction();
  void launchWhole();
  void launchDivided(unsigned reduction);

  /// A thread's position in the loops `dimensions`, of which the last is the
  /// fastest, from its number.
  void place(LoopBuilder &inside, Value number, ArrayRef<unsigned> dimensions,
             ValueRange extents, MutableArrayRef<Value> position);
  Value load(LoopBuilder &inside, OpOperand &operand, Value memref,
             ValueRange position);
  SmallVector<Value> indices(LoopBuilder &inside, OpOperand &operand,
                             ValueRange position);
  /// The body's results at `position`, from `accumulators`.
  SmallVector<Value> emitBody(LoopBuilder &inside, ValueRange arguments,
                              ValueRange position, ValueRange accumulators);
  /// `initial` after the loops over `reductions`, whose bounds are given.
  SmallVector<Value> reduce(LoopBuilder &inside, ValueRange arguments,
                            SmallVector<Value> position,
                            ArrayRef<unsigned> reductions, ValueRange begins,
                            ValueRange ends, ValueRange initial);

  linalg::GenericOp op;
  KernelModule &kernels;
  OpBuilder builder;
  LoopBuilder b;
  SmallVector<Value> captures;
  SmallVector<Value> extents;
};

} // namespace

static SmallVector<unsigned> loopsOf(linalg::GenericOp op,
                                     utils::IteratorType kind) {
  SmallVector<unsigned> dimensions;
  for (auto [at, iterator] : llvm::enumerate(op.getIteratorTypesArray()))
    if (iterator == kind)
      dimensions.push_back(at);
  return dimensions;
}

void ElementKernel::collectCaptures() {
  llvm::SetVector<Value> used;
  getUsedValuesDefinedAbove(op->getRegions(), used);
  captures.assign(used.begin(), used.end());
}

LogicalResult ElementKernel::computeExtents() {
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    Value operand;
    unsigned dimension = 0;
    if (failed(op.mapIterationSpaceDimToOperandDim(loop, operand, dimension)))
      return op.emitOpError("has a loop whose extent no operand has");
    extents.push_back(b.extent(operand, dimension));
  }
  return success();
}

/// A thread has one element of each result, for all iterations of reductions.
LogicalResult ElementKernel::checkResults() {
  for (unsigned reduction : loopsOf(op, utils::IteratorType::reduction))
    for (OpOperand &init : op.getDpsInitsMutable())
      if (op.getMatchingIndexingMap(&init).isFunctionOfDim(reduction))
        return op.emitOpError("has a result that is indexed by a reduction, "
                              "which no kernel for elements has");
  return success();
}

std::string ElementKernel::key(StringRef what) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << what << op.getIndexingMaps() << op.getIteratorTypes();
  OpPrintingFlags flags;
  flags.useLocalScope();
  for (Operation &nested : *op.getBody()) {
    stream << nested.getName() << nested.getAttrDictionary()
           << nested.getResultTypes();
    for (Value operand : nested.getOperands()) {
      if (auto argument = dyn_cast<BlockArgument>(operand);
          argument && argument.getOwner() == op.getBody())
        stream << " arg" << argument.getArgNumber();
      else if (const auto *found = llvm::find(captures, operand);
               found != captures.end())
        stream << " capture" << found - captures.begin();
      else
        stream << " op"
               << std::distance(op.getBody()->begin(),
                                operand.getDefiningOp()->getIterator());
    }
  }
  for (Value capture : captures) {
    Attribute constant;
    if (matchPattern(capture, m_Constant(&constant)))
      stream << constant;
  }
  return text;
}

/// `values` without what is constant, which `clone` makes again.
static SmallVector<Value> withoutConstants(ValueRange values) {
  SmallVector<Value> rest;
  for (Value value : values)
    if (!matchPattern(value, m_Constant()))
      rest.push_back(value);
  return rest;
}

void ElementKernel::place(LoopBuilder &inside, Value number,
                          ArrayRef<unsigned> dimensions, ValueRange extents,
                          MutableArrayRef<Value> position) {
  SmallVector<Value> inner;
  for (unsigned dimension : dimensions.drop_front())
    inner.push_back(extents[dimension]);
  for (auto [dimension, index] :
       llvm::zip_equal(dimensions, inside.delinearize(number, inner)))
    position[dimension] = index;
}

SmallVector<Value> ElementKernel::indices(LoopBuilder &inside,
                                          OpOperand &operand,
                                          ValueRange position) {
  SmallVector<Value> result;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  for (AffineExpr expression : map.getResults())
    result.push_back(affine::expandAffineExpr(inside.builder, inside.location,
                                              expression, position, {}));
  return result;
}

Value ElementKernel::load(LoopBuilder &inside, OpOperand &operand,
                          Value argument, ValueRange position) {
  if (!isa<MemRefType>(argument.getType()))
    return argument;
  return memref::LoadOp::create(inside.builder, inside.location, argument,
                                indices(inside, operand, position));
}

SmallVector<Value> ElementKernel::emitBody(LoopBuilder &inside,
                                           ValueRange arguments,
                                           ValueRange position,
                                           ValueRange accumulators) {
  IRMapping mapping;
  int64_t operands = op->getNumOperands();
  SmallVector<Value> passed = withoutConstants(captures);
  for (auto [at, capture] : llvm::enumerate(passed))
    mapping.map(capture, arguments[operands + at]);
  for (Value capture : captures)
    if (matchPattern(capture, m_Constant()))
      mapping.map(capture,
                  inside.builder.clone(*capture.getDefiningOp())->getResult(0));
  int64_t inputs = op.getNumDpsInputs();
  for (OpOperand &operand : op->getOpOperands()) {
    int64_t number = operand.getOperandNumber();
    BlockArgument argument = op.getMatchingBlockArgument(&operand);
    if (number >= inputs)
      mapping.map(argument, accumulators[number - inputs]);
    else if (!argument.use_empty())
      mapping.map(argument, load(inside, operand, arguments[number], position));
  }
  for (Operation &nested : op.getBody()->without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(nested))
      mapping.map(index.getResult(), position[index.getDim()]);
    else
      inside.builder.clone(nested, mapping);
  }
  SmallVector<Value> results;
  for (Value result : op.getBody()->getTerminator()->getOperands())
    results.push_back(mapping.lookupOrDefault(result));
  return results;
}

SmallVector<Value> ElementKernel::reduce(LoopBuilder &inside,
                                         ValueRange arguments,
                                         SmallVector<Value> position,
                                         ArrayRef<unsigned> reductions,
                                         ValueRange begins, ValueRange ends,
                                         ValueRange initial) {
  if (reductions.empty())
    return emitBody(inside, arguments, position, initial);
  return inside.reduceLoop(
      begins.front(), ends.front(), /*step=*/1, initial,
      [&](Value index, ValueRange carried) {
        position[reductions.front()] = index;
        return reduce(inside, arguments, position, reductions.drop_front(),
                      begins.drop_front(), ends.drop_front(), carried);
      });
}

std::optional<unsigned> ElementKernel::dividedReduction() {
  SmallVector<unsigned> reductions =
      loopsOf(op, utils::IteratorType::reduction);
  if (reductions.size() != 1 || op.getNumDpsInits() != 1)
    return std::nullopt;
  SmallVector<Operation *> combiners;
  if (!matchReduction(op.getRegionOutputArgs(), 0, combiners) ||
      combiners.size() != 1 || !isa<arith::AddFOp>(combiners.front()))
    return std::nullopt;
  std::optional<int64_t> extent =
      LoopBuilder::constantOf(extents[reductions.front()]);
  if (extent && *extent <= 2 * sumBlock)
    return std::nullopt;
  auto type = cast<MemRefType>(op.getDpsInits()[0].getType());
  if (!type.hasStaticShape())
    return std::nullopt;
  return reductions.front();
}

/// Launches enough blocks for `count` threads.
static void launchThreads(KernelModule &kernels, LoopBuilder &b,
                          gpu::GPUFuncOp kernel, Value count,
                          ValueRange arguments) {
  Value one = b.constant(1);
  Value blocks = b.maximum(b.divideUp(count, b.constant(blockThreads)), one);
  kernels.launch(b.builder, b.location, kernel, {blocks, one, one},
                 {blockThreads, 1, 1}, arguments);
}

static Value product(LoopBuilder &b, ValueRange extents,
                     ArrayRef<unsigned> dimensions) {
  Value count = b.constant(1);
  for (unsigned dimension : dimensions)
    count = b.multiply(count, extents[dimension]);
  return count;
}

/// Arguments of a kernel: the op's operands, what it captures, and the extents
/// of its loops, each where it is not constant.
void ElementKernel::launchWhole() {
  SmallVector<unsigned> parallel = loopsOf(op, utils::IteratorType::parallel);
  SmallVector<unsigned> reductions =
      loopsOf(op, utils::IteratorType::reduction);
  SmallVector<Value> operands(op->getOperands());
  llvm::append_range(operands, withoutConstants(captures));
  operands = KernelModule::withAnyOffsets(builder, operands);
  Value count = product(b, extents, parallel);
  SmallVector<Value> dynamicExtents = withoutConstants(extents);
  size_t firstExtent = operands.size();
  llvm::append_range(operands, dynamicExtents);
  std::string text = key("elements");
  llvm::raw_string_ostream(text) << ValueRange(operands).getTypes();
  for (Value extent : extents)
    text += " " + std::to_string(LoopBuilder::constantOf(extent).value_or(-1));

  gpu::GPUFuncOp kernel = kernels.kernel(
      reductions.empty() ? "elements" : "sums", text,
      ValueRange(operands).getTypes(), op.getLoc(),
      [&](OpBuilder &builder, gpu::GPUFuncOp function) {
        LoopBuilder inside(builder, op.getLoc());
        SmallVector<Value> arguments(function.getArguments());
        SmallVector<Value> ends;
        size_t next = firstExtent;
        for (Value extent : extents) {
          std::optional<int64_t> known = LoopBuilder::constantOf(extent);
          ends.push_back(known ? inside.constant(*known) : arguments[next++]);
        }
        Value thread = emitGlobalThread(inside, blockThreads);
        emitWhereBelow(inside, thread, product(inside, ends, parallel), [&] {
          SmallVector<Value> position(extents.size(), inside.constant(0));
          if (!parallel.empty())
            place(inside, thread, parallel, ends, position);
          SmallVector<Value> initial;
          int64_t inputs = op.getNumDpsInputs();
          for (OpOperand &init : op.getDpsInitsMutable())
            initial.push_back(load(
                inside, init, arguments[init.getOperandNumber()], position));
          SmallVector<Value> begins(reductions.size(), inside.constant(0));
          SmallVector<Value> reductionEnds;
          for (unsigned dimension : reductions)
            reductionEnds.push_back(ends[dimension]);
          SmallVector<Value> results =
              reduce(inside, arguments, position, reductions, begins,
                     reductionEnds, initial);
          for (auto [at, result] : llvm::enumerate(results)) {
            OpOperand &init = op.getDpsInitsMutable()[at];
            memref::StoreOp::create(builder, op.getLoc(), result,
                                    arguments[inputs + at],
                                    indices(inside, init, position));
          }
        });
      });
  launchThreads(kernels, b, kernel, count, operands);
}

/// First sums[block, …] of blocks of the dimension, then the result from them,
/// by the same op on other operands.
void ElementKernel::launchDivided(unsigned reduction) {
  Value result = op.getDpsInits()[0];
  auto type = cast<MemRefType>(result.getType());
  Value blocks = b.divideUp(extents[reduction], b.constant(sumBlock));
  SmallVector<int64_t> shape{ShapedType::kDynamic};
  llvm::append_range(shape, type.getShape());
  Value sums = memref::AllocOp::create(
      builder, op.getLoc(), MemRefType::get(shape, type.getElementType()),
      ValueRange{blocks});

  SmallVector<unsigned> parallel = loopsOf(op, utils::IteratorType::parallel);
  SmallVector<Value> operands(op.getInputs());
  operands.push_back(sums);
  llvm::append_range(operands, withoutConstants(captures));
  operands = KernelModule::withAnyOffsets(builder, operands);
  size_t firstExtent = operands.size();
  operands.push_back(extents[reduction]);
  for (unsigned dimension : parallel)
    operands.push_back(extents[dimension]);
  std::string text = key("partial");
  llvm::raw_string_ostream(text) << ValueRange(operands).getTypes();
  gpu::GPUFuncOp kernel = kernels.kernel(
      "partial_sums", text, ValueRange(operands).getTypes(), op.getLoc(),
      [&](OpBuilder &builder, gpu::GPUFuncOp function) {
        LoopBuilder inside(builder, op.getLoc());
        SmallVector<Value> arguments(function.getArguments());
        SmallVector<Value> ends(extents.size());
        ends[reduction] = arguments[firstExtent];
        for (auto [at, dimension] : llvm::enumerate(parallel))
          ends[dimension] = arguments[firstExtent + 1 + at];
        Value elements = product(inside, ends, parallel);
        Value blocks =
            inside.divideUp(ends[reduction], inside.constant(sumBlock));
        Value thread = emitGlobalThread(inside, blockThreads);
        emitWhereBelow(inside, thread, inside.multiply(blocks, elements), [&] {
          Value block = inside.divide(thread, elements);
          Value element =
              inside.subtract(thread, inside.multiply(block, elements));
          SmallVector<Value> position(extents.size(), inside.constant(0));
          if (!parallel.empty())
            place(inside, element, parallel, ends, position);
          Value begin = inside.multiply(block, inside.constant(sumBlock));
          Value end = inside.minimum(
              inside.add(begin, inside.constant(sumBlock)), ends[reduction]);
          Value zero = arith::ConstantOp::create(
              builder, op.getLoc(), builder.getZeroAttr(type.getElementType()));
          Value sum = reduce(inside, arguments, position, {reduction}, begin,
                             end, zero)[0];
          SmallVector<Value> at{block};
          llvm::append_range(
              at, indices(inside, op.getDpsInitsMutable()[0], position));
          memref::StoreOp::create(builder, op.getLoc(), sum,
                                  arguments[op.getNumDpsInputs()], at);
        });
      });
  launchThreads(kernels, b, kernel,
                b.multiply(blocks, product(b, extents, parallel)), operands);

  addParts(builder, op.getLoc(), sums, result, kernels);
}

LogicalResult ElementKernel::emit() {
  collectCaptures();
  if (failed(checkResults()) || failed(computeExtents()))
    return failure();
  if (std::optional<unsigned> reduction = dividedReduction())
    launchDivided(*reduction);
  else
    launchWhole();
  op.erase();
  return success();
}

LogicalResult ElementKernel::emitWhole() {
  if (failed(computeExtents()))
    return failure();
  launchWhole();
  op.erase();
  return success();
}

void orcinus::addParts(OpBuilder &builder, Location location, Value parts,
                       Value result, KernelModule &kernels) {
  int64_t rank = cast<MemRefType>(result.getType()).getRank();
  SmallVector<utils::IteratorType> iterators(rank + 1,
                                             utils::IteratorType::parallel);
  iterators[0] = utils::IteratorType::reduction;
  AffineMap all =
      AffineMap::getMultiDimIdentityMap(rank + 1, builder.getContext());
  // The result may have no dimension, where a submap would be no map at all.
  AffineMap withoutParts = all.dropResult(0);
  auto sum = linalg::GenericOp::create(
      builder, location, TypeRange(), ValueRange{parts}, ValueRange{result},
      ArrayRef{all, withoutParts}, iterators,
      [](OpBuilder &nested, Location location, ValueRange values) {
        Value sum =
            arith::AddFOp::create(nested, location, values[0], values[1]);
        linalg::YieldOp::create(nested, location, sum);
      });
  LogicalResult mapped = ElementKernel(sum, kernels).emitWhole();
  assert(succeeded(mapped) && "every loop is a dimension of the parts");
  (void)mapped;
}

LogicalResult orcinus::mapElements(linalg::LinalgOp op, KernelModule &kernels) {
  IRRewriter rewriter(op);
  auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
  if (!generic) {
    FailureOr<linalg::GenericOp> generalized =
        linalg::generalizeNamedOp(rewriter, op);
    if (failed(generalized))
      return op.emitOpError("has no form with a thread for each element");
    generic = *generalized;
  }
  return ElementKernel(generic, kernels).emit();
}
