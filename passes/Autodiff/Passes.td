//===- Passes.td - Deriving the backward pass ---------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_AUTODIFF_PASSES
#define ORCINUS_PASSES_AUTODIFF_PASSES

include "mlir/Pass/PassBase.td"

def Autodiff : Pass<"tgnn-autodiff", "mlir::func::FuncOp"> {
  let summary = "Derive the backward pass";
  let description = [{
    Replaces each `tgnn.gradient` by the reverse-mode derivative of the
    straight-line code before it: the ops between the parameters and the loss
    are visited backwards, and each builds the gradients of its operands from
    those of its results (`DifferentiableOpInterface`). Gradients of a value
    that is used several times are added. Nothing is built for operands that do
    not lead to a parameter. An op on the way that has no adjoint is an error.
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "orcinus::tgnn::TGNNDialect"
  ];
  let statistics = [
    Statistic<"visitedOps", "visited-ops", "Ops whose adjoint was built">
  ];
}

#endif // ORCINUS_PASSES_AUTODIFF_PASSES
