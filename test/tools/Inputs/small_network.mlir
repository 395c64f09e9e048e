// What imported networks are made of, small: a padded convolution with a bias,
// a batch norm and a ReLU, a depthwise convolution, pooling by the maximum and
// by the mean, a product with a transposed weight, a residual, layer norm,
// softmax, GELU and a gather of rows.
#map = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#channel = affine_map<(d0, d1, d2, d3) -> (d1)>
#rows = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0, 0)>
#column = affine_map<(d0, d1) -> (d1)>
#first = affine_map<(d0, d1) -> (d0)>
func.func @network(%image: tensor<2x3x12x12xf32>, %kernel: tensor<8x3x3x3xf32>,
                   %bias: tensor<8xf32>, %depthwise: tensor<8x3x3xf32>,
                   %weight: tensor<16x8xf32>, %table: tensor<10x16xf32>,
                   %ids: tensor<2xi64>) -> tensor<2x16xf32> {
  %zero = arith.constant 0.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %root = arith.constant 0.707106769 : f32
  %width = arith.constant 16.0 : f32
  %small = arith.constant 1.0e-05 : f32
  %pixels = arith.constant 25.0 : f32
  %padded = tensor.pad %image low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %zero : f32
  } : tensor<2x3x12x12xf32> to tensor<2x3x14x14xf32>
  %e0 = tensor.empty() : tensor<2x8x12x12xf32>
  %start = linalg.broadcast ins(%bias : tensor<8xf32>) outs(%e0 : tensor<2x8x12x12xf32>) dimensions = [0, 2, 3]
  %sums = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%padded, %kernel : tensor<2x3x14x14xf32>, tensor<8x3x3x3xf32>)
    outs(%start : tensor<2x8x12x12xf32>) -> tensor<2x8x12x12xf32>
  %active = linalg.generic {indexing_maps = [#map, #channel, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%sums, %bias : tensor<2x8x12x12xf32>, tensor<8xf32>) outs(%e0 : tensor<2x8x12x12xf32>) {
  ^bb0(%x: f32, %s: f32, %o: f32):
    %t = arith.mulf %x, %s : f32
    %r = arith.maximumf %t, %zero : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12x12xf32>
  %e1 = tensor.empty() : tensor<2x8x10x10xf32>
  %z1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<2x8x10x10xf32>) -> tensor<2x8x10x10xf32>
  %channels = linalg.depthwise_conv_2d_nchw_chw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%active, %depthwise : tensor<2x8x12x12xf32>, tensor<8x3x3xf32>)
    outs(%z1 : tensor<2x8x10x10xf32>) -> tensor<2x8x10x10xf32>
  %window = tensor.empty() : tensor<2x2xf32>
  %e2 = tensor.empty() : tensor<2x8x5x5xf32>
  %z2 = linalg.fill ins(%lowest : f32) outs(%e2 : tensor<2x8x5x5xf32>) -> tensor<2x8x5x5xf32>
  %pooled = linalg.pooling_nchw_max {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>}
    ins(%channels, %window : tensor<2x8x10x10xf32>, tensor<2x2xf32>)
    outs(%z2 : tensor<2x8x5x5xf32>) -> tensor<2x8x5x5xf32>
  %all = tensor.empty() : tensor<5x5xf32>
  %e3 = tensor.empty() : tensor<2x8x1x1xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x8x1x1xf32>) -> tensor<2x8x1x1xf32>
  %mean = linalg.pooling_nchw_sum {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%pooled, %all : tensor<2x8x5x5xf32>, tensor<5x5xf32>)
    outs(%z3 : tensor<2x8x1x1xf32>) -> tensor<2x8x1x1xf32>
  %flat = tensor.collapse_shape %mean [[0], [1, 2, 3]] : tensor<2x8x1x1xf32> into tensor<2x8xf32>
  %e4 = tensor.empty() : tensor<8x16xf32>
  %turned = linalg.transpose ins(%weight : tensor<16x8xf32>) outs(%e4 : tensor<8x16xf32>) permutation = [1, 0]
  %e5 = tensor.empty() : tensor<2x16xf32>
  %z5 = linalg.fill ins(%zero : f32) outs(%e5 : tensor<2x16xf32>) -> tensor<2x16xf32>
  %product = linalg.matmul ins(%flat, %turned : tensor<2x8xf32>, tensor<8x16xf32>) outs(%z5 : tensor<2x16xf32>) -> tensor<2x16xf32>
  // Rows of a table by their numbers, added.
  %embedded = linalg.generic {indexing_maps = [#first, #rows, #rows], iterator_types = ["parallel", "parallel"]}
    ins(%ids, %product : tensor<2xi64>, tensor<2x16xf32>) outs(%e5 : tensor<2x16xf32>) {
  ^bb0(%id: i64, %x: f32, %o: f32):
    %n = arith.index_cast %id : i64 to index
    %c = linalg.index 1 : index
    %value = tensor.extract %table[%n, %c] : tensor<10x16xf32>
    %s = arith.addf %x, %value : f32
    linalg.yield %s : f32
  } -> tensor<2x16xf32>
  // Layer norm.
  %e6 = tensor.empty() : tensor<2x1xf32>
  %z6 = linalg.fill ins(%zero : f32) outs(%e6 : tensor<2x1xf32>) -> tensor<2x1xf32>
  %total = linalg.generic {indexing_maps = [#rows, #row], iterator_types = ["parallel", "reduction"]}
    ins(%embedded : tensor<2x16xf32>) outs(%z6 : tensor<2x1xf32>) {
  ^bb0(%x: f32, %o: f32):
    %s = arith.addf %x, %o : f32
    linalg.yield %s : f32
  } -> tensor<2x1xf32>
  %centred = linalg.generic {indexing_maps = [#rows, #row, #rows], iterator_types = ["parallel", "parallel"]}
    ins(%embedded, %total : tensor<2x16xf32>, tensor<2x1xf32>) outs(%e5 : tensor<2x16xf32>) {
  ^bb0(%x: f32, %t: f32, %o: f32):
    %m = arith.divf %t, %width : f32
    %s = arith.subf %x, %m : f32
    linalg.yield %s : f32
  } -> tensor<2x16xf32>
  %squares = linalg.generic {indexing_maps = [#rows, #row], iterator_types = ["parallel", "reduction"]}
    ins(%centred : tensor<2x16xf32>) outs(%z6 : tensor<2x1xf32>) {
  ^bb0(%x: f32, %o: f32):
    %q = arith.mulf %x, %x : f32
    %s = arith.addf %q, %o : f32
    linalg.yield %s : f32
  } -> tensor<2x1xf32>
  // Then GELU, in the form of erf.
  %normal = linalg.generic {indexing_maps = [#rows, #row, #rows], iterator_types = ["parallel", "parallel"]}
    ins(%centred, %squares : tensor<2x16xf32>, tensor<2x1xf32>) outs(%e5 : tensor<2x16xf32>) {
  ^bb0(%x: f32, %t: f32, %o: f32):
    %v = arith.divf %t, %width : f32
    %w = arith.addf %v, %small : f32
    %r = math.rsqrt %w : f32
    %s = arith.mulf %x, %r : f32
    %u = arith.mulf %s, %root : f32
    %f = math.erf %u : f32
    %g = arith.addf %f, %one : f32
    %h = arith.mulf %g, %half : f32
    %y = arith.mulf %s, %h : f32
    linalg.yield %y : f32
  } -> tensor<2x16xf32>
  %result = linalg.softmax dimension(1) ins(%normal : tensor<2x16xf32>) outs(%e5 : tensor<2x16xf32>) -> tensor<2x16xf32>
  return %result : tensor<2x16xf32>
}
