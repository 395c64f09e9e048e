// What lowerings on buffers take: products with extents that are known and
// unknown, a chain of rows, a reduction.
func.func @product(%a: memref<?x35xf32>, %b: memref<35x20xf32>, %c: memref<?x20xf32>) {
  linalg.matmul ins(%a, %b : memref<?x35xf32>, memref<35x20xf32>) outs(%c : memref<?x20xf32>)
  return
}

func.func @depthwise(%a: memref<1x6x6x24xf32>, %b: memref<3x3x24xf32>, %c: memref<1x4x4x24xf32>) {
  linalg.depthwise_conv_2d_nhwc_hwc ins(%a, %b : memref<1x6x6x24xf32>, memref<3x3x24xf32>) outs(%c : memref<1x4x4x24xf32>)
  return
}

func.func @rows(%x: memref<64x33xf32>, %t: memref<64x33xf32>, %sum: memref<64xf32>) {
  linalg.exp ins(%x : memref<64x33xf32>) outs(%t : memref<64x33xf32>)
  linalg.reduce {arith.addf} ins(%t : memref<64x33xf32>) outs(%sum : memref<64xf32>) dimensions = [1]
  return
}
