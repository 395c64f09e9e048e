// One operator that is tuned; the others are left out, each for another reason.
// A dialect that the tuner has no use for is read all the same.
func.func @tuned(%a: tensor<64x32xf32>, %b: tensor<32x48xf32>, %c: tensor<64x48xf32>, %e: i1) -> tensor<64x48xf32> {
  cf.assert %e, "mismatch"
  %r = linalg.matmul ins(%a, %b : tensor<64x32xf32>, tensor<32x48xf32>) outs(%c : tensor<64x48xf32>) -> tensor<64x48xf32>
  return %r : tensor<64x48xf32>
}
func.func @small(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>, %c: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x4xf32>) outs(%c : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
func.func @dynamic(%a: tensor<?x?xf32>, %b: tensor<?x64xf32>, %c: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<?x?xf32>, tensor<?x64xf32>) outs(%c : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %r : tensor<?x64xf32>
}
func.func @buffers(%a: memref<64x64xf32>, %b: memref<64x64xf32>, %c: memref<64x64xf32>) {
  linalg.matmul ins(%a, %b : memref<64x64xf32>, memref<64x64xf32>) outs(%c : memref<64x64xf32>)
  return
}
func.func @integers(%a: tensor<96x80xi8>, %b: tensor<80x72xi8>, %c: tensor<96x72xi32>) -> tensor<96x72xi32> {
  %r = linalg.matmul ins(%a, %b : tensor<96x80xi8>, tensor<80x72xi8>) outs(%c : tensor<96x72xi32>) -> tensor<96x72xi32>
  return %r : tensor<96x72xi32>
}
func.func @large(%a: tensor<4294967296x4294967296xf32>, %o: tensor<4294967296x4294967296xf32>) -> tensor<4294967296x4294967296xf32> {
  %r = linalg.exp ins(%a : tensor<4294967296x4294967296xf32>) outs(%o : tensor<4294967296x4294967296xf32>) -> tensor<4294967296x4294967296xf32>
  return %r : tensor<4294967296x4294967296xf32>
}
