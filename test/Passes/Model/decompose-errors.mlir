// RUN: orcinus-opt %s --tgnn-decompose --split-input-file --verify-diagnostics

func.func @linear(%x: tensor<?x?xf32>, %w: tensor<?x5xf32>, %b: tensor<5xf32>) -> tensor<?x5xf32> {
  // expected-error @below {{needs static extents after the first}}
  %y = tgnn.linear %x, %w, %b : tensor<?x?xf32>, tensor<?x5xf32>, tensor<5xf32> -> tensor<?x5xf32>
  return %y : tensor<?x5xf32>
}

// -----

func.func @tokens(%q: tensor<?x?x8xf32>, %k: tensor<?x3x8xf32>, %v: tensor<?x3x6xf32>, %c: tensor<?xi32>) -> tensor<?x?x6xf32> {
  // expected-error @below {{needs static extents after the first}}
  %y = tgnn.token_attention %q, %k, %v, %c heads(2) : (tensor<?x?x8xf32>, tensor<?x3x8xf32>, tensor<?x3x6xf32>, tensor<?xi32>) -> tensor<?x?x6xf32>
  return %y : tensor<?x?x6xf32>
}
