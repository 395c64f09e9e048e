//===- StepPipeline.h - From a model to linalg on memrefs -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_PIPELINES_STEPPIPELINE_H
#define ORCINUS_PASSES_PIPELINES_STEPPIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

#include <string>

namespace orcinus {

struct StepPipelineOptions
    : public mlir::PassPipelineOptions<StepPipelineOptions> {
  ListOption<std::string> sizes{
      *this, "sizes",
      llvm::cl::desc("Sizes of the model to override, each as name:value")};
  Option<double> dropout{
      *this, "dropout",
      llvm::cl::desc("The rate of all dropout; negative leaves it alone"),
      llvm::cl::init(-1.0)};
  Option<std::string> optimizer{
      *this, "optimizer",
      llvm::cl::desc("adam, adamw or sgd; empty for the model's"),
      llvm::cl::init("")};
  ListOption<std::string> optimizerSettings{
      *this, "optimizer-settings",
      llvm::cl::desc("Settings of the optimizer to override, each as "
                     "name:value")};
  Option<std::string> attentionForm{
      *this, "attention-form",
      llvm::cl::desc("automatic, project_neighbours or project_query"),
      llvm::cl::init("automatic")};
  Option<std::string> reuse{
      *this, "reuse",
      llvm::cl::desc("How training reuses embeddings: none, push-pull or "
                     "recompute"),
      llvm::cl::init("none")};
  Option<std::string> share{
      *this, "share",
      llvm::cl::desc("Which embedding of its own batch a neighbour is given: "
                     "paper or causal"),
      llvm::cl::init("paper")};
  Option<std::string> policy{
      *this, "policy",
      llvm::cl::desc("What a full cache keeps: mrd, lru, 2q, lfu, fifo or "
                     "random"),
      llvm::cl::init("mrd")};
  Option<int64_t> capacity{
      *this, "capacity",
      llvm::cl::desc("Rows of each cache; negative for no bound"),
      llvm::cl::init(-1)};
  Option<bool> divided{
      *this, "divided",
      llvm::cl::desc("Leave the capacities to training, which divides one "
                     "memory among the caches"),
      llvm::cl::init(false)};
  Option<int64_t> maxAge{
      *this, "max-age",
      llvm::cl::desc("Batches after which a cached embedding counts as "
                     "uncached; negative for never"),
      llvm::cl::init(-1)};
  Option<bool> blockGradient{
      *this, "block-gradient",
      llvm::cl::desc("Let no gradient flow through reused embeddings"),
      llvm::cl::init(true)};
  Option<std::string> task{
      *this, "task",
      llvm::cl::desc(
          "What is learnt: link, or the labels of a node or an edge"),
      llvm::cl::init("link")};
  Option<std::string> loss{
      *this, "loss",
      llvm::cl::desc("Of labels: cross_entropy, as where it is empty, "
                     "binary_cross_entropy or squared_error"),
      llvm::cl::init("")};
  Option<int64_t> outputs{
      *this, "outputs",
      llvm::cl::desc("The numbers of a label; 0 for what the model says, or 1"),
      llvm::cl::init(0)};
  Option<bool> frozen{*this, "frozen",
                      llvm::cl::desc("Train the head of the task alone"),
                      llvm::cl::init(false)};
  ListOption<std::string> functions{
      *this, "functions",
      llvm::cl::desc(
          "Step functions to make, as of tgnn-expand-model, in place "
          "of the pipeline's own")};
  Option<bool> measure{
      *this, "measure",
      llvm::cl::desc("Add what measures the error of reuse in training"),
      llvm::cl::init(false)};
  Option<bool> exact{
      *this, "exact",
      llvm::cl::desc("Add a training step that reuses nothing, train_exact"),
      llvm::cl::init(false)};
  Option<bool> deviceSums{
      *this, "device-sums",
      llvm::cl::desc("Add the functions by which a device adds the gradients "
                     "of shards"),
      llvm::cl::init(false)};
};

/// From a `tgnn.model` to its dense step functions on tensors and the prepare
/// functions beside them: all of it but the training step.
void buildInferPipeline(mlir::OpPassManager &manager,
                        const StepPipelineOptions &options);

/// The same with the training step, its backward pass derived.
void buildTrainPipeline(mlir::OpPassManager &manager,
                        const StepPipelineOptions &options);

/// From tgnn on tensors to linalg and kernels on tensors.
void buildLinalgPipeline(mlir::OpPassManager &manager);

struct BufferizePipelineOptions
    : public mlir::PassPipelineOptions<BufferizePipelineOptions> {
  Option<bool> returnMemRefs{
      *this, "return-memrefs",
      llvm::cl::desc("Let functions return tensors of dynamic extents in "
                     "memory of their own; else their caller has it"),
      llvm::cl::init(false)};
  Option<bool> splitBatches{
      *this, "split-batches",
      llvm::cl::desc("Compute the images of a batch one after the other where "
                     "that keeps them in cache"),
      llvm::cl::init(false)};
  Option<bool> placePadding{
      *this, "place-padding",
      llvm::cl::desc("Compute what is padded in the padded memory, as loops "
                     "on the host do at no cost"),
      llvm::cl::init(false)};
  Option<std::string> tuningDatabase{
      *this, "tuning-database",
      llvm::cl::desc("A tuning database whose programs operators get; none "
                     "where it is empty"),
      llvm::cl::init("")};
  Option<int64_t> threads{
      *this, "threads",
      llvm::cl::desc(
          "Threads that the operators were tuned for, and that share "
          "the images of a batch"),
      llvm::cl::init(1)};
  Option<std::string> target{
      *this, "target",
      llvm::cl::desc("What the operators were tuned for: host, or a GPU as "
                     "nvidia:sm_90 or amd:gfx942"),
      llvm::cl::init("host")};
};

/// From tgnn and linalg on tensors to linalg and kernels on buffers.
void buildBufferizePipeline(mlir::OpPassManager &manager,
                            const BufferizePipelineOptions &options = {});

/// Registers the dialects of models and steps, and how their ops bufferize.
void registerStepDialects(mlir::DialectRegistry &registry);

/// Makes `--orcinus-train-pipeline`, `--orcinus-infer-pipeline` and
/// `--orcinus-bufferize` known.
void registerStepPipelines();

} // namespace orcinus

#endif // ORCINUS_PASSES_PIPELINES_STEPPIPELINE_H
