//===- OutlineOperators.cpp - Dense ops to operators ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Support/CheckedArithmetic.h"
#include "passes/Lowering/Aggregates.h"
#include "passes/Lowering/Weights.h"
#include "passes/Support/EraseDead.h"
#include "passes/Support/OptionChecks.h"
#include "passes/Tuning/OperatorAnalysis.h"
#include "passes/Tuning/OperatorCluster.h"
#include "passes/Tuning/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/SymbolTable.h"

#include "llvm/ADT/StringMap.h"

namespace orcinus {
#define GEN_PASS_DEF_OUTLINEOPERATORS
#include "passes/Tuning/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;

/// `family_axbxc` for the extents of the loops, `n` for a dynamic one.
static std::string nameFor(const OperatorAnalysis &analysis) {
  OperatorFamily family = familyOf(analysis.root());
  std::string name(familyName(family));
  StringRef separator = "_";
  for (const OperatorAnalysis::Loop &loop : analysis.loops()) {
    name += separator.str() + (ShapedType::isDynamic(loop.extent)
                                   ? "n"
                                   : std::to_string(loop.extent));
    separator = "x";
  }
  return name;
}

namespace {

/// Cuts one module into operators.
class Outliner {
public:
  Outliner(ModuleOp module, ArrayRef<int64_t> buckets, int64_t fewestIterations)
      : module(module), symbols(module), buckets(buckets),
        fewestIterations(fewestIterations) {}

  int64_t numOperators() const { return outlinedOperators; }
  int64_t numCalls() const { return outlinedCalls; }

  void run() {
    decomposeAggregates(module);
    labelParallelLoops(module);
    module.walk([&](linalg::AggregatedOpInterface op) {
      explain(op, "does not work on tensors");
    });
    walkOwnOps<func::FuncOp>([&](func::FuncOp function) {
      llvm::DenseSet<Value> found = weightValues(function);
      weights.insert(found.begin(), found.end());
    });
    SmallVector<linalg::LinalgOp> ops;
    walkOwnOps<linalg::LinalgOp>([&](linalg::LinalgOp op) {
      if (!isDenseComputation(op))
        return;
      if (weights.contains(op->getResult(0))) {
        taken.insert(op);
        return explain(op, "is made of weights alone, and is computed once");
      }
      ops.push_back(op);
    });
    // Whoever reads a result comes before whoever makes it.
    SmallVector<OperatorCluster> clusters;
    for (linalg::LinalgOp sink : llvm::reverse(ops))
      if (!taken.contains(sink)) {
        clusters.push_back(OperatorCluster::growFrom(sink, taken));
        for (linalg::LinalgOp op : clusters.back().ops())
          taken.insert(op);
      }
    for (const OperatorCluster &cluster : llvm::reverse(clusters))
      outline(cluster);
  }

private:
  /// Calls `visit` with the ops of kind `Op` outside of operators and of nested
  /// symbol tables, whose ops cannot call what this module has.
  template <typename Op>
  void walkOwnOps(llvm::function_ref<void(Op)> visit) {
    module.walk<WalkOrder::PreOrder>([&](Operation *nested) {
      if (nested != module && (isa<eto::OperatorOp>(nested) ||
                               nested->hasTrait<OpTrait::SymbolTable>()))
        return WalkResult::skip();
      if (auto op = dyn_cast<Op>(nested))
        visit(op);
      return WalkResult::advance();
    });
  }

  /// Outlines the ops of `cluster`, each by itself where they do not make an
  /// operator together.
  void outline(const OperatorCluster &cluster) {
    SmallVector<Value> inputs;
    OperatorAnalysis::Obstacle obstacle;
    eto::OperatorOp op = cluster.buildOperator("operator", buckets, inputs);
    std::optional<OperatorAnalysis> analysis =
        OperatorAnalysis::of(op, obstacle);
    if (!analysis) {
      op->erase();
      if (cluster.ops().size() == 1)
        return explain(cluster.sink(), obstacle.reason);
      for (linalg::LinalgOp single : cluster.ops())
        outline(OperatorCluster(single));
      return;
    }
    int64_t iterations = saturatedElements(analysis->extents(buckets.back()));
    if (iterations < fewestIterations) {
      op->erase();
      return explain(cluster.sink(),
                     "has too few iterations to be worth a schedule");
    }
    op.setSymName(nameFor(*analysis));
    op.setWeights(weightsAmong(inputs));
    replace(cluster, share(op), inputs);
  }

