// CAWN (Wang et al. 2021) as DyGLib has it (Yu et al. 2023): anonymous walks of
// two nodes from both ends of a pair, which two recurrent networks encode, and
// which attend to each other. A node's position says how often the walks of either
// end come to it, so that each end's embedding depends on the other: pairs are
// scored and nodes have no embedding of their own.

tgnn.model @cawn sizes {dim = 172, time = 100, edge = 0, node = 0, walks = 32, position = 172,
                        hidden = 308, code = 86, attention = 312, heads = 8} {

  // Of each node of the walks, the end itself first, the sum of one perceptron's
  // results: of its shares in the end's own walks and of those in the other's.
  tgnn.layer @positions(%own: tensor<?x?xf32>, %other: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %w1 = tgnn.parameter "hidden" [2, position] uniform_fan_in : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [position] uniform_fan_in(2) : tensor<?xf32>
    %own_shares = tgnn.reshape %own to [walks + 1, 2] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %own_linear = tgnn.linear %own_shares, %w1, %b1 : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %own_hidden = tgnn.relu %own_linear : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %other_shares = tgnn.reshape %other to [walks + 1, 2] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %other_linear = tgnn.linear %other_shares, %w1, %b1 : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %other_hidden = tgnn.relu %other_linear : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %hidden = tgnn.add %own_hidden, %other_hidden : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %w2 = tgnn.parameter "result" [position, position] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [position] uniform_fan_in(position) : tensor<?xf32>
    // Its bias counts for both.
    %twice = tgnn.add %b2, %b2 : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
    %result = tgnn.linear %hidden, %w2, %twice : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %row = tgnn.reshape %result to [walks * position + position] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    tgnn.yield %row : tensor<?x?xf32>
  }

  tgnn.layer @first_position(%row: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %own = tgnn.slice %row dimension(1) offset(0) size(position) : tensor<?x?xf32> -> tensor<?x?xf32>
    tgnn.yield %own : tensor<?x?xf32>
  }

  tgnn.layer @other_positions(%row: tensor<?x?xf32>) -> tensor<?x?x?xf32> {
    %others = tgnn.slice %row dimension(1) offset(position) size(walks * position) : tensor<?x?xf32> -> tensor<?x?xf32>
    %places = tgnn.reshape %others to [walks, position] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %places : tensor<?x?x?xf32>
  }

  // The end itself was met in no event, just now. A column of zeros stands where
  // events have no features.
  tgnn.layer @first_input(%own: tensor<?x?xf32>, %position: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies shared : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros shared : tensor<?xf32>
    %zero = tgnn.parameter "time.zero" [1] zeros fixed shared : tensor<?xf32>
    %encoded = tgnn.time_encode(%zero, %frequencies, %phases) : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
    %cosine = tgnn.sum_rows %encoded : tensor<?x?xf32> -> tensor<?xf32>
    %now = tgnn.broadcast_rows %cosine like %own : tensor<?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %no_event = tgnn.parameter "no_event" [edge + 1] zeros fixed : tensor<?xf32>
    %edge = tgnn.broadcast_rows %no_event like %own : tensor<?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %input = tgnn.concat %own, %now, %edge, %position : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    tgnn.yield %input : tensor<?x?xf32>
  }

  tgnn.layer @second_input(%others: tensor<?x?x?xf32>, %deltas: tensor<?x?xf32>, %edges: tensor<?x?x?xf32>, %positions: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies shared : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros shared : tensor<?xf32>
    %times = tgnn.time_encode(%deltas, %frequencies, %phases) : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
    %delta_columns = tgnn.reshape %deltas to [walks, 1] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %zeros = tgnn.zeros_like %delta_columns : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %input = tgnn.concat %others, %times, %edges, %zeros, %positions : tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %input : tensor<?x?x?xf32>
  }

  // A recurrent network in either direction (Hochreiter and Schmidhuber 1997) over
  // walks of two nodes, of which the first is the same for all; where there is no
  // second, over the first alone. The result of a direction is that at the last
  // node.
  tgnn.layer @encode_features(%first: tensor<?x?xf32>, %second: tensor<?x?x?xf32>, %counts: tensor<?xi32>) -> tensor<?x?x?xf32> {
    %start = tgnn.parameter "start" [hidden] zeros fixed : tensor<?xf32>
    %once = tgnn.parameter "once" [walks] ones fixed : tensor<?xf32>
    %start_rows = tgnn.broadcast_rows %start like %first : tensor<?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %second_rows = tgnn.reshape %second to [node + time + edge + 1 + position] : tensor<?x?x?xf32> -> tensor<?x?xf32>

    %forward_wx = tgnn.parameter "forward.input" [node + time + edge + 1 + position, 4 * hidden] uniform_fan_in(hidden) : tensor<?x?xf32>
    %forward_bx = tgnn.parameter "forward.input_bias" [4 * hidden] uniform_fan_in(hidden) : tensor<?xf32>
    %forward_wh = tgnn.parameter "forward.state" [hidden, 4 * hidden] uniform_fan_in : tensor<?x?xf32>
    %forward_bh = tgnn.parameter "forward.state_bias" [4 * hidden] uniform_fan_in(hidden) : tensor<?xf32>
    %forward_first, %forward_cell = tgnn.lstm %first, %start_rows, %start_rows, %forward_wx, %forward_bx, %forward_wh, %forward_bh
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>)
    %forward_repeated = tgnn.contract "qh,w->qwh" %forward_first, %once : tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %forward_cells = tgnn.contract "qh,w->qwh" %forward_cell, %once : tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %forward_state_rows = tgnn.reshape %forward_repeated to [hidden] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %forward_cell_rows = tgnn.reshape %forward_cells to [hidden] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %forward_second, %forward_end = tgnn.lstm %second_rows, %forward_state_rows, %forward_cell_rows, %forward_wx, %forward_bx, %forward_wh, %forward_bh
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>)
    %forward_met = tgnn.reshape %forward_second to [walks, hidden] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %forward_valid = tgnn.mask_tokens(%forward_met, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %forward_first_valid = tgnn.mask_tokens(%forward_repeated, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %forward_negative = tgnn.scale %forward_first_valid by -1.0 : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %forward_alone = tgnn.add %forward_repeated, %forward_negative : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %forward = tgnn.add %forward_valid, %forward_alone : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>

    %backward_wx = tgnn.parameter "backward.input" [node + time + edge + 1 + position, 4 * hidden] uniform_fan_in(hidden) : tensor<?x?xf32>
    %backward_bx = tgnn.parameter "backward.input_bias" [4 * hidden] uniform_fan_in(hidden) : tensor<?xf32>
    %backward_wh = tgnn.parameter "backward.state" [hidden, 4 * hidden] uniform_fan_in : tensor<?x?xf32>
    %backward_bh = tgnn.parameter "backward.state_bias" [4 * hidden] uniform_fan_in(hidden) : tensor<?xf32>
    %backward_first, %backward_cell = tgnn.lstm %first, %start_rows, %start_rows, %backward_wx, %backward_bx, %backward_wh, %backward_bh
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>)
    %backward_repeated = tgnn.contract "qh,w->qwh" %backward_first, %once : tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %second_start = tgnn.broadcast_rows %start like %second_rows : tensor<?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %backward_second, %backward_end = tgnn.lstm %second_rows, %second_start, %second_start, %backward_wx, %backward_bx, %backward_wh, %backward_bh
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>)
    %backward_met = tgnn.reshape %backward_second to [walks, hidden] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %backward_valid = tgnn.mask_tokens(%backward_met, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %backward_first_valid = tgnn.mask_tokens(%backward_repeated, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %backward_negative = tgnn.scale %backward_first_valid by -1.0 : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %backward_alone = tgnn.add %backward_repeated, %backward_negative : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %backward = tgnn.add %backward_valid, %backward_alone : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>

    %both = tgnn.concat %forward, %backward : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %both : tensor<?x?x?xf32>
  }

  // The same over positions alone.
  tgnn.layer @encode_positions(%first: tensor<?x?xf32>, %second: tensor<?x?x?xf32>, %counts: tensor<?xi32>) -> tensor<?x?x?xf32> {
    %start = tgnn.parameter "start" [code] zeros fixed : tensor<?xf32>
    %once = tgnn.parameter "once" [walks] ones fixed : tensor<?xf32>
    %start_rows = tgnn.broadcast_rows %start like %first : tensor<?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %second_rows = tgnn.reshape %second to [position] : tensor<?x?x?xf32> -> tensor<?x?xf32>

    %forward_wx = tgnn.parameter "forward.input" [position, 4 * code] uniform_fan_in(code) : tensor<?x?xf32>
    %forward_bx = tgnn.parameter "forward.input_bias" [4 * code] uniform_fan_in(code) : tensor<?xf32>
    %forward_wh = tgnn.parameter "forward.state" [code, 4 * code] uniform_fan_in : tensor<?x?xf32>
    %forward_bh = tgnn.parameter "forward.state_bias" [4 * code] uniform_fan_in(code) : tensor<?xf32>
    %forward_first, %forward_cell = tgnn.lstm %first, %start_rows, %start_rows, %forward_wx, %forward_bx, %forward_wh, %forward_bh
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>)
    %forward_repeated = tgnn.contract "qh,w->qwh" %forward_first, %once : tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %forward_cells = tgnn.contract "qh,w->qwh" %forward_cell, %once : tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %forward_state_rows = tgnn.reshape %forward_repeated to [code] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %forward_cell_rows = tgnn.reshape %forward_cells to [code] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %forward_second, %forward_end = tgnn.lstm %second_rows, %forward_state_rows, %forward_cell_rows, %forward_wx, %forward_bx, %forward_wh, %forward_bh
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>)
    %forward_met = tgnn.reshape %forward_second to [walks, code] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %forward_valid = tgnn.mask_tokens(%forward_met, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %forward_first_valid = tgnn.mask_tokens(%forward_repeated, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %forward_negative = tgnn.scale %forward_first_valid by -1.0 : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %forward_alone = tgnn.add %forward_repeated, %forward_negative : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %forward = tgnn.add %forward_valid, %forward_alone : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>

    %backward_wx = tgnn.parameter "backward.input" [position, 4 * code] uniform_fan_in(code) : tensor<?x?xf32>
    %backward_bx = tgnn.parameter "backward.input_bias" [4 * code] uniform_fan_in(code) : tensor<?xf32>
    %backward_wh = tgnn.parameter "backward.state" [code, 4 * code] uniform_fan_in : tensor<?x?xf32>
    %backward_bh = tgnn.parameter "backward.state_bias" [4 * code] uniform_fan_in(code) : tensor<?xf32>
    %backward_first, %backward_cell = tgnn.lstm %first, %start_rows, %start_rows, %backward_wx, %backward_bx, %backward_wh, %backward_bh
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>)
    %backward_repeated = tgnn.contract "qh,w->qwh" %backward_first, %once : tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %second_start = tgnn.broadcast_rows %start like %second_rows : tensor<?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %backward_second, %backward_end = tgnn.lstm %second_rows, %second_start, %second_start, %backward_wx, %backward_bx, %backward_wh, %backward_bh
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>)
    %backward_met = tgnn.reshape %backward_second to [walks, code] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %backward_valid = tgnn.mask_tokens(%backward_met, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %backward_first_valid = tgnn.mask_tokens(%backward_repeated, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %backward_negative = tgnn.scale %backward_first_valid by -1.0 : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %backward_alone = tgnn.add %backward_repeated, %backward_negative : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %backward = tgnn.add %backward_valid, %backward_alone : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>

    %both = tgnn.concat %forward, %backward : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %both : tensor<?x?x?xf32>
  }

  tgnn.layer @combine(%features: tensor<?x?x?xf32>, %codes: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
    %all = tgnn.concat %features, %codes : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %w = tgnn.parameter "weight" [2 * hidden + 2 * code, attention] uniform_fan_in : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [attention] uniform_fan_in(2 * hidden + 2 * code) : tensor<?xf32>
    %result = tgnn.linear %all, %w, %b : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %result : tensor<?x?x?xf32>
  }

  // A transformer block (Vaswani et al. 2017), normalised behind, over all walks,
  // also those without a second node. A key's bias would do nothing, since the
  // softmax cancels it.
  tgnn.layer @block(%own: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
    %seed = tgnn.read "input:dropout_seed" : i64
    %w = tgnn.parameter "attention" [3 * attention, attention] xavier : tensor<?x?xf32>
    %wq = tgnn.slice %w dimension(0) offset(0) size(attention) : tensor<?x?xf32> -> tensor<?x?xf32>
    %wk = tgnn.slice %w dimension(0) offset(attention) size(attention) : tensor<?x?xf32> -> tensor<?x?xf32>
    %wv = tgnn.slice %w dimension(0) offset(2 * attention) size(attention) : tensor<?x?xf32> -> tensor<?x?xf32>
    %bq = tgnn.parameter "query_bias" [attention] zeros : tensor<?xf32>
    %bv = tgnn.parameter "value_bias" [attention] zeros : tensor<?xf32>
    %rows = tgnn.reshape %own to [attention] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %query = tgnn.linear %own, %wq, %bq : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %key = tgnn.contract "qti,io->qto" %own, %wk : tensor<?x?x?xf32>, tensor<?x?xf32> -> tensor<?x?x?xf32>
    %value = tgnn.linear %own, %wv, %bv : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?x?xf32>
    %attended = tgnn.token_attention %query, %key, %value heads(heads) {dropout = 0.1 : f32}
        : (tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %attended_rows = tgnn.reshape %attended to [attention] : tensor<?x?x?xf32> -> tensor<?x?xf32>
    %wo = tgnn.parameter "output" [attention, attention] uniform_fan_in : tensor<?x?xf32>
    %bo = tgnn.parameter "output_bias" [attention] zeros : tensor<?xf32>
    %output = tgnn.linear %attended_rows, %wo, %bo : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %attention = tgnn.dropout(%output, %seed) {rate = 0.1 : f32, salt = 0 : i64} : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %met = tgnn.add %rows, %attention : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %scale1 = tgnn.parameter "attention_scale" [attention] ones : tensor<?xf32>
    %shift1 = tgnn.parameter "attention_shift" [attention] zeros : tensor<?xf32>
    %between, %statistics1 = tgnn.layer_norm(%met, %scale1, %shift1)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x2xf32>)

    %w1 = tgnn.parameter "hidden" [attention, 4 * attention] uniform_fan_in : tensor<?x?xf32>
    %b1 = tgnn.parameter "hidden_bias" [4 * attention] uniform_fan_in(attention) : tensor<?xf32>
    %linear = tgnn.linear %between, %w1, %b1 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %hidden = tgnn.relu %linear : tensor<?x?xf32> -> tensor<?x?xf32>
    %kept = tgnn.dropout(%hidden, %seed) {rate = 0.1 : f32, salt = 0 : i64} : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %w2 = tgnn.parameter "result" [4 * attention, attention] uniform_fan_in : tensor<?x?xf32>
    %b2 = tgnn.parameter "result_bias" [attention] uniform_fan_in(4 * attention) : tensor<?xf32>
    %result = tgnn.linear %kept, %w2, %b2 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    %change = tgnn.dropout(%result, %seed) {rate = 0.1 : f32, salt = 0 : i64} : (tensor<?x?xf32>, i64) -> tensor<?x?xf32>
    %sum = tgnn.add %between, %change : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %scale2 = tgnn.parameter "result_scale" [attention] ones : tensor<?xf32>
    %shift2 = tgnn.parameter "result_shift" [attention] zeros : tensor<?xf32>
    %next, %statistics2 = tgnn.layer_norm(%sum, %scale2, %shift2)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x2xf32>)
    %tokens = tgnn.reshape %next to [walks, attention] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    tgnn.yield %tokens : tensor<?x?x?xf32>
  }

  tgnn.layer @summary(%walks: tensor<?x?x?xf32>) -> tensor<?x?xf32> {
    %mean = tgnn.mean_tokens(%walks) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %w = tgnn.parameter "weight" [attention, dim] uniform_fan_in : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [dim] uniform_fan_in(attention) : tensor<?xf32>
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
    %near_source = tgnn.sample_by_interval %sources k(walks) scale(1.0e-06) : !tgnn.neighbourhood
    %near_destination = tgnn.sample_by_interval %destinations k(walks) scale(1.0e-06) : !tgnn.neighbourhood

    %deltas_source = tgnn.table %near_source "time_deltas" : !tgnn.neighbourhood -> tensor<?x?xf32>
    %counts_source = tgnn.table %near_source "counts" : !tgnn.neighbourhood -> tensor<?xi32>
    %events_source = tgnn.table %near_source "events" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %nodes_source = tgnn.table %near_source "nodes" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %self_source = tgnn.table %sources "nodes" : !tgnn.query -> tensor<?xi32>
    %edges_source = tgnn.gather(%edge_features, %events_source) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %others_source = tgnn.gather(%node_features, %nodes_source) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %own_source = tgnn.gather(%node_features, %self_source) : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %met_source = tgnn.co_occurrence %sources, %near_source with %destinations, %near_destination : !tgnn.co_occurrence
    %in_own_source = tgnn.table %met_source "own_shares" : !tgnn.co_occurrence -> tensor<?x?xf32>
    %in_other_source = tgnn.table %met_source "other_shares" : !tgnn.co_occurrence -> tensor<?x?xf32>
    %row_source = tgnn.apply @positions "position"(%in_own_source, %in_other_source) : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
    %place_source = tgnn.apply @first_position "position"(%row_source) : (tensor<?x?xf32>) -> tensor<?x?xf32>
    %places_source = tgnn.apply @other_positions "position"(%row_source) : (tensor<?x?xf32>) -> tensor<?x?x?xf32>
    %first_source = tgnn.apply @first_input "input"(%own_source, %place_source) : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
    %second_source = tgnn.apply @second_input "input"(%others_source, %deltas_source, %edges_source, %places_source)
        : (tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %features_source = tgnn.apply @encode_features "features"(%first_source, %second_source, %counts_source) : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %codes_source = tgnn.apply @encode_positions "positions"(%place_source, %places_source, %counts_source) : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %walks_source = tgnn.apply @combine "combine"(%features_source, %codes_source) : (tensor<?x?x?xf32>, tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %attended_source = tgnn.apply @block "block"(%walks_source) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %end_source = tgnn.apply @summary "summary"(%attended_source) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>

    %deltas_destination = tgnn.table %near_destination "time_deltas" : !tgnn.neighbourhood -> tensor<?x?xf32>
    %counts_destination = tgnn.table %near_destination "counts" : !tgnn.neighbourhood -> tensor<?xi32>
    %events_destination = tgnn.table %near_destination "events" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %nodes_destination = tgnn.table %near_destination "nodes" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %self_destination = tgnn.table %destinations "nodes" : !tgnn.query -> tensor<?xi32>
    %edges_destination = tgnn.gather(%edge_features, %events_destination) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %others_destination = tgnn.gather(%node_features, %nodes_destination) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %own_destination = tgnn.gather(%node_features, %self_destination) : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    %met_destination = tgnn.co_occurrence %destinations, %near_destination with %sources, %near_source : !tgnn.co_occurrence
    %in_own_destination = tgnn.table %met_destination "own_shares" : !tgnn.co_occurrence -> tensor<?x?xf32>
    %in_other_destination = tgnn.table %met_destination "other_shares" : !tgnn.co_occurrence -> tensor<?x?xf32>
    %row_destination = tgnn.apply @positions "position"(%in_own_destination, %in_other_destination) : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
    %place_destination = tgnn.apply @first_position "position"(%row_destination) : (tensor<?x?xf32>) -> tensor<?x?xf32>
    %places_destination = tgnn.apply @other_positions "position"(%row_destination) : (tensor<?x?xf32>) -> tensor<?x?x?xf32>
    %first_destination = tgnn.apply @first_input "input"(%own_destination, %place_destination) : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
    %second_destination = tgnn.apply @second_input "input"(%others_destination, %deltas_destination, %edges_destination, %places_destination)
        : (tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %features_destination = tgnn.apply @encode_features "features"(%first_destination, %second_destination, %counts_destination) : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %codes_destination = tgnn.apply @encode_positions "positions"(%place_destination, %places_destination, %counts_destination) : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %walks_destination = tgnn.apply @combine "combine"(%features_destination, %codes_destination) : (tensor<?x?x?xf32>, tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %attended_destination = tgnn.apply @block "block"(%walks_destination) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
    %end_destination = tgnn.apply @summary "summary"(%attended_destination) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>

    %logits = tgnn.apply @link "link"(%end_source, %end_destination) : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
    tgnn.yield %logits : tensor<?x?xf32>
  }
}
