// JODIE (Kumar et al. 2019) as DyGLib has it for link prediction (Yu et al.
// 2023): a recurrent state per node, projected forward by the time since its
// last update. No neighbour is read. Where a node occurs more than once in a
// batch, DyGLib keeps the message of the latest event that it was the
// destination of.

tgnn.model @jodie sizes {dim = 172, time = 100, edge = 0, node = 0}
    messages(destination_last) {

  tgnn.state @memory [dim]
      message [2 * dim] (%self: tensor<?x?xf32>, %other: tensor<?x?xf32>) {
    %message = tgnn.concat %self, %other : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    tgnn.yield %message : tensor<?x?xf32>
  } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>,
            %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies fixed shared : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros fixed shared : tensor<?xf32>
    %time = tgnn.time_encode(%delta, %frequencies, %phases)
        : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
    %input = tgnn.concat %message, %edge, %time
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %wi = tgnn.parameter "input" [2 * dim + edge + time, dim] uniform_fan_in(dim) : tensor<?x?xf32>
    %bi = tgnn.parameter "input_bias" [dim] uniform_fan_in(dim) : tensor<?xf32>
    %ws = tgnn.parameter "state" [dim, dim] uniform_fan_in : tensor<?x?xf32>
    %bs = tgnn.parameter "state_bias" [dim] uniform_fan_in(dim) : tensor<?xf32>
    %next = tgnn.rnn_cell %input, %state, %wi, %bi, %ws, %bs
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
    tgnn.yield %next : tensor<?x?xf32>
  }

  // The state times 1 + w · d + b, where d is the time since the last update,
  // standardised over the training events of the node's role.
  tgnn.layer @project(%memory: tensor<?x?xf32>, %deltas: tensor<?xf32>, %roles: tensor<?xi32>) -> tensor<?x?xf32> {
    %rates = tgnn.parameter "gap.rates" [2, 1] gap_rates fixed : tensor<?x?xf32>
    %shifts = tgnn.parameter "gap.shifts" [2, 1] gap_shifts fixed : tensor<?x?xf32>
    %rate = tgnn.gather(%rates, %roles) : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %shift = tgnn.gather(%shifts, %roles) : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %column = tgnn.reshape %deltas to [1] : tensor<?xf32> -> tensor<?x?xf32>
    %scaled = tgnn.mul %column, %rate : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %standard = tgnn.add %scaled, %shift : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w = tgnn.parameter "weight" [1, dim] uniform_fan_in : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [dim] uniform_fan_in(1) : tensor<?xf32>
    %growth = tgnn.linear %standard, %w, %b : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %change = tgnn.mul %memory, %growth : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %projected = tgnn.add %memory, %change : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %seed = tgnn.read "input:dropout_seed" : i64
    %kept = tgnn.dropout(%projected, %seed) {rate = 0.1 : f32, salt = 0 : i64}
        : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    tgnn.yield %kept : tensor<?x?xf32>
  }

  tgnn.encode (%queries: !tgnn.query) {
    %nodes = tgnn.distinct %queries key(node) : !tgnn.query
    %states = tgnn.state_rows @memory at %nodes : tensor<?x?xf32>
    %self = tgnn.table %nodes "self" : !tgnn.query -> tensor<?xi32>
    %memory = tgnn.gather(%states, %self) : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %since = tgnn.elapsed %queries : !tgnn.elapsed
    %deltas = tgnn.table %since "time_deltas" : !tgnn.elapsed -> tensor<?xf32>
    %roles = tgnn.table %queries "roles" : !tgnn.query -> tensor<?xi32>
    %embedding = tgnn.apply @project "project"(%memory, %deltas, %roles)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    tgnn.yield %embedding : tensor<?x?xf32>
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
