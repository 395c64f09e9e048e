tgnn.model @halves sizes {dim = 8, neighbours = 3, layers = 1, node = 0, edge = 0}
    neighbour_time(query_time) sampling(recent) {
  tgnn.layer @embed(%h: tensor<?x?xf32>, %near: tensor<?x?x?xf32>, %e: tensor<?x?x?xf32>,
                    %d: tensor<?x?xf32>, %c: tensor<?xi32>) -> tensor<?x?xf32> {
    %half = tgnn.slice %near dimension(2) offset(dim / 2) size(input / 2) : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %rows = tgnn.reshape %half to [dim / 2] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %tokens = tgnn.reshape %rows to [neighbours, dim / 2] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %turned = tgnn.transpose %tokens : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %w = tgnn.parameter "w" [neighbours, 2] xavier : tensor<?x?xf32>
    %b = tgnn.parameter "b" [2] uniform_fan_in(neighbours) : tensor<?xf32>
    %p = tgnn.parameter "p" [dim * neighbours - 1, dim - 7 + neighbours / 7] normal : tensor<?x?xf32>
    %mixed = tgnn.linear %turned, %w, %b : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %y = tgnn.reshape %mixed to [2 * dim / 2] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    tgnn.yield %y : tensor<?x?xf32>
  }
  tgnn.state @memory [dim] message [dim] (%self: tensor<?x?xf32>, %other: tensor<?x?xf32>) {
  } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>, %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
    tgnn.yield %message : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}
