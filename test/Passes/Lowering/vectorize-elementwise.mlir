// RUN: orcinus-opt %s --orcinus-vectorize-elementwise="vector-bits=512 vector-registers=32 threads=2" --split-input-file | FileCheck %s

// Contiguous operands of one shape are one flat loop, divided among threads.
// CHECK-LABEL: func.func @flat(
// CHECK-COUNT-2: memref.collapse_shape
// CHECK:         scf.parallel
// CHECK:           scf.for
// CHECK:             arith.mulf {{.*}} : vector<16xf32>
// CHECK:           scf.for
// CHECK:             vector.create_mask
// CHECK:             vector.maskedstore
#identity = affine_map<(i, j) -> (i, j)>
func.func @flat(%x: memref<?x100xf32>, %y: memref<?x100xf32>) {
  linalg.generic {indexing_maps = [#identity, #identity], iterator_types = ["parallel", "parallel"]} ins(%x : memref<?x100xf32>) outs(%y : memref<?x100xf32>) {
  ^bb0(%a: f32, %b: f32):
    %square = arith.mulf %a, %a : f32
    linalg.yield %square : f32
  }
  return
}

// -----

// What is the same along a row is computed once; 100 = 6 × 16 + 4.
// CHECK-LABEL: func.func @row_scale(
// CHECK:         scf.parallel
// CHECK:           %[[SCALE:.*]] = memref.load %arg1
// CHECK:           %[[EXP:.*]] = math.exp %[[SCALE]] : f32
// CHECK:           scf.for
// CHECK:             vector.broadcast %[[EXP]] : f32 to vector<16xf32>
// CHECK:           vector.store {{.*}} vector<4xf32>
#identity = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
func.func @row_scale(%x: memref<?x100xf32>, %s: memref<?xf32>, %y: memref<?x100xf32>) {
  linalg.generic {indexing_maps = [#identity, #row, #identity], iterator_types = ["parallel", "parallel"]} ins(%x, %s : memref<?x100xf32>, memref<?xf32>) outs(%y : memref<?x100xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %power = math.exp %b : f32
    %scaled = arith.mulf %a, %power : f32
    linalg.yield %scaled : f32
  }
  return
}

// -----

// Bias gradient: vectors along the columns carry the sum over the rows.
// CHECK-LABEL: func.func @column_sums(
// CHECK:         scf.parallel
// CHECK:           scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
#identity = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>
func.func @column_sums(%x: memref<?x100xf32>, %y: memref<100xf32>) {
  linalg.generic {indexing_maps = [#identity, #column], iterator_types = ["reduction", "parallel"]} ins(%x : memref<?x100xf32>) outs(%y : memref<100xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %next = arith.addf %sum, %a : f32
    linalg.yield %next : f32
  }
  return
}

// -----

// Attention scores: lanes are combined in the end.
// CHECK-LABEL: func.func @scores(
// CHECK:         vector.reduction <add>, {{.*}} fastmath<reassoc> : vector<16xf32> into f32
#left = affine_map<(q, h, j, d) -> (q, h, d)>
#right = affine_map<(q, h, j, d) -> (q, j, d)>
#result = affine_map<(q, h, j, d) -> (q, h, j)>
func.func @scores(%query: memref<?x2x100xf32>, %keys: memref<?x10x100xf32>, %scores: memref<?x2x10xf32>) {
  linalg.generic {indexing_maps = [#left, #right, #result], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%query, %keys : memref<?x2x100xf32>, memref<?x10x100xf32>) outs(%scores : memref<?x2x10xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %product = arith.mulf %a, %b : f32
    %sum = arith.addf %c, %product : f32
    linalg.yield %sum : f32
  }
  return
}

// -----

// CHECK-LABEL: func.func @gather(
// CHECK:         %[[ROW:.*]] = arith.index_cast
// CHECK:         vector.load %arg0[%[[ROW]], {{.*}}] : memref<50x100xf32>, vector<16xf32>
#identity = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
func.func @gather(%table: memref<50x100xf32>, %rows: memref<?xi32>, %y: memref<?x100xf32>) {
  linalg.generic {indexing_maps = [#row, #identity], iterator_types = ["parallel", "parallel"]} ins(%rows : memref<?xi32>) outs(%y : memref<?x100xf32>) {
  ^bb0(%r: i32, %unused: f32):
    %at = arith.index_cast %r : i32 to index
    %column = linalg.index 1 : index
    %value = memref.load %table[%at, %column] : memref<50x100xf32>
    linalg.yield %value : f32
  }
  return
}

// -----

// CHECK-LABEL: func.func @transpose(
// CHECK:         vector.shuffle
// CHECK-NOT:     linalg
func.func @transpose(%x: memref<200x100xf32>, %y: memref<100x200xf32>) {
  linalg.transpose ins(%x : memref<200x100xf32>) outs(%y : memref<100x200xf32>) permutation = [1, 0]
  return
}

// -----

// One-bit elements and columns that lie apart stay.
// CHECK-LABEL: func.func @others(
// CHECK-COUNT-2: linalg.
func.func @others(%bits: memref<?xi1>, %other: memref<?xi1>, %x: memref<100x?xf32, strided<[1, 100]>>) {
  %zero = arith.constant 0.0 : f32
  linalg.copy ins(%bits : memref<?xi1>) outs(%other : memref<?xi1>)
  linalg.fill ins(%zero : f32) outs(%x : memref<100x?xf32, strided<[1, 100]>>)
  return
}

// -----

// Vectors of integer powers would need one exponent for all lanes: plain loops
// take them.
// CHECK-LABEL: func.func @powers(
// CHECK:         linalg.generic
// CHECK:           math.fpowi %{{.*}} : f32, i32
func.func @powers(%x: memref<8x64xf32>, %n: memref<8x64xi32>, %y: memref<8x64xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%x, %n : memref<8x64xf32>, memref<8x64xi32>) outs(%y : memref<8x64xf32>) {
  ^bb0(%a: f32, %b: i32, %o: f32):
    %p = math.fpowi %a, %b : f32, i32
    linalg.yield %p : f32
  }
  return
}

// -----

// A window that slides is read where it is, by vectors of channels that are
// kept over its taps.
// CHECK-LABEL: func.func @pooling(
// CHECK:         scf.parallel
// CHECK:           scf.for
// CHECK:             vector.load %arg1
// CHECK:             scf.for {{.*}} to %c3{{.*}} iter_args
// CHECK:               scf.for {{.*}} to %c3{{.*}} iter_args
// CHECK-COUNT-2:         vector.load %arg0
// CHECK:                 arith.maximumf {{.*}} : vector<16xf32>
// CHECK:             vector.store {{.*}}, %arg1
func.func @pooling(%x: memref<1x113x113x32xf32>, %y: memref<1x56x56x32xf32>) {
  %window = memref.alloc() : memref<3x3xf32>
  linalg.pooling_nhwc_max {strides = dense<2> : vector<2xi64>} ins(%x, %window : memref<1x113x113x32xf32>, memref<3x3xf32>) outs(%y : memref<1x56x56x32xf32>)
  return
}

// -----

// The last index of a window may be the vector's, too.
// CHECK-LABEL: func.func @channels_first(
// CHECK:         scf.for
// CHECK:           arith.addi
// CHECK:           vector.load %arg0{{.*}} vector<16xf32>
func.func @channels_first(%x: memref<1x8x34x34xf32>, %y: memref<1x8x32x32xf32>) {
  %window = memref.alloc() : memref<3x3xf32>
  linalg.pooling_nchw_sum ins(%x, %window : memref<1x8x34x34xf32>, memref<3x3xf32>) outs(%y : memref<1x8x32x32xf32>)
  return
}

// -----

// What no vector has elements of stays as it is.
// CHECK-LABEL: func.func @complex(
// CHECK:         linalg.generic
// CHECK:         linalg.generic
func.func @complex(%x: memref<4x4xcomplex<f32>>, %i: memref<4x4xindex>, %y: memref<4x4xcomplex<f32>>, %j: memref<4x4xindex>) {
  linalg.transpose ins(%x : memref<4x4xcomplex<f32>>) outs(%y : memref<4x4xcomplex<f32>>) permutation = [1, 0]
  linalg.transpose ins(%i : memref<4x4xindex>) outs(%j : memref<4x4xindex>) permutation = [1, 0]
  return
}

// -----

// The elements of a diagonal are not neighbours.
// CHECK-LABEL: func.func @diagonal(
// CHECK-NOT:     vector
// CHECK:         linalg.generic
func.func @diagonal(%x: memref<64x64xf32>, %y: memref<64xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%y : memref<64xf32>) {
  ^bb0(%o: f32):
    %i = linalg.index 0 : index
    %a = memref.load %x[%i, %i] : memref<64x64xf32>
    linalg.yield %a : f32
  }
  return
}
