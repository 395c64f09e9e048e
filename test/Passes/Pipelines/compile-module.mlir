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

// A product of complex numbers is one of their parts, where nothing stores them
// and where something does.
// FUSE-LABEL: func.func @turn
// FUSE-NOT:     complex.mul
// FUSE:         arith.mulf
// FUSE:         return
// CHECK:      llvm.func internal @turn.packed(
// CHECK-NOT:  complex.
// CHECK:      llvm.func @turn(
func.func @turn(%x: tensor<8x2xf32>) -> tensor<8x2xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<8xcomplex<f32>>
  %z = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%e : tensor<8xcomplex<f32>>) {
  ^bb0(%o: complex<f32>):
    %i = linalg.index 0 : index
    %re = tensor.extract %x[%i, %c0] : tensor<8x2xf32>
    %im = tensor.extract %x[%i, %c1] : tensor<8x2xf32>
    %n = complex.create %re, %im : complex<f32>
    %s = complex.mul %n, %n : complex<f32>
    linalg.yield %s : complex<f32>
  } -> tensor<8xcomplex<f32>>
  %f = tensor.empty() : tensor<8x2xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%z : tensor<8xcomplex<f32>>) outs(%f : tensor<8x2xf32>) {
  ^bb0(%a: complex<f32>, %o: f32):
    %j = linalg.index 1 : index
    %first = arith.cmpi eq, %j, %c0 : index
    %re = complex.re %a : complex<f32>
    %im = complex.im %a : complex<f32>
    %part = arith.select %first, %re, %im : f32
    linalg.yield %part : f32
  } -> tensor<8x2xf32>
  return %y : tensor<8x2xf32>
}
