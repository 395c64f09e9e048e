// RUN: orcinus-opt %s --tgnn-expand-model="functions=train" | FileCheck %s --check-prefix=EXPAND
// RUN: orcinus-opt %s --tgnn-expand-model="functions=train" --tgnn-inline-layers | FileCheck %s --check-prefix=INLINE
// RUN: orcinus-opt %s --orcinus-train-pipeline | FileCheck %s --check-prefix=SPLIT

// A model that says by itself how queries become embeddings: extents that its
// text leaves open are known once it is expanded and inlined. Two states are
// read at one frontier, whose nodes are looked at once, and whose messages are of
// the events that the model chooses; those of the second are made of what the
// encoder makes for them.

tgnn.model @own sizes {dim = 8, edge = 4, neighbours = 5, wide = 6}
    messages(destination_last) {
  tgnn.state @memory [dim] message [dim] (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>) {
    tgnn.yield %other : tensor<?x?xf32>
  } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>,
            %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
    tgnn.yield %message : tensor<?x?xf32>
  }
  tgnn.state @second [wide] message [dim] (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>,
                                           %made: tensor<?x?xf32>) {
    tgnn.yield %made : tensor<?x?xf32>
  } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>,
            %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
    tgnn.yield %state : tensor<?x?xf32>
  }
  tgnn.layer @tokens(%edges: tensor<?x?x?xf32>, %memory: tensor<?x?xf32>,
                     %second: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %w = tgnn.parameter "tokens" [neighbours, edge, dim] xavier : tensor<?x?x?xf32>
    %from_edges = tgnn.contract "qke,keo->qo" %edges, %w
        : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?xf32>
    %all = tgnn.concat %from_edges, %memory, %second
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %v = tgnn.parameter "all" [2 * dim + wide, dim] xavier : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [dim] zeros : tensor<?xf32>
    %y = tgnn.linear %all, %v, %b
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %y : tensor<?x?xf32>
  }
  tgnn.encode (%queries: !tgnn.query) {
    %nodes = tgnn.distinct %queries key(node) : !tgnn.query
    %self = tgnn.table %nodes "self" : !tgnn.query -> tensor<?xi32>
    %memory_rows = tgnn.state_rows @memory at %nodes : tensor<?x?xf32>
    %memory = tgnn.gather(%memory_rows, %self)
        : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %second_rows = tgnn.state_rows @second at %nodes : tensor<?x?xf32>
    %second = tgnn.gather(%second_rows, %self)
        : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %near = tgnn.sample %queries k(neighbours) policy(recent) : !tgnn.neighbourhood
    %events = tgnn.table %near "events" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %features = tgnn.read "features:edge" : tensor<?x?xf32>
    %edges = tgnn.gather(%features, %events)
        : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %y = tgnn.apply @tokens "embed"(%edges, %memory, %second)
        : (tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
    tgnn.yield %y, %memory : tensor<?x?xf32>, tensor<?x?xf32>
  }
  tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %both = tgnn.concat %source, %destination
        : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w = tgnn.parameter "weight" [2 * dim, 1] xavier : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [1] zeros : tensor<?xf32>
    %y = tgnn.linear %both, %w, %b
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %y : tensor<?x?xf32>
  }
}

// EXPAND-LABEL: func.func @train
// EXPAND: %[[Q:.*]] = tgnn.targets
// EXPAND: %[[NODES:.*]] = tgnn.distinct %[[Q]] key(node)
// EXPAND: tgnn.read "state:memory" : tensor<?x8xf32>
// EXPAND: tgnn.pending %[[NODES]]
// EXPAND: tgnn.read "state:second" : tensor<?x6xf32>
// EXPAND-NOT: = tgnn.pending
// EXPAND: %[[NEAR:.*]] = tgnn.sample %[[Q]] k(5) policy(recent)
// EXPAND: tgnn.table %[[NEAR]] "events" : !tgnn.neighbourhood -> tensor<?x5xi32>
// EXPAND: tgnn.read "features:edge" : tensor<?x4xf32>
// EXPAND: tgnn.apply @tokens "embed"(%{{.*}}, %[[MEMORY:.*]], %{{.*}})
// EXPAND: tgnn.link_pairs
// EXPAND: %[[ENDPOINTS:.*]] = tgnn.endpoints %[[NODES]] messages(destination_last) : !tgnn.endpoints
// EXPAND-NOT: = tgnn.endpoints
// EXPAND: tgnn.write %{{.*}} to "state:memory"
// EXPAND: %[[OTHERS:.*]] = tgnn.table %[[ENDPOINTS]] "other_queries"
// EXPAND: %[[SENT:.*]] = tgnn.gather(%[[MEMORY]], %[[OTHERS]])
// EXPAND: tgnn.apply @second "second"(%{{.*}}, %{{.*}}, %[[SENT]])
// EXPAND: tgnn.write %{{.*}} to "state:second"

// INLINE-LABEL: func.func @train
// INLINE: tgnn.parameter "embed.tokens" [5, 4, 8] xavier : tensor<5x4x8xf32>
// INLINE: tgnn.gather({{.*}}) : (tensor<?x4xf32>, tensor<?x5xi32>) -> tensor<?x5x4xf32>
// INLINE: tgnn.contract "qke,keo->qo" {{.*}} -> tensor<?x8xf32>
// INLINE: tgnn.link_pairs {{.*}} : tensor<?x8xf32> -> tensor<?x8xf32>, tensor<?x8xf32>

// SPLIT-LABEL: func.func @train_prepare
// SPLIT: call @orcinus_rt_targets
// SPLIT: call @orcinus_rt_distinct
// SPLIT: call @orcinus_rt_pending
// SPLIT: call @orcinus_rt_sample
// SPLIT: call @orcinus_rt_pairs
// SPLIT: arith.constant 5 : i32
// SPLIT-NEXT: %[[CHOICE:.*]] = arith.constant 1 : i32
// SPLIT-NEXT: call @orcinus_rt_commit({{.*}}, %[[CHOICE]])
