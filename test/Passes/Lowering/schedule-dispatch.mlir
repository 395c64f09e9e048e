// RUN: orcinus-opt %s --orcinus-lower-contractions="vector-bits=512 vector-registers=32" --split-input-file | FileCheck %s

// Which function is called depends on the rows; the fill is absorbed by all.
// CHECK-LABEL: func.func @rows(
// CHECK-SAME:    %[[X:.*]]: memref<?x8xf32>
// CHECK-NOT:     linalg.fill
// CHECK:         %[[ROWS:.*]] = memref.dim %[[X]], %{{.*}} : memref<?x8xf32>
// CHECK:         %[[C256:.*]] = arith.constant 256 : index
// CHECK:         %[[SMALL:.*]] = arith.cmpi ule, %[[ROWS]], %[[C256]]
// CHECK:         scf.if %[[SMALL]] {
// CHECK:           call @orcinus_contraction(
// CHECK:         } else {
// CHECK:           %[[C512:.*]] = arith.constant 512 : index
// CHECK:           %[[MIDDLE:.*]] = arith.cmpi ule, %[[ROWS]], %[[C512]]
// CHECK:           scf.if %[[MIDDLE]] {
// CHECK:             call @orcinus_contraction_0(
// CHECK:           } else {
// CHECK:             call @orcinus_contraction(
// CHECK:           }
// CHECK:         }
func.func @rows(%x: memref<?x8xf32>, %w: memref<8x16xf32>, %y: memref<?x16xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<?x16xf32>)
  linalg.matmul {eto.schedule = #eto.dispatch<loop 0, <tile_rows = 2> to 256, <tile_rows = 4> to 512, <tile_rows = 2>>} ins(%x, %w : memref<?x8xf32>, memref<8x16xf32>) outs(%y : memref<?x16xf32>)
  return
}

// -----

// An empty schedule stands for the lowering's own: seven rows here.
// CHECK-LABEL: func.func @untuned(
// CHECK:         scf.if
// CHECK:           call @orcinus_contraction(
// CHECK:         } else {
// CHECK:           call @orcinus_contraction_0(
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK-COUNT-2: vector.fma
// CHECK-NOT:     vector.fma
// CHECK:         scf.yield
// CHECK-LABEL: func.func private @orcinus_contraction_0(
// CHECK-COUNT-7: vector.fma
func.func @untuned(%x: memref<7x8xf32>, %w: memref<8x?xf32>, %y: memref<7x?xf32>) {
  linalg.matmul {eto.schedule = #eto.dispatch<loop 1, <tile_rows = 2> to 256, <>>} ins(%x, %w : memref<7x8xf32>, memref<8x?xf32>) outs(%y : memref<7x?xf32>)
  return
}

// -----

// The dynamic extent may be that of the sum.
// CHECK-LABEL: func.func @sum(
// CHECK-SAME:    %[[X:.*]]: memref<4x?xf32>
// CHECK:         %[[DIMENSION:.*]] = arith.constant 1 : index
// CHECK:         memref.dim %[[X]], %[[DIMENSION]] : memref<4x?xf32>
// CHECK:         scf.if
func.func @sum(%x: memref<4x?xf32>, %w: memref<?x16xf32>, %y: memref<4x16xf32>) {
  linalg.matmul {eto.schedule = #eto.dispatch<loop 2, <tile_rows = 2> to 256, <tile_rows = 4>>} ins(%x, %w : memref<4x?xf32>, memref<?x16xf32>) outs(%y : memref<4x16xf32>)
  return
}

// -----

// A static extent has one schedule, here the second.
// CHECK-LABEL: func.func @static(
// CHECK-NEXT:    memref.cast
// CHECK-NOT:     scf.if
// CHECK:         call @orcinus_contraction(
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK-COUNT-4: vector.fma
// CHECK-NOT:     vector.fma
// CHECK:         scf.yield
func.func @static(%x: memref<512x8xf32>, %w: memref<8x16xf32>, %y: memref<512x16xf32>) {
  linalg.matmul {eto.schedule = #eto.dispatch<loop 0, <tile_rows = 2> to 256, <tile_rows = 4> to 512, <tile_rows = 1>>} ins(%x, %w : memref<512x8xf32>, memref<8x16xf32>) outs(%y : memref<512x16xf32>)
  return
}
