// RUN: orcinus-opt %s --tgnn-lower-kernels="vector-bits=512 vector-registers=32 threads=2" --split-input-file | FileCheck %s
// RUN: orcinus-opt %s --tgnn-lower-kernels="vector-bits=256 vector-registers=16 threads=1" --split-input-file | FileCheck %s --check-prefix=AVX2

// Equal kernels share a function. Where there are many rows, each thread takes
// a range of them.
// CHECK-LABEL: func.func @two_norms(
// CHECK-SAME:      %[[X:[a-z0-9]+]]: memref<?x100xf32>
// CHECK:         %[[ROWS:.*]] = memref.dim %[[X]]
// CHECK:         %[[LARGE:.*]] = arith.cmpi ugt, %[[ROWS]]
// CHECK:         scf.if %[[LARGE]] {
// CHECK:           scf.parallel
// CHECK:             %[[BEGIN:.*]] = arith.minui
// CHECK:             %[[END:.*]] = arith.minui
// CHECK:             call @[[NORM:orcinus_layer_norm]](%[[BEGIN]], %[[END]], %[[X]]
// CHECK:         } else {
// CHECK:           call @[[NORM]](%{{.*}}, %[[ROWS]], %[[X]]
// CHECK:         call @[[NORM]](
// CHECK-NOT:     tgnn.layer_norm

// CHECK-LABEL: func.func private @orcinus_layer_norm(
// CHECK-SAME:      %[[FIRST:.*]]: index, %[[LAST:.*]]: index, %[[X:.*]]: memref<?x100xf32>, %[[SCALE:.*]]: memref<100xf32>,
// CHECK:         scf.for %[[ROW:.*]] = %[[FIRST]] to %[[LAST]]
// The row's 100 columns: six vectors, and four lanes that need no mask.
// CHECK-COUNT-6:   vector.load %[[X]][%[[ROW]], {{.*}}] : memref<?x100xf32>, vector<16xf32>
// CHECK:           vector.load %[[X]][%[[ROW]], {{.*}}] : memref<?x100xf32>, vector<4xf32>
// CHECK:           vector.reduction <add>, {{.*}} fastmath<reassoc> : vector<16xf32> into f32
// The mean's distance is zero in lanes beyond the row.
// CHECK:           vector.constant_mask [4] : vector<16xi1>
// CHECK:           vector.reduction <add>
// CHECK:           math.sqrt
// CHECK:           vector.fma
// CHECK:           vector.store {{.*}} vector<4xf32>
// CHECK-NOT:     func.func private

// One thread needs no parallel loop. 13 vectors of 8 take two blocks.
// AVX2-LABEL: func.func @two_norms(
// AVX2-NOT:     scf.parallel
// AVX2-NOT:     scf.if
// AVX2:         call @orcinus_layer_norm
// AVX2-LABEL: func.func private @orcinus_layer_norm(
// AVX2-NOT:     vector<16xf32>
func.func @two_norms(%x: memref<?x100xf32>, %scale: memref<100xf32>, %shift: memref<100xf32>, %y: memref<?x100xf32>, %z: memref<?x100xf32>, %statistics: memref<?x2xf32>) {
  tgnn.layer_norm(%x, %scale, %shift) into(%y, %statistics)
    : (memref<?x100xf32>, memref<100xf32>, memref<100xf32>) into (memref<?x100xf32>, memref<?x2xf32>)
  tgnn.layer_norm(%y, %scale, %shift) into(%z, %statistics)
    : (memref<?x100xf32>, memref<100xf32>, memref<100xf32>) into (memref<?x100xf32>, memref<?x2xf32>)
  return
}

// -----

