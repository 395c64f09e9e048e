// orcinus-differential {"vector_bits":128,"vector_registers":16,"threads":1,"outlined":false,"data_seed":258360488,"integers":true,"poison":255,"at_end":true,"layouts":[[[1],[1],0],[[1],[1],0],[[1],[1],0],[[1],[1],0]]}
func.func @f(%b0: tensor<?xf32>, %b1: tensor<?xf32>, %b2: tensor<1xf32>) -> (tensor<1xf32>) {
  %t0 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"], eto.schedule = #eto.schedule<tile_rows = 1, panel_vectors = 1, unroll = 1, reduction_block = 0, row_block = 0, column_block = 0, tile_order = 0, row_tasks = 0, column_tasks = 0, pack_left = 1, pack_right = 0, left_padding = 0>} ins(%b0, %b1 : tensor<?xf32>, tensor<?xf32>) outs(%b2 : tensor<1xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %m = arith.mulf %x, %y : f32
    %v = arith.addf %z, %m : f32
    linalg.yield %v : f32
  } -> tensor<1xf32>
  return %t0 : tensor<1xf32>
}
