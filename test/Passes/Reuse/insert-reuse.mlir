// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model --tgnn-insert-reuse="share=causal" | FileCheck %s
// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="sizes=layers:3" --tgnn-expand-model="functions=train" --tgnn-insert-reuse="block-gradient=false" | FileCheck %s --check-prefix=DEEP

// Layer 1 is computed for the queries of the batch alone; layer 2 reads its
// neighbours from the batch or from the cache. Evaluation stays exact.

// CHECK-LABEL: func.func @train
// CHECK: %[[Q2:.*]] = tgnn.targets
// CHECK: %[[N2:.*]] = tgnn.sample %[[Q2]]
// CHECK: %[[Q1:.*]] = tgnn.cache_lookup 1, %[[Q2]], %[[N2]] share(causal) : !tgnn.query
// CHECK: %[[N1:.*]] = tgnn.sample %[[Q1]]
// CHECK: tgnn.frontier %[[Q1]], %[[N1]] key(node)
// CHECK: %[[H1:.*]] = tgnn.apply @embed "embed1"
// CHECK-NEXT: %[[POOL:.*]] = tgnn.cache_pull 1, %[[Q1]], %[[H1]] block_gradient
// CHECK-NEXT: tgnn.cache_push 1, %[[Q1]], %[[H1]]
// CHECK: %[[INDEX:.*]] = tgnn.table %[[Q1]] "neighbours"
// CHECK: tgnn.gather(%[[POOL]], %[[INDEX]])
// CHECK-LABEL: func.func @evaluate
// CHECK-NOT: tgnn.cache_lookup
// CHECK: tgnn.frontier {{.*}} key(query_time)

// DEEP: tgnn.cache_lookup 2,
// DEEP: tgnn.cache_lookup 1,
// DEEP-NOT: key(query_time)
// DEEP: tgnn.apply @embed "embed1"
// DEEP-NEXT: tgnn.cache_pull 1, %{{.*}}, %{{.*}} : tensor<?x100xf32>
// DEEP: tgnn.apply @embed "embed2"
// DEEP-NEXT: tgnn.cache_pull 2,
