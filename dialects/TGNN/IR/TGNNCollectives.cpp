//===- TGNNCollectives.cpp - Checks of what processes bring together ------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

LogicalResult AllReduceOp::verify() {
  if (static_cast<int64_t>(getNumber()) < 0)
    return emitOpError("needs a number of 0 or more");
  if (getValues().empty() || getValues().size() != getBindings().size())
    return emitOpError("takes ")
           << getValues().size() << " values to " << getBindings().size()
           << " bindings; it needs a binding for each of one or more values";
  for (auto [value, binding] :
       llvm::zip_equal(getValues(), getBindings().getAsRange<StringAttr>())) {
    auto type = dyn_cast<ShapedType>(value.getType());
    if (!type || !isa<RankedTensorType, MemRefType>(type) ||
        !type.getElementType().isF32() || !type.hasStaticShape())
      return emitOpError("adds tensors or buffers of f32 with known extents, "
                         "not ")
             << value.getType();
    if (isa<MemRefType>(type) != isa<MemRefType>(getValues()[0].getType()))
      return emitOpError("takes tensors or buffers, not both");
    if (!binding.strref().starts_with("gradient:"))
      return emitOpError("adds gradients, not '") << binding.strref() << "'";
  }
  return success();
}

LogicalResult AllGatherOp::verify() {
  if (static_cast<int64_t>(getNumber()) < 1)
    return emitOpError("needs a number of 1 or more");
  auto value = cast<RankedTensorType>(getValue().getType());
  if (value.getRank() != 2 ||
      cast<RankedTensorType>(getTable().getType()).getRank() != 1)
    return emitOpError("needs a value of rank 2 and a table of rank 1");
  if (!getBinding().starts_with("cache:"))
    return emitOpError("gathers rows of a cache, not of '")
           << getBinding() << "'";
  return success();
}

LogicalResult AwaitOp::verify() {
  if (static_cast<int64_t>(getNumber()) < 0)
    return emitOpError("needs a number of 0 or more");
  StringRef changed =
      getKind() == CollectiveKind::AllReduce ? "gradient:" : "cache:";
  for (auto binding : getBindings().getAsRange<StringAttr>())
    if (!binding.strref().starts_with(changed))
      return emitOpError("of ")
             << stringifyCollectiveKind(getKind()) << " does not change '"
             << binding.strref() << "'";
  if (!getBuffers().empty() && getBuffers().size() != getBindings().size())
    return emitOpError("has ") << getBuffers().size() << " buffers of "
                               << getBindings().size() << " bindings";
  return success();
}
