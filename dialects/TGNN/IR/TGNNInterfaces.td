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

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNINTERFACES_TD
