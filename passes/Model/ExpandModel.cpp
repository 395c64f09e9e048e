//===- ExpandModel.cpp - Make a model's step functions --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSwitch.h"

namespace orcinus {
#define GEN_PASS_DEF_EXPANDMODEL
#include "passes/Model/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

namespace {

/// What a step function does with the embeddings; to advance states, it makes
/// none.
enum class StepKind {
  Train,
  Gradient,
  Shard,
  Apply,
  Evaluate,
  EvaluateShard,
  Embed,
  Measure,
  Score,
  Advance
};

/// Whether it has a loss and derives gradients.
bool isTraining(StepKind kind) {
  return kind == StepKind::Train || kind == StepKind::Gradient ||
         kind == StepKind::Shard;
}

/// Whether it leaves the states as they are: of a batch, another function takes
/// the events in.
bool isShard(StepKind kind) {
  return kind == StepKind::Shard || kind == StepKind::EvaluateShard;
}

/// What a model learns by: links, or labels of nodes or of events.
struct Task {
  enum Kind { Link, Node, Edge };
  Kind kind = Link;
  LossKind loss = LossKind::CrossEntropy;
  /// Whether its head alone is trained.
  bool isFrozen = false;
};

/// Builds one step function of a model.
class StepBuilder {
public:
  StepBuilder(ModelOp model, Task task, int64_t layers, OpBuilder &builder)
      : model(model), task(task), builder(model.getLoc(), builder),
        dimension(model.getSize("dim")), layers(layers),
        neighbours(model.getSize("neighbours")) {}

  LogicalResult build(StepKind kind) {
    if (kind == StepKind::Apply) {
      ApplyGradientsOp::create(builder);
      func::ReturnOp::create(builder);
      return success();
    }
    Value targets = TargetsOp::create(builder);
    if (kind == StepKind::Advance && !eventsNeedEmbeddings()) {
      buildStateUpdates(targets);
      takeEventsIn(/*made=*/{});
      func::ReturnOp::create(builder);
      return success();
    }
    FailureOr<SmallVector<Value>> made = encode(targets, kind);
    if (failed(made))
      return failure();
    Value result = made->front();
    if (kind == StepKind::Advance) {
      takeEventsIn(*made);
    } else if (kind == StepKind::Embed || kind == StepKind::Measure) {
      output(result, "embeddings", "targets");
    } else if (task.kind != Task::Link) {
      predict(kind, result);
      if (kind != StepKind::Score && !isShard(kind))
        takeEventsIn(*made);
    } else if (kind == StepKind::Score) {
      outputScores(model.getScorer() ? result : decodePairs(result));
    } else {
      finishScores(kind, model.getScorer() ? result : decodeLinks(result));
      if (!isShard(kind))
        takeEventsIn(*made);
    }
    func::ReturnOp::create(builder);
    return success();
  }

private:
  /// A state that the step reads, at which frontier, and its rows.
  struct StateUse {
    StateOp state;
    Value frontier, rows;
  };

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
              int64_t width, bool isHead = false) {
    return ApplyOp::create(builder, floats({ShapedType::kDynamic, width}),
                           callee, prefix, operands, task.isFrozen && !isHead)
        ->getResult(0);
  }

  /// A result of one row for each of what the step counts.
  void output(Value value, StringRef role, StringRef count) {
    auto rows = builder.getDictionaryAttr(
        builder.getNamedAttr(count, builder.getI64IntegerAttr(1)));
    OutputOp::create(builder, value, role, rows, ValueRange());
  }

  int64_t sizeOf(Attribute extent) {
    return evaluateExtent(extent,
                          [&](StringRef name) { return model.getSize(name); });
  }

  DictionaryAttr constant(int64_t extent) {
    return getConstantExtent(builder.getContext(), extent);
  }

  //===--------------------------------------------------------------------===//
  // What the model says by itself
  //===--------------------------------------------------------------------===//

  /// Expands the body of the model's tgnn.encode or tgnn.score.
  FailureOr<SmallVector<Value>> expand(Block &body, Value targets) {
    IRMapping mapping;
    mapping.map(body.getArgument(0), targets);
    for (Operation &op : body.without_terminator())
      if (failed(expandOp(op, mapping)))
        return failure();
    // What is made of the results has the place where they are yielded.
    builder.setLoc(body.back().getLoc());
    for (StateOp state : model.getBody().getOps<StateOp>())
      if (!states.contains(state.getSymNameAttr()))
        return notRead(state, body);
    for (MailboxOp mailbox : model.getBody().getOps<MailboxOp>())
      if (llvm::none_of(body.getOps<MailsOp>(), [&](MailsOp mails) {
            return mails.getMailbox() == mailbox.getSymName();
          }))
        return notRead(mailbox, body);
    return llvm::map_to_vector(body.back().getOperands(), [&](Value result) {
      return mapping.lookup(result);
    });
  }

