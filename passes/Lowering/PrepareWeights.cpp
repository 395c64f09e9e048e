//===- PrepareWeights.cpp - What weights decide on is computed once -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Support/CheckedArithmetic.h"
#include "passes/Lowering/Passes.h"
#include "passes/Lowering/Weights.h"
#include "passes/Support/EraseDead.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

#include <climits>

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_PREPAREWEIGHTS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// What is worth keeping may take as many times the elements that it is made
/// of; more is better made anew than read.
static constexpr int64_t mostGrowth = 4;

/// The weight that `op` reads; null where it reads none.
static memref::GetGlobalOp weightReadBy(Operation *op) {
  auto tensor = dyn_cast<bufferization::ToTensorOp>(op);
  return tensor ? tensor.getBuffer().getDefiningOp<memref::GetGlobalOp>()
                : memref::GetGlobalOp();
}

/// Elements of the weight or the constant that `op` is; 0 where it is neither,
/// or one number repeated.
static int64_t elementsGivenBy(Operation *op) {
  DenseElementsAttr constant;
  if (op->getNumResults() == 1 &&
      matchPattern(op->getResult(0), m_Constant(&constant)))
    return constant.isSplat() ? 0 : constant.getNumElements();
  if (memref::GetGlobalOp weight = weightReadBy(op))
    return weight.getType().getNumElements();
  return 0;
}

/// Whether `op` does no more than look at elements in another way.
static bool isView(Operation *op) {
  return op->hasTrait<OpTrait::ConstantLike>() || weightReadBy(op) ||
         isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp,
             tensor::EmptyOp, tensor::ExtractSliceOp, tensor::DimOp>(op);
}

/// Whether `op` repeats what it reads and does nothing else. What follows
/// starts from it without its being stored.
static bool repeats(Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || linalgOp.getNumDpsInputs() != 1)
    return false;
  auto yielded = dyn_cast<BlockArgument>(
      linalgOp.getBlock()->getTerminator()->getOperand(0));
  return yielded && yielded.getArgNumber() == 0 &&
         !linalgOp.getIndexingMapsArray()[0].isPermutation();
}

static bool canBeStored(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() && !tensor.getEncoding() &&
         tensor.getElementType().isIntOrFloat() &&
         tensor.getElementTypeBitWidth() % CHAR_BIT == 0;
}

namespace {

/// The weight-only computations of a function.
class WeightComputations {
public:
  explicit WeightComputations(func::FuncOp function)
      : function(function), known(weightValues(function)) {
    for (Block &block : function.getBody())
      for (Operation &op : block)
        if (op.getNumResults() != 0 && known.contains(op.getResult(0)))
          describe(&op);
  }

  /// The values that are worth computing once and that others read.
  SmallVector<Value> roots() {
    SmallVector<Value> found;
    for (Block &block : function.getBody())
      for (Operation &op : block)
        for (Value result : op.getResults())
          if (worthwhile.contains(result) &&
              llvm::any_of(result.getUsers(), [&](Operation *user) {
                return user->getNumResults() == 0 ||
                       !worthwhile.contains(user->getResult(0));
              }))
            found.push_back(result);
    return found;
  }

  /// What `value` is called after: the first weight that it is made of.
  StringRef nameOf(Value value) {
    StringRef weight = facts.lookup(value).weight;
    return weight.empty() ? function.getSymName() : weight;
  }

private:
  struct Facts {
    /// Elements that it is made of, and the first weight among them.
    int64_t elements = 0;
    StringRef weight;
    bool computes = false;
  };

  void describe(Operation *op) {
    Facts all;
    all.elements = elementsGivenBy(op);
    all.computes = !isView(op);
    if (memref::GetGlobalOp weight = weightReadBy(op))
      all.weight = weight.getName();
    for (Value operand : op->getOperands()) {
      Facts of = facts.lookup(operand);
      all.elements = saturatedSum(all.elements, of.elements);
      all.computes |= of.computes;
      if (all.weight.empty())
        all.weight = of.weight;
    }
    for (Value result : op->getResults()) {
      facts[result] = all;
      if (canBeStored(result.getType()) && all.computes && !repeats(op) &&
          cast<RankedTensorType>(result.getType()).getNumElements() <=
              saturatedProduct(mostGrowth, all.elements))
        worthwhile.insert(result);
    }
  }

