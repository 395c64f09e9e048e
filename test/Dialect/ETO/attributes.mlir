// RUN: orcinus-opt %s | orcinus-opt | FileCheck %s

// CHECK: module attributes {eto.plan = #eto.plan<[<root -> @row[256], 14.5>, <@row[256] -> @row[512], 0.1>]>
// CHECK-SAME: eto.reuse_graph = #eto.reuse_graph<operators [@row[256], @row[512], @static], bridges [@bridge], edges [<root -> @row[256], 14.5>, <@row[256] -> @row[512], 1.0e-05>, <@static -> @bridge, 1.0e+20>]>
module attributes {
  eto.reuse_graph = #eto.reuse_graph<
    operators [@row[256], @row[512], @static], bridges [@bridge],
    edges [<root -> @row[256], 14.5>, <@row[256] -> @row[512], 0.00001>,
           <@static -> @bridge, 1.0e20>]>,
  eto.plan = #eto.plan<[<root -> @row[256], 14.5>,
                        <@row[256] -> @row[512], 0.1>]>
} {
  eto.operator @row(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32>
      buckets [256, 512] {
    %0 = linalg.add ins(%x, %x : tensor<?x4xf32>, tensor<?x4xf32>)
                    outs(%y : tensor<?x4xf32>) -> tensor<?x4xf32>
    eto.yield %0 : tensor<?x4xf32>
  }
  eto.operator @static(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = linalg.exp ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
    eto.yield %0 : tensor<8xf32>
  }
  eto.operator @bridge(%x: tensor<4xf32>) -> tensor<4xf32> bridge {
    %0 = linalg.exp ins(%x : tensor<4xf32>) outs(%x : tensor<4xf32>) -> tensor<4xf32>
    eto.yield %0 : tensor<4xf32>
  }
}

// CHECK: eto.reuse_graph = #eto.reuse_graph<operators [], bridges [], edges []>
module attributes {eto.reuse_graph = #eto.reuse_graph<operators [], bridges [], edges []>} {}

// CHECK-LABEL: func.func @schedules
func.func @schedules(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: linalg.exp {eto.schedule = #eto.schedule<tile_rows = 6, panel_vectors = 2, "odd name" = 0>}
  %0 = linalg.exp {eto.schedule = #eto.schedule<tile_rows = 6, panel_vectors = 2, "odd name" = 0>}
      ins(%x : tensor<?xf32>) outs(%x : tensor<?xf32>) -> tensor<?xf32>
  // CHECK: linalg.exp {eto.schedule = #eto.dispatch<loop 0, <tile_rows = 4> to 512, <tile_rows = 6> to 1024, <>>}
  %1 = linalg.exp {eto.schedule = #eto.dispatch<loop 0, <tile_rows = 4> to 512, <tile_rows = 6> to 1024, <>>}
      ins(%0 : tensor<?xf32>) outs(%0 : tensor<?xf32>) -> tensor<?xf32>
  // CHECK: linalg.exp {eto.schedule = #eto.schedule<>}
  %2 = linalg.exp {eto.schedule = #eto.schedule<>}
      ins(%1 : tensor<?xf32>) outs(%1 : tensor<?xf32>) -> tensor<?xf32>
  return %2 : tensor<?xf32>
}

// CHECK-LABEL: func.func private @program
// CHECK-SAME: all = [#eto.program<schedule = <a = 1>, microseconds = 12.5, source = search>
// CHECK-SAME: #eto.program<schedule = <>, microseconds = 0.0, source = default>
// CHECK-SAME: #eto.program<schedule = <>, microseconds = 1.0e-07, source = reuse>
// CHECK-SAME: #eto.program<schedule = <>, microseconds = 3.0, source = bridge>]
// CHECK-SAME: edge = #eto.reuse_edge<root -> @a, 2.0>
// CHECK-SAME: instance = #eto.instance<@a[7]>
func.func private @program() attributes {
  all = [#eto.program<schedule = <a = 1>, microseconds = 12.5, source = search>,
         #eto.program<schedule = <>, microseconds = 0.0, source = default>,
         #eto.program<schedule = <>, microseconds = 0.0000001, source = reuse>,
         #eto.program<schedule = <>, microseconds = 3.0, source = bridge>],
  edge = #eto.reuse_edge<root -> @a, 2.0>,
  instance = #eto.instance<@a[7]>}
