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

// expected-error @below {{needs one tgnn.decoder and at most one tgnn.encode, or one tgnn.score and neither}}
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

// expected-note @below {{the model}}
tgnn.model @undeclared sizes {dim = 8, neighbours = 3, layers = 1} neighbour_time(query_time) sampling(recent) {
  tgnn.layer @embed(%h: tensor<?x?xf32>, %n: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    // expected-error @below {{has an extent in 'width', but the model declares no such size}}
    %w = tgnn.parameter "w" [2 * dim * width] zeros : tensor<?xf32>
    tgnn.yield %h : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

// expected-note @below {{the model}}
tgnn.model @headless sizes {dim = 8, neighbours = 3, layers = 1} neighbour_time(query_time) sampling(recent) {
  tgnn.layer @embed(%h: tensor<?x?xf32>, %n: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    // expected-error @below {{has an extent in 'head', but the model declares no 'heads' and 'time', of which a head is made}}
    %w = tgnn.parameter "w" [head] zeros : tensor<?xf32>
    tgnn.yield %h : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

// expected-note @below {{the model}}
tgnn.model @message sizes {dim = 8, neighbours = 3, layers = 1} neighbour_time(query_time) sampling(recent) {
  // expected-error @below {{has an extent in 'input', but the model declares no such size}}
  tgnn.state @memory [dim] message [input] (%self: tensor<?x?xf32>, %other: tensor<?x?xf32>) {
    tgnn.yield %self : tensor<?x?xf32>
  } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>, %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
    tgnn.yield %state : tensor<?x?xf32>
  }

  tgnn.layer @embed(%h: tensor<?x?xf32>, %n: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    %w = tgnn.parameter "w" [input + 3 + dim] zeros : tensor<?xf32>
    tgnn.yield %h : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

func.func @extents() {
  // expected-error @below {{needs one extent a dimension of its type}}
  %w = tgnn.parameter "w" [8] zeros : tensor<8x8xf32>
  return
}

// -----

// expected-error @below {{without a tgnn.encode or tgnn.score needs one tgnn.layer and at most one tgnn.state}}
tgnn.model @shallow sizes {dim = 8, neighbours = 3, layers = 1} neighbour_time(query_time) sampling(recent) {
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

// expected-error @below {{without a tgnn.encode or tgnn.score needs a neighbour_time and a sampling}}
tgnn.model @undecided sizes {dim = 8, neighbours = 3, layers = 1} {
}

// -----

tgnn.model @score sizes {dim = 8, edge = 0} {
  // expected-error @below {{sends embeddings, of which a tgnn.score makes none}}
  tgnn.state @memory [dim] message [dim] (%self: tensor<?x?xf32>, %other: tensor<?x?xf32>, %made: tensor<?x?xf32>) {
    tgnn.yield %made : tensor<?x?xf32>
  } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>, %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
    tgnn.yield %message : tensor<?x?xf32>
  }
  tgnn.score (%queries: !tgnn.query) {
    %nodes = tgnn.distinct %queries key(node) : !tgnn.query
    %states = tgnn.state_rows @memory at %nodes : tensor<?x?xf32>
    tgnn.yield %states : tensor<?x?xf32>
  }
}

// -----

tgnn.model @unsent sizes {dim = 8, edge = 0, node = 8} {
  // expected-error @below {{makes embeddings for messages, but no tgnn.state sends them}}
  tgnn.encode (%queries: !tgnn.query) {
    %nodes = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
    %features = tgnn.read "features:node" : tensor<?x?xf32>
    %rows = tgnn.gather(%features, %nodes) : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    tgnn.yield %rows, %rows : tensor<?x?xf32>, tensor<?x?xf32>
  }
  tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>)
      -> tensor<?x?xf32> {
    tgnn.yield %source : tensor<?x?xf32>
  }
}

// -----

// expected-error @below {{chooses messages, but has no tgnn.state that they update}}
tgnn.model @stateless sizes {dim = 8, edge = 0, neighbours = 3, layers = 1}
    neighbour_time(query_time) sampling(recent) messages(destination_last) {
  tgnn.layer @embed(%own: tensor<?x?xf32>, %near: tensor<?x?x?xf32>,
                    %edges: tensor<?x?x?xf32>, %deltas: tensor<?x?xf32>,
                    %counts: tensor<?xi32>) -> tensor<?x?xf32> {
    tgnn.yield %own : tensor<?x?xf32>
  }
  tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>)
      -> tensor<?x?xf32> {
    tgnn.yield %source : tensor<?x?xf32>
  }
}

// -----

// expected-error @below {{with a tgnn.encode or tgnn.score has neither a neighbour_time nor a sampling of its own}}
tgnn.model @twice sizes {dim = 8} sampling(recent) {
  tgnn.encode (%q: !tgnn.query) {
    %x = tgnn.read "features:node" : tensor<?x?xf32>
    tgnn.yield %x : tensor<?x?xf32>
  }
}

// -----

tgnn.model @flat sizes {dim = 8} {
  // expected-error @below {{must end in a tgnn.yield of one tensor or two of rank 2}}
  tgnn.encode (%q: !tgnn.query) {
    %x = tgnn.table %q "nodes" : !tgnn.query -> tensor<?xi32>
    tgnn.yield %x : tensor<?xi32>
  }
}

// -----

tgnn.model @forgetful sizes {dim = 8} {
  tgnn.encode (%q: !tgnn.query) {
    // expected-error @below {{names no state of the model}}
    %x = tgnn.state_rows @memory at %q : tensor<?x?xf32>
    tgnn.yield %x : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

// expected-note @below {{the model}}
tgnn.model @undeclared_row sizes {dim = 8, neighbours = 3, layers = 1} neighbour_time(query_time) sampling(recent) {
  tgnn.layer @embed(%h: tensor<?x?xf32>, %n: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    // expected-error @below {{has an extent in 'width', but the model declares no such size}}
    %y = tgnn.reshape %n to [width] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    tgnn.yield %y : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

func.func @reshape_outside(%x: tensor<?x8xf32>) {
  // expected-error @below {{names a size, which only a model has}}
  %y = tgnn.reshape %x to [dim] : tensor<?x8xf32> -> tensor<?x?xf32>
  return
}

// -----

func.func @slice_outside(%x: tensor<?x8xf32>) {
  // expected-error @below {{names a size, which only a model has}}
  %y = tgnn.slice %x dimension(1) offset(dim) size(4) : tensor<?x8xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @parameter_outside() {
  // expected-error @below {{names a size, which only a model has}}
  %w = tgnn.parameter "w" [dim] zeros : tensor<?xf32>
  return
}

// -----

func.func @no_extent() {
  // expected-error @below {{has an extent that is neither a number nor made of named sizes}}
  %w = "tgnn.parameter"() {name = "w", extents = [{dim = 1.0 : f32}], initializer = #tgnn<initializer zeros>} : () -> tensor<8xf32>
  return
}

// -----

func.func @divisor() {
  // expected-error @below {{expected a positive divisor}}
  %w = tgnn.parameter "w" [8 / 0] zeros : tensor<8xf32>
  return
}

// -----

func.func @twice() {
  // expected-error @below {{'dim' is in the extent twice, once divided}}
  %w = tgnn.parameter "w" [dim + dim / 2] zeros : tensor<8xf32>
  return
}

// -----

// expected-error @below {{size 'dim' must be a non-negative integer}}
tgnn.model @wide_size sizes {dim = 8 : i128, neighbours = 3, layers = 1} neighbour_time(query_time) sampling(recent) {
}

// -----

func.func @negative_coefficient() {
  // expected-error @below {{expected a coefficient of 0 or more}}
  %w = tgnn.parameter "w" [-2 * dim] zeros : tensor<?xf32>
  return
}

// -----

func.func @no_factor() {
  // expected-error @below {{expected a size before this}}
  %w = tgnn.parameter "w" [2 * ""] zeros : tensor<?xf32>
  return
}

// -----

func.func @coefficient_beyond_64_bits() {
  // expected-error @below {{the coefficient of 'dim' is too large}}
  %w = tgnn.parameter "w" [9223372036854775807 * dim + dim] zeros : tensor<?xf32>
  return
}

// -----

func.func @wide_coefficient() {
  // expected-error @below {{has an extent that is neither a number nor made of named sizes}}
  %w = "tgnn.parameter"() <{extents = [{dim = 1 : i128}], initializer = #tgnn<initializer zeros>, name = "w"}> : () -> tensor<?xf32>
  return
}

// -----

func.func @empty_extent() {
  // expected-error @below {{has an extent that is neither a number nor made of named sizes}}
  %w = "tgnn.parameter"() <{extents = [{}], initializer = #tgnn<initializer zeros>, name = "w"}> : () -> tensor<?xf32>
  return
}

// -----

func.func @vector_fan_in() {
  // expected-error @below {{is no matrix: uniform_fan_in(EXTENT) says the rows of the one that it belongs to}}
  %w = tgnn.parameter "w" [8] uniform_fan_in : tensor<8xf32>
  return
}

// -----

func.func @zeros_of_fan_in() {
  // expected-error @below {{gives an extent to an initializer that takes none}}
  %w = tgnn.parameter "w" [8] zeros(4) : tensor<8xf32>
  return
}

// -----

func.func @no_fan_in() {
  // expected-error @below {{needs a positive extent to draw by}}
  %w = tgnn.parameter "w" [8] uniform_fan_in(0) : tensor<8xf32>
  return
}

// -----

tgnn.model @bodiless sizes {dim = 8, edge = 0} {
  // expected-error @below {{must make a tensor of rank 2, its mails, of three: an end's, the other end's and the event's}}
  tgnn.mailbox @mails width(dim) slots(3) keep(mean)
  tgnn.encode (%queries: !tgnn.query) {
    %stored = tgnn.read "mail:mails" : tensor<?x?xf32>
    tgnn.yield %stored : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

tgnn.model @one_sided sizes {dim = 8, edge = 0} {
  // expected-error @below {{must make a tensor of rank 2, its mails, of three: an end's, the other end's and the event's}}
  tgnn.mailbox @mails width(dim) slots(3) keep(mean) (%own: tensor<?x?xf32>) {
    tgnn.yield %own : tensor<?x?xf32>
  }
  tgnn.encode (%queries: !tgnn.query) {
    %stored = tgnn.read "mail:mails" : tensor<?x?xf32>
    tgnn.yield %stored : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

// expected-note @below {{the model}}
tgnn.model @sizeless sizes {dim = 8, edge = 0} {
  // expected-error @below {{has an extent in 'input', but the model declares no such size}}
  tgnn.mailbox @mails width(input) slots(3) keep(mean)
      (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>, %edge: tensor<?x?xf32>) {
    tgnn.yield %own : tensor<?x?xf32>
  }
  tgnn.encode (%queries: !tgnn.query) {
    %stored = tgnn.read "mail:mails" : tensor<?x?xf32>
    tgnn.yield %stored : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

tgnn.model @scored sizes {dim = 8, edge = 0, walk_width = 4} {
  // expected-error @below {{is of a model without a tgnn.encode, of whose embeddings mails are made}}
  tgnn.mailbox @mails width(dim) slots(3) keep(mean)
      (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>, %edge: tensor<?x?xf32>) {
    tgnn.yield %own : tensor<?x?xf32>
  }
  tgnn.score (%queries: !tgnn.query) {
    %features = tgnn.read "features:node" : tensor<?x?xf32>
    tgnn.yield %features : tensor<?x?xf32>
  }
}

// -----

// An extent of a score names what the model declares and nothing else.
// expected-note @below {{the model}}
tgnn.model @scoring sizes {dim = 8, edge = 0} {
  tgnn.score (%queries: !tgnn.query) {
    // expected-error @below {{has an extent in 'input', but the model declares no such size}}
    %near = tgnn.sample %queries k(input) policy(recent) : !tgnn.neighbourhood
    %features = tgnn.read "features:node" : tensor<?x?xf32>
    tgnn.yield %features : tensor<?x?xf32>
  }
}

// -----

// What is said of a region is said once its ops are verified.
tgnn.model @empty sizes {dim = 8, edge = 0, neighbours = 3, layers = 1}
    neighbour_time(query_time) sampling(recent) {
  // expected-error @below {{empty block: expect at least a terminator}}
  tgnn.state @memory [dim] message [dim] (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>) {
  } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>,
            %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
    tgnn.yield %message : tensor<?x?xf32>
  }
}

// -----

tgnn.model @empty_layer sizes {dim = 8, edge = 0, neighbours = 3, layers = 1}
    neighbour_time(query_time) sampling(recent) {
  // expected-error @below {{expects a non-empty block}}
  tgnn.layer @embed(%own: tensor<?x?xf32>, %near: tensor<?x?x?xf32>, %edges: tensor<?x?x?xf32>,
                    %deltas: tensor<?x?xf32>, %counts: tensor<?xi32>) -> tensor<?x?xf32> {
  }
}

// -----

tgnn.model @writing sizes {dim = 8, edge = 0} {
  tgnn.encode (%queries: !tgnn.query) {
    %node = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
    %features = tgnn.read "features:node" : tensor<?x?xf32>
    %y = tgnn.gather(%features, %node) : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    // expected-error @below {{belongs to a step, which is made of a model}}
    tgnn.write %y to "features:node" rows(%node : tensor<?xi32>) : tensor<?x?xf32>
    tgnn.yield %y : tensor<?x?xf32>
  }
  tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %source : tensor<?x?xf32>
  }
}

// -----

// expected-error @below {{has 65 layers, more than 64}}
tgnn.model @deep sizes {dim = 8, edge = 0, neighbours = 3, layers = 65}
    neighbour_time(query_time) sampling(recent) {
  tgnn.layer @embed(%own: tensor<?x?xf32>, %near: tensor<?x?x?xf32>, %edges: tensor<?x?x?xf32>,
                    %deltas: tensor<?x?xf32>, %counts: tensor<?xi32>) -> tensor<?x?xf32> {
    tgnn.yield %own : tensor<?x?xf32>
  }
  tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %source : tensor<?x?xf32>
  }
}

// -----

tgnn.model @two_heads sizes {dim = 8, neighbours = 3, layers = 1} neighbour_time(query_time) sampling(recent) {
  tgnn.layer @embed(%h: tensor<?x?xf32>, %n: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    tgnn.yield %h : tensor<?x?xf32>
  }
  tgnn.head @first(%h: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %h : tensor<?x?xf32>
  }
  // expected-error @below {{is the second for labels of nodes}}
  tgnn.head @second(%h: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %h : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

tgnn.model @odd_head sizes {dim = 8, neighbours = 3, layers = 1} neighbour_time(query_time) sampling(recent) {
  tgnn.layer @embed(%h: tensor<?x?xf32>, %n: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    tgnn.yield %h : tensor<?x?xf32>
  }
  // expected-error @below {{must take one tensor, of labelled nodes, or three, of labelled events}}
  tgnn.head @pair(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

tgnn.model @labelled_text sizes {dim = 8, neighbours = 3} {
  tgnn.encode (%queries: !tgnn.query) {
    // expected-error @below {{belongs to a step, which is made of a model}}
    %own, %other, %labels = tgnn.labels outputs(2) : !tgnn.labelled_rows, !tgnn.labelled_rows, !tgnn.labels
    %y = tgnn.table %labels "values" : !tgnn.labels -> tensor<?x2xf32>
    tgnn.yield %y : tensor<?x2xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}
