// orcinus-differential {"vector_bits":256,"vector_registers":32,"threads":2,"outlined":false,"data_seed":860309780,"integers":true,"poison":126,"at_end":true,"layouts":[[[1,30,37],[1110,37,1],0],[[30,25],[25,1],0],[[25,37,1],[190,5,1],12]]}
func.func @f(%b0: memref<1x30x37xf32, strided<[?, ?, ?], offset: ?>>, %b1: memref<30x25xf32>, %b2: memref<25x37x1xf32, strided<[190, 5, 1], offset: 12>>) {
  %c0 = arith.constant 2.000000e+00 : f32
  linalg.fill ins(%c0 : f32) outs(%b2 : memref<25x37x1xf32, strided<[190, 5, 1], offset: 12>>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d1, d2, d0)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>], iterator_types = ["parallel", "parallel", "reduction", "parallel"], eto.schedule = #eto.schedule<tile_rows = 8, panel_vectors = 1, unroll = 4, reduction_block = 0, row_block = 0, column_block = 0, tile_order = 1, row_tasks = 0, column_tasks = 1, pack_left = 0, pack_right = 1, left_padding = 16>} ins(%b0, %b1 : memref<1x30x37xf32, strided<[?, ?, ?], offset: ?>>, memref<30x25xf32>) outs(%b2 : memref<25x37x1xf32, strided<[190, 5, 1], offset: 12>>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %m = arith.mulf %x, %y : f32
    %v = arith.addf %z, %m : f32
    linalg.yield %v : f32
  }
  return
}
