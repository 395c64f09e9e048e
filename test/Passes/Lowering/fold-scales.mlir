// RUN: orcinus-opt %s --split-input-file --orcinus-fold-scales --canonicalize | FileCheck %s
// RUN: orcinus-opt %s --split-input-file --orcinus-fuse | FileCheck %s --check-prefix=FUSED

// (x + bias - mean) / deviation * gain + offset: the weight is scaled along the
// channel, the start is the shift with the bias scaled, and nothing follows.

#id = affine_map<(n, c, h, w) -> (n, c, h, w)>
#channel = affine_map<(n, c, h, w) -> (c)>
// CHECK-LABEL: func.func @norm(
// CHECK: %[[F:.*]]:2 = linalg.generic {{.*}} ins({{.*}} : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>)
// CHECK: ^bb0(%[[GAIN:.*]]: f32, %[[MEAN:.*]]: f32, %[[BIAS:.*]]: f32, %{{.*}}: f32, %{{.*}}: f32):
// CHECK: %[[LESS:.*]] = arith.negf %[[MEAN]]
// CHECK: %[[ONE:.*]] = arith.divf %{{.*}}, %[[GAIN]]
// CHECK: %[[SHIFT:.*]] = arith.divf %[[LESS]], %[[GAIN]]
// CHECK: %[[SCALED:.*]] = arith.mulf %[[ONE]], %[[BIAS]]
// CHECK: %[[START:.*]] = arith.addf %[[SCALED]], %[[SHIFT]]
// CHECK: linalg.yield %[[ONE]], %[[START]]
// CHECK: %[[W:.*]] = linalg.generic {{.*}} ins(%{{.*}}, %[[F]]#0 : tensor<8x4x3x3xf32>, tensor<8xf32>)
// CHECK: %[[S:.*]] = linalg.broadcast ins(%[[F]]#1 : tensor<8xf32>) {{.*}} dimensions = [0, 2, 3]
// CHECK: %[[Y:.*]] = linalg.conv_2d_nchw_fchw ins(%arg0, %[[W]] : {{.*}}) outs(%[[S]] :
// CHECK-NEXT: return %[[Y]]
// FUSED-LABEL: func.func @norm(
// FUSED: linalg.conv_2d_nhwc_hwcf
memref.global "private" @w : memref<8x4x3x3xf32>
memref.global "private" @b : memref<8xf32>
memref.global "private" @g : memref<8xf32>
memref.global "private" @m : memref<8xf32>
func.func @norm(%x: tensor<?x4x6x6xf32>) -> tensor<?x8x4x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4x6x6xf32>
  %w_at = memref.get_global @w : memref<8x4x3x3xf32>
  %w = bufferization.to_tensor %w_at restrict : memref<8x4x3x3xf32> to tensor<8x4x3x3xf32>
  %b_at = memref.get_global @b : memref<8xf32>
  %b = bufferization.to_tensor %b_at restrict : memref<8xf32> to tensor<8xf32>
  %g_at = memref.get_global @g : memref<8xf32>
  %g = bufferization.to_tensor %g_at restrict : memref<8xf32> to tensor<8xf32>
  %m_at = memref.get_global @m : memref<8xf32>
  %m = bufferization.to_tensor %m_at restrict : memref<8xf32> to tensor<8xf32>
  %empty = tensor.empty(%n) : tensor<?x8x4x4xf32>
  %start = linalg.broadcast ins(%b : tensor<8xf32>) outs(%empty : tensor<?x8x4x4xf32>) dimensions = [0, 2, 3]
  %y = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<?x4x6x6xf32>, tensor<8x4x3x3xf32>)
      outs(%start : tensor<?x8x4x4xf32>) -> tensor<?x8x4x4xf32>
  %z = linalg.generic {indexing_maps = [#id, #channel, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%y, %g, %m : tensor<?x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>) outs(%empty : tensor<?x8x4x4xf32>) {
  ^bb0(%in: f32, %gain: f32, %mean: f32, %out: f32):
    %0 = arith.subf %in, %mean : f32
    %1 = arith.divf %0, %gain : f32
    linalg.yield %1 : f32
  } -> tensor<?x8x4x4xf32>
  return %z : tensor<?x8x4x4xf32>
}

// -----

// Not folded: what is no sum of a scaled and a shifted input (a square, a
// difference from a weight), a scale that is not made of weights, and a sum that
// something else reads.

