//===- TGNNOptimizerOps.td - Level 4: optimizers ----------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Optimizers are kernels on the runtime's buffers, which they update in place.
// Their equations are PyTorch's. `scaled` is a factor that the gradient is
// multiplied by first, as tgnn.clip_scale makes it.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNOPTIMIZEROPS_TD
#define ORCINUS_DIALECTS_TGNN_IR_TGNNOPTIMIZEROPS_TD

include "dialects/TGNN/IR/TGNNKernelOps.td"

class TGNN_AdaptiveOp<string opMnemonic>
    : TGNN_Op<opMnemonic, [MemoryEffects<[MemRead, MemWrite]>]> {
  let arguments = (ins AnyType:$gradient, AnyMemRef:$parameter,
                       AnyMemRef:$first_moment, AnyMemRef:$second_moment,
                       F32:$learning_rate, I64:$step, Optional<AnyType>:$scale,
                       DefaultValuedAttr<F64Attr, "0.9">:$beta1,
                       DefaultValuedAttr<F64Attr, "0.999">:$beta2,
                       DefaultValuedAttr<F64Attr, "1e-8">:$epsilon,
                       DefaultValuedAttr<F64Attr, "0.0">:$weight_decay);
  let assemblyFormat = [{
    $gradient `,` $parameter `,` $first_moment `,` $second_moment `,`
    $learning_rate `,` $step (`scaled` `(` $scale^ `:` type($scale) `)`)?
    attr-dict `:` type($gradient) `,` type($parameter)
    `,` type($first_moment) `,` type($second_moment)
  }];
  let hasVerifier = 1;
}

def TGNN_AdamOp : TGNN_AdaptiveOp<"adam"> {
  let summary = "one step of Adam on buffers";
  let description = [{
    With g the gradient, at step t (from 1), β1 = 0.9, β2 = 0.999 and ε = 1e-8
    if nothing else is said (Kingma and Ba 2015), and weight decay λ = 0, which
    is that of an L2 penalty:

        g ← g + λ parameter
        m ← β1 m + (1 - β1) g            v ← β2 v + (1 - β2) g²
        parameter ← parameter - rate · (m / (1 - β1^t)) / (√(v / (1 - β2^t)) + ε)

    ```mlir
    func.func @train(%dw: memref<8x4xf32>, %w: memref<8x4xf32>, %m: memref<8x4xf32>,
                     %v: memref<8x4xf32>, %rate: f32, %step: i64) {
      tgnn.adam %dw, %w, %m, %v, %rate, %step
          : memref<8x4xf32>, memref<8x4xf32>, memref<8x4xf32>, memref<8x4xf32>
      return
    }
    ```
  }];
}

def TGNN_AdamWOp : TGNN_AdaptiveOp<"adamw"> {
  let summary = "one step of Adam with decoupled weight decay on buffers";
  let description = [{
    As `tgnn.adam`, but the decay does not go through the moments (Loshchilov
    and Hutter 2019). Before the step of Adam:

        parameter ← parameter · (1 - rate · λ)

    ```mlir
    func.func @train(%dw: memref<8x4xf32>, %w: memref<8x4xf32>, %m: memref<8x4xf32>,
                     %v: memref<8x4xf32>, %rate: f32, %step: i64, %s: memref<f32>) {
      tgnn.adamw %dw, %w, %m, %v, %rate, %step scaled(%s : memref<f32>) {weight_decay = 0.01 : f64}
          : memref<8x4xf32>, memref<8x4xf32>, memref<8x4xf32>, memref<8x4xf32>
      return
    }
    ```
  }];
}

def TGNN_SgdOp : TGNN_Op<"sgd", [AttrSizedOperandSegments,
                                 MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "one step of gradient descent on buffers";
  let description = [{
    With g the gradient, weight decay λ and momentum μ, where there is a
    velocity b:

        g ← g + λ parameter
        b ← μ b + g           g ← b, or with `nesterov` g ← g + μ b
        parameter ← parameter - rate · g

    ```mlir
    func.func @train(%dw: memref<8x4xf32>, %w: memref<8x4xf32>, %b: memref<8x4xf32>,
                     %rate: f32) {
      tgnn.sgd %dw, %w, %rate velocity(%b : memref<8x4xf32>) {momentum = 0.9 : f64, nesterov}
          : memref<8x4xf32>, memref<8x4xf32>
      return
    }
    ```
  }];
  let arguments = (ins AnyType:$gradient, AnyMemRef:$parameter,
                       F32:$learning_rate, Optional<AnyMemRef>:$velocity,
                       Optional<AnyType>:$scale,
                       DefaultValuedAttr<F64Attr, "0.0">:$momentum,
                       DefaultValuedAttr<F64Attr, "0.0">:$weight_decay,
                       UnitAttr:$nesterov);
  let assemblyFormat = [{
    $gradient `,` $parameter `,` $learning_rate
    (`velocity` `(` $velocity^ `:` type($velocity) `)`)?
    (`scaled` `(` $scale^ `:` type($scale) `)`)?
    attr-dict `:` type($gradient) `,` type($parameter)
  }];
  let hasVerifier = 1;
}

// What clipping is made of.

def TGNN_SquaredNormOp : TGNN_KernelOp<"squared_norm"> {
  let summary = "the sum of squares of a gradient";
  let description = [{
    (gradient, of static extents) → [1]. Rows are summed in blocks that do not
    depend on the number of threads.

    ```mlir
    func.func @norm(%dw: tensor<8x4xf32>) -> tensor<1xf32> {
      %square = tgnn.squared_norm(%dw) : (tensor<8x4xf32>) -> tensor<1xf32>
      return %square : tensor<1xf32>
    }
    ```
  }];
}

def TGNN_ClipScaleOp : TGNN_KernelOp<"clip_scale", (ins F64Attr:$limit)> {
  let summary = "what brings a global norm to its limit";
  let description = [{
    (squared norms [1], …) → []: min(1, limit / (√(their sum) + 1e-6)).

    ```mlir
    func.func @scale(%w: tensor<1xf32>, %b: tensor<1xf32>) -> tensor<f32> {
      %scale = tgnn.clip_scale(%w, %b) {limit = 1.0 : f64}
          : (tensor<1xf32>, tensor<1xf32>) -> tensor<f32>
      return %scale : tensor<f32>
    }
    ```
  }];
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNOPTIMIZEROPS_TD
