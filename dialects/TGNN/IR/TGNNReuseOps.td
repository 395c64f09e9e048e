//===- TGNNReuseOps.td - Explicit reuse of embeddings -----------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNREUSEOPS_TD
#define ORCINUS_DIALECTS_TGNN_IR_TGNNREUSEOPS_TD

include "dialects/TGNN/IR/TGNNDenseOps.td"

def TGNN_CacheLookupOp : TGNN_Op<"cache_lookup"> {
  let summary = "decides what is computed and what is reused";
  let description = [{
    Takes the place of a `tgnn.frontier`: the result has a row for each query,
    without duplicates, and none for a neighbour. A neighbour reads a row of its
    node among them (*in batch*), else the node's row of cache `cache`.
    `paper` gives it the node's latest query of the batch, even where that is
    later than the reader's; `causal` the latest that is not (Orca, section 2).
  }];
  let arguments = (ins TGNN_QueryType:$query,
                       TGNN_NeighbourhoodType:$neighbourhood, I64Attr:$cache,
                       TGNN_ReuseShareAttr:$share);
  let results = (outs TGNN_QueryType:$lookup);
  let assemblyFormat = [{
    $cache `,` $query `,` $neighbourhood `share` `(` `` $share `)` attr-dict
    `:` type($lookup)
  }];
}

def TGNN_CachePullOp : TGNN_Op<"cache_pull"> {
  let summary = "fresh embeddings followed by the cached ones that are read";
  let description = [{
    fresh [F, d] → [F + P, d], which the lookup's `neighbours` index. With
    `block_gradient`, nothing flows back through what is reused, the fresh rows
    included.
  }];
  let arguments = (ins AnyRankedTensor:$fresh, TGNN_QueryType:$lookup,
                       I64Attr:$cache, UnitAttr:$block_gradient);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $cache `,` $lookup `,` $fresh (`block_gradient` $block_gradient^)? attr-dict
    `:` type($fresh) `->` type($result)
  }];
}

def TGNN_CachePushOp : TGNN_Op<"cache_push"> {
  let summary = "keeps the batch's embeddings for later batches";
  let description = "Of each node the latest query's row is kept.";
  let arguments = (ins AnyRankedTensor:$fresh, TGNN_QueryType:$lookup,
                       I64Attr:$cache);
  let assemblyFormat = [{
    $cache `,` $lookup `,` $fresh attr-dict `:` type($fresh)
  }];
}

def TGNN_ConcatRowsOp : TGNN_DifferentiableOp<"concat_rows"> {
  let summary = "the rows of one tensor, then those of another";
  let description = "[A, d], [B, d] → [A + B, d].";
  let arguments = (ins AnyRankedTensor:$first, AnyRankedTensor:$second);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $first `,` $second attr-dict `:` type($first) `,` type($second) `->` type($result)
  }];
}

def TGNN_FirstRowsOp : TGNN_DenseOp<"first_rows"> {
  let summary = "as many rows as another tensor has: an adjoint of concat_rows";
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$like);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $input `like` $like attr-dict `:` type($input) `,` type($like) `->` type($result)
  }];
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNREUSEOPS_TD
