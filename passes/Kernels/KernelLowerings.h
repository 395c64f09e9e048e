//===- KernelLowerings.h - One function for each kernel ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each `lowerKernel` emits what its op does before the op. They may rely on
// what `lowerAnyKernel` checks: f32 elements, static extents after the first
// dimension, contiguous rows.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_KERNELS_KERNELLOWERINGS_H
#define ORCINUS_PASSES_KERNELS_KERNELLOWERINGS_H

#include "dialects/TGNN/IR/TGNNOps.h"
#include "passes/Kernels/KernelEmitter.h"

namespace orcinus {

/// Whether `op` is one of those below.
bool isKernel(mlir::Operation *op);

/// Replaces `op`, a kernel in buffer form, by what `emitter` makes of it; an
/// error where its operands or the scratch buffers it needs do not fit.
mlir::LogicalResult lowerAnyKernel(mlir::Operation *op, KernelEmitter &emitter);

// GatherKernels.cpp
void lowerKernel(tgnn::GatherOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::GatherGradOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::MeanRowsOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::ReplaceRowsOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::WriteRowsOp op, KernelEmitter &emitter);

// TimeEncodingKernels.cpp
void lowerKernel(tgnn::TimeEncodeOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::TimeEncodeGradOp op, KernelEmitter &emitter);

// ElementwiseKernels.cpp
void lowerKernel(tgnn::MaskRowsOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::DropoutOp op, KernelEmitter &emitter);

// TokenKernels.cpp
void lowerKernel(tgnn::MaskTokensOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::MeanTokensOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::MeanTokensGradOp op, KernelEmitter &emitter);

// NormalisationKernels.cpp
void lowerKernel(tgnn::LayerNormOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::LayerNormGradOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::LayerNormParameterGradOp op, KernelEmitter &emitter);

// RecurrentKernels.cpp
void lowerKernel(tgnn::GruGatesOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::GruGatesGradOp op, KernelEmitter &emitter);

// SoftmaxKernels.cpp
void lowerKernel(tgnn::NeighbourSoftmaxOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::NeighbourSoftmaxGradOp op, KernelEmitter &emitter);

// AttentionKernels.cpp
void lowerKernel(tgnn::AttendOp op, KernelEmitter &emitter);

// AttentionGradientKernels.cpp
void lowerKernel(tgnn::AttendGradOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::AttendTableGradOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::AttendTimeGradOp op, KernelEmitter &emitter);

// LossKernels.cpp
void lowerKernel(tgnn::LinkLossOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::LinkLossGradOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::LabelLossOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::LabelLossGradOp op, KernelEmitter &emitter);

// OptimizerKernels.cpp
void lowerKernel(tgnn::AdamOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::AdamWOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::SgdOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::SquaredNormOp op, KernelEmitter &emitter);
void lowerKernel(tgnn::ClipScaleOp op, KernelEmitter &emitter);

} // namespace orcinus

#endif // ORCINUS_PASSES_KERNELS_KERNELLOWERINGS_H