  func::FuncOp function;
  llvm::DenseSet<Value> known, worthwhile;
  llvm::DenseMap<Value, Facts> facts;
};

/// A value that is prepared, and its name.
struct Prepared {
  Value value;
  std::string name;
};

class PrepareWeightsPass
    : public orcinus::impl::PrepareWeightsBase<PrepareWeightsPass> {
public:
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    func::FuncOp preparation = preparationOf(
        symbols, FunctionType::get(&getContext(), TypeRange(), TypeRange()));
    SmallVector<Prepared> all;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function != preparation && !function.isDeclaration()) {
        WeightComputations computations(function);
        for (Value root : computations.roots())
          all.push_back({root, computations.nameOf(root).str()});
      }
    SmallVector<Value> copies = copyInto(preparation, all);
    llvm::MapVector<Value, memref::GlobalOp> memory;
    for (auto [prepared, copy] : llvm::zip(all, copies)) {
      memref::GlobalOp &global = memory[copy];
      if (!global) {
        auto type = cast<RankedTensorType>(copy.getType());
        global = addPreparedWeight(
            symbols, prepared.name,
            MemRefType::get(type.getShape(), type.getElementType()),
            copy.getLoc());
      }
      readFrom(global, prepared.value);
    }
    store(preparation, memory);
    preparedWeights += memory.size();
  }

private:
  /// Copies what makes `all` into `preparation`, equal values once.
  SmallVector<Value> copyInto(func::FuncOp preparation,
                              ArrayRef<Prepared> all) {
    Operation *end = preparation.getBody().front().getTerminator();
    OpBuilder builder(end);
    IRMapping mapping;
    llvm::StringMap<Value> weights;
    for (const Prepared &prepared : all)
      copy(builder, prepared.value.getDefiningOp(), mapping, weights);
    // Held by the terminator, so that the copies are there afterwards.
    end->setOperands(llvm::map_to_vector(all, [&](const Prepared &prepared) {
      return mapping.lookup(prepared.value);
    }));
    IRRewriter rewriter(&getContext());
    DominanceInfo dominance(preparation);
    eliminateCommonSubExpressions(rewriter, dominance, preparation);
    SmallVector<Value> copies(end->getOperands());
    end->setOperands({});
    return copies;
  }

  /// Copies `op` and what it reads, each weight once in all.
  static void copy(OpBuilder &builder, Operation *op, IRMapping &mapping,
                   llvm::StringMap<Value> &weights) {
    if (mapping.contains(op->getResult(0)))
      return;
    if (memref::GetGlobalOp weight = weightReadBy(op)) {
      Value &known = weights[weight.getName()];
      if (!known) {
        builder.clone(*weight, mapping);
        known = builder.clone(*op, mapping)->getResult(0);
      }
      mapping.map(op->getResult(0), known);
      return;
    }
    llvm::SetVector<Value> read(op->operand_begin(), op->operand_end());
    getUsedValuesDefinedAbove(op->getRegions(), read);
    for (Value value : read)
      copy(builder, value.getDefiningOp(), mapping, weights);
    builder.clone(*op, mapping);
  }

  /// Makes what reads `value` read `global`.
  static void readFrom(memref::GlobalOp global, Value value) {
    OpBuilder builder(value.getDefiningOp());
    Value address = memref::GetGlobalOp::create(
        builder, value.getLoc(), global.getType(), global.getSymName());
    Value tensor = bufferization::ToTensorOp::create(
        builder, value.getLoc(), value.getType(), address, /*restrict=*/true);
    value.replaceAllUsesWith(tensor);
    eraseWithProducers(value.getDefiningOp());
  }

  static void store(func::FuncOp preparation,
                    const llvm::MapVector<Value, memref::GlobalOp> &memory) {
    OpBuilder builder(preparation.getBody().front().getTerminator());
    for (auto [value, global] : memory) {
      Value address = memref::GetGlobalOp::create(
          builder, value.getLoc(), global.getType(), global.getSymName());
      bufferization::MaterializeInDestinationOp::create(
          builder, value.getLoc(), /*result=*/Type(), value, address,
          /*restrict=*/true, /*writable=*/true);
    }
  }
};

} // namespace
