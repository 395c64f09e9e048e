// TGAT (Xu et al. 2020): no state; layer 0 is the nodes' features, neighbours
// are embedded at their event's time, and the time encoding is learnt.

tgnn.model @tgat sizes {dim = 100, time = 100, edge = 0, node = 0, heads = 2,
                        neighbours = 10, layers = 2}
    neighbour_time(event_time) sampling(recent) {

  tgnn.layer @embed(%h: tensor<?x?xf32>, %neighbours: tensor<?x?x?xf32>,
                    %edges: tensor<?x?x?xf32>, %deltas: tensor<?x?xf32>,
                    %counts: tensor<?xi32>) -> tensor<?x?xf32> {
    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies shared : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros shared : tensor<?xf32>

    // The query is [h ‖ φ(0)] with φ(0) = cos(b).
    %zero = tgnn.parameter "time.zero" [1] zeros fixed shared : tensor<?xf32>
    %encoded = tgnn.time_encode(%zero, %frequencies, %phases)
        : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
    %cosine = tgnn.sum_rows %encoded : tensor<?x?xf32> -> tensor<?xf32>
    %now = tgnn.broadcast_rows %cosine like %h : tensor<?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %own = tgnn.concat %h, %now : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %wq = tgnn.parameter "query" [input + time, input + time] xavier : tensor<?x?xf32>
    %bq = tgnn.parameter "query_bias" [input + time] zeros : tensor<?xf32>
    %query = tgnn.linear %own, %wq, %bq
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>

    %time = tgnn.time_encode(%deltas, %frequencies, %phases)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
    %keys = tgnn.concat %neighbours, %edges, %time
        : tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %wk = tgnn.parameter "key" [heads, input + edge + time, head] xavier : tensor<?x?x?xf32>
    %wv = tgnn.parameter "value" [heads, input + edge + time, head] xavier : tensor<?x?x?xf32>
    %attended = tgnn.temporal_attention %query, %keys, %counts, %wk, %wv {dropout = 0.4 : f32}
        : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>, tensor<?x?x?xf32>,
           tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %wo = tgnn.parameter "output" [input + time, input + time] xavier : tensor<?x?xf32>
    %bo = tgnn.parameter "output_bias" [input + time] zeros : tensor<?xf32>
    %projected = tgnn.linear %attended, %wo, %bo
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %attention = tgnn.mask_rows(%projected, %counts)
        : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>

    %both = tgnn.concat %attention, %h : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w1 = tgnn.parameter "hidden" [2 * input + time, dim] xavier : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [dim] zeros : tensor<?xf32>
    %linear = tgnn.linear %both, %w1, %b1
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %hidden = tgnn.relu %linear : tensor<?x?xf32> -> tensor<?x?xf32>
    %w2 = tgnn.parameter "result" [dim, dim] xavier : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [dim] zeros : tensor<?xf32>
    %next = tgnn.linear %hidden, %w2, %b2
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %next : tensor<?x?xf32>
  }

  tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %both = tgnn.concat %source, %destination : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w1 = tgnn.parameter "hidden" [2 * dim, dim] xavier : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [dim] zeros : tensor<?xf32>
    %linear = tgnn.linear %both, %w1, %b1
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %hidden = tgnn.relu %linear : tensor<?x?xf32> -> tensor<?x?xf32>
    %w2 = tgnn.parameter "result" [dim, 1] xavier : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [1] zeros : tensor<?xf32>
    %logits = tgnn.linear %hidden, %w2, %b2
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %logits : tensor<?x?xf32>
  }
}
