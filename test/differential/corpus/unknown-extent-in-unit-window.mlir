// orcinus-differential {"vector_bits":128,"vector_registers":16,"threads":1,"outlined":false,"data_seed":478906493,"integers":true,"poison":255,"at_end":false,"layouts":[[[31,3],[3,1],0],[[33],[1],0],[[1,3],[3,1],0],[[1,3],[3,1],0]]}
func.func @f(%b0: tensor<?x3xf32>, %b1: tensor<?xf32>, %b2: tensor<1x3xf32>) -> (tensor<1x3xf32>) {
  %t0 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0 * 2 + d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%b1, %b0 : tensor<?xf32>, tensor<?x3xf32>) outs(%b2 : tensor<1x3xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %m = arith.mulf %y, %x : f32
    %v = arith.addf %m, %z : f32
    linalg.yield %v : f32
  } -> tensor<1x3xf32>
  return %t0 : tensor<1x3xf32>
}
