// RUN: orcinus-opt %s --allow-unregistered-dialect --orcinus-lower-tm-tensor --split-input-file | FileCheck %s
// RUN: orcinus-opt %s --allow-unregistered-dialect --orcinus-lower-tm-tensor --orcinus-compile-module --split-input-file | FileCheck %s --check-prefix=LOWERED

// A scan carries the last result; an inclusive one begins with an element.
// CHECK-LABEL: func.func @inclusive(
// CHECK:         scf.for %[[ROW:[a-z0-9]+]] =
// CHECK:           %[[START:.*]] = tensor.extract %arg2[%[[ROW]]]
// CHECK:           scf.for %[[AT:[a-z0-9]+]] = {{.*}} iter_args(%[[Y:[a-z0-9]+]] = %{{.*}}, %[[LAST:.*]] = %[[START]])
// CHECK:             %[[X:.*]] = tensor.extract %arg0[%[[ROW]], %[[AT]]]
// CHECK:             %[[SUM:.*]] = arith.addf %[[LAST]], %[[X]]
// CHECK:             %[[FIRST:.*]] = arith.cmpi eq, %[[AT]]
// CHECK:             %[[NEXT:.*]] = arith.select %[[FIRST]], %[[X]], %[[SUM]]
// CHECK:             %[[WRITTEN:.*]] = tensor.insert %[[NEXT]] into %[[Y]][%[[ROW]], %[[AT]]]
// CHECK:             scf.yield %[[WRITTEN]], %[[NEXT]]
// LOWERED-LABEL: llvm.func {{.*}}@inclusive
func.func @inclusive(%x: tensor<3x?xf32>, %e: tensor<3x?xf32>, %start: tensor<3xf32>) -> tensor<3x?xf32> {
  %y:2 = "tm_tensor.scan"(%x, %e, %start) <{dimension = 1 : i64, inclusive = true, operandSegmentSizes = array<i32: 1, 2>}> ({
  ^bb0(%sum: f32, %a: f32):
    %s = arith.addf %sum, %a : f32
    "tm_tensor.yield"(%s) : (f32) -> ()
  }) : (tensor<3x?xf32>, tensor<3x?xf32>, tensor<3xf32>) -> (tensor<3x?xf32>, tensor<3xf32>)
  return %y#0 : tensor<3x?xf32>
}

// -----

// CHECK-LABEL: func.func @exclusive(
// CHECK:         scf.for %[[AT:[a-z0-9]+]] = {{.*}} iter_args(%[[Y:[a-z0-9]+]] = %{{.*}}, %[[LAST:.*]] =
// CHECK:           %[[SUM:.*]] = arith.addi %[[LAST]]
// CHECK:           %[[WRITTEN:.*]] = tensor.insert %[[LAST]] into %[[Y]][%[[AT]]]
// CHECK:           scf.yield %[[WRITTEN]], %[[SUM]]
// LOWERED-LABEL: llvm.func {{.*}}@exclusive
func.func @exclusive(%x: tensor<8xi64>, %e: tensor<8xi64>, %start: tensor<i64>) -> tensor<8xi64> {
  %y:2 = "tm_tensor.scan"(%x, %e, %start) <{dimension = 0 : i64, inclusive = false, operandSegmentSizes = array<i32: 1, 2>}> ({
  ^bb0(%sum: i64, %a: i64):
    %s = arith.addi %sum, %a : i64
    "tm_tensor.yield"(%s) : (i64) -> ()
  }) : (tensor<8xi64>, tensor<8xi64>, tensor<i64>) -> (tensor<8xi64>, tensor<i64>)
  return %y#0 : tensor<8xi64>
}

// -----

// Runs are merged from copies; the left one goes on where it is in order.
// CHECK-LABEL: func.func @sort(
// CHECK:         math.ctlz
// CHECK:         scf.for
// CHECK-COUNT-2:   bufferization.alloc_tensor() copy(
// CHECK:           arith.shli
// CHECK:           scf.for
// CHECK-COUNT-4:     tensor.extract
// CHECK:             arith.cmpf ole
// CHECK:             arith.ori
// CHECK:             arith.andi
// CHECK-COUNT-2:     tensor.insert
// LOWERED-LABEL: llvm.func {{.*}}@sort
func.func @sort(%x: tensor<9xf32>, %places: tensor<9xi64>) -> (tensor<9xf32>, tensor<9xi64>) {
  %y:2 = "tm_tensor.sort"(%x, %places) <{dimension = 0 : i64, operandSegmentSizes = array<i32: 0, 2>}> ({
  ^bb0(%a: f32, %b: f32, %i: i64, %j: i64):
    %ordered = arith.cmpf ole, %a, %b : f32
    "tm_tensor.yield"(%ordered) : (i1) -> ()
  }) : (tensor<9xf32>, tensor<9xi64>) -> (tensor<9xf32>, tensor<9xi64>)
  return %y#0, %y#1 : tensor<9xf32>, tensor<9xi64>
}

// -----

// A row of indices says where an update goes; one outside is an error.
// CHECK-LABEL: func.func @scatter(
// CHECK:         scf.for %[[NUMBER:[a-z0-9]+]] =
// CHECK:           tensor.extract %arg1[%[[NUMBER]], %{{.*}}] : tensor<15x1xi64>
// CHECK:           scf.for
// CHECK:             scf.for %[[COLUMN:[a-z0-9]+]] =
// CHECK:               %[[WITHIN:.*]] = arith.cmpi ult
// CHECK:               cf.assert %[[WITHIN]], "an index is not within the extent of dimension 0"
// CHECK:               %[[UPDATE:.*]] = tensor.extract %arg0[%[[NUMBER]], %{{.*}}, %[[COLUMN]]]
// CHECK:               %[[OLD:.*]] = tensor.extract %{{.*}}[%[[ROW:[a-z0-9_]+]], %[[COLUMN]]] : tensor<7x12xf32>
// CHECK:               %[[NEW:.*]] = arith.addf %[[OLD]], %[[UPDATE]]
// CHECK:               tensor.insert %[[NEW]] into %{{.*}}[%[[ROW]], %[[COLUMN]]]
// LOWERED-LABEL: llvm.func {{.*}}@scatter
func.func @scatter(%updates: tensor<15x1x12xf32>, %rows: tensor<15x1xi64>, %x: tensor<7x12xf32>) -> tensor<7x12xf32> {
  %y = "tm_tensor.scatter"(%updates, %rows, %x) <{dimension_map = array<i64: 0>, operandSegmentSizes = array<i32: 2, 1>, unique_indices = false}> ({
  ^bb0(%new: f32, %old: f32):
    %s = arith.addf %old, %new : f32
    "tm_tensor.yield"(%s) : (f32) -> ()
  }) : (tensor<15x1x12xf32>, tensor<15x1xi64>, tensor<7x12xf32>) -> tensor<7x12xf32>
  return %y : tensor<7x12xf32>
}
