//===- AutodiffInterfaces.td - Reverse-mode differentiation -----*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_AUTODIFF_IR_AUTODIFFINTERFACES_TD
#define ORCINUS_DIALECTS_AUTODIFF_IR_AUTODIFFINTERFACES_TD

include "mlir/IR/OpBase.td"

def DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let description = [{
    An op with a vector-Jacobian product. An op on the path from a parameter to
    the loss that does not implement it is an error of `tgnn-autodiff`.
  }];
  let cppNamespace = "::orcinus::autodiff";
  let methods = [
    InterfaceMethod<[{
        Builds the adjoint. `resultGradients` has one value a result, null where
        the gradient is zero; at least one is not null. Sets
        `operandGradients[i]`, one a operand and null on entry, to the gradient
        of the loss with regard to operand i, of the operand's type, where
        `needed[i]` is true; null means zero. Gradients must not be built for
        operands that do not need them.
      }],
      "::mlir::LogicalResult", "buildAdjoint",
      (ins "::mlir::OpBuilder &":$builder,
           "::mlir::ValueRange":$resultGradients,
           "::llvm::ArrayRef<bool>":$needed,
           "::llvm::MutableArrayRef<::mlir::Value>":$operandGradients)>
  ];
}

#endif // ORCINUS_DIALECTS_AUTODIFF_IR_AUTODIFFINTERFACES_TD
