// RUN: orcinus-opt %s --tgnn-lower-kernels -split-input-file -verify-diagnostics

func.func @tensors(%table: tensor<?x100xf32>, %index: tensor<?xi32>) -> tensor<?x100xf32> {
  // expected-error @+1 {{operand 0 must be a buffer, is 'tensor<?x100xf32>'}}
  %0 = tgnn.gather(%table, %index) : (tensor<?x100xf32>, tensor<?xi32>) -> tensor<?x100xf32>
  return %0 : tensor<?x100xf32>
}

// -----

func.func @dynamic_width(%table: memref<?x?xf32>, %index: memref<?xi32>, %out: memref<?x?xf32>) {
  // expected-error @+1 {{operand 0 must have static extents after the first, is 'memref<?x?xf32>'}}
  tgnn.gather(%table, %index) into(%out) : (memref<?x?xf32>, memref<?xi32>) into (memref<?x?xf32>)
  return
}

// -----

func.func @columns(%table: memref<?x100xf32, strided<[1, 100]>>, %index: memref<?xi32>, %out: memref<?x100xf32>) {
  // expected-error @+1 {{operand 0 must have contiguous rows}}
  tgnn.gather(%table, %index) into(%out) : (memref<?x100xf32, strided<[1, 100]>>, memref<?xi32>) into (memref<?x100xf32>)
  return
}

// -----

func.func @parameter(%x: memref<?x?xf32>, %rate: f32, %step: i64) {
  // expected-error @+1 {{operand 0 must have static extents, is 'memref<?x?xf32>'}}
  tgnn.adam %x, %x, %x, %x, %rate, %step : memref<?x?xf32>, memref<?x?xf32>, memref<?x?xf32>, memref<?x?xf32>
  return
}

// -----

func.func @stack(%u: memref<?x2x1000xf32>, %counts: memref<?xi32>, %seed: i64, %table: memref<?x1000xf32>, %index: memref<?x1000xi32>, %z: memref<?x2x1000xf32>, %weights: memref<?x2x1000xf32>) {
  // expected-error @+1 {{has keys of 4000000 bytes a query, more than the 1048576 that fit the stack}}
  tgnn.attend(%u, %counts, %seed, %table, %index) into(%z, %weights) {scale = 1.0 : f32, dropout = 0.0 : f32, salt = 0 : i64, time = false}
    : (memref<?x2x1000xf32>, memref<?xi32>, i64, memref<?x1000xf32>, memref<?x1000xi32>) into (memref<?x2x1000xf32>, memref<?x2x1000xf32>)
  return
}
