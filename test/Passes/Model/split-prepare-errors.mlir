// RUN: orcinus-opt %s --tgnn-split-prepare --split-input-file --verify-diagnostics

func.func @train(%gradient: tensor<8xf32>, %rate: f32, %step: i64) {
  // expected-error @below {{updates the parameter 'w', which the step does not have}}
  tgnn.optimize "w" by <adam> with %gradient rate %rate step %step : tensor<8xf32>
  return
}
