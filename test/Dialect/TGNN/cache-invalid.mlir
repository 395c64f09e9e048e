// RUN: orcinus-opt %s --split-input-file --verify-diagnostics

// What training divides a memory among has a policy alone.
tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(recompute) policy("lru")

// -----

// expected-error @+1 {{has a capacity, but no policy}}
tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(recompute) capacity(10)

// -----

// expected-error @+1 {{belady}}
tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(recompute) policy("belady")

// -----

// expected-error @+1 {{has a capacity below zero or beyond 32 bits}}
tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(recompute) capacity(-1) policy("lru")

// -----

// expected-error @+1 {{has an age limit below zero or beyond 32 bits}}
tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(recompute) max_age(3000000000)

// -----

// expected-error @+1 {{is keyed by query_time or event_time}}
tgnn.cache @m1 : tensor<8xf32> key(node) miss(recompute)

// -----

// expected-error @+1 {{holds rows of one static extent}}
tgnn.cache @m1 : tensor<?xf32> key(query_time) miss(recompute)

// -----

// expected-error @+1 {{separate rows for neighbours are never cached unless recomputed}}
tgnn.cache @m1 : tensor<8xf32> key(query_time) miss(zeros) share(separate)
