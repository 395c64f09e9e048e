//===- OperatorAnalysis.cpp - What an operator computes -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Tuning/OperatorAnalysis.h"

#include "passes/Lowering/AffineIndexing.h"
#include "passes/Lowering/Contraction.h"
#include "passes/Tuning/ComputationText.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Matchers.h"

#include "llvm/ADT/SmallBitVector.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace orcinus;

//===----------------------------------------------------------------------===//
// Single ops
//===----------------------------------------------------------------------===//

bool orcinus::isInitialisation(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops())
    return false;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  Operation *terminator = op.getBlock()->getTerminator();
  return terminator == &op.getBlock()->front() &&
         terminator->getOperand(0) == op.getBlock()->getArgument(0) &&
         maps[1].isIdentity() && maps[0].isProjectedPermutation() &&
         maps[0].getNumResults() < maps[1].getNumResults();
}

/// Loops that appear together with another one in an index of the input
/// number `input`: those of a convolution's window among them.
static llvm::SmallBitVector compoundLoops(linalg::LinalgOp op, unsigned input) {
  llvm::SmallBitVector loops(op.getNumLoops());
  for (AffineExpr result : op.getIndexingMapsArray()[input].getResults())
    if (!isa<AffineDimExpr>(result))
      for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
        if (result.isFunctionOfDim(loop))
          loops.set(loop);
  return loops;
}

/// Whether `op` moves a window over each channel by itself: all that it sums
/// over is the window, and no loop chooses among filters alone.
static bool isDepthwise(linalg::LinalgOp op) {
  llvm::SmallBitVector window = compoundLoops(op, 0);
  AffineMap image = op.getIndexingMapsArray()[0];
  if (window.none())
    return false;
  for (auto [loop, iterator] : llvm::enumerate(op.getIteratorTypesArray()))
    if (iterator == utils::IteratorType::reduction
            ? !window[loop]
            : !image.isFunctionOfDim(loop))
      return false;
  return true;
}

OperatorFamily orcinus::familyOf(linalg::LinalgOp op) {
  FailureOr<Contraction> contraction = Contraction::match(op);
  if (succeeded(contraction) && contraction->pays)
    return contraction->leftHasColumn && isDepthwise(op)
               ? OperatorFamily::Depthwise
               : OperatorFamily::Contraction;
  return op.getNumReductionLoops() > 0 ? OperatorFamily::Reduction
                                       : OperatorFamily::Elementwise;
}

/// The loop that index `position` of `map` is and nothing else.
static std::optional<unsigned> loopAt(AffineMap map, unsigned position) {
  if (auto loop = dyn_cast<AffineDimExpr>(map.getResult(position)))
    return loop.getPosition();
  return std::nullopt;
}

static AffineMap mapOfResult(OpResult result) {
  auto op = cast<linalg::LinalgOp>(result.getOwner());
  return op.getMatchingIndexingMap(
      op.getDpsInitOperand(result.getResultNumber()));
}

