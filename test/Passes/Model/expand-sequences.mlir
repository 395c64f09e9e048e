// RUN: orcinus-opt %S/../../../models/tcl.mlir --tgnn-expand-model="functions=train" --tgnn-inline-layers | FileCheck %s --check-prefix=TCL
// RUN: orcinus-opt %S/../../../models/dygformer.mlir --tgnn-expand-model="functions=train" | FileCheck %s --check-prefix=DYGFORMER
// RUN: sed -e 's/patches = 32, patch = 1/patches = 16, patch = 4/' %S/../../../models/dygformer.mlir | orcinus-opt --tgnn-specialize-model="sizes=edge:3" --orcinus-train-pipeline | FileCheck %s --check-prefix=PATCHES

// Models over the sequences of a node and its neighbours.

// The same block attends within each end and across, with one set of
// parameters a layer; behind the last layer the nodes' own tokens are read.

// TCL-LABEL: func.func @train
// TCL: tgnn.parameter "tokens.node" [172, 1] uniform_fan_in(172) : tensor<172x1xf32>
// TCL: tgnn.parameter "tokens.places" [21, 172] normal : tensor<21x172xf32>
// TCL: tgnn.parameter "layer1.attention" [516, 172] xavier
// TCL: tgnn.parameter "layer2.attention" [516, 172] xavier
// TCL-NOT: ".attention"
// TCL: %[[NEAR:.*]] = tgnn.sample %{{.*}} k(20) policy(latest)
// TCL: %[[OWN:.*]] = tgnn.table %[[NEAR]] "sequence_counts" : !tgnn.neighbourhood -> tensor<?xi32>
// TCL: %[[FAR:.*]] = tgnn.sample %{{.*}} k(20) policy(latest)
// TCL: %[[OTHER:.*]] = tgnn.table %[[FAR]] "sequence_counts" : !tgnn.neighbourhood -> tensor<?xi32>
// TCL: tgnn.token_attention {{.*}}, %[[OWN]] heads(2) {{.*}} : (tensor<?x21x172xf32>, tensor<?x21x172xf32>
// TCL: tgnn.token_attention {{.*}}, %[[OTHER]] heads(2)
// TCL: tgnn.token_attention {{.*}}, %[[OTHER]] heads(2)
// TCL: tgnn.token_attention {{.*}}, %[[OWN]] heads(2)
// TCL: tgnn.token_attention {{.*}}, %[[OWN]] heads(2)
// TCL: tgnn.token_attention {{.*}}, %[[OTHER]] heads(2)
// TCL: tgnn.token_attention {{.*}}, %[[OTHER]] heads(2) {{.*}} : (tensor<?x1x172xf32>, tensor<?x21x172xf32>
// TCL: tgnn.token_attention {{.*}}, %[[OWN]] heads(2) {{.*}} : (tensor<?x1x172xf32>
// TCL-NOT: tgnn.token_attention
// TCL: tgnn.link_loss

// DYGFORMER-LABEL: func.func @train
// DYGFORMER: %[[SOURCES:.*]], %[[DESTINATIONS:.*]] = tgnn.pair_ends
// DYGFORMER: %[[NEAR:.*]] = tgnn.sample %[[SOURCES]] k(31) policy(recent)
// DYGFORMER: %[[FAR:.*]] = tgnn.sample %[[DESTINATIONS]] k(31) policy(recent)
// DYGFORMER: %[[COUNTS:.*]] = tgnn.co_occurrence %[[SOURCES]], %[[NEAR]] with %[[DESTINATIONS]], %[[FAR]] : !tgnn.co_occurrence
// DYGFORMER: tgnn.table %[[COUNTS]] "own" : !tgnn.co_occurrence -> tensor<?x32xf32>
// DYGFORMER: tgnn.table %[[COUNTS]] "other" : !tgnn.co_occurrence -> tensor<?x32xf32>
// DYGFORMER: tgnn.co_occurrence %[[DESTINATIONS]], %[[FAR]] with %[[SOURCES]], %[[NEAR]]
// DYGFORMER: tgnn.apply @block "layer2"
// DYGFORMER: tgnn.link_loss

// PATCHES-LABEL: func.func @train_prepare
// PATCHES: call @orcinus_rt_sample(%{{.*}}, %{{.*}}, %{{.*}}, %c63_i32, %{{.*}})
// PATCHES: call @orcinus_rt_co_occurrence
// PATCHES-LABEL: func.func @train_step
// PATCHES-SAME: memref<16x50xf32> {tgnn.binding = "parameter:tokens.edge", tgnn.initializer = "uniform_fan_in(688)"}
// PATCHES-SAME: memref<400x50xf32> {tgnn.binding = "parameter:tokens.time"
// PATCHES: tgnn.neighbour_softmax(%{{.*}}) {scale = 1.000000e-01 : f32} : (tensor<?x64x32xf32>) -> tensor<?x64x32xf32>
