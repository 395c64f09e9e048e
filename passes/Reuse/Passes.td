//===- Passes.td - Reusing embeddings -----------------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_REUSE_PASSES
#define ORCINUS_PASSES_REUSE_PASSES

include "mlir/Pass/PassBase.td"

def InsertReuse : Pass<"tgnn-insert-reuse", "mlir::ModuleOp"> {
  let summary = "Make training reuse the embeddings of inner layers";
  let description = [{
    In functions marked `tgnn.training`, every frontier below a layer l ≥ 2
    becomes a `tgnn.cache_lookup`: layer l-1 is computed for the queries of the
    batch alone, its result is pushed to cache l-1, and the neighbours that
    layer l reads are pulled, from the batch or from the cache. The work of a
    query falls from k^L to k·L (Orca, section 2, push-pull). After it, reuse is
    explicit: each cache has one lookup, one pull and one push.
  }];
  let dependentDialects = ["orcinus::tgnn::TGNNDialect"];
  let options = [
    Option<"mode", "mode", "std::string", /*default=*/"\"push-pull\"",
           "What is done about an embedding that is not cached; push-pull reads "
           "zeros">,
    Option<"share", "share", "std::string", /*default=*/"\"paper\"",
           "Which embedding of its own batch a neighbour is given: paper or "
           "causal">,
    Option<"blockGradient", "block-gradient", "bool", /*default=*/"true",
           "Let no gradient flow through reused embeddings">
  ];
  let statistics = [
    Statistic<"insertedCaches", "inserted-caches", "Caches that were made">
  ];
}

def LowerReuse : Pass<"tgnn-lower-reuse", "mlir::ModuleOp"> {
  let summary = "Turn pulls and pushes into reads, gathers and row writes";
  let description = [{
    A `tgnn.cache_pull` becomes a gather of the cache's rows that the lookup
    names, behind the fresh rows; a `tgnn.cache_push` a write of the rows that
    it names. Caches become the runtime's buffers `cache:N`. Lookups stay: they
    are index work.
  }];
  let dependentDialects = ["orcinus::tgnn::TGNNDialect"];
}

#endif // ORCINUS_PASSES_REUSE_PASSES
