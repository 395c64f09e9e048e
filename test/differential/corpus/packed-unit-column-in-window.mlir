// orcinus-differential {"vector_bits":256,"vector_registers":32,"threads":1,"outlined":false,"data_seed":623301725,"integers":false,"poison":126,"at_end":true,"layouts":[[[1,8],[8,1],0],[[8,17,1],[17,1,1],0],[[17,1],[1,1],0]]}
func.func @f(%b0: tensor<1x8xf32>, %b1: tensor<8x17x1xf32>) -> (tensor<17x1xf32>) {
  %b2 = tensor.empty() : tensor<17x1xf32>
  %c0 = arith.constant 0.000000e+00 : f32
  %t1 = linalg.fill ins(%c0 : f32) outs(%b2 : tensor<17x1xf32>) -> tensor<17x1xf32>
  %t2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1 + d2)>, affine_map<(d0, d1, d2, d3) -> (d2, d3, d0)>, affine_map<(d0, d1, d2, d3) -> (d3, d1)>], iterator_types = ["reduction", "parallel", "reduction", "parallel"], eto.schedule = #eto.schedule<tile_rows = 13, panel_vectors = 1, unroll = 1, reduction_block = 0, row_block = 0, column_block = 0, tile_order = 0, row_tasks = 0, column_tasks = 1, pack_left = 1, pack_right = 1, left_padding = 0>} ins(%b0, %b1 : tensor<1x8xf32>, tensor<8x17x1xf32>) outs(%t1 : tensor<17x1xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %m = arith.mulf %y, %x : f32
    %v = arith.addf %m, %z : f32
    linalg.yield %v : f32
  } -> tensor<17x1xf32>
  return %t2 : tensor<17x1xf32>
}
