//===- LowerKernels.cpp - Kernels on buffers to loops ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelLowerings.h"
#include "passes/Kernels/Passes.h"
#include "passes/Lowering/MemRefUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

namespace orcinus {
#define GEN_PASS_DEF_LOWERKERNELS
#include "passes/Kernels/Passes.h.inc"
} // namespace orcinus

/// Whether the first extent of `operand` is not a number of rows: a parameter,
/// or the gradient of one.
static bool needsStaticRows(OpOperand &operand) {
  Operation *op = operand.getOwner();
  if (isa<AdamOp>(op))
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

/// Attention keeps a query's keys on the stack, of which a thread has a few
/// megabytes.
static LogicalResult verifyScratch(Operation *op) {
  if (!isa<AttendOp, AttendGradOp>(op))
    return success();
  constexpr int64_t limit = 1 << 20;
  ArrayRef<int64_t> shape = shapeOf(op->getOperands().back());
  ArrayRef<int64_t> query = shapeOf(op->getOperand(isa<AttendOp>(op) ? 0 : 2));
  int64_t bytes = 4 * shape.back() * query.back();
  if (bytes > limit)
    return op->emitOpError("has keys of ")
           << bytes << " bytes a query, more than the " << limit
           << " that fit the stack";
  return success();
}

namespace {

class LowerKernelsPass
    : public orcinus::impl::LowerKernelsBase<LowerKernelsPass> {
public:
  using LowerKernelsBase::LowerKernelsBase;

  void runOnOperation() override {
    KernelEmitter emitter(
        getOperation(), VectorTarget::fromOptions(vectorBits, vectorRegisters),
        threads, parallelWork);
    SmallVector<Operation *> kernels;
    getOperation().walk([&](Operation *op) {
      if (isa<KernelOpInterface, AdamOp, WriteRowsOp>(op))
        kernels.push_back(op);
    });
    for (Operation *op : kernels) {
      if (failed(verifyOperands(op)) || failed(verifyScratch(op)))
        return signalPassFailure();
      lower<GatherOp, GatherGradOp, ReplaceRowsOp, WriteRowsOp, TimeEncodeOp,
            TimeEncodeGradOp, MaskRowsOp, DropoutOp, LayerNormOp,
            LayerNormGradOp, LayerNormParameterGradOp, GruGatesOp,
            GruGatesGradOp, NeighbourSoftmaxOp, NeighbourSoftmaxGradOp,
            AttendOp, AttendGradOp, AttendTableGradOp, AttendTimeGradOp,
            LinkLossOp, LinkLossGradOp, AdamOp>(op, emitter);
      op->erase();
      ++loweredKernels;
    }
    outlinedFunctions += emitter.numFunctions();
  }

private:
  template <typename... KernelOps>
  static void lower(Operation *op, KernelEmitter &emitter) {
    TypeSwitch<Operation *>(op).Case<KernelOps...>(
        [&](auto kernel) { lowerKernel(kernel, emitter); });
  }
};

} // namespace
