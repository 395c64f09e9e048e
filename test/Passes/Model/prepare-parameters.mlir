// RUN: orcinus-opt %s --tgnn-prepare-parameters | FileCheck %s --implicit-check-not="prepared:2"
// RUN: orcinus-opt %S/../../../models/tgn.mlir --orcinus-train-pipeline="sizes=dim:8,time:8,layers:2" | FileCheck %s --check-prefix=TGN
// RUN: orcinus-opt %S/../../../models/graphmixer.mlir --orcinus-infer-pipeline | FileCheck %s --check-prefix=NONE

// A function that trains keeps its products: it changes the parameters.

// CHECK-LABEL: func.func @train()
// CHECK: tgnn.contract "qi,io->qo" %{{.*}}, %{{.*}} : tensor<8x8xf32>
// CHECK-NOT: prepared
func.func @train() attributes {tgnn.training} {
  %queries = tgnn.targets : !tgnn.query
  %a = tgnn.parameter "a" [8, 8] xavier : tensor<8x8xf32>
  %b = tgnn.parameter "b" [8, 8] xavier : tensor<8x8xf32>
  %both = tgnn.contract "qi,io->qo" %a, %b : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
  tgnn.output %both as "weights" : tensor<8x8xf32>
  return
}

// Others read them. A reshape stays where it is, and so do the slice of a
// parameter and a parameter that the model never reads.

// CHECK-LABEL: func.func @evaluate()
// CHECK-NOT: tgnn.parameter
// CHECK: %[[A:.*]] = tgnn.read "prepared:[[$FIRST:[01]]]" : tensor<8x8xf32>
// CHECK: %[[WIDE:.*]] = tgnn.reshape %[[A]] to [4, 2]
// CHECK-NOT: tgnn.parameter "{{[ab]}}"
// CHECK: tgnn.parameter "unread"
// CHECK: %[[BIAS:.*]] = tgnn.parameter "bias"
// CHECK: %[[PART:.*]] = tgnn.slice %[[BIAS]]
// CHECK: %[[B:.*]] = tgnn.read "prepared:[[$SECOND:[01]]]" : tensor<8x8xf32>
// CHECK: tgnn.contract "qi,io->qo" %{{.*}}, %[[B]]
// CHECK: tgnn.output %[[WIDE]]
// CHECK: tgnn.output %[[PART]]
func.func @evaluate() {
  %queries = tgnn.targets : !tgnn.query
  %nodes = tgnn.table %queries "nodes" : !tgnn.query -> tensor<?xi32>
  %memory = tgnn.read "state:memory" : tensor<?x8xf32>
  %rows = tgnn.gather(%memory, %nodes) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %a = tgnn.parameter "a" [8, 8] xavier : tensor<8x8xf32>
  %b = tgnn.parameter "b" [8, 8] xavier : tensor<8x8xf32>
  %both = tgnn.contract "qi,io->qo" %a, %b : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
  %wide = tgnn.reshape %both to [4, 2] : tensor<8x8xf32> -> tensor<8x4x2xf32>
  %unread = tgnn.parameter "unread" [8] zeros : tensor<8xf32>
  %bias = tgnn.parameter "bias" [8] zeros : tensor<8xf32>
  %part = tgnn.slice %bias dimension(0) offset(4) size(4) : tensor<8xf32> -> tensor<4xf32>
  %again = tgnn.contract "qi,io->qo" %both, %b : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
  %next = tgnn.contract "qi,io->qo" %rows, %again : tensor<?x8xf32>, tensor<8x8xf32> -> tensor<?x8xf32>
  tgnn.output %next as "embeddings" rows(targets) : tensor<?x8xf32>
  tgnn.output %wide as "weights" : tensor<8x4x2xf32>
  tgnn.output %part as "weights" : tensor<4xf32>
  return
}

// What two functions have in common is one.

// CHECK-LABEL: func.func @embed()
// CHECK: %[[A:.*]] = tgnn.read "prepared:[[$FIRST]]" : tensor<8x8xf32>
// CHECK: tgnn.output %[[A]]
func.func @embed() {
  %queries = tgnn.targets : !tgnn.query
  %a = tgnn.parameter "a" [8, 8] xavier : tensor<8x8xf32>
  %b = tgnn.parameter "b" [8, 8] xavier : tensor<8x8xf32>
  %both = tgnn.contract "qi,io->qo" %a, %b : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
  tgnn.output %both as "weights" : tensor<8x8xf32>
  return
}

// CHECK-LABEL: func.func @prepare_parameters()
// CHECK-DAG: %[[A:.*]] = tgnn.parameter "a"
// CHECK-DAG: %[[B:.*]] = tgnn.parameter "b"
// CHECK: %[[BOTH:.*]] = tgnn.contract "qi,io->qo" %[[A]], %[[B]]
// CHECK: %[[AGAIN:.*]] = tgnn.contract "qi,io->qo" %[[BOTH]], %[[B]]
// CHECK-NOT: tgnn.contract
// CHECK-DAG: tgnn.write %[[BOTH]] to "prepared:[[$FIRST]]"
// CHECK-DAG: tgnn.write %[[AGAIN]] to "prepared:[[$SECOND]]"
// CHECK: return

// In a whole model, an evaluation has no product of weights left.

// TGN-LABEL: func.func @evaluate_step(
// TGN-SAME: tgnn.binding = "prepared:
// TGN-NOT: "qha,hda->qhd"
// TGN-NOT: "hdv,hvo->hdo"
// TGN-LABEL: func.func @embed_step(
// TGN-NOT: "hdv,hvo->hdo"
// TGN: func.func @prepare_parameters_step(
// TGN: tgnn.contract "hdv,hvo->hdo"
// TGN: tgnn.contract "hdv,hvo->hdo"
// TGN-NOT: tgnn.contract "hdv,hvo->hdo"

// A model that has none is as it was.

// NONE-NOT: prepare_parameters
// NONE: func.func @evaluate_prepare
// NONE-NOT: prepared
// NONE-NOT: prepare_parameters
