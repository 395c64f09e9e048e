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
    Overrides sizes of every `tgnn.model`, the rate of every dropout that the
    model asks for, and its optimizer. What is not given stays as it is; a
    size that a model does not declare is an error at the model. An optimizer of
    another kind than the model's starts from its own defaults.

    Before `--tgnn-specialize-model="sizes=dim:16,layers:2"`:

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

    After:

    ```mlir
    tgnn.model @own sizes {dim = 16 : i64, edge = 0 : i64, layers = 2 : i64, neighbours = 10 : …
      tgnn.layer @embed(%arg0: tensor<?x?xf32>, %arg1: tensor<?x?x?xf32>, %arg2: tensor<?x?x?xf32>, …
        tgnn.yield %arg0 : tensor<?x?xf32>
      }
      tgnn.decoder @link(%arg0: tensor<?x?xf32>, %arg1: tensor<?x?xf32>)  -> tensor<?x?xf32> {
        tgnn.yield %arg0 : tensor<?x?xf32>
      }
    }
    ```
  }];
  let options = [
    ListOption<"sizes", "sizes", "std::string",
               "Sizes to override, each as name:value">,
    Option<"dropout", "dropout", "double", /*default=*/"-1.0",
           "The rate of all dropout, in [0, 1); negative leaves it alone">,
    Option<"optimizer", "optimizer", "std::string", /*default=*/"",
           "adam, adamw or sgd; empty for the model's">,
    ListOption<"optimizerSettings", "optimizer-settings", "std::string",
               "Settings of the optimizer to override, each as name:value">
  ];
}

