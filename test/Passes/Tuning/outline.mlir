// RUN: orcinus-opt %s --eto-outline="buckets=64,128 fewest-iterations=1" --split-input-file | FileCheck %s

// A layer is one operator: the bias that it starts from, the product, and the
// ReLU after it. Both calls share it.
// CHECK:       eto.operator @contraction_nx16x8(%[[X:.*]]: tensor<?x8xf32>, %[[W:.*]]: tensor<8x16xf32>, %[[B:.*]]: tensor<16xf32>) -> tensor<?x16xf32> buckets [64, 128] {
// CHECK:         %[[ROWS:.*]] = tensor.dim %[[X]], %{{.*}} : tensor<?x8xf32>
// CHECK:         %[[EMPTY:.*]] = tensor.empty(%[[ROWS]]) : tensor<?x16xf32>
// CHECK:         %[[START:.*]] = linalg.broadcast ins(%[[B]] : tensor<16xf32>) outs(%[[EMPTY]] : tensor<?x16xf32>) dimensions = [0]
// CHECK:         %[[SUM:.*]] = linalg.matmul ins(%[[X]], %[[W]] : {{.*}}) outs(%[[START]] : tensor<?x16xf32>)
// CHECK:         %[[RELU:.*]] = linalg.generic {{.*}} ins(%[[SUM]] : tensor<?x16xf32>)
// CHECK:         eto.yield %[[RELU]]
// CHECK-NOT:   eto.operator
// CHECK-LABEL: func.func @layers(
// CHECK:         %[[Y:.*]] = eto.call @contraction_nx16x8(%arg0, %arg1, %arg2)
// CHECK-NEXT:    %[[Z:.*]] = eto.call @contraction_nx16x8(%arg3, %arg1, %arg2)
// CHECK-NEXT:    return %[[Y]], %[[Z]]
#row = affine_map<(d0, d1) -> (d0, d1)>
func.func @layers(%x: tensor<?x8xf32>, %w: tensor<8x16xf32>, %b: tensor<16xf32>,
                  %x2: tensor<?x8xf32>, %rows: index) -> (tensor<?x16xf32>, tensor<?x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%rows) : tensor<?x16xf32>
  %start = linalg.broadcast ins(%b : tensor<16xf32>) outs(%e : tensor<?x16xf32>) dimensions = [0]
  %s = linalg.matmul ins(%x, %w : tensor<?x8xf32>, tensor<8x16xf32>) outs(%start : tensor<?x16xf32>) -> tensor<?x16xf32>
  %y = linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel", "parallel"]}
      ins(%s : tensor<?x16xf32>) outs(%e : tensor<?x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = arith.maximumf %in, %zero : f32
    linalg.yield %m : f32
  } -> tensor<?x16xf32>
  %s2 = linalg.matmul ins(%x2, %w : tensor<?x8xf32>, tensor<8x16xf32>) outs(%start : tensor<?x16xf32>) -> tensor<?x16xf32>
  %y2 = linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel", "parallel"]}
      ins(%s2 : tensor<?x16xf32>) outs(%e : tensor<?x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = arith.maximumf %in, %zero : f32
    linalg.yield %m : f32
  } -> tensor<?x16xf32>
  return %y, %y2 : tensor<?x16xf32>, tensor<?x16xf32>
}

// -----

// What another op reads is not hidden in an operator, and an op that reads a
// second tensor as large as the product is an operator of its own.
// CHECK:       eto.operator @contraction_4x16x8(%{{.*}}: tensor<4x8xf32>, %{{.*}}: tensor<8x16xf32>) -> tensor<4x16xf32> {
// CHECK:         linalg.fill
// CHECK:       eto.operator @elementwise_4x16(%{{.*}}: tensor<4x16xf32>, %{{.*}}: tensor<4x16xf32>) -> tensor<4x16xf32> {
// CHECK-NOT:   eto.operator
// CHECK-LABEL: func.func @shared(
// CHECK:         %[[P:.*]] = eto.call @contraction_4x16x8(
// CHECK-NEXT:    %[[SUM:.*]] = eto.call @elementwise_4x16(%[[P]], %{{.*}})
// CHECK-NEXT:    return %[[P]], %[[SUM]]
func.func @shared(%x: tensor<4x8xf32>, %w: tensor<8x16xf32>, %r: tensor<4x16xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x16xf32>
  %start = linalg.fill ins(%zero : f32) outs(%e : tensor<4x16xf32>) -> tensor<4x16xf32>
  %p = linalg.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x16xf32>) outs(%start : tensor<4x16xf32>) -> tensor<4x16xf32>
  %s = linalg.add ins(%p, %r : tensor<4x16xf32>, tensor<4x16xf32>) outs(%e : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %p, %s : tensor<4x16xf32>, tensor<4x16xf32>
}

// -----

