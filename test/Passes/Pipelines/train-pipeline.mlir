// RUN: orcinus-opt %S/../../../models/tgn.mlir --orcinus-train-pipeline="sizes=dim:8,time:8,edge:3,layers:2,neighbours:3" -o %t.tgn.mlir
// RUN: FileCheck %s --check-prefixes=STEP,TGN < %t.tgn.mlir
// RUN: orcinus-opt %t.tgn.mlir --orcinus-bufferize -o %t.tgn.buffers.mlir
// RUN: FileCheck %s --check-prefix=BUFFERS < %t.tgn.buffers.mlir
// RUN: orcinus-opt %t.tgn.buffers.mlir --orcinus-lower-to-host="threads=2" -o %t.tgn.host.mlir
// RUN: FileCheck %s --check-prefixes=HOST,STATE < %t.tgn.host.mlir
// RUN: mlir-translate --mlir-to-llvmir %t.tgn.host.mlir -o /dev/null
// RUN: orcinus-opt %S/../../../models/tgat.mlir --orcinus-train-pipeline="sizes=dim:8,time:8,edge:3,layers:2,neighbours:3" -o %t.tgat.mlir
// RUN: FileCheck %s --check-prefixes=STEP,TGAT < %t.tgat.mlir
// RUN: orcinus-opt %t.tgat.mlir --orcinus-bufferize -o %t.tgat.buffers.mlir
// RUN: FileCheck %s --check-prefix=BUFFERS < %t.tgat.buffers.mlir
// RUN: orcinus-opt %t.tgat.buffers.mlir --orcinus-lower-to-host="threads=2" -o %t.tgat.host.mlir
// RUN: FileCheck %s --check-prefix=HOST < %t.tgat.host.mlir
// RUN: mlir-translate --mlir-to-llvmir %t.tgat.host.mlir -o /dev/null
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --orcinus-train-pipeline="attention-form=sideways" -o /dev/null 2>&1 | FileCheck %s --check-prefix=FORM
// RUN: not orcinus-opt %s --orcinus-train-pipeline -o /dev/null 2>&1 | FileCheck %s --check-prefix=NO-MODEL
// RUN: orcinus-opt %S/../../../models/tgn.mlir --orcinus-infer-pipeline="sizes=dim:8,time:8" | FileCheck %s --check-prefix=INFER

// On tensors: the backward pass is derived, the optimizer writes in place, and
// no handle is left in the dense half.

// STEP-LABEL: func.func @train_prepare(
// STEP-LABEL: func.func @train_step(
// STEP-NOT: tgnn.gradient
// STEP-NOT: tgnn.optimize
// STEP: tgnn.link_loss_grad
// STEP: tgnn.attend_grad
// TGN: tgnn.gru_gates_grad
// TGAT: tgnn.attend_time_grad
// STEP: tgnn.adam
// STEP-LABEL: func.func @evaluate_step(
// STEP-NOT: tgnn.adam
// STEP-LABEL: func.func @embed_step(

// On buffers: no tensor is left.

// BUFFERS-LABEL: func.func @train_step(
// BUFFERS-NOT: tensor<
// BUFFERS-NOT: memref.copy
// BUFFERS: tgnn.attend({{.*}} into
// BUFFERS-NOT: tensor<
// BUFFERS-LABEL: func.func @embed_step(
// BUFFERS-NOT: tensor<

// On the host: nothing but LLVM and OpenMP, and no library but the runtime.

// HOST-NOT: func.func
// STATE-DAG: llvm.func @orcinus_rt_pending(!llvm.ptr, i32, i32)
// STATE-DAG: llvm.func @orcinus_rt_commit(!llvm.ptr, i32, i32, i32)
// HOST-DAG: llvm.func @orcinus_rt_allocate(i64) -> !llvm.ptr
// HOST-DAG: llvm.func @orcinus_rt_sample(!llvm.ptr, i32, i32, i32, i32)
// HOST: llvm.func @train_prepare(%{{.*}}: !llvm.ptr) {
// HOST-NOT: {{(tgnn|linalg|memref|tensor|scf|vector|bufferization)\.[a-z_]+( %|[(])}}
// HOST-NOT: unrealized_conversion_cast
// HOST-NOT: llvm.func @{{(malloc|free|memrefCopy)}}
// HOST: llvm.func @train_step(%{{.*}}: !llvm.ptr) {
// HOST-NOT: {{(tgnn|linalg|memref|tensor|scf|vector|bufferization)\.[a-z_]+( %|[(])}}
// HOST-NOT: unrealized_conversion_cast
// HOST: llvm.func @embed_step(%{{.*}}: !llvm.ptr) {
// HOST-NOT: {{(tgnn|linalg|memref|tensor|scf|vector|bufferization)\.[a-z_]+( %|[(])}}
// HOST-NOT: unrealized_conversion_cast

// FORM: error: unknown attention form 'sideways'
// NO-MODEL: error: expected one tgnn.model, found 0

// INFER-NOT: @train_step
// INFER: func.func @evaluate_step(
// INFER-NOT: tgnn.link_loss
// INFER: func.func @embed_step(
