//===- TGNNModelOps.td - Level 1: what a model is ---------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNMODELOPS_TD
#define ORCINUS_DIALECTS_TGNN_IR_TGNNMODELOPS_TD

include "dialects/TGNN/IR/TGNNBase.td"
include "dialects/TGNN/IR/TGNNInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class TGNN_Op<string opMnemonic, list<Trait> traits = []>
    : Op<TGNN_Dialect, opMnemonic, traits>;

def TGNN_ModelOp : TGNN_Op<"model", [Symbol, SymbolTable, NoTerminator,
                                     SingleBlock, NoRegionArguments]> {
  let summary = "a temporal graph neural network";
  let description = [{
    Holds states, layers, one `tgnn.decoder`, `tgnn.head`s for tasks that have
    labels and at most one `tgnn.encode`,
    which says how queries become embeddings; or, in place of both, one
    `tgnn.score`. Without either of the two there is at most one
    state and one layer, which is applied `sizes.layers` times with parameters
    of its own each time: an embedding is made of those of its neighbours, down
    to the states or, where there is none, to the nodes' features (Orca,
    equations 1 to 5). `sizes` gives the named extents their values: `dim` (an
    embedding's width), `time` (a time encoding's), `edge` and `node` (feature
    columns; without node features, `node` is `dim` and the features are zero),
    `heads`, `neighbours` and `layers`, and any other that the text names. For
    the recursion, `neighbour_time` says at what time a neighbour is embedded:
    at its query's (`query_time`) or at its event's (`event_time`), and
    `sampling` which neighbours there are. `messages` says which of a node's
    events in a batch its new message is of: the `latest`, as where it says
    nothing, or with `destination_last` the latest in which the node is the
    destination and, where there is none, the latest. `optimizer` says how it is
    trained, as `optimizer <adamw, learning_rate = 0.001, weight_decay = 0.05>`:
    by Adam if it says nothing.

    ```mlir
    tgnn.model @mean sizes {dim = 8, edge = 0, neighbours = 10, layers = 2}
        neighbour_time(query_time) sampling(recent) {
      tgnn.layer @embed(%own: tensor<?x?xf32>, %near: tensor<?x?x?xf32>,
                        %edges: tensor<?x?x?xf32>, %deltas: tensor<?x?xf32>,
                        %counts: tensor<?xi32>) -> tensor<?x?xf32> {
        %w = tgnn.parameter "weight" [input, dim] xavier : tensor<?x?xf32>
        %b = tgnn.parameter "bias" [dim] zeros : tensor<?xf32>
        %y = tgnn.linear %own, %w, %b
            : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
        tgnn.yield %y : tensor<?x?xf32>
      }
      tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>)
          -> tensor<?x?xf32> {
        %both = tgnn.concat %source, %destination
            : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
        %w = tgnn.parameter "weight" [2 * dim, 1] xavier : tensor<?x1xf32>
        %b = tgnn.parameter "bias" [1] zeros : tensor<1xf32>
        %y = tgnn.linear %both, %w, %b
            : tensor<?x?xf32>, tensor<?x1xf32>, tensor<1xf32> -> tensor<?x?xf32>
        tgnn.yield %y : tensor<?x?xf32>
      }
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DictionaryAttr:$sizes,
                       OptionalAttr<TGNN_FrontierKeyAttr>:$neighbour_time,
                       OptionalAttr<TGNN_SamplingPolicyAttr>:$sampling,
                       DefaultValuedAttr<TGNN_MessageChoiceAttr,
                         "MessageChoice::Latest">:$messages,
                       OptionalAttr<TGNN_OptimizerAttr>:$optimizer);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `sizes` $sizes (`neighbour_time` `(` `` $neighbour_time^ `)`)?
    (`sampling` `(` `` $sampling^ `)`)? (`messages` `(` `` $messages^ `)`)?
    (`optimizer` $optimizer^)?
    attr-dict-with-keyword $body
  }];
  let extraClassDeclaration = [{
    /// The model's own encoder; null where embeddings are made by recursion.
    EncodeOp getEncoder();
    /// The model's own head for labels of nodes, or of events; null where it has
    /// none.
    HeadOp getHead(bool ofEvents);
    /// The model's own way to score pairs; null where a decoder does.
    ScoreOp getScorer();
    /// Whether embeddings are made by the recursion over layers.
    bool isRecursive();
    /// What it is trained by: Adam where the text does not say it.
    OptimizerAttr getOptimizerOrDefault();
    /// The value of the named size; 0 where the model does not name it.
    int64_t getSize(::llvm::StringRef name);
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

class TGNN_FunctionOp<string opMnemonic>
    : TGNN_Op<opMnemonic, [Symbol, HasParent<"ModelOp">, IsolatedFromAbove,
                           SingleBlock]> {
  let arguments = (ins SymbolNameAttr:$sym_name,
                       TypeAttrOf<FunctionType>:$function_type);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
}

def TGNN_LayerOp : TGNN_FunctionOp<"layer"> {
  let summary = "AGGREGATE and COMBINE of one batch of queries";
  let description = [{
    A pure function of dense tensors (Orca, equations 2 and 3). Arguments: the
    queries' own embeddings [Q, w], their neighbours' [Q, k, w], the features of
    the events between them [Q, k, edge], the time since them [Q, k], and the
    number of valid neighbours [Q], which come first. In the extents of its
    parameters, `input` is w. In a model with a `tgnn.encode` or a
    `tgnn.score`, which apply layers by themselves, a layer takes any tensors, and
    `input` is the last extent of its first one.

    ```mlir
    tgnn.model @own sizes {dim = 8, edge = 0, neighbours = 10, layers = 1}
        neighbour_time(query_time) sampling(recent) {
      tgnn.layer @embed(%own: tensor<?x?xf32>, %near: tensor<?x?x?xf32>,
                        %edges: tensor<?x?x?xf32>, %deltas: tensor<?x?xf32>,
                        %counts: tensor<?xi32>) -> tensor<?x?xf32> {
        %y = tgnn.relu %own : tensor<?x?xf32> -> tensor<?x?xf32>
        tgnn.yield %y : tensor<?x?xf32>
      }
      tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>)
          -> tensor<?x?xf32> {
        tgnn.yield %source : tensor<?x?xf32>
      }
    }
    ```
  }];
}

class TGNN_ExpansionOp<string opMnemonic>
    : TGNN_Op<opMnemonic, [HasParent<"ModelOp">, IsolatedFromAbove,
                           SingleBlock]> {
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
}

def TGNN_EncodeOp : TGNN_ExpansionOp<"encode"> {
  let summary = "how queries become embeddings";
  let description = [{
    Step-level ops from the queries to embeddings [Q, dim], in place of the
    recursion; a second value [Q, any width] is what messages are made of in
    their place, where a `tgnn.state` sends embeddings. Extents that only sizes
    decide are dynamic in the text; they are known once the model is expanded.

    ```mlir
    tgnn.model @recent sizes {dim = 8, edge = 4, neighbours = 10} {
      tgnn.layer @summary(%edges: tensor<?x?x?xf32>) -> tensor<?x?xf32> {
        %w = tgnn.parameter "weight" [neighbours, edge, dim] xavier : tensor<?x?x?xf32>
        %y = tgnn.contract "qke,keo->qo" %edges, %w
            : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?xf32>
        tgnn.yield %y : tensor<?x?xf32>
      }
      tgnn.encode (%queries: !tgnn.query) {
        %near = tgnn.sample %queries k(neighbours) policy(recent) : !tgnn.neighbourhood
        %events = tgnn.table %near "events" : !tgnn.neighbourhood -> tensor<?x?xi32>
        %features = tgnn.read "features:edge" : tensor<?x?xf32>
        %edges = tgnn.gather(%features, %events)
            : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
        %y = tgnn.apply @summary "summary"(%edges)
            : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
        tgnn.yield %y : tensor<?x?xf32>
      }
      tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>)
          -> tensor<?x?xf32> {
        tgnn.yield %source : tensor<?x?xf32>
      }
    }
    ```
  }];
}

def TGNN_ScoreOp : TGNN_ExpansionOp<"score"> {
  let summary = "how pairs are scored";
  let description = [{
    Step-level ops from the batch's queries to the logits [P, 1] of its pairs,
    in place of an encoder and a decoder: for models whose embedding of one end
    depends on the other. `tgnn.pair_ends` gives the ends. Such a model embeds
    no query alone.

    ```mlir
    tgnn.model @meeting sizes {dim = 8, edge = 0} {
      tgnn.walks @walks order(1) width(16) decay(0.0)
      tgnn.layer @link(%features: tensor<?x?xf32>) -> tensor<?x?xf32> {
        %w = tgnn.parameter "weight" [16, 1] xavier : tensor<?x?xf32>
        %b = tgnn.parameter "bias" [1] zeros : tensor<?xf32>
        %y = tgnn.linear %features, %w, %b
            : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
        tgnn.yield %y : tensor<?x?xf32>
      }
      tgnn.score (%queries: !tgnn.query) {
        %sources, %destinations = tgnn.pair_ends %queries : !tgnn.query, !tgnn.query
        %walks = tgnn.walk_features @walks, %destinations with %sources
            : !tgnn.query -> !tgnn.walk_features
        %features = tgnn.table %walks "features" : !tgnn.walk_features -> tensor<?x?xf32>
        %logits = tgnn.apply @link "link"(%features) : (tensor<?x?xf32>) -> tensor<?x?xf32>
        tgnn.yield %logits : tensor<?x?xf32>
      }
    }
    ```
  }];
}

def TGNN_DecoderOp : TGNN_FunctionOp<"decoder"> {
  let summary = "the score of a pair of embeddings";
  let description = [{
    Arguments: the sources' and the destinations' embeddings [P, dim]; result:
    logits [P, 1].

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
        %w = tgnn.parameter "weight" [dim, 1] xavier : tensor<?x1xf32>
        %b = tgnn.parameter "bias" [1] zeros : tensor<1xf32>
        %y = tgnn.linear %product, %w, %b
            : tensor<?x?xf32>, tensor<?x1xf32>, tensor<1xf32> -> tensor<?x?xf32>
        tgnn.yield %y : tensor<?x?xf32>
      }
    }
    ```
  }];
}

