// A model with index work of another project: window.cpp.
tgnn.model @window sizes {dim = 16, time = 8, edge = 0} {
  tgnn.layer @embed(%deltas: tensor<?x?xf32>, %edges: tensor<?x?x?xf32>,
                    %counts: tensor<?xi32>, %degrees: tensor<?xf32>) -> tensor<?x?xf32> {
    %frequencies = tgnn.parameter "time.frequencies" [time] time_frequencies : tensor<?xf32>
    %phases = tgnn.parameter "time.phases" [time] zeros : tensor<?xf32>
    %time = tgnn.time_encode(%deltas, %frequencies, %phases)
        : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
    %all = tgnn.concat %edges, %time : tensor<?x?x?xf32>, tensor<?x?x?xf32> -> tensor<?x?x?xf32>
    %valid = tgnn.mask_tokens(%all, %counts) : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?x?xf32>
    %mean = tgnn.mean_tokens(%valid) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %column = tgnn.reshape %degrees to [1] : tensor<?xf32> -> tensor<?x?xf32>
    %both = tgnn.concat %mean, %column : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w = tgnn.parameter "weight" [edge + time + 1, dim] uniform_fan_in : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [dim] zeros : tensor<?xf32>
    %embedding = tgnn.linear %both, %w, %b
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %embedding : tensor<?x?xf32>
  }

  tgnn.encode (%queries: !tgnn.query) {
    %near = window.sample %queries k(5) within(1000) : !tgnn.neighbourhood
    %deltas = tgnn.table %near "time_deltas" : !tgnn.neighbourhood -> tensor<?x?xf32>
    %counts = tgnn.table %near "counts" : !tgnn.neighbourhood -> tensor<?xi32>
    %events = tgnn.table %near "events" : !tgnn.neighbourhood -> tensor<?x?xi32>
    %features = tgnn.read "features:edge" : tensor<?x?xf32>
    %edges = tgnn.gather(%features, %events) : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
    %met = window.count %queries within(1000) : !window.degrees
    %degrees = tgnn.table %met "window_degrees" : !window.degrees -> tensor<?xf32>
    %embedding = tgnn.apply @embed "embed"(%deltas, %edges, %counts, %degrees)
        : (tensor<?x?xf32>, tensor<?x?x?xf32>, tensor<?xi32>, tensor<?xf32>) -> tensor<?x?xf32>
    tgnn.yield %embedding : tensor<?x?xf32>
  }

  tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %both = tgnn.concat %source, %destination : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w = tgnn.parameter "weight" [2 * dim, 1] uniform_fan_in : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [1] zeros : tensor<?xf32>
    %logits = tgnn.linear %both, %w, %b : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %logits : tensor<?x?xf32>
  }
}
