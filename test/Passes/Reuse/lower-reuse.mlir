// RUN: orcinus-opt %s --tgnn-lower-reuse | FileCheck %s

tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(zeros)
tgnn.cache @m2 : tensor<8xf32> key(query_time) miss(recompute) share(separate) capacity(100) policy("lru") max_age(5)

// A key's slot is what the map says.

// CHECK-LABEL: func.func private @m1_look_up
// CHECK-SAME: (%[[KEYS:.*]]: memref<?xi32> {tgnn.name = "keys"}, %[[SLOTS:.*]]: memref<?xi32> {tgnn.name = "slots"}, %[[SLOT_OF:.*]]: memref<?xi32> {tgnn.name = "slot_of"}, %{{.*}}: memref<?xi32> {tgnn.name = "written_at"}, %{{.*}}: i32 {tgnn.name = "batch"})
// CHECK: scf.for %[[I:.*]] =
// CHECK: %[[KEY:.*]] = memref.load %[[KEYS]][%[[I]]]
// CHECK: %[[AT:.*]] = arith.index_cast %[[KEY]]
// CHECK: %[[SLOT:.*]] = memref.load %[[SLOT_OF]][%[[AT]]]
// CHECK: %[[CACHED:.*]] = arith.cmpi sge, %[[SLOT]]
// CHECK-NOT: scf.if
// CHECK: %[[FOUND:.*]] = arith.select %[[CACHED]], %[[SLOT]],
// CHECK: memref.store %[[FOUND]], %[[SLOTS]][%[[I]]]

// First evictions, then writes.

// CHECK-LABEL: func.func private @m1_replace
// CHECK-SAME: (%[[EVICTED:.*]]: memref<?xi32> {{.*}}, %[[PUSHED:.*]]: memref<?xi32> {{.*}}, %[[TO:.*]]: memref<?xi32> {{.*}}, %[[SLOT_OF:.*]]: memref<?xi32> {{.*}}, %[[WRITTEN:.*]]: memref<?xi32> {{.*}}, %[[BATCH:.*]]: i32 {{.*}})
// CHECK: %[[NONE:.*]] = arith.constant -1 : i32
// CHECK: scf.for
// CHECK: memref.load %[[EVICTED]]
// CHECK: memref.store %[[NONE]], %[[SLOT_OF]]
// CHECK: scf.for
// CHECK: memref.load %[[PUSHED]]
// CHECK: %[[SLOT:.*]] = memref.load %[[TO]]
// CHECK: memref.store %[[SLOT]], %[[SLOT_OF]]
// CHECK: memref.store %[[BATCH]], %[[WRITTEN]]

// An age limit looks at when the slot was written.

// CHECK-LABEL: func.func private @m2_look_up
// CHECK: scf.if
// CHECK: memref.load
// CHECK: %[[AGE:.*]] = arith.subi
// CHECK: %[[LIMIT:.*]] = arith.constant 5 : i32
// CHECK: arith.cmpi sle, %[[AGE]], %[[LIMIT]]

// CHECK-LABEL: func.func @blocked
// CHECK-SAME: (%[[H:.*]]: tensor<?x8xf32>)
// CHECK: %[[Q1:.*]] = tgnn.cache_candidates @m1, %[[Q:.*]], %[[N:.*]] share(paper)
// CHECK-DAG: %[[SLOT_OF:.*]] = tgnn.cache_buffer @m1[slot_of]
// CHECK-DAG: %[[WRITTEN:.*]] = tgnn.cache_buffer @m1[written_at]
// CHECK-DAG: %[[BATCH:.*]] = tgnn.cache_batch @m1
// CHECK-DAG: %[[KEYS:.*]] = tgnn.lookup_buffer %[[Q1]][candidate_keys]
// CHECK-DAG: %[[SLOTS:.*]] = tgnn.lookup_buffer %[[Q1]][candidate_slots]
// CHECK: call @m1_look_up(%[[KEYS]], %[[SLOTS]], %[[SLOT_OF]], %[[WRITTEN]], %[[BATCH]])
// CHECK: tgnn.cache_resolve @m1, %[[Q]], %[[N]], %[[Q1]]
// CHECK: call @m1_replace(%{{.*}}, %{{.*}}, %{{.*}}, %[[SLOT_OF]], %[[WRITTEN]], %[[BATCH]])
// CHECK: %[[STORE:.*]] = tgnn.read "cache:m1" : tensor<?x8xf32>
// CHECK: %[[READ:.*]] = tgnn.table %[[Q1]] "cached_rows"
// CHECK: %[[CACHED:.*]] = tgnn.gather(%[[STORE]], %[[READ]])
// CHECK: %[[BOTH:.*]] = tgnn.concat_rows %[[H]], %[[CACHED]]
// CHECK: %[[POOL:.*]] = tgnn.stop_gradient %[[BOTH]]
// CHECK: %[[ROWS:.*]] = tgnn.table %[[Q1]] "pushed_rows"
// CHECK: %[[KEPT:.*]] = tgnn.gather(%[[H]], %[[ROWS]])
// CHECK: %[[SLOTS:.*]] = tgnn.table %[[Q1]] "pushed_slots"
// CHECK: tgnn.write %[[KEPT]] to "cache:m1" rows(%[[SLOTS]] : tensor<?xi32>)
// CHECK: return %[[POOL]]
func.func @blocked(%h: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %q = tgnn.targets : !tgnn.query
  %n = tgnn.sample %q k(10) policy(recent) : !tgnn.neighbourhood
  %q1 = tgnn.cache_lookup @m1, %q, %n : !tgnn.query
  %pool = tgnn.cache_pull @m1, %q1, %h block_gradient : tensor<?x8xf32> -> tensor<?x8xf32>
  tgnn.cache_push @m1, %q1, %h : tensor<?x8xf32>
  return %pool : tensor<?x8xf32>
}

// Unblocked, the fresh rows get a gradient and the cached ones none.
// CHECK-LABEL: func.func @open
// CHECK: tgnn.cache_candidates @m2, %{{.*}}, %{{.*}} share(separate)
// CHECK: %[[BOTH:.*]] = tgnn.concat_rows
// CHECK-NOT: tgnn.stop_gradient
// CHECK: return %[[BOTH]]
func.func @open(%h: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %q = tgnn.targets : !tgnn.query
  %n = tgnn.sample %q k(10) policy(recent) : !tgnn.neighbourhood
  %q1 = tgnn.cache_lookup @m2, %q, %n : !tgnn.query
  %pool = tgnn.cache_pull @m2, %q1, %h : tensor<?x8xf32> -> tensor<?x8xf32>
  return %pool : tensor<?x8xf32>
}
