// RUN: orcinus-opt %s --split-input-file --verify-diagnostics

// What could not be converted does not verify in the first place.

func.func @repeated(%a: tensor<?x8xf32>, %w: tensor<8x8xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{is not a contraction}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.contract "qi,ii->qi" %a, %w : tensor<?x8xf32>, tensor<8x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

func.func @init(%a: tensor<?x8xf32>, %w: tensor<8x4xf32>, %b: tensor<?x5xf32>) -> tensor<?x4xf32> {
  // expected-error @below {{init must have the extent 4 in dimension 1, has 5}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.contract "qi,io->qo" %a, %w init(%b : tensor<?x5xf32>) : tensor<?x8xf32>, tensor<8x4xf32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

func.func @slice(%a: tensor<?x8xf32>) -> tensor<?x4xf32> {
  // expected-error @below {{range [5, 9) exceeds the extent 8}}
  %y = tgnn.slice %a dimension(1) offset(5) size(4) : tensor<?x8xf32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
