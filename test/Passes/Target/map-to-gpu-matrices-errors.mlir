// RUN: orcinus-opt %s --orcinus-map-to-gpu=matrix-instructions=mma --split-input-file --verify-diagnostics
// RUN: not orcinus-opt %s --orcinus-map-to-gpu="matrix-instructions=mma subgroup-size=64" 2>&1 | FileCheck %s
// CHECK: error: matrix instructions of 32 threads are not for subgroups of 64

func.func @rows(%left: memref<64x64xf32>, %right: memref<64x64xf32>,
                %result: memref<64x64xf32>) {
  // expected-error @below {{'block_rows' in the schedule must be a multiple of 32 for matrix instructions on 'f32'}}
  linalg.matmul {eto.schedule = #eto.schedule<matrix_instructions = 1,
                                              block_rows = 48>}
      ins(%left, %right : memref<64x64xf32>, memref<64x64xf32>)
      outs(%result : memref<64x64xf32>)
  return
}

// -----

func.func @columns(%left: memref<64x64xf32>, %right: memref<64x64xf32>,
                   %result: memref<64x64xf32>) {
  // expected-error @below {{'block_columns' in the schedule must be a multiple of 32 for matrix instructions on 'f32'}}
  linalg.matmul {eto.schedule = #eto.schedule<matrix_instructions = 1,
                                              block_columns = 48,
                                              thread_columns = 8>}
      ins(%left, %right : memref<64x64xf32>, memref<64x64xf32>)
      outs(%result : memref<64x64xf32>)
  return
}

// -----

func.func @depth(%left: memref<64x64xbf16>, %right: memref<64x64xbf16>,
                 %result: memref<64x64xf32>) {
  // expected-error @below {{'block_reduction' in the schedule must be a multiple of 16 for matrix instructions on 'bf16'}}
  linalg.matmul {eto.schedule = #eto.schedule<matrix_instructions = 1,
                                              block_reduction = 24>}
      ins(%left, %right : memref<64x64xbf16>, memref<64x64xbf16>)
      outs(%result : memref<64x64xf32>)
  return
}

// -----

func.func @workgroup(%left: memref<64x64xf16>, %right: memref<64x64xf16>,
                     %result: memref<64x64xf32>) {
  // expected-error @below {{the schedule needs 67584 bytes of workgroup memory, more than 49152}}
  linalg.matmul {eto.schedule = #eto.schedule<matrix_instructions = 1,
                                              block_reduction = 256>}
      ins(%left, %right : memref<64x64xf16>, memref<64x64xf16>)
      outs(%result : memref<64x64xf32>)
  return
}

// -----

func.func @range(%left: memref<64x64xf16>, %right: memref<64x64xf16>,
                 %result: memref<64x64xf32>) {
  // expected-error @below {{'matrix_instructions' in the schedule must be 0 or 1}}
  linalg.matmul {eto.schedule = #eto.schedule<matrix_instructions = 2>}
      ins(%left, %right : memref<64x64xf16>, memref<64x64xf16>)
      outs(%result : memref<64x64xf32>)
  return
}
