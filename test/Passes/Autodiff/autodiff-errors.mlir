// RUN: orcinus-opt %s --tgnn-autodiff --split-input-file --verify-diagnostics

func.func @no_adjoint(%w: tensor<4x1xf32>) -> tensor<4x1xf32> {
  // expected-error @below {{'arith.negf' op has no adjoint, but the loss depends on a parameter through it}}
  %y = arith.negf %w : tensor<4x1xf32>
  %loss = tgnn.link_loss(%y) : (tensor<4x1xf32>) -> tensor<f32>
  // expected-note @below {{the gradient is taken here}}
  %g = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<4x1xf32> -> tensor<4x1xf32>
  return %g : tensor<4x1xf32>
}

// -----

func.func @no_inverse(%w: tensor<4x1xf32>, %index: tensor<?xi32>) -> tensor<4x1xf32> {
  // expected-error @below {{is differentiable only where its index is a frontier's map}}
  %y = tgnn.gather(%w, %index) : (tensor<4x1xf32>, tensor<?xi32>) -> tensor<?x1xf32>
  %loss = tgnn.link_loss(%y) : (tensor<?x1xf32>) -> tensor<f32>
  %g = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<4x1xf32> -> tensor<4x1xf32>
  return %g : tensor<4x1xf32>
}
