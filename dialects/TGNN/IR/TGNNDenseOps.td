//===- TGNNDenseOps.td - Level 3: pure functions of tensors -----*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNDENSEOPS_TD
#define ORCINUS_DIALECTS_TGNN_IR_TGNNDENSEOPS_TD

include "dialects/Autodiff/IR/AutodiffInterfaces.td"
include "dialects/TGNN/IR/TGNNInterfaces.td"
include "dialects/TGNN/IR/TGNNModelOps.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

// Result types are inferred; a type that says less than the inferred one (a
// dynamic extent) is accepted, because extents are named before they are known.
class TGNN_DenseOp<string opMnemonic, list<Trait> traits = []>
    : TGNN_Op<opMnemonic, traits # [Pure,
        DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let extraClassDeclaration = [{
    static bool isCompatibleReturnTypes(::mlir::TypeRange inferred,
                                        ::mlir::TypeRange actual);
  }];
}

class TGNN_DifferentiableOp<string opMnemonic, list<Trait> traits = []>
    : TGNN_DenseOp<opMnemonic, traits # [
        DeclareOpInterfaceMethods<DifferentiableOpInterface>]>;

def TGNN_ContractOp : TGNN_DifferentiableOp<"contract"> {
  let summary = "a product of two tensors summed over shared labels";
  let description = [{
    `spec` labels every dimension by a letter, as einsum does: labels in both
    inputs and not in the result are summed. A label of an input must occur in
    the other input or in the result. The result is added to `init` if given.

    ```mlir
    func.func @contract(%x: tensor<?x8xf32>, %w: tensor<8x4xf32>, %b: tensor<?x4xf32>)
        -> tensor<?x4xf32> {
      %y = tgnn.contract "qi,io->qo" %x, %w init(%b : tensor<?x4xf32>)
          : tensor<?x8xf32>, tensor<8x4xf32> -> tensor<?x4xf32>
      return %y : tensor<?x4xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$spec, AnyRankedTensor:$lhs,
                       AnyRankedTensor:$rhs, Optional<AnyRankedTensor>:$init);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $spec $lhs `,` $rhs (`init` `(` $init^ `:` type($init) `)`)? attr-dict `:`
    type($lhs) `,` type($rhs) `->` type($result)
  }];
}

def TGNN_LinearOp : TGNN_DenseOp<"linear"> {
  let summary = "x·W + b";
  let description = [{
    x [Q, …, i], W [i, o], b [o] → [Q, …, o]. `tgnn-decompose` turns it into
    `tgnn.contract` on rows, one for each part of a concatenated x.

    ```mlir
    func.func @linear(%x: tensor<?x8xf32>, %w: tensor<8x4xf32>, %b: tensor<4xf32>)
        -> tensor<?x4xf32> {
      %y = tgnn.linear %x, %w, %b
          : tensor<?x8xf32>, tensor<8x4xf32>, tensor<4xf32> -> tensor<?x4xf32>
      return %y : tensor<?x4xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$weight,
                       AnyRankedTensor:$bias);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $input `,` $weight `,` $bias attr-dict `:` type($input) `,` type($weight)
    `,` type($bias) `->` type($result)
  }];
}

