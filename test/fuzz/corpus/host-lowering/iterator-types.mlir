#identity = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>
func.func @column_sums(%x: memref<?x100xf32>, %sum: memref<100xf32>) {
  linalg.generic {indexing_maps = [@column_sums, #column], iterator_types = [3, 3]} ins(%x : memref<?x100xf32>) outs(%y : memref<100xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %next = arith.addf %sum, %a : f32
    linalg.yield %next : f32
  }
  return
}
