// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model --tgnn-insert-reuse="share=causal" | FileCheck %s
// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="sizes=layers:3" --tgnn-expand-model="functions=train" --tgnn-insert-reuse="mode=recompute capacity=1000 policy=2q max-age=7 block-gradient=false" | FileCheck %s --check-prefix=DEEP
// RUN: orcinus-opt %S/../../../models/tgat.mlir --tgnn-expand-model="functions=train" --tgnn-insert-reuse | FileCheck %s --check-prefix=EVENT
// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="functions=train" --tgnn-insert-reuse="mode=recompute share=separate capacity=0" | FileCheck %s --check-prefix=SEPARATE
// RUN: orcinus-opt %S/../../../models/tgat.mlir --tgnn-expand-model="functions=train" --tgnn-insert-reuse="mode=recompute share=separate" | FileCheck %s --check-prefix=RECOMPUTED
// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="functions=train" --tgnn-insert-reuse="mode=recompute divided policy=lru" | FileCheck %s --check-prefix=DIVIDED
// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="functions=train,train_exact" --tgnn-insert-reuse | FileCheck %s --check-prefix=EXACT
// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="functions=train,shard,shard_exact,evaluate_shard" --tgnn-insert-reuse --tgnn-lower-reuse | FileCheck %s --check-prefix=SHARD

// A part of a batch gives what a cache may keep; it writes nothing to the cache
// and to the states.

// SHARD-LABEL: func.func @shard()
// SHARD: %[[LOOKUP:.*]] = tgnn.cache_candidates @m1
// SHARD: %[[FRESH:.*]] = tgnn.apply @embed "embed1"
// SHARD: %[[STORE:.*]] = tgnn.read "cache:m1"
// SHARD: %[[ROWS:.*]] = tgnn.table %[[LOOKUP]] "pushed_rows"
// SHARD: %[[KEPT:.*]] = tgnn.gather(%[[FRESH]], %[[ROWS]])
// SHARD: tgnn.all_gather 1 of %[[KEPT]] rows_of(%[[ROWS]] : tensor<?xi32>) to "cache:m1"
// SHARD-NOT: tgnn.write
// SHARD: tgnn.differentiate
// SHARD-NOT: tgnn.write
// SHARD-LABEL: func.func @shard_exact()
// SHARD-NOT: tgnn.cache
// SHARD: tgnn.differentiate
// SHARD-NOT: tgnn.write
// SHARD-LABEL: func.func @evaluate_shard()
// SHARD-NOT: tgnn.write
// SHARD: tgnn.output {{.*}} as "scores"
// SHARD-NOT: tgnn.write
// SHARD: return

// An exact training step beside one that reuses.

// EXACT-LABEL: func.func @train()
// EXACT: tgnn.cache_lookup
// EXACT: tgnn.minimize
// EXACT-LABEL: func.func @train_exact()
// EXACT-NOT: tgnn.cache
// EXACT: tgnn.frontier {{.*}} key(query_time)
// EXACT-NOT: tgnn.cache
// EXACT: tgnn.minimize

// Training gives the caches their capacities.

// DIVIDED: tgnn.cache @m1 : tensor<100xf32> key(query_time) miss(recompute) policy("lru"){{$}}

// Layer 1 is computed for the queries of the batch alone; layer 2 reads its
// neighbours from the batch or from the cache. Evaluation stays exact.

// CHECK: tgnn.cache @m1 : tensor<100xf32> key(query_time) miss(zeros) share(causal){{$}}
// CHECK-LABEL: func.func @train
// CHECK: %[[Q2:.*]] = tgnn.targets
// CHECK: %[[N2:.*]] = tgnn.sample %[[Q2]]
// CHECK: %[[Q1:.*]] = tgnn.cache_lookup @m1, %[[Q2]], %[[N2]] : !tgnn.query
// CHECK: %[[N1:.*]] = tgnn.sample %[[Q1]]
// CHECK: tgnn.frontier %[[Q1]], %[[N1]] key(node)
// CHECK: %[[H1:.*]] = tgnn.apply @embed "embed1"
// CHECK-NEXT: %[[POOL:.*]] = tgnn.cache_pull @m1, %[[Q1]], %[[H1]] block_gradient
// CHECK-NEXT: tgnn.cache_push @m1, %[[Q1]], %[[H1]]
// CHECK: %[[INDEX:.*]] = tgnn.table %[[Q1]] "neighbours"
// CHECK: tgnn.gather(%[[POOL]], %[[INDEX]])
// CHECK-LABEL: func.func @evaluate
// CHECK-NOT: tgnn.cache_lookup
// CHECK: tgnn.frontier {{.*}} key(query_time)

// Each layer but the last has a cache of its own.

// DEEP: tgnn.cache @m1 : tensor<100xf32> key(query_time) miss(recompute) capacity(1000) policy("2q") max_age(7)
// DEEP: tgnn.cache @m2 : tensor<100xf32> key(query_time) miss(recompute) capacity(1000) policy("2q") max_age(7)
// DEEP: tgnn.cache_lookup @m2,
// DEEP: tgnn.cache_lookup @m1,
// DEEP-NOT: key(query_time)
// DEEP: tgnn.apply @embed "embed1"
// DEEP-NEXT: tgnn.cache_pull @m1, %{{.*}}, %{{.*}} : tensor<?x100xf32>
// DEEP: tgnn.apply @embed "embed2"
// DEEP-NEXT: tgnn.cache_pull @m2,

// SEPARATE: tgnn.cache @m1 : tensor<100xf32> key(query_time) miss(recompute) share(separate) capacity(0) policy("mrd"){{$}}

// What is keyed by event is as of its own time, whoever computes it.

// RECOMPUTED: tgnn.cache @m1 : tensor<100xf32> key(event_time) miss(recompute){{$}}
// EVENT: tgnn.cache @m1 : tensor<100xf32> key(event_time) miss(zeros){{$}}
