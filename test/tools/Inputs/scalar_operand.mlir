// Operators that take a single number: by value, and as a tensor of rank 0.
#all = affine_map<(d0, d1) -> (d0, d1)>
func.func @by_value(%x: tensor<256x256xf32>, %e: tensor<256x256xf32>, %c: f32) -> tensor<256x256xf32> {
  %r = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<256x256xf32>) outs(%e : tensor<256x256xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.mulf %p, %c : f32
    linalg.yield %s : f32
  } -> tensor<256x256xf32>
  return %r : tensor<256x256xf32>
}
func.func @by_tensor(%x: tensor<256x256xf32>, %e: tensor<256x256xf32>, %c: tensor<f32>) -> tensor<256x256xf32> {
  %r = linalg.generic {indexing_maps = [#all, affine_map<(d0, d1) -> ()>, #all], iterator_types = ["parallel", "parallel"]} ins(%x, %c : tensor<256x256xf32>, tensor<f32>) outs(%e : tensor<256x256xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.mulf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<256x256xf32>
  return %r : tensor<256x256xf32>
}
