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

def IndexHandleTypeInterface : TypeInterface<"IndexHandleTypeInterface"> {
  let description = [{
    The type of a handle to index tables, which index work makes and
    `tgnn.table` reads.
  }];
  let cppNamespace = "::orcinus::tgnn";
  let methods = [
    InterfaceMethod<"The tables that a handle of this type may have.",
      "::llvm::ArrayRef<::orcinus::tgnn::TableDescription>", "getTables">
  ];
}

def IndexWorkOpInterface : OpInterface<"IndexWorkOpInterface"> {
  let description = [{
    An op that the runtime computes ahead of the dense step, by one function of
    its own. `tgnn-split-prepare` makes the call: the step, then the handles of
    the operands and of the results in order, then the constants, each an i32.
    Results that are not handles are what the function returns.
  }];
  let cppNamespace = "::orcinus::tgnn";
  let methods = [
    InterfaceMethod<"The name of the runtime's function.",
      "::llvm::StringRef", "getRuntimeFunction">,
    InterfaceMethod<"The constants of the call; `numberOf` gives the number of "
                    "a cache by its name.",
      "::llvm::SmallVector<int64_t>", "getRuntimeConstants",
      (ins "::llvm::function_ref<int64_t(::llvm::StringRef)>":$numberOf),
      /*methodBody=*/"", /*defaultImplementation=*/"return {};">,
    InterfaceMethod<"The value of an extent that the results' tables name; "
                    "dynamic where only the runtime knows it.",
      "int64_t", "getTableExtent", (ins "::llvm::StringRef":$name),
      /*methodBody=*/"", /*defaultImplementation=*/[{
        return ::mlir::ShapedType::kDynamic;
      }]>,
    InterfaceMethod<"What extents of the results' tables are equal to, also "
                    "where nobody knows their values: `tgnn-verify-rows` goes "
                    "by it. One that is not named here is the op's own.",
      "::llvm::SmallVector<::orcinus::tgnn::ExtentSource>", "getExtentSources",
      (ins), /*methodBody=*/"", /*defaultImplementation=*/"return {};">
  ];
}

def SizedOpInterface : OpInterface<"SizedOpInterface"> {
  let description = [{
    An op of a model whose extents may be made of named sizes. Outside of
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

def WeightDropoutOpInterface : OpInterface<"WeightDropoutOpInterface"> {
  let description = [{
    An attention that drops some of its weights in training: a rate of zero is
    none, and `salt` is what its random numbers are drawn by.
  }];
  let cppNamespace = "::orcinus::tgnn";
  let methods = [
    InterfaceMethod<"The rate.", "::mlir::FloatAttr", "getDropoutAttr">,
    InterfaceMethod<"Sets the rate.", "void", "setDropoutAttr",
      (ins "::mlir::FloatAttr":$rate)>,
    InterfaceMethod<"Sets the salt.", "void", "setSalt", (ins "uint64_t":$salt)>
  ];
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNINTERFACES_TD
