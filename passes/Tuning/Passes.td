//===- Passes.td - Tuning passes ---------------------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TUNING_PASSES
#define ORCINUS_PASSES_TUNING_PASSES

include "mlir/Pass/PassBase.td"

def OutlineOperators : Pass<"eto-outline", "mlir::ModuleOp"> {
  let summary = "Turn dense linalg ops on tensors into operators and calls of them";
  let description = [{
    Every linalg op on tensors that computes something becomes, with the fill or
    broadcast that it starts from and the elementwise ops that follow it in its
    loops, an `eto.operator` and an `eto.call` where it was; operators that are
    alike are shared. What follows a contraction is fused where it reads nothing
    else as large as the result. Reductions are fused with the elementwise ops
    before and after them that no other op reads: softmax is one operator.

    After it, the linalg ops that are left outside of operators fill, copy,
    broadcast or transpose, are too small to be worth a schedule, or have more
    than one dynamic extent, which a remark says.

    An operator with a dynamic extent gets the given buckets.
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect",
    "mlir::tensor::TensorDialect", "orcinus::eto::ETODialect"
  ];
  let options = [
    ListOption<"buckets", "buckets", "int64_t",
               "Extents that stand for a dynamic one, ascending; powers of two "
               "from 256 to 8192 where none is given">,
    Option<"fewestIterations", "fewest-iterations", "int64_t",
           /*default=*/"16384",
           "Iterations below which, at the largest bucket, an op is left where "
           "it is">
  ];
  let statistics = [
    Statistic<"outlinedCalls", "calls", "Calls that were made">,
    Statistic<"outlinedOperators", "operators", "Operators that were made">
  ];
}

#endif // ORCINUS_PASSES_TUNING_PASSES
