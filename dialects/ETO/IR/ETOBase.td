//===- ETOBase.td - The eto dialect ---------------------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_ETO_IR_ETOBASE_TD
#define ORCINUS_DIALECTS_ETO_IR_ETOBASE_TD

include "mlir/IR/OpBase.td"

def ETO_Dialect : Dialect {
  let name = "eto";
  let summary = "Which operators are tuned, and how";
  let description = [{
    An operator is a dense tensor computation that is compiled, measured and
    tuned as a whole: an `eto.operator`, with the linalg ops of its body as its
    definition and a schedule for each bucket of its extents as its
    implementation. Where the programs of a set of operators come from is an
    attribute of the module that holds them: `eto.reuse_graph` says whose
    program could inform whose tuning and what that would cost, `eto.plan` what
    is done about each.

    The method is ETO-style: the idea is that of Fang, Shen, Wang and Chen,
    "ETO: Accelerating Optimization of DNN Operators by High-Performance Tensor
    Program Reuse", PVLDB 15(2), 2021; the conditions and weights are ours.
  }];
  let cppNamespace = "::orcinus::eto";
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"
  ];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
  }];
}

#endif // ORCINUS_DIALECTS_ETO_IR_ETOBASE_TD
