// RUN: orcinus-opt %s --orcinus-guard-entries | FileCheck %s

// CHECK-DAG:   llvm.func @orcinus_rt_call(!llvm.ptr, !llvm.ptr) -> !llvm.ptr
// CHECK-LABEL: llvm.func internal @step.packed(%{{.*}}: !llvm.ptr)
// CHECK:         llvm.call @helper
// CHECK:       llvm.func @step(%[[ARGUMENTS:.*]]: !llvm.ptr) -> !llvm.ptr {
// CHECK:         %[[ADDRESS:.*]] = llvm.mlir.addressof @step.packed : !llvm.ptr
// CHECK:         %[[REASON:.*]] = llvm.call @orcinus_rt_call(%[[ADDRESS]], %[[ARGUMENTS]])
// CHECK:         llvm.return %[[REASON]] : !llvm.ptr
llvm.func @step(%arguments: !llvm.ptr) {
  llvm.call @helper(%arguments) : (!llvm.ptr) -> ()
  llvm.return
}

// What nobody outside calls, and what has another form, stays.
// CHECK: llvm.func internal @helper(%{{.*}}: !llvm.ptr) {
// CHECK: llvm.func @other(%{{.*}}: i32) {
// CHECK: llvm.func @declared(!llvm.ptr)
llvm.func internal @helper(%arguments: !llvm.ptr) {
  llvm.return
}
llvm.func @other(%x: i32) {
  llvm.return
}
llvm.func @declared(!llvm.ptr)
