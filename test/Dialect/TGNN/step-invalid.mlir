// RUN: orcinus-opt %s --split-input-file --verify-diagnostics

func.func @sample() {
  %q = tgnn.targets : !tgnn.query
  // expected-error @below {{k must be positive}}
  %n = tgnn.sample %q k(0) policy(recent) : !tgnn.neighbourhood
  return
}

// -----

func.func @component() {
  %q = tgnn.targets : !tgnn.query
  // expected-error @below {{has no component 'counts' in a '!tgnn.query'}}
  %t = tgnn.table %q "counts" : !tgnn.query -> tensor<?xi32>
  return
}

// -----

func.func @gradient(%loss: tensor<2xf32>, %w: tensor<4xf32>) {
  // expected-error @below {{the loss must be a tensor of rank 0}}
  %g = tgnn.gradient %loss wrt(%w) : tensor<2xf32>, tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @gradient_type(%loss: tensor<f32>, %w: tensor<4xf32>) {
  // expected-error @below {{needs a gradient of each parameter's type}}
  %g = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<4xf32> -> tensor<5xf32>
  return
}

// -----

func.func @apply_without_model(%x: tensor<?x4xf32>) {
  // expected-error @below {{names no layer, decoder or part of a state that takes 1 operands}}
  %0 = tgnn.apply @nothing "e"(%x) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return
}

// -----

func.func @named_size() {
  %q = tgnn.targets : !tgnn.query
  // expected-error @below {{names a size, which only a model has}}
  %n = tgnn.sample %q k(neighbours) policy(recent) : !tgnn.neighbourhood
  return
}

// -----

func.func @table_type() {
  %q = tgnn.targets : !tgnn.query
  %n = tgnn.sample %q k(3) policy(recent) : !tgnn.neighbourhood
  // expected-error @below {{component 'events' is a 'tensor<?x3xi32>'}}
  %t = tgnn.table %n "events" : !tgnn.neighbourhood -> tensor<?x4xi32>
  return
}

// -----

func.func @no_walks(%q: !tgnn.query) {
  // expected-error @below {{names no tgnn.walks}}
  %f = tgnn.walk_features @walks, %q with %q : !tgnn.query -> !tgnn.walk_features
  return
}

// -----

// expected-error @below {{needs an order of 1 to 8, not 0}}
tgnn.walks @walks order(0) width(120) decay(0.0)

// -----

// expected-error @below {{needs a decay of 0 or more}}
tgnn.walks @walks order(3) width(120) decay(-1.0)

// -----

// expected-error @below {{names a size, which only a model has}}
tgnn.walks @walks order(3) width(walk_width) decay(0.0)

// -----

func.func @output_by_write(%loss: tensor<f32>) {
  // expected-error @below {{writes no outputs; tgnn.output does}}
  tgnn.write %loss to "output:loss" : tensor<f32>
  return
}

// -----

func.func @output_count(%x: tensor<?x4xf32>) {
  // expected-error @below {{has 'evnets' rows, but a step counts its events, negatives, pairs, targets}}
  tgnn.output %x as "scores" rows(evnets) : tensor<?x4xf32>
  return
}

// -----

func.func @output_half(%x: tensor<?x4xf32>) {
  // expected-error @below {{has rows that are not whole multiples of 'events'}}
  tgnn.output %x as "scores" rows(events / 2) : tensor<?x4xf32>
  return
}

// -----

func.func @output_constant(%x: tensor<?x4xf32>) {
  // expected-error @below {{has 'constant' rows, but a step counts its}}
  tgnn.output %x as "scores" rows(events + 1) : tensor<?x4xf32>
  return
}

// -----

func.func @output_attribute(%x: tensor<?x4xf32>) {
  // expected-error @below {{has rows that are no extent}}
  "tgnn.output"(%x) {role = "scores", rows = {events = "two"}} : (tensor<?x4xf32>) -> ()
  return
}

// -----

func.func @output_without_rows(%x: tensor<?x4xf32>) {
  // expected-error @below {{does not say how many rows it has}}
  tgnn.output %x as "scores" : tensor<?x4xf32>
  return
}

// -----

func.func @output_with_rows(%x: tensor<4xf32>) {
  // expected-error @below {{has rows, but a value without open rows}}
  tgnn.output %x as "scores" rows(events) : tensor<4xf32>
  return
}

// -----

func.func @output_table(%x: tensor<?xf32>, %n: tensor<i32>) {
  // expected-error @below {{has as many rows as a number}}
  tgnn.output %x as "scores" rows_of(%n : tensor<i32>) : tensor<?xf32>
  return
}

// -----

func.func @output_role(%x: tensor<f32>) {
  // expected-error @below {{has no role}}
  tgnn.output %x as "" : tensor<f32>
  return
}

// -----

func.func @no_mailbox(%q: !tgnn.query) {
  // expected-error @below {{names no tgnn.mailbox}}
  %m = tgnn.mails @mails at %q : !tgnn.mails
  return
}

// -----

func.func @delivered_nowhere() {
  // expected-error @below {{names no tgnn.mailbox}}
  %d = tgnn.deliver @mails : !tgnn.deliveries
  return
}

// -----

// expected-error @below {{needs 1 to 4096 slots, not 0}}
tgnn.mailbox @mails width(8) slots(0) keep(mean)

// -----

// expected-error @below {{needs a positive width}}
tgnn.mailbox @mails width(0) slots(3) keep(mean)

// -----

// expected-error @below {{names a size, which only a model has}}
tgnn.mailbox @mails width(8) slots(3) neighbours(neighbours) keep(mean)

// -----

// expected-error @below {{reaches at most 4096 neighbours}}
tgnn.mailbox @mails width(8) slots(3) neighbours(4097) keep(mean)

// -----

// expected-error @below {{has a body, which only a model's has}}
tgnn.mailbox @mails width(8) slots(3) keep(mean)
    (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>, %edge: tensor<?x?xf32>) {
  tgnn.yield %own : tensor<?x?xf32>
}

// -----

// expected-error @below {{expected ::orcinus::tgnn::MailKeep to be one of: mean, last, all}}
// expected-error @below {{failed to parse TGNN_MailKeepAttr}}
tgnn.mailbox @mails width(8) slots(3) keep(none)

// -----

tgnn.mailbox @mails width(8) slots(3) keep(mean)
func.func @wrong_slots(%q: !tgnn.query) {
  %m = tgnn.mails @mails at %q : !tgnn.mails
  // expected-error @below {{component 'rows' is a 'tensor<?x3xi32>'}}
  %t = tgnn.table %m "rows" : !tgnn.mails -> tensor<?x4xi32>
  return
}

// -----

func.func @interval_of_none(%queries: !tgnn.query) {
  // expected-error @below {{k must be positive}}
  %near = tgnn.sample_by_interval %queries k(0) scale(1.0) : !tgnn.neighbourhood
  return
}

// -----

func.func @interval_scale(%queries: !tgnn.query) {
  // expected-error @below {{needs a scale of 0 or more}}
  %near = tgnn.sample_by_interval %queries k(3) scale(-1.0) : !tgnn.neighbourhood
  return
}

// -----

func.func @interval_not_a_number(%queries: !tgnn.query) {
  // expected-error @below {{needs a scale of 0 or more}}
  %near = tgnn.sample_by_interval %queries k(3) scale(0x7FC00000) : !tgnn.neighbourhood
  return
}

// -----

func.func @written_numbers(%x: tensor<f32>, %rows: tensor<?xi32>) {
  // expected-error @below {{needs values of rank 2 and rows of rank 1}}
  tgnn.write %x to "state:memory" rows(%rows : tensor<?xi32>) : tensor<f32>
  return
}

// -----

func.func @no_outputs() {
  // expected-error @below {{attribute 'outputs' failed to satisfy constraint}}
  %own, %other, %labels = tgnn.labels outputs(0) : !tgnn.labelled_rows, !tgnn.labelled_rows, !tgnn.labels
  return
}
