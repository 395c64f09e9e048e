//===- Passes.td - Kernel passes ---------------------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_KERNELS_PASSES
#define ORCINUS_PASSES_KERNELS_PASSES

include "mlir/Pass/PassBase.td"

def LowerKernels : Pass<"tgnn-lower-kernels", "mlir::ModuleOp"> {
  let summary = "Lower tgnn kernels on buffers to loops over vectors";
  let description = [{
    Replaces every tgnn kernel op in buffer form, `tgnn.adam` and
    `tgnn.write_rows` by calls of private functions that hold their loops, with
    explicit vectors along the innermost dimension. Kernels of the same name,
    attributes and types share one function.

    A function computes a range of its kernel's independent items (rows,
    queries, blocks of rows). A caller with enough of them divides them among
    the threads by `scf.parallel`, else it makes one call. Sums over rows are
    made by blocks of rows that do not depend on the number of threads, so the
    result does not either.

    Rows are dynamic; all other extents must be static, elements f32 and
    contiguous within a row. Elementary functions become math ops on vectors,
    for `--orcinus-expand-math`.

    Before `--tgnn-lower-kernels="vector-bits=256 vector-registers=16"`:

    ```mlir
    func.func @step(%table: memref<?x8xf32>, %index: memref<?xi32>, %rows: memref<?x8xf32>) {
      tgnn.gather(%table, %index) into(%rows)
          : (memref<?x8xf32>, memref<?xi32>) into (memref<?x8xf32>)
      return
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: memref<?x8xf32>, %arg1: memref<?xi32>, %arg2: memref<?x8xf32>) {
      …
      call @orcinus_gather(%c0_0, %dim, %arg0, %arg1, %arg2) : …
      return
    }
    func.func private @orcinus_gather(%arg0: index, %arg1: index, %arg2: memref<?x8xf32>, %arg3: …
      …
      scf.for %arg5 = %arg0 to %arg1 step %c1 {
        …
        %0 = memref.load %arg3[%arg5] : memref<?xi32>
        …
        %2 = vector.load %arg2[%1, %c0_3] : memref<?x8xf32>, vector<8xf32>
        …
        vector.store %2, %arg4[%arg5, %c0_3] : memref<?x8xf32>, vector<8xf32>
      }
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect",
    "mlir::math::MathDialect", "mlir::memref::MemRefDialect",
    "mlir::scf::SCFDialect", "mlir::vector::VectorDialect"
  ];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", /*default=*/"0",
           "Width of a vector register in bits; 0 takes the host's">,
    Option<"vectorRegisters", "vector-registers", "int64_t", /*default=*/"0",
           "Number of vector registers; 0 takes the host's">,
    Option<"threads", "threads", "int64_t", /*default=*/"1",
           "Threads to divide the work among; 1 makes no parallel loop">,
    Option<"parallelWork", "parallel-work", "int64_t", /*default=*/"1 << 19",
           "Kernels that touch fewer elements (about 25 take a nanosecond) stay "
           "on one thread">
  ];
  let statistics = [
    Statistic<"loweredKernels", "lowered-kernels", "Kernels that became calls">,
    Statistic<"outlinedFunctions", "outlined-functions",
              "Distinct functions made for them">
  ];
}

#endif // ORCINUS_PASSES_KERNELS_PASSES