// CHECK-LABEL: func.func private @orcinus_attend(
// CHECK-SAME:      %{{.*}}: index, %{{.*}}: index, %[[U:[a-z0-9]+]]: memref<?x2x206xf32>, %[[COUNTS:[a-z0-9]+]]: memref<?xi32>, %{{.*}}: i64, %[[DELTAS:[a-z0-9]+]]: memref<?x10xf32>
// One query's keys, and its scores.
// CHECK:         %[[KEYS:.*]] = memref.alloca() {alignment = 64 : i64} : memref<10x208xf32>
// CHECK:         %[[SCORES:.*]] = memref.alloca() {alignment = 64 : i64} : memref<2x16xf32>
// CHECK:         scf.for %[[QUERY:.*]] =
// CHECK:           %[[COUNT:.*]] = memref.load %[[COUNTS]][%[[QUERY]]]
// CHECK:           %[[VALID:.*]] = arith.index_castui %[[COUNT]]
// Gathered and computed once.
// CHECK:           scf.for %[[J:.*]] = %{{.*}} to %[[VALID]]
// CHECK:             vector.load {{.*}} memref<?x100xf32>, vector<16xf32>
// CHECK:             vector.store {{.*}}, %[[KEYS]][%[[J]]
// CHECK:             memref.load %[[DELTAS]][%[[QUERY]], %[[J]]]
// CHECK:             arith.mulf
// CHECK:             arith.addf
// CHECK:             math.cos {{.*}} : vector<16xf32>
// Both heads' queries are in 26 registers while the keys pass by.
// CHECK-COUNT-24:  vector.load %[[U]][%[[QUERY]], {{.*}} vector<16xf32>
// CHECK:           scf.for {{.*}} to %[[VALID]]
// CHECK-NOT:         memref<?x2x206xf32>
// CHECK-COUNT-26:    vector.fma
// CHECK-COUNT-2:     memref.store {{.*}}, %[[SCORES]]
// CHECK:           math.exp
// The hash of dropout.
// CHECK:           arith.muli {{.*}} : vector<16xi32>
// CHECK:           arith.cmpi uge
// All of a query's sums are in registers.
// CHECK:           scf.for {{.*}} to %[[VALID]] {{.*}} iter_args
// CHECK-COUNT-26:    vector.fma
// CHECK:           vector.maskedstore
func.func @attend(%u: memref<?x2x206xf32>, %counts: memref<?xi32>, %seed: i64, %deltas: memref<?x10xf32>, %frequencies: memref<100xf32>, %phases: memref<100xf32>, %nodes: memref<?x100xf32>, %node: memref<?x10xi32>, %edges: memref<?x6xf32>, %edge: memref<?x10xi32>, %z: memref<?x2x206xf32>, %weights: memref<?x2x10xf32>) {
  tgnn.attend(%u, %counts, %seed, %deltas, %frequencies, %phases, %nodes, %node, %edges, %edge) into(%z, %weights)
    {scale = 0.1 : f32, dropout = 0.1 : f32, salt = 1 : i64, time = true}
    : (memref<?x2x206xf32>, memref<?xi32>, i64, memref<?x10xf32>, memref<100xf32>, memref<100xf32>, memref<?x100xf32>, memref<?x10xi32>, memref<?x6xf32>, memref<?x10xi32>)
    into (memref<?x2x206xf32>, memref<?x2x10xf32>)
  return
}

// -----

// Gradients of parameters: sums of blocks of rows, then of the blocks, so that
// they do not depend on the number of threads.
// CHECK-LABEL: func.func @parameters(
// CHECK:         %[[SUMS:.*]] = memref.alloc(%{{.*}}) : memref<?x2x100xf32>
// CHECK:         call @orcinus_layer_norm_parameter_grad_blocks({{.*}}%[[SUMS]]
// CHECK:         call @orcinus_layer_norm_parameter_grad_sum({{.*}}%[[SUMS]]
// CHECK:         memref.dealloc %[[SUMS]]
func.func @parameters(%x: memref<?x100xf32>, %statistics: memref<?x2xf32>, %dy: memref<?x100xf32>, %dscale: memref<100xf32>, %dshift: memref<100xf32>) {
  tgnn.layer_norm_parameter_grad(%x, %statistics, %dy) into(%dscale, %dshift)
    : (memref<?x100xf32>, memref<?x2xf32>, memref<?x100xf32>) into (memref<100xf32>, memref<100xf32>)
  return
}
