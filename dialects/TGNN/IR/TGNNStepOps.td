//===- TGNNStepOps.td - Level 2: one step as data flow ----------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNSTEPOPS_TD
#define ORCINUS_DIALECTS_TGNN_IR_TGNNSTEPOPS_TD

include "dialects/TGNN/IR/TGNNModelOps.td"

//===----------------------------------------------------------------------===//
// Index work: what the runtime prepares ahead of the dense step.
//===----------------------------------------------------------------------===//

/// A constant of the call of the runtime's function, and how it is computed
/// from the op; `numberOf` gives the number of a cache, of walk matrices or of a
/// mailbox.
class TGNN_IndexConstant<string constantName, string expression,
                         string text = ""> {
  string name = constantName;
  string value = expression;
  string description = text;
}

/// What an extent of the op's tables is equal to, as ExtentSource has it: the
/// extent `of` of a handle.
class TGNN_ExtentSource<string extentName, string handle, string of> {
  string initializer = "{\"" # extentName # "\", " # handle # ", " # of # "}";
}
class TGNN_SameExtent<string extentName, string handle, string of>
    : TGNN_ExtentSource<extentName, handle, "\"" # of # "\"">;
/// A count of the step.
class TGNN_SameCount<string extentName, string count>
    : TGNN_ExtentSource<extentName, "::mlir::Value()", "\"" # count # "\"">;
/// The rows of the binding whose kind and name, a C++ expression, are given.
class TGNN_RowsOfBinding<string extentName, string kind, string name>
    : TGNN_ExtentSource<extentName, "::mlir::Value()",
                        "\"" # kind # ":\" + " # name # ".str()">;

