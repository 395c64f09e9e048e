// What passes on tensors take: an operator with a dynamic extent and one
// without.
func.func @product(%a: tensor<?x64xf32>, %b: tensor<64x32xf32>, %c: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<?x64xf32>, tensor<64x32xf32>) outs(%c : tensor<?x32xf32>) -> tensor<?x32xf32>
  return %0 : tensor<?x32xf32>
}

func.func @elementwise(%x: tensor<128x256xf32>) -> tensor<128x256xf32> {
  %0 = linalg.exp ins(%x : tensor<128x256xf32>) outs(%x : tensor<128x256xf32>) -> tensor<128x256xf32>
  return %0 : tensor<128x256xf32>
}
