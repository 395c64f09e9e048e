// RUN: orcinus-opt %s --orcinus-erase-unused-results | FileCheck %s
// RUN: orcinus-opt %s --orcinus-bufferize --orcinus-fuse-rows=threads=1 | FileCheck %s --check-prefix=FUSED

// A softmax as torch-mlir writes it: the maximum comes with its index, which
// nobody reads. One loop over rows takes all of it.
// CHECK-LABEL: func.func @softmax
// CHECK-NOT:     linalg.index
// CHECK:         arith.maximumf
// CHECK-NEXT:    linalg.yield %{{[^,]*}} : f32

// FUSED-LABEL: func.func @softmax
// FUSED-NOT:     linalg.generic
// FUSED:         scf.for
// FUSED:           arith.maximumf
// FUSED:           arith.subf
// FUSED:           math.exp
// FUSED:           arith.addf
// FUSED:           arith.divf
#all = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i, 0)>
func.func @softmax(%x: tensor<64x256xf32>) -> tensor<64x256xf32> {
  %first = arith.constant 0 : i64
  %least = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %indices = tensor.empty() : tensor<64x1xi64>
  %start = linalg.fill ins(%first : i64) outs(%indices : tensor<64x1xi64>) -> tensor<64x1xi64>
  %rows = tensor.empty() : tensor<64x1xf32>
  %leasts = linalg.fill ins(%least : f32) outs(%rows : tensor<64x1xf32>) -> tensor<64x1xf32>
  %largest:2 = linalg.generic {indexing_maps = [#all, #row, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<64x256xf32>) outs(%leasts, %start : tensor<64x1xf32>, tensor<64x1xi64>) {
  ^bb0(%a: f32, %b: f32, %i: i64):
    %j = linalg.index 1 : index
    %index = arith.index_cast %j : index to i64
    %m = arith.maximumf %a, %b : f32
    %greater = arith.cmpf ogt, %a, %b : f32
    %chosen = arith.select %greater, %index, %i : i64
    linalg.yield %m, %chosen : f32, i64
  } -> (tensor<64x1xf32>, tensor<64x1xi64>)
  %empty = tensor.empty() : tensor<64x256xf32>
  %shifted = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]} ins(%x, %largest#0 : tensor<64x256xf32>, tensor<64x1xf32>) outs(%empty : tensor<64x256xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.subf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<64x256xf32>
  %exponentials = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]} ins(%shifted : tensor<64x256xf32>) outs(%empty : tensor<64x256xf32>) {
  ^bb0(%a: f32, %b: f32):
    %e = math.exp %a : f32
    linalg.yield %e : f32
  } -> tensor<64x256xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%rows : tensor<64x1xf32>) -> tensor<64x1xf32>
  %sums = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]} ins(%exponentials : tensor<64x256xf32>) outs(%zeros : tensor<64x1xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<64x1xf32>
  %y = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]} ins(%exponentials, %sums : tensor<64x256xf32>, tensor<64x1xf32>) outs(%empty : tensor<64x256xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %q = arith.divf %a, %b : f32
    linalg.yield %q : f32
  } -> tensor<64x256xf32>
  return %y : tensor<64x256xf32>
}
