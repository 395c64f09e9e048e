// RUN: orcinus-opt %s --orcinus-map-to-gpu=matrix-instructions=mma --canonicalize --cse | FileCheck %s

// tf32 on request. Operands are rounded on their way into the tiles, of two
// neighbours to the one farther from zero; NaN stays what it is.
func.func @tf32(%left: memref<64x100xf32>, %right: memref<100x64xf32>,
                %result: memref<64x64xf32>) {
  linalg.matmul {eto.schedule = #eto.schedule<matrix_instructions = 1>}
      ins(%left, %right : memref<64x100xf32>, memref<100x64xf32>)
      outs(%result : memref<64x64xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// CHECK-SAME:    workgroup(%{{.*}} : memref<64x20xf32,
// CHECK-DAG:     %[[HALF:.*]] = arith.constant dense<4096> : vector<4xi32>
// CHECK-DAG:     %[[KEPT:.*]] = arith.constant dense<-8192> : vector<4xi32>
// CHECK:         %[[VALUE:.*]] = vector.load
// CHECK:         %[[BITS:.*]] = arith.bitcast %[[VALUE]] : vector<4xf32> to vector<4xi32>
// CHECK:         %[[SUM:.*]] = arith.addi %[[BITS]], %[[HALF]]
// CHECK:         %[[CUT:.*]] = arith.andi %[[SUM]], %[[KEPT]]
// CHECK:         %[[ROUNDED:.*]] = arith.bitcast %[[CUT]] : vector<4xi32> to vector<4xf32>
// CHECK:         %[[NAN:.*]] = arith.cmpf uno, %[[VALUE]], %[[VALUE]]
// CHECK:         arith.select %[[NAN]], %[[VALUE]], %[[ROUNDED]]
// CHECK:         nvgpu.mma.sync(%{{.*}}, %{{.*}}, %{{.*}}) {mmaShape = [16, 8, 8], tf32Enabled} : (vector<4x1xf32>, vector<2x1xf32>, vector<2x2xf32>) -> vector<2x2xf32>
