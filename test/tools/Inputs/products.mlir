func.func @f16(%left: tensor<128x64xf16>, %right: tensor<64x96xf16>,
               %result: tensor<128x96xf32>) -> tensor<128x96xf32> {
  %product = linalg.matmul
      ins(%left, %right : tensor<128x64xf16>, tensor<64x96xf16>)
      outs(%result : tensor<128x96xf32>) -> tensor<128x96xf32>
  return %product : tensor<128x96xf32>
}

func.func @bf16(%left: tensor<128x64xbf16>, %right: tensor<64x96xbf16>,
                %result: tensor<128x96xf32>) -> tensor<128x96xf32> {
  %product = linalg.matmul
      ins(%left, %right : tensor<128x64xbf16>, tensor<64x96xbf16>)
      outs(%result : tensor<128x96xf32>) -> tensor<128x96xf32>
  return %product : tensor<128x96xf32>
}
