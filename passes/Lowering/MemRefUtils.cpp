//===- MemRefUtils.cpp - Questions about memrefs --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/MemRefUtils.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Operation.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"

#include <climits>

using namespace mlir;
using namespace orcinus;

int64_t orcinus::elementBytes(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    return 2 * elementBytes(complex.getElementType());
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.getNumElements() * elementBytes(vector.getElementType());
  if (type.isIntOrFloat())
    return llvm::divideCeil(type.getIntOrFloatBitWidth(), CHAR_BIT);
  return sizeof(void *);
}

bool orcinus::hasUnitInnermostStride(Value value) {
  // A tensor becomes a memref that is laid out as its shape says.
  if (isa<RankedTensorType>(value.getType()))
    return true;
  auto type = cast<MemRefType>(value.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  if (type.getRank() == 0)
    return true;
  return succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}

Value orcinus::withAnyOffset(OpBuilder &builder, Value value) {
  auto type = dyn_cast<MemRefType>(value.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!type || failed(type.getStridesAndOffset(strides, offset)))
    return value;
  auto layout = StridedLayoutAttr::get(builder.getContext(),
                                       ShapedType::kDynamic, strides);
  MemRefType anywhere = MemRefType::Builder(type).setLayout(layout);
  return builder.createOrFold<memref::CastOp>(value.getLoc(), anywhere, value);
}

Value orcinus::viewRoot(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

llvm::DenseSet<Value> orcinus::aliasesOf(Value value) {
  Value root = viewRoot(value);
  llvm::DenseSet<Value> aliases{root};
  SmallVector<Value> pending{root};
  while (!pending.empty()) {
    for (Operation *user : pending.pop_back_val().getUsers())
      for (Value result : user->getResults())
        if (isa<BaseMemRefType>(result.getType()) &&
            aliases.insert(result).second)
          pending.push_back(result);
  }
  return aliases;
}

bool orcinus::uses(Operation *op, const llvm::DenseSet<Value> &values) {
  return op
      ->walk([&](Operation *nested) {
        for (Value operand : nested->getOperands())
          if (values.contains(operand))
            return WalkResult::interrupt();
        return WalkResult::advance();
      })
      .wasInterrupted();
}

Operation *orcinus::nextUser(Operation *op,
                             const llvm::DenseSet<Value> &values) {
  for (Operation *next = op->getNextNode(); next; next = next->getNextNode())
    if (uses(next, values) && !isa<ViewLikeOpInterface>(next))
      return next;
  return nullptr;
}

bool orcinus::writtenBetween(Operation *first, Operation *last, Value value) {
  llvm::DenseSet<Value> aliases = aliasesOf(value);
  for (Operation *op = first->getNextNode(); op != last;
       op = op->getNextNode()) {
    if (!uses(op, aliases) || isa<ViewLikeOpInterface>(op))
      continue;
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if (!linalgOp || llvm::any_of(linalgOp.getDpsInits(), [&](Value written) {
          return aliases.contains(written);
        }))
      return true;
  }
  return false;
}
