// RUN: orcinus-opt %s --orcinus-lower-to-host="vector-bits=512 vector-registers=32 threads=2" | FileCheck %s --check-prefixes=CHECK,THREADS
// RUN: orcinus-opt %s --orcinus-lower-to-host="vector-bits=512 vector-registers=32" | FileCheck %s --check-prefixes=CHECK,ONE
// RUN: orcinus-opt %s --orcinus-lower-to-host="threads=2" | mlir-translate --mlir-to-llvmir

// CHECK-DAG: llvm.func @orcinus_rt_allocate(i64) -> !llvm.ptr
// CHECK-DAG: llvm.func @orcinus_rt_free(!llvm.ptr)
// CHECK-DAG: llvm.func @layer(%{{.*}}: !llvm.ptr) {
// CHECK-DAG: llvm.func internal @layer_{{[0-9]+}}
// CHECK-DAG: llvm.func internal @orcinus_contraction
// THREADS:   omp.parallel
// ONE-NOT:   omp.parallel
// CHECK-NOT: unrealized_conversion_cast
func.func @layer(%x: memref<?x200xf32>, %w: memref<200x100xf32>, %b: memref<100xf32>, %v: memref<100x100xf32>, %y: memref<?x100xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %rows = memref.dim %x, %c0 : memref<?x200xf32>
  %h = memref.alloc(%rows) : memref<?x100xf32>
  linalg.broadcast ins(%b : memref<100xf32>) outs(%h : memref<?x100xf32>) dimensions = [0]
  linalg.matmul ins(%x, %w : memref<?x200xf32>, memref<200x100xf32>) outs(%h : memref<?x100xf32>)
  linalg.fill ins(%zero : f32) outs(%y : memref<?x100xf32>)
  linalg.matmul ins(%h, %v : memref<?x100xf32>, memref<100x100xf32>) outs(%y : memref<?x100xf32>)
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} outs(%y : memref<?x100xf32>) {
  ^bb0(%a: f32):
    %value = math.tanh %a : f32
    linalg.yield %value : f32
  }
  return
}
