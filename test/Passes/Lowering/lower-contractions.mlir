// RUN: orcinus-opt %s --orcinus-lower-contractions="vector-bits=512 vector-registers=32 threads=2" --split-input-file | FileCheck %s
// RUN: orcinus-opt %s --orcinus-lower-contractions="vector-bits=256 vector-registers=16 threads=1" --split-input-file | FileCheck %s --check-prefix=AVX2

// The bias becomes the accumulators' start, and both layers share one function.
// CHECK-LABEL: func.func @two_layers(
// CHECK-NOT:     linalg
// CHECK:         call @[[CONTRACTION:orcinus_contraction[_0-9]*]](
// CHECK:         call @[[CONTRACTION]](
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK-SAME:      %[[X:.*]]: memref<?x200xf32, strided<[200, 1], offset: ?>>, %[[W:.*]]: memref<200x100xf32, strided<[100, 1], offset: ?>>, %[[Y:.*]]: memref<?x100xf32, {{.*}}>, %[[BIAS:.*]]: memref<100xf32, {{.*}}>)
// CHECK:         scf.parallel
// CHECK:           vector.load %[[BIAS]]
// CHECK:           scf.for {{.*}} iter_args
// CHECK:             vector.load %[[W]]{{.*}} vector<16xf32>
// CHECK:             memref.load %[[X]]
// CHECK:             vector.broadcast
// CHECK:             vector.fma {{.*}} vector<16xf32>
// CHECK:           vector.store {{.*}}, %[[Y]]
// 100 = 6 vectors of 16 and one of 4, which needs no mask.
// CHECK:           vector.fma {{.*}} vector<4xf32>
// CHECK-NOT:     func.func private

// AVX2-LABEL: func.func private @orcinus_contraction(
// AVX2-NOT:     scf.parallel
// AVX2:         vector.fma {{.*}} vector<8xf32>
func.func @two_layers(%x: memref<?x200xf32>, %w: memref<200x100xf32>, %b: memref<100xf32>, %y: memref<?x100xf32>, %z: memref<?x100xf32>) {
  linalg.broadcast ins(%b : memref<100xf32>) outs(%y : memref<?x100xf32>) dimensions = [0]
  linalg.matmul ins(%x, %w : memref<?x200xf32>, memref<200x100xf32>) outs(%y : memref<?x100xf32>)
  linalg.broadcast ins(%b : memref<100xf32>) outs(%z : memref<?x100xf32>) dimensions = [0]
  linalg.matmul ins(%x, %w : memref<?x200xf32>, memref<200x100xf32>) outs(%z : memref<?x100xf32>)
  return
}

// -----

// Views that differ only in where they start share one function.
// CHECK-LABEL: func.func @two_views(
// CHECK:         call @[[CONTRACTION:orcinus_contraction[_0-9]*]](
// CHECK:         call @[[CONTRACTION]](
// CHECK:       func.func private
// CHECK-NOT:   func.func private
func.func @two_views(%x: memref<?x100xf32>, %w: memref<200x100xf32>, %y: memref<?x100xf32>) {
  %first = memref.subview %w[0, 0] [100, 100] [1, 1] : memref<200x100xf32> to memref<100x100xf32, strided<[100, 1]>>
  %second = memref.subview %w[100, 0] [100, 100] [1, 1] : memref<200x100xf32> to memref<100x100xf32, strided<[100, 1], offset: 10000>>
  linalg.matmul ins(%x, %first : memref<?x100xf32>, memref<100x100xf32, strided<[100, 1]>>) outs(%y : memref<?x100xf32>)
  linalg.matmul ins(%x, %second : memref<?x100xf32>, memref<100x100xf32, strided<[100, 1], offset: 10000>>) outs(%y : memref<?x100xf32>)
  return
}

// -----

// A long reduction is cut into blocks, which accumulate in memory.
// CHECK-LABEL: func.func @weight_gradient(
// CHECK-NOT:     linalg.fill
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK-DAG:     %[[BLOCK:.*]] = arith.constant 128 : index
// CHECK:         scf.for {{.*}} step %[[BLOCK]]
// CHECK:           vector.load %arg2
#left = affine_map<(m, n, k) -> (k, m)>
#right = affine_map<(m, n, k) -> (k, n)>
#result = affine_map<(m, n, k) -> (m, n)>
func.func @weight_gradient(%x: memref<?x200xf32>, %dy: memref<?x100xf32>, %dw: memref<200x100xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%dw : memref<200x100xf32>)
  linalg.matmul indexing_maps = [#left, #right, #result] ins(%x, %dy : memref<?x200xf32>, memref<?x100xf32>) outs(%dw : memref<200x100xf32>)
  return
}

