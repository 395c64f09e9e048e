//===- InlineLayers.cpp - Replace applications by their bodies ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/MapVector.h"

#include <limits>

namespace orcinus {
#define GEN_PASS_DEF_INLINELAYERS
#include "passes/Model/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

namespace {

/// Inlines the applications of one step function.
class Inliner {
public:
  Inliner(ModelOp model, func::FuncOp function)
      : model(model), isTraining(function->hasAttr("tgnn.training")) {}

  /// Inlines all applications. In an encoder's text extents are dynamic that
  /// are known here, so that the types of what follows are refined on the way.
  LogicalResult run(func::FuncOp function) {
    for (Block &block : function.getBody())
      for (Operation &op : llvm::make_early_inc_range(block)) {
        auto apply = dyn_cast<ApplyOp>(op);
        if (failed(apply ? inlineApplication(apply) : refineTypes(&op)))
          return failure();
      }
    return success();
  }

private:
  LogicalResult inlineApplication(ApplyOp apply) {
    Region *body = apply.findBody(model);
    if (!body)
      return apply.emitOpError("names no layer, decoder or part of a state "
                               "that takes ")
             << apply->getNumOperands() << " operands";
    IRMapping mapping;
    mapping.map(body->getArguments(), apply->getOperands());
    OpBuilder builder(apply);
    isDropping = isTraining && !apply.getFrozen();
    for (Operation &op : body->front().without_terminator())
      if (failed(inlineOp(builder, op, apply, mapping)))
        return failure();
    Operation &yield = body->front().back();
    for (auto [result, value] :
         llvm::zip_equal(apply->getResults(), yield.getOperands())) {
      Value inlined = mapping.lookup(value);
      auto type = cast<ShapedType>(inlined.getType());
      auto declared = cast<ShapedType>(result.getType());
      if (type.getElementType() != declared.getElementType() ||
          failed(verifyCompatibleShape(type, declared))) {
        InFlightDiagnostic diagnostic = apply.emitOpError("needs ")
                                        << result.getType()
                                        << ", but the body yields "
                                        << inlined.getType();
        diagnostic.attachNote(yield.getLoc()) << "yielded here";
        return diagnostic;
      }
      result.replaceAllUsesWith(inlined);
    }
    apply.erase();
    return success();
  }

  /// The value of a named size at `apply`, where two more are known: `input`,
  /// the width of the embeddings, and `head`, one head's share of the query.
  int64_t sizeAt(ApplyOp apply, StringRef name) {
    int64_t input = cast<RankedTensorType>(apply->getOperand(0).getType())
                        .getShape()
                        .back();
    if (name == "input")
      return input;
    if (name == "head" && model.getSize("heads"))
      return (input + model.getSize("time")) / model.getSize("heads");
    return model.getSize(name);
  }

  /// That the heads divide a query, where `op` has an extent in one's share of
  /// it.
  LogicalResult checkHeads(SizedOpInterface op, ApplyOp apply) {
    bool hasHeads = llvm::any_of(op.getSizedExtents(), [](Attribute extent) {
      return llvm::is_contained(sizesOf(extent), "head");
    });
    int64_t heads = model.getSize("heads"), time = model.getSize("time");
    int64_t input = sizeAt(apply, "input");
    if (!hasHeads || (heads > 0 && (input + time) % heads == 0))
      return success();
    return op.emitOpError("needs a number of heads that divides the ")
           << input + time << " columns of a query (" << input
           << " of its embedding, " << time << " of its time), not " << heads;
  }

  LogicalResult inlineOp(OpBuilder &builder, Operation &op, ApplyOp apply,
                         IRMapping &mapping) {
    auto sized = dyn_cast<SizedOpInterface>(op);
    if (sized && failed(checkHeads(sized, apply)))
      return failure();
    if (auto parameter = dyn_cast<ParameterOp>(op)) {
      FailureOr<Value> instance =
          instantiateParameter(builder, parameter, apply);
      if (succeeded(instance))
        mapping.map(parameter.getValue(), *instance);
      return instance;
    }
    if (isa<DropoutOp>(op) && !isDropping) {
      mapping.map(op.getResult(0), mapping.lookup(op.getOperand(0)));
      return success();
    }
    Operation *copy = builder.clone(op, mapping);
    if (auto copied = dyn_cast<SizedOpInterface>(copy))
      copied.evaluateSizes([&](StringRef name) { return sizeAt(apply, name); });
    specializeDropout(builder, copy);
    return refineTypes(copy);
  }

