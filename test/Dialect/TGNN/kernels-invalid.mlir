// RUN: orcinus-opt %s -split-input-file -verify-diagnostics

func.func @no_index(%table: tensor<?x100xf32>) {
  // expected-error @+1 {{needs a table of rank 2 and an index}}
  %0 = tgnn.gather(%table) : (tensor<?x100xf32>) -> tensor<?x100xf32>
  return
}

// -----

func.func @wrong_result(%table: tensor<?x100xf32>, %index: tensor<?xi32>) {
  // expected-error @+2 {{inferred type(s) 'tensor<?x100xf32>' are incompatible with return type(s) of operation 'tensor<?x50xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = tgnn.gather(%table, %index) : (tensor<?x100xf32>, tensor<?xi32>) -> tensor<?x50xf32>
  return
}

// -----

func.func @wrong_out(%table: memref<?x100xf32>, %index: memref<?xi32>, %out: memref<?x50xf32>) {
  // expected-error @+1 {{out 0 must have the shape of 'tensor<?x100xf32>'}}
  tgnn.gather(%table, %index) into(%out) : (memref<?x100xf32>, memref<?xi32>) into (memref<?x50xf32>)
  return
}

// -----

func.func @missing_out(%x: memref<?x100xf32>, %scale: memref<100xf32>, %y: memref<?x100xf32>) {
  // expected-error @+1 {{needs 2 outs}}
  tgnn.layer_norm(%x, %scale, %scale) into(%y) : (memref<?x100xf32>, memref<100xf32>, memref<100xf32>) into (memref<?x100xf32>)
  return
}

// -----

func.func @too_many_inputs(%x: memref<?x100xf32>, %counts: memref<?xi32>, %y: memref<?x100xf32>) {
  // expected-error @+1 {{needs 2 inputs, has 3}}
  tgnn.mask_rows(%x, %counts, %counts) into(%y) : (memref<?x100xf32>, memref<?xi32>, memref<?xi32>) into (memref<?x100xf32>)
  return
}

// -----

