// RUN: orcinus-opt %s --convert-scf-to-openmp --canonicalize --orcinus-relax-barriers | FileCheck %s

// CHECK-LABEL: func.func @parallel
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

// What follows a loop within its region may read what other threads write in
// it: the first loop waits, and the last one alone does not.
// CHECK-LABEL: func.func @two_loops
// CHECK: omp.wsloop {
// CHECK: omp.wsloop nowait {
func.func @two_loops(%n: index, %x: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  omp.parallel {
    omp.wsloop {
      omp.loop_nest (%i) : index = (%c0) to (%n) step (%c1) {
        memref.store %zero, %x[%i] : memref<?xf32>
        omp.yield
      }
    }
    omp.wsloop {
      omp.loop_nest (%i) : index = (%c0) to (%n) step (%c1) {
        %last = arith.subi %n, %i : index
        %at = arith.subi %last, %c1 : index
        %other = memref.load %x[%at] : memref<?xf32>
        memref.store %other, %x[%i] : memref<?xf32>
        omp.yield
      }
    }
    omp.terminator
  }
  return
}

// So does a loop that an op follows, and one outside of a parallel region.
// CHECK-LABEL: func.func @followed
// CHECK-NOT: nowait
// CHECK: return
func.func @followed(%n: index, %x: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  omp.parallel {
    omp.wsloop {
      omp.loop_nest (%i) : index = (%c0) to (%n) step (%c1) {
        memref.store %zero, %x[%i] : memref<?xf32>
        omp.yield
      }
    }
    %first = memref.load %x[%c0] : memref<?xf32>
    memref.store %first, %x[%c1] : memref<?xf32>
    omp.terminator
  }
  omp.wsloop {
    omp.loop_nest (%i) : index = (%c0) to (%n) step (%c1) {
      memref.store %zero, %x[%i] : memref<?xf32>
      omp.yield
    }
  }
  return
}
