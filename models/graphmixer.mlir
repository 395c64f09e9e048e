// GraphMixer (Cong et al. 2023) as DyGLib has it (Yu et al. 2023): the events of
// the most recent neighbours as tokens, mixed by perceptrons; no neighbour is
// embedded itself, and time is encoded by fixed frequencies.

tgnn.model @graphmixer sizes {dim = 172, time = 100, edge = 0, node = 0, neighbours = 20} {

  tgnn.layer @tokens(%deltas: tensor<?x?xf32>, %edges: tensor<?x?x?xf32>,
                     %counts: tensor<?xi32>) -> tensor<?x?x?xf32> {
    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies fixed shared : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros fixed shared : tensor<?xf32>
    %time = tgnn.time_encode(%deltas, %frequencies, %phases)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
    %all = tgnn.concat %edges, %time : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %valid = tgnn.mask_tokens(%all, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    // Drawn as of features padded to dim columns, as DyGLib pads them.
    %w = tgnn.parameter "weight" [edge + time, dim] uniform_fan_in(dim + time) : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [dim] uniform_fan_in(dim + time) : tensor<?xf32>
    %tokens = tgnn.linear %valid, %w, %b : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %tokens : tensor<?x?x?xf32>
  }

  // A mixer block (Tolstikhin et al. 2021): a perceptron over the tokens of each
  // channel, then one over the channels of each token, each added to its input.
  tgnn.layer @mix(%tokens: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
    %seed = tgnn.read "input:dropout_seed" : i64
    %channels = tgnn.transpose %tokens : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %channel_rows = tgnn.reshape %channels to [neighbours] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %tokens_scale = tgnn.parameter "tokens.scale" [neighbours] ones : tensor<?xf32>
    %tokens_shift = tgnn.parameter "tokens.shift" [neighbours] zeros : tensor<?xf32>
    %tokens_normal, %tokens_statistics = tgnn.layer_norm(%channel_rows, %tokens_scale, %tokens_shift)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x2xf32>)
    %tokens_w1 = tgnn.parameter "tokens.hidden" [neighbours, neighbours / 2] uniform_fan_in : tensor<?x?xf32>
    %tokens_b1 = tgnn.parameter "tokens.hidden_bias" [neighbours / 2] uniform_fan_in(neighbours) : tensor<?xf32>
    %tokens_hidden = tgnn.linear %tokens_normal, %tokens_w1, %tokens_b1
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %tokens_active = tgnn.gelu %tokens_hidden : tensor<?x?xf32> -> tensor<?x?xf32>
    %tokens_kept = tgnn.dropout(%tokens_active, %seed) {rate = 0.5 : f32, salt = 0 : i64}
        : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %tokens_w2 = tgnn.parameter "tokens.result" [neighbours / 2, neighbours] uniform_fan_in : tensor<?x?xf32>
    %tokens_b2 = tgnn.parameter "tokens.result_bias" [neighbours] uniform_fan_in(neighbours / 2) : tensor<?xf32>
    %tokens_result = tgnn.linear %tokens_kept, %tokens_w2, %tokens_b2
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %tokens_change = tgnn.dropout(%tokens_result, %seed) {rate = 0.5 : f32, salt = 0 : i64}
        : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %by_channel = tgnn.reshape %tokens_change to [dim, neighbours] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %mixed_tokens = tgnn.transpose %by_channel : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %between = tgnn.add %tokens, %mixed_tokens : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>

    %token_rows = tgnn.reshape %between to [dim] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %channels_scale = tgnn.parameter "channels.scale" [dim] ones : tensor<?xf32>
    %channels_shift = tgnn.parameter "channels.shift" [dim] zeros : tensor<?xf32>
    %channels_normal, %channels_statistics = tgnn.layer_norm(%token_rows, %channels_scale, %channels_shift)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x2xf32>)
    %channels_w1 = tgnn.parameter "channels.hidden" [dim, 4 * dim] uniform_fan_in : tensor<?x?xf32>
    %channels_b1 = tgnn.parameter "channels.hidden_bias" [4 * dim] uniform_fan_in(dim) : tensor<?xf32>
    %channels_hidden = tgnn.linear %channels_normal, %channels_w1, %channels_b1
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %channels_active = tgnn.gelu %channels_hidden : tensor<?x?xf32> -> tensor<?x?xf32>
    %channels_kept = tgnn.dropout(%channels_active, %seed) {rate = 0.5 : f32, salt = 0 : i64}
        : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %channels_w2 = tgnn.parameter "channels.result" [4 * dim, dim] uniform_fan_in : tensor<?x?xf32>
    %channels_b2 = tgnn.parameter "channels.result_bias" [dim] uniform_fan_in(4 * dim) : tensor<?xf32>
    %channels_result = tgnn.linear %channels_kept, %channels_w2, %channels_b2
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %channels_change = tgnn.dropout(%channels_result, %seed) {rate = 0.5 : f32, salt = 0 : i64}
        : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %next = tgnn.add %token_rows, %channels_change : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %result = tgnn.reshape %next to [neighbours, dim] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %result : tensor<?x?x?xf32>
  }

  tgnn.layer @summary(%tokens: tensor<?x?x?xf32>, %own: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %mean = tgnn.mean_tokens(%tokens) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %both = tgnn.concat %mean, %own : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    // As of padded features, too.
    %w = tgnn.parameter "weight" [dim + node, dim] uniform_fan_in(2 * dim) : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [dim] uniform_fan_in(2 * dim) : tensor<?xf32>
    %embedding = tgnn.linear %both, %w, %b : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %embedding : tensor<?x?xf32>
  }

  tgnn.encode (%queries: !tgnn.query) {
    // The latest first: a token's place says how recent it is.
    %near = tgnn.sample %queries k(neighbours) policy(latest) : !tgnn.neighbourhood
    %deltas = tgnn.table %near "time_deltas" : !tgnn.neighbourhood -> tensor<?x?xf32>
    %counts = tgnn.table %near "counts" : !tgnn.neighbourhood -> tensor<?xi32>
    %events = tgnn.table %near "events" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %features = tgnn.read "features:edge" : tensor<?x?xf32>
    %edges = tgnn.gather(%features, %events) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %nodes = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
    %node_features = tgnn.read "features:node" : tensor<?x?xf32>
    %own = tgnn.gather(%node_features, %nodes) : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %tokens = tgnn.apply @tokens "tokens"(%deltas, %edges, %counts)
        : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %first = tgnn.apply @mix "mix1"(%tokens) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %second = tgnn.apply @mix "mix2"(%first) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %embedding = tgnn.apply @summary "summary"(%second, %own)
        : (tensor<?x?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
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
