// iterator_types = 3 in a comment is nothing.
#rows = affine_map<(i, j) -> (i, j)>
#sums = affine_map<(i, j) -> (i)>
func.func @sums(%x: memref<4x5xf32>, %sum: memref<4xf32>)
    attributes {note = "iterator_types = \"3"} {
  linalg.generic {indexing_maps = [#rows, #sums],
                  iterator_types // Of two loops.
                      = ["parallel", "reduction"]}
      ins(%x : memref<4x5xf32>) outs(%sum : memref<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %next = arith.addf %in, %out : f32
    linalg.yield %next : f32
  }
  return
}