// A product that adds to another one has it as an argument.
// CHECK:       eto.operator @contraction_nx16x8(%{{.*}}: tensor<?x8xf32>, %{{.*}}: tensor<8x16xf32>, %[[INTO:.*]]: tensor<?x16xf32>) -> tensor<?x16xf32>
// CHECK-NEXT:    %[[SUM:.*]] = linalg.matmul {{.*}} outs(%[[INTO]] : tensor<?x16xf32>)
// CHECK-NEXT:    eto.yield %[[SUM]]
func.func @accumulate(%x: tensor<?x8xf32>, %w: tensor<8x16xf32>, %y: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %p = linalg.matmul ins(%x, %w : tensor<?x8xf32>, tensor<8x16xf32>) outs(%y : tensor<?x16xf32>) -> tensor<?x16xf32>
  return %p : tensor<?x16xf32>
}

// -----

// The dynamic extent may be that of the sum; a tensor that an op reads twice is
// two arguments, since it is read along different loops.
// CHECK:       eto.operator @contraction_8x8xn(%[[X:.*]]: tensor<?x8xf32>, %[[Y:.*]]: tensor<?x8xf32>) -> tensor<8x8xf32> buckets [64, 128]
// CHECK-LABEL: func.func @gram(
// CHECK-SAME:    %[[A:.*]]: tensor<?x8xf32>
// CHECK:         eto.call @contraction_8x8xn(%[[A]], %[[A]])
#left = affine_map<(i, j, r) -> (r, i)>
#right = affine_map<(i, j, r) -> (r, j)>
#result = affine_map<(i, j, r) -> (i, j)>
func.func @gram(%x: tensor<?x8xf32>) -> tensor<8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %g = linalg.generic {indexing_maps = [#left, #right, #result], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>) outs(%start : tensor<8x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %c, %p : f32
    linalg.yield %s : f32
  } -> tensor<8x8xf32>
  return %g : tensor<8x8xf32>
}

// -----

