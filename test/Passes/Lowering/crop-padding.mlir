// RUN: orcinus-opt %s --orcinus-crop-padding --split-input-file | FileCheck %s
// RUN: orcinus-opt %s --orcinus-crop-padding --orcinus-crop-padding --canonicalize --split-input-file | FileCheck %s --check-prefix=TWICE

// What a negative amount cuts off is left out before anything is added.
// CHECK-LABEL: func.func @crop(
// CHECK:         %[[MIDDLE:.*]] = tensor.extract_slice %arg0[1, 0] [7, 9] [1, 1]
// CHECK:         tensor.pad %[[MIDDLE]] low[0, 1] high[2, 0]
func.func @crop(%x: tensor<8x9xf32>) -> tensor<9x10xf32> {
  %zero = arith.constant 0.0 : f32
  %y = tensor.pad %x low[-1, 1] high[2, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<8x9xf32> to tensor<9x10xf32>
  return %y : tensor<9x10xf32>
}

// -----

// Nothing is left to add.
// TWICE-LABEL: func.func @slice(
// TWICE-NEXT:    %[[SLICE:.*]] = tensor.extract_slice %arg0[1] [5] [1]
// TWICE-NEXT:    return %[[SLICE]]
func.func @slice(%x: tensor<8xf32>) -> tensor<5xf32> {
  %zero = arith.constant 0.0 : f32
  %y = tensor.pad %x low[-1] high[-2] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<8xf32> to tensor<5xf32>
  return %y : tensor<5xf32>
}

// -----

// An amount may turn out to be of either sign; it is looked at once.
// CHECK-LABEL: func.func @open(
// CHECK:         %[[NEGATED:.*]] = arith.subi %{{.*}}, %arg1 : index
// CHECK:         %[[ADDED:.*]] = arith.maxsi %arg1, %{{.*}} : index
// CHECK:         %[[CUT:.*]] = arith.maxsi %[[NEGATED]], %{{.*}} : index
// CHECK:         tensor.extract_slice %arg0[%[[CUT]]]
// CHECK:         tensor.pad %{{.*}} low[%[[ADDED]]] high[1]
// TWICE-LABEL: func.func @open(
// TWICE-COUNT-1: tensor.extract_slice
// TWICE-NOT:     tensor.extract_slice
// TWICE:         return
func.func @open(%x: tensor<?xf32>, %low: index) -> tensor<?xf32> {
  %zero = arith.constant 0.0 : f32
  %y = tensor.pad %x low[%low] high[1] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<?xf32> to tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

// CHECK-LABEL: func.func @grown(
// CHECK-NOT:     extract_slice
func.func @grown(%x: tensor<8xf32>) -> tensor<9xf32> {
  %zero = arith.constant 0.0 : f32
  %y = tensor.pad %x low[0] high[1] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<8xf32> to tensor<9xf32>
  return %y : tensor<9xf32>
}
