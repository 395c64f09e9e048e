// RUN: orcinus-opt %s --tgnn-autodiff --split-input-file | FileCheck %s

// The gradients of a linear map meet its operands; the input leads to no
// parameter, so that nothing is built for it.

// CHECK-LABEL: func.func @linear
// CHECK-SAME: (%[[X:.*]]: tensor<?x8xf32>, %[[W:.*]]: tensor<8x1xf32>, %[[LABELS:.*]]: tensor<?xi32>)
// CHECK: %[[Y:.*]] = tgnn.contract "qi,io->qo"
// CHECK: %[[ONE:.*]] = arith.constant dense<1.000000e+00> : tensor<f32>
// CHECK: %[[DY:.*]] = tgnn.link_loss_grad(%[[Y]], %[[LABELS]], %[[ONE]])
// CHECK-NEXT: %[[DW:.*]] = tgnn.contract "qi,qo->io" %[[X]], %[[DY]]
// CHECK-NEXT: return %[[DW]]
func.func @linear(%x: tensor<?x8xf32>, %w: tensor<8x1xf32>, %labels: tensor<?xi32>) -> tensor<8x1xf32> {
  %y = tgnn.contract "qi,io->qo" %x, %w : tensor<?x8xf32>, tensor<8x1xf32> -> tensor<?x1xf32>
  %loss = tgnn.link_loss(%y, %labels) : (tensor<?x1xf32>, tensor<?xi32>) -> tensor<f32>
  %g = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<8x1xf32> -> tensor<8x1xf32>
  return %g : tensor<8x1xf32>
}

// -----

// Two uses of a parameter add up.

// CHECK-LABEL: func.func @twice
// CHECK: tgnn.mul
// CHECK: tgnn.mul
// CHECK: %[[SUM:.*]] = tgnn.add
// CHECK: return %[[SUM]]
func.func @twice(%w: tensor<4x1xf32>, %labels: tensor<4xi32>) -> tensor<4x1xf32> {
  %y = tgnn.mul %w, %w : tensor<4x1xf32>, tensor<4x1xf32> -> tensor<4x1xf32>
  %loss = tgnn.link_loss(%y, %labels) : (tensor<4x1xf32>, tensor<4xi32>) -> tensor<f32>
  %g = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<4x1xf32> -> tensor<4x1xf32>
  return %g : tensor<4x1xf32>
}

// -----

// No gradient passes a blocked value: the parameter gets zeros.

// CHECK-LABEL: func.func @blocked
// CHECK-NOT: tgnn.link_loss_grad
// CHECK: %[[ZERO:.*]] = tgnn.zeros_like
// CHECK: return %[[ZERO]]
func.func @blocked(%w: tensor<4x1xf32>, %labels: tensor<4xi32>) -> tensor<4x1xf32> {
  %y = tgnn.stop_gradient %w : tensor<4x1xf32> -> tensor<4x1xf32>
  %loss = tgnn.link_loss(%y, %labels) : (tensor<4x1xf32>, tensor<4xi32>) -> tensor<f32>
  %g = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<4x1xf32> -> tensor<4x1xf32>
  return %g : tensor<4x1xf32>
}

// -----

// The mean's gradient is spread over the tokens it was of, and a transposed
// one is transposed back.

// CHECK-LABEL: func.func @tokens
// CHECK-SAME: (%[[X:.*]]: tensor<6x3x4xf32>, %[[COUNTS:.*]]: tensor<6xi32>, %{{.*}}: tensor<18xi32>)
// CHECK: %[[T:.*]] = tgnn.transpose %[[X]]
// CHECK: %[[DY:.*]] = tgnn.link_loss_grad
// CHECK: %[[DMEAN:.*]] = tgnn.reshape %[[DY]]
// CHECK: %[[DG:.*]] = tgnn.mean_tokens_grad(%[[DMEAN]], %[[COUNTS]]) {tokens = 4 : i64}
// CHECK-NEXT: %[[DT:.*]] = tgnn.gelu_grad %[[T]], %[[DG]]
// CHECK-NEXT: %[[DX:.*]] = tgnn.transpose %[[DT]]
// CHECK-NEXT: return %[[DX]]
func.func @tokens(%x: tensor<6x3x4xf32>, %counts: tensor<6xi32>, %labels: tensor<18xi32>) -> tensor<6x3x4xf32> {
  %t = tgnn.transpose %x : tensor<6x3x4xf32> -> tensor<6x4x3xf32>
  %g = tgnn.gelu %t : tensor<6x4x3xf32> -> tensor<6x4x3xf32>
  %m = tgnn.mean_tokens(%g, %counts) : (tensor<6x4x3xf32>, tensor<6xi32>) -> tensor<6x3xf32>
  %y = tgnn.reshape %m to [1] : tensor<6x3xf32> -> tensor<18x1xf32>
  %loss = tgnn.link_loss(%y, %labels) : (tensor<18x1xf32>, tensor<18xi32>) -> tensor<f32>
  %d = tgnn.gradient %loss wrt(%x) : tensor<f32>, tensor<6x3x4xf32> -> tensor<6x3x4xf32>
  return %d : tensor<6x3x4xf32>
}
