// RUN: orcinus-opt %s --eto-apply --split-input-file | FileCheck %s
// RUN: orcinus-opt %s --eto-apply="inline=false" --split-input-file | FileCheck %s --check-prefix=KEPT
// RUN: orcinus-opt %s --eto-apply --remarks-filter=eto-apply --split-input-file -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: @linear: given by the module
// REMARK: @unknown: no database, left to the lowering

// The programs of an operator go to the op that gives it its family; buckets
// with one schedule are one case. What was outlined is back where it was.
// CHECK-NOT:   eto.
// CHECK-LABEL: func.func @caller(
// CHECK-SAME:    %[[X:.*]]: tensor<?x8xf32>, %[[W:.*]]: tensor<8x16xf32>, %[[B:.*]]: tensor<16xf32>
// CHECK:         %[[ROWS:.*]] = tensor.dim %[[X]]
// CHECK:         %[[EMPTY:.*]] = tensor.empty(%[[ROWS]]) : tensor<?x16xf32>
// CHECK:         %[[START:.*]] = linalg.broadcast ins(%[[B]] : tensor<16xf32>) outs(%[[EMPTY]] : tensor<?x16xf32>)
// CHECK:         %[[Y:.*]] = linalg.matmul {eto.schedule = #eto.dispatch<loop 0, <tile_rows = 2> to 512, <tile_rows = 4>>} ins(%[[X]], %[[W]] : {{.*}}) outs(%[[START]] : {{.*}})
// CHECK-NEXT:    return %[[Y]]
// CHECK-NOT:   eto.operator
// KEPT:        eto.operator @linear(
// KEPT-SAME:     buckets [256, 512, 1024, 2048] programs [<schedule = <tile_rows = 2>, microseconds = 1.0, source = search>,
// KEPT:          linalg.matmul {eto.schedule = #eto.dispatch<loop 0, <tile_rows = 2> to 512, <tile_rows = 4>>}
// KEPT:        eto.call @linear
module attributes {eto.plan = #eto.plan<[<root -> @linear[256], 1.0>]>} {
  eto.operator @linear(%x: tensor<?x8xf32>, %w: tensor<8x16xf32>, %b: tensor<16xf32>) -> tensor<?x16xf32>
      buckets [256, 512, 1024, 2048]
      programs [<schedule = <tile_rows = 2>, microseconds = 1.0, source = search>,
                <schedule = <tile_rows = 2>, microseconds = 2.0, source = reuse>,
                <schedule = <tile_rows = 4>, microseconds = 3.0, source = reuse>,
                <schedule = <tile_rows = 4>, microseconds = 4.0, source = bridge>] {
    %c0 = arith.constant 0 : index
    %rows = tensor.dim %x, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%rows) : tensor<?x16xf32>
    %start = linalg.broadcast ins(%b : tensor<16xf32>) outs(%e : tensor<?x16xf32>) dimensions = [0]
    %y = linalg.matmul ins(%x, %w : tensor<?x8xf32>, tensor<8x16xf32>) outs(%start : tensor<?x16xf32>) -> tensor<?x16xf32>
    eto.yield %y : tensor<?x16xf32>
  }
  func.func @caller(%x: tensor<?x8xf32>, %w: tensor<8x16xf32>, %b: tensor<16xf32>) -> tensor<?x16xf32> {
    %y = eto.call @linear(%x, %w, %b) : (tensor<?x8xf32>, tensor<8x16xf32>, tensor<16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Buckets that agree need no dispatch, and neither does a static operator; one
// without programs is left to the lowering. A bridge is gone.
// CHECK-LABEL: func.func @agree(
// CHECK:         linalg.exp {eto.schedule = #eto.schedule<unroll = 2>}
// CHECK:         linalg.exp {eto.schedule = #eto.schedule<unroll = 4>}
// CHECK-NOT:     eto.schedule
// CHECK:         linalg.exp
eto.operator @rows(%x: tensor<?xf32>) -> tensor<?xf32> buckets [256, 512]
    programs [<schedule = <unroll = 2>, microseconds = 1.0, source = search>,
              <schedule = <unroll = 2>, microseconds = 2.0, source = reuse>] {
  %0 = linalg.exp ins(%x : tensor<?xf32>) outs(%x : tensor<?xf32>) -> tensor<?xf32>
  eto.yield %0 : tensor<?xf32>
}
eto.operator @static(%x: tensor<8xf32>) -> tensor<8xf32>
    programs [<schedule = <unroll = 4>, microseconds = 1.0, source = default>] {
  %0 = linalg.exp ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  eto.yield %0 : tensor<8xf32>
}
eto.operator @unknown(%x: tensor<9xf32>) -> tensor<9xf32> {
  %0 = linalg.exp ins(%x : tensor<9xf32>) outs(%x : tensor<9xf32>) -> tensor<9xf32>
  eto.yield %0 : tensor<9xf32>
}
eto.operator @between(%x: tensor<10xf32>) -> tensor<10xf32> bridge {
  %0 = linalg.exp ins(%x : tensor<10xf32>) outs(%x : tensor<10xf32>) -> tensor<10xf32>
  eto.yield %0 : tensor<10xf32>
}
func.func @agree(%x: tensor<?xf32>, %y: tensor<8xf32>, %z: tensor<9xf32>) -> (tensor<?xf32>, tensor<8xf32>, tensor<9xf32>) {
  %0 = eto.call @rows(%x) : (tensor<?xf32>) -> tensor<?xf32>
  %1 = eto.call @static(%y) : (tensor<8xf32>) -> tensor<8xf32>
  %2 = eto.call @unknown(%z) : (tensor<9xf32>) -> tensor<9xf32>
  return %0, %1, %2 : tensor<?xf32>, tensor<8xf32>, tensor<9xf32>
}

// -----

// A module within the module keeps its operators and calls.
// CHECK:       module @inner
// CHECK:         eto.operator @twice(
// CHECK:         eto.call @twice(
// KEPT:        eto.call @twice(
module @inner {
  eto.operator @twice(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = linalg.add ins(%x, %x : tensor<8xf32>, tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
    eto.yield %0 : tensor<8xf32>
  }
  func.func @calls(%x: tensor<8xf32>) -> tensor<8xf32> {
    %y = eto.call @twice(%x) : (tensor<8xf32>) -> tensor<8xf32>
    return %y : tensor<8xf32>
  }
}
func.func @outer() {
  return
}
