// RUN: orcinus-opt %s --orcinus-map-to-gpu=matrix-instructions=mma --split-input-file | FileCheck %s --check-prefixes=CHECK,MMA
// RUN: orcinus-opt %s --orcinus-map-to-gpu="matrix-instructions=mfma subgroup-size=64" --split-input-file | FileCheck %s --check-prefixes=CHECK,MFMA
// RUN: orcinus-opt %s --orcinus-map-to-gpu --split-input-file | FileCheck %s --check-prefixes=CHECK,NONE

// By default where that takes no precision. What a lane takes at a time lies
// together in the tiles: rows by depth, in the operands' type.
func.func @f16(%left: memref<64x100xf16>, %right: memref<100x64xf16>,
               %result: memref<64x64xf32>) {
  linalg.matmul ins(%left, %right : memref<64x100xf16>, memref<100x64xf16>)
      outs(%result : memref<64x64xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// MMA-SAME:      workgroup(%{{.*}} : memref<64x40xf16, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}, %{{.*}} : memref<64x40xf16,
// MMA-NOT:       vector.fma
// MMA:           %[[PAIR:.*]] = vector.load %{{.*}} : memref<64x40xf16, #gpu.address_space<workgroup>>, vector<2xf16>
// MMA:           vector.insert %[[PAIR]], %{{.*}} [0] : vector<2xf16> into vector<4x2xf16>
// MMA:           nvgpu.mma.sync(%{{.*}}, %{{.*}}, %{{.*}}) {mmaShape = [16, 8, 16]} : (vector<4x2xf16>, vector<2x2xf16>, vector<2x2xf32>) -> vector<2x2xf32>
// MFMA-SAME:     workgroup(%{{.*}} : memref<64x40xf16, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}, %{{.*}} : memref<64x40xf16,
// MFMA:          %[[FOUR:.*]] = vector.load %{{.*}} : memref<64x40xf16, #gpu.address_space<workgroup>>, vector<4xf16>
// MFMA:          amdgpu.mfma 16x16x16 %[[FOUR]] * %{{.*}} + %{{.*}} blgp = none : vector<4xf16>, vector<4xf16>, vector<4xf32>
// Where there are none, operands are extended on their way into the tiles.
// NONE-SAME:     workgroup(%{{.*}} : memref<16x68xf32, #gpu.address_space<workgroup>>
// NONE:          arith.extf %{{.*}} : vector<4xf16> to vector<4xf32>
// NONE:          vector.fma

// -----

func.func @bf16(%left: memref<64x100xbf16>, %right: memref<100x64xbf16>,
                %result: memref<64x64xf32>) {
  linalg.matmul ins(%left, %right : memref<64x100xbf16>, memref<100x64xbf16>)
      outs(%result : memref<64x64xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// MMA:           nvgpu.mma.sync(%{{.*}}, %{{.*}}, %{{.*}}) {mmaShape = [16, 8, 16]} : (vector<4x2xbf16>, vector<2x2xbf16>, vector<2x2xf32>) -> vector<2x2xf32>
// MFMA:          amdgpu.mfma 16x16x16 %{{.*}} : vector<4xbf16>, vector<4xbf16>, vector<4xf32>
// NONE:          arith.extf %{{.*}} : vector<4xbf16> to vector<4xf32>

// -----

// f32 only on request.
func.func @f32(%left: memref<64x100xf32>, %right: memref<100x64xf32>,
               %result: memref<64x64xf32>) {
  linalg.matmul ins(%left, %right : memref<64x100xf32>, memref<100x64xf32>)
      outs(%result : memref<64x64xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// CHECK-NOT:     nvgpu.mma.sync
// CHECK-NOT:     amdgpu.mfma
// CHECK:         vector.fma

// -----

// A subgroup's tile is 64 columns wide on AMD's, however few there are.
func.func @narrow(%left: memref<64x100xf16>, %right: memref<100x20xf16>,
                  %result: memref<64x20xf32>) {
  linalg.matmul ins(%left, %right : memref<64x100xf16>, memref<100x20xf16>)
      outs(%result : memref<64x20xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// MMA-SAME:      %{{.*}} : memref<32x40xf16,
// MFMA-SAME:     %{{.*}} : memref<64x40xf16, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}, %{{.*}} : memref<64x40xf16,
// NONE-SAME:     %{{.*}} : memref<16x36xf32,

// -----

// A schedule can do without them.
func.func @by_fma(%left: memref<64x100xf16>, %right: memref<100x64xf16>,
                  %result: memref<64x64xf32>) {
  linalg.matmul {eto.schedule = #eto.schedule<matrix_instructions = 0>}
      ins(%left, %right : memref<64x100xf16>, memref<100x64xf16>)
      outs(%result : memref<64x64xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// CHECK-NOT:     nvgpu.mma.sync
// CHECK-NOT:     amdgpu.mfma
// CHECK:         vector.fma

// -----

// Sums in f16 are what each thread does for its element.
func.func @sums_in_f16(%left: memref<64x100xf16>, %right: memref<100x64xf16>,
                       %result: memref<64x64xf16>) {
  linalg.matmul ins(%left, %right : memref<64x100xf16>, memref<100x64xf16>)
      outs(%result : memref<64x64xf16>)
  return
}
// CHECK-LABEL: gpu.func @sums(
// CHECK:         arith.mulf %{{.*}} : f16

// -----

// A product that is rounded to f16 before it is summed is another number.
#rows = affine_map<(m, n, k) -> (m, k)>
#columns = affine_map<(m, n, k) -> (k, n)>
#result = affine_map<(m, n, k) -> (m, n)>
func.func @products_in_f16(%left: memref<64x100xf16>,
                           %right: memref<100x64xf16>,
                           %result: memref<64x64xf32>) {
  linalg.generic {indexing_maps = [#rows, #columns, #result],
                  iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%left, %right : memref<64x100xf16>, memref<100x64xf16>)
      outs(%result : memref<64x64xf32>) {
  ^bb0(%a: f16, %b: f16, %c: f32):
    %ab = arith.mulf %a, %b : f16
    %product = arith.extf %ab : f16 to f32
    %sum = arith.addf %c, %product : f32
    linalg.yield %sum : f32
  }
  return
}
// CHECK-LABEL: gpu.func @sums(
// CHECK:         arith.mulf %{{.*}} : f16
