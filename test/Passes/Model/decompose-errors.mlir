// RUN: orcinus-opt %s --tgnn-decompose --split-input-file --verify-diagnostics

func.func @linear(%x: tensor<?x?xf32>, %w: tensor<?x5xf32>, %b: tensor<5xf32>) -> tensor<?x5xf32> {
  // expected-error @below {{needs static extents after the first}}
  %y = tgnn.linear %x, %w, %b : tensor<?x?xf32>, tensor<?x5xf32>, tensor<5xf32> -> tensor<?x5xf32>
  return %y : tensor<?x5xf32>
}
