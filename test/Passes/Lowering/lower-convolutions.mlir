// RUN: orcinus-opt %s --orcinus-lower-contractions="vector-bits=512 vector-registers=32" --cse --split-input-file | FileCheck %s

// A window's taps and the channels within it are one reduction: three rows of
// 3 * 64 steps.
// CHECK-LABEL: func.func @window(
// CHECK:         memref.collapse_shape %{{.*}} {{\[\[}}0], [1], [2, 3]] : memref<1x9x9x64xf32> into memref<1x9x576xf32>
// CHECK:         memref.collapse_shape %{{.*}} {{\[\[}}0], [1, 2], [3]] : memref<3x3x64x128xf32> into memref<3x192x128xf32>
// CHECK:         call @orcinus_contraction(
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK:         scf.for {{.*}} to %c3
// CHECK:           scf.for {{.*}} to %c192
// CHECK:             memref.load %arg0
// CHECK:             vector.fma {{.*}} vector<16xf32>
func.func @window(%x: memref<1x9x9x64xf32>, %w: memref<3x3x64x128xf32>, %y: memref<1x7x7x128xf32>) {
  linalg.conv_2d_nhwc_hwcf {eto.schedule = #eto.schedule<tile_rows = 7, panel_vectors = 2>} ins(%x, %w : memref<1x9x9x64xf32>, memref<3x3x64x128xf32>) outs(%y : memref<1x7x7x128xf32>)
  return
}

// -----

// The pixels of a 1x1 convolution are the rows of a matrix.
// CHECK-LABEL: func.func @pixels(
// CHECK:         call @orcinus_contraction({{.*}}) : (memref<1x49x64xf32, {{.*}}>, memref<1x1x64x32xf32, {{.*}}>, memref<1x49x32xf32, {{.*}}>)
func.func @pixels(%x: memref<1x7x7x64xf32>, %w: memref<1x1x64x32xf32>, %y: memref<1x7x7x32xf32>) {
  linalg.conv_2d_nhwc_hwcf ins(%x, %w : memref<1x7x7x64xf32>, memref<1x1x64x32xf32>) outs(%y : memref<1x7x7x32xf32>)
  return
}

// -----

// Packed, the rows of all images are one dimension, whose remainder of 49 by 14
// is a tile of its own; the weights come in panels of 2 vectors.
// CHECK-LABEL: func.func @packed(
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK:         memref.alloc() : memref<4x3x192x32xf32>
// CHECK:         linalg.copy
// CHECK:         memref.collapse_shape %arg2 {{\[\[}}0], [1, 2], [3]]
// CHECK:         memref.alloc() : memref<49x3x200xf32>
// CHECK:         vector.load %arg0
// CHECK:         vector.store
// CHECK:         scf.for {{.*}} step %c14
// CHECK-COUNT-28: vector.fma
// CHECK:         scf.yield
// CHECK-COUNT-14: vector.fma
// CHECK:         scf.yield
func.func @packed(%x: memref<1x9x9x64xf32>, %w: memref<3x3x64x128xf32>, %y: memref<1x7x7x128xf32>) {
  linalg.conv_2d_nhwc_hwcf {eto.schedule = #eto.schedule<tile_rows = 14, panel_vectors = 2, pack_left = 1, left_padding = 8, pack_right = 1>} ins(%x, %w : memref<1x9x9x64xf32>, memref<3x3x64x128xf32>) outs(%y : memref<1x7x7x128xf32>)
  return
}

// -----

// Weights that come packed, by a map that divides the column, are read panel by
// panel.
// CHECK-LABEL: func.func @prepacked(
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK-SAME:      %arg1: memref<4x64x32xf32
// CHECK-NOT:     memref.alloc
// CHECK:         %[[PANEL:.*]] = arith.divui %{{.*}}, %c32
// CHECK:         vector.load %arg1[%[[PANEL]],
#left = affine_map<(m, n, k) -> (m, k)>
#right = affine_map<(m, n, k) -> (n floordiv 32, k, n mod 32)>
#result = affine_map<(m, n, k) -> (m, n)>
func.func @prepacked(%x: memref<96x64xf32>, %w: memref<4x64x32xf32>, %y: memref<96x128xf32>) {
  linalg.generic {indexing_maps = [#left, #right, #result], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<96x64xf32>, memref<4x64x32xf32>) outs(%y : memref<96x128xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %product = arith.mulf %a, %b : f32
    %sum = arith.addf %c, %product : f32
    linalg.yield %sum : f32
  }
  return
}

// -----

// Channels of a depthwise convolution are vectors in both operands; the window
// is unrolled.
// CHECK-LABEL: func.func @depthwise(
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK-NOT:     vector.broadcast
// CHECK:         vector.load %arg1{{.*}} vector<16xf32>
// CHECK:         vector.load %arg0{{.*}} vector<16xf32>
// CHECK-NOT:     iter_args
// CHECK:         return
func.func @depthwise(%x: memref<1x16x16x32xf32>, %w: memref<3x3x32xf32>, %y: memref<1x14x14x32xf32>) {
  linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %w : memref<1x16x16x32xf32>, memref<3x3x32xf32>) outs(%y : memref<1x14x14x32xf32>)
  return
}

// -----

// In the middle of a padded image, the pixels are the rows of a matrix still:
// where one is written is a quotient. Tiles of 7 rows lie in one line of 14
// pixels, so that each has one division.
// CHECK-LABEL: func.func @padded_result(
// CHECK:         call @orcinus_contraction({{.*}}) : (memref<1x196x64xf32, {{.*}}>, memref<1x1x64x32xf32, {{.*}}>, memref<1x14x14x32xf32, {{.*}}>)
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK:         scf.for %[[ROW:.*]] = {{.*}} step %c7
// CHECK-COUNT-14:  vector.fma
// CHECK:           %[[LINE:.*]] = arith.divui %[[ROW]], %c14
// CHECK:           vector.store {{.*}}, %arg2[%c0{{.*}}, %[[LINE]],
// CHECK-NOT:       arith.divui
// CHECK:         return
func.func @padded_result(%x: memref<1x14x14x64xf32>, %w: memref<1x1x64x32xf32>, %y: memref<1x16x16x32xf32>) {
  %zero = arith.constant 0.0 : f32
  %middle = memref.subview %y[0, 1, 1, 0] [1, 14, 14, 32] [1, 1, 1, 1] : memref<1x16x16x32xf32> to memref<1x14x14x32xf32, strided<[8192, 512, 32, 1], offset: 544>>
  linalg.fill ins(%zero : f32) outs(%middle : memref<1x14x14x32xf32, strided<[8192, 512, 32, 1], offset: 544>>)
  linalg.conv_2d_nhwc_hwcf {eto.schedule = #eto.schedule<tile_rows = 7, panel_vectors = 2>} ins(%x, %w : memref<1x14x14x64xf32>, memref<1x1x64x32xf32>) outs(%middle : memref<1x14x14x32xf32, strided<[8192, 512, 32, 1], offset: 544>>)
  return
}

// -----

// So are the packed rows of a window.
// CHECK-LABEL: func.func @packed_into_padded(
// CHECK-LABEL: func.func private @orcinus_contraction(
// CHECK-NOT:     memref.collapse_shape
// CHECK:         scf.for {{.*}} step %c14
// CHECK:           arith.divui
// CHECK:         return
func.func @packed_into_padded(%x: memref<1x9x9x64xf32>, %w: memref<3x3x64x32xf32>, %y: memref<1x9x9x32xf32>) {
  %middle = memref.subview %y[0, 1, 1, 0] [1, 7, 7, 32] [1, 1, 1, 1] : memref<1x9x9x32xf32> to memref<1x7x7x32xf32, strided<[2592, 288, 32, 1], offset: 320>>
  linalg.conv_2d_nhwc_hwcf {eto.schedule = #eto.schedule<tile_rows = 14, panel_vectors = 2, pack_left = 1>} ins(%x, %w : memref<1x9x9x64xf32>, memref<3x3x64x32xf32>) outs(%middle : memref<1x7x7x32xf32, strided<[2592, 288, 32, 1], offset: 320>>)
  return
}
