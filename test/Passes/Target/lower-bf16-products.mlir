// RUN: orcinus-opt %s --pass-pipeline="builtin.module(gpu.module(orcinus-lower-bf16-products))" | FileCheck %s

gpu.module @kernels {
  // Pairs become words; sums stay floats.
  // CHECK-LABEL: gpu.func @bf16
  // CHECK-SAME:    (%[[A:.*]]: vector<4x2xbf16>, %[[B:.*]]: vector<2x2xbf16>,
  // CHECK:         %[[PAIR:.*]] = vector.extract %[[A]][0] : vector<2xbf16>
  // CHECK:         %[[WORD:.*]] = vector.bitcast %[[PAIR]] : vector<2xbf16> to vector<1xi32>
  // CHECK:         %[[FIRST:.*]] = vector.extract %[[WORD]][0] : i32
  // CHECK:         nvvm.mma.sync A[%[[FIRST]], %{{.*}}, %{{.*}}, %{{.*}}]  B[%{{.*}}, %{{.*}}]  C[%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}]
  // CHECK-SAME:      multiplicandAPtxType = #nvvm.mma_type<bf16>
  // CHECK:         llvm.extractvalue %{{.*}}[3]
  // CHECK:         vector.insert %{{.*}} [1, 1] : f32 into vector<2x2xf32>
  gpu.func @bf16(%a: vector<4x2xbf16>, %b: vector<2x2xbf16>,
                 %c: vector<2x2xf32>, %out: memref<1xf32>) kernel {
    %zero = arith.constant 0 : index
    %d = nvgpu.mma.sync(%a, %b, %c) {mmaShape = [16, 8, 16]} : (vector<4x2xbf16>, vector<2x2xbf16>, vector<2x2xf32>) -> vector<2x2xf32>
    %e = vector.extract %d[1, 0] : f32 from vector<2x2xf32>
    memref.store %e, %out[%zero] : memref<1xf32>
    gpu.return
  }

  // Others are for MLIR's own conversion.
  // CHECK-LABEL: gpu.func @f16
  // CHECK:         nvgpu.mma.sync
  gpu.func @f16(%a: vector<4x2xf16>, %b: vector<2x2xf16>, %c: vector<2x2xf32>)
      kernel {
    %d = nvgpu.mma.sync(%a, %b, %c) {mmaShape = [16, 8, 16]} : (vector<4x2xf16>, vector<2x2xf16>, vector<2x2xf32>) -> vector<2x2xf32>
    gpu.return
  }
}
