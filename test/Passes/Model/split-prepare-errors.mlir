// RUN: orcinus-opt %s --tgnn-split-prepare --split-input-file --verify-diagnostics

func.func @train(%gradient: tensor<8xf32>, %rate: f32, %step: i64) {
  // expected-error @below {{updates the parameter 'w', which the step does not have}}
  tgnn.optimize "w" by <adam> with %gradient rate %rate step %step : tensor<8xf32>
  return
}

// -----

func.func @embed() -> !tgnn.query {
  %queries = tgnn.targets : !tgnn.query
  // expected-error @below {{'func.return' uses a handle, as only index work and tgnn.table may where they are split}}
  return %queries : !tgnn.query
}

// -----

tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(zeros)
func.func @train(%fresh: tensor<?x8xf32>) {
  %queries = tgnn.targets : !tgnn.query
  // expected-error @below {{'tgnn.cache_push' uses a handle}}
  tgnn.cache_push @m1, %queries, %fresh : tensor<?x8xf32>
  return
}

// -----

func.func @embed(%rows: tensor<?x?xf32>) {
  %queries = tgnn.targets : !tgnn.query
  // expected-error @below {{has rows of unknown extents: 'tensor<?x?xf32>'}}
  tgnn.output %rows as "embeddings" rows(targets) : tensor<?x?xf32>
  return
}

// -----

func.func @embed(%rows: tensor<?x4xf32>, %index: tensor<?xi32>) {
  %queries = tgnn.targets : !tgnn.query
  // expected-error @below {{has as many rows as a tensor that is no table of the step}}
  tgnn.output %rows as "embeddings" rows_of(%index : tensor<?xi32>) : tensor<?x4xf32>
  return
}
