// RUN: orcinus-opt %s --split-input-file --verify-diagnostics

func.func @bindings(%w: tensor<4xf32>) {
  // expected-error @+1 {{'tgnn.all_reduce' op takes 1 values to 2 bindings; it needs a binding for each of one or more values}}
  tgnn.all_reduce 0 of(%w : tensor<4xf32>) to ["gradient:w", "gradient:b"]
  return
}

// -----

func.func @number(%w: tensor<4xf32>) {
  // expected-error @+1 {{'tgnn.all_reduce' op needs a number of 0 or more}}
  tgnn.all_reduce -1 of (%w : tensor<4xf32>) to ["gradient:w"]
  return
}

// -----

func.func @open(%w: tensor<?xf32>) {
  // expected-error @+1 {{'tgnn.all_reduce' op adds tensors or buffers of f32 with known extents, not 'tensor<?xf32>'}}
  tgnn.all_reduce 0 of(%w : tensor<?xf32>) to ["gradient:w"]
  return
}

// -----

func.func @type(%w: tensor<4xf64>) {
  // expected-error @+1 {{'tgnn.all_reduce' op adds tensors or buffers of f32 with known extents, not 'tensor<4xf64>'}}
  tgnn.all_reduce 0 of(%w : tensor<4xf64>) to ["gradient:w"]
  return
}

// -----

func.func @mixed(%w: tensor<4xf32>, %b: memref<4xf32>) {
  // expected-error @+1 {{'tgnn.all_reduce' op takes tensors or buffers, not both}}
  tgnn.all_reduce 0 of(%w, %b : tensor<4xf32>, memref<4xf32>) to ["gradient:w", "gradient:b"]
  return
}

// -----

func.func @state(%w: tensor<4xf32>) {
  // expected-error @+1 {{'tgnn.all_reduce' op adds gradients, not 'state:memory'}}
  tgnn.all_reduce 0 of(%w : tensor<4xf32>) to ["state:memory"]
  return
}

// -----

func.func @first(%kept: tensor<?x8xf32>, %rows: tensor<?xi32>) {
  // expected-error @+1 {{'tgnn.all_gather' op needs a number of 1 or more}}
  tgnn.all_gather 0 of %kept rows_of(%rows : tensor<?xi32>) to "cache:m1" : tensor<?x8xf32>
  return
}

// -----

func.func @ranks(%kept: tensor<?xf32>, %rows: tensor<?xi32>) {
  // expected-error @+1 {{'tgnn.all_gather' op needs a value of rank 2 and a table of rank 1}}
  tgnn.all_gather 1 of %kept rows_of(%rows : tensor<?xi32>) to "cache:m1" : tensor<?xf32>
  return
}

// -----

func.func @memory(%kept: tensor<?x8xf32>, %rows: tensor<?xi32>) {
  // expected-error @+1 {{'tgnn.all_gather' op gathers rows of a cache, not of 'state:memory'}}
  tgnn.all_gather 1 of %kept rows_of(%rows : tensor<?xi32>) to "state:memory" : tensor<?x8xf32>
  return
}

// -----

func.func @changes() {
  // expected-error @+1 {{'tgnn.await' op of all_reduce does not change 'cache:m1'}}
  tgnn.await all_reduce 0 of ["cache:m1"]
  return
}

// -----

func.func @buffers(%w: memref<4xf32>) {
  // expected-error @+1 {{'tgnn.await' op has 1 buffers of 2 bindings}}
  tgnn.await all_reduce 0 of ["gradient:w", "gradient:b"] in(%w : memref<4xf32>)
  return
}
