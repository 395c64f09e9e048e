// RUN: orcinus-opt %s --orcinus-return-results | FileCheck %s --check-prefixes=CHECK,CALLER
// RUN: orcinus-opt %s --orcinus-return-results=allocate-dynamic | FileCheck %s --check-prefixes=CHECK,CALLEE

// An allocation that is returned twice: the second gets a copy.
// CHECK:      func.func @twice(%[[X:.*]]: memref<4xf32>, %[[ONE:.*]]: memref<4xf32>, %[[TWO:.*]]: memref<4xf32>) {
// CHECK-NEXT:   memref.copy %[[X]], %[[ONE]]
// CHECK-NEXT:   memref.copy %[[ONE]], %[[TWO]]
// CHECK-NEXT:   return
func.func @twice(%x: memref<4xf32>) -> (memref<4xf32>, memref<4xf32>) {
  %y = memref.alloc() : memref<4xf32>
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return %y, %y : memref<4xf32>, memref<4xf32>
}

// An argument; scalars stay results.
// CHECK:      func.func @argument(%[[X:.*]]: memref<4xf32>, %[[OUT:.*]]: memref<4xf32>) -> index {
// CHECK:        memref.copy %[[X]], %[[OUT]]
// CHECK:        return %{{.*}} : index
func.func @argument(%x: memref<4xf32>) -> (memref<4xf32>, index) {
  %c0 = arith.constant 0 : index
  return %x, %c0 : memref<4xf32>, index
}

// CALLER:      func.func @dynamic(%[[X:.*]]: memref<?xf32>, %[[OUT:.*]]: memref<?xf32>) {
// CALLER:        memref.copy
// CALLER:        return
// CALLEE:      func.func @dynamic(%[[X:.*]]: memref<?xf32>) -> memref<?xf32> {
// CALLEE:        %[[N:.*]] = memref.dim %[[X]]
// CALLEE:        %[[COPY:.*]] = memref.alloc(%[[N]]) : memref<?xf32>
// CALLEE:        memref.copy %[[X]], %[[COPY]]
// CALLEE:        return %[[COPY]]
func.func @dynamic(%x: memref<?xf32>) -> memref<?xf32> {
  return %x : memref<?xf32>
}

// An allocation of its own needs no copy.
// CALLEE:      func.func @own(
// CALLEE-NOT:    memref.copy
// CALLEE:        return
func.func @own(%n: index) -> memref<?xf32> {
  %y = memref.alloc(%n) : memref<?xf32>
  return %y : memref<?xf32>
}
