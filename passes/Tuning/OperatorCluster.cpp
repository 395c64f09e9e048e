//===- OperatorCluster.cpp - Linalg ops that are one operator -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Tuning/OperatorCluster.h"

#include "passes/Tuning/OperatorAnalysis.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"

#include "llvm/ADT/SetVector.h"

#include <memory>

using namespace mlir;
using namespace orcinus;

//===----------------------------------------------------------------------===//
// Which ops
//===----------------------------------------------------------------------===//

bool orcinus::isDenseComputation(Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || !linalgOp.hasPureTensorSemantics() ||
      op->getNumResults() != 1 || isInitialisation(linalgOp))
    return false;
  // What yields an input as it is moves elements about.
  Block *body = linalgOp.getBlock();
  return !isa<BlockArgument>(body->getTerminator()->getOperand(0));
}

static bool isProduct(linalg::LinalgOp op) {
  OperatorFamily family = familyOf(op);
  return family == OperatorFamily::Contraction ||
         family == OperatorFamily::Depthwise;
}

static bool isElementwise(linalg::LinalgOp op) {
  return op.getNumParallelLoops() == op.getNumLoops() &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() &&
         !isProduct(op);
}

/// The map by which `op` reads `value` as its input; nothing where it uses it
/// otherwise, or twice.
static std::optional<AffineMap> mapOfInput(linalg::LinalgOp op, Value value) {
  std::optional<AffineMap> map;
  for (OpOperand &operand : op->getOpOperands()) {
    if (operand.get() != value)
      continue;
    if (map || !op.isDpsInput(&operand))
      return std::nullopt;
    map = op.getMatchingIndexingMap(&operand);
  }
  return map;
}

/// Whether `op` makes something of results of reductions alone, such as a mean
/// of a sum.
static bool isRowStatistic(linalg::LinalgOp op) {
  return isElementwise(op) && op.getNumDpsInputs() > 0 &&
         llvm::all_of(op.getDpsInputs(), [](Value input) {
           auto producer = input.getDefiningOp<linalg::LinalgOp>();
           return producer && producer.getNumReductionLoops() > 0 &&
                  !isProduct(producer);
         });
}

//===----------------------------------------------------------------------===//
// Growing
//===----------------------------------------------------------------------===//

OperatorCluster::OperatorCluster(linalg::LinalgOp sink) { add(sink); }

void OperatorCluster::add(linalg::LinalgOp op) {
  members.push_back(op);
  memberSet.insert(op);
  hasProduct |= isProduct(op);
}

/// Whether `consumer` follows a product in its loops and reads nothing as large
/// as its result but results of the cluster.
bool OperatorCluster::isEpilogueOf(linalg::LinalgOp consumer,
                                   Value produced) const {
  if (!isElementwise(consumer))
    return false;
  return llvm::all_of(consumer.getDpsInputOperands(), [&](OpOperand *input) {
    Operation *producer = input->get().getDefiningOp();
    AffineMap map = consumer.getMatchingIndexingMap(input);
    bool inside = input->get() == produced || (producer && contains(producer));
    return inside ? map.isIdentity()
                  : map.isProjectedPermutation() &&
                        map.getNumResults() < consumer.getNumLoops();
  });
}

bool OperatorCluster::fuses(linalg::LinalgOp producer) const {
  Value produced = producer->getResult(0);
  if (!llvm::all_of(produced.getUsers(),
                    [&](Operation *user) { return contains(user); }))
    return false;
  if (isProduct(producer))
    return llvm::all_of(members, [&](linalg::LinalgOp member) {
      return isEpilogueOf(member, produced);
    });
  if (hasProduct)
    return false;
  return llvm::all_of(produced.getUsers(), [&](Operation *user) {
    auto consumer = cast<linalg::LinalgOp>(user);
    std::optional<AffineMap> map = mapOfInput(consumer, produced);
    if (!map)
      return false;
    if (producer.getNumReductionLoops() > 0 || isRowStatistic(producer))
      return isElementwise(consumer) && map->isProjectedPermutation();
    return isElementwise(producer) && map->isIdentity();
  });
}

