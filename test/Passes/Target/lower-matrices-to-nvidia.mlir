// RUN: orcinus-opt %s --orcinus-lower-to-nvidia=chip=sm_80 | FileCheck %s
// RUN: orcinus-opt %s --orcinus-lower-to-nvidia=chip=sm_100 | FileCheck %s
// RUN: not orcinus-opt %s --orcinus-lower-to-nvidia=chip=sm_75 2>&1 | FileCheck %s --check-prefix=BEFORE

// BEFORE: error: 'matrix_instructions' in the schedule must be 0: the target has none for 'f32'

// CHECK:      llvm.mlir.global internal constant @kernels_image(
// CHECK-SAME:   .shared .align 16 .b8 __wg_contraction
// CHECK-SAME:   mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32
// CHECK-SAME:   mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// CHECK-SAME:   mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
func.func @f16(%left: memref<?x100xf16>, %right: memref<100x200xf16>,
               %result: memref<?x200xf32>) {
  linalg.matmul ins(%left, %right : memref<?x100xf16>, memref<100x200xf16>)
      outs(%result : memref<?x200xf32>)
  return
}

func.func @bf16(%left: memref<?x100xbf16>, %right: memref<100x200xbf16>,
                %result: memref<?x200xf32>) {
  linalg.matmul ins(%left, %right : memref<?x100xbf16>, memref<100x200xbf16>)
      outs(%result : memref<?x200xf32>)
  return
}

func.func @tf32(%left: memref<?x100xf32>, %right: memref<100x200xf32>,
                %result: memref<?x200xf32>) {
  linalg.matmul {eto.schedule = #eto.schedule<matrix_instructions = 1>}
      ins(%left, %right : memref<?x100xf32>, memref<100x200xf32>)
      outs(%result : memref<?x200xf32>)
  return
}