  /// The numbers of those of `inputs` that are tensors made of weights alone.
  /// What a call makes is none, but may lie where an op of `weights` was, which
  /// is gone.
  SmallVector<int64_t> weightsAmong(ValueRange inputs) const {
    SmallVector<int64_t> numbers;
    for (auto [number, input] : llvm::enumerate(inputs))
      if (isa<RankedTensorType>(input.getType()) && weights.contains(input) &&
          !input.getDefiningOp<eto::CallOp>())
        numbers.push_back(number);
    return numbers;
  }

  void explain(Operation *op, StringRef reason) {
    remark::missed(op->getLoc(),
                   remark::RemarkOpts::name("outline").category("eto-outline"))
        << remark::add("'{0}' {1}", op->getName(), reason);
  }

  /// An operator of the module that is like `op`: `op` itself where there was
  /// none.
  eto::OperatorOp share(eto::OperatorOp op) {
    SmallVector<eto::OperatorOp> &alike = operators[op.getSymName()];
    for (eto::OperatorOp other : alike)
      if (other.getFunctionType() == op.getFunctionType() &&
          other.getWeights() == op.getWeights() &&
          OperationEquivalence::isRegionEquivalentTo(
              &other.getBody(), &op.getBody(),
              OperationEquivalence::IgnoreLocations)) {
        op->erase();
        return other;
      }
    alike.push_back(op);
    // Before the functions, in the order of their first calls.
    symbols.insert(op, lastOperator ? std::next(lastOperator->getIterator())
                                    : module.getBody()->begin());
    lastOperator = op;
    ++outlinedOperators;
    return op;
  }

  void replace(const OperatorCluster &cluster, eto::OperatorOp op,
               ValueRange inputs) {
    linalg::LinalgOp sink = cluster.sink();
    OpBuilder builder(sink);
    auto call =
        eto::CallOp::create(builder, sink.getLoc(), sink->getResultTypes(),
                            op.getSymName(), inputs);
    sink->replaceAllUsesWith(call);
    eraseWithProducers(sink);
    ++outlinedCalls;
  }

  ModuleOp module;
  SymbolTable symbols;
  SmallVector<int64_t> buckets;
  int64_t fewestIterations;
  /// By the name that they would have if it were free.
  llvm::StringMap<SmallVector<eto::OperatorOp>> operators;
  eto::OperatorOp lastOperator;
  llvm::DenseSet<Operation *> taken;
  /// What weights alone decide on.
  llvm::DenseSet<Value> weights;
  int64_t outlinedOperators = 0, outlinedCalls = 0;
};

class OutlineOperatorsPass
    : public orcinus::impl::OutlineOperatorsBase<OutlineOperatorsPass> {
public:
  using OutlineOperatorsBase::OutlineOperatorsBase;

  LogicalResult initialize(MLIRContext *context) override {
    for (size_t at = 0; at < buckets.size(); ++at)
      if (buckets[at] <= (at == 0 ? 0 : buckets[at - 1]))
        return emitError(UnknownLoc::get(context))
               << "option 'buckets' of '" << getArgument()
               << "' must ascend from 1 on";
    return OptionChecks(*this, context).inRange(fewestIterations, 0).result();
  }

  void runOnOperation() override {
    SmallVector<int64_t> usedBuckets(buckets.begin(), buckets.end());
    if (usedBuckets.empty())
      for (int64_t bucket = 256; bucket <= 8192; bucket *= 2)
        usedBuckets.push_back(bucket);
    Outliner outliner(getOperation(), usedBuckets, fewestIterations);
    outliner.run();
    outlinedOperators += outliner.numOperators();
    outlinedCalls += outliner.numCalls();
  }
};

} // namespace
