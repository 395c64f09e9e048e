// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="sizes=dim:8,time:4,edge:3,layers:2,neighbours:3 dropout=0.25" --tgnn-expand-model --tgnn-inline-layers | FileCheck %s
// RUN: orcinus-opt %S/../../../models/tgat.mlir --tgnn-specialize-model="sizes=dim:8,time:4,node:6,layers:2" --tgnn-expand-model="functions=embed" --tgnn-inline-layers | FileCheck %s --check-prefix=TGAT
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="sizes=heads:3,dim:8,time:8" --tgnn-expand-model --tgnn-inline-layers -o /dev/null 2>&1 | FileCheck %s --check-prefix=HEADS

// Every extent is known, parameters have the name of their application or are
// shared, and each exists once. The model is gone but for its name, sizes and dropout.

// CHECK: module attributes {tgnn.dropout = [2.500000e-01 : f32], tgnn.model_name = "tgn", tgnn.sizes = {dim = 8 : i64, edge = 3 : i64, heads = 2 : i64, layers = 2 : i64, neighbours = 3 : i64, node = 0 : i64, time = 4 : i64}}
// CHECK-NOT: tgnn.model
// CHECK-LABEL: func.func @train() attributes {tgnn.reusing, tgnn.training}
// CHECK: tgnn.parameter "time.frequencies" [4] time_frequencies fixed : tensor<4xf32>
// CHECK: %[[INPUT:.*]] = tgnn.parameter "memory.input" [23, 24] uniform_fan_in : tensor<23x24xf32>
// CHECK: %[[QUERY1:.*]] = tgnn.parameter "embed1.query" [12, 12] xavier : tensor<12x12xf32>
// CHECK: %[[KEY1:.*]] = tgnn.parameter "embed1.key" [2, 15, 6] xavier : tensor<2x15x6xf32>
// CHECK: %[[QUERY2:.*]] = tgnn.parameter "embed2.query" [12, 12] xavier : tensor<12x12xf32>
// CHECK: %[[RESULT:.*]] = tgnn.parameter "link.result" [8, 1] xavier : tensor<8x1xf32>
// CHECK: tgnn.gru %{{.*}}, %{{.*}}, %[[INPUT]],
// CHECK: tgnn.linear %{{.*}}, %[[QUERY1]], %{{.*}} : tensor<?x12xf32>, tensor<12x12xf32>, tensor<12xf32> -> tensor<?x12xf32>
// CHECK: tgnn.temporal_attention %{{.*}}, %{{.*}}, %{{.*}}, %[[KEY1]], %{{.*}} {dropout = 2.500000e-01 : f32, salt = [[SALT:[0-9]+]] : i64}
// CHECK: tgnn.linear %{{.*}}, %[[QUERY2]],
// Each dropout draws numbers of its own.
// CHECK-NOT: salt = [[SALT]] :
// CHECK: tgnn.temporal_attention {{.*}} {dropout = 2.500000e-01 : f32, salt = {{[0-9]+}} : i64}
// CHECK: %[[LOGITS:.*]] = tgnn.linear %{{.*}}, %[[RESULT]],
// CHECK: %[[LOSS:.*]] = tgnn.link_loss(%[[LOGITS]], %{{.*}})

// The optimizer's step takes the gradient of all that is not fixed.
// CHECK: %[[G:.*]]:32 = tgnn.gradient %[[LOSS]] wrt(%[[INPUT]],
// CHECK-DAG: %[[RATE:.*]] = tgnn.read "input:learning_rate" : f32
// CHECK-DAG: %[[STEP:.*]] = tgnn.read "input:step" : i64
// CHECK: tgnn.optimize "memory.input" by <adam> with %[[G]]#0 rate %[[RATE]] step %[[STEP]] : tensor<23x24xf32>
// CHECK: tgnn.optimize "link.result_bias" by <adam> with %[[G]]#
// CHECK-NOT: tgnn.optimize "time.
// CHECK-NOT: tgnn.apply
// CHECK-NOT: tgnn.minimize

// Outside training nothing is dropped and nothing learnt.
// CHECK-LABEL: func.func @evaluate() {
// CHECK: tgnn.temporal_attention
// CHECK-NOT: dropout =
// CHECK-NOT: tgnn.optimize
// CHECK-LABEL: func.func @embed() {
// CHECK-NOT: tgnn.optimize

// The first layer is as wide as the nodes' features, the second as the first's
// result.
// TGAT-LABEL: func.func @embed()
// TGAT: tgnn.parameter "embed1.query" [10, 10] xavier : tensor<10x10xf32>
// TGAT: tgnn.parameter "embed2.query" [12, 12] xavier : tensor<12x12xf32>
// TGAT: tgnn.read "features:node" : tensor<?x6xf32>
// TGAT-NOT: "link.

// HEADS: tgn.mlir:{{[0-9]+}}:{{[0-9]+}}: error: 'tgnn.parameter' op needs a number of heads that divides the 16 columns of a query (8 of its embedding, 8 of its time), not 3
