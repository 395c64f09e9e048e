// RUN: orcinus-opt %s --tgnn-reassociate-products | FileCheck %s
// RUN: orcinus-opt %s --tgnn-reassociate-products="rows=1" | FileCheck %s --check-prefix=FEW

// Of two linear maps with a wide value between them, the weights are
// multiplied first.

// CHECK-LABEL: func.func @linear
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<4x12xf32>, %[[B:.*]]: tensor<12xf32>, %[[V:.*]]: tensor<12x3xf32>, %[[D:.*]]: tensor<?x3xf32>)
// CHECK: %[[WV:.*]] = tgnn.contract "qi,io->qo" %[[W]], %[[V]]
// CHECK: %[[BV:.*]] = tgnn.contract "i,io->o" %[[B]], %[[V]]
// CHECK: %[[ROWS:.*]] = tgnn.broadcast_rows %[[BV]] like %[[X]]
// CHECK: %[[Y:.*]] = tgnn.contract "qi,io->qo" %[[X]], %[[WV]] init(%[[ROWS]]
// CHECK: %[[SUM:.*]] = tgnn.add %[[Y]], %[[D]]
// CHECK: return %[[SUM]]

// For a single row the product of the weights costs more than it saves.
// FEW-LABEL: func.func @linear
// FEW: tgnn.contract "qi,io->qo" %arg0, %arg1
// FEW-NOT: tgnn.contract "i,io->o"
// FEW-LABEL: func.func @mask
func.func @linear(%x: tensor<?x4xf32>, %w: tensor<4x12xf32>, %b: tensor<12xf32>, %v: tensor<12x3xf32>, %d: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %r = tgnn.broadcast_rows %b like %x : tensor<12xf32>, tensor<?x4xf32> -> tensor<?x12xf32>
  %h = tgnn.contract "qi,io->qo" %x, %w init(%r : tensor<?x12xf32>) : tensor<?x4xf32>, tensor<4x12xf32> -> tensor<?x12xf32>
  %y = tgnn.contract "qi,io->qo" %h, %v init(%d : tensor<?x3xf32>) : tensor<?x12xf32>, tensor<12x3xf32> -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// A mask of rows commutes with what acts on columns, and comes last.

// CHECK-LABEL: func.func @mask
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xf32>, %[[COUNTS:.*]]: tensor<?xi32>, %[[W:.*]]: tensor<4x12xf32>, %[[B:.*]]: tensor<12xf32>, %[[V:.*]]: tensor<12x3xf32>)
// CHECK: %[[WV:.*]] = tgnn.contract "qi,io->qo" %[[W]], %[[V]]
// CHECK: %[[Y:.*]] = tgnn.contract "qi,io->qo" %[[X]], %[[WV]]
// CHECK: %[[MASKED:.*]] = tgnn.mask_rows(%[[Y]], %[[COUNTS]])
// CHECK: return %[[MASKED]]
func.func @mask(%x: tensor<?x4xf32>, %counts: tensor<?xi32>, %w: tensor<4x12xf32>, %b: tensor<12xf32>, %v: tensor<12x3xf32>) -> tensor<?x3xf32> {
  %r = tgnn.broadcast_rows %b like %x : tensor<12xf32>, tensor<?x4xf32> -> tensor<?x12xf32>
  %h = tgnn.contract "qi,io->qo" %x, %w init(%r : tensor<?x12xf32>) : tensor<?x4xf32>, tensor<4x12xf32> -> tensor<?x12xf32>
  %m = tgnn.mask_rows(%h, %counts) : (tensor<?x12xf32>, tensor<?xi32>) -> tensor<?x12xf32>
  %y = tgnn.contract "qi,io->qo" %m, %v : tensor<?x12xf32>, tensor<12x3xf32> -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// The map before the heads of an attention meets each head's matrix.

// CHECK-LABEL: func.func @before_heads
// CHECK-SAME: (%[[X:.*]]: tensor<?x3xf32>, %[[W:.*]]: tensor<3x16xf32>, %{{.*}}: tensor<16xf32>, %[[K:.*]]: tensor<2x5x8xf32>)
// CHECK: %[[HEADS:.*]] = tgnn.reshape %[[W]] to [2, 8]
// CHECK: %[[WK:.*]] = tgnn.contract "qha,hda->qhd" %[[HEADS]], %[[K]]
// CHECK: %[[JOINED:.*]] = tgnn.reshape %[[WK]] to [10] : tensor<3x2x5xf32> -> tensor<3x10xf32>
// CHECK: %[[Y:.*]] = tgnn.contract "qi,io->qo" %[[X]], %[[JOINED]]
// CHECK: tgnn.reshape %[[Y]] to [2, 5]
func.func @before_heads(%x: tensor<?x3xf32>, %w: tensor<3x16xf32>, %b: tensor<16xf32>, %k: tensor<2x5x8xf32>) -> tensor<?x2x5xf32> {
  %r = tgnn.broadcast_rows %b like %x : tensor<16xf32>, tensor<?x3xf32> -> tensor<?x16xf32>
  %h = tgnn.contract "qi,io->qo" %x, %w init(%r : tensor<?x16xf32>) : tensor<?x3xf32>, tensor<3x16xf32> -> tensor<?x16xf32>
  %s = tgnn.reshape %h to [2, 8] : tensor<?x16xf32> -> tensor<?x2x8xf32>
  %y = tgnn.contract "qha,hda->qhd" %s, %k : tensor<?x2x8xf32>, tensor<2x5x8xf32> -> tensor<?x2x5xf32>
  return %y : tensor<?x2x5xf32>
}

// Each head's matrix meets its rows of the map after the heads.

// CHECK-LABEL: func.func @after_heads
// CHECK-SAME: (%[[Z:.*]]: tensor<?x2x5xf32>, %[[V:.*]]: tensor<2x5x8xf32>, %[[O:.*]]: tensor<16x4xf32>, %[[D:.*]]: tensor<?x4xf32>)
// CHECK: %[[HEADS:.*]] = tgnn.reshape %[[O]] to [8, 4]
// CHECK: %[[VO:.*]] = tgnn.contract "hdv,hvo->hdo" %[[V]], %[[HEADS]]
// CHECK: %[[ROWS:.*]] = tgnn.reshape %[[Z]] to [10]
// CHECK: %[[WEIGHT:.*]] = tgnn.reshape %[[VO]] to [4] : tensor<2x5x4xf32> -> tensor<10x4xf32>
// CHECK: tgnn.contract "qi,io->qo" %[[ROWS]], %[[WEIGHT]] init(%[[D]]
func.func @after_heads(%z: tensor<?x2x5xf32>, %v: tensor<2x5x8xf32>, %o: tensor<16x4xf32>, %d: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %h = tgnn.contract "qhd,hdv->qhv" %z, %v : tensor<?x2x5xf32>, tensor<2x5x8xf32> -> tensor<?x2x8xf32>
  %j = tgnn.reshape %h to [16] : tensor<?x2x8xf32> -> tensor<?x16xf32>
  %y = tgnn.contract "qi,io->qo" %j, %o init(%d : tensor<?x4xf32>) : tensor<?x16xf32>, tensor<16x4xf32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// A value that something else reads has to be made anyway.

// CHECK-LABEL: func.func @shared
// CHECK: %[[H:.*]] = tgnn.contract "qi,io->qo" %arg0, %arg1
// CHECK: tgnn.contract "qi,io->qo" %[[H]], %arg3
func.func @shared(%x: tensor<?x4xf32>, %w: tensor<4x12xf32>, %b: tensor<12xf32>, %v: tensor<12x3xf32>) -> (tensor<?x3xf32>, tensor<?x12xf32>) {
  %r = tgnn.broadcast_rows %b like %x : tensor<12xf32>, tensor<?x4xf32> -> tensor<?x12xf32>
  %h = tgnn.contract "qi,io->qo" %x, %w init(%r : tensor<?x12xf32>) : tensor<?x4xf32>, tensor<4x12xf32> -> tensor<?x12xf32>
  %y = tgnn.contract "qi,io->qo" %h, %v : tensor<?x12xf32>, tensor<12x3xf32> -> tensor<?x3xf32>
  return %y, %h : tensor<?x3xf32>, tensor<?x12xf32>
}

// Through a narrow value two products are cheaper than one.

// CHECK-LABEL: func.func @narrow
// CHECK: %[[H:.*]] = tgnn.contract "qi,io->qo" %arg0, %arg1
// CHECK: tgnn.contract "qi,io->qo" %[[H]], %arg3
func.func @narrow(%x: tensor<?x12xf32>, %w: tensor<12x2xf32>, %b: tensor<2xf32>, %v: tensor<2x12xf32>) -> tensor<?x12xf32> {
  %r = tgnn.broadcast_rows %b like %x : tensor<2xf32>, tensor<?x12xf32> -> tensor<?x2xf32>
  %h = tgnn.contract "qi,io->qo" %x, %w init(%r : tensor<?x2xf32>) : tensor<?x12xf32>, tensor<12x2xf32> -> tensor<?x2xf32>
  %y = tgnn.contract "qi,io->qo" %h, %v : tensor<?x2xf32>, tensor<2x12xf32> -> tensor<?x12xf32>
  return %y : tensor<?x12xf32>
}

// Nothing stands between an activation and the map after it.

// CHECK-LABEL: func.func @activation
// CHECK: %[[H:.*]] = tgnn.relu
// CHECK: tgnn.contract "qi,io->qo" %[[H]], %arg3
func.func @activation(%x: tensor<?x4xf32>, %w: tensor<4x12xf32>, %b: tensor<12xf32>, %v: tensor<12x3xf32>) -> tensor<?x3xf32> {
  %r = tgnn.broadcast_rows %b like %x : tensor<12xf32>, tensor<?x4xf32> -> tensor<?x12xf32>
  %h = tgnn.contract "qi,io->qo" %x, %w init(%r : tensor<?x12xf32>) : tensor<?x4xf32>, tensor<4x12xf32> -> tensor<?x12xf32>
  %a = tgnn.relu %h : tensor<?x12xf32> -> tensor<?x12xf32>
  %y = tgnn.contract "qi,io->qo" %a, %v : tensor<?x12xf32>, tensor<12x3xf32> -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// Rows that become several are no heads of one row.

// CHECK-LABEL: func.func @tokens_before
// CHECK: %[[H:.*]] = tgnn.contract "qi,io->qo" %arg0, %arg1
// CHECK: %[[R:.*]] = tgnn.reshape %[[H]] to [2, 8]
// CHECK: tgnn.contract "qha,hda->qhd" %[[R]], %arg3
func.func @tokens_before(%x: tensor<?x4xf32>, %w: tensor<4x8xf32>, %b: tensor<8xf32>, %k: tensor<2x3x8xf32>) -> tensor<?x2x3xf32> {
  %s = tgnn.broadcast_rows %b like %x : tensor<8xf32>, tensor<?x4xf32> -> tensor<?x8xf32>
  %h = tgnn.contract "qi,io->qo" %x, %w init(%s : tensor<?x8xf32>) : tensor<?x4xf32>, tensor<4x8xf32> -> tensor<?x8xf32>
  %r = tgnn.reshape %h to [2, 8] : tensor<?x8xf32> -> tensor<?x2x8xf32>
  %y = tgnn.contract "qha,hda->qhd" %r, %k : tensor<?x2x8xf32>, tensor<2x3x8xf32> -> tensor<?x2x3xf32>
  return %y : tensor<?x2x3xf32>
}

// CHECK-LABEL: func.func @tokens_after
// CHECK: %[[H:.*]] = tgnn.contract "qhd,hdv->qhv" %arg0, %arg1
// CHECK: %[[R:.*]] = tgnn.reshape %[[H]] to [8]
// CHECK: tgnn.contract "qi,io->qo" %[[R]], %arg2
func.func @tokens_after(%x: tensor<?x2x3xf32>, %v: tensor<2x3x8xf32>, %o: tensor<8x4xf32>) -> tensor<?x4xf32> {
  %h = tgnn.contract "qhd,hdv->qhv" %x, %v : tensor<?x2x3xf32>, tensor<2x3x8xf32> -> tensor<?x2x8xf32>
  %r = tgnn.reshape %h to [8] : tensor<?x2x8xf32> -> tensor<?x8xf32>
  %y = tgnn.contract "qi,io->qo" %r, %o : tensor<?x8xf32>, tensor<8x4xf32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
