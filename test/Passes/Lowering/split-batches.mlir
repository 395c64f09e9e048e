// RUN: orcinus-opt %s --orcinus-split-batches --split-input-file | FileCheck %s
// RUN: orcinus-opt %s --orcinus-split-batches=threads=3 --split-input-file | FileCheck %s --check-prefix=THREADS
// RUN: orcinus-opt %s --orcinus-split-batches=threads=2 --split-input-file | FileCheck %s

// Each image goes through all ops up to the product whose weights are too many
// to be read for each; what the last of them makes has its place in the result.
// CHECK-LABEL: func.func @network(
// CHECK-SAME:      %[[X:.*]]: tensor<8x34x34x16xf32>,
// CHECK:         %[[ALL:.*]] = tensor.empty() : tensor<8x32x32x64xf32>
// CHECK:         %[[LOOP:.*]] = scf.forall (%[[AT:.*]]) in (8) shared_outs(%[[OUT:.*]] = %[[ALL]]) -> (tensor<8x32x32x64xf32>) {
// CHECK:           %[[FILL:.*]] = linalg.fill {{.*}} -> tensor<1x32x32x64xf32>
// CHECK:           %[[IMAGE:.*]] = tensor.extract_slice %[[X]][%[[AT]], 0, 0, 0] [1, 34, 34, 16]
// CHECK:           %[[SUMS:.*]] = linalg.conv_2d_nhwc_hwcf ins(%[[IMAGE]], %arg1 : {{.*}}) outs(%[[FILL]]
// CHECK:           %[[PADDED:.*]] = tensor.pad %[[SUMS]]
// CHECK:           } : tensor<1x32x32x64xf32> to tensor<1x34x34x64xf32>
// CHECK:           %[[PLACE:.*]] = tensor.extract_slice %[[OUT]][%[[AT]], 0, 0, 0] [1, 32, 32, 64]
// CHECK:           %[[START:.*]] = linalg.fill {{.*}} outs(%[[PLACE]]
// CHECK:           %[[MAX:.*]] = linalg.pooling_nhwc_max ins(%[[PADDED]], {{.*}}) outs(%[[START]]
// CHECK:           tensor.parallel_insert_slice %[[MAX]] into %[[OUT]][%[[AT]], 0, 0, 0]
// CHECK:         linalg.conv_2d_nhwc_hwcf ins(%[[LOOP]], %arg2 :

// Eight images are too few for three threads.
// THREADS-LABEL: func.func @network(
// THREADS-NOT:     scf.forall
func.func @network(%x: tensor<8x34x34x16xf32>, %w: tensor<3x3x16x64xf32>, %v: tensor<3x3x64x512xf32>, %s: tensor<8x30x30x512xf32>) -> tensor<8x30x30x512xf32> {
  %zero = arith.constant 0.0 : f32
  %least = arith.constant 0xFF800000 : f32
  %e0 = tensor.empty() : tensor<8x32x32x64xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<8x32x32x64xf32>) -> tensor<8x32x32x64xf32>
  %a = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<8x34x34x16xf32>, tensor<3x3x16x64xf32>) outs(%f0 : tensor<8x32x32x64xf32>) -> tensor<8x32x32x64xf32>
  %p = tensor.pad %a low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%n: index, %h: index, %u: index, %c: index):
    tensor.yield %least : f32
  } : tensor<8x32x32x64xf32> to tensor<8x34x34x64xf32>
  %e1 = tensor.empty() : tensor<8x32x32x64xf32>
  %f1 = linalg.fill ins(%least : f32) outs(%e1 : tensor<8x32x32x64xf32>) -> tensor<8x32x32x64xf32>
  %window = tensor.empty() : tensor<3x3xf32>
  %m = linalg.pooling_nhwc_max ins(%p, %window : tensor<8x34x34x64xf32>, tensor<3x3xf32>) outs(%f1 : tensor<8x32x32x64xf32>) -> tensor<8x32x32x64xf32>
  %y = linalg.conv_2d_nhwc_hwcf ins(%m, %v : tensor<8x32x32x64xf32>, tensor<3x3x64x512xf32>) outs(%s : tensor<8x30x30x512xf32>) -> tensor<8x30x30x512xf32>
  return %y : tensor<8x30x30x512xf32>
}

// -----

