// RUN: orcinus-opt %s --orcinus-fuse-elementwise --canonicalize --cse --split-input-file | FileCheck %s

// An activation is not fused into the product that reads it, but elementwise
// ops are into each other.
// CHECK-LABEL: func.func @layers(
// CHECK:         linalg.matmul
// CHECK:         linalg.generic
// CHECK-NEXT:    ^bb0
// CHECK-NEXT:      arith.addf
// CHECK-NEXT:      math.tanh
// CHECK:         linalg.matmul
#id = affine_map<(m, n) -> (m, n)>
#column = affine_map<(m, n) -> (n)>
func.func @layers(%x: tensor<8x16xf32>, %w: tensor<16x32xf32>, %b: tensor<32xf32>, %v: tensor<32x16xf32>) -> tensor<8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x32xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8x32xf32>) -> tensor<8x32xf32>
  %p = linalg.matmul ins(%x, %w : tensor<8x16xf32>, tensor<16x32xf32>) outs(%f : tensor<8x32xf32>) -> tensor<8x32xf32>
  %q = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]} ins(%p, %b : tensor<8x32xf32>, tensor<32xf32>) outs(%e : tensor<8x32xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %s = arith.addf %a, %c : f32
    linalg.yield %s : f32
  } -> tensor<8x32xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%q : tensor<8x32xf32>) outs(%e : tensor<8x32xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = math.tanh %a : f32
    linalg.yield %s : f32
  } -> tensor<8x32xf32>
  %g = tensor.empty() : tensor<8x16xf32>
  %h = linalg.fill ins(%zero : f32) outs(%g : tensor<8x16xf32>) -> tensor<8x16xf32>
  %t = linalg.matmul ins(%r, %v : tensor<8x32xf32>, tensor<32x16xf32>) outs(%h : tensor<8x16xf32>) -> tensor<8x16xf32>
  return %t : tensor<8x16xf32>
}

// -----

// The heads of an attention are read and written where they lie; the loop of
// one turn is gone.
// CHECK-DAG:   #[[$LEFT:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d0, d3)>
// CHECK-DAG:   #[[$RESULT:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d0, d2)>
// CHECK-LABEL: func.func @heads(
// CHECK-NOT:     linalg.transpose
// CHECK:         linalg.generic {indexing_maps = [#[[$LEFT]], #{{.*}}, #[[$RESULT]]], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
// CHECK-NOT:     linalg.generic
// CHECK-NOT:     linalg.transpose
#left = affine_map<(b, h, m, n, k) -> (b, h, m, k)>
#right = affine_map<(b, h, m, n, k) -> (b, h, k, n)>
#result = affine_map<(b, h, m, n, k) -> (b, h, m, n)>
func.func @heads(%x: tensor<1x128x12x64xf32>, %y: tensor<1x12x64x32xf32>) -> tensor<1x128x12x32xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x12x128x64xf32>
  %t = linalg.transpose ins(%x : tensor<1x128x12x64xf32>) outs(%e : tensor<1x12x128x64xf32>) permutation = [0, 2, 1, 3]
  %f = tensor.empty() : tensor<1x12x128x32xf32>
  %s = linalg.fill ins(%zero : f32) outs(%f : tensor<1x12x128x32xf32>) -> tensor<1x12x128x32xf32>
  %p = linalg.generic {indexing_maps = [#left, #right, #result], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%t, %y : tensor<1x12x128x64xf32>, tensor<1x12x64x32xf32>) outs(%s : tensor<1x12x128x32xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    %q = arith.addf %c, %m : f32
    linalg.yield %q : f32
  } -> tensor<1x12x128x32xf32>
  %g = tensor.empty() : tensor<1x128x12x32xf32>
  %u = linalg.transpose ins(%p : tensor<1x12x128x32xf32>) outs(%g : tensor<1x128x12x32xf32>) permutation = [0, 2, 1, 3]
  return %u : tensor<1x128x12x32xf32>
}

// -----

