// RUN: orcinus-opt %s | FileCheck %s
// RUN: orcinus-opt %s --mlir-print-op-generic | orcinus-opt | FileCheck %s

// CHECK-LABEL: func.func @shard
func.func @shard(%w: tensor<8x4xf32>, %b: tensor<4xf32>, %kept: tensor<?x8xf32>,
                 %rows: tensor<?xi32>) {
  // CHECK: tgnn.await all_gather 1 of ["cache:m1"]
  tgnn.await all_gather 1 of ["cache:m1"]
  // CHECK: tgnn.all_gather 1 of %{{.*}} rows_of(%{{.*}} : tensor<?xi32>) to "cache:m1" : tensor<?x8xf32>
  tgnn.all_gather 1 of %kept rows_of(%rows : tensor<?xi32>) to "cache:m1" : tensor<?x8xf32>
  // CHECK: tgnn.all_reduce 0 of(%{{.*}}, %{{.*}} : tensor<8x4xf32>, tensor<4xf32>) to ["gradient:w", "gradient:b"]
  tgnn.all_reduce 0 of(%w, %b : tensor<8x4xf32>, tensor<4xf32>) to ["gradient:w", "gradient:b"]
  return
}

// Buffers are operands once there are some.

// CHECK-LABEL: func.func @apply
func.func @apply(%w: memref<8x4xf32>) {
  // CHECK: tgnn.all_reduce 3 of(%{{.*}} : memref<8x4xf32>) to ["gradient:w"]
  tgnn.all_reduce 3 of(%w : memref<8x4xf32>) to ["gradient:w"]
  // CHECK: tgnn.await all_reduce 3 of ["gradient:w"] in(%{{.*}} : memref<8x4xf32>)
  tgnn.await all_reduce 3 of ["gradient:w"] in(%w : memref<8x4xf32>)
  return
}
