// Two layers with a softmax behind them: what is between has memory.
#id = affine_map<(m, n) -> (m, n)>
#row = affine_map<(m, n) -> (m)>
#column = affine_map<(m, n) -> (n)>
func.func @layers(%x: tensor<64x96xf32>, %w: tensor<96x256xf32>, %b: tensor<256xf32>, %v: tensor<256x64xf32>) -> tensor<64x64xf32> {
  %zero = arith.constant 0.0 : f32
  %least = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<64x256xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<64x256xf32>) -> tensor<64x256xf32>
  %p = linalg.matmul ins(%x, %w : tensor<64x96xf32>, tensor<96x256xf32>) outs(%f : tensor<64x256xf32>) -> tensor<64x256xf32>
  %q = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]} ins(%p, %b : tensor<64x256xf32>, tensor<256xf32>) outs(%e : tensor<64x256xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %s = arith.addf %a, %c : f32
    %t = arith.maximumf %s, %zero : f32
    linalg.yield %t : f32
  } -> tensor<64x256xf32>
  %g = tensor.empty() : tensor<64x64xf32>
  %h = linalg.fill ins(%zero : f32) outs(%g : tensor<64x64xf32>) -> tensor<64x64xf32>
  %r = linalg.matmul ins(%q, %v : tensor<64x256xf32>, tensor<256x64xf32>) outs(%h : tensor<64x64xf32>) -> tensor<64x64xf32>
  %y = linalg.softmax dimension(1) ins(%r : tensor<64x64xf32>) outs(%g : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %y : tensor<64x64xf32>
}
