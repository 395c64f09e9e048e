//===- TGNNKernelOps.td - Level 4: kernels ----------------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel op has two forms. On tensors it has `inputs` and results. On buffers
// it has `inputs` and `outs`, which it overwrites, and no result:
//
//   %y, %s = tgnn.layer_norm(%x, %g, %b) : (tensor…) -> (tensor…, tensor…)
//   tgnn.layer_norm(%x, %g, %b) into(%y, %s) : (memref…) into (memref…, memref…)
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNKERNELOPS_TD
#define ORCINUS_DIALECTS_TGNN_IR_TGNNKERNELOPS_TD

include "dialects/Autodiff/IR/AutodiffInterfaces.td"
include "dialects/TGNN/IR/TGNNInterfaces.td"
include "dialects/TGNN/IR/TGNNModelOps.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

class TGNN_KernelOp<string opMnemonic, dag attributes = (ins),
                    list<Trait> traits = [], string declarations = "">
    : TGNN_Op<opMnemonic, traits # [AttrSizedOperandSegments,
        DeclareOpInterfaceMethods<InferTypeOpInterface>,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        DeclareOpInterfaceMethods<KernelOpInterface>]> {
  let arguments = !con((ins Variadic<AnyType>:$inputs,
                            Variadic<AnyMemRef>:$outs), attributes);
  let results = (outs Variadic<AnyRankedTensor>:$results_);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [
    OpBuilder<(ins "::mlir::ValueRange":$inputs,
                   CArg<"::llvm::ArrayRef<::mlir::NamedAttribute>", "{}">:$attributes)>
  ];
  let extraClassDeclaration = [{
    /// The types of the results, from those of the inputs. Reports inputs that
    /// do not fit at `location`, if there is one.
    static ::mlir::LogicalResult inferKernelResults(
        Adaptor adaptor, ::std::optional<::mlir::Location> location,
        ::llvm::SmallVectorImpl<::mlir::Type> &results);
    static bool isCompatibleReturnTypes(::mlir::TypeRange inferred,
                                        ::mlir::TypeRange actual);
  }] # declarations;
  let extraClassDefinition = [{
    ::mlir::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> location,
        ::mlir::ValueRange operands, ::mlir::DictionaryAttr attributes,
        ::mlir::OpaqueProperties properties, ::mlir::RegionRange regions,
        ::llvm::SmallVectorImpl<::mlir::Type> &results) {
      Adaptor adaptor(operands, attributes, properties, regions);
      if (!adaptor.getOuts().empty())
        return ::mlir::success();
      return inferKernelResults(adaptor, location, results);
    }
    bool $cppClass::isCompatibleReturnTypes(::mlir::TypeRange inferred,
                                            ::mlir::TypeRange actual) {
      return detail::areCompatibleTypes(inferred, actual);
    }
    void $cppClass::getEffects(
        ::llvm::SmallVectorImpl<::mlir::SideEffects::EffectInstance<
            ::mlir::MemoryEffects::Effect>> &effects) {
      detail::getKernelEffects(getInputsMutable(), getOutsMutable(), effects);
    }
    void $cppClass::build(::mlir::OpBuilder &builder,
                          ::mlir::OperationState &state,
                          ::mlir::ValueRange inputs,
                          ::llvm::ArrayRef<::mlir::NamedAttribute> attributes) {
      detail::buildKernel<$cppClass>(builder, state, inputs, attributes);
    }
    ::mlir::ParseResult $cppClass::parse(::mlir::OpAsmParser &parser,
                                         ::mlir::OperationState &result) {
      return detail::parseKernel(parser, result);
    }
    void $cppClass::print(::mlir::OpAsmPrinter &printer) {
      detail::printKernel(printer, *this, getInputs(), getOuts());
    }
    ::mlir::LogicalResult $cppClass::verify() {
      Adaptor adaptor((*this)->getOperands(), *this);
      ::llvm::SmallVector<::mlir::Type> inferred;
      if (::mlir::failed(inferKernelResults(adaptor, getLoc(), inferred)))
        return ::mlir::failure();
      return detail::verifyKernel(*this, getOuts(), inferred);
    }
  }];
}

