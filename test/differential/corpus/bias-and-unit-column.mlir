// orcinus-differential {"vector_bits":512,"vector_registers":32,"threads":2,"outlined":false,"data_seed":300335000,"integers":true,"poison":255,"at_end":true,"layouts":[[[6,6],[6,1],0],[[63,5,1],[5,1,1],0],[[6,63,1],[63,1,1],0],[[6,1],[1,1],0],[[6,63,1],[63,1,1],0]]}
func.func @f(%b0: tensor<?x6xf32>, %b1: tensor<?x?x1xf32>, %b2: tensor<6x?x1xf32>, %b3: tensor<6x1xf32>, %r2: memref<6x?x1xf32>) {
  %t0 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%b3 : tensor<6x1xf32>) outs(%b2 : tensor<6x?x1xf32>) {
  ^bb0(%x: f32, %z: f32):
    linalg.yield %x : f32
  } -> tensor<6x?x1xf32>
  %t1 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3 + d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d2, d0, d3)>], iterator_types = ["parallel", "reduction", "parallel", "parallel"]} ins(%b1, %b0 : tensor<?x?x1xf32>, tensor<?x6xf32>) outs(%t0 : tensor<6x?x1xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %m = arith.mulf %y, %x : f32
    %v = arith.addf %m, %z : f32
    linalg.yield %v : f32
  } -> tensor<6x?x1xf32>
  bufferization.materialize_in_destination %t1 in restrict writable %r2 : (tensor<6x?x1xf32>, memref<6x?x1xf32>) -> ()
  return
}
