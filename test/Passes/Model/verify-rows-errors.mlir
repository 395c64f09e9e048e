// RUN: orcinus-opt %s --split-input-file --verify-diagnostics --tgnn-verify-rows

func.func @rows() {
  %queries = tgnn.targets : !tgnn.query
  // expected-note @below {{the tgnn.distinct}}
  %nodes = tgnn.distinct %queries key(node) : !tgnn.query
  %of_query = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
  %of_node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %x = tgnn.gather(%memory, %of_query) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %y = tgnn.gather(%memory, %of_node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // expected-error @below {{operands have different extents, rows(targets) and rows(tgnn.distinct)}}
  %z = tgnn.add %x, %y : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  tgnn.output %z as "embeddings" rows(targets) : tensor<?x8xf32>
  return
}

// -----

func.func @output() {
  %queries = tgnn.targets : !tgnn.query
  // expected-note @below {{the tgnn.distinct}}
  %nodes = tgnn.distinct %queries key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %y = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // expected-error @below {{is of rows(targets), but its value of rows(tgnn.distinct)}}
  tgnn.output %y as "embeddings" rows(targets) : tensor<?x8xf32>
  return
}

// -----

func.func @pool() {
  %queries = tgnn.targets : !tgnn.query
  %node = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %y = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // expected-error @below {{is of 2 * rows(targets), but its value of rows(targets)}}
  tgnn.output %y as "pool" rows(targets) rows_of(%node : tensor<?xi32>) : tensor<?x8xf32>
  return
}

// -----

// The event of each neighbour is no node.
func.func @events_as_nodes() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  %events = tgnn.table %near "events" : !tgnn.neighbourhood -> tensor<?x4xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  // expected-error @below {{has an index of rows(the stream's events) into a table of rows(the stream's nodes)}}
  %y = tgnn.gather(%memory, %events) : (tensor<?x8xf32>, tensor<?x4xi32>) -> tensor<?x4x8xf32>
  return
}

// -----

// Nodes are no rows of the frontier, whatever they were moved about.
func.func @nodes_as_rows() {
  %queries = tgnn.targets : !tgnn.query
  // expected-note @below {{the tgnn.distinct}}
  %nodes = tgnn.distinct %queries key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %self = tgnn.table %nodes "self" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %column = tgnn.reshape %node to [1] : tensor<?xi32> -> tensor<?x1xi32>
  %moved = tgnn.gather(%column, %self) : (tensor<?x1xi32>, tensor<?xi32>) -> tensor<?x1xi32>
  // expected-error @below {{has an index of rows(the stream's nodes) into a table of rows(tgnn.distinct)}}
  %y = tgnn.gather(%rows, %moved) : (tensor<?x8xf32>, tensor<?x1xi32>) -> tensor<?x1x8xf32>
  return
}

// -----

func.func @no_index() {
  %queries = tgnn.targets : !tgnn.query
  %node = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
  %sum = tgnn.add %node, %node : tensor<?xi32>, tensor<?xi32> -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  // expected-error @below {{has an index that numbers no rows of a table}}
  %y = tgnn.gather(%memory, %sum) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @replaced() {
  %queries = tgnn.targets : !tgnn.query
  // expected-note @below {{the tgnn.distinct}}
  %nodes = tgnn.distinct %queries key(node) : !tgnn.query
  // expected-note @below {{the tgnn.pending}}
  %pending = tgnn.pending %nodes : !tgnn.pending
  %rows = tgnn.table %pending "rows" : !tgnn.pending -> tensor<?xi32>
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %x = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // expected-error @below {{the values must have the extent rows(tgnn.pending) in dimension 0, has rows(tgnn.distinct)}}
  %y = tgnn.replace_rows(%x, %rows, %x)
      : (tensor<?x8xf32>, tensor<?xi32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @counts_of_sequences() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  %counts = tgnn.table %near "sequence_counts" : !tgnn.neighbourhood -> tensor<?xi32>
  %deltas = tgnn.table %near "time_deltas" : !tgnn.neighbourhood -> tensor<?x4xf32>
  %tokens = tgnn.reshape %deltas to [4, 1] : tensor<?x4xf32> -> tensor<?x4x1xf32>
  // expected-error @below {{has counts of up to 5 places, but 4 tokens}}
  %y = tgnn.mean_tokens(%tokens, %counts) : (tensor<?x4x1xf32>, tensor<?xi32>) -> tensor<?x1xf32>
  return
}

// -----

func.func @odd() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(3) policy(recent) : !tgnn.neighbourhood
  %deltas = tgnn.table %near "time_deltas" : !tgnn.neighbourhood -> tensor<?x3xf32>
  %flat = tgnn.reshape %deltas to [1] : tensor<?x3xf32> -> tensor<?x1xf32>
  // expected-error @below {{cannot make rows of 2 elements of 'tensor<3 * rows(targets)x1xf32>'}}
  %y = tgnn.reshape %flat to [2] : tensor<?x1xf32> -> tensor<?x2xf32>
  return
}

// -----

// A batch may have fewer rows.
func.func @range() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(3) policy(recent) : !tgnn.neighbourhood
  %deltas = tgnn.table %near "time_deltas" : !tgnn.neighbourhood -> tensor<?x3xf32>
  // expected-error @below {{takes a range of rows(targets), which may be fewer}}
  %y = tgnn.slice %deltas dimension(0) offset(0) size(4) : tensor<?x3xf32> -> tensor<4x3xf32>
  return
}

// -----

// Neighbours of other queries.
func.func @frontier() {
  %queries = tgnn.targets : !tgnn.query
  // expected-note @below {{the tgnn.distinct}}
  %nodes = tgnn.distinct %queries key(node) : !tgnn.query
  %near = tgnn.sample %nodes k(3) policy(recent) : !tgnn.neighbourhood
  // expected-error @below {{takes rows(targets) and rows(tgnn.distinct), which must be as many}}
  %below = tgnn.frontier %queries, %near key(node) : !tgnn.query
  return
}

// -----

func.func @written() {
  %queries = tgnn.targets : !tgnn.query
  // expected-note @below {{the tgnn.distinct}}
  %nodes = tgnn.distinct %queries key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %of_query = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %x = tgnn.gather(%memory, %of_query) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // expected-error @below {{writes rows(targets) to rows(tgnn.distinct)}}
  tgnn.write %x to "state:memory" rows(%node : tensor<?xi32>) : tensor<?x8xf32>
  return
}

// -----

func.func @written_elsewhere() {
  %queries = tgnn.targets : !tgnn.query
  // expected-note @below {{the tgnn.distinct}}
  %nodes = tgnn.distinct %queries key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %self = tgnn.table %nodes "self" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %x = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %y = tgnn.gather(%x, %self) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // expected-error @below {{has an index of rows(tgnn.distinct) into a table of rows(the stream's nodes)}}
  tgnn.write %y to "state:memory" rows(%self : tensor<?xi32>) : tensor<?x8xf32>
  return
}
