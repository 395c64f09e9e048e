// Functions of many types, which check_module.py computes with NumPy.
#rows = affine_map<(i, j) -> (i, j)>
#columns = affine_map<(i, j) -> (j)>
#each = affine_map<(i) -> (i)>

// Dynamic rows, and a function of its own for what follows.
func.func @layer(%x: tensor<?x4xf32>, %w: tensor<4x3xf32>, %b: tensor<3xf32>) -> tensor<?x3xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %empty = tensor.empty(%n) : tensor<?x3xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x3xf32>) -> tensor<?x3xf32>
  %product = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x3xf32>) outs(%start : tensor<?x3xf32>) -> tensor<?x3xf32>
  %sum = linalg.generic {indexing_maps = [#rows, #columns, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%product, %b : tensor<?x3xf32>, tensor<3xf32>) outs(%empty : tensor<?x3xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<?x3xf32>
  %y = call @positive(%sum) : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
func.func private @positive(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %zero = arith.constant dense<0.0> : tensor<3xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %empty = tensor.empty(%n) : tensor<?x3xf32>
  %y = linalg.generic {indexing_maps = [#rows, #columns, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%x, %zero : tensor<?x3xf32>, tensor<3xf32>) outs(%empty : tensor<?x3xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %s = arith.maximumf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// Several results: one tensor twice, its sums, a constant.
func.func @results(%x: tensor<2x3xf64>) -> (tensor<2x3xf64>, tensor<2x3xf64>, tensor<2xf64>, tensor<3xi32>) {
  %zero = arith.constant 0.0 : f64
  %table = arith.constant dense<[7, -8, 9]> : tensor<3xi32>
  %double = arith.addf %x, %x : tensor<2x3xf64>
  %empty = tensor.empty() : tensor<2xf64>
  %start = linalg.fill ins(%zero : f64) outs(%empty : tensor<2xf64>) -> tensor<2xf64>
  %sums = linalg.reduce {arith.addf} ins(%x : tensor<2x3xf64>) outs(%start : tensor<2xf64>) dimensions = [1]
  return %double, %double, %sums, %table : tensor<2x3xf64>, tensor<2x3xf64>, tensor<2xf64>, tensor<3xi32>
}

// Results that are arguments.
func.func @same(%x: tensor<?xf32>, %y: tensor<4xi64>) -> (tensor<?xf32>, tensor<?xf32>, tensor<4xi64>) {
  return %x, %x, %y : tensor<?xf32>, tensor<?xf32>, tensor<4xi64>
}

func.func @bytes(%a: tensor<5x6xi8>, %b: tensor<6x7xi8>) -> tensor<5x7xi32> {
  %zero = arith.constant 0 : i32
  %empty = tensor.empty() : tensor<5x7xi32>
  %start = linalg.fill ins(%zero : i32) outs(%empty : tensor<5x7xi32>) -> tensor<5x7xi32>
  %y = linalg.matmul ins(%a, %b : tensor<5x6xi8>, tensor<6x7xi8>) outs(%start : tensor<5x7xi32>) -> tensor<5x7xi32>
  return %y : tensor<5x7xi32>
}

func.func @halves(%x: tensor<3x8xf16>, %y: tensor<3x8xf16>) -> tensor<3x8xf16> {
  %z = arith.addf %x, %y : tensor<3x8xf16>
  return %z : tensor<3x8xf16>
}

func.func @brains(%x: tensor<?xbf16>) -> tensor<?xbf16> {
  %z = arith.addf %x, %x : tensor<?xbf16>
  return %z : tensor<?xbf16>
}

// Numbers, and elements of one bit.
func.func @above(%x: tensor<?xf32>, %limit: f32) -> (tensor<?xi1>, index) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %empty = tensor.empty(%n) : tensor<?xi1>
  %y = linalg.generic {indexing_maps = [#each, #each], iterator_types = ["parallel"]}
      ins(%x : tensor<?xf32>) outs(%empty : tensor<?xi1>) {
  ^bb0(%p: f32, %out: i1):
    %s = arith.cmpf ogt, %p, %limit : f32
    linalg.yield %s : i1
  } -> tensor<?xi1>
  return %y, %n : tensor<?xi1>, index
}

// A number of turns that an argument says: what a turn leaves is the next one's.
func.func @powers(%x: tensor<?xf32>, %turns: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scf.for %turn = %c0 to %turns step %c1 iter_args(%last = %x) -> (tensor<?xf32>) {
    %next = arith.mulf %last, %last : tensor<?xf32>
    scf.yield %next : tensor<?xf32>
  }
  return %y : tensor<?xf32>
}

// Memory that it writes to.
func.func @scale(%x: memref<?xf32>, %by: f32) {
  linalg.generic {indexing_maps = [#each], iterator_types = ["parallel"]} outs(%x : memref<?xf32>) {
  ^bb0(%p: f32):
    %s = arith.mulf %p, %by : f32
    linalg.yield %s : f32
  }
  return
}

func.func @checked(%fits: i1) -> i32 {
  cf.assert %fits, "it does not fit"
  %one = arith.constant 1 : i32
  return %one : i32
}

func.func @nothing() -> tensor<2xindex> {
  %y = arith.constant dense<[3, 4]> : tensor<2xindex>
  return %y : tensor<2xindex>
}
