// RUN: orcinus-opt %S/../../../models/tgn.mlir --orcinus-train-pipeline="functions=shard,advance,apply reuse=recompute sizes=edge:3,layers:2" -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: orcinus-opt %t.mlir --orcinus-bufferize -o %t.buffers.mlir
// RUN: FileCheck %s --check-prefix=BUFFERS < %t.buffers.mlir
// RUN: orcinus-opt %t.buffers.mlir --orcinus-lower-to-host="threads=1" | FileCheck %s --check-prefix=HOST
// RUN: orcinus-opt %t.buffers.mlir --orcinus-place-on-gpu | FileCheck %s --check-prefix=GPU

// A shard's step waits for the rows of a cache before it reads them, offers its
// own, and begins sums while its backward pass goes on.

// CHECK-LABEL: func.func @shard_step(
// CHECK-SAME: {tgnn.binding = "gradient:{{[a-z0-9._]+}}", tgnn.sum = 0 : i64}
// CHECK: tgnn.await all_gather 1 of ["cache:m1"] in(%[[CACHE:[a-z0-9]+]] : memref<?x100xf32>)
// CHECK: bufferization.to_tensor %[[CACHE]]
// CHECK: tgnn.link_loss_grad
// CHECK: tgnn.all_reduce 0
// CHECK: tgnn.attend_grad
// CHECK: tgnn.all_reduce 1
// CHECK: return

// What takes the batch into the states waits for nothing.

// CHECK-LABEL: func.func @advance_step(
// CHECK-NOT: tgnn.await
// CHECK: return

// Each parameter is updated once its own sum is there.

// CHECK-LABEL: func.func @apply_step(
// CHECK: tgnn.await all_reduce 0
// CHECK: tgnn.adam
// CHECK: tgnn.await all_reduce 1
// CHECK: tgnn.adam

// BUFFERS-LABEL: func.func @shard_step(
// BUFFERS: tgnn.await all_gather 1
// BUFFERS: tgnn.link_loss_grad
// BUFFERS: tgnn.all_reduce 0
// BUFFERS: tgnn.attend_grad
// BUFFERS: tgnn.all_reduce 1
// BUFFERS-LABEL: func.func @apply_step(
// BUFFERS: tgnn.await all_reduce 0
// BUFFERS: tgnn.adam
// BUFFERS: tgnn.await all_reduce 1

// HOST-NOT: = "tgnn.
// HOST-NOT: tgnn.a{{ll_|wait}}
// HOST: llvm.call @orcinus_rt_start_all_reduce

// On a GPU what a sum takes was computed before, and what follows is given to
// another stream.

// GPU-LABEL: func.func @shard_step(
// GPU: gpu.wait [
// GPU-NEXT: tgnn.all_reduce 0
// GPU-NEXT: gpu.wait async
// GPU: gpu.launch_func async
