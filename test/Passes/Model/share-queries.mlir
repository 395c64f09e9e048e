// RUN: orcinus-opt %s --pass-pipeline="builtin.module(func.func(tgnn-share-queries))" | FileCheck %s
// RUN: orcinus-opt %S/../../../models/tgn.mlir --orcinus-train-pipeline="sizes=dim:8,time:8,layers:2" | FileCheck %s --check-prefix=TGN

// The rows of a frontier by node: its queries' projection is computed for their
// distinct nodes. The concatenation that another op reads, too, stays.

// CHECK-LABEL: func.func @embed(
// CHECK-SAME: %[[ROWS:.*]]: tensor<?x8xf32>, %[[ONE:.*]]: tensor<4xf32>, %[[W:.*]]: tensor<12x16xf32>, %[[B:.*]]: tensor<16xf32>
// CHECK: %[[TARGETS:.*]] = tgnn.targets
// CHECK: %[[SELF:.*]] = tgnn.table %{{.*}} "self"
// CHECK: tgnn.concat
// CHECK-NOT: tgnn.contract
// CHECK: %[[DISTINCT:.*]] = tgnn.distinct %[[TARGETS]] key(node)
// CHECK: %[[NODES:.*]] = tgnn.table %[[DISTINCT]] "nodes"
// CHECK: %[[FIRST:.*]] = tgnn.first_rows %[[ROWS]] like %[[NODES]]
// CHECK: %[[NOW:.*]] = tgnn.broadcast_rows %[[ONE]] like %[[NODES]]
// CHECK: %[[OWN:.*]] = tgnn.concat %[[FIRST]], %[[NOW]]
// CHECK: %[[BIAS:.*]] = tgnn.broadcast_rows %[[B]] like %[[NODES]]
// CHECK: %[[PROJECTED:.*]] = tgnn.contract "qi,io->qo" %[[OWN]], %[[W]] init(%[[BIAS]]
// CHECK: %[[U:.*]] = tgnn.reshape %[[PROJECTED]] to [2, 8]
// CHECK: tgnn.attend(%[[U]], %{{.*}}, %{{.*}}, %[[SELF]], %[[ROWS]], %{{.*}}) {{{.*}}indexed
func.func @embed(%rows: tensor<?x8xf32>, %one: tensor<4xf32>, %w: tensor<12x16xf32>, %b: tensor<16xf32>) {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(10) policy(recent) : !tgnn.neighbourhood
  %below = tgnn.frontier %queries, %near key(node) : !tgnn.query
  %self = tgnn.table %below "self" : !tgnn.query -> tensor<?xi32>
  %index = tgnn.table %below "neighbours" : !tgnn.query -> tensor<?x10xi32>
  %counts = tgnn.table %near "counts" : !tgnn.neighbourhood -> tensor<?xi32>
  %seed = tgnn.read "input:dropout_seed" : i64
  %own = tgnn.gather(%rows, %self) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %now = tgnn.broadcast_rows %one like %self : tensor<4xf32>, tensor<?xi32> -> tensor<?x4xf32>
  %both = tgnn.concat %own, %now : tensor<?x8xf32>, tensor<?x4xf32> -> tensor<?x12xf32>
  %bias = tgnn.broadcast_rows %b like %self : tensor<16xf32>, tensor<?xi32> -> tensor<?x16xf32>
  %projected = tgnn.contract "qi,io->qo" %both, %w init(%bias : tensor<?x16xf32>) : tensor<?x12xf32>, tensor<12x16xf32> -> tensor<?x16xf32>
  %u = tgnn.reshape %projected to [2, 8] : tensor<?x16xf32> -> tensor<?x2x8xf32>
  %z, %weights = tgnn.attend(%u, %counts, %seed, %rows, %index)
      {scale = 0.5 : f32, dropout = 0.0 : f32, salt = 0 : i64, time = false}
      : (tensor<?x2x8xf32>, tensor<?xi32>, i64, tensor<?x8xf32>, tensor<?x10xi32>)
      -> (tensor<?x2x8xf32>, tensor<?x2x10xf32>)
  tgnn.output %z as "attended" rows(targets) : tensor<?x2x8xf32>
  tgnn.output %both as "own" rows(targets) : tensor<?x12xf32>
  return
}

