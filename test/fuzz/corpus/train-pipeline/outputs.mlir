// reuse: none
tgnn.model @outputs sizes {dim = 8, edge = 0, node = 4} {
  tgnn.encode (%queries: !tgnn.query) {
    %near = tgnn.sample %queries k(3) policy(latest) : !tgnn.neighbourhood
    %nodes = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
    %deltas = tgnn.table %near "time_deltas" : !tgnn.neighbourhood -> tensor<?x?xf32>
    %features = tgnn.read "features:node" : tensor<?x?xf32>
    %rows = tgnn.gather(%features, %nodes) : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    tgnn.output %deltas as "deltas" rows_of(%nodes : tensor<?xi32>) : tensor<?x?xf32>
    tgnn.output %rows as "features" rows(targets) : tensor<?x?xf32>
    tgnn.yield %rows : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %t: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %p = tgnn.concat %s, %t : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w = tgnn.parameter "w" [2 * node, 1] xavier : tensor<?x?xf32>
    %b = tgnn.parameter "b" [1] zeros : tensor<?xf32>
    %y = tgnn.linear %p, %w, %b : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %y : tensor<?x?xf32>
  }
}
