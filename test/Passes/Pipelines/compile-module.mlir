// RUN: orcinus-opt %s --orcinus-fuse | FileCheck %s --check-prefix=FUSE
// RUN: orcinus-opt %s --orcinus-compile-module | FileCheck %s
// RUN: orcinus-opt %s --orcinus-compile-module=threads=2 | FileCheck %s

// Calls are gone, the declaration that nobody reads, and what follows is part of
// what comes before.
// FUSE-NOT:   ml_program.global
// FUSE-LABEL: func.func @main
// FUSE:         linalg.generic
// FUSE:           math.exp
// FUSE:           arith.addf
// FUSE-NOT:     linalg.generic
// FUSE:         return
ml_program.global private mutable @seed(dense<0> : tensor<i64>) : tensor<i64>

// CHECK-DAG:  llvm.func @orcinus_rt_call(
// CHECK-DAG:  llvm.func @orcinus_rt_keep(
// CHECK:      llvm.func internal @main.packed(
// CHECK:      llvm.func @main(%{{.*}}: !llvm.ptr) -> !llvm.ptr
func.func @main(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = math.exp %x : tensor<?xf32>
  %z = call @double(%y) : (tensor<?xf32>) -> tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @double(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = arith.addf %x, %x : tensor<?xf32>
  return %y : tensor<?xf32>
}
