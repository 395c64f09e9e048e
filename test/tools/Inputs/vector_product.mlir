func.func @product(%left: tensor<?x100xf32>, %right: tensor<100x200xf32>,
                   %start: tensor<?x200xf32>) -> tensor<?x200xf32> {
  %result = linalg.matmul
      ins(%left, %right : tensor<?x100xf32>, tensor<100x200xf32>)
      outs(%start : tensor<?x200xf32>) -> tensor<?x200xf32>
  return %result : tensor<?x200xf32>
}