/// Who of several ops gives their operator its family: contractions before
/// reductions before elementwise ops.
static unsigned rank(linalg::LinalgOp op) {
  switch (familyOf(op)) {
  case OperatorFamily::Contraction:
  case OperatorFamily::Depthwise:
    return 0;
  case OperatorFamily::Reduction:
    return 1;
  case OperatorFamily::Elementwise:
    return 2;
  }
  llvm_unreachable("unknown family");
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

LogicalResult OperatorAnalysis::collectOps(Obstacle &obstacle) {
  for (Operation &nested : op.getBody().front().without_terminator()) {
    auto linalgOp = dyn_cast<linalg::LinalgOp>(nested);
    if (!linalgOp) {
      if (isa<tensor::EmptyOp, tensor::DimOp>(nested) ||
          nested.hasTrait<OpTrait::ConstantLike>())
        continue;
      obstacle = {&nested, "has no loops that could be scheduled"};
      return failure();
    }
    if (!llvm::all_of(linalgOp.getIndexingMapsArray(), isLinear)) {
      obstacle = {&nested, "has an index that is not linear"};
      return failure();
    }
    positions[linalgOp] = ops.size();
    ops.push_back(linalgOp);
    if (!isInitialisation(linalgOp) &&
        (!rootOp || rank(linalgOp) < rank(rootOp)))
      rootOp = linalgOp;
  }
  if (rootOp)
    return success();
  obstacle = {op, "computes nothing"};
  return failure();
}

void OperatorAnalysis::uniteLoops() {
  auto unite = [&](AffineMap map, unsigned position, AffineMap otherMap,
                   unsigned otherPosition) {
    for (unsigned index = 0; index < map.getNumResults(); ++index)
      if (std::optional<unsigned> loop = loopAt(map, index))
        if (std::optional<unsigned> other = loopAt(otherMap, index))
          united.unionSets({position, *loop}, {otherPosition, *other});
  };
  // A tensor that an op reads twice may be read along different loops.
  auto readsOnce = [](Value value, Operation *user) {
    return llvm::count(user->getOperands(), value) == 1;
  };
  llvm::DenseMap<Value, OpOperand *> firstUse;
  for (auto [position, linalgOp] : llvm::enumerate(ops)) {
    for (unsigned loop = 0; loop < linalgOp.getNumLoops(); ++loop)
      united.insert({position, loop});
    for (OpOperand &operand : linalgOp->getOpOperands()) {
      if (!isa<RankedTensorType>(operand.get().getType()) ||
          !readsOnce(operand.get(), linalgOp))
        continue;
      AffineMap map = linalgOp.getMatchingIndexingMap(&operand);
      if (auto result = dyn_cast<OpResult>(operand.get())) {
        if (auto producer = positions.find(result.getOwner());
            producer != positions.end())
          unite(map, position, mapOfResult(result), producer->second);
        continue;
      }
      auto [use, first] = firstUse.try_emplace(operand.get(), &operand);
      if (!first) {
        auto other = cast<linalg::LinalgOp>(use->second->getOwner());
        unite(map, position, other.getMatchingIndexingMap(use->second),
              positions.lookup(other));
      }
    }
  }
}

LogicalResult OperatorAnalysis::numberLoops(Obstacle &obstacle) {
  auto number = [&](linalg::LinalgOp linalgOp) {
    unsigned position = positions.lookup(linalgOp);
    SmallVector<int64_t> ranges = linalgOp.getStaticLoopRanges();
    for (auto [loop, iterator] :
         llvm::enumerate(linalgOp.getIteratorTypesArray())) {
      OpLoop leader =
          united.getLeaderValue({position, static_cast<unsigned>(loop)});
      auto [entry, isNew] = numbers.try_emplace(leader, loopList.size());
      if (isNew)
        loopList.push_back({ranges[loop], false});
      Loop &known = loopList[entry->second];
      if (ShapedType::isDynamic(known.extent))
        known.extent = ranges[loop];
      known.reduced |= iterator == utils::IteratorType::reduction;
    }
  };
  // The root's loops come first and in its order.
  number(rootOp);
  if (loopList.size() != rootOp.getNumLoops()) {
    obstacle = {rootOp, "has two loops over one dimension of a tensor"};
    return failure();
  }
  for (linalg::LinalgOp linalgOp : ops)
    number(linalgOp);
  auto isDynamic = [](const Loop &loop) {
    return ShapedType::isDynamic(loop.extent);
  };
  if (llvm::count_if(loopList, isDynamic) <= 1)
    return success();
  obstacle = {op, "has more than one dynamic extent"};
  return failure();
}

std::optional<OperatorAnalysis> OperatorAnalysis::of(eto::OperatorOp op,
                                                     Obstacle &obstacle) {
  OperatorAnalysis analysis(op);
  if (failed(analysis.collectOps(obstacle)))
    return std::nullopt;
  analysis.uniteLoops();
  if (failed(analysis.numberLoops(obstacle)))
    return std::nullopt;
  return analysis;
}

FailureOr<OperatorAnalysis> OperatorAnalysis::ofTunable(eto::OperatorOp op) {
  Obstacle obstacle;
  if (std::optional<OperatorAnalysis> analysis = of(op, obstacle))
    return std::move(*analysis);
  InFlightDiagnostic diagnostic = op.emitError("cannot be tuned: '")
                                  << obstacle.at->getName() << "' "
                                  << obstacle.reason;
  if (obstacle.at != op)
    diagnostic.attachNote(obstacle.at->getLoc()) << "here";
  return diagnostic;
}

unsigned OperatorAnalysis::loopOf(linalg::LinalgOp linalgOp,
                                  unsigned dimension) const {
  return numbers.lookup(
      united.getLeaderValue({positions.lookup(linalgOp), dimension}));
}

std::optional<unsigned> OperatorAnalysis::dynamicLoop() const {
  for (auto [number, loop] : llvm::enumerate(loopList))
    if (ShapedType::isDynamic(loop.extent))
      return number;
  return std::nullopt;
}

SmallVector<int64_t> OperatorAnalysis::extents(int64_t bucket) const {
  return llvm::map_to_vector(loopList, [&](const Loop &loop) {
    return ShapedType::isDynamic(loop.extent) ? bucket : loop.extent;
  });
}

//===----------------------------------------------------------------------===//
// The description
//===----------------------------------------------------------------------===//

static std::string nameOfLoop(unsigned number) {
  return "d" + std::to_string(number);
}

static std::string spell(Type elementType) {
  std::string text;
  llvm::raw_string_ostream(text) << elementType;
  return text;
}

/// `value` with the map of its use, or of the op that makes it.
OperatorOperand OperatorAnalysis::operandOf(Value value,
                                            OperandRole role) const {
  OperatorOperand operand;
  operand.elementType = spell(getElementTypeOrSelf(value));
  operand.role = role;
  linalg::LinalgOp user;
  AffineMap map;
  if (auto result = dyn_cast<OpResult>(value)) {
    user = cast<linalg::LinalgOp>(result.getOwner());
    map = mapOfResult(result);
  } else {
    for (OpOperand &use : value.getUses())
      if (auto linalgOp = dyn_cast<linalg::LinalgOp>(use.getOwner());
          linalgOp &&
          (!user || positions.lookup(linalgOp) < positions.lookup(user))) {
        user = linalgOp;
        map = user.getMatchingIndexingMap(&use);
      }
  }
  // A scalar that a body uses has no index.
  if (!user)
    return operand;
  llvm::raw_string_ostream text(operand.map);
  llvm::interleaveComma(map.getResults(), text, [&](AffineExpr index) {
    LinearIndex sum = *LinearIndex::of(index, map.getNumDims());
    StringRef separator;
    for (auto [dimension, factor] : llvm::enumerate(sum.coefficients))
      if (factor != 0) {
        text << separator << nameOfLoop(loopOf(user, dimension));
        if (factor != 1)
          text << " * " << factor;
        separator = " + ";
      }
    if (sum.constant != 0 || separator.empty())
      text << separator << sum.constant;
  });
  return operand;
}

/// Whether `op` adds to its first input a tensor that is repeated along some
/// of the loops.
static bool addsBias(linalg::LinalgOp op) {
  return computationOf(op) == "add" &&
         op.getIndexingMapsArray()[1].getNumResults() < op.getNumLoops();
}

OperandRole OperatorAnalysis::roleOf(Value argument) const {
  eto::OperatorOp op = this->op;
  OperandRole whereNoBias =
      llvm::is_contained(op.getWeights(),
                         cast<BlockArgument>(argument).getArgNumber())
          ? OperandRole::Weight
          : OperandRole::Activation;
  for (OpOperand &use : argument.getUses()) {
    auto user = dyn_cast<linalg::LinalgOp>(use.getOwner());
    if (!user || !isa<RankedTensorType>(argument.getType()))
      return whereNoBias;
    bool bias =
        user != rootOp && (isInitialisation(user) ||
                           (addsBias(user) && use.getOperandNumber() == 1));
    if (!bias)
      return whereNoBias;
  }
  return OperandRole::Bias;
}

/// The ops of the body that compute more than a start, without the root.
static SmallVector<linalg::LinalgOp> followers(ArrayRef<linalg::LinalgOp> ops,
                                               linalg::LinalgOp root) {
  return llvm::filter_to_vector(ops, [&](linalg::LinalgOp op) {
    return op != root && !isInitialisation(op);
  });
}

/// What the root's result starts from, where that is worth a word: a bias,
/// another number than zero, or what is computed of indices alone.
static std::string startOf(linalg::LinalgOp root) {
  auto start = root.getDpsInits()[0].getDefiningOp<linalg::LinalgOp>();
  if (start && start.getNumDpsInputs() == 0)
    return "from " + computationOf(start);
  if (!start || matchPattern(start.getDpsInputs()[0], m_AnyZeroFloat()))
    return "";
  if (isa<RankedTensorType>(start.getDpsInputs()[0].getType()))
    return "bias";
  std::string text = "from ";
  llvm::raw_string_ostream stream(text);
  if (Attribute number;
      matchPattern(start.getDpsInputs()[0], m_Constant(&number)))
    stream << number;
  else
    stream << "operand";
  return text;
}

/// The ops that follow the root in its loops, joined by commas.
static std::string epilogueOf(ArrayRef<linalg::LinalgOp> ops,
                              linalg::LinalgOp root) {
  std::string text;
  auto add = [&](StringRef name) {
    text += (text.empty() ? "" : ",") + name.str();
  };
  if (std::string start = startOf(root); !start.empty())
    add(start);
  for (linalg::LinalgOp follower : followers(ops, root))
    add(addsBias(follower) ? "bias" : computationOf(follower));
  return text;
}

OperatorDescription OperatorAnalysis::describe(int64_t bucket) const {
  eto::OperatorOp op = this->op;
  OperatorDescription description;
  description.name = op.getSymName().str();
  if (bucket)
    description.name += "@" + std::to_string(bucket);
  description.family = familyOf(rootOp);
  for (auto [number, loop] : llvm::enumerate(loopList)) {
    bool dynamic = ShapedType::isDynamic(loop.extent);
    description.loops.push_back(
        {nameOfLoop(number),
         loop.reduced ? LoopKind::Reduction : LoopKind::Parallel,
         dynamic ? bucket : loop.extent, dynamic});
  }
  if (description.family == OperatorFamily::Reduction &&
      !followers(ops, rootOp).empty()) {
    // What is reduced, and what is made of it, is one computation.
    description.body = computationOf(op.getBody().front());
  } else {
    description.body = computationOf(rootOp);
    description.epilogue = epilogueOf(ops, rootOp);
  }
  for (Value argument : op.getBody().getArguments())
    description.operands.push_back(operandOf(argument, roleOf(argument)));
  for (Value result : op.getBody().front().getTerminator()->getOperands())
    description.operands.push_back(operandOf(result, OperandRole::Result));
  return description;
}

SmallVector<unsigned> OperatorAnalysis::canonicalOrder() const {
  // The order does not depend on the extents.
  return llvm::map_to_vector(
      describe(/*bucket=*/1).canonicalLoopOrder(),
      [](size_t number) { return static_cast<unsigned>(number); });
}
