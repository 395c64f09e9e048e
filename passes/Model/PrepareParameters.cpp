//===- PrepareParameters.cpp - What depends on parameters alone -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/CSE.h"
#include "llvm/ADT/SetVector.h"

namespace orcinus {
#define GEN_PASS_DEF_PREPAREPARAMETERS
#include "passes/Model/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

namespace {

/// Builds the function that computes the weights of all steps: what these
/// compute of parameters alone.
class WeightFunction {
public:
  explicit WeightFunction(ModuleOp module) : module(module) {}

  /// Takes up the weights of `step`.
  void collect(func::FuncOp step);

  /// Computes each of the weights once, and has the steps read them.
  void build();

private:
  bool isDerived(Operation &op) const;
  void addWeight(Value value);
  Value cloneOf(OpBuilder &builder, Value value);
  void eraseUnused(func::FuncOp step) const;

  ModuleOp module;
  SmallVector<func::FuncOp> steps;
  /// Parameters, and what is computed of them alone.
  llvm::DenseSet<Value> derived;
  /// Those of them that other ops read.
  llvm::SetVector<Value> weights;
  IRMapping clones;
  /// The clones of parameters, each once, by name.
  llvm::StringMap<Value> parameters;
};

} // namespace

/// Whether the result of `op` is its operand's elements, where they lie.
static bool isView(Operation *op) { return isa<SliceOp, ReshapeOp>(op); }

static bool isKnownTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape();
}

bool WeightFunction::isDerived(Operation &op) const {
  return isa<ParameterOp>(op) ||
         (op.getNumOperands() != 0 && isMemoryEffectFree(&op) &&
          llvm::all_of(
              op.getOperands(),
              [&](Value operand) { return derived.contains(operand); }) &&
          llvm::all_of(op.getResultTypes(), isKnownTensor));
}

void WeightFunction::collect(func::FuncOp step) {
  steps.push_back(step);
  for (Operation &op : step.getBody().front()) {
    if (isDerived(op)) {
      derived.insert_range(op.getResults());
      continue;
    }
    for (Value operand : op.getOperands())
      if (derived.contains(operand))
        addWeight(operand);
  }
}

/// Views stay where they are read; a parameter is no work.
void WeightFunction::addWeight(Value value) {
  while (isView(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  if (!value.getDefiningOp<ParameterOp>())
    weights.insert(value);
}

/// Clones what `value` is computed of, and what has no clone yet.
Value WeightFunction::cloneOf(OpBuilder &builder, Value value) {
  if (Value known = clones.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  if (auto parameter = dyn_cast<ParameterOp>(op)) {
    Value &shared = parameters[parameter.getName()];
    if (!shared)
      shared = builder.clone(*op)->getResult(0);
    clones.map(value, shared);
    return shared;
  }
  for (Value operand : op->getOperands())
    cloneOf(builder, operand);
  builder.clone(*op, clones);
  return clones.lookup(value);
}

void WeightFunction::build() {
  if (weights.empty())
    return;
  OpBuilder builder(module.getContext());
  builder.setInsertionPointToEnd(module.getBody());
  auto function =
      func::FuncOp::create(builder, module.getLoc(), "prepare_parameters",
                           builder.getFunctionType({}, {}));
  builder.setInsertionPointToStart(function.addEntryBlock());
  SmallVector<Value> computed;
  for (Value weight : weights)
    computed.push_back(cloneOf(builder, weight));
  // Several steps have the same ones. What the last op reads is what is left of
  // them.
  auto end = func::ReturnOp::create(builder, module.getLoc(), computed);
  IRRewriter rewriter(module.getContext());
  DominanceInfo dominance(function);
  eliminateCommonSubExpressions(rewriter, dominance, function);
  computed.assign(end.operand_begin(), end.operand_end());
  end->setOperands({});
  llvm::SetVector<Value> distinct(computed.begin(), computed.end());
  auto bindingOf = [](size_t number) {
    return ("prepared:" + Twine(number)).str();
  };
  builder.setInsertionPoint(end);
  for (auto [number, value] : llvm::enumerate(distinct))
    WriteOp::create(builder, value.getLoc(), value, Value(), bindingOf(number));
  for (auto [each, value] : llvm::zip_equal(weights, computed)) {
    Value weight = each;
    builder.setInsertionPointAfterValue(weight);
    weight.replaceAllUsesWith(ReadOp::create(
        builder, weight.getLoc(), weight.getType(),
        bindingOf(llvm::find(distinct, value) - distinct.begin())));
  }
  for (func::FuncOp step : steps)
    eraseUnused(step);
}

/// Erases what only the weights were computed of. A parameter that a model
/// declares and never reads stays.
void WeightFunction::eraseUnused(func::FuncOp step) const {
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(step.getBody().front()))) {
    auto parameter = dyn_cast<ParameterOp>(op);
    bool isMoved =
        parameter && op.use_empty() && parameters.contains(parameter.getName());
    if (isMoved || isOpTriviallyDead(&op))
      op.erase();
  }
}

namespace {

struct PrepareParametersPass
    : orcinus::impl::PrepareParametersBase<PrepareParametersPass> {
  using PrepareParametersBase::PrepareParametersBase;

  void runOnOperation() override {
    WeightFunction function(getOperation());
    for (auto step : getOperation().getOps<func::FuncOp>())
      if (keepsParameters(step))
        function.collect(step);
    function.build();
  }

private:
  /// Whether `function` is a step that leaves parameters as they are, so that
  /// many of its calls have the same.
  static bool keepsParameters(func::FuncOp function) {
    return !function.isDeclaration() && !function->hasAttr("tgnn.training") &&
           !function.getBody().getOps<TargetsOp>().empty();
  }
};

} // namespace
