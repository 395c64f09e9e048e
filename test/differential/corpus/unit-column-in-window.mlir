// orcinus-differential {"vector_bits":256,"vector_registers":32,"threads":1,"outlined":false,"data_seed":704338471,"integers":true,"poison":126,"at_end":true,"layouts":[[[9,23],[23,1],0],[[8,7,23],[161,23,1],0],[[8,1],[1,1],0]]}
func.func @f(%b0: memref<9x23xf32>, %b1: memref<8x7x23xf32>, %b2: memref<8x1xf32>) {
  %c0 = arith.constant 0.000000e+00 : f32
  linalg.fill ins(%c0 : f32) outs(%b2 : memref<8x1xf32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0 + d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d0)>], iterator_types = ["parallel", "reduction", "parallel", "reduction"]} ins(%b0, %b1 : memref<9x23xf32>, memref<8x7x23xf32>) outs(%b2 : memref<8x1xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %m = arith.mulf %y, %x : f32
    %v = arith.addf %m, %z : f32
    linalg.yield %v : f32
  }
  return
}
