func.func @rows(%x: tensor<7x12xf32>, %m: tensor<7xf32>) -> tensor<7x12xf32> {
  %0 = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<7x12xf32>) outs(%m : tensor<7xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %in, %out : f32
    linalg.yield %s : f32
  } -> tensor<7xf32>
  %1 = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<7xf32>) outs(%x : tensor<7x12xf32>) {
  ^bb0(%in: f32, %out: f32):
    %d = arith.divf %out, %in : f32
    linalg.yield %d : f32
  } -> tensor<7x12xf32>
  return %1 : tensor<7x12xf32>
}