  FailureOr<Value> instantiateParameter(OpBuilder &builder,
                                        ParameterOp parameter, ApplyOp apply) {
    auto sizeOf = [&](StringRef name) { return sizeAt(apply, name); };
    SmallVector<int64_t> shape =
        evaluateExtents(parameter.getExtents(), sizeOf);
    for (int64_t extent : shape)
      if (extent < 1 || extent > std::numeric_limits<int32_t>::max())
        return parameter.emitOpError("has the extent ")
               << extent << ", which must be from 1 to "
               << std::numeric_limits<int32_t>::max();
    DictionaryAttr fanIn;
    if (parameter.getFanIn())
      fanIn = getConstantExtent(builder.getContext(),
                                evaluateExtent(*parameter.getFanIn(), sizeOf));
    std::string name = parameter.getName().str();
    if (!parameter.getShared())
      name = (apply.getPrefix() + "." + name).str();
    Value &instance = parameters[name];
    if (!instance) {
      OpBuilder::InsertionGuard guard(builder);
      if (lastParameter)
        builder.setInsertionPointAfter(lastParameter);
      else
        builder.setInsertionPointToStart(apply->getBlock());
      lastParameter = ParameterOp::create(
          builder, parameter.getLoc(),
          RankedTensorType::get(shape, builder.getF32Type()), name,
          getConstantExtents(builder.getContext(), shape),
          parameter.getInitializer(), parameter.getFixed() || apply.getFrozen(),
          /*shared=*/false, fanIn);
      instance = lastParameter;
    }
    return instance;
  }

  /// Each dropout of a step draws by a salt of its own; outside training and in
  /// what is frozen there is none.
  void specializeDropout(OpBuilder &builder, Operation *op) {
    if (auto dropout = dyn_cast<DropoutOp>(op))
      dropout.setSalt(nextSalt++);
    auto attention = dyn_cast<WeightDropoutOpInterface>(op);
    if (!attention)
      return;
    if (isDropping)
      attention.setSalt(nextSalt++);
    else
      attention.setDropoutAttr(builder.getF32FloatAttr(0.0f));
  }

  LogicalResult refineTypes(Operation *op) {
    auto inferable = dyn_cast<InferTypeOpInterface>(op);
    if (!inferable)
      return success();
    SmallVector<Type> types;
    if (failed(inferable.inferReturnTypes(
            op->getContext(), op->getLoc(), op->getOperands(),
            op->getDiscardableAttrDictionary(), op->getPropertiesStorage(),
            op->getRegions(), types)))
      return failure();
    for (auto [result, type] : llvm::zip_equal(op->getResults(), types))
      result.setType(type);
    return success();
  }

