//===- KernelLowerings.cpp - Any kernel by the function for it ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelLowerings.h"

#include "passes/Lowering/MemRefUtils.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

/// Whether the first extent of `operand` is not a number of rows: a parameter,
/// or the gradient of one.
static bool needsStaticRows(OpOperand &operand) {
  Operation *op = operand.getOwner();
  if (isa<AdamOp, AdamWOp, SgdOp, SquaredNormOp>(op))
    return true;
  return isa<TimeEncodeGradOp, LayerNormParameterGradOp, AttendTimeGradOp>(
             op) &&
         operand.getOperandNumber() + 2 >= op->getNumOperands();
}

/// What every kernel's loops rely on.
static LogicalResult verifyOperands(Operation *op) {
  for (OpOperand &operand : op->getOpOperands()) {
    Type type = operand.get().getType();
    auto fail = [&](StringRef what) {
      return op->emitOpError("operand ")
             << operand.getOperandNumber() << " " << what << ", is " << type;
    };
    if (isa<TensorType>(type))
      return fail("must be a buffer");
    auto memref = dyn_cast<MemRefType>(type);
    if (!memref)
      continue;
    if (!memref.getElementType().isF32() &&
        !memref.getElementType().isInteger(32))
      return fail("must have elements of f32 or i32");
    if (memref.getRank() == 0)
      continue;
    if (needsStaticRows(operand) && memref.isDynamicDim(0))
      return fail("must have static extents");
    if (llvm::any_of(memref.getShape().drop_front(), ShapedType::isDynamic))
      return fail("must have static extents after the first");
    if (memref.getShape().back() != 1 && !hasUnitInnermostStride(operand.get()))
      return fail("must have contiguous rows");
  }
  return success();
}

/// Attention keeps a query's keys in a scratch buffer.
static LogicalResult verifyScratch(Operation *op,
                                   const KernelEmitter &emitter) {
  if (!isa<AttendOp, AttendGradOp>(op))
    return success();
  ArrayRef<int64_t> shape = shapeOf(op->getOperands().back());
  ArrayRef<int64_t> query = shapeOf(op->getOperand(isa<AttendOp>(op) ? 0 : 2));
  int64_t bytes = 4 * shape.back() * query.back();
  if (bytes > emitter.scratchLimit())
    return op->emitOpError("has keys of ")
           << bytes << " bytes a query, more than the "
           << emitter.scratchLimit() << " that fit " << emitter.scratchPlace();
  return success();
}

template <typename... KernelOps>
static void lowerAs(Operation *op, KernelEmitter &emitter) {
  TypeSwitch<Operation *>(op).Case<KernelOps...>(
      [&](auto kernel) { lowerKernel(kernel, emitter); });
}

bool orcinus::isKernel(Operation *op) {
  return isa<KernelOpInterface, AdamOp, AdamWOp, SgdOp, WriteRowsOp>(op);
}

LogicalResult orcinus::lowerAnyKernel(Operation *op, KernelEmitter &emitter) {
  if (failed(verifyOperands(op)) || failed(verifyScratch(op, emitter)))
    return failure();
  lowerAs<GatherOp, GatherGradOp, MeanRowsOp, ReplaceRowsOp, WriteRowsOp,
          TimeEncodeOp, TimeEncodeGradOp, MaskRowsOp, DropoutOp, LayerNormOp,
          LayerNormGradOp, LayerNormParameterGradOp, MaskTokensOp, MeanTokensOp,
          MeanTokensGradOp, GruGatesOp, GruGatesGradOp, NeighbourSoftmaxOp,
          NeighbourSoftmaxGradOp, AttendOp, AttendGradOp, AttendTableGradOp,
          AttendTimeGradOp, LinkLossOp, LinkLossGradOp, LabelLossOp,
          LabelLossGradOp, AdamOp, AdamWOp, SgdOp, SquaredNormOp, ClipScaleOp>(
      op, emitter);
  op->erase();
  return success();
}