def AddHead : Pass<"tgnn-add-head", "mlir::ModuleOp"> {
  let summary = "Give a model the head of a task that has labels";
  let description = [{
    Gives the module's `tgnn.model` the size `outputs` and, where it has no
    `tgnn.head` for the task's labels, a perceptron of three linear maps, with
    relu and dropout behind the first two, whose results have 80 and 10 columns
    (DyGLib's head for node classes), or as many as there are outputs where
    these are more. It reads the embedding of a node (`task=node`), or those of
    both ends of an event and its features (`task=edge`).

    Before `--tgnn-add-head="task=node outputs=3"`:

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

    After:

    ```mlir
    tgnn.model @own sizes {dim = 8 : i64, edge = 0 : i64, layers = 1 : i64, neighbours = 10 : i64, outputs = 3 : i64} …
      …
      tgnn.head @node_head(%arg0: tensor<?x?xf32>) -> tensor<?x?xf32> {
        %0 = tgnn.parameter "first" [input, 80] uniform_fan_in : tensor<?x?xf32>
        …
        %14 = tgnn.linear %11, %12, %13 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
        tgnn.yield %14 : tensor<?x?xf32>
      }
    }
    ```
  }];
  let dependentDialects = ["orcinus::tgnn::TGNNDialect"];
  let options = [
    Option<"task", "task", "std::string", /*default=*/"\"node\"",
           "What has labels: node or edge; link needs no head">,
    Option<"outputs", "outputs", "int64_t", /*default=*/"0",
           "The numbers of a label; 0 for what the model says, or 1">
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
    targets, and for each inner layer those that the layer above reads (the
    outputs `pool`). With it come `embed1`, `embed2`, …, which embed by
    so many layers.

    `train_exact` is `train` without the mark: for epochs that reuse nothing.

    `shard` and `evaluate_shard` are `gradient` and `evaluate` of a part of a
    batch, which leaves the states to `advance`, as their mark `tgnn.shard`
    says; `shard_exact` is `shard` without the mark of reuse.

    `gradient` and `apply` are `train` in two: the first writes the gradients of
    all trained parameters, the second makes one step of the optimizer by
    gradients that are given.

    Of a task that has labels, `train` and `evaluate` have no pairs: `train`
    minimizes the loss of what the model's `tgnn.head` predicts of the batch's
    labelled nodes (`task=node`) or events (`task=edge`), `evaluate` and `score`
    give these predictions. With `frozen` the head alone is trained, and nothing
    else drops activations.

    `score` and `advance` are for using a trained model. `score` embeds the
    queries asked for, as `embed` does, and decodes the pairs of them that are
    asked for. `advance` takes the batch's events into the states and computes
    nothing else; a model without a state gets none.

    Before `--tgnn-expand-model="functions=embed"`:

    ```mlir
    tgnn.model @own sizes {dim = 8, time = 0, edge = 0, node = 0, neighbours = 10, layers = 1}
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
    func.func @embed() {
      %0 = tgnn.targets : !tgnn.query
      %1 = tgnn.sample %0 k(10) policy(recent) : !tgnn.neighbourhood
      %2 = tgnn.frontier %0, %1 key(node) : !tgnn.query
      %3 = tgnn.table %2 "nodes" : !tgnn.query -> tensor<?xi32>
      %4 = tgnn.read "features:node" : tensor<?x8xf32>
      %5 = tgnn.gather(%4, %3) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
      …
      %15 = tgnn.apply @embed "embed1"(%7, %9, %12, %13, %14) : …
      tgnn.output %15 as "embeddings" rows(targets) : tensor<?x8xf32>
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::func::FuncDialect", "orcinus::tgnn::TGNNDialect"
  ];
  let options = [
    ListOption<"functions", "functions", "std::string",
               "Functions to make, of train, evaluate, embed, train_exact, "
               "gradient, shard, shard_exact, evaluate_shard, apply, measure, "
               "score and advance; the first three if empty">,
    Option<"task", "task", "std::string", /*default=*/"\"link\"",
           "What is learnt: link, or the labels of a node or an edge">,
    Option<"loss", "loss", "std::string", /*default=*/"",
           "Of labels: cross_entropy, as where it is empty, "
           "binary_cross_entropy or squared_error">,
    Option<"frozen", "frozen", "bool", /*default=*/"false",
           "Train the head of the task alone">
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
    attributes `tgnn.model_name`, `tgnn.sizes` and `tgnn.dropout`.

    Before:

    ```mlir
    tgnn.model @own sizes {dim = 8, time = 0, edge = 0, node = 0, neighbours = 10, layers = 1}
        neighbour_time(query_time) sampling(recent) {
      tgnn.layer @embed(%own: tensor<?x?xf32>, %near: tensor<?x?x?xf32>,
                        %edges: tensor<?x?x?xf32>, %deltas: tensor<?x?xf32>,
                        %counts: tensor<?xi32>) -> tensor<?x?xf32> {
        tgnn.yield %own : tensor<?x?xf32>
      }
      tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>)
          -> tensor<?x?xf32> {
        %w = tgnn.parameter "weight" [dim, 1] xavier : tensor<?x?xf32>
        %product = tgnn.mul %source, %destination
            : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
        %logits = tgnn.contract "pi,io->po" %product, %w
            : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
        tgnn.yield %logits : tensor<?x?xf32>
      }
    }
    func.func @score(%sources: tensor<?x8xf32>, %destinations: tensor<?x8xf32>) -> tensor<?x1xf32> {
      %logits = tgnn.apply @link "link"(%sources, %destinations)
          : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x1xf32>
      return %logits : tensor<?x1xf32>
    }
    ```

    After:

    ```mlir
    module attributes {tgnn.dropout = [], tgnn.model_name = "own", tgnn.sizes = {dim = 8 : i64, …
      func.func @score(%arg0: tensor<?x8xf32>, %arg1: tensor<?x8xf32>) -> tensor<?x1xf32> {
        %0 = tgnn.parameter "link.weight" [8, 1] xavier : tensor<8x1xf32>
        %1 = tgnn.mul %arg0, %arg1 : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
        %2 = tgnn.contract "pi,io->po" %1, %0 : tensor<?x8xf32>, tensor<8x1xf32> -> tensor<?x1xf32>
        return %2 : tensor<?x1xf32>
      }
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "orcinus::tgnn::TGNNDialect"
  ];
  let statistics = [
    Statistic<"inlinedApplications", "inlined-applications",
              "Applications that were replaced">
  ];
}

def VerifyRows : Pass<"tgnn-verify-rows", "mlir::ModuleOp"> {
  let summary = "Check the extents and indices that only the runtime knows";
  let description = [{
    How many rows a batch's queries and tables have is known when it is
    prepared, but which of them have as many is known before: a sample has a row
    for each of its queries. Checks that operands whose extents must be equal
    are, that a step's outputs have the rows that they are said to have, that an
    index is of the table's rows (docs/abi.md says what a table's values index),
    and that no count of tokens is above their number. What would read or write
    beyond a buffer, or the rows of something else, is an error at the op.

    The extents get numbers, and the types of all results are inferred anew, in
    several rounds with other numbers: primes first, and then some in which sums
    have no factor in common. Targets and pairs are of each other's making in a
    batch alone, not where they are asked for (`embed`, `score`, `advance`).
    Nothing is known about the function's arguments. Ops of other dialects make
    no tensors of open extents. The module does not change.

    Refused:

    ```mlir
    func.func @embed() {
      %queries = tgnn.targets : !tgnn.query
      %nodes = tgnn.distinct %queries key(node) : !tgnn.query
      %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
      %memory = tgnn.read "state:memory" : tensor<?x8xf32>
      %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
      tgnn.output %rows as "embeddings" rows(targets) : tensor<?x8xf32>
      return
    }
    ```

    Error:

    ```
    'tgnn.output' op is of rows(targets), but its value of rows(tgnn.distinct)
    ```

    A `tgnn.gather` of `%rows` by the table `self` of `%nodes` has a row for each
    target.
  }];
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

    Before:

    ```mlir
    func.func @step(%x: tensor<?x8xf32>, %t: tensor<?x4xf32>, %w: tensor<12x5xf32>,
                    %b: tensor<5xf32>) -> tensor<?x5xf32> {
      %both = tgnn.concat %x, %t : tensor<?x8xf32>, tensor<?x4xf32> -> tensor<?x12xf32>
      %y = tgnn.linear %both, %w, %b
          : tensor<?x12xf32>, tensor<12x5xf32>, tensor<5xf32> -> tensor<?x5xf32>
      return %y : tensor<?x5xf32>
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: tensor<?x8xf32>, %arg1: tensor<?x4xf32>, %arg2: tensor<12x5xf32>, %arg3: …
      %0 = tgnn.concat %arg0, %arg1 : tensor<?x8xf32>, tensor<?x4xf32> -> tensor<?x12xf32>
      %1 = tgnn.slice %arg2 dimension(0) offset(0) size(8) : tensor<12x5xf32> -> tensor<8x5xf32>
      %2 = tgnn.slice %arg2 dimension(0) offset(8) size(4) : tensor<12x5xf32> -> tensor<4x5xf32>
      %3 = tgnn.broadcast_rows %arg3 like %arg0 : tensor<5xf32>, tensor<?x8xf32> -> tensor<?x5xf32>
      %4 = tgnn.contract "qi,io->qo" %arg0, %1 init(%3 : tensor<?x5xf32>) : …
      %5 = tgnn.contract "qi,io->qo" %arg1, %2 init(%4 : tensor<?x5xf32>) : …
      return %5 : tensor<?x5xf32>
    }
    ```
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

    Before:

    ```mlir
    func.func @step(%x: tensor<?x4xf32>, %w: tensor<4x12xf32>, %b: tensor<12xf32>,
                    %v: tensor<12x3xf32>, %d: tensor<?x3xf32>) -> tensor<?x3xf32> {
      %rows = tgnn.broadcast_rows %b like %x : tensor<12xf32>, tensor<?x4xf32> -> tensor<?x12xf32>
      %h = tgnn.contract "qi,io->qo" %x, %w init(%rows : tensor<?x12xf32>)
          : tensor<?x4xf32>, tensor<4x12xf32> -> tensor<?x12xf32>
      %y = tgnn.contract "qi,io->qo" %h, %v init(%d : tensor<?x3xf32>)
          : tensor<?x12xf32>, tensor<12x3xf32> -> tensor<?x3xf32>
      return %y : tensor<?x3xf32>
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: tensor<?x4xf32>, %arg1: tensor<4x12xf32>, %arg2: tensor<12xf32>, %arg3: …
      %0 = tgnn.contract "qi,io->qo" %arg1, %arg3 : …
      %1 = tgnn.contract "i,io->o" %arg2, %arg3 : tensor<12xf32>, tensor<12x3xf32> -> tensor<3xf32>
      %2 = tgnn.broadcast_rows %1 like %arg0 : tensor<3xf32>, tensor<?x4xf32> -> tensor<?x3xf32>
      %3 = tgnn.contract "qi,io->qo" %arg0, %0 init(%2 : tensor<?x3xf32>) : …
      %4 = tgnn.add %3, %arg4 : tensor<?x3xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
      return %4 : tensor<?x3xf32>
    }
    ```
  }];
  let dependentDialects = ["orcinus::tgnn::TGNNDialect"];
  let options = [
    Option<"rows", "rows", "int64_t", /*default=*/"1024",
           "Queries of a typical step">
  ];
}

