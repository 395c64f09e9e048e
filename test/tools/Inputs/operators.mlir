// A layer of a network: a matrix product with a bias.

func.func @layer(%input: tensor<64x32xf32>, %weight: tensor<32x48xf32>,
                 %bias: tensor<48xf32>) -> tensor<64x48xf32> {
  %empty = tensor.empty() : tensor<64x48xf32>
  %start = linalg.broadcast ins(%bias : tensor<48xf32>)
                            outs(%empty : tensor<64x48xf32>) dimensions = [0]
  %product = linalg.matmul ins(%input, %weight : tensor<64x32xf32>, tensor<32x48xf32>)
                           outs(%start : tensor<64x48xf32>) -> tensor<64x48xf32>
  return %product : tensor<64x48xf32>
}
