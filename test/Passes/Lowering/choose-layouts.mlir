// RUN: orcinus-opt %s --split-input-file --orcinus-choose-layouts --canonicalize | FileCheck %s

// Between two convolutions nothing is transposed, nor what starts from a bias,
// is padded, added, pooled or reduced.

#id = affine_map<(a, b, c, d) -> (a, b, c, d)>
// CHECK-LABEL: func.func @network(
// CHECK-SAME: %[[X:.*]]: tensor<?x8x8x8xf32>, %[[W:.*]]: tensor<16x8x3x3xf32>, %[[D:.*]]: tensor<16x3x3xf32>, %[[B:.*]]: tensor<16xf32>
// CHECK-DAG: linalg.transpose ins(%[[W]] : {{.*}}) outs({{.*}} : tensor<3x3x8x16xf32>) permutation = [2, 3, 1, 0]
// CHECK-DAG: linalg.transpose ins(%[[D]] : {{.*}}) outs({{.*}} : tensor<3x3x16xf32>) permutation = [1, 2, 0]
// CHECK-DAG: linalg.transpose ins(%[[X]] : {{.*}}) outs({{.*}} : tensor<?x8x8x8xf32>) permutation = [0, 2, 3, 1]
// CHECK-NOT: linalg.transpose
// CHECK-DAG: tensor.pad {{.*}} low[0, 1, 1, 0] high[0, 1, 1, 0]
// CHECK-DAG: linalg.broadcast {{.*}} outs({{.*}} : tensor<?x8x8x16xf32>) dimensions = [0, 1, 2]
// CHECK: linalg.conv_2d_nhwc_hwcf
// CHECK: linalg.generic {{.*}} outs({{.*}} : tensor<?x8x8x16xf32>)
// CHECK: linalg.depthwise_conv_2d_nhwc_hwc {{.*}}strides = dense<2>
// CHECK: linalg.pooling_nhwc_max {{.*}} -> tensor<?x1x1x16xf32>
// CHECK: tensor.collapse_shape {{.*}} {{\[}}[0], [1, 2, 3]] : tensor<?x1x1x16xf32> into tensor<?x16xf32>
// CHECK-NOT: linalg.transpose
// CHECK: return
func.func @network(%x: tensor<?x8x8x8xf32>, %w: tensor<16x8x3x3xf32>, %d: tensor<16x3x3xf32>, %b: tensor<16xf32>) -> tensor<?x16xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8x8x8xf32>
  %padded = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %zero : f32
  } : tensor<?x8x8x8xf32> to tensor<?x8x10x10xf32>
  %e = tensor.empty(%n) : tensor<?x16x8x8xf32>
  %start = linalg.broadcast ins(%b : tensor<16xf32>) outs(%e : tensor<?x16x8x8xf32>) dimensions = [0, 2, 3]
  %y = linalg.conv_2d_nchw_fchw ins(%padded, %w : tensor<?x8x10x10xf32>, tensor<16x8x3x3xf32>)
      outs(%start : tensor<?x16x8x8xf32>) -> tensor<?x16x8x8xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%y : tensor<?x16x8x8xf32>) outs(%e : tensor<?x16x8x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = arith.maximumf %a, %zero : f32
    linalg.yield %m : f32
  } -> tensor<?x16x8x8xf32>
  %f = tensor.empty(%n) : tensor<?x16x3x3xf32>
  %s = linalg.fill ins(%zero : f32) outs(%f : tensor<?x16x3x3xf32>) -> tensor<?x16x3x3xf32>
  %z = linalg.depthwise_conv_2d_nchw_chw {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%r, %d : tensor<?x16x8x8xf32>, tensor<16x3x3xf32>) outs(%s : tensor<?x16x3x3xf32>) -> tensor<?x16x3x3xf32>
  %g = tensor.empty(%n) : tensor<?x16x1x1xf32>
  %t = linalg.fill ins(%zero : f32) outs(%g : tensor<?x16x1x1xf32>) -> tensor<?x16x1x1xf32>
  %window = tensor.empty() : tensor<3x3xf32>
  %p = linalg.pooling_nchw_max ins(%z, %window : tensor<?x16x3x3xf32>, tensor<3x3xf32>)
      outs(%t : tensor<?x16x1x1xf32>) -> tensor<?x16x1x1xf32>
  %q = tensor.collapse_shape %p [[0], [1, 2, 3]] : tensor<?x16x1x1xf32> into tensor<?x16xf32>
  return %q : tensor<?x16xf32>
}

// -----

// A grouped convolution becomes one of the groups beside its channels, whose
// loops are those of its result and then those of its sums.

