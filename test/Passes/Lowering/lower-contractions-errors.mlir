// RUN: orcinus-opt %s --orcinus-lower-contractions="vector-bits=512 vector-registers=32" --split-input-file --verify-diagnostics

func.func @unknown_key(%x: memref<?x8xf32>, %w: memref<8x16xf32>, %y: memref<?x16xf32>) {
  // expected-error @+1 {{unknown parameter 'tile_columns' in the schedule}}
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
