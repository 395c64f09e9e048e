tgnn.model @odd sizes {dim = 8, "a b" = 2, neighbours = 3, layers = 1} neighbour_time(event_time) sampling(recent) {
  tgnn.layer @embed(%h: tensor<?x?xf32>, %n: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    %w = tgnn.parameter "w" [2 * "a b" + dim + 1] zeros : tensor<?xf32>
    tgnn.yield %h : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %t: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}
