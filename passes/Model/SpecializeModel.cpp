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
