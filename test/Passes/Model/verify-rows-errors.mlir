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
  // expected-error @below {{has an index below rows(the stream's events) into a table of rows(the stream's nodes)}}
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
  // expected-error @below {{has an index below rows(the stream's nodes) into a table of rows(tgnn.distinct)}}
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
  // expected-error @below {{takes a range of rows(targets), which may be another number}}
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
  // expected-error @below {{has an index below rows(tgnn.distinct) into a table of rows(the stream's nodes)}}
  tgnn.write %y to "state:memory" rows(%self : tensor<?xi32>) : tensor<?x8xf32>
  return
}

// -----

// What is asked for has no negatives, and its pairs are not its targets' halves.
func.func @score() {
  %queries = tgnn.targets : !tgnn.query
  %node = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // expected-error @below {{pairs what a batch has, but 'score' has what is asked for}}
  %sources, %destinations = tgnn.link_pairs %rows : tensor<?x8xf32> -> tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @padded() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  // expected-note @below {{the tgnn.frontier}}
  %nodes = tgnn.frontier %queries, %near key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // expected-error @below {{takes a range of rows(tgnn.frontier), which may be another number}}
  %y = tgnn.pad %rows dimension(0) offset(0) size(2) : tensor<?x8xf32> -> tensor<2x8xf32>
  return
}

// -----

// There may be as many places as there are neighbours: one more number.
func.func @count_as_index() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  %counts = tgnn.table %near "counts" : !tgnn.neighbourhood -> tensor<?xi32>
  %table = tgnn.parameter "degrees" [4, 8] xavier : tensor<4x8xf32>
  // expected-error @below {{has an index below 5 into a table of 4}}
  %y = tgnn.gather(%table, %counts) : (tensor<4x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @sum_of_odd_numbers() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  // expected-note @below {{the tgnn.frontier}}
  %nodes = tgnn.frontier %queries, %near key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %self = tgnn.table %nodes "self" : !tgnn.query -> tensor<?xi32>
  %own = tgnn.gather(%rows, %self) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %pool = tgnn.concat_rows %rows, %own : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  // expected-error @below {{cannot make rows of 16 elements of 'tensor<rows(targets) + rows(tgnn.frontier)x8xf32>'}}
  %pairs = tgnn.reshape %pool to [2, 8] : tensor<?x8xf32> -> tensor<?x2x8xf32>
  return
}

// -----

func.func @first_of_others() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  // expected-note @below {{the tgnn.frontier}}
  %nodes = tgnn.frontier %queries, %near key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %self = tgnn.table %nodes "self" : !tgnn.query -> tensor<?xi32>
  %own = tgnn.gather(%rows, %self) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // expected-error @below {{'tgnn.first_rows' op takes rows(tgnn.frontier) rows out of rows(targets)}}
  %first = tgnn.first_rows %own like %rows : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @first_of_a_table() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  // expected-note @below {{the tgnn.frontier}}
  %nodes = tgnn.frontier %queries, %near key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %table = tgnn.parameter "table" [4000, 8] xavier : tensor<4000x8xf32>
  // expected-error @below {{takes a range of rows(tgnn.frontier), which may be another number}}
  %first = tgnn.first_rows %rows like %table : tensor<?x8xf32>, tensor<4000x8xf32> -> tensor<4000x8xf32>
  return
}

// -----

func.func @inverse_of_another() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  %nodes = tgnn.frontier %queries, %near key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %self = tgnn.table %nodes "self" : !tgnn.query -> tensor<?xi32>
  %own = tgnn.gather(%rows, %self) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %offsets = tgnn.table %nodes "reference_offsets" : !tgnn.query -> tensor<?xi32>
  %references = tgnn.table %nodes "self_references" : !tgnn.query -> tensor<?xi32>
  // expected-error @below {{needs a table's offsets and the references that they are of}}
  %y = tgnn.gather_grad(%own, %offsets, %references)
      : (tensor<?x8xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @inverse_of_neighbours() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  %nodes = tgnn.frontier %queries, %near key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %self = tgnn.table %nodes "self" : !tgnn.query -> tensor<?xi32>
  %own = tgnn.gather(%rows, %self) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %offsets = tgnn.table %nodes "reference_offsets" : !tgnn.query -> tensor<?xi32>
  %references = tgnn.table %nodes "references" : !tgnn.query -> tensor<?xi32>
  // expected-error @below {{has an index below 4 * rows(targets) into a table of rows(targets)}}
  %y = tgnn.gather_grad(%own, %offsets, %references)
      : (tensor<?x8xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @replaced_twice() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  %nodes = tgnn.frontier %queries, %near key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %self = tgnn.table %nodes "self" : !tgnn.query -> tensor<?xi32>
  %own = tgnn.gather(%rows, %self) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // expected-error @below {{has rows that may be there twice}}
  %y = tgnn.replace_rows(%rows, %self, %own)
      : (tensor<?x8xf32>, tensor<?xi32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @written_whole() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  // expected-note @below {{the tgnn.frontier}}
  %nodes = tgnn.frontier %queries, %near key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // expected-error @below {{has rows(tgnn.frontier) for rows(the stream's nodes)}}
  tgnn.write %rows to "state:memory" : tensor<?x8xf32>
  return
}

// -----

func.func @other_dialect() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  %nodes = tgnn.frontier %queries, %near key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %self = tgnn.table %nodes "self" : !tgnn.query -> tensor<?xi32>
  %own = tgnn.gather(%rows, %self) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // expected-error @below {{is of another dialect: in a step, tensors of open extents are made by ops of tgnn alone}}
  %y = tensor.extract_slice %rows[0, 0] [7, 8] [1, 1] : tensor<?x8xf32> to tensor<7x8xf32>
  return
}

// -----

func.func @score() {
  %queries = tgnn.targets : !tgnn.query
  %pairs = tgnn.pairs : !tgnn.pairs
  // expected-error @below {{is of a batch's labels, which 'score' has not}}
  %labels = tgnn.table %pairs "labels" : !tgnn.pairs -> tensor<?xi32>
  return
}
