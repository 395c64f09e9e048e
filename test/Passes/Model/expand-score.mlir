// RUN: orcinus-opt %S/../../../models/tpnet.mlir --tgnn-expand-model | FileCheck %s

// A model that scores pairs by itself has no decoder and embeds nothing.

// CHECK-LABEL: func.func @train
// CHECK: %[[Q:.*]] = tgnn.targets
// CHECK: %[[SOURCES:.*]], %[[DESTINATIONS:.*]] = tgnn.pair_ends %[[Q]]
// CHECK: %[[NEAR:.*]] = tgnn.sample %[[SOURCES]] k(20) policy(latest)
// CHECK: tgnn.table %[[NEAR]] "log_time_deltas" : !tgnn.neighbourhood -> tensor<?x20xf32>
// CHECK: tgnn.walk_features @walks, %[[NEAR]] with %[[SOURCES]]
// CHECK: tgnn.walk_features @walks, %[[NEAR]] with %[[DESTINATIONS]]
// CHECK: tgnn.apply @mix "mix2"
// CHECK: tgnn.sample %[[DESTINATIONS]] k(20) policy(latest)
// CHECK: %[[BETWEEN:.*]] = tgnn.walk_features @walks, %[[SOURCES]] with %[[DESTINATIONS]]
// CHECK: tgnn.table %[[BETWEEN]] "features" : !tgnn.walk_features -> tensor<?x64xf32>
// CHECK: %[[LOGITS:.*]] = tgnn.apply @link "link"
// CHECK: %[[PAIRS:.*]] = tgnn.pairs
// CHECK: %[[LABELS:.*]] = tgnn.table %[[PAIRS]] "labels" : !tgnn.pairs -> tensor<?xi32>
// CHECK: tgnn.link_loss(%[[LOGITS]], %[[LABELS]])
// CHECK: tgnn.advance_walks @walks
// CHECK-LABEL: func.func @evaluate
// CHECK: tgnn.output %{{.*}} as "scores" rows(pairs)
// CHECK-NOT: func.func @embed
