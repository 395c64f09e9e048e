// RUN: orcinus-opt %s --orcinus-divide-parallel=threads=4 --split-input-file | FileCheck %s

// Fifteen turns are three parts of four, and one of three.
// CHECK-LABEL: func.func @turns(
// CHECK:         scf.parallel (%[[TASK:.*]]) = (%c0{{.*}}) to (%c4{{.*}}) step (%c1{{.*}}) {
// CHECK:           %[[BEGIN:.*]] = arith.muli %[[TASK]], %c4
// CHECK:           %[[FIRST:.*]] = arith.minui %[[BEGIN]], %c15
// CHECK:           %[[END:.*]] = arith.addi %[[FIRST]], %c4
// CHECK:           %[[LAST:.*]] = arith.minui %[[END]], %c15
// CHECK:           scf.for %[[TURN:.*]] = %[[FIRST]] to %[[LAST]]
// CHECK:             %[[I:.*]] = arith.divui %[[TURN]], %c5
// CHECK:             %[[BEFORE:.*]] = arith.muli %[[I]], %c5
// CHECK:             %[[J:.*]] = arith.subi %[[TURN]], %[[BEFORE]]
// CHECK:             memref.alloc() : memref<64xf32>
// CHECK:             memref.store {{.*}}[%[[I]], %[[J]]]
// CHECK:             memref.dealloc
func.func @turns(%y: memref<3x5xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  scf.parallel (%i, %j) = (%c0, %c0) to (%c3, %c5) step (%c1, %c1) {
    %a = memref.alloc() : memref<64xf32>
    %x = memref.load %a[%c0] : memref<64xf32>
    memref.store %x, %y[%i, %j] : memref<3x5xf32>
    memref.dealloc %a : memref<64xf32>
  }
  return
}

// -----

// How many turns there are may be open, and where they begin: there are none
// where that is behind the end.
// CHECK-LABEL: func.func @open(
// CHECK-SAME:      %[[N:.*]]: index, %[[M:.*]]: index)
// CHECK:         %[[LAST:.*]] = arith.maxsi %[[N]], %[[M]]
// CHECK:         arith.subi %[[LAST]], %[[N]]
// CHECK:         scf.parallel (%[[TASK:.*]]) = {{.*}} to (%c4
// CHECK:           scf.for %[[TURN:.*]] =
// CHECK:             %[[STEPS:.*]] = arith.muli %[[TURN]], %c2
// CHECK:             %[[I:.*]] = arith.addi %{{.*}}, %[[STEPS]]
// CHECK:             call @use(%[[I]])
func.func private @use(index)
func.func @open(%n: index, %m: index) {
  %c2 = arith.constant 2 : index
  scf.parallel (%i) = (%n) to (%m) step (%c2) {
    func.call @use(%i) : (index) -> ()
  }
  return
}

// -----

// Few turns, and turns that take no memory, stay as they are.
// CHECK-LABEL: func.func @few(
// CHECK-NOT:     scf.for
// CHECK-LABEL: func.func @light(
// CHECK-NOT:     scf.for
func.func @few() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %a = memref.alloc() : memref<64xf32>
    memref.dealloc %a : memref<64xf32>
  }
  return
}
func.func @light(%y: memref<100xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c100 = arith.constant 100 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%c100) step (%c1) {
    memref.store %zero, %y[%i] : memref<100xf32>
  }
  return
}
