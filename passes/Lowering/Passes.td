//===- Passes.td - Lowering passes -------------------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_PASSES
#define ORCINUS_PASSES_LOWERING_PASSES

include "mlir/Pass/PassBase.td"

class VectorTargetOptions {
  list<Option> options = [
    Option<"vectorBits", "vector-bits", "int64_t", /*default=*/"0",
           "Width of a vector register in bits; 0 takes the host's">,
    Option<"vectorRegisters", "vector-registers", "int64_t", /*default=*/"0",
           "Number of vector registers; 0 takes the host's">,
    Option<"threads", "threads", "int64_t", /*default=*/"1",
           "Threads to divide the work among; 1 makes no parallel loop">
  ];
}

def LowerContractions : Pass<"orcinus-lower-contractions", "mlir::ModuleOp"> {
  let summary = "Lower linalg contractions on memrefs to register-tiled vector loops";
  let description = [{
    Replaces every linalg contraction on floating-point memrefs (a named op or
    a `linalg.generic` that multiplies and adds) by a call of a private
    function that holds its loop nest; contractions of the same types, maps and
    schedule share one function. In it, tiles of rows × vectors are accumulated
    in registers over the reduction, long reductions are cut into blocks that
    stay in cache, and rows are divided among the threads by `scf.parallel`.

    The innermost dimension of the result is the vector dimension. An operand
    that holds it elsewhere than innermost is transposed into a temporary
    first, if that is small beside the contraction. A `linalg.fill` or a
    broadcast of a bias that just initialised the result becomes the
    accumulators' start.

    After it, the contractions that remain have no dimension that fits: they
    sum over the innermost dimension of all operands, or have strides that
    vectors cannot use. `--orcinus-vectorize-elementwise` takes the former.

    The schedule of an op is its attribute `orcinus.schedule` (see
    `ContractionSchedule`), or chosen from the vector registers.
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect",
    "mlir::linalg::LinalgDialect", "mlir::memref::MemRefDialect",
    "mlir::scf::SCFDialect", "mlir::vector::VectorDialect"
  ];
  let options = VectorTargetOptions<>.options;
  let statistics = [
    Statistic<"loweredContractions", "lowered-contractions",
              "Contractions that became calls">,
    Statistic<"outlinedFunctions", "outlined-functions",
              "Distinct functions made for them">
  ];
}

def ConvertToLinalg : Pass<"tgnn-convert-to-linalg"> {
  let summary = "Convert the dense tgnn ops to linalg on tensors";
  let description = [{
    Contractions become `linalg.generic` with the result's last dimension on the
    right side, elementwise ops `linalg.generic`, concatenations and slices
    `tensor` ops. Kernels stay. After it, all arithmetic between kernels is
    linalg, as `eto` and the lowerings expect it.
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect",
    "mlir::tensor::TensorDialect"
  ];
}

#endif // ORCINUS_PASSES_LOWERING_PASSES