/// Index work: docs/abi.md has its call from here.
class TGNN_IndexOp<string opMnemonic, string function,
                   list<TGNN_IndexConstant> callConstants = [],
                   list<Trait> traits = [], string more = "",
                   list<TGNN_ExtentSource> sources = []>
    : TGNN_Op<opMnemonic, traits # [IndexWorkOpInterface]> {
  string runtimeFunction = "orcinus_rt_" # function;
  list<TGNN_IndexConstant> constants = callConstants;
  let extraClassDeclaration =
      "::llvm::StringRef getRuntimeFunction() { return \"" # runtimeFunction #
      "\"; }\n" # !if(!empty(callConstants), "", [{
    ::llvm::SmallVector<int64_t> getRuntimeConstants(
        ::llvm::function_ref<int64_t(::llvm::StringRef)> numberOf) {
      return {}] # !interleave(!foreach(constant, callConstants, constant.value),
                               ", ") # "};\n}\n") #
      !if(!empty(sources), "", [{
    ::llvm::SmallVector<::orcinus::tgnn::ExtentSource> getExtentSources() {
      return {}] # !interleave(!foreach(source, sources, source.initializer),
                               ",\n              ") # "};\n}\n") # more;
}

def TGNN_TargetsOp : TGNN_IndexOp<"targets", "targets", [], [], "", [
      TGNN_SameCount<"rows", "targets">
    ]> {
  let summary = "the queries of the batch";
  let description = [{
    In a training or evaluation step, the sources, destinations and negative
    destinations of the batch's events at the events' times, in this order, and
    then the nodes that are labelled at times of their own; in a step that advances states, the first two; in one that embeds, the queries
    asked for, and in one that scores the distinct sources of the pairs, then
    their destinations. The table `roles` says who is asked for as a source (0)
    and who as a destination (1); an embedding that is asked for alone is a
    source's.

    ```mlir
    func.func @embed() -> !tgnn.query {
      %queries = tgnn.targets : !tgnn.query
      return %queries : !tgnn.query
    }
    ```
  }];
  let results = (outs TGNN_QueryType:$query);
  let assemblyFormat = "attr-dict `:` type($query)";
}

def TGNN_SampleOp : TGNN_IndexOp<"sample", "sample", [
      TGNN_IndexConstant<"k", "getK()">,
      TGNN_IndexConstant<"policy", "static_cast<int64_t>(getPolicy())",
                         "0 recent, 1 uniform, 2 latest">
    ], [DeclareOpInterfaceMethods<SizedOpInterface>], [{
    /// The number of neighbours; 0 where it names a size.
    int64_t getK() { return constantValue(getSize()).value_or(0); }
    int64_t getTableExtent(::llvm::StringRef name);
  }], [
      TGNN_SameExtent<"queries", "getQuery()", "rows">
    ]> {
  let summary = "samples k temporal neighbours of each query (SAMPLE)";
  let description = [{
    Neighbours are met strictly before the query's time (Orca, equation 1). In
    a model, k is made of named sizes: `k(neighbours)`. The valid ones come
    first, in order of time: with `latest`, the most recent ones, the latest
    first.

    ```mlir
    func.func @embed(%queries: !tgnn.query) -> !tgnn.neighbourhood {
      %near = tgnn.sample %queries k(10) policy(recent) : !tgnn.neighbourhood
      return %near : !tgnn.neighbourhood
    }
    ```
  }];
  let arguments = (ins TGNN_QueryType:$query, DictionaryAttr:$size,
                       TGNN_SamplingPolicyAttr:$policy);
  let results = (outs TGNN_NeighbourhoodType:$neighbourhood);
  let assemblyFormat = [{
    $query `k` `(` `` custom<Extent>($size) `)` `policy` `(` `` $policy `)` attr-dict
    `:` type($neighbourhood)
  }];
  let hasVerifier = 1;
}

def TGNN_SampleByIntervalOp : TGNN_IndexOp<"sample_by_interval",
    "sample_by_interval", [
      TGNN_IndexConstant<"k", "constantValue(getSize()).value_or(0)">,
      TGNN_IndexConstant<"scale",
          "static_cast<int32_t>(getScale().bitcastToAPInt().getZExtValue())",
          "a number of single precision by its bits">
    ], [DeclareOpInterfaceMethods<SizedOpInterface>], [{
    int64_t getTableExtent(::llvm::StringRef name);
  }], [
      TGNN_SameExtent<"queries", "getQuery()", "rows">
    ]> {
  let summary = "draws k temporal neighbours of each query by their times";
  let description = [{
    With replacement, an entry more often that came long after those before it:
    `scale`, per second, says how long that is (Wang et al. 2021, CAW, in
    DyGLib's form; `sampleNeighboursByInterval` has the formula). In order of
    time; of a query that has neighbours, all k are valid.

    ```mlir
    func.func @embed(%queries: !tgnn.query) -> !tgnn.neighbourhood {
      %near = tgnn.sample_by_interval %queries k(32) scale(1.0e-06) : !tgnn.neighbourhood
      return %near : !tgnn.neighbourhood
    }
    ```
  }];
  let arguments = (ins TGNN_QueryType:$query, DictionaryAttr:$size, F32Attr:$scale);
  let results = (outs TGNN_NeighbourhoodType:$neighbourhood);
  let assemblyFormat = [{
    $query `k` `(` `` custom<Extent>($size) `)` `scale` `(` `` $scale `)` attr-dict
    `:` type($neighbourhood)
  }];
  let hasVerifier = 1;
}

def TGNN_FrontierOp : TGNN_IndexOp<"frontier", "frontier", [
      TGNN_IndexConstant<"key", "static_cast<int64_t>(getKey())",
                         "0 query_time, 1 event_time, 2 node">
    ], [], "", [
      TGNN_SameExtent<"queries", "getQuery()", "rows">,
      TGNN_SameExtent<"queries", "getNeighbourhood()", "queries">,
      TGNN_SameExtent<"neighbours", "getNeighbourhood()", "neighbours">,
      TGNN_SameExtent<"read", "getFrontier()", "rows">
    ]> {
  let summary = "the distinct queries of the layer below";
  let description = [{
    The union of a query set and its valid neighbours, without duplicates: the
    queries' own rows first, each in order of first appearance. With the key
    `query_time` a row is a (node, time of the query), with `event_time` a
    (node, time of the event); with `node` the time is not part of the identity
    and the first one's is kept, a neighbour's being that of its query.

    ```mlir
    func.func @embed(%queries: !tgnn.query, %near: !tgnn.neighbourhood) -> !tgnn.query {
      %below = tgnn.frontier %queries, %near key(query_time) : !tgnn.query
      return %below : !tgnn.query
    }
    ```
  }];
  let arguments = (ins TGNN_QueryType:$query,
                       TGNN_NeighbourhoodType:$neighbourhood,
                       TGNN_FrontierKeyAttr:$key);
  let results = (outs TGNN_QueryType:$frontier);
  let assemblyFormat = [{
    $query `,` $neighbourhood `key` `(` `` $key `)` attr-dict `:` type($frontier)
  }];
}

def TGNN_DistinctOp : TGNN_IndexOp<"distinct", "distinct", [
      TGNN_IndexConstant<"key", "static_cast<int64_t>(getKey())",
                         "0 query_time, 1 event_time, 2 node">
    ], [], "", [
      TGNN_SameExtent<"queries", "getQuery()", "rows">
    ]> {
  let summary = "the distinct queries of a set";
  let description = [{
    A frontier without neighbours: the rows of a query set without duplicates,
    in order of first appearance.

    ```mlir
    func.func @embed(%queries: !tgnn.query) -> !tgnn.query {
      %nodes = tgnn.distinct %queries key(node) : !tgnn.query
      return %nodes : !tgnn.query
    }
    ```
  }];
  let arguments = (ins TGNN_QueryType:$query, TGNN_FrontierKeyAttr:$key);
  let results = (outs TGNN_QueryType:$distinct);
  let assemblyFormat = [{
    $query `key` `(` `` $key `)` attr-dict `:` type($distinct)
  }];
}

def TGNN_PairEndsOp : TGNN_IndexOp<"pair_ends", "pair_ends", [], [], "", [
      TGNN_SameCount<"rows", "pairs">,
      TGNN_SameExtent<"asked", "getQuery()", "rows">,
      TGNN_SameCount<"asked", "targets">
    ]> {
  let summary = "the ends of the pairs that are scored";
  let description = [{
    Two query sets of one row for each pair of `tgnn.pairs`.

    ```mlir
    func.func @train() -> (!tgnn.query, !tgnn.query) {
      %queries = tgnn.targets : !tgnn.query
      %sources, %destinations = tgnn.pair_ends %queries : !tgnn.query, !tgnn.query
      return %sources, %destinations : !tgnn.query, !tgnn.query
    }
    ```
  }];
  let arguments = (ins TGNN_QueryType:$query);
  let results = (outs TGNN_QueryType:$sources, TGNN_QueryType:$destinations);
  let assemblyFormat = [{
    $query attr-dict `:` type($sources) `,` type($destinations)
  }];
}

def TGNN_ElapsedOp : TGNN_IndexOp<"elapsed", "elapsed", [], [], "", [
      TGNN_SameExtent<"queries", "getQuery()", "rows">
    ]> {
  let summary = "the time since the last update of each query's node";
  let description = [{
    From the node's last update, a pending message counted as one, to the
    query's time; from second 0 for a node that had no event.

    ```mlir
    func.func @embed(%queries: !tgnn.query) -> tensor<?xf32> {
      %since = tgnn.elapsed %queries : !tgnn.elapsed
      %deltas = tgnn.table %since "time_deltas" : !tgnn.elapsed -> tensor<?xf32>
      return %deltas : tensor<?xf32>
    }
    ```
  }];
  let arguments = (ins TGNN_QueryType:$query);
  let results = (outs TGNN_ElapsedType:$elapsed);
  let assemblyFormat = "$query attr-dict `:` type($elapsed)";
}

def TGNN_CoOccurrenceOp : TGNN_IndexOp<"co_occurrence", "co_occurrence", [], [], [{
    int64_t getTableExtent(::llvm::StringRef name);
  }], [
      TGNN_SameExtent<"queries", "getQueries()", "rows">,
      TGNN_SameExtent<"queries", "getNeighbourhood()", "queries">,
      TGNN_SameExtent<"queries", "getOthers()", "rows">,
      TGNN_SameExtent<"queries", "getOtherNeighbourhood()", "queries">
    ]> {
  let summary = "how often each node of a sequence occurs in it and in another";
  let description = [{
    A sequence is a query's node and then its neighbours, k + 1 places. For
    each place of row i, how often its node occurs in that sequence, table `own`,
    and in the sequence of row i of other queries, as many, table `other`
    (Yu et al. 2023, DyGFormer). The tables `own_shares` and `other_shares` have
    two numbers for a place: whether its node is the query's, and its share of the
    k neighbours (Wang et al. 2021, CAW's positions, of walks of two nodes).

    ```mlir
    func.func @score(%sources: !tgnn.query, %near: !tgnn.neighbourhood,
                     %destinations: !tgnn.query, %far: !tgnn.neighbourhood)
        -> !tgnn.co_occurrence {
      %counts = tgnn.co_occurrence %sources, %near with %destinations, %far
          : !tgnn.co_occurrence
      return %counts : !tgnn.co_occurrence
    }
    ```
  }];
  let arguments = (ins TGNN_QueryType:$queries,
                       TGNN_NeighbourhoodType:$neighbourhood,
                       TGNN_QueryType:$others,
                       TGNN_NeighbourhoodType:$other_neighbourhood);
  let results = (outs TGNN_CoOccurrenceType:$counts);
  let assemblyFormat = [{
    $queries `,` $neighbourhood `with` $others `,` $other_neighbourhood attr-dict
    `:` type($counts)
  }];
}

def TGNN_PendingOp : TGNN_IndexOp<"pending", "pending", [], [], "", [
      TGNN_SameExtent<"frontier", "getFrontier()", "rows">
    ]> {
  let summary = "the frontier's nodes that have a pending message";
  let description = [{
    Those that have one at the start of the batch. The nodes are distinct, and
    the message of each is its latest: the state is updated for them before the
    frontier reads it.

    ```mlir
    func.func @embed(%nodes: !tgnn.query) -> !tgnn.pending {
      %pending = tgnn.pending %nodes : !tgnn.pending
      return %pending : !tgnn.pending
    }
    ```
  }];
  let arguments = (ins TGNN_QueryType:$frontier);
  let results = (outs TGNN_PendingType:$pending);
  let assemblyFormat = "$frontier attr-dict `:` type($pending)";
}

def TGNN_EndpointsOp : TGNN_IndexOp<"endpoints", "commit", [
      TGNN_IndexConstant<"messages", "static_cast<int64_t>(getMessages())",
                         "0 latest, 1 destination_last">
    ], [], "", [
      TGNN_SameExtent<"frontier", "getFrontier()", "rows">
    ]> {
  let summary = "the distinct endpoints of the batch's events";
  let description = [{
    Each of them has a pending message from here on: the index side of the node
    state advances. The frontier must be keyed by node. `messages` says which of
    a node's events the message is of: the `latest`, if nothing else is said, or
    with `destination_last` the latest in which the node is the destination and,
    where there is none, the latest.

    ```mlir
    func.func @train(%nodes: !tgnn.query) -> !tgnn.endpoints {
      %endpoints = tgnn.endpoints %nodes messages(destination_last) : !tgnn.endpoints
      return %endpoints : !tgnn.endpoints
    }
    ```
  }];
  let arguments = (ins TGNN_QueryType:$frontier,
                       DefaultValuedAttr<TGNN_MessageChoiceAttr,
                         "MessageChoice::Latest">:$messages);
  let results = (outs TGNN_EndpointsType:$endpoints);
  let assemblyFormat = [{
    $frontier (`messages` `(` `` $messages^ `)`)? attr-dict `:` type($endpoints)
  }];
}

def TGNN_PairsOp : TGNN_IndexOp<"pairs", "pairs", [], [], "", [
      TGNN_SameCount<"pairs", "pairs">
    ]> {
  let summary = "the pairs of queries that are scored";
  let description = [{
    The rows of each one's source and destination among the targets: queries
    that several pairs share are embedded once. In a training or evaluation step
    the pairs are the batch's events, then their negatives, as the table
    `labels` says; in one that scores, those that are asked for, without labels.

    ```mlir
    func.func @score(%embeddings: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %pairs = tgnn.pairs : !tgnn.pairs
      %sources = tgnn.table %pairs "sources" : !tgnn.pairs -> tensor<?xi32>
      %rows = tgnn.gather(%embeddings, %sources)
          : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
      return %rows : tensor<?x8xf32>
    }
    ```
  }];
  let results = (outs TGNN_PairsType:$pairs);
  let assemblyFormat = "attr-dict `:` type($pairs)";
}

def TGNN_LabelsOp : TGNN_IndexOp<"labels", "labels", [
      TGNN_IndexConstant<"outputs", "static_cast<int64_t>(getOutputs())">
    ], [], [{
    int64_t getTableExtent(::llvm::StringRef name) {
      return name == "outputs" ? static_cast<int64_t>(getOutputs())
                               : ::mlir::ShapedType::kDynamic;
    }
}], [
      TGNN_SameCount<"labels", "labels">,
      TGNN_SameCount<"rows", "targets">
    ]> {
  let summary = "the labels of the batch";
  let description = [{
    Of labelled events, the rows of their sources and of their destinations
    among the targets; of labelled nodes, the rows of these, in both. `values`
    has a row of `outputs` numbers for each label: what a regression is to
    predict, or the share of each class, where a binary one has one output.

    ```mlir
    func.func @train(%embeddings: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %own, %other, %labels = tgnn.labels outputs(3)
          : !tgnn.labelled_rows, !tgnn.labelled_rows, !tgnn.labels
      %rows = tgnn.table %own "self" : !tgnn.labelled_rows -> tensor<?xi32>
      %values = tgnn.table %labels "values" : !tgnn.labels -> tensor<?x3xf32>
      %labelled = tgnn.gather(%embeddings, %rows)
          : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
      return %labelled : tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntPositive,
                       IntMaxValue<65536>]>:$outputs);
  let results = (outs TGNN_LabelledRowsType:$own, TGNN_LabelledRowsType:$other,
                      TGNN_LabelsType:$labels);
  let assemblyFormat = [{
    `outputs` `(` $outputs `)` attr-dict
    `:` type($own) `,` type($other) `,` type($labels)
  }];
}

def TGNN_TableOp : TGNN_Op<"table", [Pure]> {
  let summary = "one index table of a handle";
  let description = [{
    The only way from index work to dense work: `tgnn-split-prepare` cuts here.
    Components are named in docs/abi.md.

    ```mlir
    func.func @embed(%below: !tgnn.query) -> tensor<?x10xi32> {
      %rows = tgnn.table %below "neighbours" : !tgnn.query -> tensor<?x10xi32>
      return %rows : tensor<?x10xi32>
    }
    ```
  }];
  let arguments = (ins TGNN_AnyHandle:$handle, StrAttr:$component);
  let results = (outs AnyRankedTensor:$values);
  let assemblyFormat = [{
    $handle $component attr-dict `:` qualified(type($handle)) `->` type($values)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// What a step reads and writes beside tables.
//===----------------------------------------------------------------------===//

def TGNN_ReadOp : TGNN_Op<"read"> {
  let summary = "reads a buffer of the runtime";
  let description = [{
    `binding` is one of docs/abi.md: `state:NAME`, `message:NAME`, `mail:NAME`,
    `features:edge`, `features:node`, `gradient:NAME`, `prepared:N`,
    `input:NAME`.

    ```mlir
    func.func @embed() -> tensor<?x8xf32> {
      %memory = tgnn.read "state:memory" : tensor<?x8xf32>
      return %memory : tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$binding);
  let results = (outs AnyType:$value);
  let assemblyFormat = "$binding attr-dict `:` type($value)";
}

def TGNN_WriteOp : TGNN_Op<"write"> {
  let summary = "overwrites a buffer of the runtime, or rows of it";
  let description = [{
    With `rows` (i32 [C], distinct), row rows[i] of the binding becomes row i of
    the value; without, the binding becomes the value. `binding` is one of
    docs/abi.md: `state:NAME`, `message:NAME`, `cache:NAME`, `gradient:NAME`,
    `prepared:N`.

    ```mlir
    func.func @train(%next: tensor<?x8xf32>, %nodes: tensor<?xi32>, %slope: tensor<4xf32>) {
      tgnn.write %next to "state:memory" rows(%nodes : tensor<?xi32>) : tensor<?x8xf32>
      tgnn.write %slope to "gradient:weight" : tensor<4xf32>
      return
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$value, Optional<AnyRankedTensor>:$rows,
                       StrAttr:$binding);
  let assemblyFormat = [{
    $value `to` $binding (`rows` `(` $rows^ `:` type($rows) `)`)? attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
}

def TGNN_OutputOp : TGNN_Op<"output"> {
  let summary = "a result of the step";
  let description = [{
    `role` says what the runtime takes it for: `loss`, the `scores` of pairs, the
    `predictions` of labels, the `embeddings` of targets, the `pool`s that layers
    read and what caches may have `kept`, in their order; a role
    of another name is computed and read by nobody. The first extent is the sum
    of `rows`, multiples of the step's counts `events`, `negatives`, `pairs`,
    `targets` and `labels` (docs/abi.md), and of the rows of the `tables` behind `rows_of`;
    the others are known. With neither, all of them are. The value must have as
    many rows: the runtime makes room for them before the step.

    ```mlir
    func.func @train(%loss: tensor<f32>, %ranks: tensor<?x4xf32>, %kept: tensor<?x8xf32>,
                     %below: !tgnn.query) {
      tgnn.output %loss as "loss" : tensor<f32>
      tgnn.output %ranks as "ranks" rows(events + 2 * negatives) : tensor<?x4xf32>
      %nodes = tgnn.table %below "nodes" : !tgnn.query -> tensor<?xi32>
      tgnn.output %kept as "pool" rows_of(%nodes : tensor<?xi32>) : tensor<?x8xf32>
      return
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$value, StrAttr:$role,
                       OptionalAttr<DictionaryAttr>:$rows,
                       Variadic<AnyRankedTensor>:$tables);
  let assemblyFormat = [{
    $value `as` $role (`rows` `(` custom<Extent>($rows)^ `)`)?
    (`rows_of` `(` $tables^ `:` type($tables) `)`)? attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
}

def TGNN_StateRowsOp : TGNN_Op<"state_rows", [ParentOneOf<["EncodeOp", "ScoreOp"]>,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a state's rows, pending messages applied";
  let description = [{
    The rows of the frontier's nodes as they are for the batch (Orca, equation 4
    and step 1). The frontier is keyed by node and holds all queries: from it,
    the endpoints' states are written back at the batch's end.

    ```mlir
    tgnn.model @remembering sizes {dim = 8, edge = 0} {
      tgnn.state @memory [dim] message [dim] (%own: tensor<?x?xf32>,
                                              %other: tensor<?x?xf32>) {
        tgnn.yield %other : tensor<?x?xf32>
      } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>,
                %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
        tgnn.yield %message : tensor<?x?xf32>
      }
      tgnn.encode (%queries: !tgnn.query) {
        %nodes = tgnn.distinct %queries key(node) : !tgnn.query
        %rows = tgnn.state_rows @memory at %nodes : tensor<?x?xf32>
        %self = tgnn.table %nodes "self" : !tgnn.query -> tensor<?xi32>
        %y = tgnn.gather(%rows, %self)
            : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
        tgnn.yield %y : tensor<?x?xf32>
      }
      tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>)
          -> tensor<?x?xf32> {
        tgnn.yield %source : tensor<?x?xf32>
      }
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$state, TGNN_QueryType:$nodes);
  let results = (outs AnyRankedTensor:$rows);
  let assemblyFormat = "$state `at` $nodes attr-dict `:` type($rows)";
}

def TGNN_ApplyOp : TGNN_Op<"apply",
    [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "applies a layer, a decoder, a mailbox, or a part of a state";
  let description = [{
    `prefix` names the parameters of this application (`embed1`). Of a state,
    two operands select `message` and four select `update`. The parameters of a
    `frozen` application are not trained, and nothing in it drops activations.

    ```mlir
    tgnn.model @product sizes {dim = 8, edge = 0, neighbours = 10, layers = 1}
        neighbour_time(query_time) sampling(recent) {
      tgnn.layer @embed(%own: tensor<?x?xf32>, %near: tensor<?x?x?xf32>,
                        %edges: tensor<?x?x?xf32>, %deltas: tensor<?x?xf32>,
                        %counts: tensor<?xi32>) -> tensor<?x?xf32> {
        tgnn.yield %own : tensor<?x?xf32>
      }
      tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>)
          -> tensor<?x?xf32> {
        %product = tgnn.mul %source, %destination
            : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
        tgnn.yield %product : tensor<?x?xf32>
      }
    }
    func.func @train(%source: tensor<?x8xf32>, %destination: tensor<?x8xf32>)
        -> tensor<?x8xf32> {
      %logits = tgnn.apply @link "link"(%source, %destination)
          : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
      return %logits : tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, StrAttr:$prefix,
                       Variadic<AnyRankedTensor>:$operands_, UnitAttr:$frozen);
  let results = (outs Variadic<AnyRankedTensor>:$results_);
  let assemblyFormat = [{
    $callee $prefix `(` $operands_ `)` (`frozen` $frozen^)? attr-dict `:`
    functional-type($operands_, $results_)
  }];
  let extraClassDeclaration = [{
    /// The body in `model` that this applies; null where it has none that takes
    /// as many operands.
    ::mlir::Region *findBody(ModelOp model);
  }];
}

def TGNN_MinimizeOp : TGNN_Op<"minimize"> {
  let summary = "one step of the optimizer on all trained parameters";
  let description = [{
    `tgnn-inline-layers`, after which the parameters are known, replaces it by a
    `tgnn.gradient` and a `tgnn.optimize` for each of them.

    ```mlir
    func.func @train(%loss: tensor<f32>) {
      tgnn.minimize %loss : tensor<f32>
      return
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$loss);
  let assemblyFormat = "$loss attr-dict `:` type($loss)";
}

def TGNN_DifferentiateOp : TGNN_Op<"differentiate"> {
  let summary = "the gradients of all trained parameters, for others to apply";
  let description = [{
    `tgnn-inline-layers` replaces it by a `tgnn.gradient` whose results are
    written to the bindings `gradient:NAME`.

    ```mlir
    func.func @gradient(%loss: tensor<f32>) {
      tgnn.differentiate %loss : tensor<f32>
      return
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$loss);
  let assemblyFormat = "$loss attr-dict `:` type($loss)";
}

def TGNN_ApplyGradientsOp : TGNN_Op<"apply_gradients"> {
  let summary = "one step of the optimizer by gradients that are given";
  let description = [{
    What `tgnn.minimize` does with the gradients that it takes, done with those
    in the bindings `gradient:NAME`. `tgnn-inline-layers` replaces it by a
    `tgnn.optimize` for each parameter that the module's training trains.

    ```mlir
    func.func @apply() {
      tgnn.apply_gradients
      return
    }
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def TGNN_GradientOp : TGNN_Op<"gradient", [Pure]> {
  let summary = "the gradient of a scalar with regard to parameters";
  let description = [{
    `tgnn-autodiff` replaces it by the derived backward pass. A parameter that
    the loss does not depend on gets zeros.

    ```mlir
    func.func @train(%x: tensor<?x8xf32>, %labels: tensor<?xi32>, %w: tensor<8x1xf32>)
        -> tensor<8x1xf32> {
      %logits = tgnn.contract "qi,io->qo" %x, %w
          : tensor<?x8xf32>, tensor<8x1xf32> -> tensor<?x1xf32>
      %loss = tgnn.link_loss(%logits, %labels)
          : (tensor<?x1xf32>, tensor<?xi32>) -> tensor<f32>
      %dw = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<8x1xf32> -> tensor<8x1xf32>
      return %dw : tensor<8x1xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$loss,
                       Variadic<AnyRankedTensor>:$parameters);
  let results = (outs Variadic<AnyRankedTensor>:$gradients);
  let assemblyFormat = [{
    $loss `wrt` `(` $parameters `)` attr-dict `:` type($loss) `,` type($parameters)
    `->` type($gradients)
  }];
  let hasVerifier = 1;
}

def TGNN_OptimizeOp : TGNN_Op<"optimize"> {
  let summary = "updates a parameter by an optimizer";
  let description = [{
    One step of the optimizer, number `step` (from 1), in place. A `scaled`
    gradient is multiplied by a number first. `tgnn-split-prepare` makes the
    optimizer's op on buffers of it, such as `tgnn.adam`, with the buffers that
    it needs.

    ```mlir
    func.func @train(%dw: tensor<8x1xf32>, %rate: f32, %step: i64) {
      tgnn.optimize "link.weight" by <adamw, weight_decay = 0.05> with %dw rate %rate step %step
          : tensor<8x1xf32>
      return
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$gradient, F32:$learning_rate, I64:$step,
                       Optional<AnyRankedTensor>:$scale, StrAttr:$parameter,
                       TGNN_OptimizerAttr:$optimizer);
  let assemblyFormat = [{
    $parameter `by` $optimizer `with` $gradient `rate` $learning_rate `step` $step
    (`scaled` `(` $scale^ `:` type($scale) `)`)? attr-dict `:` type($gradient)
  }];
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNSTEPOPS_TD
