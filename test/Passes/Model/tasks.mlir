// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-add-head="task=node outputs=3" --tgnn-expand-model="functions=train,evaluate,score,advance task=node" | FileCheck %s --check-prefix=NODE
// RUN: orcinus-opt %S/../../../models/jodie.mlir --tgnn-add-head="task=edge outputs=1" --tgnn-expand-model="functions=train task=edge loss=squared_error frozen=true" | FileCheck %s --check-prefix=EDGE
// RUN: orcinus-opt %S/../../../models/jodie.mlir --orcinus-train-pipeline="task=edge outputs=1 loss=squared_error frozen=true" | FileCheck %s --check-prefix=FROZEN
// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-add-head="task=node outputs=200" | FileCheck %s --check-prefix=WIDE
// RUN: orcinus-opt %s --tgnn-add-head="task=node outputs=4" | FileCheck %s --check-prefix=OWN
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="task=node" 2>&1 | FileCheck %s --check-prefix=HEADLESS
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="task=dance" 2>&1 | FileCheck %s --check-prefix=TASK
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="frozen=true" 2>&1 | FileCheck %s --check-prefix=LINK
// RUN: not orcinus-opt %s --tgnn-expand-model="task=node loss=hinge" 2>&1 | FileCheck %s --check-prefix=LOSS
// RUN: not orcinus-opt %S/../../../models/tcl.mlir --tgnn-add-head 2>&1 | FileCheck %s --check-prefix=PAIRS
// RUN: not orcinus-opt %s --tgnn-add-head="outputs=-1" 2>&1 | FileCheck %s --check-prefix=OUTPUTS
// RUN: not orcinus-opt %s --tgnn-add-head="task=dance" 2>&1 | FileCheck %s --check-prefix=UNLABELLED
// RUN: not orcinus-opt %s --tgnn-add-head="task=link outputs=2" 2>&1 | FileCheck %s --check-prefix=LINK-OUTPUTS
// RUN: orcinus-opt %s --tgnn-add-head="task=edge" | FileCheck %s --check-prefix=FREE

// Labelled nodes are rows of the targets, whose embeddings the head reads; the
// events go into the states as ever.

// NODE-LABEL: func.func @train
// NODE: %[[E:.*]] = tgnn.apply @embed "embed2"
// NODE: %[[SELF:.*]], %{{.*}}, %[[LABELS:.*]] = tgnn.labels outputs(3)
// NODE: %[[ROWS:.*]] = tgnn.table %[[SELF]] "self"
// NODE: %[[LABELLED:.*]] = tgnn.gather(%[[E]], %[[ROWS]])
// NODE: %[[Y:.*]] = tgnn.apply @node_head "node_head"(%[[LABELLED]])
// NODE: %[[VALUES:.*]] = tgnn.table %[[LABELS]] "values" : !tgnn.labels -> tensor<?x3xf32>
// NODE: %[[L:.*]] = tgnn.label_loss(%[[Y]], %[[VALUES]]) {kind = #tgnn<loss cross_entropy>}
// NODE: tgnn.output %[[L]] as "loss"
// NODE: tgnn.minimize %[[L]]
// NODE: tgnn.endpoints
// NODE-LABEL: func.func @evaluate
// NODE: tgnn.output %{{.*}} as "predictions" rows(labels) : tensor<?x3xf32>
// NODE: tgnn.endpoints
// NODE-LABEL: func.func @score
// NODE: tgnn.output %{{.*}} as "predictions" rows(labels)
// NODE-NOT: tgnn.endpoints
// NODE-LABEL: func.func @advance
// NODE-NOT: tgnn.labels

// EDGE: tgnn.apply @memory "memory"({{.*}}) frozen
// EDGE: %[[E:.*]] = tgnn.apply @project "project"({{.*}}) frozen
// EDGE: %[[SELF:.*]], %[[OTHER:.*]], %[[LABELS:.*]] = tgnn.labels outputs(1)
// EDGE: %[[SOURCES:.*]] = tgnn.table %[[SELF]] "self"
// EDGE: %[[FROM:.*]] = tgnn.gather(%[[E]], %[[SOURCES]])
// EDGE: %[[DESTINATIONS:.*]] = tgnn.table %[[OTHER]] "self"
// EDGE: %[[TO:.*]] = tgnn.gather(%[[E]], %[[DESTINATIONS]])
// EDGE: %[[EVENTS:.*]] = tgnn.table %[[LABELS]] "events"
// EDGE: %[[FEATURES:.*]] = tgnn.gather(%{{.*}}, %[[EVENTS]])
// EDGE: tgnn.apply @edge_head "edge_head"(%[[FROM]], %[[TO]], %[[FEATURES]]) :
// EDGE: tgnn.label_loss({{.*}}) {kind = #tgnn<loss squared_error>}

// What is frozen has no moments, and drops nothing: both dropouts, and their
// adjoints, are the head's.

// FROZEN: func.func @train_step
// FROZEN-NOT: "first_moment:{{memory|project}}
// FROZEN-SAME: "first_moment:edge_head.first"
// FROZEN-COUNT-4: tgnn.dropout(
// FROZEN-NOT: tgnn.dropout(
// FROZEN: func.func @evaluate_prepare

// WIDE: tgnn.head @node_head
// WIDE: tgnn.parameter "first" [input, 200]
// WIDE: tgnn.parameter "second" [200, 200]
// WIDE: tgnn.parameter "third" [200, 200]

// OWN: outputs = 4
// OWN: tgnn.head @kind
// OWN-NOT: tgnn.head

// HEADLESS: error: has no tgnn.head for the task 'node': add one by tgnn-add-head
// TASK: error: there is no task 'dance'
// LINK: error: to train a head alone, or by another loss, choose the task node or edge
// LOSS: error: there is no loss 'hinge'
// PAIRS: error: scores pairs by a tgnn.score, so that it has no embeddings to predict labels of
// OUTPUTS: error: option 'outputs' of 'tgnn-add-head' must be at least 0, not -1
// UNLABELLED: error: there is no task 'dance'
// LINK-OUTPUTS: error: links have no labels, of which 'outputs' says the numbers

// The model's own number of outputs, and a name that nothing has.
// FREE: outputs = 3
// FREE: tgnn.layer @edge_head(
// FREE: tgnn.head @edge_head2(
// FREE: tgnn.parameter "third" [10, 3]

tgnn.model @own sizes {dim = 8, edge = 0, node = 0, time = 0, neighbours = 3, layers = 1, outputs = 3}
    neighbour_time(query_time) sampling(recent) {
  tgnn.layer @edge_head(%own: tensor<?x?xf32>, %near: tensor<?x?x?xf32>,
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
