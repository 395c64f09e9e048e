// reuse: push-pull
tgnn.model @identity sizes {dim = 8, edge = 0, node = 0, neighbours = 3, layers = 2} neighbour_time(event_time) sampling(recent) {
  tgnn.layer @embed(%h: tensor<?x?xf32>, %n: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    %w = tgnn.parameter "w" [input, dim] xavier : tensor<?x?xf32>
    %b = tgnn.parameter "b" [dim] zeros : tensor<?xf32>
    %y = tgnn.linear %h, %w, %b : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %y : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %t: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %p = tgnn.concat %s, %t : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w = tgnn.parameter "w" [2 * dim, 1] xavier : tensor<?x?xf32>
    %b = tgnn.parameter "b" [1] zeros : tensor<?xf32>
    %y = tgnn.linear %p, %w, %b : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %y : tensor<?x?xf32>
  }
}
