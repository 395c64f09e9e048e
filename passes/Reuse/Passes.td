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
    and one push. A function marked `tgnn.shard`, which computes a part of a
    batch, pushes nothing: what a cache might keep of it is an output `kept`,
    of which the whole batch keeps some.

    Before `--tgnn-expand-model="functions=train" --tgnn-insert-reuse="mode=recompute capacity=1000"`:

    ```mlir
    tgnn.model @own sizes {dim = 8, time = 0, edge = 0, node = 0, neighbours = 10, layers = 2}
        neighbour_time(query_time) sampling(recent) {
      tgnn.layer @embed(%own: tensor<?x?xf32>, %near: tensor<?x?x?xf32>,
                        %edges: tensor<?x?x?xf32>, %deltas: tensor<?x?xf32>,
                        %counts: tensor<?xi32>) -> tensor<?x?xf32> {
        tgnn.yield %own : tensor<?x?xf32>
      }
      tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>)
          -> tensor<?x?xf32> {
        tgnn.yield %source : tensor<?x?xf32>
      }
    }
    ```

    After:

    ```mlir
    …
    tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(recompute) capacity(1000) policy("mrd")
    func.func @train() attributes {tgnn.reusing, tgnn.training} {
      %0 = tgnn.targets : !tgnn.query
      %1 = tgnn.sample %0 k(10) policy(recent) : !tgnn.neighbourhood
      %2 = tgnn.cache_lookup @m1, %0, %1 : !tgnn.query
      %3 = tgnn.sample %2 k(10) policy(recent) : !tgnn.neighbourhood
      %4 = tgnn.frontier %2, %3 key(node) : !tgnn.query
      …
      %17 = tgnn.apply @embed "embed1"(%9, %11, %14, %15, %16) : …
      %18 = tgnn.cache_pull @m1, %2, %17 block_gradient : tensor<?x8xf32> -> tensor<?x8xf32>
      tgnn.cache_push @m1, %2, %17 : tensor<?x8xf32>
      …
      %28 = tgnn.apply @embed "embed2"(%20, %22, %25, %26, %27) : …
      …
      %29 = tgnn.apply @link "link"(%sources, %destinations) : …
      …
      return
    }
    ```
  }];
  let dependentDialects = ["orcinus::tgnn::TGNNDialect"];
  let options = [
    Option<"mode", "mode", "std::string", /*default=*/"\"push-pull\"",
           "What is done about an embedding that is not cached: push-pull reads "
           "zeros, recompute computes it">,
    Option<"share", "share", "std::string", /*default=*/"\"paper\"",
           "Which embedding of its own batch a neighbour is given: paper, "
           "causal or separate">,
    Option<"policy", "policy", "std::string", /*default=*/"\"mrd\"",
           "What a full cache keeps: mrd, lru, 2q, lfu, fifo or random">,
    Option<"capacity", "capacity", "int64_t", /*default=*/"-1",
           "Rows of each cache; negative for no bound">,
    Option<"divided", "divided", "bool", /*default=*/"false",
           "Leave the capacities to training, which divides one memory among "
           "the caches">,
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

    Before `--tgnn-plan-reuse="data=synthetic:nodes=300,events=4000 memory=6400"`:

    ```mlir
    tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(recompute)
    tgnn.cache @m2 : tensor<8xf32> key(query_time) miss(recompute)
    func.func @train() {
      %queries = tgnn.targets : !tgnn.query
      %near = tgnn.sample %queries k(10) policy(recent) : !tgnn.neighbourhood
      %below = tgnn.cache_lookup @m2, %queries, %near : !tgnn.query
      return
    }
    ```

    After:

    ```mlir
    tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(recompute) capacity(…) policy("mrd") plan {batches = 14 : …
    tgnn.cache @m2 : tensor<8xf32> key(query_time) miss(recompute) capacity(…) policy("mrd") plan {batches = 14 : …
    func.func @train() {
      %0 = tgnn.targets : !tgnn.query
      %1 = tgnn.sample %0 k(10) policy(recent) : !tgnn.neighbourhood
      %2 = tgnn.cache_lookup @m2, %0, %1 : !tgnn.query
      return
    }
    ```
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

    Before:

    ```mlir
    tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(zeros)
    func.func @train(%fresh: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %queries = tgnn.targets : !tgnn.query
      %near = tgnn.sample %queries k(10) policy(recent) : !tgnn.neighbourhood
      %lookup = tgnn.cache_lookup @m1, %queries, %near : !tgnn.query
      %pool = tgnn.cache_pull @m1, %lookup, %fresh : tensor<?x8xf32> -> tensor<?x8xf32>
      tgnn.cache_push @m1, %lookup, %fresh : tensor<?x8xf32>
      return %pool : tensor<?x8xf32>
    }
    ```

    After:

    ```mlir
    tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(zeros)
    func.func private @m1_look_up(%arg0: memref<?xi32> {tgnn.name = "keys"}, %arg1: memref<?xi32> …
      …
      return
    }
    func.func private @m1_replace(%arg0: memref<?xi32> {tgnn.name = "evicted_keys"}, %arg1: …
      …
      return
    }
    func.func @train(%arg0: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %0 = tgnn.targets : !tgnn.query
      %1 = tgnn.sample %0 k(10) policy(recent) : !tgnn.neighbourhood
      %2 = tgnn.cache_candidates @m1, %0, %1 share(paper) : !tgnn.query
      %3 = tgnn.cache_buffer @m1[slot_of] : memref<?xi32>
      %4 = tgnn.cache_buffer @m1[written_at] : memref<?xi32>
      %5 = tgnn.cache_batch @m1 : i32
      %6 = tgnn.lookup_buffer %2[candidate_keys] : memref<?xi32>
      %7 = tgnn.lookup_buffer %2[candidate_slots] : memref<?xi32>
      call @m1_look_up(%6, %7, %3, %4, %5) : (memref<?xi32>, memref<?xi32>, memref<?xi32>, …
      tgnn.cache_resolve @m1, %0, %1, %2
      %8 = tgnn.lookup_buffer %2[evicted_keys] : memref<?xi32>
      %9 = tgnn.lookup_buffer %2[pushed_keys] : memref<?xi32>
      %10 = tgnn.lookup_buffer %2[pushed_slots] : memref<?xi32>
      call @m1_replace(%8, %9, %10, %3, %4, %5) : …
      %11 = tgnn.read "cache:m1" : tensor<?x8xf32>
      %12 = tgnn.table %2 "cached_rows" : !tgnn.query -> tensor<?xi32>
      %13 = tgnn.gather(%11, %12) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
      %14 = tgnn.concat_rows %arg0, %13 : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
      %15 = tgnn.table %2 "pushed_rows" : !tgnn.query -> tensor<?xi32>
      %16 = tgnn.gather(%arg0, %15) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
      %17 = tgnn.table %2 "pushed_slots" : !tgnn.query -> tensor<?xi32>
      tgnn.write %16 to "cache:m1" rows(%17 : tensor<?xi32>) : tensor<?x8xf32>
      return %14 : tensor<?x8xf32>
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect",
    "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect",
    "orcinus::tgnn::TGNNDialect"
  ];
}

#endif // ORCINUS_PASSES_REUSE_PASSES
