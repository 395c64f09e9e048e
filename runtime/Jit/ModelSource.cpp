//===- ModelSource.cpp - A model's text and its steps ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/ModelSource.h"

#include "dialects/TGNN/IR/TGNNOps.h"
#include "lib/Support/SizeList.h"
#include "models/BuiltinModels.h"
#include "orcinus/Graph/Labels.h"
#include "passes/Pipelines/CompilerDialects.h"
#include "passes/Pipelines/ParseModule.h"
#include "passes/Pipelines/StepPipeline.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/Plugins.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/Support/MemoryBuffer.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace orcinus;

StatusOr<std::string> orcinus::readModelText(const CompileOptions &options) {
  if (!options.modelText.empty())
    return options.modelText;
  const std::string &model = options.model;
  std::string names;
  for (const BuiltinModel &builtin : builtinModels()) {
    if (builtin.name == model)
      return std::string(builtin.text);
    names += (names.empty() ? "" : ", ") + std::string(builtin.name);
  }
  auto buffer = llvm::MemoryBuffer::getFile(model);
  if (!buffer)
    return Status::error("no model '" + model + "': neither one of " + names +
                             " nor a file that can be read (" +
                             buffer.getError().message() + ")",
                         StatusCode::InputOutput);
  return (*buffer)->getBuffer().str();
}

/// The sizes of `model` that `options` override, `named` ones among them, each
/// as name:value.
static std::vector<std::string> givenSizes(const CompileOptions &options,
                                           const SizeList &named,
                                           tgnn::ModelOp model) {
  std::vector<std::string> sizes;
  auto give = [&](const char *name, auto value) {
    if (value)
      sizes.push_back(std::string(name) + ":" + std::to_string(*value));
  };
  mlir::DictionaryAttr own = model.getSizes();
  give("layers", options.layers);
  give("neighbours", options.neighbours);
  give("dim", options.dimension);
  // A model whose time encodings are as wide as its embeddings stays so.
  if (own.contains("time") && own.get("time") == own.get("dim"))
    give("time", options.dimension);
  give("heads", options.heads);
  for (auto [name, value] : named)
    sizes.push_back(name + ":" + std::to_string(value));
  // Without such features, a model need not declare how many there are.
  for (auto [name, columns] : {std::pair("edge", options.edgeFeatureColumns),
                               std::pair("node", options.nodeFeatureColumns)})
    if (columns && (*columns != 0 || own.contains(name)))
      give(name, columns);
  return sizes;
}

/// The optimizer's settings that `options` override, each as name:value.
static void giveOptimizer(const CompileOptions &options,
                          StepPipelineOptions &step) {
  step.optimizer = options.optimizer.value_or("");
  auto give = [&](const char *name, std::optional<double> value) {
    if (!value)
      return;
    char text[32];
    char *end = std::to_chars(text, text + sizeof(text), *value).ptr;
    step.optimizerSettings.push_back(std::string(name) + ":" +
                                     std::string(text, end));
  };
  give("weight_decay", options.weightDecay);
  give("momentum", options.momentum);
  if (options.nesterov)
    give("nesterov", *options.nesterov ? 1.0 : 0.0);
  give("clip", options.clip);
}

/// What is learnt, and by which loss.
static Status giveTask(const CompileOptions &options,
                       StepPipelineOptions &step) {
  StatusOr<Task> task = taskOfOption(options.task);
  if (!task.ok())
    return task.status();
  if (*task == Task::LinkPrediction) {
    if (options.freezeEncoder.value_or(false))
      return Status::error("link prediction has no head to train alone: choose "
                           "a task that has labels");
    return Status();
  }
  step.task = isOfEvents(*task) ? "edge" : "node";
  step.outputs = options.outputs.value_or(1);
  step.frozen = options.freezeEncoder.value_or(false);
  LabelKind kind = labelKindOf(*task);
  step.loss = kind == LabelKind::Numbers ? "squared_error"
              : kind == LabelKind::Classes && step.outputs == 1
                  ? "binary_cross_entropy"
                  : "cross_entropy";
  return Status();
}

