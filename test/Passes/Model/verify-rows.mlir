// RUN: %python %S/Inputs/verify_models.py %orcinus_source/models orcinus-opt
// RUN: orcinus-opt %s --tgnn-verify-rows | FileCheck %s

// Rows that follow from each other: a set's distinct queries have one inverse,
// tokens have k rows a query, and what is put behind each other adds up.

// CHECK-LABEL: func.func @embed
func.func @embed() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  %nodes = tgnn.frontier %queries, %near key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %self = tgnn.table %nodes "self" : !tgnn.query -> tensor<?xi32>
  %others = tgnn.table %nodes "neighbours" : !tgnn.query -> tensor<?x4xi32>
  %counts = tgnn.table %near "counts" : !tgnn.neighbourhood -> tensor<?xi32>
  %offsets = tgnn.table %nodes "self_offsets" : !tgnn.query -> tensor<?xi32>
  %references = tgnn.table %nodes "self_references" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %features = tgnn.read "features:node" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %more = tgnn.gather(%features, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %sum = tgnn.add %rows, %more : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  %own = tgnn.gather(%sum, %self) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %others_rows = tgnn.gather(%sum, %others)
      : (tensor<?x8xf32>, tensor<?x4xi32>) -> tensor<?x4x8xf32>
  %flat = tgnn.reshape %others_rows to [8] : tensor<?x4x8xf32> -> tensor<?x8xf32>
  %again = tgnn.reshape %flat to [4, 8] : tensor<?x8xf32> -> tensor<?x4x8xf32>
  %mean = tgnn.mean_tokens(%again, %counts) : (tensor<?x4x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %both = tgnn.add %own, %mean : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  %back = tgnn.gather_grad(%both, %offsets, %references)
      : (tensor<?x8xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x8xf32>
  %with_back = tgnn.add %sum, %back : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  %pool = tgnn.concat_rows %with_back, %both : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  tgnn.output %both as "embeddings" rows(targets) : tensor<?x8xf32>
  tgnn.output %pool as "pool" rows(targets) rows_of(%node : tensor<?xi32>) : tensor<?x8xf32>
  tgnn.output %flat as "tokens" rows(4 * targets) : tensor<?x8xf32>
  return
}

// Roles are 0 and 1; who is scored is among the targets.

// CHECK-LABEL: func.func @score
func.func @score(%any: tensor<?x8xf32>) {
  %queries = tgnn.targets : !tgnn.query
  %roles = tgnn.table %queries "roles" : !tgnn.query -> tensor<?xi32>
  %table = tgnn.parameter "roles" [2, 8] xavier : tensor<2x8xf32>
  %rows = tgnn.gather(%table, %roles) : (tensor<2x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %pairs = tgnn.pairs : !tgnn.pairs
  %sources = tgnn.table %pairs "sources" : !tgnn.pairs -> tensor<?xi32>
  %scored = tgnn.gather(%rows, %sources) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  // Nothing is known about an argument.
  %unknown = tgnn.add %scored, %any : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  tgnn.output %unknown as "scores" rows(pairs) : tensor<?x8xf32>
  return
}

// Extents of a model are no stand-ins however large, and indices may be moved
// about together; those of a constant are known.

// CHECK-LABEL: func.func @train
func.func @train(%asked: !tgnn.query) {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(4) policy(recent) : !tgnn.neighbourhood
  %nodes = tgnn.frontier %queries, %near key(node) : !tgnn.query
  %node = tgnn.table %nodes "nodes" : !tgnn.query -> tensor<?xi32>
  %self = tgnn.table %nodes "self" : !tgnn.query -> tensor<?xi32>
  %others = tgnn.table %nodes "neighbours" : !tgnn.query -> tensor<?x4xi32>
  %first = tgnn.reshape %self to [1] : tensor<?xi32> -> tensor<?x1xi32>
  %all = tgnn.concat %first, %others : tensor<?x1xi32>, tensor<?x4xi32> -> tensor<?x5xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %node) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %sequence = tgnn.gather(%rows, %all) : (tensor<?x8xf32>, tensor<?x5xi32>) -> tensor<?x5x8xf32>
  %large = tgnn.parameter "large" [3000000, 8] xavier : tensor<3000000x8xf32>
  %part = tgnn.slice %large dimension(0) offset(0) size(2) : tensor<3000000x8xf32> -> tensor<2x8xf32>
  %known = arith.constant dense<[1, 0]> : tensor<2xi32>
  %turned = tgnn.gather(%part, %known) : (tensor<2x8xf32>, tensor<2xi32>) -> tensor<2x8xf32>
  // Nor is anything known about a handle that is given.
  %near_asked = tgnn.sample %asked k(4) policy(recent) : !tgnn.neighbourhood
  %below = tgnn.frontier %asked, %near_asked key(node) : !tgnn.query
  %asked_nodes = tgnn.table %asked "nodes" : !tgnn.query -> tensor<?xi32>
  %asked_rows = tgnn.gather(%memory, %asked_nodes)
      : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  return
}
