// RUN: orcinus-opt %s --tgnn-lower-reuse | FileCheck %s

// CHECK-LABEL: func.func @blocked
// CHECK-SAME: (%[[H:.*]]: tensor<?x8xf32>)
// CHECK: %[[Q1:.*]] = tgnn.cache_lookup
// CHECK: %[[STORE:.*]] = tgnn.read "cache:1" : tensor<?x8xf32>
// CHECK: %[[READ:.*]] = tgnn.table %[[Q1]] "cached_rows"
// CHECK: %[[CACHED:.*]] = tgnn.gather(%[[STORE]], %[[READ]])
// CHECK: %[[BOTH:.*]] = tgnn.concat_rows %[[H]], %[[CACHED]]
// CHECK: %[[POOL:.*]] = tgnn.stop_gradient %[[BOTH]]
// CHECK: %[[ROWS:.*]] = tgnn.table %[[Q1]] "pushed_rows"
// CHECK: %[[KEPT:.*]] = tgnn.gather(%[[H]], %[[ROWS]])
// CHECK: %[[NODES:.*]] = tgnn.table %[[Q1]] "pushed_nodes"
// CHECK: tgnn.write %[[KEPT]] to "cache:1" rows(%[[NODES]] : tensor<?xi32>)
// CHECK: return %[[POOL]]
func.func @blocked(%h: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %q = tgnn.targets : !tgnn.query
  %n = tgnn.sample %q k(10) policy(recent) : !tgnn.neighbourhood
  %q1 = tgnn.cache_lookup 1, %q, %n share(paper) : !tgnn.query
  %pool = tgnn.cache_pull 1, %q1, %h block_gradient : tensor<?x8xf32> -> tensor<?x8xf32>
  tgnn.cache_push 1, %q1, %h : tensor<?x8xf32>
  return %pool : tensor<?x8xf32>
}

// Unblocked, the fresh rows get a gradient and the cached ones none.
// CHECK-LABEL: func.func @open
// CHECK: %[[BOTH:.*]] = tgnn.concat_rows
// CHECK-NOT: tgnn.stop_gradient
// CHECK: return %[[BOTH]]
func.func @open(%h: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %q = tgnn.targets : !tgnn.query
  %n = tgnn.sample %q k(10) policy(recent) : !tgnn.neighbourhood
  %q1 = tgnn.cache_lookup 2, %q, %n share(causal) : !tgnn.query
  %pool = tgnn.cache_pull 2, %q1, %h : tensor<?x8xf32> -> tensor<?x8xf32>
  return %pool : tensor<?x8xf32>
}
