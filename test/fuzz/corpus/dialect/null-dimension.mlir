#row = affine_map<(d0, d1) -> (d0, d1)>
func.func @layers(%x: tensor<?x8xf32>, %w: tensor<8x16xf32>, %b: tensor<16xf32>,
                  %x2: tensor<?x8xf32>, %rows: index) -> (tensor<?x16xf32>, tensor<?x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%rows) : tensor<?x16xf32>
  %start = linalg.broadcast ins(%b : tensor<16xf32>) outs(%e : tensor<?x16xf32>) dimensions = [null]
  %s = linalg.matmul ins(%x, %w : tensor<?x8xf32>, tensor<8x16xf32>) outs(%start : tensor<?x16xf32>) -> tensor<?x16xf32>
  %y = linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel", "parallel"]}
      ins(%s : tensor<?x16xf32>) outs(%e : tensor<?x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = arith.maximumf %in, %zero : f32
    linalg.yield %m : f32
  } -> tensor<?x16xf32>
  %s2 = linalg.matmul ins(%x2, %w : tensor<?x8xf32>, tensor<8x16xf32>) outs(%start : tensor<?x16xf32>) -> tensor<?x16xf32>
  %y2 = linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel", "parallel"]}
      ins(%s2 : tensor<?x16xf32>) outs(%e : tensor<?x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = arith.maximumf %in, %zero : f32
    linalg.yield %m : f32
  } -> tensor<?x16xf32>
  return %y, %y2 : tensor<?x16xf32>, tensor<?x16xf32>
}
