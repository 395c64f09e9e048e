// RUN: orcinus-opt %s --split-input-file --verify-diagnostics --tgnn-expand-model

tgnn.model @unread sizes {dim = 8, edge = 0} {
  // expected-error @below {{is not read by the model's tgnn.encode}}
  tgnn.state @memory [dim] message [dim] (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>) {
    tgnn.yield %other : tensor<?x?xf32>
  } update (%message: tensor<?x?xf32>, %edge: tensor<?x?xf32>,
            %delta: tensor<?xf32>, %state: tensor<?x?xf32>) {
    tgnn.yield %message : tensor<?x?xf32>
  }
  tgnn.encode (%queries: !tgnn.query) {
    %nodes = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
    %features = tgnn.read "features:node" : tensor<?x?xf32>
    %y = tgnn.gather(%features, %nodes)
        : (tensor<?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
    tgnn.yield %y : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

tgnn.model @empty sizes {dim = 8, edge = 0, neighbours = 0} {
  tgnn.encode (%queries: !tgnn.query) {
    // expected-error @below {{samples 0 neighbours; it must be one or more}}
    %near = tgnn.sample %queries k(neighbours) policy(recent) : !tgnn.neighbourhood
    %features = tgnn.read "features:node" : tensor<?x?xf32>
    tgnn.yield %features : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

tgnn.model @nosy sizes {dim = 8, edge = 0} {
  tgnn.encode (%queries: !tgnn.query) {
    // expected-error @below {{of a model is of features:edge, features:node or mail:NAME, not of 'state:memory'}}
    %rows = tgnn.read "state:memory" : tensor<?x?xf32>
    tgnn.yield %rows : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

tgnn.model @strange sizes {dim = 8, edge = 0} {
  tgnn.encode (%queries: !tgnn.query) {
    // expected-error @below {{is of the mails of 'post', which is no tgnn.mailbox of the model}}
    %mails = tgnn.read "mail:post" : tensor<?x?xf32>
    tgnn.yield %mails : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

tgnn.model @unopened sizes {dim = 8, edge = 0} {
  tgnn.mailbox @read width(dim) slots(1) keep(last)
      (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>, %edge: tensor<?x?xf32>) {
    tgnn.yield %own : tensor<?x?xf32>
  }
  // expected-error @below {{is not read by the model's tgnn.encode}}
  tgnn.mailbox @unread width(dim) slots(1) keep(last)
      (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>, %edge: tensor<?x?xf32>) {
    tgnn.yield %own : tensor<?x?xf32>
  }
  tgnn.encode (%queries: !tgnn.query) {
    %received = tgnn.mails @read at %queries : !tgnn.mails
    %stored = tgnn.read "mail:read" : tensor<?x?xf32>
    tgnn.yield %stored : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}

// -----

tgnn.model @slotless sizes {dim = 8, edge = 0, slots = 0} {
  // expected-error @below {{needs 1 to 4096 slots, not 0}}
  tgnn.mailbox @mails width(dim) slots(slots) keep(last)
      (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>, %edge: tensor<?x?xf32>) {
    tgnn.yield %own : tensor<?x?xf32>
  }
  tgnn.encode (%queries: !tgnn.query) {
    %received = tgnn.mails @mails at %queries : !tgnn.mails
    %stored = tgnn.read "mail:mails" : tensor<?x?xf32>
    tgnn.yield %stored : tensor<?x?xf32>
  }
  tgnn.decoder @link(%s: tensor<?x?xf32>, %d: tensor<?x?xf32>) -> tensor<?x?xf32> {
    tgnn.yield %s : tensor<?x?xf32>
  }
}
