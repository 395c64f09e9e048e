// RUN: orcinus-opt %s --orcinus-protect-arguments | FileCheck %s
// RUN: orcinus-opt %s --orcinus-bufferize | FileCheck %s --check-prefix=BUFFERS

// CHECK-LABEL: func.func @step(
// CHECK-SAME:    tensor<4xf32> {bufferization.writable = false}, %{{.*}}: tensor<4xf32> {bufferization.writable = true}, %{{.*}}: memref<4xf32>, %{{.*}}: f32)
// CHECK-LABEL: func.func private @helper(%{{.*}}: tensor<4xf32>)

// The first is copied, the second not.
// BUFFERS-LABEL: func.func @step(
// BUFFERS-SAME:    %[[X:[^:]*]]: memref<4xf32>
// BUFFERS-SAME:    , %[[Y:[^:]*]]: memref<4xf32>
// BUFFERS-NOT:   outs(%[[X]]
// BUFFERS:       outs(%[[Y]]
// BUFFERS-NOT:   outs(%[[X]]
// BUFFERS:       return
func.func @step(%x: tensor<4xf32>, %y: tensor<4xf32> {bufferization.writable = true}, %z: memref<4xf32>, %w: f32) -> (tensor<4xf32>, tensor<4xf32>) {
  %a = linalg.fill ins(%w : f32) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  %b = linalg.exp ins(%x : tensor<4xf32>) outs(%y : tensor<4xf32>) -> tensor<4xf32>
  return %a, %b : tensor<4xf32>, tensor<4xf32>
}

func.func private @helper(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
