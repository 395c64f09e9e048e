// RUN: orcinus-opt %s --orcinus-lower-to-nvidia=chip=sm_80 | FileCheck %s --check-prefixes=CHECK,PTX
// RUN: orcinus-opt %s --orcinus-lower-to-nvidia=chip=sm_100 | FileCheck %s --check-prefix=BLACKWELL

// What is launched is found once, and called with the addresses of what it
// takes.
// CHECK-DAG:   llvm.mlir.global internal @kernel_elements() {{.*}} : !llvm.ptr
// PTX-DAG:     llvm.mlir.global internal constant @kernels_image("{{.*}}.target sm_80{{.*}}.entry elements
// CHECK-DAG:   llvm.mlir.global internal constant @kernel_name_elements("elements\00")
// CHECK:       llvm.func @scale(%{{.*}}: !llvm.ptr)
// CHECK:       llvm.func internal @scale
// CHECK:         %[[STREAM:.*]] = llvm.call @mgpuStreamCreate()
// CHECK:         %[[SLOT:.*]] = llvm.mlir.addressof @kernel_elements
// CHECK:         %[[KERNEL:.*]] = llvm.load %[[SLOT]]
// CHECK:         llvm.call @mgpuLaunchKernel(%[[KERNEL]],
// CHECK:         llvm.call @mgpuStreamSynchronize
// CHECK:       llvm.func @orcinus_load_kernels() -> !llvm.ptr
// CHECK:         %[[MODULE:.*]] = llvm.call @mgpuModuleLoadJIT
// CHECK:         %[[FOUND:.*]] = llvm.call @mgpuModuleGetFunction(%[[MODULE]],
// CHECK:         llvm.store %[[FOUND]]
// CHECK:         llvm.return %[[MODULE]]
// BLACKWELL:   .target sm_100
func.func @scale(%x: memref<?x100xf32>, %y: memref<?x100xf32>) {
  linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>,
                                   affine_map<(m, n) -> (m, n)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<?x100xf32>) outs(%y : memref<?x100xf32>) {
  ^bb0(%a: f32, %b: f32):
    %e = math.exp %a : f32
    linalg.yield %e : f32
  }
  return
}