  static LogicalResult notRead(Operation *state, Block &body) {
    return state->emitOpError("is not read by the model's ")
           << body.getParentOp()->getName();
  }

  LogicalResult expandOp(Operation &op, IRMapping &mapping) {
    if (auto rows = dyn_cast<StateRowsOp>(op)) {
      auto state = cast<StateOp>(
          SymbolTable::lookupSymbolIn(model, rows.getStateAttr()));
      if (states.contains(state.getSymNameAttr()))
        return rows.emitOpError("reads a state that was read before");
      mapping.map(rows.getRows(),
                  buildStateRows(state, mapping.lookup(rows.getNodes())));
      return success();
    }
    Operation *copy = builder.clone(op, mapping);
    if (auto sized = dyn_cast<SizedOpInterface>(copy))
      sized.evaluateSizes([&](StringRef name) { return model.getSize(name); });
    if (isa<SampleOp, SampleByIntervalOp>(copy)) {
      int64_t k = getHandleExtent(copy->getResult(0), "neighbours");
      if (k <= 0)
        return op.emitOpError("samples ")
               << k << " neighbours; it must be one or more";
    } else if (auto table = dyn_cast<TableOp>(copy)) {
      table.getValues().setType(
          getTableType(table.getHandle(),
                       *findTable(table.getHandle(), table.getComponent())));
    } else if (auto read = dyn_cast<ReadOp>(copy)) {
      return refineRead(read, op);
    } else if (auto application = dyn_cast<ApplyOp>(copy)) {
      application.setFrozen(task.isFrozen);
    }
    return success();
  }

  /// Gives a read of the stream's features or of mails their width.
  LogicalResult refineRead(ReadOp read, Operation &source) {
    StringRef binding = read.getBinding(), mailbox = binding;
    int64_t width = 0;
    if (mailbox.consume_front("mail:")) {
      auto declared = dyn_cast_or_null<MailboxOp>(
          SymbolTable::lookupSymbolIn(model, mailbox));
      if (!declared)
        return source.emitOpError("is of the mails of '")
               << mailbox << "', which is no tgnn.mailbox of the model";
      width = sizeOf(declared.getWidth());
    } else if (binding == "features:edge" || binding == "features:node") {
      width = model.getSize(binding == "features:edge" ? "edge" : "node");
    } else {
      return source.emitOpError("of a model is of features:edge, features:node "
                                "or mail:NAME, not of '")
             << binding << "'";
    }
    read.getValue().setType(floats({ShapedType::kDynamic, width}));
    return success();
  }

  //===--------------------------------------------------------------------===//
  // The recursion
  //===--------------------------------------------------------------------===//

  /// Embeddings of the targets, first those that are scored and last those that
  /// messages are made of; or the logits of a model that scores pairs.
  FailureOr<SmallVector<Value>> encode(Value targets, StepKind kind) {
    if (EncodeOp encoder = model.getEncoder())
      return expand(encoder.getBody().front(), targets);
    if (ScoreOp scorer = model.getScorer())
      return expand(scorer.getBody().front(), targets);
    return SmallVector<Value>{recur(targets, kind)};
  }

  Value recur(Value targets, StepKind kind) {
    buildIndexWork(targets);
    Value embeddings = buildLayerZero();
    for (int64_t layer = 1; layer <= layers; ++layer) {
      embeddings = buildLayer(layer, embeddings);
      if (kind == StepKind::Measure && layer != layers)
        OutputOp::create(builder, embeddings, "pool", DictionaryAttr(),
                         rows(queries[layer], "nodes"));
    }
    return embeddings;
  }

  /// Samples and frontiers, from the last layer down. Layer 0 does not depend
  /// on time, so that its frontier has each node once.
  void buildIndexWork(Value targets) {
    queries.resize(layers + 1);
    samples.resize(layers + 1);
    queries[layers] = targets;
    for (int64_t layer = layers; layer >= 1; --layer) {
      samples[layer] = SampleOp::create(
          builder, queries[layer], constant(neighbours), *model.getSampling());
      FrontierKey key =
          layer == 1 ? FrontierKey::Node : *model.getNeighbourTime();
      queries[layer - 1] =
          FrontierOp::create(builder, queries[layer], samples[layer], key);
    }
  }

