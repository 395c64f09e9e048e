// RUN: orcinus-opt %s --orcinus-place-padding --split-input-file | FileCheck %s

// The convolution and its activation: the latter writes to the middle of an
// image whose border is filled line by line. What else reads the activation's
// result reads the middle.
// CHECK-LABEL: func.func @activation(
// CHECK:         %[[SUMS:.*]] = linalg.conv_2d_nhwc_hwcf
// CHECK:         %[[IMAGE:.*]] = tensor.empty() : tensor<1x10x11x16xf32>
// CHECK:         tensor.extract_slice %[[IMAGE]][0, 0, 0, 0] [1, 1, 11, 16]
// CHECK:         %[[TOP:.*]] = tensor.insert_slice %{{.*}} into %[[IMAGE]][0, 0, 0, 0]
// CHECK:         tensor.extract_slice %[[TOP]][0, 9, 0, 0] [1, 1, 11, 16]
// CHECK:         %[[BOTTOM:.*]] = tensor.insert_slice %{{.*}} into %[[TOP]][0, 9, 0, 0]
// CHECK:         tensor.extract_slice %[[BOTTOM]][0, 1, 0, 0] [1, 8, 1, 16]
// CHECK:         %[[LEFT:.*]] = tensor.insert_slice %{{.*}} into %[[BOTTOM]][0, 1, 0, 0]
// CHECK:         tensor.extract_slice %[[LEFT]][0, 1, 9, 0] [1, 8, 2, 16]
// CHECK:         %[[BORDER:.*]] = tensor.insert_slice %{{.*}} into %[[LEFT]][0, 1, 9, 0]
// CHECK:         %[[MIDDLE:.*]] = tensor.extract_slice %[[BORDER]][0, 1, 1, 0] [1, 8, 8, 16]
// CHECK:         %[[RELU:.*]] = linalg.generic {{.*}} ins(%[[SUMS]] : {{.*}}) outs(%[[MIDDLE]] :
// CHECK:         %[[PADDED:.*]] = tensor.insert_slice %[[RELU]] into %[[BORDER]][0, 1, 1, 0]
// CHECK:         %[[READ:.*]] = tensor.extract_slice %[[PADDED]][0, 1, 1, 0]
// CHECK-NOT:     tensor.pad
// CHECK:         linalg.exp ins(%[[READ]]
// CHECK:         return %[[PADDED]]
#id = affine_map<(n, h, w, c) -> (n, h, w, c)>
func.func @activation(%x: tensor<1x8x8x16xf32>, %w: tensor<1x1x16x16xf32>, %s: tensor<1x8x8x16xf32>) -> (tensor<1x10x11x16xf32>, tensor<1x8x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<1x8x8x16xf32>
  %conv = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x8x8x16xf32>, tensor<1x1x16x16xf32>) outs(%s : tensor<1x8x8x16xf32>) -> tensor<1x8x8x16xf32>
  %relu = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%conv : tensor<1x8x8x16xf32>) outs(%e0 : tensor<1x8x8x16xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = arith.maximumf %a, %zero : f32
    linalg.yield %m : f32
  } -> tensor<1x8x8x16xf32>
  %padded = tensor.pad %relu low[0, 1, 1, 0] high[0, 1, 2, 0] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %zero : f32
  } : tensor<1x8x8x16xf32> to tensor<1x10x11x16xf32>
  %e1 = tensor.empty() : tensor<1x8x8x16xf32>
  %exp = linalg.exp ins(%relu : tensor<1x8x8x16xf32>) outs(%e1 : tensor<1x8x8x16xf32>) -> tensor<1x8x8x16xf32>
  return %padded, %exp : tensor<1x10x11x16xf32>, tensor<1x8x8x16xf32>
}

// -----

