// RUN: orcinus-opt %s --eto-outline --remarks-filter=eto-outline 2>&1 | FileCheck %s

// What cannot be called from where it stands is left there: ops of a nested
// module, and ops on memrefs that stand for several.
// CHECK: outline-modules.mlir:[[@LINE+23]]:{{.*}}'linalg.softmax' does not work on tensors
// CHECK-COUNT-2: eto.operator
// CHECK-NOT:     eto.operator

// CHECK-LABEL: func.func @outer
// CHECK:       eto.call @elementwise_64x300
func.func @outer(%x: tensor<64x300xf32>) -> tensor<64x300xf32> {
  %0 = linalg.exp ins(%x : tensor<64x300xf32>) outs(%x : tensor<64x300xf32>) -> tensor<64x300xf32>
  return %0 : tensor<64x300xf32>
}

module @nested {
  // CHECK-LABEL: func.func @inner
  // CHECK:       linalg.exp
  func.func @inner(%x: tensor<64x300xf32>) -> tensor<64x300xf32> {
    %0 = linalg.exp ins(%x : tensor<64x300xf32>) outs(%x : tensor<64x300xf32>) -> tensor<64x300xf32>
    return %0 : tensor<64x300xf32>
  }
}

// CHECK-LABEL: func.func @buffers
// CHECK:       linalg.softmax
func.func @buffers(%a: memref<64x64xf32>, %o: memref<64x64xf32>) {
  linalg.softmax dimension(1) ins(%a : memref<64x64xf32>) outs(%o : memref<64x64xf32>)
  return
}

// More iterations than 64 bits count are many.
// CHECK-LABEL: func.func @huge
// CHECK:       eto.call @elementwise_4294967296x4294967296
func.func @huge(%a: tensor<4294967296x4294967296xf32>, %o: tensor<4294967296x4294967296xf32>) -> tensor<4294967296x4294967296xf32> {
  %r = linalg.exp ins(%a : tensor<4294967296x4294967296xf32>) outs(%o : tensor<4294967296x4294967296xf32>) -> tensor<4294967296x4294967296xf32>
  return %r : tensor<4294967296x4294967296xf32>
}
