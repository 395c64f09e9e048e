// RUN: orcinus-opt %s | orcinus-opt | FileCheck %s
// RUN: orcinus-opt %s --canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: func.func @contract
func.func @contract(%x: tensor<?x8xf32>, %w: tensor<8x4xf32>, %i: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: tgnn.contract "qi,io->qo" %{{.*}}, %{{.*}} init(%{{.*}} : tensor<?x4xf32>) : tensor<?x8xf32>, tensor<8x4xf32> -> tensor<?x4xf32>
  %y = tgnn.contract "qi,io->qo" %x, %w init(%i : tensor<?x4xf32>) : tensor<?x8xf32>, tensor<8x4xf32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// A type may say less than what is inferred.
// CHECK-LABEL: func.func @dynamic
func.func @dynamic(%x: tensor<?x8xf32>, %w: tensor<8x4xf32>, %b: tensor<4xf32>) -> tensor<?x?xf32> {
  // CHECK: tgnn.linear {{.*}} -> tensor<?x?xf32>
  %y = tgnn.linear %x, %w, %b : tensor<?x8xf32>, tensor<8x4xf32>, tensor<4xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// Parts without a column vanish, and with them the concatenation.
// FOLD-LABEL: func.func @empty_part
// FOLD-SAME: (%[[X:.*]]: tensor<?x8xf32>
// FOLD-NEXT: return %[[X]]
func.func @empty_part(%x: tensor<?x8xf32>, %e: tensor<?x0xf32>) -> tensor<?x8xf32> {
  %y = tgnn.concat %e, %x : tensor<?x0xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// FOLD-LABEL: func.func @whole_slice
// FOLD-SAME: (%[[X:.*]]: tensor<8x4xf32>
// FOLD-NEXT: return %[[X]]
func.func @whole_slice(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %y = tgnn.slice %x dimension(0) offset(0) size(8) : tensor<8x4xf32> -> tensor<8x4xf32>
  return %y : tensor<8x4xf32>
}

// A part of the range stays.
// FOLD-LABEL: func.func @part_slice
// FOLD: tgnn.slice
func.func @part_slice(%x: tensor<8x4xf32>) -> tensor<4x4xf32> {
  %y = tgnn.slice %x dimension(0) offset(4) size(4) : tensor<8x4xf32> -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
}
