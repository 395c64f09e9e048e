//===- TGNNWalkOps.td - Temporal walks as index work ------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNWALKOPS_TD
#define ORCINUS_DIALECTS_TGNN_IR_TGNNWALKOPS_TD

include "dialects/TGNN/IR/TGNNStepOps.td"

def TGNN_WalksOp : TGNN_Op<"walks", [Symbol,
    DeclareOpInterfaceMethods<SizedOpInterface>]> {
  let summary = "randomly projected temporal walk matrices";
  let description = [{
    A state that is data: no gradient flows to it, and it has no parameter. For
    each node, `order` + 1 vectors of `width` numbers: the walks of 0, 1, …
    events that end at it, each as its start's random vector, times
    e^(-decay · s) for each of its events that is s seconds old (Lu et al. 2024,
    TPNet). Each epoch of training draws the random vectors anew. In a model,
    `width` is made of named sizes.

    ```mlir
    tgnn.walks @walks order(3) width(120) decay(1.0e-06)
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$order,
                       DictionaryAttr:$width, F64Attr:$decay);
  let assemblyFormat = [{
    $sym_name `order` `(` `` $order `)` `width` `(` `` custom<Extent>($width) `)`
    `decay` `(` `` $decay `)` attr-dict
  }];
  let hasVerifier = 1;
}

class TGNN_WalkIndexOp<string opMnemonic, string more = "",
                       list<TGNN_ExtentSource> sources = []>
    : TGNN_IndexOp<opMnemonic, opMnemonic, [
        TGNN_IndexConstant<"walks", "numberOf(getWalks())",
            "from 1 in the order of the manifest's walk matrices">
      ], [DeclareOpInterfaceMethods<SymbolUserOpInterface>], more, sources>;

def TGNN_WalkFeaturesOp : TGNN_WalkIndexOp<"walk_features", [{
    int64_t getTableExtent(::llvm::StringRef name);
  }], [
      TGNN_SameExtent<"queries", "getQueries()", "rows">,
      TGNN_ExtentSource<"queries", "getNodes()",
          "::llvm::isa<QueryType>(getNodes().getType()) ? \"rows\" : \"queries\"">
    ]> {
  let summary = "the inner products of pairs of nodes' walks";
  let description = [{
    Of row i of the queries and of each of its nodes, row i of a query set of as
    many rows or its k sampled neighbours, the features ln(1 + max(0, G)), G the
    inner products of all vectors of the two: table `features`
    [Q, 4 (order + 1)²], for neighbours [Q, k · 4 (order + 1)²], zeros where
    there is none.

    ```mlir
    tgnn.walks @walks order(1) width(120) decay(0.0)
    func.func @embed(%queries: !tgnn.query) -> tensor<?x160xf32> {
      %near = tgnn.sample %queries k(10) policy(latest) : !tgnn.neighbourhood
      %walks = tgnn.walk_features @walks, %near with %queries
          : !tgnn.neighbourhood -> !tgnn.walk_features
      %features = tgnn.table %walks "features" : !tgnn.walk_features -> tensor<?x160xf32>
      return %features : tensor<?x160xf32>
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$walks,
                       AnyTypeOf<[TGNN_QueryType, TGNN_NeighbourhoodType]>:$nodes,
                       TGNN_QueryType:$queries);
  let results = (outs TGNN_WalkFeaturesType:$features);
  let assemblyFormat = [{
    $walks `,` $nodes `with` $queries attr-dict `:` type($nodes) `->` type($features)
  }];
}

def TGNN_AdvanceWalksOp : TGNN_WalkIndexOp<"advance_walks"> {
  let summary = "adds the batch's events to walk matrices";
  let description = [{
    At the batch's end: its events do not see each other.

    ```mlir
    tgnn.walks @walks order(3) width(120) decay(1.0e-06)
    func.func @train() {
      tgnn.advance_walks @walks
      return
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$walks);
  let assemblyFormat = "$walks attr-dict";
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNWALKOPS_TD
