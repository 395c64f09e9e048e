// RUN: orcinus-opt %s --orcinus-yield-into-destinations | FileCheck %s
// RUN: orcinus-opt %s --orcinus-bufferize | FileCheck %s --check-prefix=BUFFERS

// CHECK-LABEL: func.func @loop
// CHECK:         scf.for {{.*}} iter_args(%[[CARRIED:.*]] =
// CHECK:           %[[NEXT:.*]] = linalg.exp
// CHECK:           %[[THERE:.*]] = bufferization.materialize_in_destination %[[NEXT]] in %[[CARRIED]]
// CHECK:           scf.yield %[[THERE]]
// BUFFERS-LABEL: func.func @loop
// BUFFERS:         scf.for
// BUFFERS-NOT:     scf.yield %{{.*}} : memref
// BUFFERS:         return
func.func @loop(%x: tensor<8xf32>, %turns: index) -> tensor<8xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %y = scf.for %i = %zero to %turns step %one iter_args(%t = %x) -> tensor<8xf32> {
    %empty = tensor.empty() : tensor<8xf32>
    %next = linalg.exp ins(%t : tensor<8xf32>) outs(%empty : tensor<8xf32>) -> tensor<8xf32>
    scf.yield %next : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// CHECK-LABEL: func.func @branches
// CHECK:         %[[PLACE:.*]] = tensor.empty() : tensor<8xf32>
// CHECK:         scf.if
// CHECK:           materialize_in_destination %{{.*}} in %[[PLACE]]
// CHECK:         else
// CHECK:           materialize_in_destination %{{.*}} in %[[PLACE]]
func.func @branches(%x: tensor<8xf32>, %chosen: i1) -> tensor<8xf32> {
  %y = scf.if %chosen -> tensor<8xf32> {
    %empty = tensor.empty() : tensor<8xf32>
    %e = linalg.exp ins(%x : tensor<8xf32>) outs(%empty : tensor<8xf32>) -> tensor<8xf32>
    scf.yield %e : tensor<8xf32>
  } else {
    scf.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// What may have other extents after each turn stays.
// CHECK-LABEL: func.func @growing
// CHECK-NOT:     materialize_in_destination
func.func @growing(%x: tensor<?xf32>, %turns: index) -> tensor<?xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %y = scf.for %i = %zero to %turns step %one iter_args(%t = %x) -> tensor<?xf32> {
    %next = linalg.exp ins(%t : tensor<?xf32>) outs(%t : tensor<?xf32>) -> tensor<?xf32>
    scf.yield %next : tensor<?xf32>
  }
  return %y : tensor<?xf32>
}
