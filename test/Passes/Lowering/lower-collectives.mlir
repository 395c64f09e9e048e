// RUN: orcinus-opt %s --tgnn-lower-collectives --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-DAG: func.func private @orcinus_rt_start_all_reduce(i32)
// CHECK-DAG: func.func private @orcinus_rt_await_all_reduce(i32)
// CHECK-DAG: func.func private @orcinus_rt_await_all_gather(i32)
// CHECK-LABEL: func.func @shard(
// CHECK: %[[ONE:.*]] = arith.constant 1 : i32
// CHECK: call @orcinus_rt_await_all_gather(%[[ONE]])
// CHECK: %[[ZERO:.*]] = arith.constant 0 : i32
// CHECK: call @orcinus_rt_start_all_reduce(%[[ZERO]])
// CHECK: memref.store
// CHECK: call @orcinus_rt_start_all_reduce
// CHECK: call @orcinus_rt_await_all_reduce
func.func @shard(%w: memref<f32>, %m: memref<?x8xf32>, %x: f32) {
  tgnn.await all_gather 1 of ["cache:m1"] in(%m : memref<?x8xf32>)
  tgnn.all_reduce 0 of(%w : memref<f32>) to ["gradient:w"]
  memref.store %x, %w[] : memref<f32>
  tgnn.all_reduce 1 of(%w : memref<f32>) to ["gradient:w"]
  tgnn.await all_reduce 1 of ["gradient:w"]
  return
}

// -----

func.func @tensors(%w: tensor<4xf32>) {
  // expected-error @+1 {{'tgnn.all_reduce' op is on tensors: its values have no place yet}}
  tgnn.all_reduce 0 of(%w : tensor<4xf32>) to ["gradient:w"]
  return
}
