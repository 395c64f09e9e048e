// RUN: orcinus-opt %s --orcinus-map-to-gpu --split-input-file --verify-diagnostics

func.func @unknown(%left: memref<64x64xf32>, %right: memref<64x64xf32>,
                   %result: memref<64x64xf32>) {
  // expected-error @below {{unknown 'tile_rows' in the schedule}}
  linalg.matmul {eto.schedule = #eto.schedule<tile_rows = 6>}
      ins(%left, %right : memref<64x64xf32>, memref<64x64xf32>)
      outs(%result : memref<64x64xf32>)
  return
}

// -----

func.func @threads(%left: memref<64x64xf32>, %right: memref<64x64xf32>,
                   %result: memref<64x64xf32>) {
  // expected-error @below {{the schedule has blocks of 4096 threads, more than 1024}}
  linalg.matmul {eto.schedule = #eto.schedule<block_rows = 256,
                                              block_columns = 256>}
      ins(%left, %right : memref<64x64xf32>, memref<64x64xf32>)
      outs(%result : memref<64x64xf32>)
  return
}

// -----

func.func @workgroup(%left: memref<64x64xf32>, %right: memref<64x64xf32>,
                     %result: memref<64x64xf32>) {
  // expected-error @below {{the schedule needs 69632 bytes of workgroup memory, more than 49152}}
  linalg.matmul {eto.schedule = #eto.schedule<block_reduction = 128>}
      ins(%left, %right : memref<64x64xf32>, memref<64x64xf32>)
      outs(%result : memref<64x64xf32>)
  return
}

// -----

func.func @divides(%left: memref<64x64xf32>, %right: memref<64x64xf32>,
                   %result: memref<64x64xf32>) {
  // expected-error @below {{'thread_rows' in the schedule must divide the block's 100}}
  linalg.matmul {eto.schedule = #eto.schedule<block_rows = 100, thread_rows = 8>}
      ins(%left, %right : memref<64x64xf32>, memref<64x64xf32>)
      outs(%result : memref<64x64xf32>)
  return
}

// -----

func.func @keys(%q: memref<?x1x4000xf32>, %counts: memref<?xi32>, %seed: i64,
                %table: memref<?x4000xf32>, %rows: memref<?x10xi32>,
                %out: memref<?x1x4000xf32>, %weights: memref<?x1x10xf32>) {
  // expected-error @below {{has keys of 160000 bytes a query, more than the 49152 that fit workgroup memory}}
  tgnn.attend(%q, %counts, %seed, %table, %rows) into(%out, %weights)
      {dropout = 0.0 : f32, salt = 1 : i64, scale = 1.0 : f32, time = false}
      : (memref<?x1x4000xf32>, memref<?xi32>, i64, memref<?x4000xf32>,
         memref<?x10xi32>) into (memref<?x1x4000xf32>, memref<?x1x10xf32>)
  return
}

// -----

func.func @matrices(%left: memref<64x64xf32>, %right: memref<64x64xf32>,
                    %result: memref<64x64xf32>) {
  // expected-error @below {{'matrix_instructions' in the schedule must be 0: the target has none for 'f32'}}
  linalg.matmul {eto.schedule = #eto.schedule<matrix_instructions = 1>}
      ins(%left, %right : memref<64x64xf32>, memref<64x64xf32>)
      outs(%result : memref<64x64xf32>)
  return
}

// -----

func.func @tensors(%left: tensor<64x64xf32>, %right: tensor<64x64xf32>,
                   %result: tensor<64x64xf32>) -> tensor<64x64xf32> {
  // expected-error @below {{'linalg.matmul' is on tensors: bufferize before kernels are made of it}}
  %0 = linalg.matmul ins(%left, %right : tensor<64x64xf32>, tensor<64x64xf32>)
      outs(%result : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

// -----

// A running sum and the last one.
func.func @running(%x: memref<4x5xf32>, %y: memref<4x5xf32>, %z: memref<5xf32>) {
  // expected-error @below {{has a result that is indexed by a reduction, which no kernel for elements has}}
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>],
                  iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<4x5xf32>) outs(%y, %z : memref<4x5xf32>, memref<5xf32>) {
  ^bb0(%in: f32, %out: f32, %sum: f32):
    %next = arith.addf %sum, %in : f32
    linalg.yield %next, %next : f32, f32
  }
  return
}
