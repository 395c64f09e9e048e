// RUN: orcinus-opt %s | orcinus-opt | FileCheck %s

// CHECK-LABEL: func.func @step
func.func @step(%loss: tensor<f32>, %w: tensor<4x4xf32>, %rate: f32, %at: i64) {
  // CHECK: %[[Q:.*]] = tgnn.targets : !tgnn.query
  %q = tgnn.targets : !tgnn.query
  // CHECK: %[[N:.*]] = tgnn.sample %[[Q]] k(10) policy(recent) : !tgnn.neighbourhood
  %n = tgnn.sample %q k(10) policy(recent) : !tgnn.neighbourhood
  // CHECK: %[[F:.*]] = tgnn.frontier %[[Q]], %[[N]] key(node) : !tgnn.query
  %f = tgnn.frontier %q, %n key(node) : !tgnn.query
  // CHECK: tgnn.pending %[[F]] : !tgnn.pending
  %p = tgnn.pending %f : !tgnn.pending
  // CHECK: tgnn.endpoints %[[F]] : !tgnn.endpoints
  %e = tgnn.endpoints %f : !tgnn.endpoints
  // CHECK: tgnn.endpoints %[[F]] messages(destination_last) : !tgnn.endpoints
  %last = tgnn.endpoints %f messages(destination_last) : !tgnn.endpoints
  // CHECK: tgnn.table %[[F]] "neighbours" : !tgnn.query -> tensor<?x10xi32>
  %t = tgnn.table %f "neighbours" : !tgnn.query -> tensor<?x10xi32>
  // CHECK: tgnn.read "state:memory" : tensor<?x4xf32>
  %s = tgnn.read "state:memory" : tensor<?x4xf32>
  %rows = tgnn.table %e "nodes" : !tgnn.endpoints -> tensor<?xi32>
  // CHECK: tgnn.write %{{.*}} to "state:memory" rows(%{{.*}} : tensor<?xi32>) : tensor<?x4xf32>
  tgnn.write %s to "state:memory" rows(%rows : tensor<?xi32>) : tensor<?x4xf32>
  // CHECK: tgnn.output %{{.*}} as "loss" : tensor<f32>
  tgnn.output %loss as "loss" : tensor<f32>
  // CHECK: tgnn.output %{{.*}} as "ranks" rows(events + 2 * negatives) rows_of(%{{.*}} : tensor<?xi32>) : tensor<?x4xf32>
  tgnn.output %s as "ranks" rows(events + 2 * negatives) rows_of(%rows : tensor<?xi32>) : tensor<?x4xf32>
  // CHECK: tgnn.minimize %{{.*}} : tensor<f32>
  tgnn.minimize %loss : tensor<f32>
  // CHECK: tgnn.gradient %{{.*}} wrt(%{{.*}}) : tensor<f32>, tensor<4x4xf32> -> tensor<4x4xf32>
  %g = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<4x4xf32> -> tensor<4x4xf32>
  // CHECK: tgnn.optimize "w" by <adam> with %{{.*}} rate %{{.*}} step %{{.*}} : tensor<4x4xf32>
  tgnn.optimize "w" by <adam> with %g rate %rate step %at : tensor<4x4xf32>
  return
}
