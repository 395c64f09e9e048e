// RUN: orcinus-opt %s | orcinus-opt | FileCheck %s

// CHECK: eto.operator @linear(%[[X:.*]]: tensor<?x100xf32>, %[[W:.*]]: tensor<100x50xf32>, %[[B:.*]]: tensor<50xf32>) -> tensor<?x50xf32> weights [1] buckets [256, 512] {
eto.operator @linear(%x: tensor<?x100xf32>, %w: tensor<100x50xf32>,
                     %bias: tensor<50xf32>) -> tensor<?x50xf32>
    weights [1] buckets [256, 512] {
  %c0 = arith.constant 0 : index
  %rows = tensor.dim %x, %c0 : tensor<?x100xf32>
  %empty = tensor.empty(%rows) : tensor<?x50xf32>
  %start = linalg.broadcast ins(%bias : tensor<50xf32>)
                            outs(%empty : tensor<?x50xf32>) dimensions = [0]
  %sum = linalg.matmul ins(%x, %w : tensor<?x100xf32>, tensor<100x50xf32>)
                       outs(%start : tensor<?x50xf32>) -> tensor<?x50xf32>
  // CHECK: eto.yield %{{.*}} : tensor<?x50xf32>
  eto.yield %sum : tensor<?x50xf32>
}

// CHECK: eto.operator @exp(%[[X:.*]]: tensor<8xf32>) -> tensor<8xf32> programs [<schedule = <unroll = 2>, microseconds = 1.5, source = search>] attributes {note = "kept"} {
eto.operator @exp(%x: tensor<8xf32>) -> tensor<8xf32>
    programs [<schedule = <unroll = 2>, microseconds = 1.5, source = search>]
    attributes {note = "kept"} {
  %0 = linalg.exp ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  eto.yield %0 : tensor<8xf32>
}

// CHECK: eto.operator @scale(%{{.*}}: tensor<8xf32>, %{{.*}}: f32) -> (tensor<8xf32>, f32) bridge {
eto.operator @scale(%x: tensor<8xf32>, %factor: f32) -> (tensor<8xf32>, f32) bridge {
  %0 = linalg.fill ins(%factor : f32) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  eto.yield %0, %factor : tensor<8xf32>, f32
}

// CHECK-LABEL: func.func @calls
func.func @calls(%x: tensor<?x100xf32>, %w: tensor<100x50xf32>,
                 %bias: tensor<50xf32>) -> tensor<?x50xf32> {
  // CHECK: eto.call @linear(%{{.*}}, %{{.*}}, %{{.*}}) : (tensor<?x100xf32>, tensor<100x50xf32>, tensor<50xf32>) -> tensor<?x50xf32>
  %y = eto.call @linear(%x, %w, %bias)
      : (tensor<?x100xf32>, tensor<100x50xf32>, tensor<50xf32>) -> tensor<?x50xf32>
  return %y : tensor<?x50xf32>
}