  /// h^0: the node states with the pending messages applied (Orca, equation 4
  /// and step 1), or the nodes' features.
  Value buildLayerZero() {
    auto stateOps = model.getBody().getOps<StateOp>();
    if (!stateOps.empty())
      return buildStateRows(*stateOps.begin(), queries[0]);
    Value nodes = rows(queries[0], "nodes");
    return gather(read("features:node", nodeFeatureColumns()), nodes);
  }

  int64_t nodeFeatureColumns() {
    int64_t columns = model.getSize("node");
    return columns ? columns : dimension;
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

  //===--------------------------------------------------------------------===//
  // States
  //===--------------------------------------------------------------------===//

  /// The states of the frontier's nodes, with the pending messages applied.
  Value buildStateRows(StateOp state, Value frontier) {
    // What does not fit in it is of the state, not of who reads it.
    Location outer = builder.getLoc();
    builder.setLoc(state.getLoc());
    Value nodes = rows(frontier, "nodes");
    int64_t width = sizeOf(state.getWidth()[0]);
    int64_t messageWidth = sizeOf(state.getMessageWidth()[0]);
    StringRef name = state.getSymName();
    Value stored = read("state:" + name, width);
    Value &pending = pendingOf[frontier];
    if (!pending)
      pending = PendingOp::create(builder, frontier);
    Value pendingNodes = rows(pending, "nodes");
    Value messages =
        gather(read("message:" + name, messageWidth), pendingNodes);
    Value edges = gather(read("features:edge", model.getSize("edge")),
                         rows(pending, "events"));
    Value deltas =
        table(pending, "time_deltas", floats({ShapedType::kDynamic}));
    Value before = gather(stored, pendingNodes);
    Value after = apply(name, name, {messages, edges, deltas, before}, width);
    Value current =
        ReplaceRowsOp::create(builder, ValueRange{gather(stored, nodes),
                                                  rows(pending, "rows"), after})
            ->getResult(0);
    states[state.getSymNameAttr()] = {state, frontier, current};
    builder.setLoc(outer);
    return current;
  }

  /// The states of the batch's endpoints, for them to take its events in.
  void buildStateUpdates(Value targets) {
    auto stateOps = model.getBody().getOps<StateOp>();
    if (stateOps.empty())
      return;
    Value nodes = DistinctOp::create(builder, targets, FrontierKey::Node);
    for (StateOp state : stateOps)
      buildStateRows(state, nodes);
  }

  //===--------------------------------------------------------------------===//
  // Scores
  //===--------------------------------------------------------------------===//

  Value decode(Value sources, Value destinations) {
    DecoderOp decoder = *model.getBody().getOps<DecoderOp>().begin();
    return apply(decoder.getSymName(), decoder.getSymName(),
                 {sources, destinations}, 1);
  }

  /// The batch's events, then their negatives.
  Value decodeLinks(Value embeddings) {
    auto pairs = LinkPairsOp::create(builder, embeddings);
    return decode(pairs.getSources(), pairs.getDestinations());
  }

  /// The pairs that are asked for.
  Value decodePairs(Value embeddings) {
    Value pairs = PairsOp::create(builder);
    return decode(gather(embeddings, rows(pairs, "sources")),
                  gather(embeddings, rows(pairs, "destinations")));
  }

  void outputScores(Value logits) {
    Value flat =
        ReshapeOp::create(builder, logits, builder.getDenseI64ArrayAttr({}));
    output(flat, "scores", "pairs");
  }

  void finishScores(StepKind kind, Value logits) {
    if (!isTraining(kind))
      return outputScores(logits);
    Value labels = rows(PairsOp::create(builder), "labels");
    finishLoss(
        kind,
        LinkLossOp::create(builder, ValueRange{logits, labels})->getResult(0));
  }

  void finishLoss(StepKind kind, Value loss) {
    OutputOp::create(builder, loss, "loss", DictionaryAttr(), ValueRange());
    if (kind == StepKind::Gradient || kind == StepKind::Shard)
      DifferentiateOp::create(builder, loss);
    else
      MinimizeOp::create(builder, loss);
  }

  //===--------------------------------------------------------------------===//
  // Labels
  //===--------------------------------------------------------------------===//

  /// What the head makes of the labelled targets' embeddings; in training, the
  /// loss of it.
  void predict(StepKind kind, Value embeddings) {
    HeadOp head = model.getHead(task.kind == Task::Edge);
    int64_t outputs = model.getSize("outputs");
    auto labels = LabelsOp::create(builder, outputs);
    SmallVector<Value> operands{
        gather(embeddings, rows(labels.getOwn(), "self"))};
    if (task.kind == Task::Edge) {
      operands.push_back(gather(embeddings, rows(labels.getOther(), "self")));
      operands.push_back(gather(read("features:edge", model.getSize("edge")),
                                rows(labels.getLabels(), "events")));
    }
    StringRef name = head.getSymName();
    Value predictions = apply(name, name, operands, outputs, /*isHead=*/true);
    if (!isTraining(kind))
      return output(predictions, "predictions", "labels");
    Value values = table(labels.getLabels(), "values",
                         floats({ShapedType::kDynamic, outputs}));
    NamedAttribute loss = builder.getNamedAttr(
        "kind", LossKindAttr::get(builder.getContext(), task.loss));
    finishLoss(kind,
               LabelLossOp::create(builder, ValueRange{predictions, values},
                                   ArrayRef<NamedAttribute>{loss})
                   ->getResult(0));
  }

  //===--------------------------------------------------------------------===//
  // What a batch leaves
  //===--------------------------------------------------------------------===//

  /// Whether what events leave is made of embeddings.
  bool eventsNeedEmbeddings() {
    return !model.getBody().getOps<MailboxOp>().empty() ||
           llvm::any_of(model.getBody().getOps<StateOp>(),
                        [](StateOp state) { return state.sendsEmbeddings(); });
  }

  /// `made` is what encode returns.
  void takeEventsIn(ArrayRef<Value> made) {
    buildCommits(made.empty() ? Value() : made.back());
    for (WalksOp walks : model.getBody().getOps<WalksOp>())
      AdvanceWalksOp::create(builder, walks.getSymNameAttr());
    for (MailboxOp mailbox : model.getBody().getOps<MailboxOp>())
      buildDelivery(mailbox, made.front());
  }

  /// Steps 3 and 4 of a training step: the states of the batch's endpoints are
  /// written back, and each gets a new message made of the states after that.
  void buildCommits(Value embeddings) {
    llvm::SmallDenseMap<Value, Value> endpointsOf;
    for (auto &[key, use] : states) {
      Value &endpoints = endpointsOf[use.frontier];
      if (!endpoints)
        endpoints =
            EndpointsOp::create(builder, use.frontier, model.getMessages());
      buildCommit(use, endpoints, embeddings);
    }
  }

  void buildCommit(StateUse use, Value endpoints, Value embeddings) {
    Value nodes = rows(endpoints, "nodes");
    Value own = gather(use.rows, rows(endpoints, "self_rows"));
    Value other = gather(use.rows, rows(endpoints, "other_rows"));
    SmallVector<Value> operands = {own, other};
    if (use.state.sendsEmbeddings())
      operands.push_back(gather(embeddings, rows(endpoints, "other_queries")));
    StringRef name = use.state.getSymName();
    Value message =
        apply(name, name, operands, sizeOf(use.state.getMessageWidth()[0]));
    WriteOp::create(builder, own, nodes, ("state:" + name).str());
    WriteOp::create(builder, message, nodes, ("message:" + name).str());
  }

  /// The ends of the batch's events send mails, which are data: no gradient
  /// reaches what is written.
  void buildDelivery(MailboxOp mailbox, Value embeddings) {
    StringRef name = mailbox.getSymName();
    Value deliveries = DeliverOp::create(builder, mailbox.getSymNameAttr());
    Value own = gather(embeddings, rows(deliveries, "self_rows"));
    Value other = gather(embeddings, rows(deliveries, "other_rows"));
    Value edges = gather(read("features:edge", model.getSize("edge")),
                         rows(deliveries, "events"));
    Value mails =
        apply(name, name, {own, other, edges}, sizeOf(mailbox.getWidth()));
    Value kept =
        MeanRowsOp::create(
            builder, ValueRange{mails, rows(deliveries, "reference_offsets"),
                                rows(deliveries, "references")})
            ->getResult(0);
    WriteOp::create(builder, kept, rows(deliveries, "rows"),
                    ("mail:" + name).str());
  }

  ModelOp model;
  Task task;
  ImplicitLocOpBuilder builder;
  int64_t dimension, layers, neighbours;
  /// By layer: the queries that the layer embeds, and their neighbours.
  SmallVector<Value> queries, samples;
  /// By frontier; and by name, in the order in which they are read.
  llvm::SmallDenseMap<Value, Value> pendingOf;
  llvm::MapVector<StringAttr, StateUse> states;
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
    if (failed(readTask(model)))
      return signalPassFailure();
    declareInModule<WalksOp>(model);
    declareInModule<MailboxOp>(model);
    SmallVector<std::string> wanted(functions.begin(), functions.end());
    if (wanted.empty())
      wanted = {"train", "evaluate", "embed"};
    for (StringRef name : wanted)
      if (failed(addFunctions(model, name)))
        return signalPassFailure();
  }

