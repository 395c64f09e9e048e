//===- ETOOps.td - The ops of the eto dialect -----------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_ETO_IR_ETOOPS_TD
#define ORCINUS_DIALECTS_ETO_IR_ETOOPS_TD

include "dialects/ETO/IR/ETOAttributes.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class ETO_Op<string opMnemonic, list<Trait> traits = []>
    : Op<ETO_Dialect, opMnemonic, traits>;

def ETO_OperatorOp : ETO_Op<"operator", [Symbol, IsolatedFromAbove]> {
  let summary = "a dense tensor computation that is tuned as a whole";
  let description = [{
    A pure function of tensors and scalars. Its body is linalg on tensors (with
    arith, math and tensor ops beside it): one op that gives the operator its
    family, the fill or broadcast that it starts from, and the elementwise ops
    that are fused to it.

    `weights` are the arguments, counted from 0, that are the same for all calls:
    what a schedule packs of them is packed once, and is no part of a call's
    time.

    All extents are static, or one loop's is dynamic. Then `buckets` are the
    extents that the operator is tuned for; any other extent is executed as the
    smallest bucket that is no smaller, or as the largest.

    `programs` has one entry a bucket, or one where there are no buckets. A
    `bridge` is an operator that nothing calls: its program is a stepping stone
    from one operator's to another's.

    ```mlir
    eto.operator @linear(%x: tensor<?x100xf32>, %w: tensor<100x50xf32>,
                         %bias: tensor<50xf32>) -> tensor<?x50xf32>
        weights [1] buckets [256, 512] {
      %c0 = arith.constant 0 : index
      %rows = tensor.dim %x, %c0 : tensor<?x100xf32>
      %empty = tensor.empty(%rows) : tensor<?x50xf32>
      %start = linalg.broadcast ins(%bias : tensor<50xf32>)
                                outs(%empty : tensor<?x50xf32>) dimensions = [0]
      %sum = linalg.matmul ins(%x, %w : tensor<?x100xf32>, tensor<100x50xf32>)
                           outs(%start : tensor<?x50xf32>) -> tensor<?x50xf32>
      eto.yield %sum : tensor<?x50xf32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       TypeAttrOf<FunctionType>:$function_type,
                       DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$weights,
                       DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$buckets,
                       OptionalAttr<TypedArrayAttrBase<
                           ETO_ProgramAttr, "programs">>:$programs,
                       UnitAttr:$bridge);
  let regions = (region SizedRegion<1>:$body);
  let builders = [
    OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::FunctionType":$type,
                   "::llvm::ArrayRef<int64_t>":$buckets), [{
      build($_builder, $_state, $_builder.getStringAttr(name),
            ::mlir::TypeAttr::get(type), $_builder.getDenseI64ArrayAttr({}),
            $_builder.getDenseI64ArrayAttr(buckets),
            /*programs=*/::mlir::ArrayAttr(), /*bridge=*/::mlir::UnitAttr());
    }]>
  ];
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def ETO_YieldOp : ETO_Op<"yield", [Pure, Terminator, HasParent<"OperatorOp">]> {
  let summary = "the results of an operator";
  let description = [{
    As many values as the operator has results, of their types.

    ```mlir
    eto.operator @exp(%x: tensor<8xf32>) -> tensor<8xf32> {
      %y = linalg.exp ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
      eto.yield %y : tensor<8xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "$values attr-dict `:` type($values)";
}

def ETO_CallOp : ETO_Op<"call", [
    Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "an operator applied";
  let description = [{
    Operands and results have the types of the operator's own.

    ```mlir
    eto.operator @exp(%x: tensor<8xf32>) -> tensor<8xf32> {
      %y = linalg.exp ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
      eto.yield %y : tensor<8xf32>
    }
    func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
      %y = eto.call @exp(%x) : (tensor<8xf32>) -> tensor<8xf32>
      return %y : tensor<8xf32>
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<AnyType>:$inputs);
  let results = (outs Variadic<AnyType>:$outputs);
  let assemblyFormat = [{
    $callee `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs)
  }];
}

#endif // ORCINUS_DIALECTS_ETO_IR_ETOOPS_TD
