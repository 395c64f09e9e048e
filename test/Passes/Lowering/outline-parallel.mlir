// RUN: orcinus-opt %s --orcinus-outline-parallel | FileCheck %s

// Equal loops of different functions become calls of one.
// CHECK-LABEL: func.func @train(
// CHECK-NOT:     scf.parallel
// CHECK:         call @[[$LOOP:orcinus_parallel[_0-9]*]](
// CHECK:         call @copy(
func.func @train(%x: memref<?xf32>, %rows: index) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %value = arith.constant 2.0 : f32
  scf.parallel (%i) = (%zero) to (%rows) step (%one) {
    memref.store %value, %x[%i] : memref<?xf32>
  }
  call @copy(%x, %x) : (memref<?xf32>, memref<?xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @evaluate(
// CHECK:         call @[[$LOOP]](
func.func @evaluate(%rows: index, %x: memref<?xf32>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %value = arith.constant 2.0 : f32
  scf.parallel (%i) = (%zero) to (%rows) step (%one) {
    memref.store %value, %x[%i] : memref<?xf32>
  }
  return
}

// The loops of private functions stay.
// CHECK-LABEL: func.func private @copy(
// CHECK:         scf.parallel
func.func private @copy(%x: memref<?xf32>, %y: memref<?xf32>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %rows = memref.dim %x, %zero : memref<?xf32>
  scf.parallel (%i) = (%zero) to (%rows) step (%one) {
    %value = memref.load %x[%i] : memref<?xf32>
    memref.store %value, %y[%i] : memref<?xf32>
  }
  return
}
