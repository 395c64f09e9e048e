//===- ExpandModel.cpp - Make a model's step functions --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/StringSwitch.h"

namespace orcinus {
#define GEN_PASS_DEF_EXPANDMODEL
#include "passes/Model/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

namespace {

/// What a step function does with the embeddings.
enum class StepKind { Train, Evaluate, Embed, Measure };

/// Builds one step function of a model.
class StepBuilder {
public:
  StepBuilder(ModelOp model, int64_t layers, OpBuilder &builder)
      : model(model), builder(model.getLoc(), builder),
        dimension(model.getSize("dim")), layers(layers),
        neighbours(model.getSize("neighbours")) {
    for (StateOp op : model.getBody().getOps<StateOp>())
      state = op;
  }

  void build(StepKind kind) {
    buildIndexWork();
    Value embeddings = buildLayerZero();
    Value states = embeddings;
    for (int64_t layer = 1; layer <= layers; ++layer) {
      embeddings = buildLayer(layer, embeddings);
      if (kind == StepKind::Measure && layer != layers)
        WriteOp::create(builder, embeddings, Value(),
                        ("output:pool:" + Twine(layer)).str());
    }
    if (kind == StepKind::Embed || kind == StepKind::Measure) {
      WriteOp::create(builder, embeddings, Value(), "output:embeddings");
    } else {
      buildScores(kind, embeddings);
      if (state)
        buildCommit(states);
    }
    func::ReturnOp::create(builder);
  }

private:
  RankedTensorType floats(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, builder.getF32Type());
  }
  RankedTensorType integers(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, builder.getI32Type());
  }

  Value gather(Value table, Value index) {
    return GatherOp::create(builder, ValueRange{table, index})->getResult(0);
  }

  Value table(Value handle, StringRef component, RankedTensorType type) {
    return TableOp::create(builder, type, handle, component);
  }

  Value rows(Value handle, StringRef component) {
    return table(handle, component, integers({ShapedType::kDynamic}));
  }

  Value read(const Twine &binding, int64_t width) {
    return ReadOp::create(builder, floats({ShapedType::kDynamic, width}),
                          binding.str());
  }

  Value apply(StringRef callee, StringRef prefix, ValueRange operands,
              int64_t width) {
    return ApplyOp::create(builder, floats({ShapedType::kDynamic, width}),
                           callee, prefix, operands)
        ->getResult(0);
  }

  int64_t sizeOf(ArrayAttr extent) {
    return evaluateExtents(extent,
                           [&](StringRef name) { return model.getSize(name); })
        .front();
  }

  /// Targets, samples and frontiers, from the last layer down. Layer 0 does not
  /// depend on time, so that its frontier has each node once.
  void buildIndexWork() {
    queries.resize(layers + 1);
    samples.resize(layers + 1);
    queries[layers] = TargetsOp::create(builder);
    for (int64_t layer = layers; layer >= 1; --layer) {
      samples[layer] = SampleOp::create(builder, queries[layer], neighbours,
                                        model.getSampling());
      FrontierKey key =
          layer == 1 ? FrontierKey::Node : model.getNeighbourTime();
      queries[layer - 1] =
          FrontierOp::create(builder, queries[layer], samples[layer], key);
    }
  }

  /// h^0: the node states with the pending messages applied (Orca, equation 4
  /// and step 1), or the nodes' features.
  Value buildLayerZero() {
    Value nodes = rows(queries[0], "nodes");
    if (!state) {
      int64_t columns = model.getSize("node");
      return gather(read("features:node", columns ? columns : dimension),
                    nodes);
    }
    int64_t width = sizeOf(state.getWidth());
    int64_t messageWidth = sizeOf(state.getMessageWidth());
    StringRef name = state.getSymName();
    Value states = read("state:" + name, width);
    Value pending = PendingOp::create(builder, queries[0]);
    Value pendingNodes = rows(pending, "nodes");
    Value messages =
        gather(read("message:" + name, messageWidth), pendingNodes);
    Value edges = gather(read("features:edge", model.getSize("edge")),
                         rows(pending, "events"));
    Value deltas =
        table(pending, "time_deltas", floats({ShapedType::kDynamic}));
    Value before = gather(states, pendingNodes);
    Value after = apply(name, name, {messages, edges, deltas, before}, width);
    return ReplaceRowsOp::create(
               builder,
               ValueRange{gather(states, nodes), rows(pending, "rows"), after})
        ->getResult(0);
  }

