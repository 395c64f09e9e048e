//===- TGNNFolds.cpp - Folds of the tgnn ops ------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"

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
  if (getOffset() == 0 && type == getResult().getType() &&
      static_cast<int64_t>(getSize()) == type.getDimSize(getDimension()))
    return getInput();
  return {};
}
