// RUN: orcinus-opt %s --orcinus-fuse-rows --split-input-file --verify-diagnostics

#all = affine_map<(i, j) -> (i, j)>
func.func @unknown_key(%x: memref<48x64xf32>, %y: memref<48x64xf32>) {
  // expected-error @+1 {{unknown 'tile_rows' in the schedule}}
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<48x64xf32>) outs(%y : memref<48x64xf32>) attrs = {eto.schedule = #eto.schedule<tile_rows = 4>} {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  linalg.exp ins(%y : memref<48x64xf32>) outs(%y : memref<48x64xf32>)
  return
}

// -----

#all = affine_map<(i, j) -> (i, j)>
func.func @lanes(%x: memref<48x64xf32>, %y: memref<48x64xf32>) {
  // expected-error @+1 {{'vector_lanes' in the schedule must be a power of two or 0}}
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<48x64xf32>) outs(%y : memref<48x64xf32>) attrs = {eto.schedule = #eto.schedule<vector_lanes = 12>} {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  linalg.exp ins(%y : memref<48x64xf32>) outs(%y : memref<48x64xf32>)
  return
}
