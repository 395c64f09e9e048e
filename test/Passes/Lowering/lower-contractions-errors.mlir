// RUN: orcinus-opt %s --orcinus-lower-contractions="vector-bits=512 vector-registers=32" --split-input-file --verify-diagnostics

func.func @unknown_key(%x: memref<?x8xf32>, %w: memref<8x16xf32>, %y: memref<?x16xf32>) {
  // expected-error @+1 {{unknown key 'tile_columns' in 'orcinus.schedule'}}
  linalg.matmul {orcinus.schedule = {tile_columns = 2}} ins(%x, %w : memref<?x8xf32>, memref<8x16xf32>) outs(%y : memref<?x16xf32>)
  return
}

// -----

func.func @out_of_range(%x: memref<?x8xf32>, %w: memref<8x16xf32>, %y: memref<?x16xf32>) {
  // expected-error @+1 {{'tile_rows' in 'orcinus.schedule' must be an integer of at least 1}}
  linalg.matmul {orcinus.schedule = {tile_rows = 0}} ins(%x, %w : memref<?x8xf32>, memref<8x16xf32>) outs(%y : memref<?x16xf32>)
  return
}
