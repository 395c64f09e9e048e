// RUN: orcinus-opt %s --tgnn-expand-model="functions=embed" --tgnn-inline-layers --split-input-file --verify-diagnostics

// A layer that is not as wide as the model says is an error at both places.

// expected-error @below {{needs 'tensor<?x8xf32>', but the body yields 'tensor<?x5xf32>'}}
tgnn.model @narrow sizes {dim = 8, time = 4, heads = 1, neighbours = 3, layers = 1}
    neighbour_time(query_time) sampling(recent) {
  tgnn.layer @embed(%h: tensor<?x?xf32>, %n: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    %w = tgnn.parameter "w" [input, 5] xavier : tensor<?x?xf32>
    %b = tgnn.parameter "b" [5] zeros : tensor<?xf32>
    %y = tgnn.linear %h, %w, %b : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    // expected-note @below {{yielded here}}
    tgnn.yield %y : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

// Sizes that do not fit each other are an error where they meet.

tgnn.model @tokens sizes {dim = 8, neighbours = 3, layers = 1}
    neighbour_time(query_time) sampling(recent) {
  tgnn.layer @embed(%h: tensor<?x?xf32>, %n: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    %r = tgnn.reshape %n to [dim] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %t = tgnn.reshape %r to [neighbours, dim / 2] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    // expected-error @below {{operands have different extents, 4 and 8}}
    %s = tgnn.add %t, %n : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %m = tgnn.mean_tokens(%s) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
    tgnn.yield %m : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

// Heads that do not divide a query have no share of it.

tgnn.model @heads sizes {dim = 8, time = 4, heads = 5, neighbours = 3, layers = 1}
    neighbour_time(query_time) sampling(recent) {
  tgnn.layer @embed(%h: tensor<?x?xf32>, %n: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    // expected-error @below {{needs a number of heads that divides the 12 columns of a query (8 of its embedding, 4 of its time), not 5}}
    %w = tgnn.parameter "w" [head, dim] xavier : tensor<?x?xf32>
    tgnn.yield %h : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

// An extent below 0 is 0, which no parameter has.
tgnn.model @empty sizes {dim = 8, neighbours = 3, layers = 1, node = 0, edge = 0}
    neighbour_time(query_time) sampling(recent) {
  tgnn.layer @embed(%h: tensor<?x?xf32>, %n: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    // expected-error @below {{has the extent 0, which must be from 1 to 2147483647}}
    %w = tgnn.parameter "w" [dim, neighbours - 4] normal : tensor<?x?xf32>
    tgnn.yield %h : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}
