// RUN: orcinus-opt %s --orcinus-map-to-gpu --canonicalize --cse | FileCheck %s
// RUN: orcinus-opt %s --orcinus-map-to-gpu=subgroup-size=64 | FileCheck %s --check-prefix=WAVE

#rows = affine_map<(m, n, k) -> (m, k)>
#columns = affine_map<(m, n, k) -> (k, n)>
#result = affine_map<(m, n, k) -> (m, n)>

// Tiles by way of workgroup memory; the fill becomes the accumulators' start.
// CHECK-LABEL: func.func @product
// CHECK-NOT:     linalg
// CHECK:         gpu.launch_func @kernels::@contraction blocks in
// CHECK-SAME:      threads in (%{{.*}}, %{{.*}}, %{{.*}})
// CHECK-NOT:     gpu.launch_func
func.func @product(%left: memref<?x100xf32>, %right: memref<100x200xf32>,
                   %result: memref<?x200xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%result : memref<?x200xf32>)
  linalg.generic {indexing_maps = [#rows, #columns, #result],
                  iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%left, %right : memref<?x100xf32>, memref<100x200xf32>)
      outs(%result : memref<?x200xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %ab = arith.mulf %a, %b : f32
    %sum = arith.addf %c, %ab : f32
    linalg.yield %sum : f32
  }
  return
}

// The same again shares the kernel.
// CHECK-LABEL: func.func @again
// CHECK:         gpu.launch_func @kernels::@contraction blocks
func.func @again(%left: memref<?x100xf32>, %right: memref<100x200xf32>,
                 %result: memref<?x200xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%result : memref<?x200xf32>)
  linalg.generic {indexing_maps = [#rows, #columns, #result],
                  iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%left, %right : memref<?x100xf32>, memref<100x200xf32>)
      outs(%result : memref<?x200xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %ab = arith.mulf %a, %b : f32
    %sum = arith.addf %c, %ab : f32
    linalg.yield %sum : f32
  }
  return
}

// A long reduction over one tile is cut, and its parts are added in order.
// CHECK-LABEL: func.func @weight_gradient
// CHECK:         %[[PARTS:.*]] = memref.alloc() : memref<32x100x40xf32>
// CHECK:         gpu.launch_func @kernels::@contraction_{{[0-9]+}}
// CHECK:         gpu.launch_func @kernels::@sums
func.func @weight_gradient(%inputs: memref<?x100xf32>,
                           %gradient: memref<?x40xf32>,
                           %result: memref<100x40xf32>) {
  linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (k, m)>, #columns,
                                   #result],
                  iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%inputs, %gradient : memref<?x100xf32>, memref<?x40xf32>)
      outs(%result : memref<100x40xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %ab = arith.mulf %a, %b : f32
    %sum = arith.addf %c, %ab : f32
    linalg.yield %sum : f32
  }
  return
}

// A sum over rows is divided into blocks of them.
// CHECK-LABEL: func.func @bias_gradient
// CHECK:         gpu.launch_func @kernels::@partial_sums
// CHECK:         gpu.launch_func @kernels::@sums_{{[0-9]+}}
func.func @bias_gradient(%gradient: memref<?x40xf32>,
                         %result: memref<40xf32>) {
  linalg.generic {indexing_maps = [affine_map<(k, n) -> (k, n)>,
                                   affine_map<(k, n) -> (n)>],
                  iterator_types = ["reduction", "parallel"]}
      ins(%gradient : memref<?x40xf32>) outs(%result : memref<40xf32>) {
  ^bb0(%a: f32, %c: f32):
    %sum = arith.addf %c, %a : f32
    linalg.yield %sum : f32
  }
  return
}

// A kernel whose lanes meet in registers: subgroups of a block are independent.
// CHECK-LABEL: func.func @norm
// CHECK:         gpu.launch_func @kernels::@layer_norm
func.func @norm(%x: memref<?x100xf32>, %scale: memref<100xf32>,
                %shift: memref<100xf32>, %y: memref<?x100xf32>,
                %statistics: memref<?x2xf32>) {
  tgnn.layer_norm(%x, %scale, %shift) into(%y, %statistics)
      {epsilon = 1.0e-5 : f32}
      : (memref<?x100xf32>, memref<100xf32>, memref<100xf32>)
      into (memref<?x100xf32>, memref<?x2xf32>)
  return
}

// The schedule decides on tiles and threads.
// CHECK-LABEL: func.func @scheduled
// CHECK-DAG:     %[[THREADS:.*]] = arith.constant 128 : index
// CHECK:         gpu.launch_func @kernels::@[[SCHEDULED:contraction_[0-9]+]]
// CHECK-SAME:      threads in (%[[THREADS]],
func.func @scheduled(%left: memref<64x64xf32>, %right: memref<64x64xf32>,
                     %result: memref<64x64xf32>) {
  linalg.matmul {eto.schedule = #eto.schedule<block_rows = 32,
                                              block_columns = 64,
                                              block_reduction = 8,
                                              thread_rows = 4,
                                              thread_columns = 4>}
      ins(%left, %right : memref<64x64xf32>, memref<64x64xf32>)
      outs(%result : memref<64x64xf32>)
  return
}

// CHECK:       gpu.module @kernels
// CHECK:         gpu.func @contraction(
// CHECK-SAME:      workgroup(%{{.*}} : memref<16x132xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}, %{{.*}} : memref<16x68xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}) kernel
// CHECK-SAME:      known_block_size = array<i32: 256, 1, 1>
// CHECK:           gpu.barrier
// CHECK:           vector.fma
// CHECK:           gpu.barrier
// CHECK:         gpu.func @layer_norm(
// CHECK-SAME:      known_block_size = array<i32: 32, 4, 1>
// CHECK-COUNT-5:   gpu.shuffle xor
// CHECK:         gpu.func @[[SCHEDULED]](
// CHECK-SAME:      workgroup(%{{.*}} : memref<8x36xf32, {{.*}}, %{{.*}} : memref<8x68xf32,

// WAVE:          gpu.func @layer_norm(
// WAVE-SAME:       known_block_size = array<i32: 64, 4, 1>
// WAVE-COUNT-6:    gpu.shuffle xor