  LogicalResult readTask(ModelOp model) {
    auto kind = llvm::StringSwitch<std::optional<Task::Kind>>(task)
                    .Case("link", Task::Link)
                    .Case("node", Task::Node)
                    .Case("edge", Task::Edge)
                    .Default(std::nullopt);
    if (!kind)
      return model.emitError("there is no task '") << task << "'";
    std::optional<LossKind> lossKind =
        loss.empty() ? LossKind::CrossEntropy : symbolizeLossKind(loss);
    if (!lossKind)
      return model.emitError("there is no loss '") << loss << "'";
    asked = {*kind, *lossKind, frozen};
    if (*kind == Task::Link)
      return frozen || !loss.empty()
                 ? model.emitError("to train a head alone, or by another loss, "
                                   "choose the task node or edge")
                 : LogicalResult(success());
    HeadOp head = model.getHead(*kind == Task::Edge);
    if (!head)
      return model.emitError("has no tgnn.head for the task '")
             << task << "': add one by tgnn-add-head";
    if (model.getSize("outputs") <= 0)
      return model.emitError("needs a positive size 'outputs' for the task '")
             << task << "'";
    getOperation()->setAttr("tgnn.head", head.getSymNameAttr());
    return success();
  }

  /// Step functions name what the module declares.
  template <typename Declaration>
  void declareInModule(ModelOp model) {
    OpBuilder builder(model);
    for (Declaration op : model.getBody().getOps<Declaration>()) {
      auto declared =
          cast<Declaration>(builder.cloneWithoutRegions(*op.getOperation()));
      declared.evaluateSizes(
          [&](StringRef name) { return model.getSize(name); });
    }
  }

