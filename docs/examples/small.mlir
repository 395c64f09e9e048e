// The model of docs/compiler.md: one layer that attends over two neighbours, and
// a decoder. It has no state, so that its steps fit on a page.

tgnn.model @small sizes {dim = 4, time = 4, edge = 0, node = 0, heads = 1,
                         neighbours = 2, layers = 1}
    neighbour_time(query_time) sampling(recent) {

  tgnn.layer @embed(%h: tensor<?x?xf32>, %neighbours: tensor<?x?x?xf32>,
                    %edges: tensor<?x?x?xf32>, %deltas: tensor<?x?xf32>,
                    %counts: tensor<?xi32>) -> tensor<?x?xf32> {
    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies fixed shared : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros fixed shared : tensor<?xf32>
    %time = tgnn.time_encode(%deltas, %frequencies, %phases)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
    %keys = tgnn.concat %neighbours, %edges, %time
        : tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %wq = tgnn.parameter "query" [input, input] xavier : tensor<?x?xf32>
    %bq = tgnn.parameter "query_bias" [input] zeros : tensor<?xf32>
    %query = tgnn.linear %h, %wq, %bq
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %wk = tgnn.parameter "key" [heads, input + edge + time, input] xavier : tensor<?x?x?xf32>
    %wv = tgnn.parameter "value" [heads, input + edge + time, dim] xavier : tensor<?x?x?xf32>
    %attended = tgnn.temporal_attention %query, %keys, %counts, %wk, %wv
        : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>, tensor<?x?x?xf32>,
           tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %wo = tgnn.parameter "output" [dim, dim] xavier : tensor<?x?xf32>
    %bo = tgnn.parameter "output_bias" [dim] zeros : tensor<?xf32>
    %next = tgnn.linear %attended, %wo, %bo
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %next : tensor<?x?xf32>
  }

  tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %both = tgnn.concat %source, %destination : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w = tgnn.parameter "weight" [2 * dim, 1] xavier : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [1] zeros : tensor<?xf32>
    %logits = tgnn.linear %both, %w, %b
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %logits : tensor<?x?xf32>
  }
}