OperatorCluster
OperatorCluster::growFrom(linalg::LinalgOp sink,
                          const llvm::DenseSet<Operation *> &taken) {
  OperatorCluster cluster(sink);
  // A product that does not fuse yet may do so when all that follows it is in;
  // anything else is looked at again when the last op that reads it joins.
  SmallVector<linalg::LinalgOp> products;
  auto join = [&](linalg::LinalgOp producer) {
    if (cluster.contains(producer) || !cluster.fuses(producer))
      return false;
    cluster.add(producer);
    return true;
  };
  for (size_t at = 0; at < cluster.members.size(); ++at)
    for (Value input : linalg::LinalgOp(cluster.members[at]).getDpsInputs()) {
      auto producer = input.getDefiningOp<linalg::LinalgOp>();
      if (!producer || producer->getBlock() != sink->getBlock() ||
          !isDenseComputation(producer) || taken.contains(producer))
        continue;
      if (join(producer))
        llvm::for_each(products, join);
      else if (isProduct(producer))
        products.push_back(producer);
    }
  llvm::sort(cluster.members, [](linalg::LinalgOp one, linalg::LinalgOp other) {
    return one->isBeforeInBlock(other);
  });
  return cluster;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

namespace {

/// Makes the body of an operator of the ops of a cluster.
class OperatorBuilder {
public:
  OperatorBuilder(Location location, SmallVector<Value> &inputs)
      : builder(location.getContext()), inputs(inputs),
        region(std::make_unique<Region>()) {
    builder.setInsertionPointToStart(&region->emplaceBlock());
  }

  void add(linalg::LinalgOp op) {
    SmallVector<Value> operands;
    for (Value input : op.getDpsInputs())
      operands.push_back(operandFor(op, input));
    for (OpOperand &init : op.getDpsInitsMutable())
      operands.push_back(initFor(op, init, operands));
    llvm::SetVector<Value> captured;
    getUsedValuesDefinedAbove(op->getRegions(), captured);
    for (Value value : captured)
      if (!mapping.contains(value))
        mapping.map(value, scalarFor(value));
    Operation *clone = builder.clone(*op, mapping);
    clone->setOperands(operands);
    mapping.map(op->getResult(0), clone->getResult(0));
    results.insert(op->getResult(0));
  }

  eto::OperatorOp finish(Location location, StringRef name,
                         ArrayRef<int64_t> buckets, Value result) {
    eto::YieldOp::create(builder, location, mapping.lookup(result));
    auto type =
        builder.getFunctionType(region->getArgumentTypes(), result.getType());
    builder.clearInsertionPoint();
    bool dynamic = llvm::any_of(type.getInputs(), [](Type input) {
      auto tensor = dyn_cast<RankedTensorType>(input);
      return tensor && !tensor.hasStaticShape();
    });
    auto op = eto::OperatorOp::create(builder, location, name, type,
                                      dynamic ? buckets : ArrayRef<int64_t>());
    op.getBody().takeBody(*region);
    return op;
  }

private:
  Value addArgument(Value value) {
    inputs.push_back(value);
    return region->addArgument(value.getType(), value.getLoc());
  }

  /// A scalar is cloned where it is a constant.
  Value scalarFor(Value value) {
    Operation *definition = value.getDefiningOp();
    if (definition && definition->hasTrait<OpTrait::ConstantLike>() &&
        !isa<ShapedType>(value.getType()))
      return builder.clone(*definition)->getResult(0);
    return addArgument(value);
  }

  /// `value` as `op` reads it. Ops share the argument for one value; an op that
  /// reads a value twice has two, as they may lie along different loops.
  Value operandFor(linalg::LinalgOp op, Value value) {
    if (results.contains(value))
      return mapping.lookup(value);
    if (!isa<RankedTensorType>(value.getType()))
      return scalarFor(value);
    if (llvm::count(op->getOperands(), value) > 1)
      return addArgument(value);
    if (!mapping.contains(value))
      mapping.map(value, addArgument(value));
    return mapping.lookup(value);
  }

  /// What `op`, whose inputs have become `operands`, writes to at `init`.
  Value initFor(linalg::LinalgOp op, OpOperand &init,
                ArrayRef<Value> operands) {
    Value value = init.get();
    if (results.contains(value))
      return mapping.lookup(value);
    AffineMap map = op.getMatchingIndexingMap(&init);
    auto type = cast<RankedTensorType>(value.getType());
    auto start = value.getDefiningOp<linalg::LinalgOp>();
    bool starts = start && isInitialisation(start);
    bool overwritten = !op.payloadUsesValueFromOperand(&init) ||
                       value.getDefiningOp<tensor::EmptyOp>();
    if ((!starts && !overwritten) || !hasKnownExtents(op, map, type))
      return operandFor(op, value);
    Value empty = emptyFor(op, map, type, operands);
    if (overwritten)
      return empty;
    // Cloned: each operator starts its own result.
    Value input = operandFor(start, start.getDpsInputs()[0]);
    Operation *clone = builder.clone(*start);
    clone->setOperands({input, empty});
    return clone->getResult(0);
  }

  /// The input of `op`, and its dimension, that `loop` runs over.
  static std::optional<std::pair<unsigned, unsigned>>
  findInput(linalg::LinalgOp op, AffineExpr loop) {
    for (OpOperand *input : op.getDpsInputOperands()) {
      AffineMap map = op.getMatchingIndexingMap(input);
      for (auto [dimension, index] : llvm::enumerate(map.getResults()))
        if (index == loop)
          return std::pair(input->getOperandNumber(),
                           static_cast<unsigned>(dimension));
    }
    return std::nullopt;
  }

  /// Whether each dynamic extent of `type`, which `op` indexes by `map`, is one
  /// of an input's.
  static bool hasKnownExtents(linalg::LinalgOp op, AffineMap map,
                              RankedTensorType type) {
    return llvm::all_of(
        llvm::zip(map.getResults(), type.getShape()), [&](auto entry) {
          auto [loop, extent] = entry;
          return !ShapedType::isDynamic(extent) || findInput(op, loop);
        });
  }

  /// An empty tensor of `type` that `op`, whose inputs have become `operands`,
  /// indexes by `map`: a dynamic extent is that of an input.
  Value emptyFor(linalg::LinalgOp op, AffineMap map, RankedTensorType type,
                 ArrayRef<Value> operands) {
    SmallVector<OpFoldResult> extents;
    for (auto [loop, extent] : llvm::zip(map.getResults(), type.getShape())) {
      if (!ShapedType::isDynamic(extent)) {
        extents.push_back(builder.getIndexAttr(extent));
        continue;
      }
      auto [input, dimension] = *findInput(op, loop);
      extents.push_back(tensor::DimOp::create(builder, op.getLoc(),
                                              operands[input], dimension)
                            .getResult());
    }
    return tensor::EmptyOp::create(builder, op.getLoc(), extents,
                                   type.getElementType());
  }

  OpBuilder builder;
  SmallVector<Value> &inputs;
  std::unique_ptr<Region> region;
  IRMapping mapping;
  /// Results of the ops that were added.
  llvm::DenseSet<Value> results;
};

} // namespace

eto::OperatorOp
OperatorCluster::buildOperator(StringRef name, ArrayRef<int64_t> buckets,
                               SmallVector<Value> &inputs) const {
  SmallVector<Location> locations = llvm::map_to_vector(
      members, [](linalg::LinalgOp op) { return op->getLoc(); });
  Location location = FusedLoc::get(sink()->getContext(), locations);
  OperatorBuilder builder(location, inputs);
  for (linalg::LinalgOp op : members)
    builder.add(op);
  return builder.finish(location, name, buckets, sink()->getResult(0));
}
