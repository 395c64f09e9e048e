// orcinus-differential {"vector_bits":128,"vector_registers":16,"threads":1,"outlined":false,"data_seed":860309780,"integers":true,"poison":255,"at_end":true,"layouts":[[[1,2,2],[4,2,1],0],[[2,8],[8,1],0],[[8,2,1],[2,1,1],0]]}
func.func @f(%b0: memref<1x2x2xf32, strided<[?, ?, ?], offset: ?>>, %b1: memref<2x8xf32>, %b2: memref<8x2x1xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d1, d2, d0)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>], iterator_types = ["parallel", "parallel", "reduction", "parallel"], eto.schedule = #eto.schedule<tile_rows = 1, panel_vectors = 1, unroll = 1, reduction_block = 0, row_block = 0, column_block = 0, tile_order = 0, row_tasks = 0, column_tasks = 0, pack_left = 0, pack_right = 1, left_padding = 0>} ins(%b0, %b1 : memref<1x2x2xf32, strided<[?, ?, ?], offset: ?>>, memref<2x8xf32>) outs(%b2 : memref<8x2x1xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %m = arith.mulf %x, %y : f32
    %v = arith.addf %z, %m : f32
    linalg.yield %v : f32
  }
  return
}