  Value buildLayer(int64_t layer, Value embeddings) {
    Value frontier = queries[layer - 1], sample = samples[layer];
    RankedTensorType indices = integers({ShapedType::kDynamic, neighbours});
    Value own = gather(embeddings, rows(frontier, "self"));
    Value others = gather(embeddings, table(frontier, "neighbours", indices));
    Value edges = gather(read("features:edge", model.getSize("edge")),
                         table(sample, "events", indices));
    Value deltas = table(sample, "time_deltas",
                         floats({ShapedType::kDynamic, neighbours}));
    LayerOp callee = *model.getBody().getOps<LayerOp>().begin();
    return apply(callee.getSymName(), ("embed" + Twine(layer)).str(),
                 {own, others, edges, deltas, rows(sample, "counts")},
                 dimension);
  }

  void buildScores(StepKind kind, Value embeddings) {
    DecoderOp decoder = *model.getBody().getOps<DecoderOp>().begin();
    auto pairs = LinkPairsOp::create(builder, embeddings);
    Value logits = apply(decoder.getSymName(), decoder.getSymName(),
                         {pairs.getSources(), pairs.getDestinations()}, 1);
    if (kind == StepKind::Evaluate) {
      Value flat =
          ReshapeOp::create(builder, logits, builder.getDenseI64ArrayAttr({}));
      WriteOp::create(builder, flat, Value(), "output:logits");
      return;
    }
    Value loss = LinkLossOp::create(builder, ValueRange{logits})->getResult(0);
    WriteOp::create(builder, loss, Value(), "output:loss");
    MinimizeOp::create(builder, loss);
  }

  /// Steps 3 and 4 of a training step: the states of the batch's endpoints are
  /// written back, and each gets a new message made of the states after that.
  void buildCommit(Value states) {
    Value endpoints = EndpointsOp::create(builder, queries[0]);
    Value nodes = rows(endpoints, "nodes");
    Value own = gather(states, rows(endpoints, "self_rows"));
    Value other = gather(states, rows(endpoints, "other_rows"));
    StringRef name = state.getSymName();
    Value message =
        apply(name, name, {own, other}, sizeOf(state.getMessageWidth()));
    WriteOp::create(builder, own, nodes, ("state:" + name).str());
    WriteOp::create(builder, message, nodes, ("message:" + name).str());
  }

  ModelOp model;
  ImplicitLocOpBuilder builder;
  StateOp state;
  int64_t dimension, layers, neighbours;
  /// By layer: the queries that the layer embeds, and their neighbours.
  SmallVector<Value> queries, samples;
};

struct ExpandModelPass : orcinus::impl::ExpandModelBase<ExpandModelPass> {
  using ExpandModelBase::ExpandModelBase;

  void runOnOperation() override {
    auto models = getOperation().getOps<ModelOp>();
    if (llvm::range_size(models) != 1) {
      getOperation().emitError("expected one tgnn.model, found ")
          << llvm::range_size(models);
      return signalPassFailure();
    }
    ModelOp model = *models.begin();
    SmallVector<std::string> wanted(functions.begin(), functions.end());
    if (wanted.empty())
      wanted = {"train", "evaluate", "embed"};
    for (StringRef name : wanted)
      if (failed(addFunctions(model, name)))
        return signalPassFailure();
  }

  LogicalResult addFunctions(ModelOp model, StringRef name) {
    auto kind = llvm::StringSwitch<std::optional<StepKind>>(name)
                    .Case("train", StepKind::Train)
                    .Case("evaluate", StepKind::Evaluate)
                    .Case("embed", StepKind::Embed)
                    .Case("measure", StepKind::Measure)
                    .Default(std::nullopt);
    if (!kind)
      return model.emitError("a model has no step function '") << name << "'";
    int64_t layers = model.getSize("layers");
    addFunction(model, name, *kind, layers);
    if (kind == StepKind::Measure)
      for (int64_t layer = 1; layer != layers; ++layer)
        addFunction(model, ("embed" + Twine(layer)).str(), StepKind::Embed,
                    layer);
    return success();
  }

  void addFunction(ModelOp model, StringRef name, StepKind kind,
                   int64_t layers) {
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    auto function = func::FuncOp::create(builder, model.getLoc(), name,
                                         builder.getFunctionType({}, {}));
    if (kind == StepKind::Train)
      function->setAttr("tgnn.training", builder.getUnitAttr());
    if (kind == StepKind::Train || kind == StepKind::Measure)
      function->setAttr("tgnn.reusing", builder.getUnitAttr());
    builder.setInsertionPointToStart(function.addEntryBlock());
    StepBuilder(model, layers, builder).build(kind);
  }
};

} // namespace
