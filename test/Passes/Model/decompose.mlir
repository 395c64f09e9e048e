// RUN: orcinus-opt %s --tgnn-decompose --canonicalize | FileCheck %s
// RUN: orcinus-opt %s --tgnn-decompose="attention-form=project_neighbours" --canonicalize | FileCheck %s --check-prefix=NEIGHBOURS

// A concatenated input meets the rows of the weight part by part, and a part
// that repeats one vector adds to the bias.

// CHECK-LABEL: func.func @linear
// CHECK-SAME: (%[[X:.*]]: tensor<?x8xf32>, %[[V:.*]]: tensor<4xf32>, %[[W:.*]]: tensor<12x5xf32>, %[[B:.*]]: tensor<5xf32>)
// CHECK-DAG: %[[WX:.*]] = tgnn.slice %[[W]] dimension(0) offset(0) size(8)
// CHECK-DAG: %[[WV:.*]] = tgnn.slice %[[W]] dimension(0) offset(8) size(4)
// CHECK: %[[BIAS:.*]] = tgnn.contract "i,io->o" %[[V]], %[[WV]] init(%[[B]]
// CHECK: %[[ROWS:.*]] = tgnn.broadcast_rows %[[BIAS]] like %[[X]]
// CHECK: tgnn.contract "qi,io->qo" %[[X]], %[[WX]] init(%[[ROWS]]
// CHECK-NOT: tgnn.concat
// CHECK: return
func.func @linear(%x: tensor<?x8xf32>, %v: tensor<4xf32>, %w: tensor<12x5xf32>, %b: tensor<5xf32>) -> tensor<?x5xf32> {
  %r = tgnn.broadcast_rows %v like %x : tensor<4xf32>, tensor<?x8xf32> -> tensor<?x4xf32>
  %c = tgnn.concat %x, %r : tensor<?x8xf32>, tensor<?x4xf32> -> tensor<?x12xf32>
  %y = tgnn.linear %c, %w, %b : tensor<?x12xf32>, tensor<12x5xf32>, tensor<5xf32> -> tensor<?x5xf32>
  return %y : tensor<?x5xf32>
}

// Tokens are multiplied as rows.

// CHECK-LABEL: func.func @linear_of_tokens
// CHECK-SAME: (%[[X:.*]]: tensor<?x10x8xf32>, %[[T:.*]]: tensor<?x10x4xf32>, %[[W:.*]]: tensor<12x5xf32>, %[[B:.*]]: tensor<5xf32>)
// CHECK-DAG: %[[XR:.*]] = tgnn.reshape %[[X]] to [8] : tensor<?x10x8xf32> -> tensor<?x8xf32>
// CHECK-DAG: %[[TR:.*]] = tgnn.reshape %[[T]] to [4] : tensor<?x10x4xf32> -> tensor<?x4xf32>
// CHECK: %[[ROWS:.*]] = tgnn.broadcast_rows %[[B]] like %[[XR]]
// CHECK: %[[FIRST:.*]] = tgnn.contract "qi,io->qo" %[[XR]], %{{.*}} init(%[[ROWS]]
// CHECK: %[[BOTH:.*]] = tgnn.contract "qi,io->qo" %[[TR]], %{{.*}} init(%[[FIRST]]
// CHECK: tgnn.reshape %[[BOTH]] to [10, 5] : tensor<?x5xf32> -> tensor<?x10x5xf32>
func.func @linear_of_tokens(%x: tensor<?x10x8xf32>, %t: tensor<?x10x4xf32>, %w: tensor<12x5xf32>, %b: tensor<5xf32>) -> tensor<?x10x5xf32> {
  %c = tgnn.concat %x, %t : tensor<?x10x8xf32>, tensor<?x10x4xf32> -> tensor<?x10x12xf32>
  %y = tgnn.linear %c, %w, %b : tensor<?x10x12xf32>, tensor<12x5xf32>, tensor<5xf32> -> tensor<?x10x5xf32>
  return %y : tensor<?x10x5xf32>
}

// Gates that add up are one sum.

