// Two layers of open rows and a sum that is too small to tune.
func.func @layers(%x: tensor<?x64xf32>, %w: tensor<64x128xf32>, %v: tensor<128x64xf32>) -> (tensor<?x64xf32>, tensor<4xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%n) : tensor<?x128xf32>
  %s = linalg.fill ins(%zero : f32) outs(%e : tensor<?x128xf32>) -> tensor<?x128xf32>
  %h = linalg.matmul ins(%x, %w : tensor<?x64xf32>, tensor<64x128xf32>) outs(%s : tensor<?x128xf32>) -> tensor<?x128xf32>
  %f = tensor.empty(%n) : tensor<?x64xf32>
  %t = linalg.fill ins(%zero : f32) outs(%f : tensor<?x64xf32>) -> tensor<?x64xf32>
  %y = linalg.matmul ins(%h, %v : tensor<?x128xf32>, tensor<128x64xf32>) outs(%t : tensor<?x64xf32>) -> tensor<?x64xf32>
  %small = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %g = tensor.empty() : tensor<4xf32>
  %z = linalg.exp ins(%small : tensor<4xf32>) outs(%g : tensor<4xf32>) -> tensor<4xf32>
  return %y, %z : tensor<?x64xf32>, tensor<4xf32>
}