// -----

// A right operand without columns innermost is transposed first.
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK:         %[[COPY:.*]] = memref.alloc() : memref<100x200xf32>
// CHECK:         linalg.transpose ins(%arg1 : memref<200x100xf32, strided<[100, 1], offset: ?>>) outs(%[[COPY]] : memref<100x200xf32>) permutation = [1, 0]
// CHECK:         vector.load %[[COPY]]
#left = affine_map<(m, n, k) -> (m, k)>
#right = affine_map<(m, n, k) -> (n, k)>
#result = affine_map<(m, n, k) -> (m, n)>
func.func @input_gradient(%dy: memref<?x100xf32>, %w: memref<200x100xf32>, %dx: memref<?x200xf32>) {
  linalg.matmul indexing_maps = [#left, #right, #result] ins(%dy, %w : memref<?x100xf32>, memref<200x100xf32>) outs(%dx : memref<?x200xf32>)
  return
}

// -----

// The schedule of the op overrides the default. 17 columns: a vector of 16 and
// one of a single lane.
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK-NOT:     scf.parallel
// CHECK-COUNT-2: vector.fma {{.*}} vector<16xf32>
// CHECK-NOT:     vector.fma {{.*}} vector<16xf32>
// CHECK:         scf.yield
func.func @scheduled(%x: memref<?x8xf32>, %w: memref<8x17xf32>, %y: memref<?x17xf32>) {
  linalg.matmul {eto.schedule = #eto.schedule<tile_rows = 2, panel_vectors = 1>} ins(%x, %w : memref<?x8xf32>, memref<8x17xf32>) outs(%y : memref<?x17xf32>)
  return
}

// -----

// An op between the fill and the contraction reads the zeros: both stay.
// CHECK-LABEL: func.func @read_between(
// CHECK:         linalg.fill
// CHECK:         linalg.copy
// CHECK:         call @orcinus_contraction
func.func @read_between(%x: memref<?x8xf32>, %w: memref<8x16xf32>, %y: memref<?x16xf32>, %z: memref<?x16xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<?x16xf32>)
  linalg.copy ins(%y : memref<?x16xf32>) outs(%z : memref<?x16xf32>)
  linalg.matmul ins(%x, %w : memref<?x8xf32>, memref<8x16xf32>) outs(%y : memref<?x16xf32>)
  return
}

// -----

// Integers, operands that are extended, and sums over what both operands have
// innermost, are not taken.
// CHECK-LABEL: func.func @others(
// CHECK:         linalg.matmul
// CHECK:         linalg.matmul
// CHECK:         linalg.generic
#left = affine_map<(q, h, j, d) -> (q, h, d)>
#right = affine_map<(q, h, j, d) -> (q, j, d)>
#result = affine_map<(q, h, j, d) -> (q, h, j)>
func.func @others(%x: memref<?x8xi32>, %w: memref<8x16xi32>, %y: memref<?x16xi32>,
                  %half: memref<?x8xf16>, %halves: memref<8x16xf16>, %single: memref<?x16xf32>,
                  %query: memref<?x2x100xf32>, %keys: memref<?x10x100xf32>, %scores: memref<?x2x10xf32>) {
  linalg.matmul ins(%x, %w : memref<?x8xi32>, memref<8x16xi32>) outs(%y : memref<?x16xi32>)
  linalg.matmul ins(%half, %halves : memref<?x8xf16>, memref<8x16xf16>) outs(%single : memref<?x16xf32>)
  linalg.generic {indexing_maps = [#left, #right, #result], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%query, %keys : memref<?x2x100xf32>, memref<?x10x100xf32>) outs(%scores : memref<?x2x10xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %product = arith.mulf %a, %b : f32
    %sum = arith.addf %c, %product : f32
    linalg.yield %sum : f32
  }
  return
}

// -----

// Few rows are not worth a transposed copy, unless a schedule asks for tiles.
// CHECK-LABEL: func.func @few_rows(
// CHECK:         linalg.matvec
// CHECK:         linalg.matvec
// CHECK:         call @
// CHECK-NOT:     linalg.matvec
func.func @few_rows(%w: memref<16x8xf32>, %v: memref<8xf32>, %y: memref<16xf32>) {
  linalg.matvec ins(%w, %v : memref<16x8xf32>, memref<8xf32>) outs(%y : memref<16xf32>)
  linalg.matvec {eto.schedule = #eto.schedule<row_block = 1, unroll = 2>} ins(%w, %v : memref<16x8xf32>, memref<8xf32>) outs(%y : memref<16xf32>)
  linalg.matvec {eto.schedule = #eto.schedule<tile_rows = 1, panel_vectors = 2>} ins(%w, %v : memref<16x8xf32>, memref<8xf32>) outs(%y : memref<16xf32>)
  return
}

// -----

// What follows in the result's loops is computed on the tile: no pass over the
// result of its own, and no memory for the sums. The residual is read where the
// result is written.
// CHECK-LABEL: func.func @epilogue(
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     linalg
// CHECK:         call @orcinus_contraction(
// CHECK-NEXT:    return
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK-SAME:      %[[RESULT:arg3]]: memref<64x32xf32
// CHECK-SAME:      %[[BIAS:arg4]]: memref<32xf32
// CHECK-SAME:      %[[RESIDUAL:arg5]]: memref<64x32xf32
// CHECK:         vector.fma
// CHECK:         scf.yield
// CHECK:         vector.load %[[BIAS]]
// CHECK:         arith.addf {{.*}} : vector<16xf32>
// CHECK:         arith.maximumf {{.*}} : vector<16xf32>
// CHECK:         vector.load %[[RESIDUAL]]
// CHECK:         vector.store {{.*}}, %[[RESULT]]
#id = affine_map<(m, n) -> (m, n)>
#column = affine_map<(m, n) -> (n)>
func.func @epilogue(%x: memref<64x48xf32>, %w: memref<48x32xf32>, %b: memref<32xf32>, %r: memref<64x32xf32>, %y: memref<64x32xf32>) {
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc() : memref<64x32xf32>
  linalg.fill ins(%zero : f32) outs(%sums : memref<64x32xf32>)
  linalg.matmul ins(%x, %w : memref<64x48xf32>, memref<48x32xf32>) outs(%sums : memref<64x32xf32>)
  linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]} ins(%sums, %b : memref<64x32xf32>, memref<32xf32>) outs(%sums : memref<64x32xf32>) {
  ^bb0(%s: f32, %c: f32, %o: f32):
    %t = arith.addf %s, %c : f32
    %u = arith.maximumf %t, %zero : f32
    linalg.yield %u : f32
  }
  linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%sums, %r : memref<64x32xf32>, memref<64x32xf32>) outs(%y : memref<64x32xf32>) {
  ^bb0(%s: f32, %c: f32, %o: f32):
    %t = arith.addf %s, %c : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// Where the reduction is cut into blocks, the last of them ends the sums; an
// activation of long code is a loop over the tile.
// CHECK-LABEL: func.func @blocks(
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK:         %[[COMPLETE:.*]] = arith.cmpi eq
// CHECK:         scf.if %[[COMPLETE]]
// CHECK:           vector.store
// CHECK:           scf.for
// CHECK:             math.tanh
// CHECK:             vector.store
// CHECK:         } else {
// CHECK-NOT:       math.tanh
// CHECK:           vector.store
#id = affine_map<(m, n) -> (m, n)>
func.func @blocks(%x: memref<64x96xf32>, %w: memref<96x32xf32>, %y: memref<64x32xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<64x32xf32>)
  linalg.matmul {eto.schedule = #eto.schedule<tile_rows = 4, panel_vectors = 2, reduction_block = 40>} ins(%x, %w : memref<64x96xf32>, memref<96x32xf32>) outs(%y : memref<64x32xf32>)
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]} outs(%y : memref<64x32xf32>) {
  ^bb0(%o: f32):
    %t = math.tanh %o : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// The sums themselves are read by another op, and the factor is written between
// the product and what would be its epilogue: both stay apart.
// CHECK-LABEL: func.func @stays(
// CHECK:         call @orcinus_contraction
// CHECK:         linalg.generic
// CHECK:         linalg.copy
// CHECK:         call @orcinus_contraction
// CHECK:         linalg.fill
// CHECK:         linalg.generic
#id = affine_map<(m, n) -> (m, n)>
func.func @stays(%x: memref<64x32xf32>, %w: memref<32x32xf32>, %y: memref<64x32xf32>, %z: memref<64x32xf32>) {
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc() : memref<64x32xf32>
  linalg.fill ins(%zero : f32) outs(%sums : memref<64x32xf32>)
  linalg.matmul ins(%x, %w : memref<64x32xf32>, memref<32x32xf32>) outs(%sums : memref<64x32xf32>)
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%sums : memref<64x32xf32>) outs(%y : memref<64x32xf32>) {
  ^bb0(%s: f32, %o: f32):
    %t = arith.negf %s : f32
    linalg.yield %t : f32
  }
  linalg.copy ins(%sums : memref<64x32xf32>) outs(%z : memref<64x32xf32>)
  %more = memref.alloc() : memref<64x32xf32>
  linalg.fill ins(%zero : f32) outs(%more : memref<64x32xf32>)
  linalg.matmul ins(%x, %w : memref<64x32xf32>, memref<32x32xf32>) outs(%more : memref<64x32xf32>)
  linalg.fill ins(%zero : f32) outs(%x : memref<64x32xf32>)
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%more : memref<64x32xf32>) outs(%y : memref<64x32xf32>) {
  ^bb0(%s: f32, %o: f32):
    %t = arith.negf %s : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// One start for two products: the second writes where it lies, and takes it
// from there, since the first reads it, too.
// CHECK-LABEL: func.func @shared_start(
// CHECK:         linalg.broadcast ins(%arg2 : memref<32xf32>) outs(%[[START:.*]] : memref<64x32xf32>)
// CHECK:         call @orcinus_contraction
// CHECK:         call @orcinus_contraction
func.func @shared_start(%x: memref<64x48xf32>, %w: memref<48x32xf32>, %b: memref<32xf32>, %y: memref<64x32xf32>, %z: memref<64x32xf32>) {
  linalg.broadcast ins(%b : memref<32xf32>) outs(%z : memref<64x32xf32>) dimensions = [0]
  linalg.copy ins(%z : memref<64x32xf32>) outs(%y : memref<64x32xf32>)
  linalg.matmul ins(%x, %w : memref<64x48xf32>, memref<48x32xf32>) outs(%y : memref<64x32xf32>)
  linalg.matmul ins(%x, %w : memref<64x48xf32>, memref<48x32xf32>) outs(%z : memref<64x32xf32>)
  return
}

// -----

// What ends the first product starts the second: it belongs to the first.
// CHECK-LABEL: func.func @one_after_the_other(
// CHECK-NOT:     linalg
// CHECK-COUNT-2: call @orcinus_contraction
// CHECK-NOT:     linalg
// CHECK:         return
#id = affine_map<(m, n) -> (m, n)>
func.func @one_after_the_other(%x: memref<64x48xf32>, %w: memref<48x32xf32>, %y: memref<64x32xf32>) {
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc() : memref<64x32xf32>
  linalg.fill ins(%zero : f32) outs(%sums : memref<64x32xf32>)
  linalg.matmul ins(%x, %w : memref<64x48xf32>, memref<48x32xf32>) outs(%sums : memref<64x32xf32>)
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%sums : memref<64x32xf32>) outs(%y : memref<64x32xf32>) {
  ^bb0(%s: f32, %o: f32):
    linalg.yield %s : f32
  }
  linalg.matmul ins(%x, %w : memref<64x48xf32>, memref<48x32xf32>) outs(%y : memref<64x32xf32>)
  return
}

// -----

// Lanes behind the last column hold zeros, which no integer can be divided by:
// such an op does not follow the sums in their loops.
// CHECK-LABEL: func.func @division(
// CHECK:         call @orcinus_contraction
// CHECK:         linalg.generic
// CHECK:           arith.divsi
#id = affine_map<(i, j) -> (i, j)>
func.func @division(%x: memref<64x48xf32>, %w: memref<48x21xf32>, %n: memref<64x21xi32>, %d: memref<64x21xi32>, %y: memref<64x21xf32>) {
  %zero = arith.constant 0.0 : f32
  %s = memref.alloc() : memref<64x21xf32>
  linalg.fill ins(%zero : f32) outs(%s : memref<64x21xf32>)
  linalg.matmul ins(%x, %w : memref<64x48xf32>, memref<48x21xf32>) outs(%s : memref<64x21xf32>)
  linalg.generic {indexing_maps = [#id, #id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%s, %n, %d : memref<64x21xf32>, memref<64x21xi32>, memref<64x21xi32>) outs(%y : memref<64x21xf32>) {
  ^bb0(%a: f32, %b: i32, %c: i32, %o: f32):
    %q = arith.divsi %b, %c : i32
    %f = arith.sitofp %q : i32 to f32
    %r = arith.addf %a, %f : f32
    linalg.yield %r : f32
  }
  return
}
