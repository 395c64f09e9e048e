// RUN: orcinus-opt %s --orcinus-decompose-aggregates | FileCheck %s

// CHECK-LABEL: func.func @softmax
// CHECK-NOT:     linalg.softmax
// CHECK:         math.exp
func.func @softmax(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %empty = tensor.empty() : tensor<4x8xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<4x8xf32>) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// CHECK-LABEL: func.func @packs
// CHECK-NOT:     linalg.pack
// CHECK:         linalg.transpose
// CHECK-NOT:     linalg.unpack
// CHECK:         return
func.func @packs(%x: tensor<30x20xf32>) -> tensor<30x20xf32> {
  %zero = arith.constant 0.0 : f32
  %tiles = tensor.empty() : tensor<4x3x8x8xf32>
  %packed = linalg.pack %x padding_value(%zero : f32) inner_dims_pos = [0, 1] inner_tiles = [8, 8] into %tiles : tensor<30x20xf32> -> tensor<4x3x8x8xf32>
  %empty = tensor.empty() : tensor<30x20xf32>
  %unpacked = linalg.unpack %packed inner_dims_pos = [0, 1] inner_tiles = [8, 8] into %empty : tensor<4x3x8x8xf32> -> tensor<30x20xf32>
  return %unpacked : tensor<30x20xf32>
}

// The maximum and the sum of a row lie in buffers of their own.
// CHECK-LABEL: func.func @buffers(
// CHECK-SAME:    %[[X:.*]]: memref<?x8x?xf32>, %[[Y:.*]]: memref<?x8x?xf32>)
// CHECK:         %[[MAXIMUM:.*]] = memref.alloc(%{{.*}}, %{{.*}}) : memref<?x?xf32>
// CHECK:         linalg.generic {{.*}} iterator_types = ["parallel", "reduction", "parallel"]} ins(%[[X]] : {{.*}}) outs(%[[MAXIMUM]] :
// CHECK:           arith.maxnumf
// CHECK:         linalg.generic {{.*}} ins(%[[X]], %[[MAXIMUM]] : {{.*}}) outs(%[[Y]] :
// CHECK:           math.exp
// CHECK:         %[[SUM:.*]] = memref.alloc(%{{.*}}, %{{.*}}) : memref<?x?xf32>
// CHECK:         linalg.generic {{.*}} ins(%[[Y]] : {{.*}}) outs(%[[SUM]] :
// CHECK:           arith.addf
// CHECK:         linalg.generic {{.*}} ins(%[[Y]], %[[SUM]] : {{.*}}) outs(%[[Y]] :
// CHECK:           arith.divf
// CHECK-NOT:     linalg.softmax
func.func @buffers(%x: memref<?x8x?xf32>, %y: memref<?x8x?xf32>) {
  linalg.softmax dimension(1) ins(%x : memref<?x8x?xf32>) outs(%y : memref<?x8x?xf32>)
  return
}

// A loop that all results are indexed by is parallel whatever it is called; one
// of another result, or within a sum, is not.
// CHECK-LABEL: func.func @labels
// CHECK:         iterator_types = ["parallel", "parallel"]}
// CHECK:         iterator_types = ["reduction", "parallel"]}
// CHECK:         iterator_types = ["reduction", "reduction"]}
func.func @labels(%x: memref<4x5xf32>, %y: memref<4x5xf32>, %z: memref<5xf32>, %w: memref<8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<4x5xf32>) outs(%y : memref<4x5xf32>) {
  ^bb0(%in: f32, %out: f32):
    %e = math.exp %in : f32
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>],
                  iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<4x5xf32>) outs(%y, %z : memref<4x5xf32>, memref<5xf32>) {
  ^bb0(%in: f32, %out: f32, %sum: f32):
    %next = arith.addf %sum, %in : f32
    linalg.yield %next, %next : f32, f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i + j)>],
                  iterator_types = ["reduction", "reduction"]}
      ins(%x : memref<4x5xf32>) outs(%w : memref<8xf32>) {
  ^bb0(%in: f32, %sum: f32):
    %next = arith.addf %sum, %in : f32
    linalg.yield %next : f32
  }
  return
}
