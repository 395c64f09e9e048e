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
  }];
}

def TGNN_GatherGradOp : TGNN_KernelOp<"gather_grad"> {
  let summary = "sums the gradients of a gather by row of its table";
  let description = [{
    (gradient [Q, w] or [Q, k, w], offsets i32 [R+1], references i32) → [R, w].
  }];
}

def TGNN_ReplaceRowsOp : TGNN_DifferentiableKernelOp<"replace_rows"> {
  let summary = "a table with some rows replaced";
  let description = [{
    (table [R, w], rows i32 [P], distinct, values [P, w]) → [R, w]. The table
    gets no gradient.
  }];
}

def TGNN_TimeEncodeOp : TGNN_DifferentiableKernelOp<"time_encode"> {
  let summary = "φ(Δt) = cos(w Δt + b)";
  let description = "(Δt [Q] or [Q, k], w [T], b [T]) → [Q, T] or [Q, k, T].";
}

def TGNN_TimeEncodeGradOp : TGNN_KernelOp<"time_encode_grad"> {
  let summary = "the gradients of time_encode's frequencies and phases";
  let description = "(Δt, w [T], b [T], gradient […, T]) → [T], [T].";
}

def TGNN_MaskRowsOp : TGNN_DifferentiableKernelOp<"mask_rows"> {
  let summary = "zeros in the rows whose count is zero";
  let description = "(x [Q, w], counts i32 [Q]) → [Q, w].";
}

def TGNN_DropoutOp : TGNN_DifferentiableKernelOp<"dropout",
    (ins F32Attr:$rate, I64Attr:$salt)> {
  let summary = "zeroes a random share of the elements and scales the others";
  let description = [{
    (x, seed i64) → as x. Element i, in row-major order, is kept where
    hash(seed, salt, i) ≥ rate · 2^32: a counter-based generator, so that the
    adjoint and a resumed run draw the same. `DropoutMask` in passes/Kernels
    says which.
  }];
}

def TGNN_LayerNormOp : TGNN_DifferentiableKernelOp<"layer_norm",
    (ins DefaultValuedAttr<F32Attr, "1.0e-5f">:$epsilon)> {
  let summary = "layer normalisation of each row";
  let description = [{
    (x [Q, w], scale [w], shift [w]) → y [Q, w], and each row's mean and
    1/sqrt(variance + ε) [Q, 2] (Ba et al. 2016).
  }];
}

def TGNN_LayerNormGradOp : TGNN_KernelOp<"layer_norm_grad"> {
  let summary = "the gradient of layer_norm's input";
  let description = "(x [Q, w], scale [w], statistics [Q, 2], dy [Q, w]) → [Q, w].";
}

def TGNN_LayerNormParameterGradOp
    : TGNN_KernelOp<"layer_norm_parameter_grad"> {
  let summary = "the gradients of layer_norm's scale and shift";
  let description = "(x [Q, w], statistics [Q, 2], dy [Q, w]) → [w], [w].";
}

def TGNN_GruGatesOp : TGNN_DifferentiableKernelOp<"gru_gates"> {
  let summary = "the elementwise half of a gated recurrent unit";
  let description = [{
    (a [P, 3n], c [P, 3n], state h [P, n]) → h' [P, n] with r = σ(a_r + c_r),
    z = σ(a_z + c_z), n = tanh(a_n + r c_n), h' = (1 - z) n + z h.
  }];
}

def TGNN_GruGatesGradOp : TGNN_KernelOp<"gru_gates_grad"> {
  let summary = "the gradients of gru_gates";
  let description = "(a, c, h, dh' [P, n]) → da [P, 3n], dc [P, 3n], dh [P, n].";
}