  LogicalResult addFunctions(ModelOp model, StringRef name) {
    auto kind = llvm::StringSwitch<std::optional<StepKind>>(name)
                    .Cases({"train", exactTraining}, StepKind::Train)
                    .Case("gradient", StepKind::Gradient)
                    .Cases({"shard", exactShard}, StepKind::Shard)
                    .Case("apply", StepKind::Apply)
                    .Case("evaluate", StepKind::Evaluate)
                    .Case("evaluate_shard", StepKind::EvaluateShard)
                    .Case("embed", StepKind::Embed)
                    .Case("measure", StepKind::Measure)
                    .Case("score", StepKind::Score)
                    .Case("advance", StepKind::Advance)
                    .Default(std::nullopt);
    if (!kind)
      return model.emitError("a model has no step function '") << name << "'";
    int64_t layers = model.getSize("layers");
    if (kind == StepKind::Measure && !model.isRecursive())
      return model.emitError("what reuse costs is measured of the recursion "
                             "over layers alone");
    // Without embeddings there is nothing to embed.
    if (kind == StepKind::Embed && model.getScorer())
      return success();
    // Nor to advance without what events change.
    if (kind == StepKind::Advance &&
        llvm::none_of(model.getBody().getOps(), [](Operation &op) {
          return isa<StateOp, WalksOp, MailboxOp>(op);
        }))
      return success();
    if (failed(addFunction(model, name, *kind, layers)))
      return failure();
    if (kind == StepKind::Measure)
      for (int64_t layer = 1; layer != layers; ++layer)
        if (failed(addFunction(model, ("embed" + Twine(layer)).str(),
                               StepKind::Embed, layer)))
          return failure();
    return success();
  }

  LogicalResult addFunction(ModelOp model, StringRef name, StepKind kind,
                            int64_t layers) {
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    auto function = func::FuncOp::create(builder, model.getLoc(), name,
                                         builder.getFunctionType({}, {}));
    if (isTraining(kind))
      function->setAttr("tgnn.training", builder.getUnitAttr());
    if ((isTraining(kind) && name != exactTraining && name != exactShard) ||
        kind == StepKind::Measure)
      function->setAttr("tgnn.reusing", builder.getUnitAttr());
    if (isShard(kind))
      function->setAttr("tgnn.shard", builder.getUnitAttr());
    builder.setInsertionPointToStart(function.addEntryBlock());
    return StepBuilder(model, asked, layers, builder).build(kind);
  }

  /// Training that reuses nothing, beside one that does.
  static constexpr StringLiteral exactTraining = "train_exact";
  static constexpr StringLiteral exactShard = "shard_exact";

  Task asked;
};

} // namespace
