// RUN: orcinus-opt %s --split-input-file --verify-diagnostics

func.func @spec(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>) {
  // expected-error @below {{'qi,io' is not a contraction}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.contract "qi,io" %x, %w : tensor<2x8xf32>, tensor<8x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @lonely_label(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>) {
  // expected-error @below {{'qi,jo->qo' is not a contraction}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.contract "qi,jo->qo" %x, %w : tensor<2x8xf32>, tensor<8x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @extent(%x: tensor<2x8xf32>, %w: tensor<7x4xf32>) {
  // expected-error @below {{label 'i' has the extents 8 and 7}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.contract "qi,io->qo" %x, %w : tensor<2x8xf32>, tensor<7x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @bias(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %b: tensor<5xf32>) {
  // expected-error @below {{the bias must have the extent 4 in dimension 0, has 5}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.linear %x, %w, %b : tensor<2x8xf32>, tensor<8x4xf32>, tensor<5xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @attention(%q: tensor<?x8xf32>, %k: tensor<?x3x6xf32>, %c: tensor<?xi32>,
                     %wk: tensor<2x5x4xf32>, %wv: tensor<2x6x4xf32>) {
  // expected-error @below {{the key weight must have the extent 6 in dimension 1, has 5}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.temporal_attention %q, %k, %c, %wk, %wv
      : (tensor<?x8xf32>, tensor<?x3x6xf32>, tensor<?xi32>, tensor<2x5x4xf32>, tensor<2x6x4xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @slice(%x: tensor<8x4xf32>) {
  // expected-error @below {{range [6, 10) exceeds the extent 8}}
  %y = tgnn.slice %x dimension(0) offset(6) size(4) : tensor<8x4xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @add(%x: tensor<8x4xf32>, %y: tensor<8x5xf32>) {
  // expected-error @below {{operands have different extents, 4 and 5}}
  // expected-error @below {{failed to infer returned types}}
  %z = tgnn.add %x, %y : tensor<8x4xf32>, tensor<8x5xf32> -> tensor<8x4xf32>
  return
}

// -----

func.func @reshape(%x: tensor<?x6xf32>) {
  // expected-error @below {{cannot turn rows of 6 elements into rows of 4}}
  %y = tgnn.reshape %x to [4] : tensor<?x6xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @gelu_grad(%x: tensor<?x6xf32>, %dy: tensor<?x5xf32>) {
  // expected-error @below {{operands have different extents, 6 and 5}}
  // expected-error @below {{failed to infer returned types}}
  %dx = tgnn.gelu_grad %x, %dy : tensor<?x6xf32>, tensor<?x5xf32> -> tensor<?x6xf32>
  return
}

// -----

func.func @transpose_of_a_vector(%x: tensor<6xf32>) {
  // expected-error @below {{the input must have rank 2 or more}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.transpose %x : tensor<6xf32> -> tensor<6xf32>
  return
}

// -----

func.func @negative_extent(%x: tensor<?x6xf32>) {
  // expected-error @below {{expected a coefficient of 0 or more}}
  %y = tgnn.reshape %x to [-6] : tensor<?x6xf32> -> tensor<?x6xf32>
  return
}

// -----

func.func @negative_extent_of_the_generic_form(%x: tensor<?x6xf32>) {
  // expected-error @below {{has an extent that is neither a number nor made of named sizes}}
  %y = "tgnn.reshape"(%x) <{trailing = [{constant = -6 : i64}]}> : (tensor<?x6xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @no_extents(%x: tensor<?x6xf32>) {
  // expected-error @below {{has an extent that is neither a number nor made of named sizes}}
  %y = "tgnn.reshape"(%x) {trailing = [6]} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  return
}

// -----

func.func @linear_of_vector(%x: tensor<6xf32>, %w: tensor<6x4xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{the input must have rank 2 or more, the weight rank 2}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.linear %x, %w, %b : tensor<6xf32>, tensor<6x4xf32>, tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @linear_of_nothing(%x: tensor<?x3x0xf32>, %w: tensor<0x4xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{an input of rank 3 must have a column}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.linear %x, %w, %b : tensor<?x3x0xf32>, tensor<0x4xf32>, tensor<4xf32> -> tensor<?x3x4xf32>
  return
}

// -----

func.func @rnn_cell(%x: tensor<?x5xf32>, %h: tensor<?x4xf32>, %w: tensor<5x12xf32>, %b: tensor<4xf32>, %u: tensor<4x4xf32>) {
  // expected-error @below {{the input weight must have the extent 4 in dimension 1, has 12}}
  // expected-error @below {{failed to infer returned types}}
  %n = tgnn.rnn_cell %x, %h, %w, %b, %u, %b : (tensor<?x5xf32>, tensor<?x4xf32>, tensor<5x12xf32>, tensor<4xf32>, tensor<4x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  return
}

// -----

func.func @lstm(%x: tensor<?x5xf32>, %h: tensor<?x4xf32>, %c: tensor<?x3xf32>, %w: tensor<5x16xf32>, %b: tensor<16xf32>, %u: tensor<4x16xf32>) {
  // expected-error @below {{operands have different extents, 4 and 3}}
  // expected-error @below {{failed to infer returned types}}
  %n:2 = tgnn.lstm %x, %h, %c, %w, %b, %u, %b : (tensor<?x5xf32>, tensor<?x4xf32>, tensor<?x3xf32>, tensor<5x16xf32>, tensor<16xf32>, tensor<4x16xf32>, tensor<16xf32>) -> (tensor<?x4xf32>, tensor<?x3xf32>)
  return
}

// -----

func.func @heads(%q: tensor<?x2x8xf32>, %k: tensor<?x3x8xf32>, %v: tensor<?x3x6xf32>, %c: tensor<?xi32>) {
  // expected-error @below {{needs a number of heads that divides the 6 columns of its tokens, not 4}}
  %y = tgnn.token_attention %q, %k, %v, %c heads(4) : (tensor<?x2x8xf32>, tensor<?x3x8xf32>, tensor<?x3x6xf32>, tensor<?xi32>) -> tensor<?x2x6xf32>
  return
}

// -----

func.func @keys(%q: tensor<?x2x8xf32>, %k: tensor<?x4x8xf32>, %v: tensor<?x3x6xf32>, %c: tensor<?xi32>) {
  // expected-error @below {{the key must have the extent 3 in dimension 1, has 4}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.token_attention %q, %k, %v, %c heads(2) : (tensor<?x2x8xf32>, tensor<?x4x8xf32>, tensor<?x3x6xf32>, tensor<?xi32>) -> tensor<?x2x6xf32>
  return
}

// -----

func.func @init_rows(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %b: tensor<3x4xf32>) {
  // expected-error @below {{init must have the extent 2 in dimension 0, has 3}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.contract "qi,io->qo" %x, %w init(%b : tensor<3x4xf32>) : tensor<2x8xf32>, tensor<8x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @attention_rows(%q: tensor<2x8xf32>, %k: tensor<3x5x6xf32>, %c: tensor<2xi32>, %wk: tensor<2x6x4xf32>) {
  // expected-error @below {{the key must have the extent 2 in dimension 0, has 3}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.temporal_attention %q, %k, %c, %wk, %wk : (tensor<2x8xf32>, tensor<3x5x6xf32>, tensor<2xi32>, tensor<2x6x4xf32>, tensor<2x6x4xf32>) -> tensor<2x8xf32>
  return
}

// -----

func.func @attention_counts(%q: tensor<2x8xf32>, %k: tensor<2x5x6xf32>, %c: tensor<3xi32>, %wk: tensor<2x6x4xf32>) {
  // expected-error @below {{the counts must have the extent 2 in dimension 0, has 3}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.temporal_attention %q, %k, %c, %wk, %wk : (tensor<2x8xf32>, tensor<2x5x6xf32>, tensor<3xi32>, tensor<2x6x4xf32>, tensor<2x6x4xf32>) -> tensor<2x8xf32>
  return
}

// -----

func.func @gru_rows(%x: tensor<3x8xf32>, %h: tensor<2x4xf32>, %wx: tensor<8x12xf32>, %b: tensor<12xf32>, %wh: tensor<4x12xf32>) {
  // expected-error @below {{the input must have the extent 2 in dimension 0, has 3}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.gru %x, %h, %wx, %b, %wh, %b : (tensor<3x8xf32>, tensor<2x4xf32>, tensor<8x12xf32>, tensor<12xf32>, tensor<4x12xf32>, tensor<12xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @token_rows(%q: tensor<2x5x8xf32>, %k: tensor<3x5x8xf32>) {
  // expected-error @below {{the key must have the extent 2 in dimension 0, has 3}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.token_attention %q, %k, %q heads(2) : (tensor<2x5x8xf32>, tensor<3x5x8xf32>, tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return
}

// -----

func.func @token_counts(%q: tensor<2x5x8xf32>, %c: tensor<3xi32>) {
  // expected-error @below {{the counts must have the extent 2 in dimension 0, has 3}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.token_attention %q, %q, %q, %c heads(2) : (tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<3xi32>) -> tensor<2x5x8xf32>
  return
}

// -----

func.func @elements(%x: tensor<3x1xf32>) {
  // expected-error @below {{cannot make rows of 2 elements of 'tensor<3x1xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.reshape %x to [2] : tensor<3x1xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @thirds(%x: tensor<4x8xf32>) {
  // expected-error @below {{needs embeddings of sources, as many destinations and as many negatives, has 4}}
  // expected-error @below {{failed to infer returned types}}
  %y, %v = tgnn.link_pairs %x : tensor<4x8xf32> -> tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @halves(%x: tensor<3x8xf32>) {
  // expected-error @below {{needs gradients of events and as many negatives, has 3}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.link_pairs_grad %x, %x : tensor<3x8xf32>, tensor<3x8xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @sum(%x: tensor<2x8xf32>, %z: tensor<3x8xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<5x8xf32>' are incompatible with return type(s) of operation 'tensor<6x8xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.concat_rows %x, %z : tensor<2x8xf32>, tensor<3x8xf32> -> tensor<6x8xf32>
  return
}

// -----

func.func @first(%x: tensor<2x8xf32>, %z: tensor<3x8xf32>) {
  // expected-error @below {{takes 3 rows out of 2}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.first_rows %x like %z : tensor<2x8xf32>, tensor<3x8xf32> -> tensor<3x8xf32>
  return
}

// -----

func.func @padded(%x: tensor<3x8xf32>) {
  // expected-error @below {{does not fit into 4 elements from 2 on}}
  // expected-error @below {{failed to infer returned types}}
  %y = tgnn.pad %x dimension(0) offset(2) size(4) : tensor<3x8xf32> -> tensor<4x8xf32>
  return
}
