// RUN: orcinus-opt %s --orcinus-convert-copies | FileCheck %s

// A copy between buffers of any layout becomes a linalg op, which is
// vectorized: MLIR's own copy would call its runtime library.

// CHECK-LABEL: func.func @strided
// CHECK-SAME: (%[[A:.*]]: memref<?x8xf32>, %[[B:.*]]: memref<?x8xf32, strided<[16, 1], offset: 4>>)
// CHECK-NOT: memref.copy
// CHECK: linalg.copy ins(%[[A]] : memref<?x8xf32>) outs(%[[B]] : memref<?x8xf32, strided<[16, 1], offset: 4>>)
func.func @strided(%a: memref<?x8xf32>, %b: memref<?x8xf32, strided<[16, 1], offset: 4>>) {
  memref.copy %a, %b : memref<?x8xf32> to memref<?x8xf32, strided<[16, 1], offset: 4>>
  return
}

// Also inside regions, and of a single element.

// CHECK-LABEL: func.func @nested
// CHECK: scf.if
// CHECK: linalg.copy ins(%{{.*}} : memref<f32>) outs(%{{.*}} : memref<f32>)
func.func @nested(%wanted: i1, %a: memref<f32>, %b: memref<f32>) {
  scf.if %wanted {
    memref.copy %a, %b : memref<f32> to memref<f32>
  }
  return
}
