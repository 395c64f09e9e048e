func.func @two_layers(%x: memref<?x200xf32>, %w: memref<200x100xf32>, %b: memref<100xf32>, %y: memref<?x100xf32>, %z: memref<?x100xf32>) {
  linalg.broadcast ins(%b : memref<100xf32>) outs(%y : memref<?x100xf32>) dimensions = [0]
  linalg.broadcast ins(%b : memref<100xf32>) outs(%z : memref<?x100xf32>) dimensions = [9223372036854775808]
  linalg.matmul ins(%x, %w : memref<?x200xf32>, memref<200x100xf32>) outs(%x : memref<?x100xf32>)
  return
}
