func.func @kernels(%x: tensor<?x8xf32>, %g: tensor<8xf32>, %i: tensor<?xi32>) -> tensor<?x8xf32> {
  %0 = tgnn.gather(%x, %i) : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %1 = tgnn.relu %0 : tensor<?x8xf32> -> tensor<?x8xf32>
  return %1 : tensor<?x8xf32>
}
