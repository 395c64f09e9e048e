// RUN: orcinus-opt %s --orcinus-check-extents --canonicalize --cse --canonicalize | FileCheck %s

// Arguments that a caller may give other extents.
// CHECK-LABEL: func.func @add(
// CHECK-SAME:      %[[X:.*]]: tensor<?x4xf32>, %[[Y:.*]]: tensor<?x4xf32>
// CHECK-DAG:     %[[ROWS:.*]] = tensor.dim %[[X]]
// CHECK-DAG:     %[[OTHER:.*]] = tensor.dim %[[Y]]
// CHECK:         %[[EQUAL:.*]] = arith.cmpi eq, %[[ROWS]], %[[OTHER]] : index
// CHECK-NEXT:    cf.assert %[[EQUAL]], "in linalg.add ({{.*}}check-extents.mlir:{{[0-9]+}}:8), dimension 0 of operand 1 differs from dimension 0 of operand 0"
// CHECK-NOT:     cf.assert
// CHECK:         return
func.func @add(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %empty = tensor.empty(%n) : tensor<?x4xf32>
  %z = linalg.add ins(%x, %y : tensor<?x4xf32>, tensor<?x4xf32>) outs(%empty : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}

// Windows of 3 elements, two apart: 2 (n - 1) + 2 is below the input's extent.
// CHECK-LABEL: func.func @windows(
// CHECK:         %[[LESS:.*]] = arith.subi %{{.*}}, %{{.*}} : index
// CHECK:         %[[REACH:.*]] = arith.muli %[[LESS]], %{{.*}} : index
// CHECK:         %[[LAST:.*]] = arith.addi %[[REACH]], %{{.*}} : index
// CHECK:         %[[WITHIN:.*]] = arith.cmpi slt, %[[LAST]], %{{.*}} : index
// CHECK:         cf.assert %[[WITHIN]], "in linalg.generic {{.*}}, the windows over dimension 0 of operand 0 pass its end"
func.func @windows(%x: tensor<?xf32>, %w: tensor<3xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i * 2 + j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i)>],
                       iterator_types = ["parallel", "reduction"]}
      ins(%x, %w : tensor<?xf32>, tensor<3xf32>) outs(%y : tensor<?xf32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  } -> tensor<?xf32>
  return %z : tensor<?xf32>
}

// Extents that are known.
// CHECK-LABEL: func.func @static(
// CHECK-NOT:     cf.assert
func.func @static(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %z = linalg.exp ins(%x : tensor<4xf32>) outs(%y : tensor<4xf32>) -> tensor<4xf32>
  return %z : tensor<4xf32>
}
