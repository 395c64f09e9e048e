// TGN (Rossi et al. 2020) as DyGLib has it (Yu et al. 2023): one layer of attention
// with a residual and layer normalisation, and matrices drawn as PyTorch draws
// them; models/tgn.mlir has it as Orca measures it. DyGLib learns the frequencies
// of the time encoding, from the attention alone; here they are fixed, for a step
// of 1e-4 is whole turns at gaps of days. Where a node occurs more than once in a
// batch, DyGLib keeps the message of the latest event that it was the destination
// of.

tgnn.model @tgn_dyglib sizes {dim = 172, time = 100, edge = 0, node = 0, heads = 2,
                              neighbours = 10, layers = 1}
    neighbour_time(query_time) sampling(recent) messages(destination_last) {

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
    %wi = tgnn.parameter "input" [2 * dim + edge + time, 3 * dim] uniform_fan_in(dim) : tensor<?x?xf32>
    %bi = tgnn.parameter "input_bias" [3 * dim] uniform_fan_in(dim) : tensor<?xf32>
    %ws = tgnn.parameter "state" [dim, 3 * dim] uniform_fan_in : tensor<?x?xf32>
    %bs = tgnn.parameter "state_bias" [3 * dim] uniform_fan_in(dim) : tensor<?xf32>
    %next = tgnn.gru %input, %state, %wi, %bi, %ws, %bs
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>,
           tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
    tgnn.yield %next : tensor<?x?xf32>
  }

  tgnn.layer @embed(%own: tensor<?x?xf32>, %neighbours: tensor<?x?x?xf32>,
                    %edges: tensor<?x?x?xf32>, %deltas: tensor<?x?xf32>,
                    %counts: tensor<?xi32>) -> tensor<?x?xf32> {
    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies fixed shared : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros fixed shared : tensor<?xf32>
    // The query is [state ‖ φ(0)], and φ(0) = cos(0) is one.
    %one = tgnn.parameter "time.zero" [time] ones fixed shared : tensor<?xf32>
    %now = tgnn.broadcast_rows %one like %own : tensor<?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %asking = tgnn.concat %own, %now : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %wq = tgnn.parameter "query" [dim + time, dim + time] uniform_fan_in : tensor<?x?xf32>
    %query = tgnn.contract "qi,io->qo" %asking, %wq : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %time = tgnn.time_encode(%deltas, %frequencies, %phases)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
    %keys = tgnn.concat %neighbours, %edges, %time
        : tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    // Drawn as of features padded to dim columns, as DyGLib pads them.
    %wk = tgnn.parameter "key" [heads, dim + edge + time, head] uniform_fan_in(2 * dim + time) : tensor<?x?x?xf32>
    %wv = tgnn.parameter "value" [heads, dim + edge + time, head] uniform_fan_in(2 * dim + time) : tensor<?x?x?xf32>
    %attended = tgnn.temporal_attention %query, %keys, %counts, %wk, %wv {dropout = 0.1 : f32}
        : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>, tensor<?x?x?xf32>,
           tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %wo = tgnn.parameter "output" [dim + time, dim + time] uniform_fan_in : tensor<?x?xf32>
    %bo = tgnn.parameter "output_bias" [dim + time] uniform_fan_in(dim + time) : tensor<?xf32>
    %projected = tgnn.linear %attended, %wo, %bo
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %seed = tgnn.read "input:dropout_seed" : i64
    %kept = tgnn.dropout(%projected, %seed) {rate = 0.1 : f32, salt = 0 : i64}
        : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %sum = tgnn.add %asking, %kept : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %scale = tgnn.parameter "scale" [dim + time] ones : tensor<?xf32>
    %shift = tgnn.parameter "shift" [dim + time] zeros : tensor<?xf32>
    %normal, %statistics = tgnn.layer_norm(%sum, %scale, %shift)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x2xf32>)

    %both = tgnn.concat %normal, %own : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w1 = tgnn.parameter "hidden" [2 * dim + time, dim] uniform_fan_in : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [dim] uniform_fan_in(2 * dim + time) : tensor<?xf32>
    %linear = tgnn.linear %both, %w1, %b1
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %hidden = tgnn.relu %linear : tensor<?x?xf32> -> tensor<?x?xf32>
    %w2 = tgnn.parameter "result" [dim, dim] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [dim] uniform_fan_in(dim) : tensor<?xf32>
    %result = tgnn.linear %hidden, %w2, %b2
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %result : tensor<?x?xf32>
  }

  tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %both = tgnn.concat %source, %destination : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w1 = tgnn.parameter "hidden" [2 * dim, dim] uniform_fan_in : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [dim] uniform_fan_in(2 * dim) : tensor<?xf32>
    %linear = tgnn.linear %both, %w1, %b1
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %hidden = tgnn.relu %linear : tensor<?x?xf32> -> tensor<?x?xf32>
    %w2 = tgnn.parameter "result" [dim, 1] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [1] uniform_fan_in(dim) : tensor<?xf32>
    %logits = tgnn.linear %hidden, %w2, %b2
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %logits : tensor<?x?xf32>
  }
}