// CHECK-LABEL: func.func @rnn_cell
// CHECK-SAME: (%[[X:.*]]: tensor<?x5xf32>, %[[H:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<5x4xf32>, %[[B:.*]]: tensor<4xf32>, %[[U:.*]]: tensor<4x4xf32>, %[[C:.*]]: tensor<4xf32>)
// CHECK: %[[BIAS:.*]] = tgnn.add %[[B]], %[[C]]
// CHECK: %[[ROWS:.*]] = tgnn.broadcast_rows %[[BIAS]] like %[[X]]
// CHECK: %[[FIRST:.*]] = tgnn.contract "qi,io->qo" %[[X]], %[[W]] init(%[[ROWS]]
// CHECK: %[[SUM:.*]] = tgnn.contract "qi,io->qo" %[[H]], %[[U]] init(%[[FIRST]]
// CHECK: tgnn.tanh %[[SUM]]
func.func @rnn_cell(%x: tensor<?x5xf32>, %h: tensor<?x4xf32>, %w: tensor<5x4xf32>, %b: tensor<4xf32>, %u: tensor<4x4xf32>, %c: tensor<4xf32>) -> tensor<?x4xf32> {
  %n = tgnn.rnn_cell %x, %h, %w, %b, %u, %c : (tensor<?x5xf32>, tensor<?x4xf32>, tensor<5x4xf32>, tensor<4xf32>, tensor<4x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  return %n : tensor<?x4xf32>
}

// Rows of all heads share a softmax.

// CHECK-LABEL: func.func @tokens
// CHECK: tgnn.contract "qiha,qjha->qhij"
// CHECK: %[[ROWS:.*]] = tgnn.reshape {{.*}} to [4, 3]
// CHECK: %[[SOFTMAX:.*]] = tgnn.neighbour_softmax(%[[ROWS]], %{{.*}}) {scale = 5.000000e-01 : f32}
// CHECK: %[[KEPT:.*]] = tgnn.dropout(%[[SOFTMAX]], %{{.*}}) {rate = 1.000000e-01 : f32, salt = 7 : i64}
// CHECK: %[[WEIGHTS:.*]] = tgnn.reshape %[[KEPT]] to [2, 2, 3]
// CHECK: tgnn.contract "qhij,qjhv->qihv" %[[WEIGHTS]]
func.func @tokens(%q: tensor<?x2x8xf32>, %k: tensor<?x3x8xf32>, %v: tensor<?x3x6xf32>, %c: tensor<?xi32>) -> tensor<?x2x6xf32> {
  %y = tgnn.token_attention %q, %k, %v, %c heads(2) {dropout = 0.1 : f32, salt = 7 : i64} : (tensor<?x2x8xf32>, tensor<?x3x8xf32>, tensor<?x3x6xf32>, tensor<?xi32>) -> tensor<?x2x6xf32>
  return %y : tensor<?x2x6xf32>
}

// With ten neighbours it is cheaper to project the query; the keys are then
// made inside the kernel.

// CHECK-LABEL: func.func @attention
// CHECK: tgnn.contract "qha,hda->qhd"
// CHECK: tgnn.attend
// CHECK: tgnn.contract "qhd,hdv->qhv"
// NEIGHBOURS-LABEL: func.func @attention
// NEIGHBOURS: tgnn.contract "qjd,hda->qjha"
// NEIGHBOURS: tgnn.contract "qjd,hdv->qjhv"
// NEIGHBOURS: tgnn.contract "qha,qjha->qhj"
// NEIGHBOURS: tgnn.neighbour_softmax
// NEIGHBOURS: tgnn.contract "qhj,qjhv->qhv"
func.func @attention(%q: tensor<?x16xf32>, %table: tensor<?x12xf32>, %index: tensor<?x10xi32>,
                     %counts: tensor<?xi32>, %wk: tensor<2x12x8xf32>, %wv: tensor<2x12x8xf32>) -> tensor<?x16xf32> {
  %k = tgnn.gather(%table, %index) : (tensor<?x12xf32>, tensor<?x10xi32>) -> tensor<?x10x12xf32>
  %y = tgnn.temporal_attention %q, %k, %counts, %wk, %wv
      : (tensor<?x16xf32>, tensor<?x10x12xf32>, tensor<?xi32>, tensor<2x12x8xf32>, tensor<2x12x8xf32>) -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// Keys that are not gathered can only be projected.

// CHECK-LABEL: func.func @dense_keys
// CHECK-NOT: tgnn.attend
// CHECK: tgnn.neighbour_softmax
func.func @dense_keys(%q: tensor<?x16xf32>, %k: tensor<?x10x12xf32>, %counts: tensor<?xi32>,
                      %wk: tensor<2x12x8xf32>, %wv: tensor<2x12x8xf32>) -> tensor<?x16xf32> {
  %y = tgnn.temporal_attention %q, %k, %counts, %wk, %wv
      : (tensor<?x16xf32>, tensor<?x10x12xf32>, tensor<?xi32>, tensor<2x12x8xf32>, tensor<2x12x8xf32>) -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}