  ModelOp model;
  bool isTraining;
  /// Whether the application that is being inlined drops activations.
  bool isDropping = false;
  int64_t nextSalt = 1;
  llvm::StringMap<Value> parameters;
  ParameterOp lastParameter;
};

/// The trained parameters of a step function.
SmallVector<ParameterOp> collectTrained(func::FuncOp function) {
  SmallVector<ParameterOp> trained;
  for (ParameterOp parameter : function.getBody().getOps<ParameterOp>())
    if (!parameter.getFixed())
      trained.push_back(parameter);
  return trained;
}

/// What brings the gradients' global norm to `limit`.
Value buildClipScale(OpBuilder &builder, Location location,
                     ValueRange gradients, double limit) {
  SmallVector<Value> norms =
      llvm::map_to_vector(gradients, [&](Value gradient) -> Value {
        return SquaredNormOp::create(builder, location, ValueRange{gradient})
            ->getResult(0);
      });
  NamedAttribute bound =
      builder.getNamedAttr("limit", builder.getF64FloatAttr(limit));
  return ClipScaleOp::create(builder, location, norms, bound)->getResult(0);
}

/// One step of `optimizer` on `trained`.
void buildUpdates(OpBuilder &builder, Location location,
                  ArrayRef<ParameterOp> trained, ValueRange gradients,
                  OptimizerAttr optimizer) {
  Value scale;
  if (double limit = optimizer.getSetting("clip");
      limit > 0 && !gradients.empty())
    scale = buildClipScale(builder, location, gradients, limit);
  Value rate = ReadOp::create(builder, location, builder.getF32Type(),
                              "input:learning_rate");
  Value step =
      ReadOp::create(builder, location, builder.getI64Type(), "input:step");
  for (auto [parameter, gradient] : llvm::zip_equal(trained, gradients))
    OptimizeOp::create(builder, location, gradient, rate, step, scale,
                       ParameterOp(parameter).getName(), optimizer);
}

/// What a step function trains, and the gradients of its loss by them.
struct TrainedGradients {
  SmallVector<ParameterOp> parameters;
  ValueRange gradients;
};

/// Builds the gradients of `loss` by what the function of `op` trains.
TrainedGradients buildGradients(OpBuilder &builder, Operation *op, Value loss) {
  TrainedGradients result;
  result.parameters = collectTrained(op->getParentOfType<func::FuncOp>());
  SmallVector<Value> values;
  for (ParameterOp parameter : result.parameters)
    values.push_back(parameter.getValue());
  result.gradients =
      GradientOp::create(builder, op->getLoc(), ValueRange(values).getTypes(),
                         loss, values)
          .getGradients();
  return result;
}

void lowerMinimize(MinimizeOp minimize, OptimizerAttr optimizer) {
  OpBuilder builder(minimize);
  auto [trained, gradients] =
      buildGradients(builder, minimize, minimize.getLoss());
  buildUpdates(builder, minimize.getLoc(), trained, gradients, optimizer);
  minimize.erase();
}

std::string gradientBinding(ParameterOp parameter) {
  return ("gradient:" + parameter.getName()).str();
}

void lowerDifferentiate(DifferentiateOp differentiate) {
  OpBuilder builder(differentiate);
  auto [trained, gradients] =
      buildGradients(builder, differentiate, differentiate.getLoss());
  for (auto [parameter, gradient] : llvm::zip_equal(trained, gradients))
    WriteOp::create(builder, differentiate.getLoc(), gradient, Value(),
                    gradientBinding(parameter));
  differentiate.erase();
}

/// Updates the parameters that `training`, a function of the same module,
/// trains.
LogicalResult lowerApplyGradients(ApplyGradientsOp apply, func::FuncOp training,
                                  OptimizerAttr optimizer) {
  if (!training)
    return apply.emitOpError("needs a function that trains, such as "
                             "'gradient', in its module");
  OpBuilder builder(apply);
  SmallVector<ParameterOp> trained;
  SmallVector<Value> gradients;
  for (ParameterOp parameter : collectTrained(training)) {
    trained.push_back(cast<ParameterOp>(builder.clone(*parameter)));
    gradients.push_back(ReadOp::create(builder, apply.getLoc(),
                                       parameter.getValue().getType(),
                                       gradientBinding(parameter)));
  }
  buildUpdates(builder, apply.getLoc(), trained, gradients, optimizer);
  apply.erase();
  return success();
}

/// The rate of each dropout that the model asks for, in the text's order.
ArrayAttr dropoutRates(ModelOp model) {
  SmallVector<Attribute> rates;
  model.walk([&](Operation *op) {
    if (auto attention = dyn_cast<WeightDropoutOpInterface>(op);
        attention && !attention.getDropoutAttr().getValue().isZero())
      rates.push_back(attention.getDropoutAttr());
    else if (auto dropout = dyn_cast<DropoutOp>(op))
      rates.push_back(dropout.getRateAttr());
  });
  return ArrayAttr::get(model.getContext(), rates);
}

struct InlineLayersPass : orcinus::impl::InlineLayersBase<InlineLayersPass> {
  using InlineLayersBase::InlineLayersBase;

  void runOnOperation() override {
    auto models = getOperation().getOps<ModelOp>();
    if (models.empty())
      return;
    ModelOp model = *models.begin();
    OptimizerAttr optimizer = model.getOptimizerOrDefault();
    func::FuncOp training;
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>()) {
      function.walk([&](ApplyOp) { ++inlinedApplications; });
      if (failed(Inliner(model, function).run(function)))
        return signalPassFailure();
      function.walk(
          [&](MinimizeOp minimize) { lowerMinimize(minimize, optimizer); });
      function.walk(lowerDifferentiate);
      if (function->hasAttr("tgnn.training"))
        training = function;
    }
    WalkResult walked = getOperation().walk([&](ApplyGradientsOp apply) {
      return WalkResult(lowerApplyGradients(apply, training, optimizer));
    });
    if (walked.wasInterrupted())
      return signalPassFailure();
    getOperation()->setAttr("tgnn.model_name",
                            StringAttr::get(&getContext(), model.getSymName()));
    getOperation()->setAttr("tgnn.sizes", model.getSizes());
    getOperation()->setAttr("tgnn.dropout", dropoutRates(model));
    if (optimizer != OptimizerAttr::getDefault(&getContext()))
      getOperation()->setAttr("tgnn.optimizer", optimizer);
    model.erase();
  }
};

} // namespace
