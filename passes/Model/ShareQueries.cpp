//===- ShareQueries.cpp - What queries of a node have in common -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

namespace orcinus {
#define GEN_PASS_DEF_SHAREQUERIES
#include "passes/Model/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

static bool hasRows(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() > 0 && type.isDynamicDim(0);
}

/// Whether row i of the result is computed of row i of each operand that has
/// rows, and of nothing else that has some.
static bool isByRow(Operation *op) {
  if (isa<ReshapeOp, BroadcastRowsOp, ConcatOp>(op))
    return true;
  auto product = dyn_cast<ContractOp>(op);
  return product && !hasRows(product.getRhs()) &&
         product.getSpec().split("->").second.starts_with(
             product.getSpec().take_front(1));
}

namespace {

/// The projection of one attention's queries, which it reads a row each of.
class QueryProjection {
public:
  explicit QueryProjection(AttendOp attend) : attend(attend) {}

  /// Whether it is computed of the rows that a frontier by node has of the
  /// queries' nodes.
  bool matches() {
    return !attend.getIndexed() && collect(attend.getInputs()[0]) && self;
  }

  /// Computes it once a node.
  void share(OpBuilder &builder);

private:
  bool collect(Value value);

  AttendOp attend;
  /// What it is computed by, operands before their users, and the gathers that
  /// it begins with, all by the table `self` of a frontier.
  llvm::SetVector<Operation *> ops;
  llvm::SetVector<GatherOp> gathers;
  TableOp self;
};

} // namespace

bool QueryProjection::collect(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (auto gather = dyn_cast<GatherOp>(op)) {
    auto table = gather.getInputs()[1].getDefiningOp<TableOp>();
    if (!table || table.getComponent() != "self" || (self && self != table))
      return false;
    auto frontier = table.getHandle().getDefiningOp<FrontierOp>();
    if (!frontier || frontier.getKey() != FrontierKey::Node)
      return false;
    self = table;
    gathers.insert(gather);
    return true;
  }
  // What others read is computed for them as before.
  if (!isByRow(op) || (isa<ContractOp>(op) && !op->hasOneUse()))
    return false;
  // What is repeated has as many rows as are asked for.
  if (!isa<BroadcastRowsOp>(op))
    for (Value operand : op->getOperands())
      if (hasRows(operand) && !collect(operand))
        return false;
  ops.insert(op);
  return true;
}

void QueryProjection::share(OpBuilder &builder) {
  builder.setInsertionPoint(attend);
  Location location = attend.getLoc();
  auto frontier = self.getHandle().getDefiningOp<FrontierOp>();
  // Its rows are the frontier's first, in the same order.
  Value distinct =
      DistinctOp::create(builder, location, frontier.getFrontier().getType(),
                         frontier.getQuery(), FrontierKey::Node);
  auto index = cast<RankedTensorType>(self.getValues().getType());
  Value nodes = TableOp::create(
      builder, location,
      RankedTensorType::get({ShapedType::kDynamic}, index.getElementType()),
      distinct, "nodes");
  IRMapping mapping;
  for (GatherOp gather : gathers)
    mapping.map(gather.getResult(0),
                FirstRowsOp::create(builder, location,
                                    gather->getResult(0).getType(),
                                    gather.getInputs()[0], nodes));
  for (Operation *op : ops) {
    if (auto repeated = dyn_cast<BroadcastRowsOp>(op))
      mapping.map(repeated.getResult(),
                  BroadcastRowsOp::create(builder, location,
                                          repeated.getVector(), nodes));
    else
      builder.clone(*op, mapping);
  }
  SmallVector<Value> inputs(attend.getInputs());
  inputs[0] = mapping.lookup(inputs[0]);
  inputs.insert(inputs.begin() + AttendOp::indexPosition, self.getValues());
  NamedAttrList attributes(attend->getDiscardableAttrDictionary());
  attributes.append(attend.getScaleAttrName(), attend.getScaleAttr());
  attributes.append(attend.getDropoutAttrName(), attend.getDropoutAttr());
  attributes.append(attend.getSaltAttrName(), attend.getSaltAttr());
  attributes.append(attend.getTimeAttrName(), attend.getTimeAttr());
  attributes.append(attend.getIndexedAttrName(), builder.getUnitAttr());
  auto shared =
      AttendOp::create(builder, location, inputs, attributes.getAttrs());
  attend->replaceAllUsesWith(shared);
  attend.erase();
  for (Operation *op : llvm::reverse(ops))
    if (op->use_empty())
      op->erase();
}

namespace {

struct ShareQueriesPass : orcinus::impl::ShareQueriesBase<ShareQueriesPass> {
  using ShareQueriesBase::ShareQueriesBase;

  void runOnOperation() override {
    // Training goes on as it was: a gradient would be summed in another order.
    if (getOperation()->hasAttr("tgnn.training"))
      return;
    OpBuilder builder(&getContext());
    for (auto attend : llvm::to_vector(getOperation().getOps<AttendOp>())) {
      QueryProjection projection(attend);
      if (projection.matches())
        projection.share(builder);
    }
  }
};

} // namespace
