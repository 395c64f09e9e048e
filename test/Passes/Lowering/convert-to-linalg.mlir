// RUN: orcinus-opt %s --tgnn-convert-to-linalg | FileCheck %s

// A contraction is a generic op whose right operand has the result's last
// dimension; what it adds to is its destination.

// CHECK-DAG: #[[$LEFT:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[$RIGHT:.*]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-DAG: #[[$RESULT:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[$TURNED:.*]] = affine_map<(d0, d1, d2) -> (d2, d0)>
// CHECK-DAG: #[[$LAST:.*]] = affine_map<(d0, d1) -> (d1)>

// CHECK-LABEL: func.func @contract
// CHECK-SAME: (%[[A:.*]]: tensor<?x8xf32>, %[[W:.*]]: tensor<8x4xf32>)
// CHECK: %[[ZEROS:.*]] = linalg.fill
// CHECK: linalg.generic {indexing_maps = [#[[$LEFT]], #[[$RIGHT]], #[[$RESULT]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[A]], %[[W]] : {{.*}}) outs(%[[ZEROS]]
// CHECK: arith.mulf
// CHECK: arith.addf
func.func @contract(%a: tensor<?x8xf32>, %w: tensor<8x4xf32>) -> tensor<?x4xf32> {
  %y = tgnn.contract "qi,io->qo" %a, %w : tensor<?x8xf32>, tensor<8x4xf32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @swapped
// CHECK-SAME: (%[[A:.*]]: tensor<?x8xf32>, %[[G:.*]]: tensor<?x4xf32>)
// CHECK: linalg.generic {indexing_maps = [#[[$TURNED]], #[[$RIGHT]], #[[$RESULT]]], {{.*}}} ins(%[[G]], %[[A]] :
func.func @swapped(%a: tensor<?x8xf32>, %g: tensor<?x4xf32>) -> tensor<4x8xf32> {
  %y = tgnn.contract "qi,qo->oi" %a, %g : tensor<?x8xf32>, tensor<?x4xf32> -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// CHECK-LABEL: func.func @init
// CHECK-SAME: tensor<8x4xf32>, %[[B:.*]]: tensor<?x4xf32>)
// CHECK-NOT: linalg.fill
// CHECK: linalg.generic {{.*}} outs(%[[B]] :
func.func @init(%a: tensor<?x8xf32>, %w: tensor<8x4xf32>, %b: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = tgnn.contract "qi,io->qo" %a, %w init(%b : tensor<?x4xf32>) : tensor<?x8xf32>, tensor<8x4xf32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @concat
// CHECK-SAME: (%[[A:.*]]: tensor<?x3xf32>, %[[B:.*]]: tensor<?x5xf32>)
// CHECK: %[[FIRST:.*]] = tensor.insert_slice %[[A]] into %{{.*}}[0, 0] [%{{.*}}, 3] [1, 1]
// CHECK: tensor.insert_slice %[[B]] into %[[FIRST]][0, 3] [%{{.*}}, 5] [1, 1]
func.func @concat(%a: tensor<?x3xf32>, %b: tensor<?x5xf32>) -> tensor<?x8xf32> {
  %y = tgnn.concat %a, %b : tensor<?x3xf32>, tensor<?x5xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @slice
// CHECK: tensor.extract_slice %{{.*}}[0, 2] [%{{.*}}, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
func.func @slice(%a: tensor<?x8xf32>) -> tensor<?x4xf32> {
  %y = tgnn.slice %a dimension(1) offset(2) size(4) : tensor<?x8xf32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @pad
// CHECK: %[[ZEROS:.*]] = linalg.fill
// CHECK: tensor.insert_slice %{{.*}} into %[[ZEROS]][0, 2] [%{{.*}}, 4] [1, 1]
func.func @pad(%a: tensor<?x4xf32>) -> tensor<?x8xf32> {
  %y = tgnn.pad %a dimension(1) offset(2) size(8) : tensor<?x4xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @split
// CHECK: tensor.expand_shape %{{.*}} {{\[\[0\], \[1, 2\]\]}} output_shape [%{{.*}}, 2, 4]
func.func @split(%a: tensor<?x8xf32>) -> tensor<?x2x4xf32> {
  %y = tgnn.reshape %a to [2, 4] : tensor<?x8xf32> -> tensor<?x2x4xf32>
  return %y : tensor<?x2x4xf32>
}

// CHECK-LABEL: func.func @join
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[0\], \[1, 2\]\]}}
func.func @join(%a: tensor<?x2x4xf32>) -> tensor<?x8xf32> {
  %y = tgnn.reshape %a to [8] : tensor<?x2x4xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Extents that are alike leave no doubt: trailing dimensions belong together.

// CHECK-LABEL: func.func @rows_of_a_square
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[0, 1\], \[2\]\]}} : tensor<?x8x8xf32> into tensor<?x8xf32>
func.func @rows_of_a_square(%a: tensor<?x8x8xf32>) -> tensor<?x8xf32> {
  %y = tgnn.reshape %a to [8] : tensor<?x8x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @square_of_rows
// CHECK: tensor.expand_shape %{{.*}} {{\[\[0, 1\], \[2\]\]}} output_shape [%{{.*}}, 8, 8] : tensor<?x8xf32> into tensor<?x8x8xf32>
func.func @square_of_rows(%a: tensor<?x8xf32>) -> tensor<?x8x8xf32> {
  %y = tgnn.reshape %a to [8, 8] : tensor<?x8xf32> -> tensor<?x8x8xf32>
  return %y : tensor<?x8x8xf32>
}

// What is neither split nor joined is both, by way of a row of all elements.

// CHECK-LABEL: func.func @other_groups
// CHECK: %[[FLAT:.*]] = tensor.collapse_shape %{{.*}} {{\[\[0, 1, 2\]\]}} : tensor<?x2x3xf32> into tensor<?xf32>
// CHECK: tensor.expand_shape %[[FLAT]] {{\[\[0, 1, 2\]\]}} output_shape [%{{.*}}, 3, 2] : tensor<?xf32> into tensor<?x3x2xf32>
func.func @other_groups(%a: tensor<?x2x3xf32>) -> tensor<?x3x2xf32> {
  %y = tgnn.reshape %a to [3, 2] : tensor<?x2x3xf32> -> tensor<?x3x2xf32>
  return %y : tensor<?x3x2xf32>
}

// CHECK-LABEL: func.func @rows_of_half
// CHECK: tensor.collapse_shape %{{.*}} : tensor<4x6xf32> into tensor<24xf32>
// CHECK: tensor.expand_shape %{{.*}} : tensor<24xf32> into tensor<8x3xf32>
func.func @rows_of_half(%a: tensor<4x6xf32>) -> tensor<8x3xf32> {
  %y = tgnn.reshape %a to [3] : tensor<4x6xf32> -> tensor<8x3xf32>
  return %y : tensor<8x3xf32>
}

// A value that is not a number stays one; a gradient passes where the result
// is positive; nothing is left of a blocked gradient.

// CHECK-LABEL: func.func @elementwise
// CHECK: arith.addf
// CHECK: arith.mulf
// CHECK: arith.maximumf %{{.*}}, %{{.*}} : f32
// CHECK: %[[POSITIVE:.*]] = arith.cmpf ogt,
// CHECK: arith.select %[[POSITIVE]],
// CHECK-NOT: tgnn.
func.func @elementwise(%a: tensor<?x8xf32>, %b: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = tgnn.add %a, %b : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  %m = tgnn.mul %s, %b : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  %r = tgnn.relu %m : tensor<?x8xf32> -> tensor<?x8xf32>
  %g = tgnn.relu_grad %r, %a : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  %h = tgnn.stop_gradient %g : tensor<?x8xf32> -> tensor<?x8xf32>
  return %h : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @rows
// CHECK: %[[ZERO:.*]] = linalg.fill {{.*}} -> tensor<8xf32>
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[$LAST]]], iterator_types = ["reduction", "parallel"]} {{.*}} outs(%[[ZERO]] :
// CHECK: linalg.broadcast ins(%{{.*}} : tensor<8xf32>) outs(%{{.*}} : tensor<?x8xf32>) dimensions = [0]
// CHECK: linalg.fill {{.*}} -> tensor<?x8xf32>
func.func @rows(%a: tensor<?x8xf32>, %v: tensor<8xf32>) -> (tensor<8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
  %s = tgnn.sum_rows %a : tensor<?x8xf32> -> tensor<8xf32>
  %b = tgnn.broadcast_rows %v like %a : tensor<8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  %z = tgnn.zeros_like %a : tensor<?x8xf32> -> tensor<?x8xf32>
  return %s, %b, %z : tensor<8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
}

// Sources twice, then what they are paired with: [s; d; n] of 3B rows becomes
// [s; s] and [d; n].

// CHECK-LABEL: func.func @pairs(
// CHECK: %[[B:.*]] = arith.muli
// CHECK: %[[PAIRS:.*]] = arith.muli
// CHECK: %[[S:.*]] = tensor.extract_slice %{{.*}}[0, 0] [%[[B]], 5] [1, 1]
// CHECK: %[[ONCE:.*]] = tensor.insert_slice %[[S]] into %{{.*}}[0, 0]
// CHECK: %[[TWICE:.*]] = tensor.insert_slice %[[S]] into %[[ONCE]][%[[B]], 0]
// CHECK: %[[OTHERS:.*]] = tensor.extract_slice %{{.*}}[%[[B]], 0] [%[[PAIRS]], 5] [1, 1]
// CHECK: return %[[TWICE]], %[[OTHERS]]
func.func @pairs(%e: tensor<?x5xf32>) -> (tensor<?x5xf32>, tensor<?x5xf32>) {
  %s, %d = tgnn.link_pairs %e : tensor<?x5xf32> -> tensor<?x5xf32>, tensor<?x5xf32>
  return %s, %d : tensor<?x5xf32>, tensor<?x5xf32>
}

// CHECK-LABEL: func.func @pairs_grad
// CHECK: %[[EVENTS:.*]] = tensor.extract_slice %arg0[0, 0]
// CHECK: %[[NEGATIVES:.*]] = tensor.extract_slice %arg0[%{{.*}}, 0]
// CHECK: %[[S:.*]] = linalg.generic {{.*}} ins(%[[EVENTS]], %[[NEGATIVES]] :
// CHECK: arith.addf
// CHECK: %[[WITH:.*]] = tensor.insert_slice %[[S]] into %{{.*}}[0, 0]
// CHECK: tensor.insert_slice %arg1 into %[[WITH]][%{{.*}}, 0]
func.func @pairs_grad(%s: tensor<?x5xf32>, %d: tensor<?x5xf32>) -> tensor<?x5xf32> {
  %e = tgnn.link_pairs_grad %s, %d : tensor<?x5xf32>, tensor<?x5xf32> -> tensor<?x5xf32>
  return %e : tensor<?x5xf32>
}

// Kernels stay: they are lowered on buffers.

// CHECK-LABEL: func.func @kernel
// CHECK: tgnn.mask_rows
func.func @kernel(%a: tensor<?x8xf32>, %c: tensor<?xi32>) -> tensor<?x8xf32> {
  %m = tgnn.mask_rows(%a, %c) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  return %m : tensor<?x8xf32>
}

// x (1 + erf(x / √2)) / 2, and its slope.
// CHECK-LABEL: func.func @gelu
// CHECK: %[[ROOT:.*]] = arith.constant 0.707106769
// CHECK: %[[SCALED:.*]] = arith.mulf %[[X:.*]], %[[ROOT]]
// CHECK: %[[ERROR:.*]] = math.erf %[[SCALED]]
// CHECK: arith.mulf %[[X]], %{{.*}}
// CHECK: math.exp
// CHECK: math.erf
func.func @gelu(%x: tensor<?x8xf32>, %dy: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %y = tgnn.gelu %x : tensor<?x8xf32> -> tensor<?x8xf32>
  %dx = tgnn.gelu_grad %x, %dy : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  return %y, %dx : tensor<?x8xf32>, tensor<?x8xf32>
}

// CHECK-LABEL: func.func @scale
// CHECK: %[[FACTOR:.*]] = arith.constant -2.500000e+00 : f32
// CHECK: arith.mulf %{{.*}}, %[[FACTOR]] : f32
func.func @scale(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = tgnn.scale %x by -2.5 : tensor<?x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @transpose
// CHECK-SAME: (%[[X:.*]]: tensor<?x3x4xf32>)
// CHECK: %[[EMPTY:.*]] = tensor.empty(%{{.*}}) : tensor<?x4x3xf32>
// CHECK: linalg.transpose ins(%[[X]] : tensor<?x3x4xf32>) outs(%[[EMPTY]] : tensor<?x4x3xf32>) permutation = [0, 2, 1]
func.func @transpose(%x: tensor<?x3x4xf32>) -> tensor<?x4x3xf32> {
  %y = tgnn.transpose %x : tensor<?x3x4xf32> -> tensor<?x4x3xf32>
  return %y : tensor<?x4x3xf32>
}
