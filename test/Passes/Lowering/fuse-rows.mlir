// RUN: orcinus-opt %s --orcinus-fuse-rows --split-input-file | FileCheck %s
// RUN: orcinus-opt %s --orcinus-fuse-rows=threads=2 --split-input-file | FileCheck %s --check-prefix=THREADS

#row = affine_map<(i, j) -> (i)>
#all = affine_map<(i, j) -> (i, j)>

// The four loops of a softmax become one over blocks of rows. The maxima and
// the sums shrink to a block; the exponentials are kept in the result.
// CHECK-LABEL: func.func @softmax(
// CHECK-SAME:      %[[X:.*]]: memref<64x512xf32>, %[[Y:.*]]: memref<64x512xf32>)
// CHECK-NOT:     memref<64xf32>
// CHECK-COUNT-2: memref.alloc() : memref<2xf32>
// CHECK-NOT:     memref.alloc
// CHECK:         scf.for %[[ROW:.*]] = {{.*}} step %c2
// CHECK:           memref.subview %[[X]][%[[ROW]], 0] [2, 512]
// CHECK:           arith.maximumf
// CHECK:           memref.subview %[[Y]][%[[ROW]], 0] [2, 512]
// CHECK:           math.exp
// CHECK:           arith.addf
// CHECK:           arith.divf
// CHECK:         return

// THREADS-LABEL: func.func @softmax(
// THREADS:         scf.parallel
// THREADS:           scf.for
func.func @softmax(%x: memref<64x512xf32>, %y: memref<64x512xf32>) {
  %least = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %largest = memref.alloc() : memref<64xf32>
  linalg.fill ins(%least : f32) outs(%largest : memref<64xf32>)
  linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<64x512xf32>) outs(%largest : memref<64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.maximumf %b, %a : f32
    linalg.yield %m : f32
  }
  %exponentials = memref.alloc() : memref<64x512xf32>
  linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x, %largest : memref<64x512xf32>, memref<64xf32>) outs(%exponentials : memref<64x512xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.subf %a, %b : f32
    %e = math.exp %d : f32
    linalg.yield %e : f32
  }
  %sum = memref.alloc() : memref<64xf32>
  linalg.fill ins(%zero : f32) outs(%sum : memref<64xf32>)
  linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%exponentials : memref<64x512xf32>) outs(%sum : memref<64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.addf %b, %a : f32
    linalg.yield %m : f32
  }
  linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]}
      ins(%exponentials, %sum : memref<64x512xf32>, memref<64xf32>) outs(%y : memref<64x512xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.divf %a, %b : f32
    linalg.yield %d : f32
  }
  return
}

// -----

// The schedule says how many rows a block has and how many tasks there are; the
// ops inside get the rest.
// CHECK-LABEL: func.func @scheduled(
// CHECK:         scf.parallel {{.*}} = (%c0{{.*}}) to (%c3{{.*}})
// CHECK:           scf.for {{.*}} step %c4
// CHECK:             eto.schedule = #eto.schedule<row_block = 0, row_tasks = 0, unroll = 2, vector_lanes = 8>
#all = affine_map<(i, j) -> (i, j)>
func.func @scheduled(%x: memref<48x64xf32>, %y: memref<48x64xf32>) {
  %t = memref.alloc() : memref<48x64xf32>
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<48x64xf32>) outs(%t : memref<48x64xf32>) attrs = {eto.schedule = #eto.schedule<row_block = 4, row_tasks = 3, unroll = 2, vector_lanes = 8>} {
  ^bb0(%a: f32, %b: f32):
    %m = arith.addf %a, %a : f32
    linalg.yield %m : f32
  }
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%t : memref<48x64xf32>) outs(%y : memref<48x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.mulf %a, %a : f32
    linalg.yield %m : f32
  }
  return
}

// -----

// Row j of the second op needs all rows of the first; what another op reads
// between stays as it is.
// CHECK-LABEL: func.func @not_by_rows(
// CHECK-NOT:     scf.for
// CHECK:         return
#all = affine_map<(i, j) -> (i, j)>
#swapped = affine_map<(i, j) -> (j, i)>
func.func @not_by_rows(%x: memref<64x64xf32>, %y: memref<64x64xf32>, %z: memref<64x64xf32>) {
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<64x64xf32>) outs(%y : memref<64x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.addf %a, %a : f32
    linalg.yield %m : f32
  }
  linalg.generic {indexing_maps = [#swapped, #all], iterator_types = ["parallel", "parallel"]}
      ins(%y : memref<64x64xf32>) outs(%z : memref<64x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.mulf %a, %a : f32
    linalg.yield %m : f32
  }
  call @look(%z) : (memref<64x64xf32>) -> ()
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%z : memref<64x64xf32>) outs(%y : memref<64x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.mulf %a, %a : f32
    linalg.yield %m : f32
  }
  return
}
func.func private @look(memref<64x64xf32>)

// -----

// A view of the same buffer may be of other rows.
// CHECK-LABEL: func.func @overlapping(
// CHECK-NOT:     scf.for
// CHECK:         return
#all = affine_map<(i, j) -> (i, j)>
func.func @overlapping(%x: memref<65x64xf32>, %y: memref<64x64xf32>) {
  %first = memref.subview %x[0, 0] [64, 64] [1, 1] : memref<65x64xf32> to memref<64x64xf32, strided<[64, 1]>>
  %second = memref.subview %x[1, 0] [64, 64] [1, 1] : memref<65x64xf32> to memref<64x64xf32, strided<[64, 1], offset: 64>>
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%y : memref<64x64xf32>) outs(%first : memref<64x64xf32, strided<[64, 1]>>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.addf %a, %a : f32
    linalg.yield %m : f32
  }
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%second : memref<64x64xf32, strided<[64, 1], offset: 64>>) outs(%y : memref<64x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.mulf %a, %a : f32
    linalg.yield %m : f32
  }
  return
}

