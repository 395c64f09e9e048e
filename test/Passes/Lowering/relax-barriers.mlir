// RUN: orcinus-opt %s --convert-scf-to-openmp --canonicalize --orcinus-relax-barriers | FileCheck %s

// CHECK: omp.wsloop nowait
func.func @parallel(%n: index, %x: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    memref.store %zero, %x[%i] : memref<?xf32>
  }
  return
}