def PlaceCollectives : Pass<"tgnn-place-collectives", "mlir::ModuleOp"> {
  let summary = "Begin sums early and wait for them late";
  let description = [{
    In a module that trains in shards (a function marked `tgnn.shard` and
    `tgnn.training`), after which gradients are added over the shards of a batch:

    - In each such function a `tgnn.write` of a gradient becomes part of a
      `tgnn.all_reduce`, which stands where the last of its gradients is made.
      Gradients that are made one after the other are added together, up to
      `message-bytes`, so that one sum is sent while the backward pass goes on.
      A function that reads a cache waits before its first read for what the
      batch before has gathered.
    - In the function that applies gradients a `tgnn.await` stands before their
      first reader, and parameters are updated in the order in which sums are
      begun: one is applied while the next is on its way. Where gradients are
      clipped, all are needed at first.
    - With `device-sums` the module gets the functions by which a device adds:
      `weigh_gradients(into, from, share)` and `add_gradients(into, from)`, on
      vectors of its memory.

    What stands between, such as the step that takes the batch into the states,
    needs no sum and runs meanwhile. Without a function of shards nothing
    changes.

    Before:

    ```mlir
    func.func @shard(%x: tensor<4x8xf32>) attributes {tgnn.shard, tgnn.training} {
      %dw = tgnn.relu %x : tensor<4x8xf32> -> tensor<4x8xf32>
      %db = tgnn.gelu %x : tensor<4x8xf32> -> tensor<4x8xf32>
      tgnn.write %dw to "gradient:w" : tensor<4x8xf32>
      tgnn.write %db to "gradient:b" : tensor<4x8xf32>
      return
    }
    func.func @apply(%rate: f32, %step: i64) {
      %w = tgnn.parameter "w" [4, 8] zeros : tensor<4x8xf32>
      %dw = tgnn.read "gradient:w" : tensor<4x8xf32>
      tgnn.optimize "w" by <adam> with %dw rate %rate step %step : tensor<4x8xf32>
      return
    }
    ```

    After:

    ```mlir
    func.func @shard(%arg0: tensor<4x8xf32>) attributes {tgnn.shard, tgnn.training} {
      %0 = tgnn.relu %arg0 : tensor<4x8xf32> -> tensor<4x8xf32>
      %1 = tgnn.gelu %arg0 : tensor<4x8xf32> -> tensor<4x8xf32>
      tgnn.all_reduce 0 of(%0, %1 : tensor<4x8xf32>, tensor<4x8xf32>) to ["gradient:w", "gradient:b"]
      return
    }
    func.func @apply(%arg0: f32, %arg1: i64) {
      %0 = tgnn.parameter "w" [4, 8] zeros : tensor<4x8xf32>
      tgnn.await all_reduce 0 of ["gradient:w"]
      %1 = tgnn.read "gradient:w" : tensor<4x8xf32>
      tgnn.optimize "w" by <adam> with %1 rate %arg0 step %arg1 : tensor<4x8xf32>
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect",
    "mlir::linalg::LinalgDialect", "orcinus::tgnn::TGNNDialect"
  ];
  let options = [
    Option<"deviceSums", "device-sums", "bool", /*default=*/"false",
           "Add the functions by which a device adds gradients and stores rows "
           "of caches">,
    Option<"messageBytes", "message-bytes", "int64_t", /*default=*/"1048576",
           "Gradients are added together up to so many bytes; one that is "
           "larger is alone">
  ];
  let statistics = [
    Statistic<"placedSums", "placed-sums", "Sums that are begun">
  ];
}

def PrepareParameters : Pass<"tgnn-prepare-parameters", "mlir::ModuleOp"> {
  let summary = "Compute what depends on parameters alone once for many calls";
  let description = [{
    Products of weights, such as `tgnn-reassociate-products` makes, depend on
    nothing that a batch brings. A function that trains computes them anew in
    each step, as it changes the parameters; the others take most of a call's
    time for them where they are asked about a single pair. This pass moves what
    step functions without the attribute `tgnn.training` compute of parameters
    alone to a function `prepare_parameters`, each value once, which the runtime
    calls before the next of these functions where parameters have changed
    (docs/abi.md). They find the values in buffers that are bound to
    `prepared:N`. What only names a part of a parameter or gives it another
    shape stays.

    Before:

    ```mlir
    func.func @embed() {
      %queries = tgnn.targets : !tgnn.query
      %nodes = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
      %memory = tgnn.read "state:memory" : tensor<?x8xf32>
      %rows = tgnn.gather(%memory, %nodes) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
      %v = tgnn.parameter "embed1.value" [8, 8] xavier : tensor<8x8xf32>
      %o = tgnn.parameter "embed1.output" [8, 8] xavier : tensor<8x8xf32>
      %both = tgnn.contract "qi,io->qo" %v, %o : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
      %result = tgnn.contract "qi,io->qo" %rows, %both : tensor<?x8xf32>, tensor<8x8xf32> -> tensor<?x8xf32>
      tgnn.output %result as "embeddings" rows(targets) : tensor<?x8xf32>
      return
    }
    ```

    After:

    ```mlir
    func.func @embed() {
      %0 = tgnn.targets : !tgnn.query
      …
      %4 = tgnn.read "prepared:0" : tensor<8x8xf32>
      %5 = tgnn.contract "qi,io->qo" %3, %4 : tensor<?x8xf32>, tensor<8x8xf32> -> tensor<?x8xf32>
      tgnn.output %5 as "embeddings" rows(targets) : tensor<?x8xf32>
      return
    }
    func.func @prepare_parameters() {
      %0 = tgnn.parameter "embed1.value" [8, 8] xavier : tensor<8x8xf32>
      %1 = tgnn.parameter "embed1.output" [8, 8] xavier : tensor<8x8xf32>
      %2 = tgnn.contract "qi,io->qo" %0, %1 : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
      tgnn.write %2 to "prepared:0" : tensor<8x8xf32>
      return
    }
    ```
  }];
  let dependentDialects = ["mlir::func::FuncDialect",
                           "orcinus::tgnn::TGNNDialect"];
}

def ShareQueries : Pass<"tgnn-share-queries", "mlir::func::FuncOp"> {
  let summary = "Project the queries of a node once, whatever their times are";
  let description = [{
    Where candidates are ranked, a node is asked about at many times. What an
    attention of the first layer makes of a query before it meets its
    neighbours depends on the node alone: the rows that it is computed of are
    gathered from a frontier by node, whose first rows are the distinct nodes of
    the queries. In functions without the attribute `tgnn.training`, this pass
    computes it for these rows, and the attention reads them by the frontier's
    table `self`. Results are the same to the last bit.

    Before:

    ```mlir
    func.func @embed(%rows: tensor<?x8xf32>, %w: tensor<8x16xf32>) {
      %queries = tgnn.targets : !tgnn.query
      %near = tgnn.sample %queries k(10) policy(recent) : !tgnn.neighbourhood
      %below = tgnn.frontier %queries, %near key(node) : !tgnn.query
      %self = tgnn.table %below "self" : !tgnn.query -> tensor<?xi32>
      %index = tgnn.table %below "neighbours" : !tgnn.query -> tensor<?x10xi32>
      %counts = tgnn.table %near "counts" : !tgnn.neighbourhood -> tensor<?xi32>
      %seed = tgnn.read "input:dropout_seed" : i64
      %own = tgnn.gather(%rows, %self) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
      %projected = tgnn.contract "qi,io->qo" %own, %w : tensor<?x8xf32>, tensor<8x16xf32> -> tensor<?x16xf32>
      %u = tgnn.reshape %projected to [2, 8] : tensor<?x16xf32> -> tensor<?x2x8xf32>
      %z, %weights = tgnn.attend(%u, %counts, %seed, %rows, %index)
          {scale = 0.5 : f32, dropout = 0.0 : f32, salt = 0 : i64, time = false}
          : (tensor<?x2x8xf32>, tensor<?xi32>, i64, tensor<?x8xf32>, tensor<?x10xi32>)
          -> (tensor<?x2x8xf32>, tensor<?x2x10xf32>)
      tgnn.output %z as "attended" rows(targets) : tensor<?x2x8xf32>
      return
    }
    ```

    After:

    ```mlir
    func.func @embed(%arg0: tensor<?x8xf32>, %arg1: tensor<8x16xf32>) {
      %0 = tgnn.targets : !tgnn.query
      …
      %8 = tgnn.distinct %0 key(node) : !tgnn.query
      %9 = tgnn.table %8 "nodes" : !tgnn.query -> tensor<?xi32>
      %10 = tgnn.first_rows %arg0 like %9 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
      %11 = tgnn.contract "qi,io->qo" %10, %arg1 : tensor<?x8xf32>, tensor<8x16xf32> -> tensor<?x16xf32>
      %12 = tgnn.reshape %11 to [2, 8] : tensor<?x16xf32> -> tensor<?x2x8xf32>
      %13:2 = tgnn.attend(%12, %5, %6, %3, %arg0, %4) {…, indexed, …
      …
    }
    ```
  }];
  let dependentDialects = ["orcinus::tgnn::TGNNDialect"];
}

def SplitPrepare : Pass<"tgnn-split-prepare", "mlir::ModuleOp"> {
  let summary = "Separate index work from dense work";
  let description = [{
    Turns each step function NAME into `NAME_prepare`, which calls the runtime
    for targets, samples and frontiers, and `NAME_step`, whose arguments are the
    tables that it reads and the runtime's buffers, each with its `tgnn.binding`
    (docs/abi.md). After it, the dense step depends on nothing but its
    arguments, so that the runtime can prepare a batch while another computes.

    Before:

    ```mlir
    module attributes {tgnn.model_name = "none", tgnn.sizes = {layers = 1 : i64}} {
      func.func @embed() {
        %queries = tgnn.targets : !tgnn.query
        %nodes = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
        %memory = tgnn.read "state:memory" : tensor<?x8xf32>
        %rows = tgnn.gather(%memory, %nodes) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
        tgnn.output %rows as "embeddings" rows(targets) : tensor<?x8xf32>
        return
      }
    }
    ```

    After:

    ```mlir
    module attributes {tgnn.model_name = "none", tgnn.sizes = {layers = 1 : i64}} {
      func.func private @orcinus_rt_targets(!llvm.ptr, i32)
      func.func @embed_prepare(%arg0: !llvm.ptr) {
        …
        call @orcinus_rt_targets(%arg0, %c0_i32) : (!llvm.ptr, i32) -> ()
        return
      }
      func.func @embed_step(%arg0: memref<?xi32> {tgnn.binding = "table:0.nodes", tgnn.rows_of = "nodes"}, %arg1: …
        %0 = bufferization.to_tensor %arg0 restrict : memref<?xi32> to tensor<?xi32>
        %1 = bufferization.to_tensor %arg1 restrict : memref<?x8xf32> to tensor<?x8xf32>
        %2 = tgnn.gather(%1, %0) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
        bufferization.materialize_in_destination %2 in restrict writable %arg2 : …
        return
      }
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::bufferization::BufferizationDialect",
    "mlir::func::FuncDialect", "mlir::LLVM::LLVMDialect",
    "mlir::memref::MemRefDialect", "orcinus::tgnn::TGNNDialect"
  ];
}

#endif // ORCINUS_PASSES_MODEL_PASSES
