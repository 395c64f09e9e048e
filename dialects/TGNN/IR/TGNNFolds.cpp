//===- TGNNFolds.cpp - Folds of the tgnn ops ------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace orcinus::tgnn;

/// Inputs without a column add nothing; the concatenation of one is itself.
OpFoldResult ConcatOp::fold(FoldAdaptor) {
  auto isEmpty = [](Value input) {
    return cast<RankedTensorType>(input.getType()).getShape().back() == 0;
  };
  if (getInputs().size() == 1 &&
      getInputs().front().getType() == getResult().getType())
    return getInputs().front();
  for (auto [index, input] : llvm::enumerate(getInputs())) {
    if (getInputs().size() == 1 || !isEmpty(input))
      continue;
    getInputsMutable().erase(index);
    return getResult();
  }
  return {};
}

/// The whole range is the input itself.
OpFoldResult SliceOp::fold(FoldAdaptor) {
  auto type = cast<RankedTensorType>(getInput().getType());
  if (constantValue(getOffset()) == 0 && type == getResult().getType() &&
      constantValue(getSize()) == type.getDimSize(getDimension()))
    return getInput();
  return {};
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  auto first = getInput().getDefiningOp<TransposeOp>();
  return first && first.getInput().getType() == getResult().getType()
             ? first.getInput()
             : OpFoldResult();
}

/// The elements of one row of a tensor whose trailing extents are static.
static std::optional<int64_t> rowElements(Value tensor) {
  int64_t elements = 1;
  for (int64_t extent :
       cast<RankedTensorType>(tensor.getType()).getShape().drop_front()) {
    if (ShapedType::isDynamic(extent))
      return std::nullopt;
    elements *= extent;
  }
  return elements;
}

/// An operand of the op behind `value` that has as many rows as `value`; null
/// where there is none.
static Value traceRows(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  return TypeSwitch<Operation *, Value>(op)
      .Case<AddOp, ConcatOp, DropoutOp, GeluOp, LayerNormOp, MaskRowsOp,
            MaskTokensOp, MeanTokensOp, MulOp, ReluOp, ScaleOp, SigmoidOp,
            TanhOp>([](Operation *op) { return op->getOperand(0); })
      .Case([](TransposeOp transpose) -> Value {
        auto type = cast<RankedTensorType>(transpose.getType());
        return type.getRank() > 2 ? transpose.getInput() : Value();
      })
      .Case([](GatherOp gather) { return gather.getInputs()[1]; })
      .Case([](BroadcastRowsOp rows) { return rows.getLike(); })
      .Case([](ContractOp product) -> Value {
        StringRef spec = product.getSpec();
        return spec.split("->").second.starts_with(spec.take_front(1))
                   ? product.getLhs()
                   : Value();
      })
      .Case([](ReshapeOp reshape) -> Value {
        std::optional<int64_t> before = rowElements(reshape.getInput());
        return before && before == rowElements(reshape.getResult())
                   ? reshape.getInput()
                   : Value();
      })
      .Default(Value());
}

OpFoldResult BroadcastRowsOp::fold(FoldAdaptor) {
  Value origin = traceRows(getLike());
  if (!origin)
    return {};
  getLikeMutable().assign(origin);
  return getResult();
}
