// RUN: orcinus-opt %s --orcinus-lower-assertions | FileCheck %s

// What says the same shares one text.
// CHECK-DAG: llvm.mlir.global private constant @orcinus_assertion("rows differ\00")
// CHECK-DAG: llvm.mlir.global private constant @orcinus_assertion_0("columns differ\00")
// CHECK-DAG: llvm.func @orcinus_rt_fail(!llvm.ptr)
// CHECK:     func.func @step(%[[ONE:.*]]: i1, %[[OTHER:.*]]: i1, %[[N:.*]]: index) {
// CHECK:       %[[WRONG:.*]] = arith.xori %[[ONE]], %{{.*}} : i1
// CHECK:       scf.if %[[WRONG]] {
// CHECK:         %[[TEXT:.*]] = llvm.mlir.addressof @orcinus_assertion : !llvm.ptr
// CHECK:         llvm.call @orcinus_rt_fail(%[[TEXT]])
// CHECK:       scf.for
// CHECK:         scf.if
// CHECK:           llvm.mlir.addressof @orcinus_assertion_0
// CHECK:         scf.if
// CHECK:           llvm.mlir.addressof @orcinus_assertion :
// CHECK-NOT:   cf.assert
func.func @step(%one: i1, %other: i1, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  cf.assert %one, "rows differ"
  scf.for %i = %c0 to %n step %c1 {
    cf.assert %other, "columns differ"
    cf.assert %one, "rows differ"
  }
  return
}
