// RUN: orcinus-opt %s --pass-pipeline='builtin.module(func.func(orcinus-place-data{host-arguments}))' | FileCheck %s

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @scale(%from: memref<4xf32>, %to: memref<4xf32>) kernel {
      %c0 = arith.constant 0 : index
      %view = memref.subview %to[0] [2] [1] : memref<4xf32> to memref<2xf32, strided<[1]>>
      %value = memref.load %from[%c0] : memref<4xf32>
      memref.store %value, %view[%c0] : memref<2xf32, strided<[1]>>
      gpu.return
    }
  }

  // All memrefs are copied to the device; what a kernel writes to, through a view
  // as well, comes back, and nothing else does.
  // CHECK-LABEL: func.func @call
  // CHECK-SAME:    %[[FROM:[a-z0-9]+]]: memref<4xf32>, %[[TO:[a-z0-9]+]]: memref<4xf32>
  // CHECK:         %[[INPUT:.*]], %{{.*}} = gpu.alloc
  // CHECK:         gpu.memcpy async [%{{.*}}] %[[INPUT]], %[[FROM]]
  // CHECK:         %[[RESULT:.*]], %{{.*}} = gpu.alloc
  // CHECK:         gpu.memcpy async [%{{.*}}] %[[RESULT]], %[[TO]]
  // CHECK:         gpu.launch_func {{.*}} args(%[[INPUT]] : memref<4xf32>, %[[RESULT]] : memref<4xf32>)
  // CHECK-NOT:     gpu.memcpy
  // CHECK:         gpu.memcpy async [%{{.*}}] %[[TO]], %[[RESULT]]
  // CHECK-NOT:     gpu.memcpy
  // CHECK:         return
  func.func @call(%from: memref<4xf32>, %to: memref<4xf32>) {
    %c1 = arith.constant 1 : index
    gpu.launch_func @kernels::@scale blocks in (%c1, %c1, %c1)
        threads in (%c1, %c1, %c1)
        args(%from : memref<4xf32>, %to : memref<4xf32>)
    return
  }
}
