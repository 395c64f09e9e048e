//===- TGNNAdjoints.cpp - Vector-Jacobian products ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace orcinus::tgnn;

//===----------------------------------------------------------------------===//
// Dense
//===----------------------------------------------------------------------===//

/// For r = Σ a·b over labels: da = Σ dr·b and db = Σ a·dr, over the labels that
/// da and db lack. The gradient keeps the side of the operand it replaces.
LogicalResult ContractOp::buildAdjoint(OpBuilder &builder,
                                       ValueRange resultGradients,
                                       ArrayRef<bool> needed,
                                       MutableArrayRef<Value> gradients) {
  ContractionLabels labels = *parseContractionSpec(getSpec());
  if (labels.result.empty())
    return emitOpError("is differentiable only where its result has a "
                       "dimension");
  Value gradient = resultGradients[0];
  if (needed[0])
    gradients[0] = ContractOp::create(
        builder, getLoc(), getLhs().getType(),
        (labels.result + "," + labels.rhs + "->" + labels.lhs).str(), gradient,
        getRhs(), Value());
  if (needed[1])
    gradients[1] = ContractOp::create(
        builder, getLoc(), getRhs().getType(),
        (labels.lhs + "," + labels.result + "->" + labels.rhs).str(), getLhs(),
        gradient, Value());
  if (getInit() && needed[2])
    gradients[2] = gradient;
  return success();
}

LogicalResult ConcatOp::buildAdjoint(OpBuilder &builder,
                                     ValueRange resultGradients,
                                     ArrayRef<bool> needed,
                                     MutableArrayRef<Value> gradients) {
  int64_t offset = 0;
  for (auto [index, input] : llvm::enumerate(getInputs())) {
    auto type = cast<RankedTensorType>(input.getType());
    int64_t width = type.getShape().back();
    if (needed[index])
      gradients[index] =
          SliceOp::create(builder, getLoc(), type, resultGradients[0],
                          type.getRank() - 1, offset, width);
    offset += width;
  }
  return success();
}

LogicalResult SliceOp::buildAdjoint(OpBuilder &builder,
                                    ValueRange resultGradients, ArrayRef<bool>,
                                    MutableArrayRef<Value> gradients) {
  auto type = cast<RankedTensorType>(getInput().getType());
  std::optional<int64_t> offset = constantValue(getOffset());
  if (!offset)
    return emitOpError("is differentiable only where its offset is known");
  gradients[0] =
      PadOp::create(builder, getLoc(), type, resultGradients[0], getDimension(),
                    *offset, type.getDimSize(getDimension()));
  return success();
}

LogicalResult ReshapeOp::buildAdjoint(OpBuilder &builder,
                                      ValueRange resultGradients,
                                      ArrayRef<bool>,
                                      MutableArrayRef<Value> gradients) {
  auto type = cast<RankedTensorType>(getInput().getType());
  gradients[0] = ReshapeOp::create(builder, getLoc(), type, resultGradients[0],
                                   type.getShape().drop_front());
  return success();
}

LogicalResult AddOp::buildAdjoint(OpBuilder &, ValueRange resultGradients,
                                  ArrayRef<bool> needed,
                                  MutableArrayRef<Value> gradients) {
  for (unsigned i : {0u, 1u})
    if (needed[i])
      gradients[i] = resultGradients[0];
  return success();
}

LogicalResult MulOp::buildAdjoint(OpBuilder &builder,
                                  ValueRange resultGradients,
                                  ArrayRef<bool> needed,
                                  MutableArrayRef<Value> gradients) {
  for (unsigned i : {0u, 1u})
    if (needed[i])
      gradients[i] = MulOp::create(builder, getLoc(), getOperand(i).getType(),
                                   resultGradients[0], getOperand(1 - i));
  return success();
}

LogicalResult ReluOp::buildAdjoint(OpBuilder &builder,
                                   ValueRange resultGradients, ArrayRef<bool>,
                                   MutableArrayRef<Value> gradients) {
  gradients[0] = ReluGradOp::create(builder, getLoc(), getInput().getType(),
                                    getResult(), resultGradients[0]);
  return success();
}

LogicalResult TanhOp::buildAdjoint(OpBuilder &builder,
                                   ValueRange resultGradients, ArrayRef<bool>,
                                   MutableArrayRef<Value> gradients) {
  gradients[0] = TanhGradOp::create(builder, getLoc(), getInput().getType(),
                                    getResult(), resultGradients[0]);
  return success();
}

LogicalResult SigmoidOp::buildAdjoint(OpBuilder &builder,
                                      ValueRange resultGradients,
                                      ArrayRef<bool>,
                                      MutableArrayRef<Value> gradients) {
  gradients[0] = SigmoidGradOp::create(builder, getLoc(), getInput().getType(),
                                       getResult(), resultGradients[0]);
  return success();
}