// CHECK-DAG: #[[$IMAGE:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1 + d5, d2 + d6, d3, d7)>
// CHECK-DAG: #[[$FILTER:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d3, d5, d6, d7, d4)>
// CHECK-DAG: #[[$RESULT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1, d2, d3, d4)>
// CHECK-LABEL: func.func @grouped(
// CHECK: linalg.generic {indexing_maps = [#[[$IMAGE]], #[[$FILTER]], #[[$RESULT]]], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
// CHECK-SAME: ins({{.*}} : tensor<1x6x6x2x4xf32>, tensor<2x3x3x4x8xf32>) outs({{.*}} : tensor<1x4x4x2x8xf32>)
func.func @grouped(%x: tensor<1x8x6x6xf32>, %w: tensor<2x8x4x3x3xf32>, %y: tensor<1x2x8x4x4xf32>) -> tensor<1x16x4x4xf32> {
  %g = tensor.expand_shape %x [[0], [1, 2], [3], [4]] output_shape [1, 2, 4, 6, 6] : tensor<1x8x6x6xf32> into tensor<1x2x4x6x6xf32>
  %z = linalg.conv_2d_ngchw_gfchw ins(%g, %w : tensor<1x2x4x6x6xf32>, tensor<2x8x4x3x3xf32>)
      outs(%y : tensor<1x2x8x4x4xf32>) -> tensor<1x2x8x4x4xf32>
  // CHECK: tensor.collapse_shape {{.*}} {{\[}}[0], [1], [2], [3, 4]] : tensor<1x4x4x2x8xf32> into tensor<1x4x4x16xf32>
  %c = tensor.collapse_shape %z [[0], [1, 2], [3], [4]] : tensor<1x2x8x4x4xf32> into tensor<1x16x4x4xf32>
  return %c : tensor<1x16x4x4xf32>
}

// -----

// A network that is channels last, wrapped in transpositions for an importer,
// is left without any.

// CHECK-LABEL: func.func @wrapped(
// CHECK-SAME: %[[X:.*]]: tensor<1x6x6x8xf32>
// CHECK-NOT: permutation = [0, {{[23]}}, {{[13]}}, {{[12]}}]
// CHECK: %[[Y:.*]] = linalg.conv_2d_nhwc_hwcf ins(%[[X]],
// CHECK: return %[[Y]]
func.func @wrapped(%x: tensor<1x6x6x8xf32>, %w: tensor<16x8x3x3xf32>) -> tensor<1x4x4x16xf32> {
  %zero = arith.constant 0.0 : f32
  %a = tensor.empty() : tensor<1x8x6x6xf32>
  %first = linalg.transpose ins(%x : tensor<1x6x6x8xf32>) outs(%a : tensor<1x8x6x6xf32>) permutation = [0, 3, 1, 2]
  %b = tensor.empty() : tensor<1x16x4x4xf32>
  %s = linalg.fill ins(%zero : f32) outs(%b : tensor<1x16x4x4xf32>) -> tensor<1x16x4x4xf32>
  %y = linalg.conv_2d_nchw_fchw ins(%first, %w : tensor<1x8x6x6xf32>, tensor<16x8x3x3xf32>)
      outs(%s : tensor<1x16x4x4xf32>) -> tensor<1x16x4x4xf32>
  %c = tensor.empty() : tensor<1x4x4x16xf32>
  %last = linalg.transpose ins(%y : tensor<1x16x4x4xf32>) outs(%c : tensor<1x4x4x16xf32>) permutation = [0, 2, 3, 1]
  return %last : tensor<1x4x4x16xf32>
}

// -----

// What cares in what order dimensions lie gets them so: a loop, a result that is
// returned and read besides, which is transposed once.

// CHECK-LABEL: func.func @boundaries(
// CHECK: %[[Y:.*]] = linalg.conv_2d_nhwc_hwcf
// CHECK: %[[T:.*]] = linalg.transpose ins(%[[Y]] : {{.*}}) {{.*}} permutation = [0, 3, 1, 2]
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[T]])
// CHECK: %[[Z:.*]] = linalg.conv_2d_nhwc_hwcf ins(%[[Y]],
// CHECK: return %[[T]], %{{.*}}, %{{.*}}
func.func @boundaries(%x: tensor<1x8x4x4xf32>, %w: tensor<8x8x1x1xf32>, %n: index)
    -> (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x8x4x4xf32>
  %s = linalg.fill ins(%zero : f32) outs(%e : tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %y = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x8x4x4xf32>, tensor<8x8x1x1xf32>)
      outs(%s : tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %y) -> tensor<1x8x4x4xf32> {
    %b = tensor.insert %zero into %a[%c0, %i, %c0, %c0] : tensor<1x8x4x4xf32>
    scf.yield %b : tensor<1x8x4x4xf32>
  }
  %z = linalg.conv_2d_nchw_fchw ins(%y, %w : tensor<1x8x4x4xf32>, tensor<8x8x1x1xf32>)
      outs(%s : tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return %y, %r, %z : tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>
}

// -----

// Few channels fill no vector: pixels do. Nor is a pooling by itself worth it.

// CHECK-LABEL: func.func @left(
// CHECK: linalg.conv_2d_nchw_fchw
// CHECK: linalg.pooling_nchw_max
func.func @left(%x: tensor<1x3x6x6xf32>, %w: tensor<4x3x3x3xf32>, %y: tensor<1x4x4x4xf32>, %z: tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> {
  %a = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x3x6x6xf32>, tensor<4x3x3x3xf32>)
      outs(%y : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %window = tensor.empty() : tensor<3x3xf32>
  %b = linalg.pooling_nchw_max ins(%a, %window : tensor<1x4x4x4xf32>, tensor<3x3xf32>)
      outs(%z : tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32>
  return %b : tensor<1x4x2x2xf32>
}
