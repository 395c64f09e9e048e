// RUN: orcinus-opt %s --orcinus-lower-contractions="vector-bits=512 vector-registers=32" --split-input-file --verify-diagnostics

func.func @unknown_key(%x: memref<?x8xf32>, %w: memref<8x16xf32>, %y: memref<?x16xf32>) {
  // expected-error @+1 {{unknown 'tile_columns' in the schedule}}
  linalg.matmul {eto.schedule = #eto.schedule<tile_columns = 2>} ins(%x, %w : memref<?x8xf32>, memref<8x16xf32>) outs(%y : memref<?x16xf32>)
  return
}

// -----

func.func @out_of_range(%x: memref<?x8xf32>, %w: memref<8x16xf32>, %y: memref<?x16xf32>) {
  // expected-error @+1 {{'tile_rows' in the schedule must be at least 1}}
  linalg.matmul {eto.schedule = #eto.schedule<tile_rows = 0>} ins(%x, %w : memref<?x8xf32>, memref<8x16xf32>) outs(%y : memref<?x16xf32>)
  return
}

// -----

func.func @in_a_dispatch(%x: memref<?x8xf32>, %w: memref<8x16xf32>, %y: memref<?x16xf32>) {
  // expected-error @+1 {{'tile_rows' in the schedule must be at most 64}}
  linalg.matmul {eto.schedule = #eto.dispatch<loop 0, <tile_rows = 2> to 256, <tile_rows = 65>>} ins(%x, %w : memref<?x8xf32>, memref<8x16xf32>) outs(%y : memref<?x16xf32>)
  return
}

// -----

func.func @too_large(%x: memref<?x8xf32>, %w: memref<8x16xf32>, %y: memref<?x16xf32>) {
  // expected-error @+1 {{'tile_order' in the schedule must be at most 1}}
  linalg.matmul {eto.schedule = #eto.schedule<tile_order = 2>} ins(%x, %w : memref<?x8xf32>, memref<8x16xf32>) outs(%y : memref<?x16xf32>)
  return
}

// -----

func.func @lanes(%x: memref<?x8xf32>, %w: memref<8x16xf32>, %y: memref<?x16xf32>) {
  // expected-error @+1 {{'vector_lanes' in the schedule must be a power of two or 0}}
  linalg.matmul {eto.schedule = #eto.schedule<vector_lanes = 12>} ins(%x, %w : memref<?x8xf32>, memref<8x16xf32>) outs(%y : memref<?x16xf32>)
  return
}

// -----

func.func @channels(%x: memref<1x16x16x32xf32>, %w: memref<3x3x32xf32>, %y: memref<1x14x14x32xf32>) {
  // expected-error @+1 {{'pack_left' in the schedule, but the left operand has the columns, too}}
  linalg.depthwise_conv_2d_nhwc_hwc {eto.schedule = #eto.schedule<pack_left = 1>} ins(%x, %w : memref<1x16x16x32xf32>, memref<3x3x32xf32>) outs(%y : memref<1x14x14x32xf32>)
  return
}

// -----

#left = affine_map<(m, n, k) -> (m, k)>
#right = affine_map<(m, n, k) -> (n floordiv 32, k, n mod 32)>
#result = affine_map<(m, n, k) -> (m, n)>
func.func @panels(%x: memref<96x64xf32>, %w: memref<4x64x32xf32>, %y: memref<96x128xf32>) {
  // expected-error @+1 {{'panel_vectors' in the schedule: panels of 32 columns are no multiple of 3 vectors of 16}}
  linalg.generic {indexing_maps = [#left, #right, #result], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<96x64xf32>, memref<4x64x32xf32>) outs(%y : memref<96x128xf32>) attrs = {eto.schedule = #eto.schedule<panel_vectors = 3>} {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %product = arith.mulf %a, %b : f32
    %sum = arith.addf %c, %product : f32
    linalg.yield %sum : f32
  }
  return
}
