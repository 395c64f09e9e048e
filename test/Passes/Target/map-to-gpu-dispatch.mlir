// RUN: orcinus-opt %s --orcinus-map-to-gpu --canonicalize --cse | FileCheck %s

// The kernels of all schedules are launched, over no blocks where the rows ask
// for another. One of them adds the parts of a cut reduction, so that all start
// from the zeros, which are written first.
// CHECK-LABEL: func.func @rows(
// CHECK-SAME:    %[[X:.*]]: memref<?x64xf32>
// CHECK-DAG:     %[[NONE:.*]] = arith.constant 0 : index
// CHECK-DAG:     %[[BOUND:.*]] = arith.constant 256 : index
// CHECK:         gpu.launch_func @kernels::@elements
// CHECK:         %[[ROWS:.*]] = memref.dim %[[X]]
// CHECK-DAG:     %[[FEW:.*]] = arith.cmpi ule, %[[ROWS]], %[[BOUND]] : index
// CHECK-DAG:     %[[MANY:.*]] = arith.cmpi ugt, %[[ROWS]], %[[BOUND]] : index
// CHECK:         %[[PARTS:.*]] = memref.alloc(%{{.*}}) : memref<2x?x32xf32>
// CHECK:         %[[CUT:.*]] = arith.select %[[FEW]], %{{.*}}, %[[NONE]] : index
// CHECK:         gpu.launch_func @kernels::@contraction blocks in (%{{.*}}, %{{.*}}, %[[CUT]])
// CHECK:         %[[ADDED:.*]] = arith.select %[[FEW]], %{{.*}}, %[[NONE]] : index
// CHECK:         gpu.launch_func @kernels::@sums blocks in (%{{.*}}, %{{.*}}, %[[ADDED]])
// CHECK:         %[[WHOLE:.*]] = arith.select %[[MANY]], %{{.*}}, %[[NONE]] : index
// CHECK:         gpu.launch_func @kernels::@contraction_0 blocks in (%{{.*}}, %{{.*}}, %[[WHOLE]])
// CHECK-NOT:     gpu.launch_func
// CHECK:         return
func.func @rows(%x: memref<?x64xf32>, %w: memref<64x32xf32>, %y: memref<?x32xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<?x32xf32>)
  linalg.matmul {eto.schedule = #eto.dispatch<loop 0, <block_rows = 16, block_columns = 32, reduction_parts = 2> to 256, <block_rows = 64, block_columns = 32>>} ins(%x, %w : memref<?x64xf32>, memref<64x32xf32>) outs(%y : memref<?x32xf32>)
  return
}
