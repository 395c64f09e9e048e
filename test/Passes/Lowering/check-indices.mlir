// RUN: orcinus-opt %s --orcinus-check-indices --canonicalize | FileCheck %s

// Rows of a table: as many checks as rows, and the importer's own with them.
// CHECK-LABEL: func.func @rows(
// CHECK-SAME:      %[[TABLE:.*]]: tensor<10x4xf32>, %[[ROWS:.*]]: tensor<5xi64>,
// CHECK:         linalg.generic {indexing_maps = [#{{.*}}], iterator_types = ["parallel"]} ins(%[[ROWS]] : tensor<5xi64>) {
// CHECK:           %[[WITHIN:.*]] = arith.cmpi ult, %{{.*}}, %c10 : index
// CHECK-NEXT:      cf.assert %{{.*}}, "the importer's"
// CHECK-NEXT:      cf.assert %[[WITHIN]], "an index is not within the extent of dimension 0"
// CHECK-NEXT:      linalg.yield
// CHECK:         linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]} ins(%[[ROWS]]
// CHECK-NOT:       cf.assert
// CHECK:           tensor.extract %[[TABLE]]
// CHECK:         return
func.func @rows(%table: tensor<10x4xf32>, %rows: tensor<5xi64>, %out: tensor<5x4xf32>) -> tensor<5x4xf32> {
  %c0 = arith.constant 0 : i64
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%rows : tensor<5xi64>) outs(%out : tensor<5x4xf32>) {
  ^bb0(%row: i64, %old: f32):
    %positive = arith.cmpi sge, %row, %c0 : i64
    cf.assert %positive, "the importer's"
    %i = arith.index_cast %row : i64 to index
    %j = linalg.index 1 : index
    %x = tensor.extract %table[%i, %j] : tensor<10x4xf32>
    linalg.yield %x : f32
  } -> tensor<5x4xf32>
  return %0 : tensor<5x4xf32>
}

// An index that the loops alone decide is the module's own affair.
// CHECK-LABEL: func.func @diagonal(
// CHECK-NOT:     cf.assert
// CHECK:         return
func.func @diagonal(%x: tensor<4x4xf32>, %out: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%out : tensor<4xf32>) {
  ^bb0(%old: f32):
    %i = linalg.index 0 : index
    %e = tensor.extract %x[%i, %i] : tensor<4x4xf32>
    linalg.yield %e : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// What depends on a loop's index, or on a result, stays where it is.
// CHECK-LABEL: func.func @offset(
// CHECK:         linalg.generic
// CHECK:           cf.assert %{{.*}}, "an index is not within the extent of dimension 0"
// CHECK-NEXT:      tensor.extract
// CHECK:         return
func.func @offset(%x: tensor<9xf32>, %by: tensor<4xindex>, %out: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%by : tensor<4xindex>) outs(%out : tensor<4xf32>) {
  ^bb0(%shift: index, %old: f32):
    %i = linalg.index 0 : index
    %at = arith.addi %i, %shift : index
    %e = tensor.extract %x[%at] : tensor<9xf32>
    linalg.yield %e : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
