// RUN: orcinus-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{needs a positive size 'layers'}}
tgnn.model @no_layers sizes {dim = 8, neighbours = 3} neighbour_time(query_time) sampling(recent) {
}

// -----

// expected-error @below {{size 'dim' must be a non-negative integer}}
tgnn.model @negative sizes {dim = -8, neighbours = 3, layers = 1} neighbour_time(query_time) sampling(recent) {
}

// -----

// expected-error @below {{neighbours are embedded at query_time or event_time}}
tgnn.model @timeless sizes {dim = 8, neighbours = 3, layers = 1} neighbour_time(node) sampling(recent) {
}

// -----

// expected-error @below {{needs one tgnn.layer, one tgnn.decoder and at most one tgnn.state}}
tgnn.model @empty sizes {dim = 8, neighbours = 3, layers = 1} neighbour_time(query_time) sampling(recent) {
}

// -----

tgnn.model @narrow sizes {dim = 8, neighbours = 3, layers = 1} neighbour_time(query_time) sampling(recent) {
  // expected-error @below {{must take 2 tensors and return one}}
  tgnn.decoder @link(%s: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

func.func @extents() {
  // expected-error @below {{needs one extent a dimension of its type}}
  %w = tgnn.parameter "w" [8] zeros : tensor<8x8xf32>
  return
}