#id = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>
// CHECK-LABEL: func.func @others(
// CHECK-COUNT-4: linalg.matmul ins(%arg0, %{{[0-9]+}} :
memref.global "private" @w : memref<4x8xf32>
memref.global "private" @g : memref<8xf32>
func.func @others(%x: tensor<2x4xf32>, %v: tensor<8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %w_at = memref.get_global @w : memref<4x8xf32>
  %w = bufferization.to_tensor %w_at restrict : memref<4x8xf32> to tensor<4x8xf32>
  %g_at = memref.get_global @g : memref<8xf32>
  %g = bufferization.to_tensor %g_at restrict : memref<8xf32> to tensor<8xf32>
  %empty = tensor.empty() : tensor<2x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x8xf32>) -> tensor<2x8xf32>
  %a = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x8xf32>) outs(%start : tensor<2x8xf32>) -> tensor<2x8xf32>
  %b = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x8xf32>) outs(%start : tensor<2x8xf32>) -> tensor<2x8xf32>
  %c = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x8xf32>) outs(%start : tensor<2x8xf32>) -> tensor<2x8xf32>
  %d = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x8xf32>) outs(%start : tensor<2x8xf32>) -> tensor<2x8xf32>
  // CHECK: arith.mulf %[[IN:.*]], %[[IN]] : f32
  %square = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %g : tensor<2x8xf32>, tensor<8xf32>) outs(%empty : tensor<2x8xf32>) {
  ^bb0(%in: f32, %gain: f32, %out: f32):
    %0 = arith.mulf %in, %in : f32
    %1 = arith.mulf %0, %gain : f32
    linalg.yield %1 : f32
  } -> tensor<2x8xf32>
  // CHECK: arith.subf
  %difference = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%b, %g : tensor<2x8xf32>, tensor<8xf32>) outs(%empty : tensor<2x8xf32>) {
  ^bb0(%in: f32, %gain: f32, %out: f32):
    %0 = arith.subf %gain, %in : f32
    linalg.yield %0 : f32
  } -> tensor<2x8xf32>
  // CHECK: linalg.generic {{.*}} ins({{.*}}, %arg1 :
  %given = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%c, %v : tensor<2x8xf32>, tensor<8xf32>) outs(%empty : tensor<2x8xf32>) {
  ^bb0(%in: f32, %gain: f32, %out: f32):
    %0 = arith.mulf %in, %gain : f32
    linalg.yield %0 : f32
  } -> tensor<2x8xf32>
  // CHECK: linalg.generic
  %shared = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%d, %g : tensor<2x8xf32>, tensor<8xf32>) outs(%empty : tensor<2x8xf32>) {
  ^bb0(%in: f32, %gain: f32, %out: f32):
    %0 = arith.mulf %in, %gain : f32
    linalg.yield %0 : f32
  } -> tensor<2x8xf32>
  // CHECK: return
  return %square, %difference, %given, %shared, %d : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
}

// -----

// What repeats the sum makes another tensor, and what goes by an index is no
// scale: neither becomes part of the weight.

// CHECK-LABEL: func.func @repeated(
// CHECK: %[[SUM:.*]] = linalg.matmul ins(%arg0, %{{.*}} : tensor<4x16xf32>, tensor<16x1xf32>)
// CHECK: linalg.generic {{.*}} ins(%[[SUM]], %{{.*}} : tensor<4x1xf32>, tensor<8xf32>)
memref.global "private" @w : memref<16x1xf32>
memref.global "private" @g : memref<8xf32>
func.func @repeated(%x: tensor<4x16xf32>) -> tensor<4x8xf32> {
  %zero = arith.constant 0.0 : f32
  %w_at = memref.get_global @w : memref<16x1xf32>
  %w = bufferization.to_tensor %w_at restrict : memref<16x1xf32> to tensor<16x1xf32>
  %g_at = memref.get_global @g : memref<8xf32>
  %g = bufferization.to_tensor %g_at restrict : memref<8xf32> to tensor<8xf32>
  %one = tensor.empty() : tensor<4x1xf32>
  %start = linalg.fill ins(%zero : f32) outs(%one : tensor<4x1xf32>) -> tensor<4x1xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x16xf32>, tensor<16x1xf32>) outs(%start : tensor<4x1xf32>) -> tensor<4x1xf32>
  %empty = tensor.empty() : tensor<4x8xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, 0)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%y, %g : tensor<4x1xf32>, tensor<8xf32>) outs(%empty : tensor<4x8xf32>) {
  ^bb0(%in: f32, %gain: f32, %out: f32):
    %scaled = arith.mulf %in, %gain : f32
    linalg.yield %scaled : f32
  } -> tensor<4x8xf32>
  return %z : tensor<4x8xf32>
}

