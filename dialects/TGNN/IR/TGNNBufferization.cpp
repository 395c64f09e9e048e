//===- TGNNBufferization.cpp - Kernels on buffers -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace orcinus::tgnn;

namespace {

/// The buffers of `values`, each of which may be a tensor, a buffer or a
/// scalar.
FailureOr<SmallVector<Value>> getBuffers(RewriterBase &rewriter,
                                         ValueRange values,
                                         const BufferizationOptions &options,
                                         BufferizationState &state) {
  SmallVector<Value> buffers;
  for (Value value : values) {
    if (!isa<TensorType>(value.getType())) {
      buffers.push_back(value);
      continue;
    }
    FailureOr<Value> buffer = getBuffer(rewriter, value, options, state);
    if (failed(buffer))
      return failure();
    buffers.push_back(*buffer);
  }
  return buffers;
}

/// An op that reads its tensors, writes none of them, and whose results share
/// memory with none.
template <typename Model, typename ReaderOp>
struct ReaderModel : BufferizableOpInterface::ExternalModel<Model, ReaderOp> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }
};

/// A kernel reads its inputs and returns new values: its results never share
/// memory with anything.
template <typename KernelOp>
struct KernelModel : ReaderModel<KernelModel<KernelOp>, KernelOp> {
  bool bufferizesToAllocation(Operation *, Value) const { return true; }
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto kernel = cast<KernelOp>(op);
    FailureOr<SmallVector<Value>> inputs =
        getBuffers(rewriter, kernel.getInputs(), options, state);
    if (failed(inputs))
      return failure();
    SmallVector<Value> outs;
    for (OpResult result : op->getResults()) {
      auto type = cast<RankedTensorType>(result.getType());
      SmallVector<Value> extents;
      for (auto [dimension, extent] : llvm::enumerate(type.getShape()))
        if (ShapedType::isDynamic(extent))
          extents.push_back(kernel.buildResultExtent(
              rewriter, *inputs, result.getResultNumber(), dimension));
      outs.push_back(memref::AllocOp::create(
          rewriter, op->getLoc(),
          MemRefType::get(type.getShape(), type.getElementType()), extents));
    }
    OperationState newState(op->getLoc(), op->getName());
    newState.addOperands(*inputs);
    newState.addOperands(outs);
    NamedAttrList attributes(op->getAttrs());
    attributes.set(
        "operandSegmentSizes",
        rewriter.getDenseI32ArrayAttr({static_cast<int32_t>(inputs->size()),
                                       static_cast<int32_t>(outs.size())}));
    newState.addAttributes(attributes);
    rewriter.create(newState);
    replaceOpWithBufferizedValues(rewriter, op, outs);
    return success();
  }
};

/// An op that reads tensors, writes buffers of the runtime and returns nothing.
template <typename SinkOp>
struct SinkModel : ReaderModel<SinkModel<SinkOp>, SinkOp> {
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    FailureOr<SmallVector<Value>> operands =
        getBuffers(rewriter, op->getOperands(), options, state);
    if (failed(operands))
      return failure();
    SinkOp::create(rewriter, op->getLoc(), TypeRange(), *operands,
                   op->getAttrs());
    rewriter.eraseOp(op);
    return success();
  }
};

template <typename... KernelOps>
void attachKernelModels(MLIRContext *context) {
  (KernelOps::template attachInterface<KernelModel<KernelOps>>(*context), ...);
}

} // namespace

void orcinus::tgnn::registerBufferizationModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, TGNNDialect *) {
    attachKernelModels<
        AttendGradOp, AttendOp, AttendTableGradOp, AttendTimeGradOp,
        ClipScaleOp, DropoutOp, GatherGradOp, GatherOp, GruGatesGradOp,
        GruGatesOp, LabelLossGradOp, LabelLossOp, LayerNormGradOp, LayerNormOp,
        LayerNormParameterGradOp, LinkLossGradOp, LinkLossOp, MaskRowsOp,
        MaskTokensOp, MeanRowsOp, MeanTokensGradOp, MeanTokensOp,
        NeighbourSoftmaxGradOp, NeighbourSoftmaxOp, ReplaceRowsOp,
        SquaredNormOp, TimeEncodeGradOp, TimeEncodeOp>(context);
    AdamOp::attachInterface<SinkModel<AdamOp>>(*context);
    AdamWOp::attachInterface<SinkModel<AdamWOp>>(*context);
    SgdOp::attachInterface<SinkModel<SgdOp>>(*context);
    WriteRowsOp::attachInterface<SinkModel<WriteRowsOp>>(*context);
  });
}
