// RUN: orcinus-opt %s | orcinus-opt | FileCheck %s

// A model with every op of the first level survives a round trip, named
// extents included.

// CHECK-LABEL: tgnn.model @small
// CHECK-SAME: sizes {dim = 8 : i64
// CHECK-SAME: neighbour_time(event_time) sampling(uniform)
tgnn.model @small sizes {dim = 8, time = 4, heads = 2, neighbours = 3, layers = 1}
    neighbour_time(event_time) sampling(uniform) {
  // CHECK: tgnn.state @memory [dim] message [2 * dim](%{{.*}}: tensor<?x?xf32>, %{{.*}}: tensor<?x?xf32>)
  tgnn.state @memory [dim] message [2 * dim] (%self: tensor<?x?xf32>, %other: tensor<?x?xf32>) {
    %m = tgnn.concat %self, %other : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    tgnn.yield %m : tensor<?x?xf32>
  } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>, %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
    tgnn.yield %state : tensor<?x?xf32>
  }
  // CHECK: tgnn.layer @embed(
  tgnn.layer @embed(%h: tensor<?x?xf32>, %n: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    // CHECK: tgnn.parameter "w" [3 + dim + 2 * time, dim] xavier fixed shared : tensor<?x?xf32>
    %w = tgnn.parameter "w" [dim + 2 * time + 3, dim] xavier fixed shared : tensor<?x?xf32>
    // Divisions round down; ops on tensors may name sizes, too.
    // CHECK: tgnn.parameter "v" [2 + dim / 3 + 2 * neighbours / 5] zeros : tensor<?xf32>
    %v = tgnn.parameter "v" [dim / 3 + 2 * neighbours / 5 + 2] zeros : tensor<?xf32>
    // Products have an order, and what is taken away comes last.
    // CHECK: tgnn.parameter "p" [2 * dim * neighbours + time - 1 - dim / 2, 0 - dim] normal : tensor<?x?xf32>
    %p = tgnn.parameter "p" [2 * neighbours * dim - dim / 2 + time - 1, 0 - dim] normal : tensor<?x?xf32>
    // CHECK: tgnn.parameter "b" [dim] uniform_fan_in(input + 2 * time) fixed : tensor<?xf32>
    %b = tgnn.parameter "b" [dim] uniform_fan_in(2 * time + input) fixed : tensor<?xf32>
    // CHECK: tgnn.reshape %{{.*}} to [neighbours, 2 * dim + time] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %r = tgnn.reshape %h to [neighbours, 2 * dim + time] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    // CHECK: tgnn.slice %{{.*}} dimension(2) offset(dim) size(input / 2 + time) : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %s = tgnn.slice %r dimension(2) offset(dim) size(input / 2 + time) : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %h : tensor<?x?xf32>
  }
  // CHECK: tgnn.decoder @link(
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}
