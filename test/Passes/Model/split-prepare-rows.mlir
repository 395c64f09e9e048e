// RUN: orcinus-opt %s --tgnn-split-prepare | FileCheck %s

// Tables of rows say what these are of, so that a runtime which binds only some
// rows of an array can number them anew; places in other tables do not.

tgnn.mailbox @mails width(8) slots(3) keep(last)

// CHECK-LABEL: func.func @embed_step
// CHECK-SAME: {tgnn.binding = "table:0.nodes", tgnn.rows_of = "nodes"}
// CHECK-SAME: {tgnn.binding = "table:1.rows", tgnn.rows_of = "mail:mails"}
// CHECK-SAME: {tgnn.binding = "table:1.counts"}
func.func @embed() {
  %queries = tgnn.targets : !tgnn.query
  %received = tgnn.mails @mails at %queries : !tgnn.mails
  %nodes = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
  %rows = tgnn.table %received "rows" : !tgnn.mails -> tensor<?x3xi32>
  %counts = tgnn.table %received "counts" : !tgnn.mails -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %own = tgnn.gather(%memory, %nodes) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %stored = tgnn.read "mail:mails" : tensor<?x8xf32>
  %mails = tgnn.gather(%stored, %rows) : (tensor<?x8xf32>, tensor<?x3xi32>) -> tensor<?x3x8xf32>
  %mean = tgnn.mean_tokens(%mails, %counts) : (tensor<?x3x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %sum = tgnn.add %own, %mean : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  tgnn.output %sum as "embeddings" rows(targets) : tensor<?x8xf32>
  return
}

// So do those of rows of caches.

tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(zeros)

// CHECK-LABEL: func.func @look_up_step
// CHECK-SAME: {tgnn.binding = "table:{{[0-9]+}}.cached_rows", tgnn.rows_of = "cache:m1"}
// CHECK-SAME: {tgnn.binding = "cache:m1"}
func.func @look_up() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(3) policy(recent) : !tgnn.neighbourhood
  %lookup = tgnn.cache_candidates @m1, %queries, %near share(paper) : !tgnn.query
  tgnn.cache_resolve @m1, %queries, %near, %lookup
  %rows = tgnn.table %lookup "cached_rows" : !tgnn.query -> tensor<?xi32>
  %store = tgnn.read "cache:m1" : tensor<?x8xf32>
  %cached = tgnn.gather(%store, %rows) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  tgnn.output %cached as "embeddings" rows_of(%rows : tensor<?xi32>) : tensor<?x8xf32>
  return
}
