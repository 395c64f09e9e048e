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
