func.func @two(%a: tensor<24x40xf32>, %b: tensor<40x32xf32>,
               %c: tensor<48x40xf32>, %r: tensor<24x32xf32>,
               %s: tensor<48x32xf32>) -> (tensor<24x32xf32>, tensor<48x32xf32>) {
  %0 = linalg.matmul ins(%a, %b : tensor<24x40xf32>, tensor<40x32xf32>)
      outs(%r : tensor<24x32xf32>) -> tensor<24x32xf32>
  %1 = linalg.matmul ins(%c, %b : tensor<48x40xf32>, tensor<40x32xf32>)
      outs(%s : tensor<48x32xf32>) -> tensor<48x32xf32>
  return %0, %1 : tensor<24x32xf32>, tensor<48x32xf32>
}