LogicalResult GeluOp::buildAdjoint(OpBuilder &builder,
                                   ValueRange resultGradients, ArrayRef<bool>,
                                   MutableArrayRef<Value> gradients) {
  gradients[0] = GeluGradOp::create(builder, getLoc(), getInput().getType(),
                                    getInput(), resultGradients[0]);
  return success();
}

LogicalResult ScaleOp::buildAdjoint(OpBuilder &builder,
                                    ValueRange resultGradients, ArrayRef<bool>,
                                    MutableArrayRef<Value> gradients) {
  gradients[0] = ScaleOp::create(builder, getLoc(), getInput().getType(),
                                 resultGradients[0], getFactorAttr());
  return success();
}

LogicalResult TransposeOp::buildAdjoint(OpBuilder &builder,
                                        ValueRange resultGradients,
                                        ArrayRef<bool>,
                                        MutableArrayRef<Value> gradients) {
  gradients[0] = TransposeOp::create(builder, getLoc(), getInput().getType(),
                                     resultGradients[0]);
  return success();
}

LogicalResult StopGradientOp::buildAdjoint(OpBuilder &, ValueRange,
                                           ArrayRef<bool>,
                                           MutableArrayRef<Value>) {
  return success();
}

LogicalResult SumRowsOp::buildAdjoint(OpBuilder &builder,
                                      ValueRange resultGradients,
                                      ArrayRef<bool>,
                                      MutableArrayRef<Value> gradients) {
  if (cast<RankedTensorType>(getInput().getType()).getRank() != 2)
    return emitOpError("is differentiable for inputs of rank 2 only");
  gradients[0] = BroadcastRowsOp::create(
      builder, getLoc(), getInput().getType(), resultGradients[0], getInput());
  return success();
}

LogicalResult BroadcastRowsOp::buildAdjoint(OpBuilder &builder,
                                            ValueRange resultGradients,
                                            ArrayRef<bool> needed,
                                            MutableArrayRef<Value> gradients) {
  if (!needed[0])
    return success();
  auto type = cast<RankedTensorType>(getVector().getType());
  if (type.getRank() == 1) {
    gradients[0] =
        SumRowsOp::create(builder, getLoc(), type, resultGradients[0]);
    return success();
  }
  if (!type.hasStaticShape())
    return emitOpError("is differentiable only where the table's extents are "
                       "static");
  Value rows = ReshapeOp::create(builder, getLoc(), resultGradients[0],
                                 {type.getNumElements()});
  Value sum = SumRowsOp::create(builder, getLoc(), rows);
  gradients[0] = ReshapeOp::create(builder, getLoc(), type, sum,
                                   type.getShape().drop_front());
  return success();
}

LogicalResult ConcatRowsOp::buildAdjoint(OpBuilder &builder,
                                         ValueRange resultGradients,
                                         ArrayRef<bool> needed,
                                         MutableArrayRef<Value> gradients) {
  if (needed[1])
    return emitOpError("is differentiable through its first operand only");
  gradients[0] = FirstRowsOp::create(builder, getLoc(), getFirst().getType(),
                                     resultGradients[0], getFirst());
  return success();
}

