//===- AddHead.cpp - Give a model the head of a task ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"
#include "passes/Support/OptionChecks.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <algorithm>
#include <string>

namespace orcinus {
#define GEN_PASS_DEF_ADDHEAD
#include "passes/Model/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

namespace {

/// Builds a perceptron.
class HeadBuilder {
public:
  HeadBuilder(ModelOp model, bool ofEvents)
      : model(model), ofEvents(ofEvents),
        builder(model.getLoc(),
                OpBuilder::atBlockEnd(&model.getBody().front())) {}

  void build(int64_t outputs) {
    SmallVector<Type> inputs(ofEvents ? 3 : 1, matrix());
    auto head =
        HeadOp::create(builder, freeName(ofEvents ? "edge_head" : "node_head"),
                       builder.getFunctionType(inputs, {matrix()}));
    SmallVector<Location> locations(inputs.size(), model.getLoc());
    Block *body = builder.createBlock(&head.getBody(), {}, inputs, locations);
    Value read = body->getArgument(0);
    if (ofEvents)
      read =
          ConcatOp::create(builder, matrix(), ValueRange(body->getArguments()));
    int64_t first = std::max<int64_t>(80, outputs);
    int64_t second = std::max<int64_t>(10, outputs);
    Value hidden = drop(linear(read, "first", widthRead(), first), 0);
    hidden = drop(linear(hidden, "second", number(first), second), 1);
    Value result = linear(hidden, "third", number(second), outputs);
    YieldOp::create(builder, ValueRange{result});
  }

private:
  /// `name`, or the first one with a number behind it that nothing has.
  std::string freeName(const std::string &name) {
    std::string free = name;
    for (int number = 2;
         SymbolTable::lookupSymbolIn(model, builder.getStringAttr(free));
         ++number)
      free = name + std::to_string(number);
    return free;
  }

  RankedTensorType matrix() {
    return RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic},
                                 builder.getF32Type());
  }

  DictionaryAttr number(int64_t value) {
    return getConstantExtent(builder.getContext(), value);
  }

  /// The columns of what is read, as an extent.
  DictionaryAttr widthRead() {
    NamedAttrList terms;
    terms.set("input", builder.getI64IntegerAttr(ofEvents ? 2 : 1));
    if (ofEvents)
      terms.set("edge", builder.getI64IntegerAttr(1));
    return terms.getDictionary(builder.getContext());
  }

  Value parameter(StringRef name, ArrayRef<Attribute> extents, int64_t rank,
                  DictionaryAttr fanIn) {
    SmallVector<int64_t> shape(rank, ShapedType::kDynamic);
    return ParameterOp::create(
        builder, RankedTensorType::get(shape, builder.getF32Type()), name,
        builder.getArrayAttr(extents), Initializer::UniformFanIn,
        /*fixed=*/false, /*shared=*/false, fanIn);
  }

  Value linear(Value input, StringRef name, DictionaryAttr rows,
               int64_t columns) {
    Value weight = parameter(name, {rows, number(columns)}, 2, {});
    Value bias = parameter((name + "_bias").str(), {number(columns)}, 1, rows);
    return LinearOp::create(builder, matrix(), input, weight, bias);
  }

  Value drop(Value input, int64_t salt) {
    Value positive = ReluOp::create(builder, matrix(), input);
    Value seed =
        ReadOp::create(builder, builder.getI64Type(), "input:dropout_seed");
    NamedAttribute attributes[] = {
        builder.getNamedAttr("rate", builder.getF32FloatAttr(0.1f)),
        builder.getNamedAttr("salt", builder.getI64IntegerAttr(salt))};
    return DropoutOp::create(builder, ValueRange{positive, seed}, attributes)
        ->getResult(0);
  }

  ModelOp model;
  bool ofEvents;
  ImplicitLocOpBuilder builder;
};

struct AddHeadPass : orcinus::impl::AddHeadBase<AddHeadPass> {
  using AddHeadBase::AddHeadBase;

  LogicalResult initialize(MLIRContext *context) override {
    // As tgnn.labels has it.
    constexpr int64_t mostOutputs = 65536;
    return OptionChecks(*this, context)
        .inRange(outputs, 0, mostOutputs)
        .result();
  }

  void runOnOperation() override {
    if (task == "link") {
      if (outputs == 0)
        return;
      getOperation().emitError("links have no labels, of which 'outputs' says "
                               "the numbers");
      return signalPassFailure();
    }
    if (task != "node" && task != "edge") {
      getOperation().emitError("there is no task '") << task << "'";
      return signalPassFailure();
    }
    for (ModelOp model : getOperation().getOps<ModelOp>()) {
      if (model.getScorer()) {
        model.emitError("scores pairs by a tgnn.score, so that it has no "
                        "embeddings to predict labels of");
        return signalPassFailure();
      }
      NamedAttrList sizes(model.getSizes());
      int64_t numbers = outputs;
      if (numbers == 0)
        numbers = std::max<int64_t>(model.getSize("outputs"), 1);
      sizes.set("outputs", Builder(model).getI64IntegerAttr(numbers));
      // A model need not declare the columns of features that it never reads.
      if (!sizes.get("edge"))
        sizes.set("edge", Builder(model).getI64IntegerAttr(0));
      model.setSizesAttr(sizes.getDictionary(model.getContext()));
      bool ofEvents = task == "edge";
      if (!model.getHead(ofEvents))
        HeadBuilder(model, ofEvents).build(numbers);
    }
  }
};

} // namespace