// What has a schedule ends the chain, and one product alone is no chain;
// neither is what is small.
// CHECK-LABEL: func.func @scheduled(
// CHECK-NOT:     scf.forall
// CHECK-LABEL: func.func @small(
// CHECK-NOT:     scf.forall
func.func @scheduled(%x: tensor<8x512x64xf32>, %w: tensor<8x64x64xf32>, %s: tensor<8x512x64xf32>) -> tensor<8x512x64xf32> {
  %a = linalg.batch_matmul ins(%x, %w : tensor<8x512x64xf32>, tensor<8x64x64xf32>) outs(%s : tensor<8x512x64xf32>) -> tensor<8x512x64xf32>
  %b = linalg.batch_matmul {eto.schedule = #eto.schedule<tile_rows = 4>} ins(%a, %w : tensor<8x512x64xf32>, tensor<8x64x64xf32>) outs(%s : tensor<8x512x64xf32>) -> tensor<8x512x64xf32>
  return %b : tensor<8x512x64xf32>
}
func.func @small(%x: tensor<8x16x16xf32>, %w: tensor<8x16x16xf32>, %s: tensor<8x16x16xf32>) -> tensor<8x16x16xf32> {
  %a = linalg.batch_matmul ins(%x, %w : tensor<8x16x16xf32>, tensor<8x16x16xf32>) outs(%s : tensor<8x16x16xf32>) -> tensor<8x16x16xf32>
  %b = linalg.batch_matmul ins(%a, %w : tensor<8x16x16xf32>, tensor<8x16x16xf32>) outs(%s : tensor<8x16x16xf32>) -> tensor<8x16x16xf32>
  return %b : tensor<8x16x16xf32>
}

// -----

// What the chain makes and an op reads of all images ends it, however small it
// is: summed over all,
// CHECK-LABEL: func.func @summed(
// CHECK:         %[[LOOP:.*]] = scf.forall
// CHECK:           linalg.reduce
// CHECK:           scf.forall.in_parallel
// CHECK:         linalg.generic {{.*}} ins(%[[LOOP]], %arg0 : tensor<8x64xf32>, tensor<8x512x64xf32>)
#every = affine_map<(n, r, m, c) -> (m, c)>
#rows = affine_map<(n, r, m, c) -> (n, r, c)>
#sums = affine_map<(n, r, m, c) -> (n, r)>
func.func @summed(%x: tensor<8x512x64xf32>, %w: tensor<8x64x64xf32>, %s: tensor<8x512x64xf32>, %t: tensor<8x64xf32>, %u: tensor<8x512xf32>) -> tensor<8x512xf32> {
  %a = linalg.batch_matmul ins(%x, %w : tensor<8x512x64xf32>, tensor<8x64x64xf32>) outs(%s : tensor<8x512x64xf32>) -> tensor<8x512x64xf32>
  %b = linalg.batch_matmul ins(%a, %w : tensor<8x512x64xf32>, tensor<8x64x64xf32>) outs(%s : tensor<8x512x64xf32>) -> tensor<8x512x64xf32>
  %c = linalg.reduce { arith.addf } ins(%b : tensor<8x512x64xf32>) outs(%t : tensor<8x64xf32>) dimensions = [1]
  %y = linalg.generic {indexing_maps = [#every, #rows, #sums], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%c, %x : tensor<8x64xf32>, tensor<8x512x64xf32>) outs(%u : tensor<8x512xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %v = arith.mulf %p, %q : f32
    %r = arith.addf %o, %v : f32
    linalg.yield %r : f32
  } -> tensor<8x512xf32>
  return %y : tensor<8x512xf32>
}

// -----

// for all pairs of images,
// CHECK-LABEL: func.func @pairs(
// CHECK:         %[[LOOP:.*]] = scf.forall
// CHECK:           linalg.reduce
// CHECK:           scf.forall.in_parallel
// CHECK:         linalg.generic {{.*}} ins(%[[LOOP]], %[[LOOP]] : tensor<8x64xf32>, tensor<8x64xf32>)
#one = affine_map<(n, m, c) -> (n, c)>
#other = affine_map<(n, m, c) -> (m, c)>
#pair = affine_map<(n, m, c) -> (n, m, c)>
func.func @pairs(%x: tensor<8x512x64xf32>, %w: tensor<8x64x64xf32>, %s: tensor<8x512x64xf32>, %t: tensor<8x64xf32>) -> tensor<8x8x64xf32> {
  %a = linalg.batch_matmul ins(%x, %w : tensor<8x512x64xf32>, tensor<8x64x64xf32>) outs(%s : tensor<8x512x64xf32>) -> tensor<8x512x64xf32>
  %b = linalg.batch_matmul ins(%a, %w : tensor<8x512x64xf32>, tensor<8x64x64xf32>) outs(%s : tensor<8x512x64xf32>) -> tensor<8x512x64xf32>
  %c = linalg.reduce { arith.addf } ins(%b : tensor<8x512x64xf32>) outs(%t : tensor<8x64xf32>) dimensions = [1]
  %e = tensor.empty() : tensor<8x8x64xf32>
  %y = linalg.generic {indexing_maps = [#one, #other, #pair], iterator_types = ["parallel", "parallel", "parallel"]} ins(%c, %c : tensor<8x64xf32>, tensor<8x64xf32>) outs(%e : tensor<8x8x64xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<8x8x64xf32>
  return %y : tensor<8x8x64xf32>
}

// -----

// as weights that have as many rows as there are images,
// CHECK-LABEL: func.func @weights(
// CHECK:         %[[LOOP:.*]]:2 = scf.forall
// CHECK:           linalg.exp
// CHECK:           scf.forall.in_parallel
// CHECK:         linalg.generic {{.*}} ins(%[[LOOP]]#1, %[[LOOP]]#0 : tensor<8x512x64xf32>, tensor<8x64xf32>)
#image = affine_map<(n, r, m, c) -> (n, r, c)>
#weight = affine_map<(n, r, m, c) -> (m, c)>
#result = affine_map<(n, r, m, c) -> (n, r, m)>
func.func @weights(%x: tensor<8x512x64xf32>, %w: tensor<8x64x64xf32>, %s: tensor<8x512x64xf32>, %t: tensor<8x64xf32>, %u: tensor<8x512x8xf32>) -> tensor<8x512x8xf32> {
  %e = tensor.empty() : tensor<8x64xf32>
  %c = linalg.exp ins(%t : tensor<8x64xf32>) outs(%e : tensor<8x64xf32>) -> tensor<8x64xf32>
  %a = linalg.batch_matmul ins(%x, %w : tensor<8x512x64xf32>, tensor<8x64x64xf32>) outs(%s : tensor<8x512x64xf32>) -> tensor<8x512x64xf32>
  %b = linalg.batch_matmul ins(%a, %w : tensor<8x512x64xf32>, tensor<8x64x64xf32>) outs(%s : tensor<8x512x64xf32>) -> tensor<8x512x64xf32>
  %y = linalg.generic {indexing_maps = [#image, #weight, #result], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%b, %c : tensor<8x512x64xf32>, tensor<8x64xf32>) outs(%u : tensor<8x512x8xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %v = arith.mulf %p, %q : f32
    %r = arith.addf %o, %v : f32
    linalg.yield %r : f32
  } -> tensor<8x512x8xf32>
  return %y : tensor<8x512x8xf32>
}

// -----

// and from within.
// CHECK-LABEL: func.func @captured(
// CHECK:         %[[LOOP:.*]] = scf.forall
// CHECK:           scf.forall.in_parallel
// CHECK:         linalg.generic
// CHECK:           tensor.extract %[[LOOP]][
#whole = affine_map<(n, c) -> (n, c)>
func.func @captured(%x: tensor<8x512x64xf32>, %w: tensor<8x64x64xf32>, %s: tensor<8x512x64xf32>, %t: tensor<8x64xf32>, %at: tensor<8x64xindex>) -> tensor<8x64xf32> {
  %a = linalg.batch_matmul ins(%x, %w : tensor<8x512x64xf32>, tensor<8x64x64xf32>) outs(%s : tensor<8x512x64xf32>) -> tensor<8x512x64xf32>
  %b = linalg.batch_matmul ins(%a, %w : tensor<8x512x64xf32>, tensor<8x64x64xf32>) outs(%s : tensor<8x512x64xf32>) -> tensor<8x512x64xf32>
  %c = linalg.reduce { arith.addf } ins(%b : tensor<8x512x64xf32>) outs(%t : tensor<8x64xf32>) dimensions = [1]
  %e = tensor.empty() : tensor<8x64xf32>
  %y = linalg.generic {indexing_maps = [#whole, #whole], iterator_types = ["parallel", "parallel"]} ins(%at : tensor<8x64xindex>) outs(%e : tensor<8x64xf32>) {
  ^bb0(%p: index, %o: f32):
    %r = tensor.extract %c[%p, %p] : tensor<8x64xf32>
    linalg.yield %r : f32
  } -> tensor<8x64xf32>
  return %y : tensor<8x64xf32>
}

// -----

// Tensors of indices have bytes, too.
// CHECK-LABEL: func.func @bytes_of_indices(
// CHECK:         linalg.copy
func.func @bytes_of_indices(%x: tensor<4x8xindex>) -> tensor<4x8xindex> {
  %e = tensor.empty() : tensor<4x8xindex>
  %y = linalg.copy ins(%x : tensor<4x8xindex>) outs(%e : tensor<4x8xindex>) -> tensor<4x8xindex>
  return %y : tensor<4x8xindex>
}
