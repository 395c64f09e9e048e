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

// What is written step by step into what the loops carry is there.
// CHECK-LABEL: func.func @nested
// CHECK-NOT:     materialize_in_destination
// CHECK:         return
// BUFFERS-LABEL: func.func @nested
// BUFFERS:         memref.store
// BUFFERS-NOT:     memref.copy
// BUFFERS:         return
func.func @nested(%x: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c7 = arith.constant 7 : index
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x7xf32>
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%o = %e) -> tensor<3x7xf32> {
    %s:2 = scf.for %j = %c0 to %c7 step %c1 iter_args(%p = %o, %sum = %zero) -> (tensor<3x7xf32>, f32) {
      %v = tensor.extract %x[%i, %j] : tensor<3x7xf32>
      %a = arith.addf %sum, %v : f32
      %q = tensor.insert %a into %p[%i, %j] : tensor<3x7xf32>
      scf.yield %q, %a : tensor<3x7xf32>, f32
    }
    scf.yield %s#0 : tensor<3x7xf32>
  }
  return %r : tensor<3x7xf32>
}

// What is read after it was overwritten is a tensor of its own.
// CHECK-LABEL: func.func @read_later
// CHECK:           %[[NEXT:.*]] = tensor.insert
// CHECK:           materialize_in_destination %[[NEXT]] in
func.func @read_later(%x: tensor<8xf32>, %turns: index) -> (tensor<8xf32>, f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %y:2 = scf.for %i = %c0 to %turns step %c1 iter_args(%t = %x, %last = %zero) -> (tensor<8xf32>, f32) {
    %next = tensor.insert %last into %t[%c0] : tensor<8xf32>
    %before = tensor.extract %t[%c0] : tensor<8xf32>
    scf.yield %next, %before : tensor<8xf32>, f32
  }
  return %y#0, %y#1 : tensor<8xf32>, f32
}

// Of two tensors that change places, one is copied before it is overwritten.
// CHECK-LABEL: func.func @exchange
// CHECK:         scf.for {{.*}} iter_args(%[[FIRST:.*]] = %{{.*}}, %[[SECOND:.*]] = %
// CHECK:           %[[SUMS:.*]] = linalg.add
// CHECK:           %[[PLACE:.*]] = tensor.empty()
// CHECK:           %[[KEPT:.*]] = bufferization.materialize_in_destination %[[FIRST]] in %[[PLACE]]
// CHECK:           bufferization.materialize_in_destination %[[SUMS]] in %[[FIRST]]
// CHECK:           bufferization.materialize_in_destination %[[KEPT]] in %[[SECOND]]
// BUFFERS-LABEL: func.func @exchange
func.func @exchange(%x: tensor<8xf32>, %turns: index) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y:2 = scf.for %i = %c0 to %turns step %c1 iter_args(%a = %x, %b = %x) -> (tensor<8xf32>, tensor<8xf32>) {
    %e = tensor.empty() : tensor<8xf32>
    %s = linalg.add ins(%a, %b : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    scf.yield %s, %a : tensor<8xf32>, tensor<8xf32>
  }
  return %y#0 : tensor<8xf32>
}
