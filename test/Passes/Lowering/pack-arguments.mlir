// RUN: orcinus-opt %s --orcinus-pack-arguments --split-input-file --verify-diagnostics | FileCheck %s

// CHECK:       func.func @step(%[[ARRAY:.*]]: !llvm.ptr) {
// CHECK:         %[[SLOT:.*]] = llvm.getelementptr %[[ARRAY]][0]
// CHECK:         %[[ADDRESS:.*]] = llvm.load %[[SLOT]] : !llvm.ptr -> !llvm.ptr
// CHECK:         llvm.load %[[ADDRESS]] : !llvm.ptr -> !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
// CHECK:         %[[SLOT1:.*]] = llvm.getelementptr %[[ARRAY]][1]
// CHECK:         %[[ADDRESS1:.*]] = llvm.load %[[SLOT1]]
// CHECK:         llvm.load %[[ADDRESS1]] : !llvm.ptr -> f32
// CHECK:         call @[[BODY:step_[0-9]+]](
// CHECK:       func.func private @[[BODY]](%{{.*}}: memref<?xf32>, %{{.*}}: f32) attributes {llvm.linkage = #llvm.linkage<internal>}
func.func @step(%x: memref<?xf32>, %scale: f32) {
  return
}

// Raw pointers are passed as they are.
// CHECK: func.func @prepare(%{{.*}}: !llvm.ptr) {
func.func @prepare(%step: !llvm.ptr) {
  return
}

// -----

// expected-error @+1 {{a public function must return nothing: results go to memref arguments}}
func.func @returns(%x: f32) -> f32 {
  return %x : f32
}
