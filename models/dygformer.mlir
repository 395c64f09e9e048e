// DyGFormer (Yu et al. 2023): a transformer over the histories of both ends of a
// pair, cut into patches, and over how often each node of one occurs in either.
// Each end's embedding depends on the other, so that pairs are scored and nodes
// have no embedding of their own.

tgnn.model @dygformer sizes {dim = 172, time = 100, edge = 0, node = 0, heads = 2,
                             channel = 50, patches = 32, patch = 1} {

  // How often a node occurs: of its own sequence and of the other's counts, the
  // sum of one perceptron's results.
  tgnn.layer @occurrence(%own: tensor<?x?xf32>, %other: tensor<?x?xf32>) -> tensor<?x?x?xf32> {
    %w1 = tgnn.parameter "hidden" [1, channel] uniform_fan_in : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [channel] uniform_fan_in(1) : tensor<?xf32>
    %own_counts = tgnn.reshape %own to [patches * patch, 1] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %own_linear = tgnn.linear %own_counts, %w1, %b1 : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %own_hidden = tgnn.relu %own_linear : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %other_counts = tgnn.reshape %other to [patches * patch, 1] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %other_linear = tgnn.linear %other_counts, %w1, %b1 : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %other_hidden = tgnn.relu %other_linear : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %hidden = tgnn.add %own_hidden, %other_hidden : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %w2 = tgnn.parameter "result" [channel, channel] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [channel] uniform_fan_in(channel) : tensor<?xf32>
    // Its bias counts for both.
    %twice = tgnn.add %b2, %b2 : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
    %result = tgnn.linear %hidden, %w2, %twice : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %result : tensor<?x?x?xf32>
  }

  // A sequence is the node itself and then its neighbours, the latest last. A
  // patch is some places in a row; of features, events, times and occurrences
  // each has its own channels. Matrices of features are drawn by `patch * dim`,
  // to which DyGLib pads features.
  tgnn.layer @tokens(%own: tensor<?x?xf32>, %others: tensor<?x?x?xf32>, %edges: tensor<?x?x?xf32>,
                     %deltas: tensor<?x?xf32>, %counts: tensor<?xi32>,
                     %occurrence: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
    // A column of zeros stands where a stream has no features.
    %zero = tgnn.parameter "time.zero" [1] zeros fixed shared : tensor<?xf32>
    %zero_own = tgnn.broadcast_rows %zero like %own : tensor<?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %delta_columns = tgnn.reshape %deltas to [patches * patch - 1, 1] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %zero_others = tgnn.zeros_like %delta_columns : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %wide_own = tgnn.concat %own, %zero_own : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %wide_others = tgnn.concat %others, %zero_others : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %others_row = tgnn.reshape %wide_others
        to [patches * patch * node + patches * patch - node - 1] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %nodes_row = tgnn.concat %wide_own, %others_row : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %nodes_all = tgnn.reshape %nodes_row to [patches * patch, node + 1] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %nodes = tgnn.mask_tokens(%nodes_all, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>

    // The node itself was met in no event.
    %wide_edges = tgnn.concat %edges, %zero_others : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %edges_row = tgnn.reshape %wide_edges
        to [patches * patch * edge + patches * patch - edge - 1] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %first_edge = tgnn.slice %edges_row dimension(1) offset(0) size(edge + 1) : tensor<?x?xf32> -> tensor<?x?xf32>
    %no_edge = tgnn.zeros_like %first_edge : tensor<?x?xf32> -> tensor<?x?xf32>
    %all_edges_row = tgnn.concat %no_edge, %edges_row : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %edges_all = tgnn.reshape %all_edges_row to [patches * patch, edge + 1] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %events = tgnn.mask_tokens(%edges_all, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>

    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies shared : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros shared : tensor<?xf32>
    %now = tgnn.broadcast_rows %zero like %deltas : tensor<?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %all_deltas = tgnn.concat %now, %deltas : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %encoded = tgnn.time_encode(%all_deltas, %frequencies, %phases)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
    %times = tgnn.mask_tokens(%encoded, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>

    %node_row = tgnn.reshape %nodes to [patches * patch * node + patches * patch] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %node_patches = tgnn.reshape %node_row to [patches, patch * node + patch] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %node_w = tgnn.parameter "node" [patch * node + patch, channel] uniform_fan_in(patch * dim) : tensor<?x?xf32>
    %node_b = tgnn.parameter "node_bias" [channel] uniform_fan_in(patch * dim) : tensor<?xf32>
    %node_channel = tgnn.linear %node_patches, %node_w, %node_b : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %edge_row = tgnn.reshape %events to [patches * patch * edge + patches * patch] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %edge_patches = tgnn.reshape %edge_row to [patches, patch * edge + patch] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %edge_w = tgnn.parameter "edge" [patch * edge + patch, channel] uniform_fan_in(patch * dim) : tensor<?x?xf32>
    %edge_b = tgnn.parameter "edge_bias" [channel] uniform_fan_in(patch * dim) : tensor<?xf32>
    %edge_channel = tgnn.linear %edge_patches, %edge_w, %edge_b : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %time_row = tgnn.reshape %times to [patches * patch * time] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %time_patches = tgnn.reshape %time_row to [patches, patch * time] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %time_w = tgnn.parameter "time" [patch * time, channel] uniform_fan_in : tensor<?x?xf32>
    %time_b = tgnn.parameter "time_bias" [channel] uniform_fan_in(patch * time) : tensor<?xf32>
    %time_channel = tgnn.linear %time_patches, %time_w, %time_b : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %occurrence_row = tgnn.reshape %occurrence to [patches * patch * channel] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %occurrence_patches = tgnn.reshape %occurrence_row to [patches, patch * channel] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %occurrence_w = tgnn.parameter "occurrence" [patch * channel, channel] uniform_fan_in : tensor<?x?xf32>
    %occurrence_b = tgnn.parameter "occurrence_bias" [channel] uniform_fan_in(patch * channel) : tensor<?xf32>
    %occurrence_channel = tgnn.linear %occurrence_patches, %occurrence_w, %occurrence_b : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %tokens = tgnn.concat %node_channel, %edge_channel, %time_channel, %occurrence_channel
        : tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %tokens : tensor<?x?x?xf32>
  }

  // The patches of both ends, the source's first.
  tgnn.layer @join(%source: tensor<?x?x?xf32>, %destination: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
    %source_row = tgnn.reshape %source to [4 * patches * channel] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %destination_row = tgnn.reshape %destination to [4 * patches * channel] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %row = tgnn.concat %source_row, %destination_row : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %tokens = tgnn.reshape %row to [2 * patches, 4 * channel] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %tokens : tensor<?x?x?xf32>
  }

  // A transformer block (Vaswani et al. 2017), normalised before; all patches
  // are attended to, also those behind a sequence's end. A key's bias would do
  // nothing, since the softmax cancels it.
  tgnn.layer @block(%tokens: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
    %seed = tgnn.read "input:dropout_seed" : i64
    %rows = tgnn.reshape %tokens to [4 * channel] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %scale1 = tgnn.parameter "attention_scale" [4 * channel] ones : tensor<?xf32>
    %shift1 = tgnn.parameter "attention_shift" [4 * channel] zeros : tensor<?xf32>
    %normal1, %statistics1 = tgnn.layer_norm(%rows, %scale1, %shift1)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x2xf32>)
    %normal_tokens = tgnn.reshape %normal1 to [2 * patches, 4 * channel] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %w = tgnn.parameter "attention" [12 * channel, 4 * channel] xavier : tensor<?x?xf32>
    %wq = tgnn.slice %w dimension(0) offset(0) size(4 * channel) : tensor<?x?xf32> -> tensor<?x?xf32>
    %wk = tgnn.slice %w dimension(0) offset(4 * channel) size(4 * channel) : tensor<?x?xf32> -> tensor<?x?xf32>
    %wv = tgnn.slice %w dimension(0) offset(8 * channel) size(4 * channel) : tensor<?x?xf32> -> tensor<?x?xf32>
    %bq = tgnn.parameter "query_bias" [4 * channel] zeros : tensor<?xf32>
    %bv = tgnn.parameter "value_bias" [4 * channel] zeros : tensor<?xf32>
    %query = tgnn.linear %normal_tokens, %wq, %bq : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %key = tgnn.contract "qti,io->qto" %normal_tokens, %wk : tensor<?x?x?xf32>, tensor<?x?xf32> -> tensor<?x?x?xf32>
    %value = tgnn.linear %normal_tokens, %wv, %bv : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %attended = tgnn.token_attention %query, %key, %value heads(heads) {dropout = 0.1 : f32}
        : (tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %attended_rows = tgnn.reshape %attended to [4 * channel] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %wo = tgnn.parameter "output" [4 * channel, 4 * channel] uniform_fan_in : tensor<?x?xf32>
    %bo = tgnn.parameter "output_bias" [4 * channel] zeros : tensor<?xf32>
    %output = tgnn.linear %attended_rows, %wo, %bo : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %attention = tgnn.dropout(%output, %seed) {rate = 0.1 : f32, salt = 0 : i64} : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %between = tgnn.add %rows, %attention : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>

    %scale2 = tgnn.parameter "result_scale" [4 * channel] ones : tensor<?xf32>
    %shift2 = tgnn.parameter "result_shift" [4 * channel] zeros : tensor<?xf32>
    %normal2, %statistics2 = tgnn.layer_norm(%between, %scale2, %shift2)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x2xf32>)
    %w1 = tgnn.parameter "hidden" [4 * channel, 16 * channel] uniform_fan_in : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [16 * channel] uniform_fan_in(4 * channel) : tensor<?xf32>
    %linear = tgnn.linear %normal2, %w1, %b1 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %hidden = tgnn.gelu %linear : tensor<?x?xf32> -> tensor<?x?xf32>
    %kept = tgnn.dropout(%hidden, %seed) {rate = 0.1 : f32, salt = 0 : i64} : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %w2 = tgnn.parameter "result" [16 * channel, 4 * channel] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [4 * channel] uniform_fan_in(16 * channel) : tensor<?xf32>
    %result = tgnn.linear %kept, %w2, %b2 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %change = tgnn.dropout(%result, %seed) {rate = 0.1 : f32, salt = 0 : i64} : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %next = tgnn.add %between, %change : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %next_tokens = tgnn.reshape %next to [2 * patches, 4 * channel] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %next_tokens : tensor<?x?x?xf32>
  }

  // The mean patch of the source, those behind its sequence's end included.
  tgnn.layer @summary_source(%tokens: tensor<?x?x?xf32>) -> tensor<?x?xf32> {
    %row = tgnn.reshape %tokens to [8 * patches * channel] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %half = tgnn.slice %row dimension(1) offset(0) size(4 * patches * channel) : tensor<?x?xf32> -> tensor<?x?xf32>
    %own = tgnn.reshape %half to [patches, 4 * channel] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %mean = tgnn.mean_tokens(%own) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %w = tgnn.parameter "weight" [4 * channel, dim] uniform_fan_in : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [dim] uniform_fan_in(4 * channel) : tensor<?xf32>
    %embedding = tgnn.linear %mean, %w, %b : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %embedding : tensor<?x?xf32>
  }

  // The mean patch of the destination, those behind its sequence's end included.
  tgnn.layer @summary_destination(%tokens: tensor<?x?x?xf32>) -> tensor<?x?xf32> {
    %row = tgnn.reshape %tokens to [8 * patches * channel] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %half = tgnn.slice %row dimension(1) offset(4 * patches * channel) size(4 * patches * channel) : tensor<?x?xf32> -> tensor<?x?xf32>
    %own = tgnn.reshape %half to [patches, 4 * channel] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %mean = tgnn.mean_tokens(%own) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %w = tgnn.parameter "weight" [4 * channel, dim] uniform_fan_in : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [dim] uniform_fan_in(4 * channel) : tensor<?xf32>
    %embedding = tgnn.linear %mean, %w, %b : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %embedding : tensor<?x?xf32>
  }

  tgnn.layer @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>) -> tensor<?x?xf32> {
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

  tgnn.score (%queries: !tgnn.query) {
    %sources, %destinations = tgnn.pair_ends %queries : !tgnn.query, !tgnn.query
    %edge_features = tgnn.read "features:edge" : tensor<?x?xf32>
    %node_features = tgnn.read "features:node" : tensor<?x?xf32>
    %near_source = tgnn.sample %sources k(patches * patch - 1) policy(recent) : !tgnn.neighbourhood
    %near_destination = tgnn.sample %destinations k(patches * patch - 1) policy(recent) : !tgnn.neighbourhood

    %deltas_source = tgnn.table %near_source "time_deltas" : !tgnn.neighbourhood -> tensor<?x?xf32>
    %counts_source = tgnn.table %near_source "sequence_counts" : !tgnn.neighbourhood -> tensor<?xi32>
    %events_source = tgnn.table %near_source "events" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %nodes_source = tgnn.table %near_source "nodes" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %self_source = tgnn.table %sources "nodes" : !tgnn.query -> tensor<?xi32>
    %edges_source = tgnn.gather(%edge_features, %events_source) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %others_source = tgnn.gather(%node_features, %nodes_source) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %features_source = tgnn.gather(%node_features, %self_source) : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %met_source = tgnn.co_occurrence %sources, %near_source with %destinations, %near_destination : !tgnn.co_occurrence
    %in_own_source = tgnn.table %met_source "own" : !tgnn.co_occurrence -> tensor<?x?xf32>
    %in_other_source = tgnn.table %met_source "other" : !tgnn.co_occurrence -> tensor<?x?xf32>
    %occurrence_source = tgnn.apply @occurrence "occurrence"(%in_own_source, %in_other_source)
        : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?x?xf32>
    %tokens_source = tgnn.apply @tokens "tokens"(%features_source, %others_source, %edges_source, %deltas_source,
        %counts_source, %occurrence_source) : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xi32>, tensor<?x?x?xf32>) -> tensor<?x?x?xf32>

    %deltas_destination = tgnn.table %near_destination "time_deltas" : !tgnn.neighbourhood -> tensor<?x?xf32>
    %counts_destination = tgnn.table %near_destination "sequence_counts" : !tgnn.neighbourhood -> tensor<?xi32>
    %events_destination = tgnn.table %near_destination "events" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %nodes_destination = tgnn.table %near_destination "nodes" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %self_destination = tgnn.table %destinations "nodes" : !tgnn.query -> tensor<?xi32>
    %edges_destination = tgnn.gather(%edge_features, %events_destination) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %others_destination = tgnn.gather(%node_features, %nodes_destination) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %features_destination = tgnn.gather(%node_features, %self_destination) : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %met_destination = tgnn.co_occurrence %destinations, %near_destination with %sources, %near_source : !tgnn.co_occurrence
    %in_own_destination = tgnn.table %met_destination "own" : !tgnn.co_occurrence -> tensor<?x?xf32>
    %in_other_destination = tgnn.table %met_destination "other" : !tgnn.co_occurrence -> tensor<?x?xf32>
    %occurrence_destination = tgnn.apply @occurrence "occurrence"(%in_own_destination, %in_other_destination)
        : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?x?xf32>
    %tokens_destination = tgnn.apply @tokens "tokens"(%features_destination, %others_destination, %edges_destination, %deltas_destination,
        %counts_destination, %occurrence_destination) : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xi32>, tensor<?x?x?xf32>) -> tensor<?x?x?xf32>

    %tokens = tgnn.apply @join "join"(%tokens_source, %tokens_destination) : (tensor<?x?x?xf32>, tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %first = tgnn.apply @block "layer1"(%tokens) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %second = tgnn.apply @block "layer2"(%first) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %end_source = tgnn.apply @summary_source "summary"(%second) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %end_destination = tgnn.apply @summary_destination "summary"(%second) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %logits = tgnn.apply @link "link"(%end_source, %end_destination) : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
    tgnn.yield %logits : tensor<?x?xf32>
  }
}
