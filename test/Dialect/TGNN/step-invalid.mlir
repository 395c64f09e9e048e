// RUN: orcinus-opt %s --split-input-file --verify-diagnostics

func.func @sample() {
  %q = tgnn.targets : !tgnn.query
  // expected-error @below {{k must be positive}}
  %n = tgnn.sample %q k(0) policy(recent) : !tgnn.neighbourhood
  return
}

// -----

func.func @component() {
  %q = tgnn.targets : !tgnn.query
  // expected-error @below {{has no component 'counts' in a '!tgnn.query'}}
  %t = tgnn.table %q "counts" : !tgnn.query -> tensor<?xi32>
  return
}

// -----

func.func @gradient(%loss: tensor<2xf32>, %w: tensor<4xf32>) {
  // expected-error @below {{the loss must be a tensor of rank 0}}
  %g = tgnn.gradient %loss wrt(%w) : tensor<2xf32>, tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @gradient_type(%loss: tensor<f32>, %w: tensor<4xf32>) {
  // expected-error @below {{needs a gradient of each parameter's type}}
  %g = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<4xf32> -> tensor<5xf32>
  return
}

// -----

func.func @apply_without_model(%x: tensor<?x4xf32>) {
  // expected-error @below {{names no layer, decoder or part of a state that takes 1 operands}}
  %0 = tgnn.apply @nothing "e"(%x) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return
}

// -----

func.func @named_size() {
  %q = tgnn.targets : !tgnn.query
  // expected-error @below {{k must be a number outside of a model}}
  %n = tgnn.sample %q k(neighbours) policy(recent) : !tgnn.neighbourhood
  return
}

// -----

func.func @table_type() {
  %q = tgnn.targets : !tgnn.query
  %n = tgnn.sample %q k(3) policy(recent) : !tgnn.neighbourhood
  // expected-error @below {{component 'events' is a 'tensor<?x3xi32>'}}
  %t = tgnn.table %n "events" : !tgnn.neighbourhood -> tensor<?x4xi32>
  return
}