class TGNN_DifferentiableKernelOp<string opMnemonic, dag attributes = (ins)>
    : TGNN_KernelOp<opMnemonic, attributes,
        [DeclareOpInterfaceMethods<DifferentiableOpInterface>]>;

def TGNN_GatherOp : TGNN_DifferentiableKernelOp<"gather"> {
  let summary = "rows of a table";
  let description = [{
    (table [R, w], index i32 [Q] or [Q, k]) → [Q, w] or [Q, k, w]. It is
    differentiable where the index is a frontier's map, whose inverse the
    adjoint reads.

    ```mlir
    func.func @tensors(%table: tensor<?x8xf32>, %index: tensor<?x10xi32>) -> tensor<?x10x8xf32> {
      %rows = tgnn.gather(%table, %index)
          : (tensor<?x8xf32>, tensor<?x10xi32>) -> tensor<?x10x8xf32>
      return %rows : tensor<?x10x8xf32>
    }
    func.func @buffers(%table: memref<?x8xf32>, %index: memref<?xi32>, %rows: memref<?x8xf32>) {
      tgnn.gather(%table, %index) into(%rows)
          : (memref<?x8xf32>, memref<?xi32>) into (memref<?x8xf32>)
      return
    }
    ```
  }];
}

def TGNN_GatherGradOp : TGNN_KernelOp<"gather_grad"> {
  let summary = "sums the gradients of a gather by row of its table";
  let description = [{
    (gradient [Q, w] or [Q, k, w], offsets i32 [R+1], references i32) → [R, w].

    ```mlir
    func.func @gather_grad(%drows: tensor<?x8xf32>, %offsets: tensor<?xi32>,
                           %references: tensor<?xi32>) -> tensor<?x8xf32> {
      %dtable = tgnn.gather_grad(%drows, %offsets, %references)
          : (tensor<?x8xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x8xf32>
      return %dtable : tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_MeanRowsOp : TGNN_KernelOp<"mean_rows"> {
  let summary = "means of rows by compressed rows";
  let description = [{
    (values [Q, w], offsets i32 [R+1], references i32) → [R, w]: row r is the
    mean of the values' rows references[offsets[r]] to
    references[offsets[r + 1] - 1], zero where there is none.

    ```mlir
    func.func @mean(%mails: tensor<?x8xf32>, %offsets: tensor<?xi32>,
                    %references: tensor<?xi32>) -> tensor<?x8xf32> {
      %kept = tgnn.mean_rows(%mails, %offsets, %references)
          : (tensor<?x8xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x8xf32>
      return %kept : tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_ReplaceRowsOp : TGNN_DifferentiableKernelOp<"replace_rows"> {
  let summary = "a table with some rows replaced";
  let description = [{
    (table [R, w], rows i32 [P], distinct, values [P, w]) → [R, w]. The table
    gets no gradient.

    ```mlir
    func.func @replace(%table: tensor<?x8xf32>, %rows: tensor<?xi32>,
                       %values: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = tgnn.replace_rows(%table, %rows, %values)
          : (tensor<?x8xf32>, tensor<?xi32>, tensor<?x8xf32>) -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_TimeEncodeOp : TGNN_DifferentiableKernelOp<"time_encode"> {
  let summary = "φ(Δt) = cos(w Δt + b)";
  let description = [{
    (Δt [Q] or [Q, k], w [T], b [T]) → [Q, T] or [Q, k, T].

    ```mlir
    func.func @time(%deltas: tensor<?x10xf32>, %w: tensor<4xf32>, %b: tensor<4xf32>)
        -> tensor<?x10x4xf32> {
      %t = tgnn.time_encode(%deltas, %w, %b)
          : (tensor<?x10xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x10x4xf32>
      return %t : tensor<?x10x4xf32>
    }
    ```
  }];
}

def TGNN_TimeEncodeGradOp : TGNN_KernelOp<"time_encode_grad"> {
  let summary = "the gradients of time_encode's frequencies and phases";
  let description = [{
    (Δt, w [T], b [T], gradient […, T]) → [T], [T].

    ```mlir
    func.func @time_grad(%deltas: tensor<?xf32>, %w: tensor<4xf32>, %b: tensor<4xf32>,
                         %dt: tensor<?x4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
      %dw, %db = tgnn.time_encode_grad(%deltas, %w, %b, %dt)
          : (tensor<?xf32>, tensor<4xf32>, tensor<4xf32>, tensor<?x4xf32>)
          -> (tensor<4xf32>, tensor<4xf32>)
      return %dw, %db : tensor<4xf32>, tensor<4xf32>
    }
    ```
  }];
}

def TGNN_MaskRowsOp : TGNN_DifferentiableKernelOp<"mask_rows"> {
  let summary = "zeros in the rows whose count is zero";
  let description = [{
    (x [Q, w], counts i32 [Q]) → [Q, w].

    ```mlir
    func.func @mask(%x: tensor<?x8xf32>, %counts: tensor<?xi32>) -> tensor<?x8xf32> {
      %y = tgnn.mask_rows(%x, %counts)
          : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_DropoutOp : TGNN_DifferentiableKernelOp<"dropout",
    (ins F32Attr:$rate, I64Attr:$salt)> {
  let summary = "zeroes a random share of the elements and scales the others";
  let description = [{
    (x, seed i64) → as x. Element i, in row-major order, is kept where
    hash(seed, salt, i) ≥ rate · 2^32: a counter-based generator, so that the
    adjoint and a resumed run draw the same. `DropoutMask` in passes/Kernels
    says which.

    ```mlir
    func.func @dropout(%x: tensor<?x8xf32>, %seed: i64) -> tensor<?x8xf32> {
      %y = tgnn.dropout(%x, %seed) {rate = 0.1 : f32, salt = 3 : i64}
          : (tensor<?x8xf32>, i64) -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_MaskTokensOp : TGNN_DifferentiableKernelOp<"mask_tokens"> {
  let summary = "zeros in the tokens that are not valid";
  let description = [{
    (x [Q, k, w], counts i32 [Q]) → [Q, k, w]: x[q, j] where j < counts[q],
    zeros elsewhere.

    ```mlir
    func.func @mask(%x: tensor<?x10x8xf32>, %counts: tensor<?xi32>) -> tensor<?x10x8xf32> {
      %y = tgnn.mask_tokens(%x, %counts)
          : (tensor<?x10x8xf32>, tensor<?xi32>) -> tensor<?x10x8xf32>
      return %y : tensor<?x10x8xf32>
    }
    ```
  }];
}

def TGNN_MeanTokensOp : TGNN_DifferentiableKernelOp<"mean_tokens"> {
  let summary = "the mean over a query's tokens";
  let description = [{
    (x [Q, k, w], optional counts i32 [Q]) → [Q, w]: the mean of all k tokens,
    or with counts that of the tokens j < counts[q], which is zero for a query
    without one.

    ```mlir
    func.func @mean(%x: tensor<?x10x8xf32>, %counts: tensor<?xi32>)
        -> (tensor<?x8xf32>, tensor<?x8xf32>) {
      %all = tgnn.mean_tokens(%x) : (tensor<?x10x8xf32>) -> tensor<?x8xf32>
      %valid = tgnn.mean_tokens(%x, %counts)
          : (tensor<?x10x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
      return %all, %valid : tensor<?x8xf32>, tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_MeanTokensGradOp : TGNN_KernelOp<"mean_tokens_grad",
    (ins I64Attr:$tokens)> {
  let summary = "the adjoint of mean_tokens";
  let description = [{
    (dy [Q, w], optional counts i32 [Q]) → dx [Q, tokens, w]: dy[q] divided by
    the number of tokens in each, or with counts by counts[q] in the tokens
    j < counts[q] and zeros elsewhere.

    ```mlir
    func.func @mean_grad(%dy: tensor<?x8xf32>, %counts: tensor<?xi32>) -> tensor<?x10x8xf32> {
      %dx = tgnn.mean_tokens_grad(%dy, %counts) {tokens = 10 : i64}
          : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x10x8xf32>
      return %dx : tensor<?x10x8xf32>
    }
    ```
  }];
}

def TGNN_LayerNormOp : TGNN_DifferentiableKernelOp<"layer_norm",
    (ins DefaultValuedAttr<F32Attr, "1.0e-5f">:$epsilon)> {
  let summary = "layer normalisation of each row";
  let description = [{
    (x [Q, w], scale [w], shift [w]) → y [Q, w], and each row's mean and
    1/sqrt(variance + ε) [Q, 2] (Ba et al. 2016).

    ```mlir
    func.func @norm(%x: tensor<?x8xf32>, %scale: tensor<8xf32>, %shift: tensor<8xf32>)
        -> tensor<?x8xf32> {
      %y, %statistics = tgnn.layer_norm(%x, %scale, %shift)
          : (tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>)
          -> (tensor<?x8xf32>, tensor<?x2xf32>)
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_LayerNormGradOp : TGNN_KernelOp<"layer_norm_grad"> {
  let summary = "the gradient of layer_norm's input";
  let description = [{
    (x [Q, w], scale [w], statistics [Q, 2], dy [Q, w]) → [Q, w].

    ```mlir
    func.func @norm_grad(%x: tensor<?x8xf32>, %scale: tensor<8xf32>,
                         %statistics: tensor<?x2xf32>, %dy: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %dx = tgnn.layer_norm_grad(%x, %scale, %statistics, %dy)
          : (tensor<?x8xf32>, tensor<8xf32>, tensor<?x2xf32>, tensor<?x8xf32>)
          -> tensor<?x8xf32>
      return %dx : tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_LayerNormParameterGradOp
    : TGNN_KernelOp<"layer_norm_parameter_grad"> {
  let summary = "the gradients of layer_norm's scale and shift";
  let description = [{
    (x [Q, w], statistics [Q, 2], dy [Q, w]) → [w], [w].

    ```mlir
    func.func @norm_grad(%x: tensor<?x8xf32>, %statistics: tensor<?x2xf32>,
                         %dy: tensor<?x8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
      %dscale, %dshift = tgnn.layer_norm_parameter_grad(%x, %statistics, %dy)
          : (tensor<?x8xf32>, tensor<?x2xf32>, tensor<?x8xf32>)
          -> (tensor<8xf32>, tensor<8xf32>)
      return %dscale, %dshift : tensor<8xf32>, tensor<8xf32>
    }
    ```
  }];
}

def TGNN_GruGatesOp : TGNN_DifferentiableKernelOp<"gru_gates"> {
  let summary = "the elementwise half of a gated recurrent unit";
  let description = [{
    (a [P, 3n], c [P, 3n], state h [P, n]) → h' [P, n] with r = σ(a_r + c_r),
    z = σ(a_z + c_z), n = tanh(a_n + r c_n), h' = (1 - z) n + z h.

    ```mlir
    func.func @gates(%a: tensor<?x24xf32>, %c: tensor<?x24xf32>, %h: tensor<?x8xf32>)
        -> tensor<?x8xf32> {
      %next = tgnn.gru_gates(%a, %c, %h)
          : (tensor<?x24xf32>, tensor<?x24xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
      return %next : tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_GruGatesGradOp : TGNN_KernelOp<"gru_gates_grad"> {
  let summary = "the gradients of gru_gates";
  let description = [{
    (a, c, h, dh' [P, n]) → da [P, 3n], dc [P, 3n], dh [P, n].

    ```mlir
    func.func @gates_grad(%a: tensor<?x24xf32>, %c: tensor<?x24xf32>, %h: tensor<?x8xf32>,
                          %dnext: tensor<?x8xf32>)
        -> (tensor<?x24xf32>, tensor<?x24xf32>, tensor<?x8xf32>) {
      %da, %dc, %dh = tgnn.gru_gates_grad(%a, %c, %h, %dnext)
          : (tensor<?x24xf32>, tensor<?x24xf32>, tensor<?x8xf32>, tensor<?x8xf32>)
          -> (tensor<?x24xf32>, tensor<?x24xf32>, tensor<?x8xf32>)
      return %da, %dc, %dh : tensor<?x24xf32>, tensor<?x24xf32>, tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_AttendOp : TGNN_KernelOp<"attend",
    (ins F32Attr:$scale, F32Attr:$dropout, I64Attr:$salt, BoolAttr:$time,
         UnitAttr:$indexed),
    [DeclareOpInterfaceMethods<DifferentiableOpInterface>], [{
    /// Position of the first table among the inputs that no index is among.
    unsigned getFirstTable() { return getTime() ? 6 : 3; }
    /// Position of the index of queries among the inputs, where there is one.
    static constexpr unsigned indexPosition = 3;
  }]> {
  let summary = "attention over neighbours that are gathered in the kernel";
  let description = [{
    Inputs: u [Q, H, d], counts i32 [Q], seed i64, then, where `time` is set,
    Δt [Q, k], w [T], b [T], then pairs of a table [R, w] and an index i32
    [Q, k]. Key j of query q is the concatenation of the tables' rows
    table[index[q, j]] and, last, cos(w Δt[q, j] + b): it exists only inside the
    kernel. A table that needs a gradient must have a frontier's map as index.
    Where `indexed` is set, an index i32 [Q] stands behind the seed, and u is
    [R, H, d], of which query q has row index[q]; it has no gradient.

        α_hj = dropout(softmax over j < counts[q] of scale · u_h · key_j)
        z_h  = Σ_j α_hj key_j

    Results: z [Q, H, d] and the softmax before dropout [Q, H, k]. Dropout draws
    as `tgnn.dropout` of the softmax does.

    ```mlir
    func.func @attend(%u: tensor<?x2x12xf32>, %counts: tensor<?xi32>, %seed: i64,
                      %deltas: tensor<?x10xf32>, %w: tensor<4xf32>, %b: tensor<4xf32>,
                      %nodes: tensor<?x8xf32>, %index: tensor<?x10xi32>) -> tensor<?x2x12xf32> {
      %z, %weights = tgnn.attend(%u, %counts, %seed, %deltas, %w, %b, %nodes, %index)
          {scale = 0.5 : f32, dropout = 0.1 : f32, salt = 1 : i64, time = true}
          : (tensor<?x2x12xf32>, tensor<?xi32>, i64, tensor<?x10xf32>, tensor<4xf32>,
             tensor<4xf32>, tensor<?x8xf32>, tensor<?x10xi32>)
          -> (tensor<?x2x12xf32>, tensor<?x2x10xf32>)
      return %z : tensor<?x2x12xf32>
    }
    ```
  }];
}

def TGNN_AttendGradOp : TGNN_KernelOp<"attend_grad",
    (ins F32Attr:$scale, F32Attr:$dropout, I64Attr:$salt, BoolAttr:$time), [], [{
    /// Position of the first table among the inputs.
    unsigned getFirstTable() { return getTime() ? 8 : 5; }
  }]> {
  let summary = "the gradient of attend's u, and its keys' coefficients";
  let description = [{
    Inputs: dz [Q, H, d], the softmax [Q, H, k], then all of attend's. Results:
    du [Q, H, d]; a [Q, H, k] and c [Q, H, k], zero for invalid neighbours, by
    which the gradient of key j of query q is Σ_h a_hj dz_h + c_hj u_h.

    ```mlir
    func.func @attend_grad(%dz: tensor<?x2x8xf32>, %weights: tensor<?x2x10xf32>,
                           %u: tensor<?x2x8xf32>, %counts: tensor<?xi32>, %seed: i64,
                           %nodes: tensor<?x8xf32>, %index: tensor<?x10xi32>)
        -> tensor<?x2x8xf32> {
      %du, %a, %c = tgnn.attend_grad(%dz, %weights, %u, %counts, %seed, %nodes, %index)
          {scale = 0.5 : f32, dropout = 0.1 : f32, salt = 1 : i64, time = false}
          : (tensor<?x2x8xf32>, tensor<?x2x10xf32>, tensor<?x2x8xf32>, tensor<?xi32>,
             i64, tensor<?x8xf32>, tensor<?x10xi32>)
          -> (tensor<?x2x8xf32>, tensor<?x2x10xf32>, tensor<?x2x10xf32>)
      return %du : tensor<?x2x8xf32>
    }
    ```
  }];
}

def TGNN_AttendTableGradOp : TGNN_KernelOp<"attend_table_grad",
    (ins I64Attr:$column, I64Attr:$width)> {
  let summary = "the gradient of one of attend's tables";
  let description = [{
    (dz, u, a, c, offsets i32 [R+1], references i32) → [R, width]: row r is the
    sum over r's references (q, j) of the key gradient's columns [column,
    column + width).

    ```mlir
    func.func @table_grad(%dz: tensor<?x2x12xf32>, %u: tensor<?x2x12xf32>,
                          %a: tensor<?x2x10xf32>, %c: tensor<?x2x10xf32>,
                          %offsets: tensor<?xi32>, %references: tensor<?xi32>)
        -> tensor<?x8xf32> {
      %dtable = tgnn.attend_table_grad(%dz, %u, %a, %c, %offsets, %references)
          {column = 0 : i64, width = 8 : i64}
          : (tensor<?x2x12xf32>, tensor<?x2x12xf32>, tensor<?x2x10xf32>,
             tensor<?x2x10xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x8xf32>
      return %dtable : tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_AttendTimeGradOp : TGNN_KernelOp<"attend_time_grad",
    (ins I64Attr:$column)> {
  let summary = "the gradients of attend's frequencies and phases";
  let description = [{
    (dz, u, a, c, counts i32 [Q], Δt [Q, k], w [T], b [T]) → [T], [T]; the time
    encoding starts at `column` of the keys.

    ```mlir
    func.func @time_grad(%dz: tensor<?x2x12xf32>, %u: tensor<?x2x12xf32>,
                         %a: tensor<?x2x10xf32>, %c: tensor<?x2x10xf32>,
                         %counts: tensor<?xi32>, %deltas: tensor<?x10xf32>,
                         %w: tensor<4xf32>, %b: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
      %dw, %db = tgnn.attend_time_grad(%dz, %u, %a, %c, %counts, %deltas, %w, %b)
          {column = 8 : i64}
          : (tensor<?x2x12xf32>, tensor<?x2x12xf32>, tensor<?x2x10xf32>,
             tensor<?x2x10xf32>, tensor<?xi32>, tensor<?x10xf32>, tensor<4xf32>,
             tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
      return %dw, %db : tensor<4xf32>, tensor<4xf32>
    }
    ```
  }];
}

def TGNN_NeighbourSoftmaxOp : TGNN_DifferentiableKernelOp<"neighbour_softmax",
    (ins F32Attr:$scale)> {
  let summary = "softmax over the valid neighbours";
  let description = [{
    (scores [Q, H, k], optional counts i32 [Q]) → [Q, H, k]: softmax of
    scale · scores over all k, or with counts over j < counts[q], zero elsewhere.

    ```mlir
    func.func @softmax(%scores: tensor<?x2x10xf32>, %counts: tensor<?xi32>)
        -> tensor<?x2x10xf32> {
      %weights = tgnn.neighbour_softmax(%scores, %counts) {scale = 0.5 : f32}
          : (tensor<?x2x10xf32>, tensor<?xi32>) -> tensor<?x2x10xf32>
      return %weights : tensor<?x2x10xf32>
    }
    ```
  }];
}

def TGNN_NeighbourSoftmaxGradOp : TGNN_KernelOp<"neighbour_softmax_grad",
    (ins F32Attr:$scale)> {
  let summary = "the gradient of neighbour_softmax";
  let description = [{
    (α [Q, H, k], dα [Q, H, k]) → [Q, H, k].

    ```mlir
    func.func @softmax_grad(%weights: tensor<?x2x10xf32>, %dweights: tensor<?x2x10xf32>)
        -> tensor<?x2x10xf32> {
      %dscores = tgnn.neighbour_softmax_grad(%weights, %dweights) {scale = 0.5 : f32}
          : (tensor<?x2x10xf32>, tensor<?x2x10xf32>) -> tensor<?x2x10xf32>
      return %dscores : tensor<?x2x10xf32>
    }
    ```
  }];
}

def TGNN_LinkLossOp : TGNN_DifferentiableKernelOp<"link_loss"> {
  let summary = "mean binary cross-entropy of link prediction";
  let description = [{
    (logits [P, 1], labels i32 [P]: 0 of a pair that did not meet, else 1) →
    loss [].

    ```mlir
    func.func @loss(%logits: tensor<?x1xf32>, %labels: tensor<?xi32>) -> tensor<f32> {
      %loss = tgnn.link_loss(%logits, %labels)
          : (tensor<?x1xf32>, tensor<?xi32>) -> tensor<f32>
      return %loss : tensor<f32>
    }
    ```
  }];
}

def TGNN_LinkLossGradOp : TGNN_KernelOp<"link_loss_grad"> {
  let summary = "the gradient of link_loss";
  let description = [{
    (logits [P, 1], labels i32 [P], gradient []) → [P, 1].

    ```mlir
    func.func @loss_grad(%logits: tensor<?x1xf32>, %labels: tensor<?xi32>,
                         %dloss: tensor<f32>) -> tensor<?x1xf32> {
      %dlogits = tgnn.link_loss_grad(%logits, %labels, %dloss)
          : (tensor<?x1xf32>, tensor<?xi32>, tensor<f32>) -> tensor<?x1xf32>
      return %dlogits : tensor<?x1xf32>
    }
    ```
  }];
}

def TGNN_LabelLossOp : TGNN_DifferentiableKernelOp<"label_loss",
    (ins TGNN_LossKindAttr:$kind)> {
  let summary = "how far predictions are from labels";
  let description = [{
    (predictions [R, c], values [R, c]) → loss [], the mean over R, zero where R
    is: `cross_entropy` is -Σ_c values · log softmax(predictions), the values
    being shares of classes; `binary_cross_entropy` is the mean over c of it
    with logits, the values being probabilities; `squared_error` is the mean
    over c of (predictions - values)².

    ```mlir
    func.func @loss(%logits: tensor<?x3xf32>, %shares: tensor<?x3xf32>) -> tensor<f32> {
      %loss = tgnn.label_loss(%logits, %shares) {kind = #tgnn<loss cross_entropy>}
          : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<f32>
      return %loss : tensor<f32>
    }
    ```
  }];
}

def TGNN_LabelLossGradOp : TGNN_KernelOp<"label_loss_grad",
    (ins TGNN_LossKindAttr:$kind)> {
  let summary = "the gradient of label_loss by its predictions";
  let description = [{
    (predictions [R, c], values [R, c], gradient []) → [R, c].

    ```mlir
    func.func @loss_grad(%logits: tensor<?x3xf32>, %shares: tensor<?x3xf32>,
                         %dloss: tensor<f32>) -> tensor<?x3xf32> {
      %dlogits = tgnn.label_loss_grad(%logits, %shares, %dloss)
          {kind = #tgnn<loss cross_entropy>}
          : (tensor<?x3xf32>, tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
      return %dlogits : tensor<?x3xf32>
    }
    ```
  }];
}

// On the runtime's buffers, updated in place.

def TGNN_WriteRowsOp : TGNN_Op<"write_rows",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "writes rows into a buffer";
  let description = [{
    (values [C, w], rows i32 [C], buffer [N, w]).

    ```mlir
    func.func @train(%next: memref<?x8xf32>, %nodes: memref<?xi32>, %memory: memref<?x8xf32>) {
      tgnn.write_rows %next, %nodes, %memory
          : memref<?x8xf32>, memref<?xi32>, memref<?x8xf32>
      return
    }
    ```
  }];
  let arguments = (ins AnyType:$values, AnyType:$rows, AnyMemRef:$buffer);
  let assemblyFormat = [{
    $values `,` $rows `,` $buffer attr-dict `:` type($values) `,` type($rows)
    `,` type($buffer)
  }];
  let hasVerifier = 1;
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNKERNELOPS_TD
