//===- SpecializeModel.cpp - Give named sizes their values ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

namespace orcinus {
#define GEN_PASS_DEF_SPECIALIZEMODEL
#include "passes/Model/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

namespace {

struct SpecializeModelPass
    : orcinus::impl::SpecializeModelBase<SpecializeModelPass> {
  using SpecializeModelBase::SpecializeModelBase;

  void runOnOperation() override {
    // NaN is no rate either.
    if (!(dropout < 1.0)) {
      getOperation().emitError("the dropout rate must be below 1, is ")
          << dropout;
      return signalPassFailure();
    }
    for (ModelOp model : getOperation().getOps<ModelOp>()) {
      if (failed(overrideSizes(model)))
        return signalPassFailure();
      if (dropout >= 0.0)
        overrideDropout(model);
      if (failed(overrideOptimizer(model)))
        return signalPassFailure();
    }
  }

  LogicalResult overrideSizes(ModelOp model) {
    Builder builder(model);
    NamedAttrList known(model.getSizes());
    for (StringRef entry : sizes) {
      auto [name, text] = entry.split(':');
      int64_t value;
      if (text.getAsInteger(10, value) || value < 0)
        return model.emitError("expected a size as name:value, got '")
               << entry << "'";
      if (!known.get(name))
        return model.emitError("the model declares no size '")
               << name << "', which is to be " << value;
      known.set(name, builder.getI64IntegerAttr(value));
    }
    model.setSizesAttr(known.getDictionary(model.getContext()));
    return success();
  }

  LogicalResult overrideOptimizer(ModelOp model) {
    if (optimizer.empty() && optimizerSettings.empty())
      return success();
    OptimizerAttr own = model.getOptimizerOrDefault();
    OptimizerKind kind = own.getKind();
    if (!optimizer.empty()) {
      std::optional<OptimizerKind> given = symbolizeOptimizerKind(optimizer);
      if (!given)
        return model.emitError("there is no optimizer '") << optimizer << "'";
      kind = *given;
    }
    NamedAttrList settings;
    if (kind == own.getKind())
      settings = NamedAttrList(own.getSettings());
    Builder builder(model);
    for (StringRef entry : optimizerSettings) {
      auto [name, text] = entry.split(':');
      double value;
      if (text.getAsDouble(value))
        return model.emitError("expected a setting as name:value, got '")
               << entry << "'";
      if (name == "nesterov" && value == 0)
        settings.erase(name);
      else if (name == "nesterov")
        settings.set(name, builder.getUnitAttr());
      else
        settings.set(name, builder.getF64FloatAttr(value));
    }
    OptimizerAttr made = OptimizerAttr::getChecked(
        [&] { return model.emitError(); }, model.getContext(), kind,
        settings.getDictionary(model.getContext()));
    if (!made)
      return failure();
    model.setOptimizerAttr(made);
    return success();
  }

  void overrideDropout(ModelOp model) {
    FloatAttr rate = Builder(model).getF32FloatAttr(dropout);
    model.walk([&](Operation *op) {
      if (auto attention = dyn_cast<WeightDropoutOpInterface>(op)) {
        if (!attention.getDropoutAttr().getValue().isZero())
          attention.setDropoutAttr(rate);
      } else if (auto layer = dyn_cast<DropoutOp>(op)) {
        layer.setRateAttr(rate);
      }
    });
  }
};

} // namespace
