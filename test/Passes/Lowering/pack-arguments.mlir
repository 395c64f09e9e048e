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

// Scalars that it returns go where the pointers after the arguments lead.
// CHECK: func.func @returns(%[[ARRAY:.*]]: !llvm.ptr) {
// CHECK:   %[[RESULTS:.*]]:2 = call @returns_0
// CHECK:   %[[SLOT:.*]] = llvm.getelementptr %[[ARRAY]][1]
// CHECK:   %[[ADDRESS:.*]] = llvm.load %[[SLOT]]
// CHECK:   llvm.store %[[RESULTS]]#0, %[[ADDRESS]] : f32, !llvm.ptr
// CHECK:   %[[SLOT1:.*]] = llvm.getelementptr %[[ARRAY]][2]
// CHECK:   %[[ADDRESS1:.*]] = llvm.load %[[SLOT1]]
// CHECK:   %[[INTEGER:.*]] = builtin.unrealized_conversion_cast %[[RESULTS]]#1 : index to i64
// CHECK:   llvm.store %[[INTEGER]], %[[ADDRESS1]] : i64, !llvm.ptr
func.func @returns(%x: f32) -> (f32, index) {
  %one = arith.constant 1 : index
  return %x, %one : f32, index
}

// A memref goes where the pointer leads as a descriptor, and its elements to
// where they can be freed: two dimensions, four bytes each.
// CHECK: func.func @memref(%[[ARRAY:.*]]: !llvm.ptr) {
// CHECK:   %[[RESULT:.*]] = call @memref_0
// CHECK:   %[[SLOT:.*]] = llvm.getelementptr %[[ARRAY]][1]
// CHECK:   %[[ADDRESS:.*]] = llvm.load %[[SLOT]]
// CHECK:   %[[DESCRIPTOR:.*]] = builtin.unrealized_conversion_cast %[[RESULT]]
// CHECK:   llvm.store %[[DESCRIPTOR]], %[[ADDRESS]]
// CHECK:   %[[RANK:.*]] = llvm.mlir.constant(2 : i64) : i64
// CHECK:   %[[BYTES:.*]] = llvm.mlir.constant(4 : i64) : i64
// CHECK:   llvm.call @orcinus_rt_keep(%[[ADDRESS]], %[[RANK]], %[[BYTES]])
func.func @memref(%n: index) -> memref<?x2xf32> {
  %y = memref.alloc(%n) : memref<?x2xf32>
  return %y : memref<?x2xf32>
}

// -----

// expected-error @+1 {{a public function must return scalars and memrefs, not 'memref<*xf32>'}}
func.func @returns(%x: memref<*xf32>) -> memref<*xf32> {
  return %x : memref<*xf32>
}