// All of a softmax is one operator.
// CHECK:       eto.operator @reduction_nx32(%{{.*}}: tensor<?x32xf32>) -> tensor<?x32xf32> buckets [64, 128]
// CHECK-COUNT-4: linalg.generic
// CHECK-NOT:   eto.operator
// CHECK-LABEL: func.func @softmax(
// CHECK:         eto.call @reduction_nx32(
#full = affine_map<(i, j) -> (i, j)>
#rows = affine_map<(i, j) -> (i)>
func.func @softmax(%x: tensor<?x32xf32>, %n: index) -> tensor<?x32xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %er = tensor.empty(%n) : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?x32xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%er : tensor<?xf32>) -> tensor<?xf32>
  %m = linalg.generic {indexing_maps = [#full, #rows], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x32xf32>) outs(%m0 : tensor<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %v = arith.maximumf %out, %in : f32
    linalg.yield %v : f32
  } -> tensor<?xf32>
  %p = linalg.generic {indexing_maps = [#full, #rows, #full], iterator_types = ["parallel", "parallel"]}
      ins(%x, %m : tensor<?x32xf32>, tensor<?xf32>) outs(%e : tensor<?x32xf32>) {
  ^bb0(%in: f32, %largest: f32, %out: f32):
    %d = arith.subf %in, %largest : f32
    %v = math.exp %d : f32
    linalg.yield %v : f32
  } -> tensor<?x32xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%er : tensor<?xf32>) -> tensor<?xf32>
  %s = linalg.generic {indexing_maps = [#full, #rows], iterator_types = ["parallel", "reduction"]}
      ins(%p : tensor<?x32xf32>) outs(%s0 : tensor<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %v = arith.addf %out, %in : f32
    linalg.yield %v : f32
  } -> tensor<?xf32>
  %q = linalg.generic {indexing_maps = [#full, #rows, #full], iterator_types = ["parallel", "parallel"]}
      ins(%p, %s : tensor<?x32xf32>, tensor<?xf32>) outs(%e : tensor<?x32xf32>) {
  ^bb0(%in: f32, %sum: f32, %out: f32):
    %v = arith.divf %in, %sum : f32
    linalg.yield %v : f32
  } -> tensor<?x32xf32>
  return %q : tensor<?x32xf32>
}

// -----

// A convolution of windows, and one of each channel by itself.
// CHECK:       eto.operator @contraction_1x4x4x8x3x3x6(%{{.*}}: tensor<1x6x6x6xf32>, %{{.*}}: tensor<3x3x6x8xf32>) -> tensor<1x4x4x8xf32>
// CHECK:       eto.operator @depthwise_1x4x4x6x3x3(%{{.*}}: tensor<1x6x6x6xf32>, %{{.*}}: tensor<3x3x6xf32>) -> tensor<1x4x4x6xf32>
func.func @convolutions(%x: tensor<1x6x6x6xf32>, %w: tensor<3x3x6x8xf32>, %d: tensor<3x3x6xf32>) -> (tensor<1x4x4x8xf32>, tensor<1x4x4x6xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x4x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
  %y = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x6x6x6xf32>, tensor<3x3x6x8xf32>) outs(%start : tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
  %e2 = tensor.empty() : tensor<1x4x4x6xf32>
  %start2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x4x4x6xf32>) -> tensor<1x4x4x6xf32>
  %z = linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %d : tensor<1x6x6x6xf32>, tensor<3x3x6xf32>) outs(%start2 : tensor<1x4x4x6xf32>) -> tensor<1x4x4x6xf32>
  return %y, %z : tensor<1x4x4x8xf32>, tensor<1x4x4x6xf32>
}

// -----

// Fills, copies, broadcasts and transpositions stay, and so does what has two
// dynamic extents.
// CHECK-NOT:   eto.operator
// CHECK-LABEL: func.func @left_alone(
// CHECK:         linalg.fill
// CHECK:         linalg.transpose
// CHECK:         linalg.broadcast
// CHECK:         linalg.copy
// CHECK:         linalg.exp
func.func @left_alone(%x: tensor<4x8xf32>, %two: tensor<?x?xf32>) -> (tensor<4x8xf32>, tensor<8x4xf32>, tensor<2x4x8xf32>, tensor<4x8xf32>, tensor<?x?xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %e1 = tensor.empty() : tensor<8x4xf32>
  %t = linalg.transpose ins(%x : tensor<4x8xf32>) outs(%e1 : tensor<8x4xf32>) permutation = [1, 0]
  %e2 = tensor.empty() : tensor<2x4x8xf32>
  %b = linalg.broadcast ins(%x : tensor<4x8xf32>) outs(%e2 : tensor<2x4x8xf32>) dimensions = [0]
  %c = linalg.copy ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %exp = linalg.exp ins(%two : tensor<?x?xf32>) outs(%two : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %f, %t, %b, %c, %exp : tensor<4x8xf32>, tensor<8x4xf32>, tensor<2x4x8xf32>, tensor<4x8xf32>, tensor<?x?xf32>
}

// -----

// CHECK:       eto.operator @reduction_6x32(%{{.*}}: tensor<6x32xf32>) -> tensor<6x32xf32>
// CHECK-COUNT-4: linalg.generic
// CHECK-NOT:   eto.operator
// CHECK-LABEL: func.func @softmax_op(
// CHECK:         eto.call @reduction_6x32(
func.func @softmax_op(%x: tensor<6x32xf32>) -> tensor<6x32xf32> {
  %e = tensor.empty() : tensor<6x32xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<6x32xf32>) outs(%e : tensor<6x32xf32>) -> tensor<6x32xf32>
  return %y : tensor<6x32xf32>
}

// -----

// A sum of products is a contraction where it is lowered as one: not where both
// factors have the result's innermost dimension and not innermost, nor where a
// few rows would have to pay for a copy of the right factor.
// CHECK-DAG:   eto.operator @reduction_4x5x16x8(
// CHECK-DAG:   eto.operator @reduction_16x8(
// CHECK-DAG:   eto.operator @contraction_8x16x8(
#left = affine_map<(b, m, n, k) -> (k, n, b)>
#right = affine_map<(b, m, n, k) -> (n, k, m, b)>
#result = affine_map<(b, m, n, k) -> (b, m, n)>
func.func @lowered(%a: tensor<8x16x4xf32>, %b: tensor<16x8x5x4xf32>, %c: tensor<4x5x16xf32>,
                   %w: tensor<16x8xf32>, %v: tensor<8xf32>, %d: tensor<16xf32>, %x: tensor<8x8xf32>, %e: tensor<8x16xf32>)
    -> (tensor<4x5x16xf32>, tensor<16xf32>, tensor<8x16xf32>) {
  %0 = linalg.generic {indexing_maps = [#left, #right, #result], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%a, %b : tensor<8x16x4xf32>, tensor<16x8x5x4xf32>) outs(%c : tensor<4x5x16xf32>) {
  ^bb0(%p: f32, %q: f32, %s: f32):
    %product = arith.mulf %p, %q : f32
    %sum = arith.addf %s, %product : f32
    linalg.yield %sum : f32
  } -> tensor<4x5x16xf32>
  %1 = linalg.matvec ins(%w, %v : tensor<16x8xf32>, tensor<8xf32>) outs(%d : tensor<16xf32>) -> tensor<16xf32>
  %2 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%x, %w : tensor<8x8xf32>, tensor<16x8xf32>) outs(%e : tensor<8x16xf32>) -> tensor<8x16xf32>
  return %0, %1, %2 : tensor<4x5x16xf32>, tensor<16xf32>, tensor<8x16xf32>
}
