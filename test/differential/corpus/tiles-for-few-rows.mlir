// orcinus-differential {"vector_bits":256,"vector_registers":16,"threads":1,"outlined":false,"data_seed":11,"integers":true,"poison":255,"at_end":true,"layouts":[]}
func.func @f(%a: memref<3x5xf32>, %b: memref<19x5xf32>, %matrix: memref<21x6xf32>, %vector: memref<6xf32>, %x: memref<4x5x17xf32>, %y: memref<4x5x17xf32>, %image: memref<2x3x23xf32>, %window: memref<4x3x7xf32>, %r0: memref<3x19xf32>, %r1: memref<21xf32>, %r2: memref<4x17xf32>, %r3: memref<2x4x9xf32>) {
  linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"], eto.schedule = #eto.schedule<tile_rows = 2, panel_vectors = 2>} ins(%a, %b : memref<3x5xf32>, memref<19x5xf32>) outs(%r0 : memref<3x19xf32>) {
  ^bb0(%p: f32, %q: f32, %s: f32):
    %0 = arith.mulf %p, %q : f32
    %1 = arith.addf %0, %s : f32
    linalg.yield %1 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(m, k) -> (m, k)>, affine_map<(m, k) -> (k)>, affine_map<(m, k) -> (m)>], iterator_types = ["parallel", "reduction"], eto.schedule = #eto.schedule<tile_rows = 1, panel_vectors = 2, pack_right = 1, unroll = 2>} ins(%matrix, %vector : memref<21x6xf32>, memref<6xf32>) outs(%r1 : memref<21xf32>) {
  ^bb0(%p: f32, %q: f32, %s: f32):
    %0 = arith.mulf %p, %q : f32
    %1 = arith.addf %0, %s : f32
    linalg.yield %1 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(b, n, k) -> (b, k, n)>, affine_map<(b, n, k) -> (b, k, n)>, affine_map<(b, n, k) -> (b, n)>], iterator_types = ["parallel", "parallel", "reduction"], eto.schedule = #eto.schedule<tile_rows = 2, panel_vectors = 1>} ins(%x, %y : memref<4x5x17xf32>, memref<4x5x17xf32>) outs(%r2 : memref<4x17xf32>) {
  ^bb0(%p: f32, %q: f32, %s: f32):
    %0 = arith.mulf %p, %q : f32
    %1 = arith.addf %0, %s : f32
    linalg.yield %1 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(n, f, x, c, t) -> (n, c, x * 2 + t)>, affine_map<(n, f, x, c, t) -> (f, c, t)>, affine_map<(n, f, x, c, t) -> (n, f, x)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"], eto.schedule = #eto.schedule<tile_rows = 3, panel_vectors = 1>} ins(%image, %window : memref<2x3x23xf32>, memref<4x3x7xf32>) outs(%r3 : memref<2x4x9xf32>) {
  ^bb0(%p: f32, %q: f32, %s: f32):
    %0 = arith.mulf %p, %q : f32
    %1 = arith.addf %0, %s : f32
    linalg.yield %1 : f32
  }
  return
}
