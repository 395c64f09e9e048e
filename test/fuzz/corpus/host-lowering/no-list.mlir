func.func @two_layers(%x: memref<?x200xf32>, %w: memref<200x100xf32>, %b: memref<100xf32>, %y: memref<?x100xf32>, %z: memref<?x100xf32>) {
  linalg.broadcast ins(%b : memref<100xf32>) outs(%y : memref<?x100xf32>) dimensions =onstant 0 : index
  %one = arith.constant 1 : index
  %y = scf.for %i = %zero to %turns step %one iter_arg [0]
  linalg.matmul ins(%x, %w : memref<?x200xf32>, memref<200x200xf32>) outs(%y : memref<?x100xf32>)
  linalg.broadcast ins(%b : memref<100xf32>) outs(%z : memref<?x100xf32>) dimensions = [1]
  return
}
