//===- TGNNInterfaces.td - Interfaces of the tgnn ops -----------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNINTERFACES_TD
#define ORCINUS_DIALECTS_TGNN_IR_TGNNINTERFACES_TD

include "mlir/IR/OpBase.td"

def KernelOpInterface : OpInterface<"KernelOpInterface"> {
  let description = [{
    An op that is one kernel: on tensors it returns new values; on buffers it
    has no result and overwrites its `outs`.
  }];
  let cppNamespace = "::orcinus::tgnn";
  let methods = [
    InterfaceMethod<"The extent `dimension` of result `result`, computed from "
                    "the inputs, which may be tensors or buffers.",
      "::mlir::Value", "buildResultExtent",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$inputs,
           "unsigned":$result, "unsigned":$dimension)>
  ];
}

def SizedOpInterface : OpInterface<"SizedOpInterface"> {
  let description = [{
    An op of a model whose extents may be linear in named sizes. Outside of
    models they are numbers.
  }];
  let cppNamespace = "::orcinus::tgnn";
  let methods = [
    InterfaceMethod<"The extents, each as Extents.h has them.",
      "::llvm::SmallVector<::mlir::Attribute>", "getSizedExtents">,
    InterfaceMethod<"Replaces extents by their values.",
      "void", "evaluateSizes",
      (ins "::llvm::function_ref<int64_t(::llvm::StringRef)>":$sizeOf)>
  ];
  let verify = "return detail::verifySizedOp($_op);";
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNINTERFACES_TD