def TGNN_HeadOp : TGNN_FunctionOp<"head"> {
  let summary = "what is predicted of labelled nodes, or of labelled events";
  let description = [{
    Of one tensor, the embeddings of labelled nodes [R, dim], or of three, those
    of the sources and of the destinations of labelled events and the events'
    features [R, edge]; result: [R, `outputs`], a size that says how many
    numbers a label has. Of classes they are logits, of two classes the logit of
    the second. A model has at most one of each. In its parameters' extents
    `input` is the width of an embedding. `tgnn-add-head` gives one to a model
    that has none.

    ```mlir
    tgnn.model @own sizes {dim = 8, edge = 0, neighbours = 10, layers = 1, outputs = 3}
        neighbour_time(query_time) sampling(recent) {
      tgnn.layer @embed(%own: tensor<?x?xf32>, %near: tensor<?x?x?xf32>,
                        %edges: tensor<?x?x?xf32>, %deltas: tensor<?x?xf32>,
                        %counts: tensor<?xi32>) -> tensor<?x?xf32> {
        tgnn.yield %own : tensor<?x?xf32>
      }
      tgnn.head @kind(%node: tensor<?x?xf32>) -> tensor<?x?xf32> {
        %w = tgnn.parameter "weight" [input, outputs] xavier : tensor<?x?xf32>
        %b = tgnn.parameter "bias" [outputs] zeros : tensor<?xf32>
        %y = tgnn.linear %node, %w, %b
            : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
        tgnn.yield %y : tensor<?x?xf32>
      }
      tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>)
          -> tensor<?x?xf32> {
        tgnn.yield %source : tensor<?x?xf32>
      }
    }
    ```
  }];
  let extraClassDeclaration = [{
    /// Whether it is for labels of events.
    bool isOfEvents();
  }];
}

