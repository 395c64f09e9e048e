//===- Passes.td - From a model to its step functions -------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_MODEL_PASSES
#define ORCINUS_PASSES_MODEL_PASSES

include "mlir/Pass/PassBase.td"

def SpecializeModel : Pass<"tgnn-specialize-model", "mlir::ModuleOp"> {
  let summary = "Give the named sizes of models their values";
  let description = [{
    Overrides sizes of every `tgnn.model`, and the rate of every dropout that
    the model asks for. Sizes and rates that are not given stay as they are; a
    size that a model does not declare is an error at the model.
  }];
  let options = [
    ListOption<"sizes", "sizes", "std::string",
               "Sizes to override, each as name:value">,
    Option<"dropout", "dropout", "double", /*default=*/"-1.0",
           "The rate of all dropout, in [0, 1); negative leaves it alone">
  ];
}

def ExpandModel : Pass<"tgnn-expand-model", "mlir::ModuleOp"> {
  let summary = "Make a model's step functions, the recursion unrolled";
  let description = [{
    For the module's `tgnn.model`, adds the functions `train`, `evaluate` and
    `embed`, in which each layer is a `tgnn.apply` at a frontier: the distinct
    queries that the layer above needs. After it, the recursion over layers
    (Orca, equations 1 to 5) is explicit data flow. Functions that may reuse
    inner embeddings are marked `tgnn.reusing`.

    `measure` is for measuring what reuse costs: the embeddings of the batch's
    targets, and for each inner layer those that the layer above reads
    (`output:pool:LAYER`). With it come `embed1`, `embed2`, …, which embed by
    so many layers.
  }];
  let dependentDialects = [
    "mlir::func::FuncDialect", "orcinus::tgnn::TGNNDialect"
  ];
  let options = [
    ListOption<"functions", "functions", "std::string",
               "Functions to make, of train, evaluate, embed and measure; the "
               "first three if empty">
  ];
}

def InlineLayers : Pass<"tgnn-inline-layers", "mlir::ModuleOp"> {
  let summary = "Replace applications by their bodies";
  let description = [{
    Replaces each `tgnn.apply` by the body of its layer, decoder or state, with
    the parameters named by the application and every extent known, and each
    `tgnn.minimize` by a `tgnn.gradient` and the optimizer's steps. Dropout
    stays in functions marked `tgnn.training` only. After it, the model is no
    longer needed and is erased; its name and sizes stay as the module's
    attributes `tgnn.model_name` and `tgnn.sizes`.
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "orcinus::tgnn::TGNNDialect"
  ];
  let statistics = [
    Statistic<"inlinedApplications", "inlined-applications",
              "Applications that were replaced">
  ];
}

def DecomposeLayers : Pass<"tgnn-decompose", "mlir::func::FuncOp"> {
  let summary = "Break composite ops into contractions and kernels";
  let description = [{
    `tgnn.linear` becomes contractions, one for each part of a concatenated
    input, so that the concatenation is never built, and a row that is the same
    for all queries is multiplied once. `tgnn.gru` becomes two linear maps and
    their gates. `tgnn.temporal_attention` takes the form that needs fewer
    multiplications: *project the neighbours*, or *project the query*, in which
    the keys are gathered and encoded inside the kernel. A remark says which.
  }];
  let dependentDialects = ["orcinus::tgnn::TGNNDialect"];
  let options = [
    Option<"form", "attention-form", "std::string", /*default=*/"\"automatic\"",
           "Form of attentions that leave it open: automatic, "
           "project_neighbours or project_query">
  ];
  let statistics = [
    Statistic<"projectedQueries", "projected-queries",
              "Attentions that project the query">,
    Statistic<"projectedNeighbours", "projected-neighbours",
              "Attentions that project the neighbours">
  ];
}

def ReassociateProducts
    : Pass<"tgnn-reassociate-products", "mlir::func::FuncOp"> {
  let summary = "Multiply weights with each other before they meet the queries";
  let description = [{
    A linear map of the queries that is followed by another is one linear map:
    (x·W + b)·V = x·(W·V) + b·V, heads of an attention included. The product of
    the weights is made once a step. Rewrites where that needs fewer
    multiplications for `rows` queries, and only intermediate values that
    nothing else reads. The result is the same up to rounding, and so are the
    gradients, which are derived later.
  }];
  let dependentDialects = ["orcinus::tgnn::TGNNDialect"];
  let options = [
    Option<"rows", "rows", "int64_t", /*default=*/"1024",
           "Queries of a typical step">
  ];
}

def SplitPrepare : Pass<"tgnn-split-prepare", "mlir::ModuleOp"> {
  let summary = "Separate index work from dense work";
  let description = [{
    Turns each step function NAME into `NAME_prepare`, which calls the runtime
    for targets, samples and frontiers, and `NAME_step`, whose arguments are the
    tables that it reads and the runtime's buffers, each with its `tgnn.binding`
    (docs/abi.md). After it, the dense step depends on nothing but its
    arguments, so that the runtime can prepare a batch while another computes.
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::bufferization::BufferizationDialect",
    "mlir::func::FuncDialect", "mlir::LLVM::LLVMDialect",
    "mlir::memref::MemRefDialect", "orcinus::tgnn::TGNNDialect"
  ];
}

#endif // ORCINUS_PASSES_MODEL_PASSES
