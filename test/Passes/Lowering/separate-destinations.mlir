// RUN: orcinus-opt %s --orcinus-separate-destinations | FileCheck %s

// A fill that two products start from, and an empty tensor that is also read
// for its extent.
// CHECK-LABEL: func.func @step
// CHECK-DAG:     %[[EMPTY:.*]] = tensor.empty(%{{.*}}) : tensor<?x4xf32>
// CHECK-DAG:     %[[OTHER:.*]] = tensor.empty(%{{.*}}) : tensor<?x4xf32>
// CHECK-DAG:     %[[FILL:.*]] = linalg.fill ins(%{{.*}}) outs(%[[EMPTY]]
// CHECK-DAG:     %[[REFILL:.*]] = linalg.fill ins(%{{.*}}) outs(%[[OTHER]]
// CHECK-DAG:     linalg.matmul {{.*}} outs(%[[FILL]]
// CHECK-DAG:     linalg.matmul {{.*}} outs(%[[REFILL]]
// CHECK:         return
func.func @step(%x: tensor<?x4xf32>, %w: tensor<4x4xf32>, %n: index) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%n) : tensor<?x4xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x4xf32>) -> tensor<?x4xf32>
  %a = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x4xf32>) outs(%start : tensor<?x4xf32>) -> tensor<?x4xf32>
  %b = linalg.matmul ins(%a, %w : tensor<?x4xf32>, tensor<4x4xf32>) outs(%start : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %a, %b : tensor<?x4xf32>, tensor<?x4xf32>
}