def TGNN_TemporalAttentionOp : TGNN_DenseOp<"temporal_attention",
    [WeightDropoutOpInterface]> {
  let summary = "multi-head attention over temporal neighbours";
  let description = [{
    Query [Q, H·a], keys [Q, k, d], valid counts [Q], key weights [H, d, a],
    value weights [H, d, v] → [Q, H·v]:

        score_hj = q_h · (key_j · Wk_h) / sqrt(a),  α_h = softmax over the valid j,
        result_h = Σ_j α_hj (key_j · Wv_h)

    with dropout at `dropout` on α in training, and zero for a query without a
    valid neighbour. Keys have no bias, which the softmax cancels, and values
    none, which the output's bias absorbs.

    `form` says which side is projected: k neighbours by Wk and Wv, or once a
    query, since q_h · (Wkᵀ key_j) = (Wk q_h) · key_j and
    Σ α_j Wv key_j = Wv Σ α_j key_j. `tgnn-decompose` chooses by cost where it
    is `automatic`.

    ```mlir
    func.func @attention(%query: tensor<?x16xf32>, %keys: tensor<?x10x12xf32>,
                         %counts: tensor<?xi32>, %wk: tensor<2x12x8xf32>,
                         %wv: tensor<2x12x8xf32>) -> tensor<?x16xf32> {
      %y = tgnn.temporal_attention %query, %keys, %counts, %wk, %wv
          {form = #tgnn<attention_form project_query>}
          : (tensor<?x16xf32>, tensor<?x10x12xf32>, tensor<?xi32>,
             tensor<2x12x8xf32>, tensor<2x12x8xf32>) -> tensor<?x16xf32>
      return %y : tensor<?x16xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$query, AnyRankedTensor:$key,
                       AnyRankedTensor:$counts, AnyRankedTensor:$key_weight,
                       AnyRankedTensor:$value_weight,
                       DefaultValuedAttr<F32Attr, "0.0f">:$dropout,
                       DefaultValuedAttr<I64Attr, "0">:$salt,
                       DefaultValuedAttr<TGNN_AttentionFormAttr,
                         "AttentionForm::Automatic">:$form);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $query `,` $key `,` $counts `,` $key_weight `,` $value_weight attr-dict `:`
    functional-type(operands, results)
  }];
}

def TGNN_GruOp : TGNN_DenseOp<"gru"> {
  let summary = "a gated recurrent unit";
  let description = [{
    Input [P, i], state [P, n], input weights [i, 3n] and bias [3n], state
    weights [n, 3n] and bias [3n], gates in the order reset, update, new →
    the next state [P, n] (Cho et al. 2014, in PyTorch's form).

    ```mlir
    func.func @update(%message: tensor<?x16xf32>, %state: tensor<?x8xf32>,
                      %wx: tensor<16x24xf32>, %bx: tensor<24xf32>,
                      %wh: tensor<8x24xf32>, %bh: tensor<24xf32>) -> tensor<?x8xf32> {
      %next = tgnn.gru %message, %state, %wx, %bx, %wh, %bh
          : (tensor<?x16xf32>, tensor<?x8xf32>, tensor<16x24xf32>, tensor<24xf32>,
             tensor<8x24xf32>, tensor<24xf32>) -> tensor<?x8xf32>
      return %next : tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$state,
                       AnyRankedTensor:$input_weight,
                       AnyRankedTensor:$input_bias,
                       AnyRankedTensor:$state_weight,
                       AnyRankedTensor:$state_bias);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def TGNN_RnnCellOp : TGNN_DenseOp<"rnn_cell"> {
  let summary = "tanh(x·W + b + h·U + c), an Elman cell";
  let description = [{
    Input x [P, i], state h [P, n], input weight W [i, n] and bias b [n], state
    weight U [n, n] and bias c [n] → the next state [P, n] (Elman 1990, in
    PyTorch's form).

    ```mlir
    func.func @update(%message: tensor<?x16xf32>, %state: tensor<?x8xf32>,
                      %wx: tensor<16x8xf32>, %bx: tensor<8xf32>,
                      %wh: tensor<8x8xf32>, %bh: tensor<8xf32>) -> tensor<?x8xf32> {
      %next = tgnn.rnn_cell %message, %state, %wx, %bx, %wh, %bh
          : (tensor<?x16xf32>, tensor<?x8xf32>, tensor<16x8xf32>, tensor<8xf32>,
             tensor<8x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
      return %next : tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$state,
                       AnyRankedTensor:$input_weight,
                       AnyRankedTensor:$input_bias,
                       AnyRankedTensor:$state_weight,
                       AnyRankedTensor:$state_bias);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def TGNN_LstmOp : TGNN_DenseOp<"lstm"> {
  let summary = "a long short-term memory";
  let description = [{
    Input [P, i], state [P, n], cell [P, n], input weights [i, 4n] and bias [4n],
    state weights [n, 4n] and bias [4n], gates in the order input, forget, cell,
    output → the next state and the next cell (Hochreiter and Schmidhuber 1997,
    in PyTorch's form).

    ```mlir
    func.func @update(%message: tensor<?x16xf32>, %state: tensor<?x8xf32>,
                      %cell: tensor<?x8xf32>, %wx: tensor<16x32xf32>,
                      %bx: tensor<32xf32>, %wh: tensor<8x32xf32>,
                      %bh: tensor<32xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
      %next, %kept = tgnn.lstm %message, %state, %cell, %wx, %bx, %wh, %bh
          : (tensor<?x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<16x32xf32>,
             tensor<32xf32>, tensor<8x32xf32>, tensor<32xf32>)
          -> (tensor<?x8xf32>, tensor<?x8xf32>)
      return %next, %kept : tensor<?x8xf32>, tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$state,
                       AnyRankedTensor:$cell, AnyRankedTensor:$input_weight,
                       AnyRankedTensor:$input_bias,
                       AnyRankedTensor:$state_weight,
                       AnyRankedTensor:$state_bias);
  let results = (outs AnyRankedTensor:$next_state, AnyRankedTensor:$next_cell);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def TGNN_TokenAttentionOp : TGNN_DenseOp<"token_attention",
    [DeclareOpInterfaceMethods<SizedOpInterface>,
     WeightDropoutOpInterface]> {
  let summary = "multi-head attention between tokens";
  let description = [{
    Queries [Q, m, H·a], keys [Q, k, H·a], values [Q, k, H·v], optionally the
    number of valid keys [Q], which come first; without it all are valid →
    [Q, m, H·v]: in each of the H `heads`, for every token i of a query,

        α_j = softmax over the valid j of q_i · key_j / sqrt(a)
        result_i = Σ_j α_j value_j

    with dropout at `dropout` on α in training, and zero where no key is valid
    (Vaswani et al. 2017). Self-attention has its three inputs from linear maps
    of the same tokens.

    ```mlir
    func.func @attention(%query: tensor<?x10x16xf32>, %key: tensor<?x10x16xf32>,
                         %value: tensor<?x10x16xf32>, %counts: tensor<?xi32>)
        -> tensor<?x10x16xf32> {
      %y = tgnn.token_attention %query, %key, %value, %counts heads(2)
          : (tensor<?x10x16xf32>, tensor<?x10x16xf32>, tensor<?x10x16xf32>,
             tensor<?xi32>) -> tensor<?x10x16xf32>
      return %y : tensor<?x10x16xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$query, AnyRankedTensor:$key,
                       AnyRankedTensor:$value,
                       Optional<AnyRankedTensor>:$counts,
                       DictionaryAttr:$heads,
                       DefaultValuedAttr<F32Attr, "0.0f">:$dropout,
                       DefaultValuedAttr<I64Attr, "0">:$salt);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`,` $counts^)? `heads` `(` `` custom<Extent>($heads)
    `)` attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def TGNN_ConcatOp : TGNN_DifferentiableOp<"concat"> {
  let summary = "concatenates along the last dimension";
  let description = [{
    [Q, …, a], [Q, …, b], … → [Q, …, a + b + …]. Extents other than the last are
    the same. Folding removes inputs without a column, and the op where one input
    is left.

    ```mlir
    func.func @concat(%x: tensor<?x8xf32>, %t: tensor<?x4xf32>) -> tensor<?x12xf32> {
      %y = tgnn.concat %x, %t : tensor<?x8xf32>, tensor<?x4xf32> -> tensor<?x12xf32>
      return %y : tensor<?x12xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` type($inputs) `->` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def TGNN_SliceOp : TGNN_DifferentiableOp<"slice",
    [DeclareOpInterfaceMethods<SizedOpInterface>]> {
  let summary = "a range of one dimension";
  let description = [{
    The elements whose index in `dimension` lies in [offset, offset + size); the
    other dimensions stay whole. A slice of a whole dimension folds to its input.
    In a model, offset and size may be made of named sizes: `size(dim / 2)`.

    ```mlir
    func.func @slice(%w: tensor<12x8xf32>) -> tensor<4x8xf32> {
      %y = tgnn.slice %w dimension(0) offset(8) size(4)
          : tensor<12x8xf32> -> tensor<4x8xf32>
      return %y : tensor<4x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$dimension,
                       DictionaryAttr:$offset, DictionaryAttr:$size);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $input `dimension` `(` `` $dimension `)` `offset` `(` `` custom<Extent>($offset)
    `)` `size` `(` `` custom<Extent>($size) `)` attr-dict `:` type($input) `->`
    type($result)
  }];
  let builders = [
    OpBuilder<(ins "::mlir::Value":$input, "int64_t":$dimension,
                   "int64_t":$offset, "int64_t":$size)>,
    OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$input,
                   "int64_t":$dimension, "int64_t":$offset, "int64_t":$size)>
  ];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def TGNN_PadOp : TGNN_DenseOp<"pad"> {
  let summary = "zeros around a range of one dimension: the adjoint of slice";
  let description = [{
    `dimension` gets the extent `size`: the input lies at `offset`, zeros before
    and behind it.

    ```mlir
    func.func @pad(%dy: tensor<4x8xf32>) -> tensor<12x8xf32> {
      %dw = tgnn.pad %dy dimension(0) offset(8) size(12)
          : tensor<4x8xf32> -> tensor<12x8xf32>
      return %dw : tensor<12x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$dimension,
                       I64Attr:$offset, I64Attr:$size);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $input `dimension` `(` `` $dimension `)` `offset` `(` `` $offset `)` `size`
    `(` `` $size `)` attr-dict `:` type($input) `->` type($result)
  }];
}

def TGNN_ReshapeOp : TGNN_DifferentiableOp<"reshape",
    [DeclareOpInterfaceMethods<SizedOpInterface>]> {
  let summary = "splits or joins trailing dimensions";
  let description = [{
    The trailing extents become `trailing`; the first extent becomes what is left
    over, so that the number of elements stays the same. In a model, trailing
    extents may be made of named sizes, `[heads, dim / 2]`; elsewhere they are
    numbers. Tokens [Q, k, w] become rows [Q · k, w] by `to [w]`, and rows become
    tokens by `to [k, w]`.

    ```mlir
    func.func @heads(%x: tensor<?x16xf32>) -> tensor<?x2x8xf32> {
      %y = tgnn.reshape %x to [2, 8] : tensor<?x16xf32> -> tensor<?x2x8xf32>
      return %y : tensor<?x2x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, ArrayAttr:$trailing);
  let results = (outs AnyRankedTensor:$result);
  let builders = [
    OpBuilder<(ins "::mlir::Value":$input,
                   "::llvm::ArrayRef<int64_t>":$trailing)>,
    OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$input,
                   "::llvm::ArrayRef<int64_t>":$trailing)>
  ];
  let assemblyFormat = [{
    $input `to` custom<Extents>($trailing) attr-dict `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
}

class TGNN_BinaryOp<string opMnemonic, string text>
    : TGNN_DifferentiableOp<opMnemonic> {
  let summary = text;
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)
  }];
}

def TGNN_AddOp : TGNN_BinaryOp<"add", "elementwise sum"> {
  let description = [{
    Both operands and the result have one shape: nothing is broadcast.

    ```mlir
    func.func @add(%x: tensor<?x8xf32>, %y: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %z = tgnn.add %x, %y : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
      return %z : tensor<?x8xf32>
    }
    ```
  }];
}
def TGNN_MulOp : TGNN_BinaryOp<"mul", "elementwise product"> {
  let description = [{
    Both operands and the result have one shape: nothing is broadcast.

    ```mlir
    func.func @mul(%x: tensor<?x8xf32>, %y: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %z = tgnn.mul %x, %y : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
      return %z : tensor<?x8xf32>
    }
    ```
  }];
}

class TGNN_ActivationGradOp<string opMnemonic, string text>
    : TGNN_DenseOp<opMnemonic> {
  let summary = text;
  let arguments = (ins AnyRankedTensor:$value, AnyRankedTensor:$gradient);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $value `,` $gradient attr-dict `:` type($value) `,` type($gradient) `->` type($result)
  }];
}

def TGNN_ReluGradOp : TGNN_ActivationGradOp<"relu_grad",
    "the gradient where relu's result is positive"> {
  let description = [{
    The adjoint of `tgnn.relu`: value is relu's result y, of the gradient's shape;
    the result is dy where y > 0 and 0 elsewhere.

    ```mlir
    func.func @relu_grad(%y: tensor<?x8xf32>, %dy: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %dx = tgnn.relu_grad %y, %dy : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
      return %dx : tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_GeluGradOp : TGNN_ActivationGradOp<"gelu_grad",
    "the gradient of gelu's input"> {
  let description = [{
    value is gelu's input x, of the gradient's shape; the result is
    dy (Φ(x) + x φ(x)) with the normal distribution's Φ and density φ.

    ```mlir
    func.func @gelu_grad(%x: tensor<?x8xf32>, %dy: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %dx = tgnn.gelu_grad %x, %dy : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
      return %dx : tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_TanhGradOp : TGNN_ActivationGradOp<"tanh_grad",
    "the gradient of tanh's input"> {
  let description = [{
    value is tanh's result y, of the gradient's shape; the result is
    dy (1 - y²).

    ```mlir
    func.func @tanh_grad(%y: tensor<?x8xf32>, %dy: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %dx = tgnn.tanh_grad %y, %dy : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
      return %dx : tensor<?x8xf32>
    }
    ```
  }];
}

def TGNN_SigmoidGradOp : TGNN_ActivationGradOp<"sigmoid_grad",
    "the gradient of sigmoid's input"> {
  let description = [{
    value is sigmoid's result y, of the gradient's shape; the result is
    dy y (1 - y).

    ```mlir
    func.func @sigmoid_grad(%y: tensor<?x8xf32>, %dy: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %dx = tgnn.sigmoid_grad %y, %dy : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
      return %dx : tensor<?x8xf32>
    }
    ```
  }];
}

class TGNN_UnaryOp<string opMnemonic, string text>
    : TGNN_DifferentiableOp<opMnemonic> {
  let summary = text;
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def TGNN_ReluOp : TGNN_UnaryOp<"relu", "max(x, 0)"> {
  let description = [{
    Elementwise. Its gradient at 0 is 0.

    ```mlir
    func.func @relu(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = tgnn.relu %x : tensor<?x8xf32> -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}
def TGNN_GeluOp : TGNN_UnaryOp<"gelu", "x Φ(x)"> {
  let description = [{
    Elementwise: x (1 + erf(x / √2)) / 2, the exact form (Hendrycks and Gimpel
    2016), which PyTorch has by default.

    ```mlir
    func.func @gelu(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = tgnn.gelu %x : tensor<?x8xf32> -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}
def TGNN_TanhOp : TGNN_UnaryOp<"tanh", "the hyperbolic tangent"> {
  let description = [{
    Elementwise.

    ```mlir
    func.func @tanh(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = tgnn.tanh %x : tensor<?x8xf32> -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}
def TGNN_SigmoidOp : TGNN_UnaryOp<"sigmoid", "1 / (1 + exp(-x))"> {
  let description = [{
    Elementwise.

    ```mlir
    func.func @sigmoid(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = tgnn.sigmoid %x : tensor<?x8xf32> -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}
def TGNN_ScaleOp : TGNN_UnaryOp<"scale", "a multiple"> {
  let description = [{
    Each element times `factor`.

    ```mlir
    func.func @negate(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = tgnn.scale %x by -1.0 : tensor<?x8xf32> -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, F32Attr:$factor);
  let assemblyFormat = [{
    $input `by` $factor attr-dict `:` type($input) `->` type($result)
  }];
}
def TGNN_TransposeOp : TGNN_UnaryOp<"transpose",
    "the last two dimensions in each other's place"> {
  let description = [{
    x [Q, …, a, b] → [Q, …, b, a]. A transposition of a transposition folds to
    its input.

    ```mlir
    func.func @transpose(%x: tensor<?x10x8xf32>) -> tensor<?x8x10xf32> {
      %y = tgnn.transpose %x : tensor<?x10x8xf32> -> tensor<?x8x10xf32>
      return %y : tensor<?x8x10xf32>
    }
    ```
  }];
  let hasFolder = 1;
}
def TGNN_StopGradientOp : TGNN_UnaryOp<"stop_gradient",
    "the value itself, through which no gradient flows"> {
  let description = [{
    What its input depends on gets no gradient by this use of it. Reused
    embeddings are read through it.

    ```mlir
    func.func @stop(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = tgnn.stop_gradient %x : tensor<?x8xf32> -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}
def TGNN_SumRowsOp : TGNN_UnaryOp<"sum_rows",
    "the sum over all but the last dimension"> {
  let description = [{
    x [Q, …, n] → [n]: the gradient of a bias.

    ```mlir
    func.func @sum(%dy: tensor<?x8xf32>) -> tensor<8xf32> {
      %db = tgnn.sum_rows %dy : tensor<?x8xf32> -> tensor<8xf32>
      return %db : tensor<8xf32>
    }
    ```
  }];
}

def TGNN_BroadcastRowsOp : TGNN_DifferentiableOp<"broadcast_rows"> {
  let summary = "repeats a vector or a table for each row of another tensor";
  let description = [{
    v [n], like [Q, …] → [Q, n], or v [k, n], such as positions of tokens →
    [Q, k, n]. Only the number of rows of `like` is read, and folding traces it
    to the value that first had as many.

    ```mlir
    func.func @broadcast(%b: tensor<8xf32>, %x: tensor<?x4xf32>) -> tensor<?x8xf32> {
      %y = tgnn.broadcast_rows %b like %x : tensor<8xf32>, tensor<?x4xf32> -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
  let hasFolder = 1;
  let arguments = (ins AnyRankedTensor:$vector, AnyRankedTensor:$like);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $vector `like` $like attr-dict `:` type($vector) `,` type($like) `->` type($result)
  }];
}

def TGNN_LinkPairsOp : TGNN_DifferentiableOp<"link_pairs"> {
  let summary = "the pairs to be scored: events, then their negatives";
  let description = [{
    Embeddings [3B, d] of sources, destinations and negatives → sources twice
    [2B, d] and destinations followed by negatives [2B, d].

    ```mlir
    func.func @pairs(%h: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
      %sources, %destinations = tgnn.link_pairs %h
          : tensor<?x8xf32> -> tensor<?x8xf32>, tensor<?x8xf32>
      return %sources, %destinations : tensor<?x8xf32>, tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$embeddings);
  let results = (outs AnyRankedTensor:$sources, AnyRankedTensor:$destinations);
  let assemblyFormat = [{
    $embeddings attr-dict `:` type($embeddings) `->` type($sources) `,` type($destinations)
  }];
}

def TGNN_LinkPairsGradOp : TGNN_DenseOp<"link_pairs_grad"> {
  let summary = "the adjoint of link_pairs";
  let description = [{
    Gradients of the sources [2B, d] and of the destinations [2B, d] → that of the
    embeddings [3B, d]: a source occurs in two pairs, whose gradients are added.

    ```mlir
    func.func @pairs_grad(%ds: tensor<?x8xf32>, %dd: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %dh = tgnn.link_pairs_grad %ds, %dd
          : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
      return %dh : tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$sources, AnyRankedTensor:$destinations);
  let results = (outs AnyRankedTensor:$embeddings);
  let assemblyFormat = [{
    $sources `,` $destinations attr-dict `:` type($sources) `,` type($destinations)
    `->` type($embeddings)
  }];
}

def TGNN_ZerosOp : TGNN_DenseOp<"zeros_like"> {
  let summary = "zeros of another tensor's shape";
  let description = [{
    Of `like` only the shape is read, not the elements.

    ```mlir
    func.func @zeros(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = tgnn.zeros_like %x : tensor<?x8xf32> -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$like);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$like attr-dict `:` type($like) `->` type($result)";
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNDENSEOPS_TD
