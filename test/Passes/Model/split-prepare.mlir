// RUN: orcinus-opt %S/../../../models/tgn.mlir --orcinus-train-pipeline="sizes=dim:8,time:8,edge:3,layers:1" | FileCheck %s

// Index work calls the runtime with handles; dense work has the tables of these
// handles as arguments.

// CHECK: func.func private @orcinus_rt_targets(!llvm.ptr, i32)
// CHECK-LABEL: func.func @train_prepare(
// CHECK-SAME: %[[STEP:.*]]: !llvm.ptr)
// CHECK: call @orcinus_rt_targets(%[[STEP]],
// CHECK: call @orcinus_rt_sample(%[[STEP]],
// CHECK: call @orcinus_rt_frontier(%[[STEP]],
// CHECK: call @orcinus_rt_pending(%[[STEP]],
// CHECK: call @orcinus_rt_commit(%[[STEP]],
// CHECK: return

// CHECK-LABEL: func.func @train_step(
// CHECK-SAME: tgnn.binding = "parameter:time.frequencies", tgnn.initializer = "time_frequencies"
// CHECK-SAME: memref<?x8xf32> {tgnn.binding = "state:memory"}
// CHECK-SAME: memref<?x10xi32> {tgnn.binding = "table:2.neighbours"}
// CHECK-SAME: i64 {tgnn.binding = "input:dropout_seed"}
// CHECK-SAME: memref<f32> {tgnn.binding = "output:loss", tgnn.extents = []}
// CHECK-NOT: tgnn.targets
// CHECK-NOT: tgnn.read
// CHECK: tgnn.adam
// CHECK: tgnn.write_rows

// CHECK-LABEL: func.func @evaluate_step(
// CHECK-SAME: memref<?xf32> {tgnn.binding = "output:scores", tgnn.extents = [{pairs = 1 : i64}]}
// CHECK-NOT: tgnn.adam
// CHECK: return
// CHECK-LABEL: func.func @embed_step(
// CHECK-SAME: memref<?x8xf32> {tgnn.binding = "output:embeddings", tgnn.extents = [{targets = 1 : i64}, {constant = 8 : i64}]}
// CHECK-NOT: tgnn.write_rows
