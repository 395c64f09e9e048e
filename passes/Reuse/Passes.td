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
    In functions marked `tgnn.reusing`, every frontier below a layer l ≥ 2
    becomes a `tgnn.cache_lookup` of a cache `@m(l-1)` that is made beside
    them: layer l-1 is computed for the queries of the batch and, with
    `mode=recompute`, for the neighbours that are not cached; what it computes
    is pushed, and the neighbours that layer l reads are pulled, from the batch
    or from the cache. The work of a query falls from k^L to k·L (Orca,
    section 2). After it, reuse is explicit: each cache has one lookup, one pull
    and one push.
  }];
  let dependentDialects = ["orcinus::tgnn::TGNNDialect"];
  let options = [
    Option<"mode", "mode", "std::string", /*default=*/"\"push-pull\"",
           "What is done about an embedding that is not cached: push-pull reads "
           "zeros, recompute computes it">,
    Option<"share", "share", "std::string", /*default=*/"\"paper\"",
           "Which embedding of its own batch a neighbour is given: paper or "
           "causal">,
    Option<"policy", "policy", "std::string", /*default=*/"\"mrd\"",
           "What a full cache keeps: mrd, lru, 2q, lfu, fifo or random">,
    Option<"capacity", "capacity", "int64_t", /*default=*/"-1",
           "Rows of each cache; negative for no bound">,
    Option<"maxAge", "max-age", "int64_t", /*default=*/"-1",
           "Batches after which an entry counts as uncached; negative for "
           "never">,
    Option<"blockGradient", "block-gradient", "bool", /*default=*/"true",
           "Let no gradient flow through reused embeddings">
  ];
  let statistics = [
    Statistic<"insertedCaches", "inserted-caches", "Caches that were made">
  ];
}

def PlanReuse : Pass<"tgnn-plan-reuse", "mlir::ModuleOp"> {
  let summary = "Plan an epoch's reuse on an event stream";
  let description = [{
    Plans what the module's caches do in an epoch of training on `data` and
    attaches it to them: the attribute `plan` says how many embeddings each
    batch-wise count reads, hits and recomputes (Orca, section 3; negatives are
    not planned). With `memory`, the bytes for all caches together are divided
    among them (Orca, section 4) and each gets its `capacity`. Batches are cut
    as training cuts them; a query's neighbours are those of the module's
    `tgnn.sample`.
  }];
  let dependentDialects = ["orcinus::tgnn::TGNNDialect"];
  let options = [
    Option<"data", "data", "std::string", /*default=*/"",
           "The event stream: a file, or synthetic:nodes=N,events=M">,
    Option<"trainFraction", "train-fraction", "double", /*default=*/"0.7",
           "Events up to this quantile of the timestamps are trained on">,
    Option<"maskedNodes", "mask-nodes", "double", /*default=*/"0.0",
           "Share of the nodes that training never sees">,
    Option<"batchSize", "batch-size", "int64_t", /*default=*/"200",
           "Events a batch">,
    Option<"memory", "memory", "int64_t", /*default=*/"-1",
           "Bytes for all caches; negative to keep their capacities">
  ];
}

def LowerReuse : Pass<"tgnn-lower-reuse", "mlir::ModuleOp"> {
  let summary = "Turn caches into maps of slots and copies of rows";
  let description = [{
    Each cache gets two functions over its map from keys to slots: `@CACHE_look_up`
    finds the slots of a batch's keys, leaving out entries that are too old, and
    `@CACHE_replace` applies evictions and writes. A `tgnn.cache_lookup` becomes
    calls of them: between them `tgnn.cache_resolve` asks the offline plan, or
    the policy's own state, what leaves and what comes. A `tgnn.cache_pull`
    becomes a gather of the cached rows behind the fresh ones; a
    `tgnn.cache_push` a write of rows to slots of the runtime's buffer
    `cache:NAME`.
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect",
    "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect",
    "orcinus::tgnn::TGNNDialect"
  ];
}

#endif // ORCINUS_PASSES_REUSE_PASSES