func.func @mean_of_tokens(%x: tensor<?x3x8xf32>, %offsets: tensor<?xi32>, %references: tensor<?xi32>) {
  // expected-error @+1 {{input 0 must have another rank}}
  %0 = tgnn.mean_rows(%x, %offsets, %references) : (tensor<?x3x8xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @mask_of_rows(%x: tensor<?x100xf32>, %counts: tensor<?xi32>) {
  // expected-error @+1 {{input 0 must have another rank}}
  %0 = tgnn.mask_tokens(%x, %counts) : (tensor<?x100xf32>, tensor<?xi32>) -> tensor<?x100xf32>
  return
}

// -----

func.func @mean_of_no_token(%x: tensor<?x0x100xf32>) {
  // expected-error @+1 {{needs a token to take the mean of}}
  %0 = tgnn.mean_tokens(%x) : (tensor<?x0x100xf32>) -> tensor<?x100xf32>
  return
}

// -----

func.func @mean_of_counts(%x: tensor<?x8x100xf32>, %counts: tensor<?xf32>) {
  // expected-error @+1 {{input 1 must be of i32, is of 'f32'}}
  %0 = tgnn.mean_tokens(%x, %counts) : (tensor<?x8x100xf32>, tensor<?xf32>) -> tensor<?x100xf32>
  return
}

// -----

func.func @spread_to_no_token(%dy: tensor<?x100xf32>) {
  // expected-error @+1 {{needs a token, has 0}}
  %0 = tgnn.mean_tokens_grad(%dy) {tokens = 0 : i64} : (tensor<?x100xf32>) -> tensor<?x0x100xf32>
  return
}

// -----

func.func @rate(%x: memref<?x100xf32>, %seed: i64, %y: memref<?x100xf32>) {
  // expected-error @+1 {{the rate must be in [0, 1)}}
  tgnn.dropout(%x, %seed) into(%y) {rate = 1.0 : f32, salt = 0 : i64} : (memref<?x100xf32>, i64) into (memref<?x100xf32>)
  return
}

// -----

func.func @narrow_values(%table: tensor<?x100xf32>, %rows: tensor<?xi32>, %values: tensor<?x99xf32>) {
  // expected-error @+1 {{the values must have the extent 100 in dimension 1, has 99}}
  %0 = tgnn.replace_rows(%table, %rows, %values) : (tensor<?x100xf32>, tensor<?xi32>, tensor<?x99xf32>) -> tensor<?x100xf32>
  return
}

// -----

func.func @scale(%x: tensor<?x100xf32>, %scale: tensor<99xf32>, %shift: tensor<100xf32>) {
  // expected-error @+1 {{scale and shift must have the extent 100 in dimension 0, has 99}}
  %0, %1 = tgnn.layer_norm(%x, %scale, %shift) : (tensor<?x100xf32>, tensor<99xf32>, tensor<100xf32>) -> (tensor<?x100xf32>, tensor<?x2xf32>)
  return
}

// -----

func.func @statistics(%x: tensor<?x100xf32>, %scale: tensor<100xf32>, %statistics: tensor<?x3xf32>) {
  // expected-error @+1 {{the statistics must have the extent 2 in dimension 1, has 3}}
  %0 = tgnn.layer_norm_grad(%x, %scale, %statistics, %x) : (tensor<?x100xf32>, tensor<100xf32>, tensor<?x3xf32>, tensor<?x100xf32>) -> tensor<?x100xf32>
  return
}

// -----

func.func @gates(%a: tensor<?x300xf32>, %c: tensor<?x200xf32>, %h: tensor<?x100xf32>) {
  // expected-error @+1 {{the gates must have the extent 300 in dimension 1, has 200}}
  %0 = tgnn.gru_gates(%a, %c, %h) : (tensor<?x300xf32>, tensor<?x200xf32>, tensor<?x100xf32>) -> tensor<?x100xf32>
  return
}

// -----

func.func @logits(%logits: tensor<?x2xf32>, %labels: tensor<?xi32>) {
  // expected-error @+1 {{the logits must have the extent 1 in dimension 1, has 2}}
  %0 = tgnn.link_loss(%logits, %labels) : (tensor<?x2xf32>, tensor<?xi32>) -> tensor<f32>
  return
}

// -----

func.func @labels(%logits: tensor<6x1xf32>, %labels: tensor<5xi32>) {
  // expected-error @+1 {{the labels must have the extent 6 in dimension 0, has 5}}
  %0 = tgnn.link_loss(%logits, %labels) : (tensor<6x1xf32>, tensor<5xi32>) -> tensor<f32>
  return
}

// -----

func.func @key_width(%u: tensor<?x2x206xf32>, %counts: tensor<?xi32>, %seed: i64, %table: tensor<?x100xf32>, %index: tensor<?x10xi32>) {
  // expected-error @+1 {{keys have 100 columns, the query has 206}}
  %0, %1 = tgnn.attend(%u, %counts, %seed, %table, %index) {scale = 1.0 : f32, dropout = 0.0 : f32, salt = 0 : i64, time = false}
    : (tensor<?x2x206xf32>, tensor<?xi32>, i64, tensor<?x100xf32>, tensor<?x10xi32>) -> (tensor<?x2x206xf32>, tensor<?x2x10xf32>)
  return
}

// -----

func.func @neighbours(%u: tensor<?x2x200xf32>, %counts: tensor<?xi32>, %seed: i64, %table: tensor<?x100xf32>, %index: tensor<?x10xi32>, %other: tensor<?x11xi32>) {
  // expected-error @+1 {{table 1 has 11 neighbours, expected 10}}
  %0, %1 = tgnn.attend(%u, %counts, %seed, %table, %index, %table, %other) {scale = 1.0 : f32, dropout = 0.0 : f32, salt = 0 : i64, time = false}
    : (tensor<?x2x200xf32>, tensor<?xi32>, i64, tensor<?x100xf32>, tensor<?x10xi32>, tensor<?x100xf32>, tensor<?x11xi32>) -> (tensor<?x2x200xf32>, tensor<?x2x10xf32>)
  return
}

// -----

func.func @index(%u: tensor<?x2x100xf32>, %counts: tensor<?xi32>, %seed: i64, %table: tensor<?x100xf32>) {
  // expected-error @+1 {{every table needs an index}}
  %0, %1 = tgnn.attend(%u, %counts, %seed, %table) {scale = 1.0 : f32, dropout = 0.0 : f32, salt = 0 : i64, time = false}
    : (tensor<?x2x100xf32>, tensor<?xi32>, i64, tensor<?x100xf32>) -> (tensor<?x2x100xf32>, tensor<?x2x10xf32>)
  return
}

// -----

func.func @columns(%u: tensor<?x2x206xf32>, %a: tensor<?x2x10xf32>, %offsets: tensor<?xi32>) {
  // expected-error @+1 {{columns [150, 250) exceed the keys' 206}}
  %0 = tgnn.attend_table_grad(%u, %u, %a, %a, %offsets, %offsets) {column = 150 : i64, width = 100 : i64}
    : (tensor<?x2x206xf32>, tensor<?x2x206xf32>, tensor<?x2x10xf32>, tensor<?x2x10xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x100xf32>
  return
}

// -----

func.func @moments(%gradient: memref<10x10xf32>, %moment: memref<100xf32>, %rate: f32, %step: i64) {
  // expected-error @+1 {{needs a gradient and moments of the parameter's shape}}
  tgnn.adam %gradient, %gradient, %moment, %moment, %rate, %step : memref<10x10xf32>, memref<10x10xf32>, memref<100xf32>, memref<100xf32>
  return
}

// -----

func.func @rows(%values: memref<?x10xf32>, %rows: memref<?xi32>, %buffer: memref<?x11xf32>) {
  // expected-error @+1 {{needs values as wide as the buffer}}
  tgnn.write_rows %values, %rows, %buffer : memref<?x10xf32>, memref<?xi32>, memref<?x11xf32>
  return
}

// -----

func.func @float_index(%table: tensor<10x4xf32>, %index: tensor<5xf32>) {
  // expected-error @+1 {{input 1 must be of i32, is of 'f32'}}
  %0 = tgnn.gather(%table, %index) : (tensor<10x4xf32>, tensor<5xf32>) -> tensor<5x4xf32>
  return
}

// -----

func.func @wide_counts(%x: memref<?x4xf32>, %counts: memref<?xi64>, %y: memref<?x4xf32>) {
  // expected-error @+1 {{input 1 must be of i32, is of 'i64'}}
  tgnn.mask_rows(%x, %counts) into(%y) : (memref<?x4xf32>, memref<?xi64>) into (memref<?x4xf32>)
  return
}

// -----

func.func @double_rows(%x: tensor<?x4xf64>, %scale: tensor<4xf64>) {
  // expected-error @+1 {{input 0 must be of f32, is of 'f64'}}
  %y, %s = tgnn.layer_norm(%x, %scale, %scale) : (tensor<?x4xf64>, tensor<4xf64>, tensor<4xf64>) -> (tensor<?x4xf64>, tensor<?x2xf64>)
  return
}

// -----

func.func @float_table_index(%u: tensor<5x1x4xf32>, %counts: tensor<5xi32>, %seed: i64, %table: tensor<9x4xf32>, %index: tensor<5x3xf32>) {
  // expected-error @+1 {{an index must be of i32, is of 'f32'}}
  %z, %a = tgnn.attend(%u, %counts, %seed, %table, %index) {scale = 1.0 : f32, dropout = 0.0 : f32, salt = 0 : i64, time = false} : (tensor<5x1x4xf32>, tensor<5xi32>, i64, tensor<9x4xf32>, tensor<5x3xf32>) -> (tensor<5x1x4xf32>, tensor<5x1x3xf32>)
  return
}

// -----

func.func @float_rows(%values: memref<?x10xf32>, %rows: memref<?xf32>, %buffer: memref<?x10xf32>) {
  // expected-error @+1 {{needs rows of i32}}
  tgnn.write_rows %values, %rows, %buffer : memref<?x10xf32>, memref<?xf32>, memref<?x10xf32>
  return
}

// -----

func.func @double_moments(%gradient: memref<10xf32>, %moment: memref<10xf64>, %rate: f32, %step: i64) {
  // expected-error @+1 {{needs all in f32}}
  tgnn.adam %gradient, %gradient, %moment, %moment, %rate, %step : memref<10xf32>, memref<10xf32>, memref<10xf64>, memref<10xf64>
  return
}

// -----

func.func @double_table(%table: memref<?x100xf64>, %index: memref<?xi32>, %out: memref<?x100xf64>) {
  // expected-error @+1 {{input 0 must be of f32 or i32, is of 'f64'}}
  tgnn.gather(%table, %index) into(%out) : (memref<?x100xf64>, memref<?xi32>) into (memref<?x100xf64>)
  return
}

// -----

func.func @no_offset(%x: tensor<2x8xf32>, %o: tensor<0xi32>, %r: tensor<2xi32>) {
  // expected-error @below {{offsets must have an element}}
  %y = tgnn.gather_grad(%x, %o, %r) : (tensor<2x8xf32>, tensor<0xi32>, tensor<2xi32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @rows_of_offsets(%x: tensor<2x8xf32>, %o: tensor<4xi32>, %r: tensor<2xi32>) {
  // expected-error @below {{inferred type(s) 'tensor<3x8xf32>' are incompatible with return type(s) of operation 'tensor<4x8xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.mean_rows(%x, %o, %r) : (tensor<2x8xf32>, tensor<4xi32>, tensor<2xi32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @replaced_rows(%x: tensor<9x8xf32>, %r: tensor<2xi32>, %v: tensor<3x8xf32>) {
  // expected-error @below {{the values must have the extent 2 in dimension 0, has 3}}
  %y = tgnn.replace_rows(%x, %r, %v) : (tensor<9x8xf32>, tensor<2xi32>, tensor<3x8xf32>) -> tensor<9x8xf32>
  return
}

// -----

func.func @time_gradient(%t: tensor<2x5xf32>, %w: tensor<4xf32>, %g: tensor<2x6x4xf32>) {
  // expected-error @below {{the gradient must have the extent 5 in dimension 1, has 6}}
  %y:2 = tgnn.time_encode_grad(%t, %w, %w, %g) : (tensor<2x5xf32>, tensor<4xf32>, tensor<4xf32>, tensor<2x6x4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

func.func @masked_rows(%x: tensor<2x8xf32>, %c: tensor<3xi32>) {
  // expected-error @below {{the counts must have the extent 2 in dimension 0, has 3}}
  %y = tgnn.mask_rows(%x, %c) : (tensor<2x8xf32>, tensor<3xi32>) -> tensor<2x8xf32>
  return
}

// -----

func.func @masked_tokens(%x: tensor<2x5x8xf32>, %c: tensor<3xi32>) {
  // expected-error @below {{the counts must have the extent 2 in dimension 0, has 3}}
  %y = tgnn.mask_tokens(%x, %c) : (tensor<2x5x8xf32>, tensor<3xi32>) -> tensor<2x5x8xf32>
  return
}

// -----

func.func @mean_of_tokens(%x: tensor<2x5x8xf32>, %c: tensor<3xi32>) {
  // expected-error @below {{the counts must have the extent 2 in dimension 0, has 3}}
  %y = tgnn.mean_tokens(%x, %c) : (tensor<2x5x8xf32>, tensor<3xi32>) -> tensor<2x8xf32>
  return
}

// -----

func.func @softmax_counts(%x: tensor<2x5x8xf32>, %c: tensor<3xi32>) {
  // expected-error @below {{the counts must have the extent 2 in dimension 0, has 3}}
  %y = tgnn.neighbour_softmax(%x, %c) {scale = 1.0 : f32} : (tensor<2x5x8xf32>, tensor<3xi32>) -> tensor<2x5x8xf32>
  return
}

// -----

func.func @statistics(%x: tensor<2x8xf32>, %w: tensor<8xf32>, %s: tensor<3x2xf32>) {
  // expected-error @below {{the statistics must have the extent 2 in dimension 0, has 3}}
  %y = tgnn.layer_norm_grad(%x, %w, %s, %x) : (tensor<2x8xf32>, tensor<8xf32>, tensor<3x2xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}

// -----

func.func @statistics_of_parameters(%x: tensor<2x8xf32>, %s: tensor<3x2xf32>) {
  // expected-error @below {{the statistics must have the extent 2 in dimension 0, has 3}}
  %y:2 = tgnn.layer_norm_parameter_grad(%x, %s, %x) : (tensor<2x8xf32>, tensor<3x2xf32>, tensor<2x8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
  return
}

// -----

func.func @gate_rows(%a: tensor<3x24xf32>, %h: tensor<2x8xf32>) {
  // expected-error @below {{the gates must have the extent 2 in dimension 0, has 3}}
  %y = tgnn.gru_gates(%a, %a, %h) : (tensor<3x24xf32>, tensor<3x24xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}

// -----

func.func @attend_counts(%u: tensor<2x2x8xf32>, %c: tensor<3xi32>, %s: i64, %t: tensor<9x8xf32>, %i: tensor<2x5xi32>) {
  // expected-error @below {{the counts must have the extent 2 in dimension 0, has 3}}
  %y:2 = tgnn.attend(%u, %c, %s, %t, %i) {scale = 1.0 : f32, dropout = 0.0 : f32, salt = 1 : i64, time = false} : (tensor<2x2x8xf32>, tensor<3xi32>, i64, tensor<9x8xf32>, tensor<2x5xi32>) -> (tensor<2x2x8xf32>, tensor<2x2x5xf32>)
  return
}

// -----

func.func @attend_index(%u: tensor<2x2x8xf32>, %c: tensor<2xi32>, %s: i64, %t: tensor<9x8xf32>, %i: tensor<3x5xi32>) {
  // expected-error @below {{an index must have the extent 2 in dimension 0, has 3}}
  %y:2 = tgnn.attend(%u, %c, %s, %t, %i) {scale = 1.0 : f32, dropout = 0.0 : f32, salt = 1 : i64, time = false} : (tensor<2x2x8xf32>, tensor<2xi32>, i64, tensor<9x8xf32>, tensor<3x5xi32>) -> (tensor<2x2x8xf32>, tensor<2x2x5xf32>)
  return
}

// -----

func.func @attend_no_query_index(%u: tensor<2x2x8xf32>, %c: tensor<3xi32>, %s: i64, %t: tensor<9x8xf32>, %i: tensor<3x5xi32>) {
  // expected-error @below {{input 3 must have another rank}}
  %y:2 = tgnn.attend(%u, %c, %s, %t, %i) {scale = 1.0 : f32, dropout = 0.0 : f32, salt = 1 : i64, time = false, indexed} : (tensor<2x2x8xf32>, tensor<3xi32>, i64, tensor<9x8xf32>, tensor<3x5xi32>) -> (tensor<3x2x8xf32>, tensor<3x2x5xf32>)
  return
}

// -----

func.func @attend_query_index(%u: tensor<2x2x8xf32>, %c: tensor<3xi32>, %s: i64, %q: tensor<4xi32>, %t: tensor<9x8xf32>, %i: tensor<3x5xi32>) {
  // expected-error @below {{the counts must have the extent 4 in dimension 0, has 3}}
  %y:2 = tgnn.attend(%u, %c, %s, %q, %t, %i) {scale = 1.0 : f32, dropout = 0.0 : f32, salt = 1 : i64, time = false, indexed} : (tensor<2x2x8xf32>, tensor<3xi32>, i64, tensor<4xi32>, tensor<9x8xf32>, tensor<3x5xi32>) -> (tensor<3x2x8xf32>, tensor<3x2x5xf32>)
  return
}

// -----

func.func @attend_times(%u: tensor<2x2x4xf32>, %c: tensor<2xi32>, %s: i64, %d: tensor<3x5xf32>, %w: tensor<4xf32>) {
  // expected-error @below {{Δt must have the extent 2 in dimension 0, has 3}}
  %y:2 = tgnn.attend(%u, %c, %s, %d, %w, %w) {scale = 1.0 : f32, dropout = 0.0 : f32, salt = 1 : i64, time = true} : (tensor<2x2x4xf32>, tensor<2xi32>, i64, tensor<3x5xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<2x2x4xf32>, tensor<2x2x5xf32>)
  return
}

// -----

func.func @attend_softmax(%u: tensor<2x2x8xf32>, %a: tensor<3x2x5xf32>, %c: tensor<2xi32>, %s: i64, %t: tensor<9x8xf32>, %i: tensor<2x5xi32>) {
  // expected-error @below {{the softmax must have the extent 2 in dimension 0, has 3}}
  %y:3 = tgnn.attend_grad(%u, %a, %u, %c, %s, %t, %i) {scale = 1.0 : f32, dropout = 0.0 : f32, salt = 1 : i64, time = false} : (tensor<2x2x8xf32>, tensor<3x2x5xf32>, tensor<2x2x8xf32>, tensor<2xi32>, i64, tensor<9x8xf32>, tensor<2x5xi32>) -> (tensor<2x2x8xf32>, tensor<2x2x5xf32>, tensor<2x2x5xf32>)
  return
}

// -----

func.func @attend_weights(%u: tensor<2x2x8xf32>, %a: tensor<3x2x5xf32>, %o: tensor<9xi32>, %r: tensor<10xi32>) {
  // expected-error @below {{the weights must have the extent 2 in dimension 0, has 3}}
  %y = tgnn.attend_table_grad(%u, %u, %a, %a, %o, %r) {column = 0 : i64, width = 8 : i64} : (tensor<2x2x8xf32>, tensor<2x2x8xf32>, tensor<3x2x5xf32>, tensor<3x2x5xf32>, tensor<9xi32>, tensor<10xi32>) -> tensor<8x8xf32>
  return
}

// -----

func.func @attend_time_counts(%u: tensor<2x2x4xf32>, %a: tensor<2x2x5xf32>, %c: tensor<3xi32>, %d: tensor<2x5xf32>, %w: tensor<4xf32>) {
  // expected-error @below {{the counts must have the extent 2 in dimension 0, has 3}}
  %y:2 = tgnn.attend_time_grad(%u, %u, %a, %a, %c, %d, %w, %w) {column = 0 : i64} : (tensor<2x2x4xf32>, tensor<2x2x4xf32>, tensor<2x2x5xf32>, tensor<2x2x5xf32>, tensor<3xi32>, tensor<2x5xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

func.func @other_labels(%x: tensor<?x3xf32>, %y: tensor<?x2xf32>) -> tensor<f32> {
  // expected-error @below {{the labels' values}}
  %0 = tgnn.label_loss(%x, %y) {kind = #tgnn<loss cross_entropy>} : (tensor<?x3xf32>, tensor<?x2xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @other_rows(%x: tensor<4x3xf32>, %y: tensor<5x3xf32>, %d: tensor<f32>) -> tensor<4x3xf32> {
  // expected-error @below {{the labels' values}}
  %0 = tgnn.label_loss_grad(%x, %y, %d) {kind = #tgnn<loss squared_error>} : (tensor<4x3xf32>, tensor<5x3xf32>, tensor<f32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}
