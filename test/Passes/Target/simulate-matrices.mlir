// RUN: orcinus-opt %s --orcinus-simulate --canonicalize --cse | FileCheck %s

// Each lane fetches the elements of its rows and its columns, step by step of
// the depth. What tf32 does not look at is cut off before.
gpu.module @kernels {
  gpu.func @tf32(%a: vector<4x1xf32>, %b: vector<2x1xf32>, %c: vector<2x2xf32>,
                 %out: memref<32x4xf32>) kernel {
    %thread = gpu.thread_id x
    %zero = arith.constant 0 : index
    %d = nvgpu.mma.sync(%a, %b, %c) {mmaShape = [16, 8, 8], tf32Enabled} : (vector<4x1xf32>, vector<2x1xf32>, vector<2x2xf32>) -> vector<2x2xf32>
    %e = vector.extract %d[1, 1] : f32 from vector<2x2xf32>
    memref.store %e, %out[%thread, %zero] : memref<32x4xf32>
    gpu.return
  }
}
// CHECK-LABEL:    func.func private @kernels_tf32
// CHECK-NOT:        nvgpu
// CHECK:            %[[KEPT:.*]] = arith.constant -8192 : i32
// CHECK-COUNT-6:    arith.andi %{{.*}}, %[[KEPT]] : i32
// CHECK-COUNT-4:    call @orcinus_sim_shuffle
// CHECK:            math.fma
// CHECK-COUNT-28:   call @orcinus_sim_shuffle
// CHECK-NOT:        call @orcinus_sim_shuffle
// CHECK:            %[[SUM:.*]] = math.fma
// CHECK:            memref.store %[[SUM]]
