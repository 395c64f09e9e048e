//===- TGNNReuseOps.td - Explicit reuse of embeddings -----------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNREUSEOPS_TD
#define ORCINUS_DIALECTS_TGNN_IR_TGNNREUSEOPS_TD

include "dialects/TGNN/IR/TGNNDenseOps.td"

//===----------------------------------------------------------------------===//
// What is reused
//===----------------------------------------------------------------------===//

def TGNN_CacheOp : TGNN_Op<"cache", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "a cache of a layer's embeddings";
  let description = [{
    Rows of the given type, one a slot. `key` says what names an entry: with
    `query_time` a node, with `event_time` an event and one of its endpoints,
    whose embedding at the event's time is exactly what later queries need.
    `miss` says what a neighbour reads that is neither fresh nor cached (Orca,
    section 2: `zeros` is push-pull, `recompute` computes it for the batch).

    `share` says which embedding a neighbour is given whose node the batch
    embeds anyway, with a cache keyed by node: `paper`, its latest query's, even
    where that is later than the reader; `causal`, that of its latest query that
    is not later than the reader; `separate`, none of them: a neighbour is
    cached, or embedded for its readers alone, so that a batch's own events show
    in no neighbour more than in others. What is recomputed is embedded at its
    latest reader's time, with `causal` at the earliest reader's. With a cache
    keyed by event a neighbour's embedding is at its event's time, whatever
    `share` says.

    Without `policy` the cache holds all that can be read: a row a node, or the
    last k neighbours of each. With one it holds `capacity` rows, which the
    policy chooses: mrd follows a plan that is made before training, the others
    decide batch by batch. A cache with a policy and no capacity is given one by
    training, which divides one memory among all of them. An entry older than `max_age` batches counts
    as uncached. `plan` is what `tgnn-plan-reuse` found out about a stream.

    ```mlir
    tgnn.cache @m1 : tensor<100xf32> key(query_time) miss(recompute)
        capacity(1000) policy("mrd") max_age(50)
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<AnyRankedTensor>:$row,
                       TGNN_FrontierKeyAttr:$key, TGNN_CacheMissAttr:$miss,
                       OptionalAttr<I64Attr>:$capacity,
                       OptionalAttr<StrAttr>:$policy,
                       DefaultValuedAttr<TGNN_ReuseShareAttr,
                                         "ReuseShare::Paper">:$share,
                       OptionalAttr<I64Attr>:$max_age,
                       OptionalAttr<DictionaryAttr>:$plan);
  let assemblyFormat = [{
    $sym_name `:` $row `key` `(` `` $key `)` `miss` `(` `` $miss `)`
    (`share` `(` `` $share^ `)`)?
    (`capacity` `(` $capacity^ `)`)? (`policy` `(` $policy^ `)`)?
    (`max_age` `(` $max_age^ `)`)? (`plan` $plan^)? attr-dict
  }];
  let hasVerifier = 1;
}

class TGNN_CacheUserOp<string opMnemonic, list<Trait> traits = []>
    : TGNN_Op<opMnemonic,
              !listconcat(traits, [DeclareOpInterfaceMethods<SymbolUserOpInterface>])>;

def TGNN_CacheLookupOp : TGNN_CacheUserOp<"cache_lookup"> {
  let summary = "decides what is computed and what is reused";
  let description = [{
    Takes the place of a `tgnn.frontier`: the result has a row for each distinct
    query and, where a miss is recomputed, one for each neighbour that is
    neither fresh nor cached. A neighbour reads a fresh row (*in batch*), as the
    cache's `share` says, else the cached one.

    ```mlir
    tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(recompute) share(causal)
    func.func @train(%queries: !tgnn.query, %near: !tgnn.neighbourhood) -> !tgnn.query {
      %lookup = tgnn.cache_lookup @m1, %queries, %near : !tgnn.query
      return %lookup : !tgnn.query
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache, TGNN_QueryType:$query,
                       TGNN_NeighbourhoodType:$neighbourhood);
  let results = (outs TGNN_QueryType:$lookup);
  let assemblyFormat = [{
    $cache `,` $query `,` $neighbourhood attr-dict `:` type($lookup)
  }];
}

def TGNN_CachePullOp : TGNN_CacheUserOp<"cache_pull"> {
  let summary = "fresh embeddings followed by the cached ones that are read";
  let description = [{
    fresh [F, d] → [F + P, d], which the lookup's `neighbours` index. With
    `block_gradient`, nothing flows back through what is reused, the fresh rows
    included.

    ```mlir
    tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(zeros)
    func.func @train(%lookup: !tgnn.query, %fresh: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %pool = tgnn.cache_pull @m1, %lookup, %fresh block_gradient
          : tensor<?x8xf32> -> tensor<?x8xf32>
      return %pool : tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache, TGNN_QueryType:$lookup,
                       AnyRankedTensor:$fresh, UnitAttr:$block_gradient);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $cache `,` $lookup `,` $fresh (`block_gradient` $block_gradient^)? attr-dict
    `:` type($fresh) `->` type($result)
  }];
}

def TGNN_CachePushOp : TGNN_CacheUserOp<"cache_push"> {
  let summary = "keeps the batch's embeddings for later batches";
  let description = [{
    Writes those of the fresh rows that the cache keeps. Of a node that has
    several the latest one's is kept; with separate rows for neighbours, theirs.

    ```mlir
    tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(zeros)
    func.func @train(%lookup: !tgnn.query, %fresh: tensor<?x8xf32>) {
      tgnn.cache_push @m1, %lookup, %fresh : tensor<?x8xf32>
      return
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache, TGNN_QueryType:$lookup,
                       AnyRankedTensor:$fresh);
  let assemblyFormat = [{
    $cache `,` $lookup `,` $fresh attr-dict `:` type($fresh)
  }];
}

//===----------------------------------------------------------------------===//
// The parts of a lookup
//===----------------------------------------------------------------------===//

class TGNN_CacheIndexOp<string opMnemonic,
                        list<TGNN_IndexConstant> callConstants = [],
                        list<TGNN_ExtentSource> sources = []>
    : TGNN_IndexOp<opMnemonic, opMnemonic, [
        TGNN_IndexConstant<"cache", "numberOf(getCache())",
                           "from 1 in the order of the manifest's caches">
      ] # callConstants, [DeclareOpInterfaceMethods<SymbolUserOpInterface>], "",
      sources # [
        TGNN_RowsOfBinding<"cache", "cache", "getCache()">
      ]>;

def TGNN_CacheCandidatesOp : TGNN_CacheIndexOp<"cache_candidates", [
      TGNN_IndexConstant<"share", "static_cast<int64_t>(getShare())",
                         "0 paper, 1 causal, 2 separate">
    ], [
      TGNN_SameExtent<"queries", "getQuery()", "rows">,
      TGNN_SameExtent<"queries", "getNeighbourhood()", "queries">,
      TGNN_SameExtent<"neighbours", "getNeighbourhood()", "neighbours">,
      TGNN_SameExtent<"read", "getLookup()", "rows + cached">
    ]> {
  let summary = "the keys that a batch may read out of a cache";
  let description = [{
    The first part of a `tgnn.cache_lookup`: a row for each distinct (node,
    time) of the queries, and each distinct key that no fresh row serves
    (`candidate_keys`), whose slots (`candidate_slots`: -1 where it is not
    cached or is too old) are to be filled in before `tgnn.cache_resolve`. Keys
    are nodes, or 2 · event + 1 for an event's destination and 2 · event for its
    source, which is both ends of a self-loop.

    ```mlir
    tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(zeros)
    func.func @train(%queries: !tgnn.query, %near: !tgnn.neighbourhood) -> !tgnn.query {
      %lookup = tgnn.cache_candidates @m1, %queries, %near share(paper) : !tgnn.query
      return %lookup : !tgnn.query
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache, TGNN_QueryType:$query,
                       TGNN_NeighbourhoodType:$neighbourhood,
                       TGNN_ReuseShareAttr:$share);
  let results = (outs TGNN_QueryType:$lookup);
  let assemblyFormat = [{
    $cache `,` $query `,` $neighbourhood `share` `(` `` $share `)` attr-dict
    `:` type($lookup)
  }];
}

def TGNN_CacheResolveOp : TGNN_CacheIndexOp<"cache_resolve"> {
  let summary = "what each neighbour reads, and what the cache keeps";
  let description = [{
    The last part of a `tgnn.cache_lookup`: candidates without a slot become
    rows of the lookup where a miss is recomputed. The plan or the policy then
    says what leaves the cache (`evicted_keys`) and what comes (`pushed_keys`,
    to `pushed_slots`): the program applies evictions, then pushes. In a part of
    a batch nothing leaves and nothing comes; `pushed_rows` are then the rows
    that the whole batch may keep.

    ```mlir
    tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(zeros)
    func.func @train(%queries: !tgnn.query, %near: !tgnn.neighbourhood, %lookup: !tgnn.query) {
      tgnn.cache_resolve @m1, %queries, %near, %lookup
      return
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache, TGNN_QueryType:$query,
                       TGNN_NeighbourhoodType:$neighbourhood,
                       TGNN_QueryType:$lookup);
  let assemblyFormat = "$cache `,` $query `,` $neighbourhood `,` $lookup attr-dict";
}

def TGNN_LookupBufferOp : TGNN_IndexOp<"lookup_buffer", "lookup_buffer", [
      TGNN_IndexConstant<"table", "static_cast<int64_t>(getTable())",
          "0 candidate_keys, 1 candidate_slots, 2 evicted_keys, 3 pushed_keys, "
          "4 pushed_slots">
    ]> {
  let summary = "a table of a cache lookup, for index work";
  let description = [{
    The table as it is when the op runs: later index work may replace it.

    ```mlir
    func.func @train(%lookup: !tgnn.query) -> memref<?xi32> {
      %keys = tgnn.lookup_buffer %lookup[candidate_keys] : memref<?xi32>
      return %keys : memref<?xi32>
    }
    ```
  }];
  let arguments = (ins TGNN_QueryType:$lookup, TGNN_LookupTableAttr:$table);
  let results = (outs MemRefRankOf<[I32], [1]>:$buffer);
  let assemblyFormat = [{
    $lookup `[` `` $table `]` attr-dict `:` type($buffer)
  }];
}

def TGNN_CacheBufferOp : TGNN_CacheIndexOp<"cache_buffer", [
      TGNN_IndexConstant<"part", "static_cast<int64_t>(getPart())",
                         "0 slot_of, 1 written_at">
    ]> {
  let summary = "a part of a cache's map from keys to slots";
  let description = [{
    `slot_of`, by key: the slot, -1 where the key is not cached, -2 where it
    never was in this epoch. `written_at`, by slot: the batch that wrote it.

    ```mlir
    tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(zeros)
    func.func @train() -> memref<?xi32> {
      %slots = tgnn.cache_buffer @m1[slot_of] : memref<?xi32>
      return %slots : memref<?xi32>
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache, TGNN_CachePartAttr:$part);
  let results = (outs MemRefRankOf<[I32], [1]>:$buffer);
  let assemblyFormat = "$cache `[` `` $part `]` attr-dict `:` type($buffer)";
}

def TGNN_CacheBatchOp : TGNN_CacheIndexOp<"cache_batch"> {
  let summary = "the number of the batch, counted by a cache";
  let description = [{
    From 0 at an epoch's start; each `tgnn.cache_resolve` ends one.

    ```mlir
    tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(zeros)
    func.func @train() -> i32 {
      %batch = tgnn.cache_batch @m1 : i32
      return %batch : i32
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache);
  let results = (outs I32:$batch);
  let assemblyFormat = "$cache attr-dict `:` type($batch)";
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

def TGNN_ConcatRowsOp : TGNN_DifferentiableOp<"concat_rows"> {
  let summary = "the rows of one tensor, then those of another";
  let description = [{
    [A, d], [B, d] → [A + B, d].

    ```mlir
    func.func @rows(%fresh: tensor<?x8xf32>, %cached: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %pool = tgnn.concat_rows %fresh, %cached
          : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
      return %pool : tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$first, AnyRankedTensor:$second);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $first `,` $second attr-dict `:` type($first) `,` type($second) `->` type($result)
  }];
}

def TGNN_FirstRowsOp : TGNN_DenseOp<"first_rows"> {
  let summary = "as many rows as another tensor has: an adjoint of concat_rows";
  let description = [{
    input [A + B, d], like [A, …] → [A, d]. Only the number of rows of `like` is
    read.

    ```mlir
    func.func @first(%dpool: tensor<?x8xf32>, %fresh: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %dfresh = tgnn.first_rows %dpool like %fresh
          : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
      return %dfresh : tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$like);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $input `like` $like attr-dict `:` type($input) `,` type($like) `->` type($result)
  }];
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNREUSEOPS_TD
