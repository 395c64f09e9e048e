// RUN: orcinus-opt %s --orcinus-place-allocations | FileCheck %s

// CHECK-LABEL: func.func @last_use(
// CHECK:         %[[A:.*]] = memref.alloc(%{{.*}}) : memref<?xf32>
// CHECK:         linalg.fill {{.*}} outs(%[[A]]
// CHECK:         %[[B:.*]] = memref.alloc(%{{.*}}) : memref<?xf32>
// CHECK:         linalg.copy ins(%[[A]]
// CHECK-NEXT:    memref.dealloc %[[A]]
// CHECK:         linalg.copy ins(%[[B]]
// CHECK-NEXT:    memref.dealloc %[[B]]
func.func @last_use(%n: index, %y: memref<?xf32>) {
  %zero = arith.constant 0.0 : f32
  %a = memref.alloc(%n) {alignment = 64 : i64} : memref<?xf32>
  linalg.fill ins(%zero : f32) outs(%a : memref<?xf32>)
  %b = memref.alloc(%n) {alignment = 64 : i64} : memref<?xf32>
  linalg.copy ins(%a : memref<?xf32>) outs(%b : memref<?xf32>)
  linalg.copy ins(%b : memref<?xf32>) outs(%y : memref<?xf32>)
  return
}

// Views and calls keep a memref alive, and so do uses in a region.
// CHECK-LABEL: func.func @aliases(
// CHECK:         %[[A:.*]] = memref.alloc() : memref<10x10xf32>
// CHECK:         memref.subview
// CHECK:         call @passes_on
// CHECK:         scf.for
// CHECK:         }
// CHECK-NEXT:    memref.dealloc %[[A]]
func.func private @passes_on(memref<5x10xf32, strided<[10, 1]>>) -> memref<?xf32>
func.func @aliases(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %a = memref.alloc() : memref<10x10xf32>
  %view = memref.subview %a[0, 0] [5, 10] [1, 1] : memref<10x10xf32> to memref<5x10xf32, strided<[10, 1]>>
  %other = func.call @passes_on(%view) : (memref<5x10xf32, strided<[10, 1]>>) -> memref<?xf32>
  scf.for %i = %c0 to %n step %c1 {
    memref.store %zero, %other[%i] : memref<?xf32>
  }
  return
}

// CHECK-LABEL: func.func @leaves(
// CHECK-NOT:     memref.dealloc
// CHECK:         return
func.func @leaves() -> memref<4xf32> {
  %a = memref.alloc() : memref<4xf32>
  return %a : memref<4xf32>
}
