// TPNet (Lu et al. 2024): how the temporal walks of a pair meet, of its ends and
// of their recent neighbours, by randomly projected walk matrices; the
// neighbours as tokens, mixed by perceptrons. Each end's embedding depends on
// the other, so that pairs are scored and nodes have no embedding of their own.

tgnn.model @tpnet sizes {dim = 172, time = 100, edge = 0, node = 0, neighbours = 20,
                         walk = 64, walk_width = 120} {

  tgnn.walks @walks order(3) width(walk_width) decay(1.0e-07)

  tgnn.layer @pair_walks(%features: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %w1 = tgnn.parameter "hidden" [walk, 4 * walk] uniform_fan_in : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [4 * walk] uniform_fan_in(walk) : tensor<?xf32>
    %linear = tgnn.linear %features, %w1, %b1 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %hidden = tgnn.relu %linear : tensor<?x?xf32> -> tensor<?x?xf32>
    %w2 = tgnn.parameter "result" [4 * walk, walk] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [walk] uniform_fan_in(4 * walk) : tensor<?xf32>
    %result = tgnn.linear %hidden, %w2, %b2 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %result : tensor<?x?xf32>
  }

  tgnn.layer @neighbour_walks(%features: tensor<?x?xf32>) -> tensor<?x?x?xf32> {
    %split = tgnn.reshape %features to [neighbours, walk]
        : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %rows = tgnn.reshape %split to [walk] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %w1 = tgnn.parameter "hidden" [walk, 4 * walk] uniform_fan_in : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [4 * walk] uniform_fan_in(walk) : tensor<?xf32>
    %linear = tgnn.linear %rows, %w1, %b1 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %hidden = tgnn.relu %linear : tensor<?x?xf32> -> tensor<?x?xf32>
    %w2 = tgnn.parameter "result" [4 * walk, walk] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [walk] uniform_fan_in(4 * walk) : tensor<?xf32>
    %result = tgnn.linear %hidden, %w2, %b2 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %tokens = tgnn.reshape %result to [neighbours, walk] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %tokens : tensor<?x?x?xf32>
  }

  tgnn.layer @tokens(%deltas: tensor<?x?xf32>, %others: tensor<?x?x?xf32>, %edges: tensor<?x?x?xf32>,
                     %source_walks: tensor<?x?x?xf32>, %destination_walks: tensor<?x?x?xf32>,
                     %counts: tensor<?xi32>) -> tensor<?x?x?xf32> {
    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies shared : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros shared : tensor<?xf32>
    %time = tgnn.time_encode(%deltas, %frequencies, %phases)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
    %all = tgnn.concat %others, %edges, %time, %source_walks, %destination_walks
        : tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %valid = tgnn.mask_tokens(%all, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    // Drawn as of features padded to dim columns, as DyGLib pads them.
    %w1 = tgnn.parameter "hidden" [node + edge + time + 2 * walk, 2 * dim] uniform_fan_in(2 * dim + time + 2 * walk) : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [2 * dim] uniform_fan_in(2 * dim + time + 2 * walk) : tensor<?xf32>
    %linear = tgnn.linear %valid, %w1, %b1 : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %hidden = tgnn.relu %linear : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %w2 = tgnn.parameter "result" [2 * dim, dim] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [dim] uniform_fan_in(2 * dim) : tensor<?xf32>
    %tokens = tgnn.linear %hidden, %w2, %b2 : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
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
    %tokens_kept = tgnn.dropout(%tokens_active, %seed) {rate = 0.1 : f32, salt = 0 : i64}
        : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %tokens_w2 = tgnn.parameter "tokens.result" [neighbours / 2, neighbours] uniform_fan_in : tensor<?x?xf32>
    %tokens_b2 = tgnn.parameter "tokens.result_bias" [neighbours] uniform_fan_in(neighbours / 2) : tensor<?xf32>
    %tokens_result = tgnn.linear %tokens_kept, %tokens_w2, %tokens_b2
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %tokens_change = tgnn.dropout(%tokens_result, %seed) {rate = 0.1 : f32, salt = 0 : i64}
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
    %channels_kept = tgnn.dropout(%channels_active, %seed) {rate = 0.1 : f32, salt = 0 : i64}
        : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %channels_w2 = tgnn.parameter "channels.result" [4 * dim, dim] uniform_fan_in : tensor<?x?xf32>
    %channels_b2 = tgnn.parameter "channels.result_bias" [dim] uniform_fan_in(4 * dim) : tensor<?xf32>
    %channels_result = tgnn.linear %channels_kept, %channels_w2, %channels_b2
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %channels_change = tgnn.dropout(%channels_result, %seed) {rate = 0.1 : f32, salt = 0 : i64}
        : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %next = tgnn.add %token_rows, %channels_change : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %result = tgnn.reshape %next to [neighbours, dim] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %result : tensor<?x?x?xf32>
  }

  tgnn.layer @summary(%tokens: tensor<?x?x?xf32>) -> tensor<?x?xf32> {
    %mean = tgnn.mean_tokens(%tokens) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
    tgnn.yield %mean : tensor<?x?xf32>
  }

  tgnn.layer @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>, %walks: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %all = tgnn.concat %source, %destination, %walks : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w1 = tgnn.parameter "hidden" [2 * dim + walk, dim] uniform_fan_in : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [dim] uniform_fan_in(2 * dim + walk) : tensor<?xf32>
    %linear = tgnn.linear %all, %w1, %b1 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %hidden = tgnn.relu %linear : tensor<?x?xf32> -> tensor<?x?xf32>
    %w2 = tgnn.parameter "result" [dim, 1] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [1] uniform_fan_in(dim) : tensor<?xf32>
    %logits = tgnn.linear %hidden, %w2, %b2 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %logits : tensor<?x?xf32>
  }

  tgnn.score (%queries: !tgnn.query) {
    %sources, %destinations = tgnn.pair_ends %queries : !tgnn.query, !tgnn.query
    %edge_features = tgnn.read "features:edge" : tensor<?x?xf32>
    %node_features = tgnn.read "features:node" : tensor<?x?xf32>

    %near_source = tgnn.sample %sources k(neighbours) policy(latest) : !tgnn.neighbourhood
    %deltas_source = tgnn.table %near_source "log_time_deltas" : !tgnn.neighbourhood -> tensor<?x?xf32>
    %counts_source = tgnn.table %near_source "counts" : !tgnn.neighbourhood -> tensor<?xi32>
    %events_source = tgnn.table %near_source "events" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %nodes_source = tgnn.table %near_source "nodes" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %edges_source = tgnn.gather(%edge_features, %events_source) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %others_source = tgnn.gather(%node_features, %nodes_source) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %to_source_source = tgnn.walk_features @walks, %near_source with %sources
        : !tgnn.neighbourhood -> !tgnn.walk_features
    %to_destination_source = tgnn.walk_features @walks, %near_source with %destinations
        : !tgnn.neighbourhood -> !tgnn.walk_features
    %source_walks_source = tgnn.table %to_source_source "features" : !tgnn.walk_features -> tensor<?x?xf32>
    %destination_walks_source = tgnn.table %to_destination_source "features"
        : !tgnn.walk_features -> tensor<?x?xf32>
    %source_rows_source = tgnn.apply @neighbour_walks "walks"(%source_walks_source) : (tensor<?x?xf32>) -> tensor<?x?x?xf32>
    %destination_rows_source = tgnn.apply @neighbour_walks "walks"(%destination_walks_source)
        : (tensor<?x?xf32>) -> tensor<?x?x?xf32>
    %tokens_source = tgnn.apply @tokens "tokens"(%deltas_source, %others_source, %edges_source,
        %source_rows_source, %destination_rows_source, %counts_source)
        : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %first_source = tgnn.apply @mix "mix1"(%tokens_source) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %second_source = tgnn.apply @mix "mix2"(%first_source) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %end_source = tgnn.apply @summary "summary"(%second_source) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>

    %near_destination = tgnn.sample %destinations k(neighbours) policy(latest) : !tgnn.neighbourhood
    %deltas_destination = tgnn.table %near_destination "log_time_deltas" : !tgnn.neighbourhood -> tensor<?x?xf32>
    %counts_destination = tgnn.table %near_destination "counts" : !tgnn.neighbourhood -> tensor<?xi32>
    %events_destination = tgnn.table %near_destination "events" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %nodes_destination = tgnn.table %near_destination "nodes" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %edges_destination = tgnn.gather(%edge_features, %events_destination) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %others_destination = tgnn.gather(%node_features, %nodes_destination) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %to_source_destination = tgnn.walk_features @walks, %near_destination with %sources
        : !tgnn.neighbourhood -> !tgnn.walk_features
    %to_destination_destination = tgnn.walk_features @walks, %near_destination with %destinations
        : !tgnn.neighbourhood -> !tgnn.walk_features
    %source_walks_destination = tgnn.table %to_source_destination "features" : !tgnn.walk_features -> tensor<?x?xf32>
    %destination_walks_destination = tgnn.table %to_destination_destination "features"
        : !tgnn.walk_features -> tensor<?x?xf32>
    %source_rows_destination = tgnn.apply @neighbour_walks "walks"(%source_walks_destination) : (tensor<?x?xf32>) -> tensor<?x?x?xf32>
    %destination_rows_destination = tgnn.apply @neighbour_walks "walks"(%destination_walks_destination)
        : (tensor<?x?xf32>) -> tensor<?x?x?xf32>
    %tokens_destination = tgnn.apply @tokens "tokens"(%deltas_destination, %others_destination, %edges_destination,
        %source_rows_destination, %destination_rows_destination, %counts_destination)
        : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %first_destination = tgnn.apply @mix "mix1"(%tokens_destination) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %second_destination = tgnn.apply @mix "mix2"(%first_destination) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %end_destination = tgnn.apply @summary "summary"(%second_destination) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>

    %between = tgnn.walk_features @walks, %sources with %destinations
        : !tgnn.query -> !tgnn.walk_features
    %between_features = tgnn.table %between "features" : !tgnn.walk_features -> tensor<?x?xf32>
    %pair = tgnn.apply @pair_walks "walks"(%between_features) : (tensor<?x?xf32>) -> tensor<?x?xf32>
    %logits = tgnn.apply @link "link"(%end_source, %end_destination, %pair)
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
    tgnn.yield %logits : tensor<?x?xf32>
  }
}
