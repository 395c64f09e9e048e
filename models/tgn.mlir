// TGN as Orca measures it (Rossi et al. 2020; Li et al. 2023, section 6): a
// GRU state per node, attention over the k most recent neighbours at the
// query's time, a two-layer perceptron and layer normalisation.

tgnn.model @tgn sizes {dim = 100, time = 100, edge = 0, node = 0, heads = 2,
                       neighbours = 10, layers = 2}
    neighbour_time(query_time) sampling(recent) {

  tgnn.state @memory [dim]
      message [2 * dim] (%self: tensor<?x?xf32>, %other: tensor<?x?xf32>) {
    %message = tgnn.concat %self, %other
        : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    tgnn.yield %message : tensor<?x?xf32>
  } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>,
            %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies fixed shared : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros fixed shared : tensor<?xf32>
    %time = tgnn.time_encode(%delta, %frequencies, %phases)
        : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
    %input = tgnn.concat %message, %edge, %time
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %wi = tgnn.parameter "input" [2 * dim + edge + time, 3 * dim] uniform_fan_in : tensor<?x?xf32>
    %bi = tgnn.parameter "input_bias" [3 * dim] zeros : tensor<?xf32>
    %ws = tgnn.parameter "state" [dim, 3 * dim] uniform_fan_in : tensor<?x?xf32>
    %bs = tgnn.parameter "state_bias" [3 * dim] zeros : tensor<?xf32>
    %next = tgnn.gru %input, %state, %wi, %bi, %ws, %bs
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>,
           tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
    tgnn.yield %next : tensor<?x?xf32>
  }

  tgnn.layer @embed(%h: tensor<?x?xf32>, %neighbours: tensor<?x?x?xf32>,
                    %edges: tensor<?x?x?xf32>, %deltas: tensor<?x?xf32>,
                    %counts: tensor<?xi32>) -> tensor<?x?xf32> {
    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies fixed shared : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros fixed shared : tensor<?xf32>

    // The query is [h ‖ φ(0)], and φ(0) = cos(0) is one.
    %one = tgnn.parameter "time.zero" [time] ones fixed shared : tensor<?xf32>
    %now = tgnn.broadcast_rows %one like %h : tensor<?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
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
    %result = tgnn.linear %hidden, %w2, %b2
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %scale = tgnn.parameter "scale" [dim] ones : tensor<?xf32>
    %shift = tgnn.parameter "shift" [dim] zeros : tensor<?xf32>
    %next, %statistics = tgnn.layer_norm(%result, %scale, %shift)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x2xf32>)
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
