// RUN: orcinus-opt %s --orcinus-pack-arguments=return-memrefs | FileCheck %s

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