// -----

// Named ops become generic ones, which keep their schedules.
// CHECK-LABEL: func.func @named(
// CHECK:         linalg.generic
// CHECK-SAME:      eto.schedule = #eto.schedule<row_block = 1, unroll = 2>
func.func @named(%w: memref<16x8xf32>, %v: memref<8xf32>, %y: memref<16xf32>) {
  linalg.matvec {eto.schedule = #eto.schedule<row_block = 1, unroll = 2>} ins(%w, %v : memref<16x8xf32>, memref<8xf32>) outs(%y : memref<16xf32>)
  return
}

// -----

#row3 = affine_map<(n, i, j) -> (n, i)>
#all3 = affine_map<(n, i, j) -> (n, i, j)>

// How many outer rows there are, a batch, may be open, where all ops have
// buffers in common that say so.
// CHECK-LABEL: func.func @batch(
// CHECK-SAME:      , %[[N:[a-z0-9]*]]: index)
// CHECK-NOT:     memref<?x64xf32>
// CHECK:         scf.for %[[AT:.*]] = %{{.*}} to %[[N]]
// CHECK:           memref.alloc() : memref<{{[0-9]+}}xf32>
// CHECK:           scf.for %[[ROW:.*]] =
// CHECK:             memref.subview %arg0[%[[AT]], %[[ROW]], 0] [1,
// CHECK:             arith.addf
// CHECK:             arith.divf
// CHECK-NOT:       scf.for
// CHECK:         return

// THREADS-LABEL: func.func @batch(
// THREADS:         scf.parallel (%{{.*}}, %{{.*}}) = {{.*}} to (%{{.*}}, %c2
func.func @batch(%x: memref<?x64x512xf32>, %y: memref<?x64x512xf32>, %n: index) {
  %zero = arith.constant 0.0 : f32
  %sum = memref.alloc(%n) : memref<?x64xf32>
  linalg.fill ins(%zero : f32) outs(%sum : memref<?x64xf32>)
  linalg.generic {indexing_maps = [#all3, #row3], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : memref<?x64x512xf32>) outs(%sum : memref<?x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.addf %b, %a : f32
    linalg.yield %m : f32
  }
  linalg.generic {indexing_maps = [#all3, #row3, #all3], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %sum : memref<?x64x512xf32>, memref<?x64xf32>) outs(%y : memref<?x64x512xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.divf %a, %b : f32
    linalg.yield %d : f32
  }
  return
}

// -----

#row3 = affine_map<(n, i, j) -> (n, i)>
#all3 = affine_map<(n, i, j) -> (n, i, j)>

// Batches that need not be equal make no chain, and neither do rows that are
// open themselves.
// CHECK-LABEL: func.func @others(
// CHECK-NOT:     scf.for
// CHECK-LABEL: func.func @open_rows(
// CHECK-NOT:     scf.for
func.func @others(%x: memref<?x64x512xf32>, %y: memref<?x64x512xf32>, %u: memref<?x64x512xf32>, %v: memref<?x64x512xf32>) {
  linalg.exp ins(%x : memref<?x64x512xf32>) outs(%y : memref<?x64x512xf32>)
  linalg.exp ins(%u : memref<?x64x512xf32>) outs(%v : memref<?x64x512xf32>)
  return
}
func.func @open_rows(%x: memref<?x512xf32>, %y: memref<?x512xf32>) {
  linalg.exp ins(%x : memref<?x512xf32>) outs(%y : memref<?x512xf32>)
  linalg.exp ins(%y : memref<?x512xf32>) outs(%y : memref<?x512xf32>)
  return
}

// -----

// Any elements will do: two of complex numbers, whose rows of 64 bytes make a
// block of 16, and two of indices.
// CHECK-LABEL: func.func @elements(
// CHECK:         memref.alloc() : memref<16x4xcomplex<f32>>
// CHECK:         memref.alloc() : memref<16x4xindex>
#id = affine_map<(i, j) -> (i, j)>
func.func @elements(%x: memref<64x4xcomplex<f32>>, %y: memref<64x4xcomplex<f32>>, %i: memref<64x4xindex>, %j: memref<64x4xindex>) {
  %t = memref.alloc() : memref<64x4xcomplex<f32>>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : memref<64x4xcomplex<f32>>) outs(%t : memref<64x4xcomplex<f32>>) {
  ^bb0(%a: complex<f32>, %o: complex<f32>):
    %b = complex.mul %a, %a : complex<f32>
    linalg.yield %b : complex<f32>
  }
  linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%t, %y : memref<64x4xcomplex<f32>>, memref<64x4xcomplex<f32>>) outs(%y : memref<64x4xcomplex<f32>>) {
  ^bb0(%a: complex<f32>, %c: complex<f32>, %o: complex<f32>):
    %b = complex.add %a, %c : complex<f32>
    linalg.yield %b : complex<f32>
  }
  call @use() : () -> ()
  %u = memref.alloc() : memref<64x4xindex>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%i : memref<64x4xindex>) outs(%u : memref<64x4xindex>) {
  ^bb0(%a: index, %o: index):
    %b = arith.muli %a, %a : index
    linalg.yield %b : index
  }
  linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%u, %j : memref<64x4xindex>, memref<64x4xindex>) outs(%j : memref<64x4xindex>) {
  ^bb0(%a: index, %c: index, %o: index):
    %b = arith.addi %a, %c : index
    linalg.yield %b : index
  }
  return
}
func.func private @use()