// Rows that depend on the time are each query's own, and so is a projection that
// something else reads.

// CHECK-LABEL: func.func @later(
// CHECK-NOT: tgnn.distinct
// CHECK-NOT: indexed
func.func @later(%rows: tensor<?x8xf32>, %w: tensor<8x8xf32>) {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(10) policy(recent) : !tgnn.neighbourhood
  %below = tgnn.frontier %queries, %near key(query_time) : !tgnn.query
  %self = tgnn.table %below "self" : !tgnn.query -> tensor<?xi32>
  %index = tgnn.table %below "neighbours" : !tgnn.query -> tensor<?x10xi32>
  %counts = tgnn.table %near "counts" : !tgnn.neighbourhood -> tensor<?xi32>
  %seed = tgnn.read "input:dropout_seed" : i64
  %own = tgnn.gather(%rows, %self) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %projected = tgnn.contract "qi,io->qo" %own, %w : tensor<?x8xf32>, tensor<8x8xf32> -> tensor<?x8xf32>
  %u = tgnn.reshape %projected to [1, 8] : tensor<?x8xf32> -> tensor<?x1x8xf32>
  %z, %weights = tgnn.attend(%u, %counts, %seed, %rows, %index)
      {scale = 0.5 : f32, dropout = 0.0 : f32, salt = 0 : i64, time = false}
      : (tensor<?x1x8xf32>, tensor<?xi32>, i64, tensor<?x8xf32>, tensor<?x10xi32>)
      -> (tensor<?x1x8xf32>, tensor<?x1x10xf32>)
  tgnn.output %z as "attended" rows(targets) : tensor<?x1x8xf32>
  return
}

// CHECK-LABEL: func.func @read_twice(
// CHECK-NOT: tgnn.distinct
// CHECK-NOT: indexed
func.func @read_twice(%rows: tensor<?x8xf32>, %w: tensor<8x8xf32>) {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(10) policy(recent) : !tgnn.neighbourhood
  %below = tgnn.frontier %queries, %near key(node) : !tgnn.query
  %self = tgnn.table %below "self" : !tgnn.query -> tensor<?xi32>
  %index = tgnn.table %below "neighbours" : !tgnn.query -> tensor<?x10xi32>
  %counts = tgnn.table %near "counts" : !tgnn.neighbourhood -> tensor<?xi32>
  %seed = tgnn.read "input:dropout_seed" : i64
  %own = tgnn.gather(%rows, %self) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %projected = tgnn.contract "qi,io->qo" %own, %w : tensor<?x8xf32>, tensor<8x8xf32> -> tensor<?x8xf32>
  %u = tgnn.reshape %projected to [1, 8] : tensor<?x8xf32> -> tensor<?x1x8xf32>
  %z, %weights = tgnn.attend(%u, %counts, %seed, %rows, %index)
      {scale = 0.5 : f32, dropout = 0.0 : f32, salt = 0 : i64, time = false}
      : (tensor<?x1x8xf32>, tensor<?xi32>, i64, tensor<?x8xf32>, tensor<?x10xi32>)
      -> (tensor<?x1x8xf32>, tensor<?x1x10xf32>)
  tgnn.output %z as "attended" rows(targets) : tensor<?x1x8xf32>
  tgnn.output %projected as "projected" rows(targets) : tensor<?x8xf32>
  return
}

// Training is as it was; of the functions that do not train, the first layer's
// attention shares, the second's does not.

// TGN-LABEL: func.func @train_step(
// TGN-NOT: indexed
// TGN-LABEL: func.func @evaluate_step(
// TGN: tgnn.attend({{.*}}indexed
// TGN: tgnn.attend(
// TGN-NOT: indexed
// TGN-LABEL: func.func @embed_step(