// A weight that is repeated for each of a batch is read once for all.
// CHECK-DAG:   #[[$WEIGHT:.*]] = affine_map<(d0, d1, d2, d3) -> (d3, d2)>
// CHECK-LABEL: func.func @repeated(
// CHECK:         linalg.generic {indexing_maps = [#{{.*}}, #[[$WEIGHT]], #{{.*}}]
// CHECK-SAME:      ins(%arg0, %arg1
#weight = affine_map<(b, k, n) -> (k, n)>
#whole = affine_map<(b, k, n) -> (b, k, n)>
func.func @repeated(%x: tensor<4x8x16xf32>, %w: tensor<16x32xf32>) -> tensor<4x8x32xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x16x32xf32>
  %r = linalg.generic {indexing_maps = [#weight, #whole], iterator_types = ["parallel", "parallel", "parallel"]} ins(%w : tensor<16x32xf32>) outs(%e : tensor<4x16x32xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<4x16x32xf32>
  %f = tensor.empty() : tensor<4x8x32xf32>
  %s = linalg.fill ins(%zero : f32) outs(%f : tensor<4x8x32xf32>) -> tensor<4x8x32xf32>
  %p = linalg.batch_matmul ins(%x, %r : tensor<4x8x16xf32>, tensor<4x16x32xf32>) outs(%s : tensor<4x8x32xf32>) -> tensor<4x8x32xf32>
  return %p : tensor<4x8x32xf32>
}

// -----

// Of a softmax's maximum and its place, only the maximum is used.
// CHECK-LABEL: func.func @dead_place(
// CHECK:         linalg.generic
// CHECK-SAME:      outs(%{{[a-z0-9_]+}} : tensor<8xf32>)
// CHECK-NOT:     linalg.index
// CHECK:         return
#all = affine_map<(m, n) -> (m, n)>
#row = affine_map<(m, n) -> (m)>
func.func @dead_place(%x: tensor<8x16xf32>) -> tensor<8xf32> {
  %least = arith.constant 0xFF800000 : f32
  %first = arith.constant 0 : i64
  %e = tensor.empty() : tensor<8xf32>
  %m = linalg.fill ins(%least : f32) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %g = tensor.empty() : tensor<8xi64>
  %i = linalg.fill ins(%first : i64) outs(%g : tensor<8xi64>) -> tensor<8xi64>
  %r:2 = linalg.generic {indexing_maps = [#all, #row, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<8x16xf32>) outs(%m, %i : tensor<8xf32>, tensor<8xi64>) {
  ^bb0(%a: f32, %b: f32, %c: i64):
    %at = linalg.index 1 : index
    %place = arith.index_cast %at : index to i64
    %larger = arith.cmpf ogt, %a, %b : f32
    %largest = arith.maximumf %a, %b : f32
    %where = arith.select %larger, %place, %c : i64
    linalg.yield %largest, %where : f32, i64
  } -> (tensor<8xf32>, tensor<8xi64>)
  return %r#0 : tensor<8xf32>
}

// -----

// Exponentials are not computed anew for each column of what reads them, and a
// cube is two products.
// CHECK-LABEL: func.func @costs(
// CHECK:         linalg.generic
// CHECK:           math.exp
// CHECK:         linalg.generic
// CHECK-NEXT:    ^bb0
// CHECK-NEXT:      arith.mulf
// CHECK-NEXT:      arith.mulf
// CHECK-NEXT:      arith.mulf
#last = affine_map<(m, n) -> (n)>
#both = affine_map<(m, n) -> (m, n)>
#one = affine_map<(n) -> (n)>
func.func @costs(%x: tensor<16xf32>, %y: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %three = arith.constant 3 : i32
  %e = tensor.empty() : tensor<16xf32>
  %p = linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = math.exp %a : f32
    linalg.yield %s : f32
  } -> tensor<16xf32>
  %f = tensor.empty() : tensor<8x16xf32>
  %q = linalg.generic {indexing_maps = [#last, #both, #both], iterator_types = ["parallel", "parallel"]} ins(%p, %y : tensor<16xf32>, tensor<8x16xf32>) outs(%f : tensor<8x16xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %c = math.fpowi %b, %three : f32, i32
    %s = arith.mulf %a, %c : f32
    linalg.yield %s : f32
  } -> tensor<8x16xf32>
  return %q : tensor<8x16xf32>
}

// -----

// A product over one element reads what it starts with: within the loop of what
// reads it, it would be multiplied once for each turn.
// CHECK-LABEL: func.func @count(
// CHECK:         linalg.generic {indexing_maps = [{{[^,]*}}, {{[^,]*}}], iterator_types = ["parallel"]} ins(%arg0 : tensor<4xf32>)
// CHECK-NEXT:    ^bb0(%[[IN:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:      arith.mulf %[[IN]], %{{.*}} : f32
// CHECK-NEXT:      linalg.yield
#one = affine_map<(i) -> (i)>
#first = affine_map<(i) -> (0)>
#none = affine_map<() -> ()>
#scalar = affine_map<(i) -> ()>
func.func @count(%x: tensor<4xf32>) -> tensor<4xf32> {
  %start = arith.constant dense<1> : tensor<1xi64>
  %extents = arith.constant dense<9> : tensor<1xi64>
  %count = linalg.generic {indexing_maps = [#one, #first], iterator_types = ["reduction"]} ins(%extents : tensor<1xi64>) outs(%start : tensor<1xi64>) {
  ^bb0(%a: i64, %o: i64):
    %p = arith.muli %a, %o : i64
    linalg.yield %p : i64
  } -> tensor<1xi64>
  %c = tensor.collapse_shape %count [] : tensor<1xi64> into tensor<i64>
  %e = tensor.empty() : tensor<f32>
  %f = linalg.generic {indexing_maps = [#none, #none], iterator_types = []} ins(%c : tensor<i64>) outs(%e : tensor<f32>) {
  ^bb0(%a: i64, %o: f32):
    %s = arith.sitofp %a : i64 to f32
    linalg.yield %s : f32
  } -> tensor<f32>
  %g = tensor.empty() : tensor<4xf32>
  %y = linalg.generic {indexing_maps = [#one, #scalar, #one], iterator_types = ["parallel"]} ins(%x, %f : tensor<4xf32>, tensor<f32>) outs(%g : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.mulf %a, %b : f32
    linalg.yield %m : f32
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}
