// RUN: orcinus-opt %s --tgnn-place-collectives=message-bytes=128 --split-input-file | FileCheck %s
// RUN: orcinus-opt %s --tgnn-place-collectives=message-bytes=128 --tgnn-split-prepare --split-input-file | FileCheck %s --check-prefix=SPLIT
// RUN: orcinus-opt %s --tgnn-place-collectives=device-sums --split-input-file | FileCheck %s --check-prefix=DEVICE

// A sum begins where the last of its gradients is made, however late it is
// written; what does not fit in a message is in the next one.

// CHECK-LABEL: func.func @shard(
// CHECK: %[[C:.*]] = tgnn.gelu
// CHECK-NEXT: %[[B:.*]] = tgnn.relu
// CHECK-NEXT: tgnn.all_reduce 0 of(%[[C]], %[[B]] : tensor<4x4xf32>, tensor<4x4xf32>) to ["gradient:c", "gradient:b"]
// CHECK-NEXT: %[[A:.*]] = tgnn.relu
// CHECK-NEXT: tgnn.all_reduce 1 of(%[[A]] : tensor<4x8xf32>) to ["gradient:a"]
// CHECK-NEXT: tgnn.output
// CHECK-NOT: tgnn.write

// SPLIT-LABEL: func.func @shard_step(
// SPLIT-SAME: memref<4x4xf32> {tgnn.binding = "gradient:c", tgnn.sum = 0 : i64}
// SPLIT-SAME: memref<4x4xf32> {tgnn.binding = "gradient:b", tgnn.sum = 0 : i64}
// SPLIT-SAME: memref<4x8xf32> {tgnn.binding = "gradient:a", tgnn.sum = 1 : i64}
// SPLIT: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[C:.*]] : (tensor<4x4xf32>
// SPLIT: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[B:.*]] : (tensor<4x4xf32>
// SPLIT: tgnn.all_reduce 0 of(%[[C]], %[[B]] : memref<4x4xf32>, memref<4x4xf32>)
// SPLIT: tgnn.relu
// SPLIT: tgnn.all_reduce 1
func.func @shard(%x: tensor<4x8xf32>, %y: tensor<4x4xf32>, %loss: tensor<f32>)
    attributes {tgnn.shard, tgnn.training} {
  %queries = tgnn.targets : !tgnn.query
  %dc = tgnn.gelu %y : tensor<4x4xf32> -> tensor<4x4xf32>
  %db = tgnn.relu %y : tensor<4x4xf32> -> tensor<4x4xf32>
  %da = tgnn.relu %x : tensor<4x8xf32> -> tensor<4x8xf32>
  tgnn.output %loss as "loss" : tensor<f32>
  tgnn.write %da to "gradient:a" : tensor<4x8xf32>
  tgnn.write %db to "gradient:b" : tensor<4x4xf32>
  tgnn.write %dc to "gradient:c" : tensor<4x4xf32>
  return
}

// The function beside it begins the same sums, in whatever order it makes
// gradients.

// CHECK-LABEL: func.func @shard_exact(
// CHECK: tgnn.all_reduce 1 of(%{{.*}} : tensor<4x8xf32>) to ["gradient:a"]
// CHECK-NEXT: tgnn.gelu
// CHECK-NEXT: tgnn.relu
// CHECK-NEXT: tgnn.all_reduce 0 of(%{{.*}}, %{{.*}} : tensor<4x4xf32>, tensor<4x4xf32>) to ["gradient:c", "gradient:b"]
func.func @shard_exact(%x: tensor<4x8xf32>, %y: tensor<4x4xf32>)
    attributes {tgnn.shard, tgnn.training} {
  %da = tgnn.relu %x : tensor<4x8xf32> -> tensor<4x8xf32>
  %dc = tgnn.gelu %y : tensor<4x4xf32> -> tensor<4x4xf32>
  %db = tgnn.relu %y : tensor<4x4xf32> -> tensor<4x4xf32>
  tgnn.write %da to "gradient:a" : tensor<4x8xf32>
  tgnn.write %db to "gradient:b" : tensor<4x4xf32>
  tgnn.write %dc to "gradient:c" : tensor<4x4xf32>
  return
}

// Each update waits for its own sum, in the order in which sums are begun.

// CHECK-LABEL: func.func @apply(
// CHECK: tgnn.await all_reduce 0 of ["gradient:b", "gradient:c"]
// CHECK: tgnn.optimize "c"
// CHECK: tgnn.optimize "b"
// CHECK: tgnn.await all_reduce 1 of ["gradient:a"]
// CHECK: %[[A:.*]] = tgnn.read "gradient:a"
// CHECK: tgnn.optimize "a" by <adam> with %[[A]]