// -----

// CHECK-LABEL: func.func @indexed(
// CHECK: %[[SUM:.*]] = linalg.matmul
// CHECK: linalg.generic {{.*}} ins(%[[SUM]], %{{.*}} : tensor<4x8xf32>, tensor<8xf32>)
// CHECK: linalg.index
memref.global "private" @w : memref<16x8xf32>
memref.global "private" @g : memref<8xf32>
func.func @indexed(%x: tensor<4x16xf32>) -> tensor<4x8xf32> {
  %zero = arith.constant 0.0 : f32
  %w_at = memref.get_global @w : memref<16x8xf32>
  %w = bufferization.to_tensor %w_at restrict : memref<16x8xf32> to tensor<16x8xf32>
  %g_at = memref.get_global @g : memref<8xf32>
  %g = bufferization.to_tensor %g_at restrict : memref<8xf32> to tensor<8xf32>
  %empty = tensor.empty() : tensor<4x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x16xf32>, tensor<16x8xf32>) outs(%start : tensor<4x8xf32>) -> tensor<4x8xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%y, %g : tensor<4x8xf32>, tensor<8xf32>) outs(%empty : tensor<4x8xf32>) {
  ^bb0(%in: f32, %gain: f32, %out: f32):
    %scaled = arith.mulf %in, %gain : f32
    %row = linalg.index 0 : index
    %wide = arith.index_cast %row : index to i64
    %number = arith.sitofp %wide : i64 to f32
    %moved = arith.addf %scaled, %number : f32
    linalg.yield %moved : f32
  } -> tensor<4x8xf32>
  return %z : tensor<4x8xf32>
}

// -----

// The largest of products, as a dilation has it, is no sum of them: a negative
// gain would turn it round.

// CHECK-LABEL: func.func @largest(
// CHECK: %[[LARGEST:.*]] = linalg.generic
// CHECK: arith.maximumf
// CHECK: linalg.generic {{.*}} ins(%[[LARGEST]], %{{.*}} : tensor<1x4x8xf32>, tensor<4xf32>)
// CHECK: return
memref.global "private" @w : memref<4x3x3xf32>
memref.global "private" @g : memref<4xf32>
func.func @largest(%x: tensor<1x3x10xf32>) -> tensor<1x4x8xf32> {
  %zero = arith.constant 0.0 : f32
  %w_at = memref.get_global @w : memref<4x3x3xf32>
  %w = bufferization.to_tensor %w_at restrict : memref<4x3x3xf32> to tensor<4x3x3xf32>
  %g_at = memref.get_global @g : memref<4xf32>
  %g = bufferization.to_tensor %g_at restrict : memref<4xf32> to tensor<4xf32>
  %empty = tensor.empty() : tensor<1x4x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(n, f, x, c, k) -> (n, c, x + k)>, affine_map<(n, f, x, c, k) -> (f, c, k)>,
                                        affine_map<(n, f, x, c, k) -> (n, f, x)>],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %w : tensor<1x3x10xf32>, tensor<4x3x3xf32>) outs(%start : tensor<1x4x8xf32>) {
  ^bb0(%in: f32, %weight: f32, %out: f32):
    %product = arith.mulf %in, %weight : f32
    %most = arith.maximumf %out, %product : f32
    linalg.yield %most : f32
  } -> tensor<1x4x8xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(n, f, x) -> (n, f, x)>, affine_map<(n, f, x) -> (f)>, affine_map<(n, f, x) -> (n, f, x)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%y, %g : tensor<1x4x8xf32>, tensor<4xf32>) outs(%empty : tensor<1x4x8xf32>) {
  ^bb0(%in: f32, %gain: f32, %out: f32):
    %scaled = arith.mulf %in, %gain : f32
    linalg.yield %scaled : f32
  } -> tensor<1x4x8xf32>
  return %z : tensor<1x4x8xf32>
}
