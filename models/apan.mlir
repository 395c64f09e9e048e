// APAN (Wang et al. 2021): a node's embedding is made of the embedding that it
// had when it last met another and of the mails that it was sent since. Mails
// reach the ends of an event and their recent neighbours, so that no neighbour
// is looked for when a node is asked about.

tgnn.model @apan sizes {dim = 172, time = 100, edge = 0, node = 0, heads = 2,
                        neighbours = 20, slots = 10} {

  tgnn.mailbox @memory width(dim) slots(1) keep(last)
      (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>, %edge: tensor<?x?xf32>) {
    tgnn.yield %own : tensor<?x?xf32>
  }

  tgnn.mailbox @mails width(dim + edge) slots(slots) neighbours(neighbours) keep(mean)
      (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>, %edge: tensor<?x?xf32>) {
    %ends = tgnn.add %own, %other : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %mail = tgnn.concat %ends, %edge : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    tgnn.yield %mail : tensor<?x?xf32>
  }

  tgnn.layer @embed(%memory: tensor<?x?x?xf32>, %since: tensor<?x?xf32>,
                    %mails: tensor<?x?x?xf32>, %ages: tensor<?x?xf32>,
                    %counts: tensor<?xi32>) -> tensor<?x?xf32> {
    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies fixed shared : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros fixed shared : tensor<?xf32>
    %state = tgnn.reshape %memory to [input] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %elapsed = tgnn.time_encode(%since, %frequencies, %phases)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
    %now = tgnn.reshape %elapsed to [time] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %own = tgnn.concat %state, %now : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %wq = tgnn.parameter "query" [input + time, input + time] xavier : tensor<?x?xf32>
    %bq = tgnn.parameter "query_bias" [input + time] zeros : tensor<?xf32>
    %query = tgnn.linear %own, %wq, %bq
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>

    // Where a mail lies among the others counts beside its age.
    %positions = tgnn.parameter "positions" [slots, dim + edge] uniform_fan_in : tensor<?x?xf32>
    %places = tgnn.broadcast_rows %positions like %mails
        : tensor<?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %placed = tgnn.add %mails, %places : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %times = tgnn.time_encode(%ages, %frequencies, %phases)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
    %keys = tgnn.concat %placed, %times
        : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %wk = tgnn.parameter "key" [heads, dim + edge + time, head] xavier : tensor<?x?x?xf32>
    %wv = tgnn.parameter "value" [heads, dim + edge + time, head] xavier : tensor<?x?x?xf32>
    %attended = tgnn.temporal_attention %query, %keys, %counts, %wk, %wv {dropout = 0.1 : f32}
        : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>, tensor<?x?x?xf32>,
           tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %wo = tgnn.parameter "output" [input + time, dim] uniform_fan_in : tensor<?x?xf32>
    %bo = tgnn.parameter "output_bias" [dim] zeros : tensor<?xf32>
    %read = tgnn.linear %attended, %wo, %bo
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>

    %all = tgnn.concat %own, %read : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %scale = tgnn.parameter "scale" [2 * dim + time] ones : tensor<?xf32>
    %shift = tgnn.parameter "shift" [2 * dim + time] zeros : tensor<?xf32>
    %normal, %statistics = tgnn.layer_norm(%all, %scale, %shift)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x2xf32>)
    %seed = tgnn.read "input:dropout_seed" : i64
    %kept = tgnn.dropout(%normal, %seed) {rate = 0.1 : f32, salt = 0 : i64}
        : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %w1 = tgnn.parameter "hidden" [2 * dim + time, 3 * dim / 2] uniform_fan_in : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [3 * dim / 2] uniform_fan_in(2 * dim + time) : tensor<?xf32>
    %linear = tgnn.linear %kept, %w1, %b1
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %hidden = tgnn.relu %linear : tensor<?x?xf32> -> tensor<?x?xf32>
    %w2 = tgnn.parameter "result" [3 * dim / 2, dim] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [dim] uniform_fan_in(3 * dim / 2) : tensor<?xf32>
    %result = tgnn.linear %hidden, %w2, %b2
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %result : tensor<?x?xf32>
  }

  tgnn.encode (%queries: !tgnn.query) {
    %last = tgnn.mails @memory at %queries : !tgnn.mails
    %last_row = tgnn.table %last "rows" : !tgnn.mails -> tensor<?x?xi32>
    %since = tgnn.table %last "time_deltas" : !tgnn.mails -> tensor<?x?xf32>
    %memories = tgnn.read "mail:memory" : tensor<?x?xf32>
    %memory = tgnn.gather(%memories, %last_row) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %received = tgnn.mails @mails at %queries : !tgnn.mails
    %rows = tgnn.table %received "rows" : !tgnn.mails -> tensor<?x?xi32>
    %ages = tgnn.table %received "time_deltas" : !tgnn.mails -> tensor<?x?xf32>
    %counts = tgnn.table %received "counts" : !tgnn.mails -> tensor<?xi32>
    %stored = tgnn.read "mail:mails" : tensor<?x?xf32>
    %mails = tgnn.gather(%stored, %rows) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %embedding = tgnn.apply @embed "embed"(%memory, %since, %mails, %ages, %counts)
        : (tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    tgnn.yield %embedding : tensor<?x?xf32>
  }

  tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %both = tgnn.concat %source, %destination : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %seed = tgnn.read "input:dropout_seed" : i64
    %kept = tgnn.dropout(%both, %seed) {rate = 0.1 : f32, salt = 0 : i64}
        : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %w1 = tgnn.parameter "hidden" [2 * dim, dim] uniform_fan_in : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [dim] uniform_fan_in(2 * dim) : tensor<?xf32>
    %linear = tgnn.linear %kept, %w1, %b1
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %hidden = tgnn.relu %linear : tensor<?x?xf32> -> tensor<?x?xf32>
    %w2 = tgnn.parameter "result" [dim, 1] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [1] uniform_fan_in(dim) : tensor<?xf32>
    %logits = tgnn.linear %hidden, %w2, %b2
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %logits : tensor<?x?xf32>
  }
}
