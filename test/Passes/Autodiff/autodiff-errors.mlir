// RUN: orcinus-opt %s --tgnn-autodiff --split-input-file --verify-diagnostics

func.func @no_adjoint(%w: tensor<4x1xf32>, %labels: tensor<4xi32>) -> tensor<4x1xf32> {
  // expected-error @below {{'arith.negf' op has no adjoint, but the loss depends on a parameter through it}}
  %y = arith.negf %w : tensor<4x1xf32>
  %loss = tgnn.link_loss(%y, %labels) : (tensor<4x1xf32>, tensor<4xi32>) -> tensor<f32>
  // expected-note @below {{the gradient is taken here}}
  %g = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<4x1xf32> -> tensor<4x1xf32>
  return %g : tensor<4x1xf32>
}

// -----

func.func @no_inverse(%w: tensor<4x1xf32>, %index: tensor<?xi32>, %labels: tensor<?xi32>) -> tensor<4x1xf32> {
  // expected-error @below {{is differentiable only where its index is a frontier's map}}
  %y = tgnn.gather(%w, %index) : (tensor<4x1xf32>, tensor<?xi32>) -> tensor<?x1xf32>
  %loss = tgnn.link_loss(%y, %labels) : (tensor<?x1xf32>, tensor<?xi32>) -> tensor<f32>
  %g = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<4x1xf32> -> tensor<4x1xf32>
  return %g : tensor<4x1xf32>
}

// -----

func.func @scalar(%w: tensor<4x5xf32>, %v: tensor<4x5xf32>) -> tensor<4x5xf32> {
  // expected-error @below {{is differentiable only where its result has a dimension}}
  %loss = tgnn.contract "ab,ab->" %w, %v : tensor<4x5xf32>, tensor<4x5xf32> -> tensor<f32>
  %g = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<4x5xf32> -> tensor<4x5xf32>
  return %g : tensor<4x5xf32>
}

// -----

func.func @replaced_table(%w: tensor<4x1xf32>, %rows: tensor<?xi32>, %v: tensor<?x1xf32>, %labels: tensor<4xi32>) -> tensor<4x1xf32> {
  // expected-error @below {{is not differentiable with regard to its table}}
  %y = tgnn.replace_rows(%w, %rows, %v) : (tensor<4x1xf32>, tensor<?xi32>, tensor<?x1xf32>) -> tensor<4x1xf32>
  %loss = tgnn.link_loss(%y, %labels) : (tensor<4x1xf32>, tensor<4xi32>) -> tensor<f32>
  %g = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<4x1xf32> -> tensor<4x1xf32>
  return %g : tensor<4x1xf32>
}

// -----

func.func @time(%t: tensor<4xf32>, %w: tensor<1xf32>, %b: tensor<1xf32>, %labels: tensor<4xi32>) -> tensor<4xf32> {
  // expected-error @below {{is not differentiable with regard to time}}
  %y = tgnn.time_encode(%t, %w, %b) : (tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<4x1xf32>
  %loss = tgnn.link_loss(%y, %labels) : (tensor<4x1xf32>, tensor<4xi32>) -> tensor<f32>
  %g = tgnn.gradient %loss wrt(%t) : tensor<f32>, tensor<4xf32> -> tensor<4xf32>
  return %g : tensor<4xf32>
}

// -----

func.func @statistics(%x: tensor<4x6xf32>, %scale: tensor<6xf32>, %shift: tensor<6xf32>, %labels: tensor<4xi32>) -> tensor<4x6xf32> {
  // expected-error @below {{is differentiable through its first result only}}
  %y, %s = tgnn.layer_norm(%x, %scale, %shift) : (tensor<4x6xf32>, tensor<6xf32>, tensor<6xf32>) -> (tensor<4x6xf32>, tensor<4x2xf32>)
  %m = tgnn.slice %s dimension(1) offset(0) size(1) : tensor<4x2xf32> -> tensor<4x1xf32>
  %loss = tgnn.link_loss(%m, %labels) : (tensor<4x1xf32>, tensor<4xi32>) -> tensor<f32>
  %g = tgnn.gradient %loss wrt(%x) : tensor<f32>, tensor<4x6xf32> -> tensor<4x6xf32>
  return %g : tensor<4x6xf32>
}

// -----

func.func @deep_rows(%x: tensor<4x3x1xf32>, %labels: tensor<1xi32>) -> tensor<4x3x1xf32> {
  // expected-error @below {{is differentiable for inputs of rank 2 only}}
  %y = tgnn.sum_rows %x : tensor<4x3x1xf32> -> tensor<1xf32>
  %m = tgnn.reshape %y to [1] : tensor<1xf32> -> tensor<1x1xf32>
  %loss = tgnn.link_loss(%m, %labels) : (tensor<1x1xf32>, tensor<1xi32>) -> tensor<f32>
  %g = tgnn.gradient %loss wrt(%x) : tensor<f32>, tensor<4x3x1xf32> -> tensor<4x3x1xf32>
  return %g : tensor<4x3x1xf32>
}

// -----

func.func @not_a_scalar(%w: tensor<4x1xf32>) -> tensor<4x1xf32> {
  // expected-error @below {{the loss must be a tensor of rank 0}}
  %g = tgnn.gradient %w wrt(%w) : tensor<4x1xf32>, tensor<4x1xf32> -> tensor<4x1xf32>
  return %g : tensor<4x1xf32>
}