static void registerDialects(mlir::MLIRContext &context) {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  registerPluginDialects(registry);
  context.appendDialectRegistry(registry);
}

/// Whether a neighbour's embedding is that of the event it was met by, so that
/// later batches read the very ones that earlier ones computed.
static bool embedsAtEventTime(mlir::ModuleOp module) {
  return module
      ->walk([](mlir::Operation *op) {
        auto model = llvm::dyn_cast<tgnn::ModelOp>(op);
        auto frontier = llvm::dyn_cast<tgnn::FrontierOp>(op);
        bool isSo =
            (model &&
             model.getNeighbourTime() == tgnn::FrontierKey::EventTime) ||
            (frontier && frontier.getKey() == tgnn::FrontierKey::EventTime);
        return isSo ? mlir::WalkResult::interrupt()
                    : mlir::WalkResult::advance();
      })
      .wasInterrupted();
}

static void giveReuse(CompileOptions options, mlir::ModuleOp module,
                      StepPipelineOptions &step) {
  setReuseDefaults(options, embedsAtEventTime(module));
  step.reuse = options.reuse;
  step.share = *options.share;
  step.policy = options.policy;
  step.capacity = *options.capacity;
  step.divided = options.memory.has_value();
  step.maxAge = options.maxAge;
  step.blockGradient = *options.blockGradient;
  step.measure = options.measureStaleness;
  step.exact = options.reuse != "none" && options.exactEpochs.value_or(0) > 0;
}

/// Adds what training takes beside a pipeline's own functions.
static void addFunctions(const CompileOptions &options,
                         StepPipelineOptions &step) {
  bool sharded = options.sharded.value_or(false);
  // Batches without a label advance states alone.
  if (!sharded && step.task == "link")
    return;
  std::vector<const char *> names = {"train", "evaluate", "embed", "advance"};
  if (sharded)
    names.insert(names.end(), {"shard", "evaluate_shard", "apply"});
  if (sharded && step.measure)
    names.push_back("measure");
  if (sharded && step.exact)
    names.insert(names.end(), {"train_exact", "shard_exact"});
  for (const char *name : names)
    step.functions.push_back(name);
}

StatusOr<mlir::OwningOpRef<mlir::ModuleOp>>
orcinus::buildSteps(mlir::MLIRContext &context, const CompileOptions &options,
                    const std::string &text) {
  StatusOr<SizeList> named = parseSizeList(options.sizes.value_or(""));
  if (!named.ok())
    return named.status();
  registerDialects(context);
  mlir::OwningOpRef<mlir::ModuleOp> module;
  Status parsed = collectErrors(context, "cannot read the model", [&] {
    module = parseModule(text, context, options.model);
    return bool(module);
  });
  if (!parsed.ok())
    return parsed;
  StepPipelineOptions step;
  auto models = module->getOps<tgnn::ModelOp>();
  if (!models.empty())
    for (const std::string &size : givenSizes(options, *named, *models.begin()))
      step.sizes.push_back(size);
  if (options.dropout)
    step.dropout = *options.dropout;
  giveOptimizer(options, step);
  if (Status status = giveTask(options, step); !status.ok())
    return status;
  for (const auto &[name, value] : *named)
    if (name == "outputs" && step.task != "link")
      return Status::error("the size 'outputs' follows from the labels: leave "
                           "it out of the sizes");
  giveReuse(options, *module, step);
  step.deviceSums = options.target != "host" && options.sharded.value_or(false);
  for (const std::string &function : options.functions)
    step.functions.push_back(function);
  if (options.functions.empty())
    addFunctions(options, step);
  mlir::PassManager manager(&context);
  buildTrainPipeline(manager, step);
  Status compiled = collectErrors(context, "cannot compile the model", [&] {
    return succeeded(manager.run(*module));
  });
  if (!compiled.ok())
    return compiled;
  return module;
}
