// RUN: orcinus-opt %s --verify-diagnostics --orcinus-train-pipeline

// What an encoder yields has a row for each target.
tgnn.model @yielding sizes {dim = 1, edge = 0} {
  tgnn.state @memory [dim] message [dim] (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>) {
    tgnn.yield %other : tensor<?x?xf32>
  } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>,
            %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
    tgnn.yield %message : tensor<?x?xf32>
  }
  tgnn.encode (%queries: !tgnn.query) {
    // expected-note @below {{the tgnn.distinct}}
    %nodes = tgnn.distinct %queries key(node) : !tgnn.query
    %rows = tgnn.state_rows @memory at %nodes : tensor<?x?xf32>
    // expected-error @below {{'tgnn.link_pairs' op needs rows(targets), has rows(tgnn.distinct)}}
    tgnn.yield %rows : tensor<?x?xf32>
  }
  tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>)
      -> tensor<?x?xf32> {
    tgnn.yield %source : tensor<?x?xf32>
  }
}
