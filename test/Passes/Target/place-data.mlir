// RUN: orcinus-opt %s --pass-pipeline='builtin.module(func.func(orcinus-place-data))' | FileCheck %s

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @scale(%from: memref<?xf32>, %to: memref<?xf32>) kernel {
      gpu.return
    }
  }

  // Tables are copied on a stream of their own; the first launch, which reads
  // none, does not wait for it; the output comes back before the end.
  // CHECK-LABEL: func.func @step
  // CHECK-SAME:    %[[STATE:[a-z0-9]+]]: memref<?xf32> {tgnn.binding = "parameter:w"}, %[[TABLE:[a-z0-9]+]]: memref<?xf32> {{.*}}, %[[OUTPUT:[a-z0-9]+]]: memref<?xf32>
  // CHECK:         %[[COMPUTE:.*]] = gpu.wait async
  // CHECK:         %[[COPIES:.*]] = gpu.wait async
  // CHECK:         %[[DEVICE:.*]], %[[A:.*]] = gpu.alloc async [%[[COPIES]]] (%{{.*}}) : memref<?xf32>
  // CHECK:         %[[COPIED:.*]] = gpu.memcpy async [%[[A]]] %[[DEVICE]], %[[TABLE]]
  // CHECK:         %[[RESULT:.*]], %[[READY:.*]] = gpu.alloc async [%[[COPIED]]]
  // CHECK:         %[[TEMPORARY:.*]], %[[T0:.*]] = gpu.alloc async [%[[COMPUTE]]]
  // CHECK:         %[[T1:.*]] = gpu.launch_func async [%[[T0]]] @kernels::@scale {{.*}} args(%[[STATE]] : memref<?xf32>, %[[TEMPORARY]] : memref<?xf32>)
  // CHECK:         %[[JOINED:.*]] = gpu.wait async [%[[T1]], %[[COPIED]]]
  // CHECK:         %[[T2:.*]] = gpu.launch_func async [%[[JOINED]]] @kernels::@scale {{.*}} args(%[[DEVICE]] : memref<?xf32>, %[[TEMPORARY]] : memref<?xf32>)
  // CHECK:         %[[JOINED2:.*]] = gpu.wait async [%[[T2]], %[[READY]]]
  // CHECK:         %[[T3:.*]] = gpu.launch_func async [%[[JOINED2]]] @kernels::@scale {{.*}} args(%[[TEMPORARY]] : memref<?xf32>, %[[RESULT]] : memref<?xf32>)
  // CHECK:         %[[T4:.*]] = gpu.dealloc async [%[[T3]]] %[[TEMPORARY]]
  // CHECK:         %[[ALL:.*]] = gpu.wait async [%[[T4]],
  // CHECK:         %[[BACK:.*]] = gpu.memcpy async [%[[ALL]]] %[[OUTPUT]], %[[RESULT]]
  // CHECK:         gpu.dealloc async {{.*}} %[[DEVICE]]
  // CHECK:         %[[LAST:.*]] = gpu.dealloc async {{.*}} %[[RESULT]]
  // CHECK:         gpu.wait [%[[LAST]]]
  // CHECK-NEXT:    return
  func.func @step(%state: memref<?xf32> {tgnn.binding = "parameter:w"},
                  %table: memref<?xf32> {tgnn.binding = "table:1.times"},
                  %output: memref<?xf32> {tgnn.binding = "output:logits"}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %count = memref.dim %table, %c0 : memref<?xf32>
    %temporary = memref.alloc(%count) : memref<?xf32>
    gpu.launch_func @kernels::@scale blocks in (%c1, %c1, %c1)
        threads in (%c1, %c1, %c1)
        args(%state : memref<?xf32>, %temporary : memref<?xf32>)
    gpu.launch_func @kernels::@scale blocks in (%c1, %c1, %c1)
        threads in (%c1, %c1, %c1)
        args(%table : memref<?xf32>, %temporary : memref<?xf32>)
    gpu.launch_func @kernels::@scale blocks in (%c1, %c1, %c1)
        threads in (%c1, %c1, %c1)
        args(%temporary : memref<?xf32>, %output : memref<?xf32>)
    memref.dealloc %temporary : memref<?xf32>
    return
  }

  // Nothing of a function that launches nothing is touched.
  // CHECK-LABEL: func.func @prepare
  // CHECK-NEXT:    memref.alloc
  // CHECK-NEXT:    return
  func.func @prepare() {
    %buffer = memref.alloc() : memref<4xf32>
    return
  }

  // A constant is on the device before what reads it, also where it comes first.
  // CHECK-LABEL: func.func @constant
  // CHECK:         %[[ONE:.*]] = memref.get_global @one
  // CHECK-NEXT:    %[[DEVICE:.*]], %[[A:.*]] = gpu.alloc async
  // CHECK-NEXT:    gpu.memcpy async [%[[A]]] %[[DEVICE]], %[[ONE]]
  // CHECK:         %[[FROM:.*]] = memref.cast %[[DEVICE]]
  // CHECK:         gpu.launch_func {{.*}} args(%[[FROM]] :
  memref.global "private" constant @one : memref<2xf32> = dense<1.0>
  func.func @constant(%state: memref<?xf32> {tgnn.binding = "parameter:w"}) {
    %one = memref.get_global @one : memref<2xf32>
    %c1 = arith.constant 1 : index
    %from = memref.cast %one : memref<2xf32> to memref<?xf32>
    gpu.launch_func @kernels::@scale blocks in (%c1, %c1, %c1)
        threads in (%c1, %c1, %c1)
        args(%from : memref<?xf32>, %state : memref<?xf32>)
    return
  }
}
