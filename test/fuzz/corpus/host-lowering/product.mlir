func.func @product(%a: tensor<?x6xf32>, %b: tensor<6x5xf32>, %c: tensor<?x5xf32>) -> tensor<?x5xf32> {
  %0 = linalg.matmul {eto.schedule = #eto.schedule<tile_rows = 2, panel_vectors = 1>}
    ins(%a, %b : tensor<?x6xf32>, tensor<6x5xf32>) outs(%c : tensor<?x5xf32>) -> tensor<?x5xf32>
  return %0 : tensor<?x5xf32>
}