def TGNN_StateOp : TGNN_Op<"state", [Symbol, HasParent<"ModelOp">,
                                     IsolatedFromAbove]> {
  let summary = "one row a node that events update (UPDATE)";
  let description = [{
    `message` makes the dense part of a node's new message from its own state
    and the other endpoint's ([C, width] each) and, where it takes a third
    tensor, the embedding that the other endpoint has in the event [C, its
    width]: the second value of the model's `tgnn.encode` if it yields two.
    Messages are data, no gradient reaches what they are made of. `update` makes
    the new state from the messages [P, message width], the features of their
    events [P, edge], the times since the node's last update [P], and the states
    [P, width] (Orca, equation 5).

    ```mlir
    tgnn.model @remembering sizes {dim = 8, edge = 0, neighbours = 10, layers = 1}
        neighbour_time(query_time) sampling(recent) {
      tgnn.state @memory [dim] message [2 * dim] (%own: tensor<?x?xf32>,
                                                  %other: tensor<?x?xf32>) {
        %message = tgnn.concat %own, %other
            : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
        tgnn.yield %message : tensor<?x?xf32>
      } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>,
                %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
        %wx = tgnn.parameter "input" [2 * dim, 3 * dim] uniform_fan_in : tensor<?x?xf32>
        %bx = tgnn.parameter "input_bias" [3 * dim] zeros : tensor<?xf32>
        %wh = tgnn.parameter "state" [dim, 3 * dim] uniform_fan_in : tensor<?x?xf32>
        %bh = tgnn.parameter "state_bias" [3 * dim] zeros : tensor<?xf32>
        %next = tgnn.gru %message, %state, %wx, %bx, %wh, %bh
            : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>,
               tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
        tgnn.yield %next : tensor<?x?xf32>
      }
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
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ArrayAttr:$width,
                       ArrayAttr:$message_width);
  let regions = (region SizedRegion<1>:$message, SizedRegion<1>:$update);
  let extraClassDeclaration = [{
    /// Whether its messages are also made of embeddings.
    bool sendsEmbeddings();
  }];
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
}

def TGNN_YieldOp : TGNN_Op<"yield", [Pure, Terminator,
    ParentOneOf<["LayerOp", "DecoderOp", "HeadOp", "EncodeOp", "ScoreOp", "StateOp",
                 "MailboxOp"]>]> {
  let summary = "the results of a region of a model";
  let description = [{
    As many values as the region has results, of their types.

    ```mlir
    tgnn.model @own sizes {dim = 8, edge = 0, neighbours = 10, layers = 1}
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
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = "$values attr-dict `:` type($values)";
}

def TGNN_ParameterOp : TGNN_Op<"parameter",
    [DeclareOpInterfaceMethods<SizedOpInterface>]> {
  let summary = "a parameter of the model";
  let description = [{
    Inside a layer the name is local to each application (`query` becomes
    `embed1.query`), unless the parameter is `shared`, and extents are sums of
    named sizes and their products (`[2 * dim + time, neighbours / 2,
    dim * patch - 1]`; a division rounds down); inside a step function the name
    is global and the type static. A `fixed` parameter is not trained.
    `uniform_fan_in` draws by the rows of a matrix, or by an extent that is
    given, for a bias by its matrix's: `uniform_fan_in(input)`; `normal` draws
    from the standard normal distribution.

    ```mlir
    func.func @train() -> tensor<12x8xf32> {
      %w = tgnn.parameter "embed1.query" [12, 8] xavier : tensor<12x8xf32>
      %f = tgnn.parameter "time.frequencies" [4] time_frequencies fixed : tensor<4xf32>
      return %w : tensor<12x8xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, ArrayAttr:$extents,
                       TGNN_InitializerAttr:$initializer, UnitAttr:$fixed,
                       UnitAttr:$shared, OptionalAttr<DictionaryAttr>:$fan_in);
  let results = (outs AnyRankedTensor:$value);
  let extraClassDeclaration = [{
    /// The initializer as docs/abi.md has it; extents must be known.
    ::std::string getInitializerText();
  }];
  let assemblyFormat = [{
    $name custom<Extents>($extents) $initializer
    (`(` `` custom<Extent>($fan_in)^ `)`)? (`fixed` $fixed^)?
    (`shared` $shared^)? attr-dict
    `:` type($value)
  }];
  let hasVerifier = 1;
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNMODELOPS_TD
