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

// CHECK-LABEL: func.func @scale
func.func @scale(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: tgnn.scale %{{.*}} by -2.500000e+00 : tensor<?x8xf32> -> tensor<?x8xf32>
  %y = tgnn.scale %x by -2.5 : tensor<?x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @gelu
func.func @gelu(%x: tensor<?x8xf32>, %dy: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: tgnn.gelu %{{.*}} : tensor<?x8xf32> -> tensor<?x8xf32>
  %y = tgnn.gelu %x : tensor<?x8xf32> -> tensor<?x8xf32>
  // CHECK: tgnn.gelu_grad %{{.*}}, %{{.*}} : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  %dx = tgnn.gelu_grad %y, %dy : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  return %dx : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @tokens
func.func @tokens(%x: tensor<?x10x8xf32>, %counts: tensor<?xi32>) -> tensor<?x8x10xf32> {
  // CHECK: tgnn.mask_tokens(%{{.*}}, %{{.*}}) : (tensor<?x10x8xf32>, tensor<?xi32>) -> tensor<?x10x8xf32>
  %masked = tgnn.mask_tokens(%x, %counts) : (tensor<?x10x8xf32>, tensor<?xi32>) -> tensor<?x10x8xf32>
  // CHECK: tgnn.mean_tokens(%{{.*}}, %{{.*}}) : (tensor<?x10x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %mean = tgnn.mean_tokens(%masked, %counts) : (tensor<?x10x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // CHECK: tgnn.mean_tokens_grad(%{{.*}}) {tokens = 10 : i64} : (tensor<?x8xf32>) -> tensor<?x10x8xf32>
  %spread = tgnn.mean_tokens_grad(%mean) {tokens = 10 : i64} : (tensor<?x8xf32>) -> tensor<?x10x8xf32>
  // CHECK: tgnn.transpose %{{.*}} : tensor<?x10x8xf32> -> tensor<?x8x10xf32>
  %y = tgnn.transpose %spread : tensor<?x10x8xf32> -> tensor<?x8x10xf32>
  return %y : tensor<?x8x10xf32>
}

// Two transpositions undo each other.
// FOLD-LABEL: func.func @twice
// FOLD-SAME: (%[[X:.*]]: tensor<?x3x4xf32>
// FOLD-NEXT: return %[[X]]
func.func @twice(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  %y = tgnn.transpose %x : tensor<?x3x4xf32> -> tensor<?x4x3xf32>
  %z = tgnn.transpose %y : tensor<?x4x3xf32> -> tensor<?x3x4xf32>
  return %z : tensor<?x3x4xf32>
}

// The number of rows is traced through what keeps it; a transposed matrix has
// another.
// FOLD-LABEL: func.func @rows
// FOLD-SAME: (%{{[^:]*}}: tensor<2xf32>, %[[X:[^:]*]]: tensor<?x3x4xf32>, %[[W:[^:]*]]: tensor<?x5xf32>)
// FOLD: tgnn.broadcast_rows %{{.*}} like %[[X]]
// FOLD: %[[T:.*]] = tgnn.transpose %[[W]]
// FOLD: tgnn.broadcast_rows %{{.*}} like %[[T]]
func.func @rows(%b: tensor<2xf32>, %x: tensor<?x3x4xf32>, %w: tensor<?x5xf32>) -> (tensor<?x2xf32>, tensor<5x2xf32>) {
  %t = tgnn.transpose %x : tensor<?x3x4xf32> -> tensor<?x4x3xf32>
  %g = tgnn.gelu %t : tensor<?x4x3xf32> -> tensor<?x4x3xf32>
  %m = tgnn.mean_tokens(%g) : (tensor<?x4x3xf32>) -> tensor<?x3xf32>
  %y = tgnn.broadcast_rows %b like %m : tensor<2xf32>, tensor<?x3xf32> -> tensor<?x2xf32>
  %u = tgnn.transpose %w : tensor<?x5xf32> -> tensor<5x?xf32>
  %z = tgnn.broadcast_rows %b like %u : tensor<2xf32>, tensor<5x?xf32> -> tensor<5x2xf32>
  return %y, %z : tensor<?x2xf32>, tensor<5x2xf32>
}

// CHECK-LABEL: func.func @cells
func.func @cells(%x: tensor<?x5xf32>, %h: tensor<?x4xf32>, %c: tensor<?x4xf32>,
                 %w1: tensor<5x4xf32>, %b1: tensor<4xf32>, %u1: tensor<4x4xf32>,
                 %w4: tensor<5x16xf32>, %b4: tensor<16xf32>, %u4: tensor<4x16xf32>) -> tensor<?x4xf32> {
  // CHECK: tgnn.rnn_cell %{{.*}} : (tensor<?x5xf32>, tensor<?x4xf32>, tensor<5x4xf32>, tensor<4xf32>, tensor<4x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %n = tgnn.rnn_cell %x, %h, %w1, %b1, %u1, %b1 : (tensor<?x5xf32>, tensor<?x4xf32>, tensor<5x4xf32>, tensor<4xf32>, tensor<4x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  // CHECK: tgnn.lstm %{{.*}} -> (tensor<?x4xf32>, tensor<?x4xf32>)
  %m:2 = tgnn.lstm %x, %n, %c, %w4, %b4, %u4, %b4 : (tensor<?x5xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<5x16xf32>, tensor<16xf32>, tensor<4x16xf32>, tensor<16xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>)
  // CHECK: tgnn.tanh %{{.*}} : tensor<?x4xf32> -> tensor<?x4xf32>
  %t = tgnn.tanh %m#0 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: tgnn.sigmoid %{{.*}} : tensor<?x4xf32> -> tensor<?x4xf32>
  %s = tgnn.sigmoid %t : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: tgnn.tanh_grad
  %dt = tgnn.tanh_grad %t, %s : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: tgnn.sigmoid_grad
  %ds = tgnn.sigmoid_grad %s, %dt : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  return %ds : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @token_attention
func.func @token_attention(%q: tensor<?x2x8xf32>, %k: tensor<?x3x8xf32>, %v: tensor<?x3x6xf32>, %c: tensor<?xi32>, %p: tensor<3x6xf32>) -> tensor<?x2x6xf32> {
  // CHECK: tgnn.broadcast_rows %{{.*}} like %{{.*}} : tensor<3x6xf32>, tensor<?x3x6xf32> -> tensor<?x3x6xf32>
  %r = tgnn.broadcast_rows %p like %v : tensor<3x6xf32>, tensor<?x3x6xf32> -> tensor<?x3x6xf32>
  // CHECK: tgnn.token_attention %{{.*}} heads(2) {dropout = 1.000000e-01 : f32} : (tensor<?x2x8xf32>, tensor<?x3x8xf32>, tensor<?x3x6xf32>, tensor<?xi32>) -> tensor<?x2x6xf32>
  %y = tgnn.token_attention %q, %k, %r, %c heads(2) {dropout = 0.1 : f32} : (tensor<?x2x8xf32>, tensor<?x3x8xf32>, tensor<?x3x6xf32>, tensor<?xi32>) -> tensor<?x2x6xf32>
  // CHECK: tgnn.token_attention %{{.*}}, %{{.*}}, %{{.*}} heads(2) : (tensor<?x2x8xf32>, tensor<?x3x8xf32>, tensor<?x3x6xf32>) -> tensor<?x2x6xf32>
  %z = tgnn.token_attention %q, %k, %r heads(2) : (tensor<?x2x8xf32>, tensor<?x3x8xf32>, tensor<?x3x6xf32>) -> tensor<?x2x6xf32>
  %sum = tgnn.add %y, %z : tensor<?x2x6xf32>, tensor<?x2x6xf32> -> tensor<?x2x6xf32>
  return %sum : tensor<?x2x6xf32>
}
