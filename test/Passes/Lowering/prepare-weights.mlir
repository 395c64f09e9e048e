// RUN: orcinus-opt %s --split-input-file --orcinus-prepare-weights | FileCheck %s
// RUN: orcinus-opt %s --split-input-file --orcinus-compile-module="threads=2" | FileCheck %s --check-prefix=LOWERED

// Two functions read one weight turned: it is turned once. Whoever reads it as
// it is still does.

// CHECK: memref.global "public" @w.prepared : memref<16x32xf32> = uninitialized {alignment = 64 : i64}
// CHECK: memref.global "private" @w : memref<32x16xf32>
// CHECK-LABEL: func.func @first(
// CHECK-NOT: linalg.transpose
// CHECK: %[[A:.*]] = memref.get_global @w.prepared
// CHECK: %[[T:.*]] = bufferization.to_tensor %[[A]] restrict
// CHECK: linalg.matmul ins(%arg0, %[[T]] :
// CHECK-LABEL: func.func @second(
// CHECK: memref.get_global @w :
// CHECK-NOT: linalg.transpose
// CHECK: memref.get_global @w.prepared
// CHECK-LABEL: func.func @orcinus_prepare_weights()
// CHECK-COUNT-1: linalg.transpose
// CHECK-NOT: linalg.transpose
// CHECK: bufferization.materialize_in_destination %{{.*}} in restrict writable
// CHECK-NOT: materialize
// CHECK: return

// The entry stays, and the memory is the module's.
// LOWERED-DAG: llvm.mlir.global external @w.prepared
// LOWERED-DAG: llvm.func @orcinus_prepare_weights(%{{.*}}: !llvm.ptr) -> !llvm.ptr
memref.global "private" @w : memref<32x16xf32>
func.func @first(%x: tensor<4x16xf32>, %y: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %address = memref.get_global @w : memref<32x16xf32>
  %w = bufferization.to_tensor %address restrict : memref<32x16xf32> to tensor<32x16xf32>
  %empty = tensor.empty() : tensor<16x32xf32>
  %turned = linalg.transpose ins(%w : tensor<32x16xf32>) outs(%empty : tensor<16x32xf32>) permutation = [1, 0]
  %z = linalg.matmul ins(%x, %turned : tensor<4x16xf32>, tensor<16x32xf32>) outs(%y : tensor<4x32xf32>) -> tensor<4x32xf32>
  return %z : tensor<4x32xf32>
}
func.func @second(%x: tensor<4x16xf32>, %y: tensor<4x32xf32>) -> (tensor<4x32xf32>, tensor<32x16xf32>) {
  %address = memref.get_global @w : memref<32x16xf32>
  %w = bufferization.to_tensor %address restrict : memref<32x16xf32> to tensor<32x16xf32>
  %empty = tensor.empty() : tensor<16x32xf32>
  %turned = linalg.transpose ins(%w : tensor<32x16xf32>) outs(%empty : tensor<16x32xf32>) permutation = [1, 0]
  %z = linalg.matmul ins(%x, %turned : tensor<4x16xf32>, tensor<16x32xf32>) outs(%y : tensor<4x32xf32>) -> tensor<4x32xf32>
  return %z, %w : tensor<4x32xf32>, tensor<32x16xf32>
}

// -----

// What repeats a bias is not stored, what it repeats is; neither is what would
// take many times the room, or is made of one number.

// CHECK-DAG: memref.global "public" @b.prepared : memref<16xf32> = uninitialized
// CHECK-NOT: memref.global "public"
// CHECK-LABEL: func.func @biased(
// CHECK: memref.get_global @b.prepared
// CHECK: linalg.broadcast
// CHECK: linalg.add
// CHECK: linalg.fill
// CHECK: linalg.generic
// CHECK: return
// CHECK-LABEL: func.func @orcinus_prepare_weights()
// CHECK: math.exp
// CHECK-NOT: linalg.broadcast
// CHECK: return
memref.global "private" @b : memref<16xf32>
func.func @biased(%x: tensor<64x16xf32>) -> (tensor<64x16xf32>, tensor<16x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %address = memref.get_global @b : memref<16xf32>
  %b = bufferization.to_tensor %address restrict : memref<16xf32> to tensor<16xf32>
  %e = tensor.empty() : tensor<16xf32>
  %exp = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%b : tensor<16xf32>) outs(%e : tensor<16xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = math.exp %a : f32
    linalg.yield %v : f32
  } -> tensor<16xf32>
  %room = tensor.empty() : tensor<64x16xf32>
  %start = linalg.broadcast ins(%exp : tensor<16xf32>) outs(%room : tensor<64x16xf32>) dimensions = [0]
  %sum = linalg.add ins(%x, %start : tensor<64x16xf32>, tensor<64x16xf32>) outs(%room : tensor<64x16xf32>) -> tensor<64x16xf32>
  %square = tensor.empty() : tensor<16x16xf32>
  %nothing = linalg.fill ins(%zero : f32) outs(%square : tensor<16x16xf32>) -> tensor<16x16xf32>
  %outer = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} ins(%exp, %exp : tensor<16xf32>, tensor<16xf32>) outs(%nothing : tensor<16x16xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %p = arith.mulf %a, %c : f32
    %s = arith.addf %p, %o : f32
    linalg.yield %s : f32
  } -> tensor<16x16xf32>
  return %sum, %outer : tensor<64x16xf32>, tensor<16x16xf32>
}

// -----

// Nothing to prepare: the function is there all the same, for its callers.

// CHECK-LABEL: func.func @none(
// CHECK: func.func @orcinus_prepare_weights() {
// CHECK-NEXT: return
func.func @none(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

// What calls may write to is no weight.

// CHECK-NOT: prepared
// CHECK-LABEL: func.func @stateful(
// CHECK: linalg.exp
// CHECK-LABEL: func.func @orcinus_prepare_weights()
// CHECK-NEXT: return
memref.global "private" @state : memref<64xf32> = dense<1.0>
func.func @stateful(%x: tensor<64xf32>) -> tensor<64xf32> {
  %address = memref.get_global @state : memref<64xf32>
  %before = bufferization.to_tensor %address restrict writable : memref<64xf32> to tensor<64xf32>
  %empty = tensor.empty() : tensor<64xf32>
  %grown = linalg.exp ins(%before : tensor<64xf32>) outs(%empty : tensor<64xf32>) -> tensor<64xf32>
  %after = linalg.add ins(%grown, %x : tensor<64xf32>, tensor<64xf32>) outs(%empty : tensor<64xf32>) -> tensor<64xf32>
  bufferization.materialize_in_destination %after in restrict writable %address : (tensor<64xf32>, memref<64xf32>) -> ()
  return %after : tensor<64xf32>
}
