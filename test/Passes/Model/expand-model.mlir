// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="functions=train" | FileCheck %s --check-prefix=TGN
// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="sizes=layers:3" --tgnn-expand-model="functions=embed" | FileCheck %s --check-prefix=DEEP
// RUN: orcinus-opt %S/../../../models/tgat.mlir --tgnn-expand-model="functions=evaluate" | FileCheck %s --check-prefix=TGAT
// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="functions=score,advance" | FileCheck %s --check-prefix=USE
// RUN: orcinus-opt %S/../../../models/tgat.mlir --tgnn-expand-model="functions=score,advance" | FileCheck %s --check-prefix=STATELESS
// RUN: orcinus-opt %S/../../../models/tpnet.mlir --tgnn-expand-model="functions=score,advance,embed" | FileCheck %s --check-prefix=WALKS
// RUN: not orcinus-opt %S/../../../models/tgat.mlir --tgnn-expand-model="functions=dance" 2>&1 | FileCheck %s --check-prefix=ERROR

// The recursion over layers is unrolled from the last layer down; layer 0 has
// each node once, whatever the time.

// TGN-LABEL: func.func @train
// TGN: %[[Q2:.*]] = tgnn.targets
// TGN: %[[N2:.*]] = tgnn.sample %[[Q2]] k(10) policy(recent)
// TGN: %[[Q1:.*]] = tgnn.frontier %[[Q2]], %[[N2]] key(query_time)
// TGN: %[[N1:.*]] = tgnn.sample %[[Q1]]
// TGN: %[[Q0:.*]] = tgnn.frontier %[[Q1]], %[[N1]] key(node)
// TGN: tgnn.pending %[[Q0]]
// TGN: tgnn.apply @memory "memory"
// TGN: tgnn.apply @embed "embed1"
// TGN: tgnn.apply @embed "embed2"
// TGN: tgnn.apply @link "link"
// TGN: tgnn.minimize
// TGN: tgnn.endpoints %[[Q0]]
// TGN: tgnn.write %{{.*}} to "state:memory" rows
// TGN: tgnn.write %{{.*}} to "message:memory" rows

// DEEP-COUNT-3: tgnn.sample
// DEEP: tgnn.apply @embed "embed3"
// DEEP: tgnn.output %{{.*}} as "embeddings" rows(targets)
// DEEP-NOT: tgnn.minimize

// A model without a state starts from the nodes' features, embeds neighbours
// at their event's time, and leaves nothing behind.

// TGAT: tgnn.frontier {{.*}} key(event_time)
// TGAT: tgnn.read "features:node" : tensor<?x100xf32>
// TGAT: tgnn.output %{{.*}} as "scores" rows(pairs)
// TGAT-NOT: tgnn.endpoints

// Using a model: pairs are rows of the queries, whose embeddings are shared;
// states advance without layers, and nothing of a pair's is written to them.

// USE-LABEL: func.func @score
// USE: %[[Q2:.*]] = tgnn.targets
// USE: %[[E:.*]] = tgnn.apply @embed "embed2"
// USE: %[[PAIRS:.*]] = tgnn.pairs
// USE: %[[SOURCES:.*]] = tgnn.table %[[PAIRS]] "sources"
// USE: %[[FROM:.*]] = tgnn.gather(%[[E]], %[[SOURCES]])
// USE: %[[DESTINATIONS:.*]] = tgnn.table %[[PAIRS]] "destinations"
// USE: %[[TO:.*]] = tgnn.gather(%[[E]], %[[DESTINATIONS]])
// USE: tgnn.apply @link "link"(%[[FROM]], %[[TO]])
// USE-NOT: tgnn.endpoints
// USE: tgnn.output %{{.*}} as "scores" rows(pairs)

// USE-LABEL: func.func @advance
// USE: %[[TARGETS:.*]] = tgnn.targets
// USE: %[[NODES:.*]] = tgnn.distinct %[[TARGETS]] key(node)
// USE: tgnn.pending %[[NODES]]
// USE: tgnn.apply @memory "memory"
// USE-NOT: tgnn.apply @embed
// USE: tgnn.endpoints %[[NODES]]
// USE: tgnn.write %{{.*}} to "state:memory" rows
// USE: tgnn.write %{{.*}} to "message:memory" rows
// USE: return

// STATELESS: func.func @score
// STATELESS-NOT: func.func @advance

// A model that scores pairs by itself is asked for pairs, and walks advance
// without dense work.

// WALKS-LABEL: func.func @score
// WALKS: tgnn.pair_ends
// WALKS-NOT: tgnn.advance_walks
// WALKS: tgnn.output %{{.*}} as "scores" rows(pairs)
// WALKS-LABEL: func.func @advance
// WALKS-NEXT: tgnn.targets
// WALKS-NEXT: tgnn.advance_walks @walks
// WALKS-NEXT: return
// WALKS-NOT: func.func @embed

// ERROR: error: a model has no step function 'dance'
