// RUN: orcinus-opt %S/../../../models/tgat.mlir --tgnn-specialize-model="sizes=dim:8,time:4,node:6,layers:1 optimizer=adamw optimizer-settings=weight_decay:0.25,clip:2" --tgnn-expand-model="functions=train" --tgnn-inline-layers | FileCheck %s
// RUN: orcinus-opt %S/../../../models/tgat.mlir --orcinus-train-pipeline="sizes=dim:8,time:4,node:6,layers:1 optimizer=sgd optimizer-settings=momentum:0.5,nesterov:1 functions=gradient,apply" | FileCheck %s --check-prefix=TWO
// RUN: orcinus-opt %S/../../../models/tgat.mlir --orcinus-train-pipeline="sizes=dim:8,time:4,node:6,layers:1 optimizer=adamw optimizer-settings=clip:2 functions=train" | FileCheck %s --check-prefix=STEP
// RUN: not orcinus-opt %S/../../../models/tgat.mlir --tgnn-expand-model="functions=apply" --tgnn-inline-layers -o /dev/null 2>&1 | FileCheck %s --check-prefix=ALONE
// RUN: not orcinus-opt %S/../../../models/tgat.mlir --tgnn-specialize-model="optimizer=lion" -o /dev/null 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not orcinus-opt %S/../../../models/tgat.mlir --tgnn-specialize-model="optimizer-settings=momentum:0.5" -o /dev/null 2>&1 | FileCheck %s --check-prefix=ADAM
// RUN: not orcinus-opt %S/../../../models/tgat.mlir --tgnn-specialize-model="optimizer-settings=clip" -o /dev/null 2>&1 | FileCheck %s --check-prefix=SETTING

// The norm is that of all gradients, and scales each.
// CHECK: tgnn.optimizer = #tgnn<optimizer <adamw, clip = 2.000000e+00, weight_decay = 2.500000e-01>>
// CHECK: %[[GRADIENT:.*]]:[[COUNT:[0-9]+]] = tgnn.gradient
// CHECK: %[[FIRST:.*]] = tgnn.squared_norm(%[[GRADIENT]]#0)
// CHECK: %[[SCALE:.*]] = tgnn.clip_scale(%[[FIRST]], {{.*}} {limit = 2.000000e+00 : f64}
// CHECK: tgnn.optimize "embed1.query" by <adamw, clip = 2.000000e+00, weight_decay = 2.500000e-01> with %[[GRADIENT]]#2 rate %{{.*}} step %{{.*}} scaled(%[[SCALE]] : tensor<f32>)

// A gradient step changes no parameter; an apply step reads no table, and has
// nothing to prepare.
// TWO: func.func @gradient_prepare
// TWO: func.func @gradient_step
// TWO-SAME: tgnn.binding = "gradient:embed1.query"
// TWO-NOT: tgnn.sgd
// TWO-NOT: func.func @apply_prepare
// TWO: func.func @apply_step(
// TWO-SAME: tgnn.binding = "velocity:embed1.query"
// TWO: tgnn.sgd {{.*}} velocity({{.*}}) {momentum = 5.000000e-01 : f64, nesterov}

// STEP: func.func @train_step
// STEP-SAME: tgnn.binding = "first_moment:embed1.query"
// STEP: tgnn.adamw {{.*}} scaled({{.*}} : tensor<f32>) {weight_decay = 1.000000e-02 : f64}

// ALONE: error: 'tgnn.apply_gradients' op needs a function that trains, such as 'gradient', in its module
// UNKNOWN: error: there is no optimizer 'lion'
// ADAM: error: optimizer 'adam' has no setting 'momentum'
// SETTING: error: expected a setting as name:value, got 'clip'
