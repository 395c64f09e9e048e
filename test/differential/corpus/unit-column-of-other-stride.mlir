// orcinus-differential {"vector_bits":512,"vector_registers":16,"threads":2,"outlined":false,"data_seed":964203882,"integers":true,"poison":255,"at_end":false,"layouts":[[[5,4,1,11,3],[132,33,33,3,1],0],[[5,11,9,3],[297,27,3,1],0],[[5,9,3,4,1],[216,24,8,2,1],12]]}
func.func @f(%b0: memref<5x4x1x11x3xf32>, %b1: memref<5x11x9x3xf32>, %b2: memref<5x9x3x4x1xf32, strided<[216, 24, 8, 2, 1], offset: 12>>) {
  %c0 = arith.constant 0.000000e+00 : f32
  linalg.fill ins(%c0 : f32) outs(%b2 : memref<5x9x3x4x1xf32, strided<[216, 24, 8, 2, 1], offset: 12>>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4, d5) -> (d2, d3, d4, d1)>, affine_map<(d0, d1, d2, d3, d4, d5) -> (d2, d5, d0, d3, d1)>, affine_map<(d0, d1, d2, d3, d4, d5) -> (d2, d4, d1, d5, d0)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "parallel", "parallel"]} ins(%b1, %b0 : memref<5x11x9x3xf32>, memref<5x4x1x11x3xf32>) outs(%b2 : memref<5x9x3x4x1xf32, strided<[216, 24, 8, 2, 1], offset: 12>>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %m = arith.mulf %y, %x : f32
    %v = arith.addf %m, %z : f32
    linalg.yield %v : f32
  }
  return
}