// A product with its start, over a batch that is open.
// CHECK-LABEL: func.func @open(
// CHECK:         %[[IMAGE:.*]] = tensor.empty(%arg2) : tensor<?x10x8xf32>
// CHECK:         %[[MIDDLE:.*]] = tensor.extract_slice %{{.*}}[0, 1, 0] [%arg2, 8, 8]
// CHECK:         %[[START:.*]] = linalg.fill {{.*}} outs(%[[MIDDLE]]
// CHECK:         linalg.batch_matmul {{.*}} outs(%[[START]]
// CHECK-NOT:     tensor.pad
func.func @open(%x: tensor<?x8x4xf32>, %w: tensor<?x4x8xf32>, %n: index) -> tensor<?x10x8xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%n) : tensor<?x8x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x8x8xf32>) -> tensor<?x8x8xf32>
  %y = linalg.batch_matmul ins(%x, %w : tensor<?x8x4xf32>, tensor<?x4x8xf32>) outs(%start : tensor<?x8x8xf32>) -> tensor<?x8x8xf32>
  %padded = tensor.pad %y low[0, 1, 0] high[0, 1, 0] {
  ^bb0(%i: index, %j: index, %k: index):
    tensor.yield %zero : f32
  } : tensor<?x8x8xf32> to tensor<?x10x8xf32>
  return %padded : tensor<?x10x8xf32>
}

// -----

// An argument, what is returned, and what a product reads as rows are copied.
// CHECK-LABEL: func.func @argument(
// CHECK:         tensor.extract_slice %[[TOP:.*]][5] [1] [1]
// CHECK:         %[[BORDER:.*]] = tensor.insert_slice %{{.*}} into %[[TOP]][5] [1] [1]
// CHECK:         tensor.insert_slice %arg0 into %[[BORDER]][1] [4]
// CHECK-LABEL: func.func @returned(
// CHECK:         %[[Y:.*]] = linalg.exp ins(%arg0 : {{.*}}) outs(%[[EMPTY:.*]] : tensor<4xf32>)
// CHECK:         tensor.insert_slice %[[Y]] into
// CHECK:         return %{{.*}}, %[[Y]]
// CHECK-LABEL: func.func @rows(
// CHECK:         %[[Y:.*]] = linalg.exp ins(%arg0 : {{.*}}) outs(%[[EMPTY:.*]] : tensor<4x4xf32>)
// CHECK:         tensor.insert_slice %[[Y]] into
// CHECK:         linalg.matmul ins(%[[Y]],
func.func @argument(%x: tensor<4xf32>) -> tensor<6xf32> {
  %zero = arith.constant 0.0 : f32
  %padded = tensor.pad %x low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<4xf32> to tensor<6xf32>
  return %padded : tensor<6xf32>
}
func.func @returned(%x: tensor<4xf32>) -> (tensor<6xf32>, tensor<4xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4xf32>
  %y = linalg.exp ins(%x : tensor<4xf32>) outs(%empty : tensor<4xf32>) -> tensor<4xf32>
  %padded = tensor.pad %y low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<4xf32> to tensor<6xf32>
  return %padded, %y : tensor<6xf32>, tensor<4xf32>
}
func.func @rows(%x: tensor<4x4xf32>, %w: tensor<4x4xf32>, %s: tensor<4x4xf32>) -> (tensor<6x4xf32>, tensor<4x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x4xf32>
  %y = linalg.exp ins(%x : tensor<4x4xf32>) outs(%empty : tensor<4x4xf32>) -> tensor<4x4xf32>
  %padded = tensor.pad %y low[1, 0] high[1, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<4x4xf32> to tensor<6x4xf32>
  %z = linalg.matmul ins(%y, %w : tensor<4x4xf32>, tensor<4x4xf32>) outs(%s : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %padded, %z : tensor<6x4xf32>, tensor<4x4xf32>
}

// -----

// What is not a constant, or by an amount that is not known, stays.
// CHECK-LABEL: func.func @stays(
// CHECK-COUNT-2: tensor.pad
func.func @stays(%x: tensor<4xf32>, %v: f32, %n: index) -> (tensor<6xf32>, tensor<?xf32>) {
  %zero = arith.constant 0.0 : f32
  %a = tensor.pad %x low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %v : f32
  } : tensor<4xf32> to tensor<6xf32>
  %b = tensor.pad %x low[1] high[%n] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<4xf32> to tensor<?xf32>
  return %a, %b : tensor<6xf32>, tensor<?xf32>
}