// SPLIT-LABEL: func.func @apply_step(
// SPLIT: tgnn.await all_reduce 0 of ["gradient:b", "gradient:c"] in(%[[B:.*]], %[[C:.*]] : memref<4x4xf32>, memref<4x4xf32>)
// SPLIT: bufferization.to_tensor %[[C]]
// SPLIT: tgnn.adam
// SPLIT: tgnn.adam
// SPLIT: tgnn.await all_reduce 1 of ["gradient:a"] in(%[[A:.*]] : memref<4x8xf32>)
// SPLIT: bufferization.to_tensor %[[A]]
// SPLIT: tgnn.adam
func.func @apply() {
  %a = tgnn.parameter "a" [4, 8] zeros : tensor<4x8xf32>
  %b = tgnn.parameter "b" [4, 4] zeros : tensor<4x4xf32>
  %c = tgnn.parameter "c" [4, 4] zeros : tensor<4x4xf32>
  %da = tgnn.read "gradient:a" : tensor<4x8xf32>
  %db = tgnn.read "gradient:b" : tensor<4x4xf32>
  %dc = tgnn.read "gradient:c" : tensor<4x4xf32>
  %rate = tgnn.read "input:learning_rate" : f32
  %step = tgnn.read "input:step" : i64
  tgnn.optimize "a" by <adam> with %da rate %rate step %step : tensor<4x8xf32>
  tgnn.optimize "b" by <adam> with %db rate %rate step %step : tensor<4x4xf32>
  tgnn.optimize "c" by <adam> with %dc rate %rate step %step : tensor<4x4xf32>
  return
}

// What a device adds by: a product, and a sum.

// DEVICE-LABEL: func.func @weigh_gradients(
// DEVICE-SAME: %[[INTO:.*]]: memref<?xf32>, %[[FROM:.*]]: memref<?xf32>, %[[SHARE:.*]]: f32)
// DEVICE: linalg.generic {{.*}} ins(%[[FROM]] : memref<?xf32>) outs(%[[INTO]] : memref<?xf32>)
// DEVICE: arith.mulf %{{.*}}, %[[SHARE]]
// DEVICE-LABEL: func.func @add_gradients(
// DEVICE: arith.addf

// -----

// What does not train in shards is left alone.

// CHECK-LABEL: func.func @shard(
// CHECK: %[[STORE:.*]] = tgnn.read "cache:m1"
// CHECK-NOT: tgnn.await
// CHECK: tgnn.gather(%[[STORE]]
// CHECK: tgnn.write
// CHECK: return
func.func @shard(%x: tensor<4xf32>, %rows: tensor<?xi32>) attributes {tgnn.training} {
  %store = tgnn.read "cache:m1" : tensor<?x8xf32>
  %read = tgnn.gather(%store, %rows) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  tgnn.write %x to "gradient:a" : tensor<4xf32>
  return
}

// -----

// Rows of a cache are waited for before the first of them is read. Of gradients
// that are clipped, all are needed at first.

// CHECK-LABEL: func.func @shard(
// CHECK: tgnn.relu
// CHECK-NEXT: tgnn.all_reduce 0
// CHECK-NEXT: tgnn.await all_gather 1 of ["cache:m1"]
// CHECK-NEXT: %[[STORE:.*]] = tgnn.read "cache:m1"
// CHECK-NEXT: tgnn.gather(%[[STORE]]
// CHECK-NEXT: tgnn.all_gather 1
func.func @shard(%x: tensor<4xf32>, %rows: tensor<?xi32>)
    attributes {tgnn.shard, tgnn.training} {
  %store = tgnn.read "cache:m1" : tensor<?x8xf32>
  %da = tgnn.relu %x : tensor<4xf32> -> tensor<4xf32>
  %read = tgnn.gather(%store, %rows) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  tgnn.all_gather 1 of %read rows_of(%rows : tensor<?xi32>) to "cache:m1" : tensor<?x8xf32>
  tgnn.write %da to "gradient:a" : tensor<4xf32>
  return
}

// CHECK-LABEL: func.func @apply(
// CHECK: tgnn.await all_reduce 0 of ["gradient:a"]
// CHECK-NEXT: %[[A:.*]] = tgnn.read "gradient:a"
// CHECK-NEXT: tgnn.squared_norm(%[[A]])
// CHECK-NEXT: tgnn.clip_scale
// CHECK-NEXT: tgnn.optimize
func.func @apply(%rate: f32, %step: i64) {
  %a = tgnn.parameter "a" [4] zeros : tensor<4xf32>
  %da = tgnn.read "gradient:a" : tensor<4xf32>
  %norm = tgnn.squared_norm(%da) : (tensor<4xf32>) -> tensor<1xf32>
  %scale = tgnn.clip_scale(%norm) {limit = 1.0 : f64} : (tensor<1xf32>) -> tensor<f32>
  tgnn.optimize "a" by <adam> with %da rate %rate step %step scaled(%scale : tensor<f32>) : tensor<4xf32>
  return
}