LogicalResult LinkPairsOp::buildAdjoint(OpBuilder &builder,
                                        ValueRange resultGradients,
                                        ArrayRef<bool>,
                                        MutableArrayRef<Value> gradients) {
  SmallVector<Value> both(resultGradients);
  for (unsigned i : {0u, 1u})
    if (!both[i])
      both[i] = ZerosOp::create(builder, getLoc(), getResult(i).getType(),
                                getResult(i));
  gradients[0] = LinkPairsGradOp::create(
      builder, getLoc(), getEmbeddings().getType(), both[0], both[1]);
  return success();
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// The inverse of a frontier's map, which the runtime prepares with it.
struct IndexInverse {
  Value offsets, references;
};

static FailureOr<IndexInverse> buildInverse(OpBuilder &builder, Operation *op,
                                            Value index) {
  auto table = index.getDefiningOp<TableOp>();
  StringRef component = table ? table.getComponent() : "";
  if (component != "self" && component != "neighbours")
    return op->emitOpError("is differentiable only where its index is a "
                           "frontier's map");
  StringRef offsets =
      component == "self" ? "self_offsets" : "reference_offsets";
  StringRef references = component == "self" ? "self_references" : "references";
  auto type =
      RankedTensorType::get({ShapedType::kDynamic}, builder.getI32Type());
  Location location = op->getLoc();
  return IndexInverse{
      TableOp::create(builder, location, type, table.getHandle(), offsets),
      TableOp::create(builder, location, type, table.getHandle(), references)};
}

LogicalResult GatherOp::buildAdjoint(OpBuilder &builder,
                                     ValueRange resultGradients, ArrayRef<bool>,
                                     MutableArrayRef<Value> gradients) {
  FailureOr<IndexInverse> inverse =
      buildInverse(builder, *this, getInputs()[1]);
  if (failed(inverse))
    return failure();
  gradients[0] =
      GatherGradOp::create(
          builder, getLoc(),
          ValueRange{resultGradients[0], inverse->offsets, inverse->references})
          ->getResult(0);
  return success();
}

LogicalResult ReplaceRowsOp::buildAdjoint(OpBuilder &builder,
                                          ValueRange resultGradients,
                                          ArrayRef<bool> needed,
                                          MutableArrayRef<Value> gradients) {
  if (needed[0])
    return emitOpError("is not differentiable with regard to its table");
  gradients[2] =
      GatherOp::create(builder, getLoc(),
                       ValueRange{resultGradients[0], getInputs()[1]})
          ->getResult(0);
  return success();
}

LogicalResult TimeEncodeOp::buildAdjoint(OpBuilder &builder,
                                         ValueRange resultGradients,
                                         ArrayRef<bool> needed,
                                         MutableArrayRef<Value> gradients) {
  if (needed[0])
    return emitOpError("is not differentiable with regard to time");
  SmallVector<Value> inputs(getInputs());
  inputs.push_back(resultGradients[0]);
  auto adjoint = TimeEncodeGradOp::create(builder, getLoc(), inputs);
  gradients[1] = adjoint->getResult(0);
  gradients[2] = adjoint->getResult(1);
  return success();
}

LogicalResult MaskRowsOp::buildAdjoint(OpBuilder &builder,
                                       ValueRange resultGradients,
                                       ArrayRef<bool>,
                                       MutableArrayRef<Value> gradients) {
  gradients[0] =
      MaskRowsOp::create(builder, getLoc(),
                         ValueRange{resultGradients[0], getInputs()[1]})
          ->getResult(0);
  return success();
}

LogicalResult MaskTokensOp::buildAdjoint(OpBuilder &builder,
                                         ValueRange resultGradients,
                                         ArrayRef<bool>,
                                         MutableArrayRef<Value> gradients) {
  gradients[0] =
      MaskTokensOp::create(builder, getLoc(),
                           ValueRange{resultGradients[0], getInputs()[1]})
          ->getResult(0);
  return success();
}

LogicalResult MeanTokensOp::buildAdjoint(OpBuilder &builder,
                                         ValueRange resultGradients,
                                         ArrayRef<bool>,
                                         MutableArrayRef<Value> gradients) {
  auto type = cast<RankedTensorType>(getInputs()[0].getType());
  if (type.isDynamicDim(1))
    return emitOpError("is differentiable only where the number of tokens is "
                       "static");
  SmallVector<Value> inputs{resultGradients[0]};
  llvm::append_range(inputs, getInputs().drop_front());
  gradients[0] =
      MeanTokensGradOp::create(
          builder, getLoc(), inputs,
          builder.getNamedAttr("tokens",
                               builder.getI64IntegerAttr(type.getDimSize(1))))
          ->getResult(0);
  return success();
}

LogicalResult DropoutOp::buildAdjoint(OpBuilder &builder,
                                      ValueRange resultGradients,
                                      ArrayRef<bool>,
                                      MutableArrayRef<Value> gradients) {
  gradients[0] =
      DropoutOp::create(
          builder, getLoc(), ValueRange{resultGradients[0], getInputs()[1]},
          ArrayRef<NamedAttribute>{{getRateAttrName(), getRateAttr()},
                                   {getSaltAttrName(), getSaltAttr()}})
          ->getResult(0);
  return success();
}

LogicalResult LayerNormOp::buildAdjoint(OpBuilder &builder,
                                        ValueRange resultGradients,
                                        ArrayRef<bool> needed,
                                        MutableArrayRef<Value> gradients) {
  Value gradient = resultGradients[0], statistics = getResult(1);
  if (!gradient || resultGradients[1])
    return emitOpError("is differentiable through its first result only");
  Value input = getInputs()[0], scale = getInputs()[1];
  if (needed[0])
    gradients[0] =
        LayerNormGradOp::create(builder, getLoc(),
                                ValueRange{input, scale, statistics, gradient})
            ->getResult(0);
  if (!needed[1] && !needed[2])
    return success();
  auto parameters = LayerNormParameterGradOp::create(
      builder, getLoc(), ValueRange{input, statistics, gradient});
  gradients[1] = parameters->getResult(0);
  gradients[2] = parameters->getResult(1);
  return success();
}

LogicalResult GruGatesOp::buildAdjoint(OpBuilder &builder,
                                       ValueRange resultGradients,
                                       ArrayRef<bool>,
                                       MutableArrayRef<Value> gradients) {
  SmallVector<Value> inputs(getInputs());
  inputs.push_back(resultGradients[0]);
  auto adjoint = GruGatesGradOp::create(builder, getLoc(), inputs);
  llvm::copy(adjoint->getResults(), gradients.begin());
  return success();
}

/// The gradient of a table whose columns start at `column` of the keys.
static FailureOr<Value> buildTableGradient(OpBuilder &builder, AttendOp op,
                                           ArrayRef<Value> keyGradient,
                                           unsigned table, int64_t column) {
  FailureOr<IndexInverse> inverse =
      buildInverse(builder, op, op.getInputs()[table + 1]);
  if (failed(inverse))
    return failure();
  SmallVector<Value> inputs(keyGradient);
  inputs.append({inverse->offsets, inverse->references});
  int64_t width =
      cast<ShapedType>(op.getInputs()[table].getType()).getDimSize(1);
  return AttendTableGradOp::create(
             builder, op.getLoc(), inputs,
             ArrayRef<NamedAttribute>{
                 builder.getNamedAttr("column",
                                      builder.getI64IntegerAttr(column)),
                 builder.getNamedAttr("width",
                                      builder.getI64IntegerAttr(width))})
      ->getResult(0);
}

LogicalResult AttendOp::buildAdjoint(OpBuilder &builder,
                                     ValueRange resultGradients,
                                     ArrayRef<bool> needed,
                                     MutableArrayRef<Value> gradients) {
  if (!resultGradients[0] || resultGradients[1])
    return emitOpError("is differentiable through its first result only");
  if (getIndexed())
    return emitOpError("is differentiable only where each query has a row of "
                       "its own");
  SmallVector<Value> inputs{resultGradients[0], getResult(1)};
  llvm::append_range(inputs, getInputs());
  auto adjoint = AttendGradOp::create(
      builder, getLoc(), inputs,
      ArrayRef<NamedAttribute>{{getScaleAttrName(), getScaleAttr()},
                               {getDropoutAttrName(), getDropoutAttr()},
                               {getSaltAttrName(), getSaltAttr()},
                               {getTimeAttrName(), getTimeAttr()}});
  gradients[0] = adjoint->getResult(0);
  SmallVector<Value> keyGradient{resultGradients[0], getInputs()[0],
                                 adjoint->getResult(1), adjoint->getResult(2)};
  int64_t column = 0;
  for (unsigned table = getFirstTable(); table < getInputs().size();
       table += 2) {
    if (needed[table]) {
      FailureOr<Value> gradient =
          buildTableGradient(builder, *this, keyGradient, table, column);
      if (failed(gradient))
        return failure();
      gradients[table] = *gradient;
    }
    column += cast<ShapedType>(getInputs()[table].getType()).getDimSize(1);
  }
  if (getTime() && (needed[4] || needed[5])) {
    keyGradient.append(
        {getInputs()[1], getInputs()[3], getInputs()[4], getInputs()[5]});
    auto time = AttendTimeGradOp::create(
        builder, getLoc(), keyGradient,
        ArrayRef<NamedAttribute>{
            builder.getNamedAttr("column", builder.getI64IntegerAttr(column))});
    gradients[4] = time->getResult(0);
    gradients[5] = time->getResult(1);
  }
  return success();
}

LogicalResult
NeighbourSoftmaxOp::buildAdjoint(OpBuilder &builder, ValueRange resultGradients,
                                 ArrayRef<bool>,
                                 MutableArrayRef<Value> gradients) {
  gradients[0] =
      NeighbourSoftmaxGradOp::create(
          builder, getLoc(), ValueRange{getResult(0), resultGradients[0]},
          ArrayRef<NamedAttribute>{{getScaleAttrName(), getScaleAttr()}})
          ->getResult(0);
  return success();
}

LogicalResult LinkLossOp::buildAdjoint(OpBuilder &builder,
                                       ValueRange resultGradients,
                                       ArrayRef<bool>,
                                       MutableArrayRef<Value> gradients) {
  gradients[0] =
      LinkLossGradOp::create(
          builder, getLoc(),
          ValueRange{getInputs()[0], getInputs()[1], resultGradients[0]})
          ->getResult(0);
  return success();
}

LogicalResult LabelLossOp::buildAdjoint(OpBuilder &builder,
                                        ValueRange resultGradients,
                                        ArrayRef<bool> needed,
                                        MutableArrayRef<Value> gradients) {
  if (needed[1])
    return emitOpError("is not differentiable with regard to labels");
  gradients[0] =
      LabelLossGradOp::create(
          builder, getLoc(),
          ValueRange{getInputs()[0], getInputs()[1], resultGradients[0]},
          ArrayRef<NamedAttribute>{{getKindAttrName(), getKindAttr()}})
          ->getResult(0);
  return success();
}
