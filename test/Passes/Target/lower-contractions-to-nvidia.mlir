// RUN: orcinus-opt %s --orcinus-lower-to-nvidia=chip=sm_80 | FileCheck %s
// RUN: orcinus-opt %s --orcinus-lower-to-nvidia=chip=sm_90 | FileCheck %s

// 16 bytes an instruction, from and to global memory and into a tile.
// CHECK:      llvm.mlir.global internal constant @kernels_image(
// CHECK-SAME:   .entry contraction(
// CHECK-SAME:   ld.global.v4.b32
// CHECK-SAME:   st.shared.v4.b32
// CHECK-SAME:   bar.sync
// CHECK-SAME:   ld.shared.v4.b32
// CHECK-SAME:   fma.rn.f32
// CHECK-SAME:   st.global.v4.b32
// With two stages, the next step's loads come before the products. Then its
// stores, and the step's only barrier.
// CHECK-SAME:   .entry contraction_{{[0-9]+}}(
// CHECK-SAME:   bar.sync
// CHECK-SAME:   ld.global.v4.b32
// CHECK-SAME:   fma.rn.f32
// CHECK-SAME:   st.shared.v4.b32
// CHECK-SAME:   bar.sync
// CHECK-SAME:   st.global.v4.b32
func.func @one_stage(%left: memref<?x100xf32>, %right: memref<100x200xf32>,
                     %result: memref<?x200xf32>) {
  linalg.matmul ins(%left, %right : memref<?x100xf32>, memref<100x200xf32>)
      outs(%result : memref<?x200xf32>)
  return
}

func.func @two_stages(%left: memref<?x100xf32>, %right: memref<100x200xf32>,
                      %result: memref<?x200xf32>) {
  linalg.matmul {eto.schedule = #eto.schedule<stages = 2>}
      ins(%left, %right : memref<?x100xf32>, memref<100x200xf32>)
      outs(%result : memref<?x200xf32>)
  return
}
