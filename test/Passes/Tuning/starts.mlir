// RUN: orcinus-opt %s --eto-reuse-graph=json=- -o /dev/null | FileCheck %s

// What a sum starts from makes another kind of it: neither of these can reuse
// the other's program. The first start has no input.
// CHECK: "edges":{{ *}}[]
#id = affine_map<(i, j) -> (i, j)>
eto.operator @numbers(%x: tensor<64x32xf32>, %w: tensor<32x48xf32>) -> tensor<64x48xf32> {
  %e = tensor.empty() : tensor<64x48xf32>
  %start = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]} outs(%e : tensor<64x48xf32>) {
  ^bb0(%o: f32):
    %i = linalg.index 0 : index
    %wide = arith.index_cast %i : index to i32
    %number = arith.sitofp %wide : i32 to f32
    linalg.yield %number : f32
  } -> tensor<64x48xf32>
  %y = linalg.matmul ins(%x, %w : tensor<64x32xf32>, tensor<32x48xf32>) outs(%start : tensor<64x48xf32>) -> tensor<64x48xf32>
  eto.yield %y : tensor<64x48xf32>
}
eto.operator @zeros(%x: tensor<128x32xf32>, %w: tensor<32x48xf32>) -> tensor<128x48xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<128x48xf32>
  %start = linalg.fill ins(%zero : f32) outs(%e : tensor<128x48xf32>) -> tensor<128x48xf32>
  %y = linalg.matmul ins(%x, %w : tensor<128x32xf32>, tensor<32x48xf32>) outs(%start : tensor<128x48xf32>) -> tensor<128x48xf32>
  eto.yield %y : tensor<128x48xf32>
}
