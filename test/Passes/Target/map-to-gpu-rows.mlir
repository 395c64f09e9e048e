// RUN: orcinus-opt %s --orcinus-map-to-gpu --canonicalize --cse | FileCheck %s
// RUN: orcinus-opt %s --orcinus-map-to-gpu --orcinus-simulate | FileCheck %s --check-prefix=SIMULATED

// Rows that are one run of the left operand and lie in pieces of the result stay
// two dimensions of the kernel: where the result is turned,
#left = affine_map<(b, s, n, k) -> (b, s, k)>
#right = affine_map<(b, s, n, k) -> (k, n)>
#turned = affine_map<(b, s, n, k) -> (s, b, n)>
// CHECK-LABEL: func.func @turned(
// CHECK-NOT:     linalg
// CHECK:         gpu.launch_func @kernels::@contraction blocks {{.*}} args(%{{.*}} : memref<6x40x64xf32,
// SIMULATED-LABEL: func.func @turned(
// SIMULATED-NOT:     linalg
func.func @turned(%left: memref<6x40x64xf32>, %right: memref<64x64xf32>,
                  %result: memref<40x6x64xf32>) {
  linalg.generic {indexing_maps = [#left, #right, #turned],
                  iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%left, %right : memref<6x40x64xf32>, memref<64x64xf32>)
      outs(%result : memref<40x6x64xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %ab = arith.mulf %a, %b : f32
    %sum = arith.addf %c, %ab : f32
    linalg.yield %sum : f32
  }
  return
}

// where it is the middle of a padded image,
#same = affine_map<(b, s, n, k) -> (b, s, n)>
// CHECK-LABEL: func.func @middle(
// CHECK-NOT:     linalg
// CHECK:         gpu.launch_func {{.*}} args(%{{.*}} : memref<6x40x64xf32,
func.func @middle(%left: memref<6x40x64xf32>, %right: memref<64x64xf32>,
                  %padded: memref<8x42x64xf32>) {
  %result = memref.subview %padded[1, 1, 0] [6, 40, 64] [1, 1, 1]
      : memref<8x42x64xf32> to memref<6x40x64xf32, strided<[2688, 64, 1], offset: 2752>>
  linalg.generic {indexing_maps = [#left, #right, #same],
                  iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%left, %right : memref<6x40x64xf32>, memref<64x64xf32>)
      outs(%result : memref<6x40x64xf32, strided<[2688, 64, 1], offset: 2752>>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %ab = arith.mulf %a, %b : f32
    %sum = arith.addf %c, %ab : f32
    linalg.yield %sum : f32
  }
  return
}

// and where what is added has one of them alone.
#some = affine_map<(b, s, n) -> (b, n)>
#all = affine_map<(b, s, n) -> (b, s, n)>
// CHECK-LABEL: func.func @biased(
// CHECK-NOT:     linalg
// CHECK:         gpu.launch_func {{.*}} args(%{{.*}} : memref<6x40x64xf32,
// CHECK-NOT:     gpu.launch_func
// CHECK:         return
func.func @biased(%left: memref<6x40x64xf32>, %right: memref<64x64xf32>,
                  %bias: memref<6x64xf32>, %result: memref<6x40x64xf32>) {
  linalg.generic {indexing_maps = [#some, #all],
                  iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%bias : memref<6x64xf32>) outs(%result : memref<6x40x64xf32>) {
  ^bb0(%a: f32, %c: f32):
    linalg.yield %a : f32
  }
  linalg.generic {indexing_maps = [#left, #right, #same],
                  iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%left, %right : memref<6x40x64xf32>, memref<64x64xf32>)
      outs(%result : memref<6x40x64xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %ab = arith.mulf %a, %b : f32
    %sum = arith.addf %c, %ab : f32
    linalg.yield %sum : f32
  }
  return
}
