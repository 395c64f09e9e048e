// TCL (Wang et al. 2021) as DyGLib has it (Yu et al. 2023): each end's recent
// neighbours as tokens, which attend to each other and to those of the other
// end. Each end's embedding depends on the other, so that pairs are scored and
// nodes have no embedding of their own.

tgnn.model @tcl sizes {dim = 172, time = 100, edge = 0, node = 0, heads = 2, neighbours = 20} {

  // The node itself and its neighbours, the latest first: maps of features,
  // event and time, and a vector for the place. Matrices are as PyTorch keeps
  // them, columns first; those of features are drawn by `dim`, to which DyGLib
  // pads features. A column of zeros stands where a stream has none.
  tgnn.layer @tokens(%own: tensor<?x?xf32>, %others: tensor<?x?x?xf32>, %edges: tensor<?x?x?xf32>,
                     %deltas: tensor<?x?xf32>) -> tensor<?x?x?xf32> {
    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies shared : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros shared : tensor<?xf32>
    %zero = tgnn.parameter "time.zero" [1] zeros fixed shared : tensor<?xf32>
    %encoded = tgnn.time_encode(%zero, %frequencies, %phases) : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
    %cosine = tgnn.sum_rows %encoded : tensor<?x?xf32> -> tensor<?xf32>
    %now = tgnn.broadcast_rows %cosine like %own : tensor<?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %time = tgnn.time_encode(%deltas, %frequencies, %phases) : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>

    %wn = tgnn.parameter "node" [dim, node + 1] uniform_fan_in(dim) : tensor<?x?xf32>
    %we = tgnn.parameter "edge" [dim, edge + 1] uniform_fan_in(dim) : tensor<?x?xf32>
    %wt = tgnn.parameter "time" [dim, time] uniform_fan_in(time) : tensor<?x?xf32>
    %bn = tgnn.parameter "node_bias" [dim] uniform_fan_in(dim) : tensor<?xf32>
    %be = tgnn.parameter "edge_bias" [dim] uniform_fan_in(dim) : tensor<?xf32>
    %bt = tgnn.parameter "time_bias" [dim] uniform_fan_in(time) : tensor<?xf32>
    %features_bias = tgnn.add %bn, %be : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
    %b = tgnn.add %features_bias, %bt : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>

    %zero_own = tgnn.broadcast_rows %zero like %own : tensor<?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %delta_columns = tgnn.reshape %deltas to [neighbours, 1] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %zero_others = tgnn.zeros_like %delta_columns : tensor<?x?x?xf32> -> tensor<?x?x?xf32>

    // The node itself was met in no event, just now.
    %wide_own = tgnn.concat %wn, %wt : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w_own = tgnn.transpose %wide_own : tensor<?x?xf32> -> tensor<?x?xf32>
    %input_own = tgnn.concat %own, %zero_own, %now : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %token_own = tgnn.linear %input_own, %w_own, %b : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %wide = tgnn.concat %wn, %we, %wt : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w = tgnn.transpose %wide : tensor<?x?xf32> -> tensor<?x?xf32>
    %input = tgnn.concat %others, %zero_others, %edges, %zero_others, %time
        : tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %tokens_others = tgnn.linear %input, %w, %b : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>

    %flat_others = tgnn.reshape %tokens_others to [neighbours * dim] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %flat = tgnn.concat %token_own, %flat_others : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %all = tgnn.reshape %flat to [neighbours + 1, dim] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %places = tgnn.parameter "places" [neighbours + 1, dim] normal : tensor<?x?xf32>
    %place = tgnn.broadcast_rows %places like %all : tensor<?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %tokens = tgnn.add %all, %place : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %tokens : tensor<?x?x?xf32>
  }

  // A transformer block (Vaswani et al. 2017), normalised behind: the tokens of
  // one end attend to those of one end, its own or the other. A key's bias would
  // do nothing, since the softmax cancels it.
  tgnn.layer @block(%own: tensor<?x?x?xf32>, %others: tensor<?x?x?xf32>,
                     %counts: tensor<?xi32>) -> tensor<?x?x?xf32> {
    %seed = tgnn.read "input:dropout_seed" : i64
    %w = tgnn.parameter "attention" [3 * dim, dim] xavier : tensor<?x?xf32>
    %wq = tgnn.slice %w dimension(0) offset(0) size(dim) : tensor<?x?xf32> -> tensor<?x?xf32>
    %wk = tgnn.slice %w dimension(0) offset(dim) size(dim) : tensor<?x?xf32> -> tensor<?x?xf32>
    %wv = tgnn.slice %w dimension(0) offset(2 * dim) size(dim) : tensor<?x?xf32> -> tensor<?x?xf32>
    %bq = tgnn.parameter "query_bias" [dim] zeros : tensor<?xf32>
    %bv = tgnn.parameter "value_bias" [dim] zeros : tensor<?xf32>
    %rows = tgnn.reshape %own to [dim] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %query = tgnn.linear %own, %wq, %bq : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %key = tgnn.contract "qti,io->qto" %others, %wk : tensor<?x?x?xf32>, tensor<?x?xf32> -> tensor<?x?x?xf32>
    %value = tgnn.linear %others, %wv, %bv : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %attended = tgnn.token_attention %query, %key, %value, %counts heads(heads) {dropout = 0.1 : f32}
        : (tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %attended_rows = tgnn.reshape %attended to [dim] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %wo = tgnn.parameter "output" [dim, dim] uniform_fan_in : tensor<?x?xf32>
    %bo = tgnn.parameter "output_bias" [dim] zeros : tensor<?xf32>
    %output = tgnn.linear %attended_rows, %wo, %bo : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %attention = tgnn.dropout(%output, %seed) {rate = 0.1 : f32, salt = 0 : i64} : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %met = tgnn.add %rows, %attention : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %scale1 = tgnn.parameter "attention_scale" [dim] ones : tensor<?xf32>
    %shift1 = tgnn.parameter "attention_shift" [dim] zeros : tensor<?xf32>
    %between, %statistics1 = tgnn.layer_norm(%met, %scale1, %shift1)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x2xf32>)

    %w1 = tgnn.parameter "hidden" [dim, 4 * dim] uniform_fan_in : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [4 * dim] uniform_fan_in(dim) : tensor<?xf32>
    %linear = tgnn.linear %between, %w1, %b1 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %hidden = tgnn.relu %linear : tensor<?x?xf32> -> tensor<?x?xf32>
    %kept = tgnn.dropout(%hidden, %seed) {rate = 0.1 : f32, salt = 0 : i64} : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %w2 = tgnn.parameter "result" [4 * dim, dim] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [dim] uniform_fan_in(4 * dim) : tensor<?xf32>
    %result = tgnn.linear %kept, %w2, %b2 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %change = tgnn.dropout(%result, %seed) {rate = 0.1 : f32, salt = 0 : i64} : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %sum = tgnn.add %between, %change : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %scale2 = tgnn.parameter "result_scale" [dim] ones : tensor<?xf32>
    %shift2 = tgnn.parameter "result_shift" [dim] zeros : tensor<?xf32>
    %next, %statistics2 = tgnn.layer_norm(%sum, %scale2, %shift2)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x2xf32>)
    %tokens = tgnn.reshape %next to [neighbours + 1, dim] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %tokens : tensor<?x?x?xf32>
  }

  // The same of the node's own token alone, the only one that is read behind the
  // last layer.
  tgnn.layer @block_own(%own: tensor<?x?xf32>, %others: tensor<?x?x?xf32>,
                     %counts: tensor<?xi32>) -> tensor<?x?xf32> {
    %seed = tgnn.read "input:dropout_seed" : i64
    %w = tgnn.parameter "attention" [3 * dim, dim] xavier : tensor<?x?xf32>
    %wq = tgnn.slice %w dimension(0) offset(0) size(dim) : tensor<?x?xf32> -> tensor<?x?xf32>
    %wk = tgnn.slice %w dimension(0) offset(dim) size(dim) : tensor<?x?xf32> -> tensor<?x?xf32>
    %wv = tgnn.slice %w dimension(0) offset(2 * dim) size(dim) : tensor<?x?xf32> -> tensor<?x?xf32>
    %bq = tgnn.parameter "query_bias" [dim] zeros : tensor<?xf32>
    %bv = tgnn.parameter "value_bias" [dim] zeros : tensor<?xf32>
    %token = tgnn.reshape %own to [1, dim] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %query = tgnn.linear %token, %wq, %bq : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %key = tgnn.contract "qti,io->qto" %others, %wk : tensor<?x?x?xf32>, tensor<?x?xf32> -> tensor<?x?x?xf32>
    %value = tgnn.linear %others, %wv, %bv : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %attended = tgnn.token_attention %query, %key, %value, %counts heads(heads) {dropout = 0.1 : f32}
        : (tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %attended_rows = tgnn.reshape %attended to [dim] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %wo = tgnn.parameter "output" [dim, dim] uniform_fan_in : tensor<?x?xf32>
    %bo = tgnn.parameter "output_bias" [dim] zeros : tensor<?xf32>
    %output = tgnn.linear %attended_rows, %wo, %bo : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %attention = tgnn.dropout(%output, %seed) {rate = 0.1 : f32, salt = 0 : i64} : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %met = tgnn.add %own, %attention : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %scale1 = tgnn.parameter "attention_scale" [dim] ones : tensor<?xf32>
    %shift1 = tgnn.parameter "attention_shift" [dim] zeros : tensor<?xf32>
    %between, %statistics1 = tgnn.layer_norm(%met, %scale1, %shift1)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x2xf32>)

    %w1 = tgnn.parameter "hidden" [dim, 4 * dim] uniform_fan_in : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [4 * dim] uniform_fan_in(dim) : tensor<?xf32>
    %linear = tgnn.linear %between, %w1, %b1 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %hidden = tgnn.relu %linear : tensor<?x?xf32> -> tensor<?x?xf32>
    %kept = tgnn.dropout(%hidden, %seed) {rate = 0.1 : f32, salt = 0 : i64} : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %w2 = tgnn.parameter "result" [4 * dim, dim] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [dim] uniform_fan_in(4 * dim) : tensor<?xf32>
    %result = tgnn.linear %kept, %w2, %b2 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %change = tgnn.dropout(%result, %seed) {rate = 0.1 : f32, salt = 0 : i64} : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %sum = tgnn.add %between, %change : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %scale2 = tgnn.parameter "result_scale" [dim] ones : tensor<?xf32>
    %shift2 = tgnn.parameter "result_shift" [dim] zeros : tensor<?xf32>
    %next, %statistics2 = tgnn.layer_norm(%sum, %scale2, %shift2)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x2xf32>)
    tgnn.yield %next : tensor<?x?xf32>
  }

  // The token of the node itself.
  tgnn.layer @own(%tokens: tensor<?x?x?xf32>) -> tensor<?x?xf32> {
    %flat = tgnn.reshape %tokens to [neighbours * dim + dim] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %own = tgnn.slice %flat dimension(1) offset(0) size(dim) : tensor<?x?xf32> -> tensor<?x?xf32>
    tgnn.yield %own : tensor<?x?xf32>
  }

  tgnn.layer @summary(%own: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %w = tgnn.parameter "weight" [dim, dim] uniform_fan_in : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [dim] uniform_fan_in(dim) : tensor<?xf32>
    %embedding = tgnn.linear %own, %w, %b : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
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

    %near_source = tgnn.sample %sources k(neighbours) policy(latest) : !tgnn.neighbourhood
    %deltas_source = tgnn.table %near_source "time_deltas" : !tgnn.neighbourhood -> tensor<?x?xf32>
    %counts_source = tgnn.table %near_source "sequence_counts" : !tgnn.neighbourhood -> tensor<?xi32>
    %events_source = tgnn.table %near_source "events" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %nodes_source = tgnn.table %near_source "nodes" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %self_source = tgnn.table %sources "nodes" : !tgnn.query -> tensor<?xi32>
    %edges_source = tgnn.gather(%edge_features, %events_source) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %others_source = tgnn.gather(%node_features, %nodes_source) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %features_source = tgnn.gather(%node_features, %self_source) : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %tokens_source = tgnn.apply @tokens "tokens"(%features_source, %others_source, %edges_source, %deltas_source)
        : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?xf32>) -> tensor<?x?x?xf32>

    %near_destination = tgnn.sample %destinations k(neighbours) policy(latest) : !tgnn.neighbourhood
    %deltas_destination = tgnn.table %near_destination "time_deltas" : !tgnn.neighbourhood -> tensor<?x?xf32>
    %counts_destination = tgnn.table %near_destination "sequence_counts" : !tgnn.neighbourhood -> tensor<?xi32>
    %events_destination = tgnn.table %near_destination "events" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %nodes_destination = tgnn.table %near_destination "nodes" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %self_destination = tgnn.table %destinations "nodes" : !tgnn.query -> tensor<?xi32>
    %edges_destination = tgnn.gather(%edge_features, %events_destination) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %others_destination = tgnn.gather(%node_features, %nodes_destination) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %features_destination = tgnn.gather(%node_features, %self_destination) : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %tokens_destination = tgnn.apply @tokens "tokens"(%features_destination, %others_destination, %edges_destination, %deltas_destination)
        : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?xf32>) -> tensor<?x?x?xf32>

    // Each end attends to itself, then to what the other has become by that.
    %within1_source = tgnn.apply @block "layer1"(%tokens_source, %tokens_source, %counts_source)
        : (tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %within1_destination = tgnn.apply @block "layer1"(%tokens_destination, %tokens_destination, %counts_destination)
        : (tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %across1_source = tgnn.apply @block "layer1"(%within1_source, %within1_destination, %counts_destination)
        : (tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %across1_destination = tgnn.apply @block "layer1"(%within1_destination, %within1_source, %counts_source)
        : (tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %within2_source = tgnn.apply @block "layer2"(%across1_source, %across1_source, %counts_source)
        : (tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %within2_destination = tgnn.apply @block "layer2"(%across1_destination, %across1_destination, %counts_destination)
        : (tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %own_source = tgnn.apply @own "own"(%within2_source) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %across2_source = tgnn.apply @block_own "layer2"(%own_source, %within2_destination, %counts_destination)
        : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %end_source = tgnn.apply @summary "summary"(%across2_source) : (tensor<?x?xf32>) -> tensor<?x?xf32>
    %own_destination = tgnn.apply @own "own"(%within2_destination) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %across2_destination = tgnn.apply @block_own "layer2"(%own_destination, %within2_source, %counts_source)
        : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %end_destination = tgnn.apply @summary "summary"(%across2_destination) : (tensor<?x?xf32>) -> tensor<?x?xf32>
    %logits = tgnn.apply @link "link"(%end_source, %end_destination) : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
    tgnn.yield %logits : tensor<?x?xf32>
  }
}
