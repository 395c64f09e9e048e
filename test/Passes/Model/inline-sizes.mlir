// RUN: orcinus-opt %s --tgnn-expand-model="functions=embed" --tgnn-inline-layers | FileCheck %s
// RUN: orcinus-opt %s --tgnn-specialize-model="sizes=dim:10,neighbours:7" --tgnn-expand-model="functions=embed" --tgnn-inline-layers | FileCheck %s --check-prefix=OTHER

// What ops on tensors name are sizes of the model, as extents of parameters do.

// CHECK-LABEL: func.func @embed
// CHECK: tgnn.parameter "embed1.w" [3, 2] xavier : tensor<3x2xf32>
// CHECK: tgnn.parameter "embed1.b" [2] uniform_fan_in(3) : tensor<2xf32>
// CHECK: tgnn.parameter "embed1.p" [23, 1] normal : tensor<23x1xf32>
// CHECK: %[[OWN:.*]] = tgnn.slice %[[NEAR:.*]] dimension(2) offset(4) size(4) : tensor<?x3x8xf32> -> tensor<?x3x4xf32>
// CHECK: %[[ROWS:.*]] = tgnn.reshape %[[OWN]] to [4] : tensor<?x3x4xf32> -> tensor<?x4xf32>
// CHECK: %[[TOKENS:.*]] = tgnn.reshape %[[ROWS]] to [3, 4] : tensor<?x4xf32> -> tensor<?x3x4xf32>
// CHECK: tgnn.transpose %[[TOKENS]] : tensor<?x3x4xf32> -> tensor<?x4x3xf32>
// CHECK: tgnn.linear {{.*}} : tensor<?x4x3xf32>, tensor<3x2xf32>, tensor<2xf32> -> tensor<?x4x2xf32>
// CHECK: tgnn.reshape {{.*}} to [8] : tensor<?x4x2xf32> -> tensor<?x8xf32>

// OTHER-LABEL: func.func @embed
// OTHER: tgnn.parameter "embed1.w" [7, 2] xavier : tensor<7x2xf32>
// OTHER: tgnn.parameter "embed1.p" [69, 4] normal : tensor<69x4xf32>
// OTHER: tgnn.reshape {{.*}} to [7, 5] : tensor<?x5xf32> -> tensor<?x7x5xf32>
// OTHER: tgnn.reshape {{.*}} to [10] : tensor<?x5x2xf32> -> tensor<?x10xf32>

tgnn.model @halves sizes {dim = 8, neighbours = 3, layers = 1, node = 0, edge = 0}
    neighbour_time(query_time) sampling(recent) {
  tgnn.layer @embed(%h: tensor<?x?xf32>, %near: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    %half = tgnn.slice %near dimension(2) offset(dim / 2) size(input / 2) : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %rows = tgnn.reshape %half to [dim / 2] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %tokens = tgnn.reshape %rows to [neighbours, dim / 2] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %turned = tgnn.transpose %tokens : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %w = tgnn.parameter "w" [neighbours, 2] xavier : tensor<?x?xf32>
    %b = tgnn.parameter "b" [2] uniform_fan_in(neighbours) : tensor<?xf32>
    %p = tgnn.parameter "p" [dim * neighbours - 1, dim - 7 + neighbours / 7] normal : tensor<?x?xf32>
    %mixed = tgnn.linear %turned, %w, %b : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %y = tgnn.reshape %mixed to [2 * dim / 2] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    tgnn.yield %y : tensor<?x?xf32>
  }
  tgnn.state @memory [dim] message [dim] (%self: tensor<?x?xf32>, %other: tensor<?x?xf32>) {
    tgnn.yield %self : tensor<?x?xf32>
  } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>, %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
    tgnn.yield %message : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}