def TGNN_AttendOp : TGNN_KernelOp<"attend",
    (ins F32Attr:$scale, F32Attr:$dropout, I64Attr:$salt, BoolAttr:$time),
    [DeclareOpInterfaceMethods<DifferentiableOpInterface>], [{
    /// Position of the first table among the inputs.
    unsigned getFirstTable() { return getTime() ? 6 : 3; }
  }]> {
  let summary = "attention over neighbours that are gathered in the kernel";
  let description = [{
    Inputs: u [Q, H, d], counts i32 [Q], seed i64, then, where `time` is set,
    Δt [Q, k], w [T], b [T], then pairs of a table [R, w] and an index i32
    [Q, k]. Key j of query q is the concatenation of the tables' rows
    table[index[q, j]] and, last, cos(w Δt[q, j] + b): it exists only inside the
    kernel. A table that needs a gradient must have a frontier's map as index.

        α_hj = dropout(softmax over j < counts[q] of scale · u_h · key_j)
        z_h  = Σ_j α_hj key_j

    Results: z [Q, H, d] and the softmax before dropout [Q, H, k]. Dropout draws
    as `tgnn.dropout` of the softmax does.
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
  }];
}

def TGNN_AttendTableGradOp : TGNN_KernelOp<"attend_table_grad",
    (ins I64Attr:$column, I64Attr:$width)> {
  let summary = "the gradient of one of attend's tables";
  let description = [{
    (dz, u, a, c, offsets i32 [R+1], references i32) → [R, width]: row r is the
    sum over r's references (q, j) of the key gradient's columns [column,
    column + width).
  }];
}

def TGNN_AttendTimeGradOp : TGNN_KernelOp<"attend_time_grad",
    (ins I64Attr:$column)> {
  let summary = "the gradients of attend's frequencies and phases";
  let description = [{
    (dz, u, a, c, counts i32 [Q], Δt [Q, k], w [T], b [T]) → [T], [T]; the time
    encoding starts at `column` of the keys.
  }];
}

def TGNN_NeighbourSoftmaxOp : TGNN_DifferentiableKernelOp<"neighbour_softmax",
    (ins F32Attr:$scale)> {
  let summary = "softmax over the valid neighbours";
  let description = [{
    (scores [Q, H, k], counts i32 [Q]) → [Q, H, k]: softmax of scale · scores
    over j < counts[q], zero elsewhere.
  }];
}

def TGNN_NeighbourSoftmaxGradOp : TGNN_KernelOp<"neighbour_softmax_grad",
    (ins F32Attr:$scale)> {
  let summary = "the gradient of neighbour_softmax";
  let description = "(α [Q, H, k], dα [Q, H, k]) → [Q, H, k].";
}

def TGNN_LinkLossOp : TGNN_DifferentiableKernelOp<"link_loss"> {
  let summary = "mean binary cross-entropy of link prediction";
  let description = [{
    (logits [2B, 1]): the first half are events, the second half negatives →
    loss [].
  }];
}

def TGNN_LinkLossGradOp : TGNN_KernelOp<"link_loss_grad"> {
  let summary = "the gradient of link_loss";
  let description = "(logits [2B, 1], gradient []) → [2B, 1].";
}

// Kernels on the runtime's buffers: they update these in place.

def TGNN_AdamOp : TGNN_Op<"adam", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "one step of Adam on buffers";
  let description = [{
    With g the gradient, at step t (from 1) and β1 = 0.9, β2 = 0.999, ε = 1e-8
    (Kingma and Ba 2015):

        m ← β1 m + (1 - β1) g            v ← β2 v + (1 - β2) g²
        parameter ← parameter - rate · (m / (1 - β1^t)) / (√(v / (1 - β2^t)) + ε)
  }];
  let arguments = (ins AnyType:$gradient, AnyMemRef:$parameter,
                       AnyMemRef:$first_moment, AnyMemRef:$second_moment,
                       F32:$learning_rate, I64:$step);
  let assemblyFormat = [{
    $gradient `,` $parameter `,` $first_moment `,` $second_moment `,`
    $learning_rate `,` $step attr-dict `:` type($gradient) `,` type($parameter)
    `,` type($first_moment) `,` type($second_moment)
  }];
  let hasVerifier = 1;
}

def TGNN_WriteRowsOp : TGNN_Op<"write_rows",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "writes rows into a buffer";
  let description = "(values [C, w], rows i32 [C], buffer [N, w]).";
  let arguments = (ins AnyType:$values, AnyType:$rows, AnyMemRef:$buffer);
  let assemblyFormat = [{
    $values `,` $rows `,` $buffer attr-dict `:` type($values) `,` type($rows)
    `,` type($buffer)
  }];
  let hasVerifier = 1;
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNKERNELOPS_TD
