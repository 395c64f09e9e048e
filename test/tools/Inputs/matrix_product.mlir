func.func @f32(%left: tensor<128x64xf32>, %right: tensor<64x96xf32>,
               %result: tensor<128x96xf32>) -> tensor<128x96xf32> {
  %product = linalg.matmul
      {eto.schedule = #eto.schedule<matrix_instructions = 1>}
      ins(%left, %right : tensor<128x64xf32>, tensor<64x96xf32>)
      outs(%result : tensor<128x96xf32>) -> tensor<128x96xf32>
  return %product : tensor<128x96xf32>
}
