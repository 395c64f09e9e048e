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

    Before:

    ```mlir
    func.func @step(%x: tensor<8x4xf32>, %labels: tensor<8xi32>, %w: tensor<4x1xf32>)
        -> tensor<4x1xf32> {
      %logits = tgnn.contract "qi,io->qo" %x, %w
          : tensor<8x4xf32>, tensor<4x1xf32> -> tensor<8x1xf32>
      %loss = tgnn.link_loss(%logits, %labels)
          : (tensor<8x1xf32>, tensor<8xi32>) -> tensor<f32>
      %dw = tgnn.gradient %loss wrt(%w) : tensor<f32>, tensor<4x1xf32> -> tensor<4x1xf32>
      return %dw : tensor<4x1xf32>
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: tensor<8x4xf32>, %arg1: tensor<8xi32>, %arg2: tensor<4x1xf32>) …
      %0 = tgnn.contract "qi,io->qo" %arg0, %arg2 : …
      %1 = tgnn.link_loss(%0, %arg1) : (tensor<8x1xf32>, tensor<8xi32>) -> tensor<f32>
      %cst = arith.constant dense<1.000000e+00> : tensor<f32>
      %2 = tgnn.link_loss_grad(%0, %arg1, %cst) : …
      %3 = tgnn.contract "qi,qo->io" %arg0, %2 : tensor<8x4xf32>, tensor<8x1xf32> -> tensor<4x1xf32>
      return %3 : tensor<4x1xf32>
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "orcinus::tgnn::TGNNDialect"
  ];
  let statistics = [
    Statistic<"visitedOps", "visited-ops", "Ops whose adjoint was built">
  ];
}

#endif // ORCINUS_PASSES_AUTODIFF_PASSES
