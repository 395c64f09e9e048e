//===- DecomposeAggregates.cpp - Ops that stand for several ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Aggregates.h"
#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

namespace orcinus {
#define GEN_PASS_DEF_DECOMPOSEAGGREGATES
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;

static bool worksOnMemRefs(Operation *op) {
  return llvm::any_of(op->getOperandTypes(), llvm::IsaPred<BaseMemRefType>);
}

namespace {

/// Emits what a softmax on memrefs stands for.
class SoftmaxEmitter {
public:
  SoftmaxEmitter(linalg::SoftmaxOp op, OpBuilder &builder)
      : op(op), builder(builder), location(op.getLoc()),
        type(cast<MemRefType>(op.getInput().getType())),
        whole(builder.getMultiDimIdentityMap(type.getRank())),
        ofRow(whole.dropResult(op.getDimension())) {}

  void emit() {
    Type element = type.getElementType();
    Value maximum = reduce(
        op.getInput(), getIdentity(arith::AtomicRMWKind::maxnumf, element),
        [](OpBuilder &nested, Location at, ValueRange values) -> Value {
          return arith::MaxNumFOp::create(nested, at, values[0], values[1]);
        });
    transform(op.getInput(), maximum,
              [](OpBuilder &nested, Location at, ValueRange values) -> Value {
                Value below =
                    arith::SubFOp::create(nested, at, values[0], values[1]);
                return math::ExpOp::create(nested, at, below);
              });
    Value sum =
        reduce(op.getOutput(), getIdentity(arith::AtomicRMWKind::addf, element),
               [](OpBuilder &nested, Location at, ValueRange values) -> Value {
                 return arith::AddFOp::create(nested, at, values[0], values[1]);
               });
    transform(op.getOutput(), sum,
              [](OpBuilder &nested, Location at, ValueRange values) -> Value {
                return arith::DivFOp::create(nested, at, values[0], values[1]);
              });
  }

private:
  using Body = llvm::function_ref<Value(OpBuilder &, Location, ValueRange)>;

  Value getIdentity(arith::AtomicRMWKind kind, Type element) {
    return arith::getIdentityValue(kind, element, builder, location);
  }

  void generic(ValueRange inputs, Value output, ArrayRef<AffineMap> maps,
               ArrayRef<utils::IteratorType> iterators, Body body) {
    linalg::GenericOp::create(
        builder, location, TypeRange(), inputs, ValueRange(output), maps,
        iterators, [&](OpBuilder &nested, Location at, ValueRange values) {
          linalg::YieldOp::create(nested, at, body(nested, at, values));
        });
  }

  /// `values` combined along the softmax's dimension, from `identity` on.
  Value reduce(Value values, Value identity, Body combine) {
    SmallVector<int64_t> shape;
    SmallVector<Value> sizes;
    for (int64_t at = 0; at < type.getRank(); ++at) {
      if (at == static_cast<int64_t>(op.getDimension()))
        continue;
      shape.push_back(type.getDimSize(at));
      if (type.isDynamicDim(at))
        sizes.push_back(memref::DimOp::create(builder, location, values, at));
    }
    Value result = memref::AllocOp::create(
        builder, location, MemRefType::get(shape, type.getElementType()),
        sizes);
    linalg::FillOp::create(builder, location, identity, result);
    SmallVector<utils::IteratorType> iterators(type.getRank(),
                                               utils::IteratorType::parallel);
    iterators[op.getDimension()] = utils::IteratorType::reduction;
    generic(values, result, {whole, ofRow}, iterators, combine);
    return result;
  }

  /// The result of `body` for each of `values` and its row's of `row`.
  void transform(Value values, Value row, Body body) {
    generic({values, row}, op.getOutput(), {whole, ofRow, whole},
            SmallVector(type.getRank(), utils::IteratorType::parallel), body);
  }

  linalg::SoftmaxOp op;
  OpBuilder &builder;
  Location location;
  MemRefType type;
  /// The indices of an element, and those of its row.
  AffineMap whole, ofRow;
};

} // namespace

void orcinus::decomposeAggregates(Operation *root) {
  SmallVector<linalg::AggregatedOpInterface> aggregates;
  root->walk([&](linalg::AggregatedOpInterface op) {
    if (!worksOnMemRefs(op))
      aggregates.push_back(op);
  });
  IRRewriter rewriter(root->getContext());
  for (linalg::AggregatedOpInterface op : aggregates) {
    rewriter.setInsertionPoint(op);
    FailureOr<SmallVector<Value>> parts = op.decomposeOperation(rewriter);
    if (succeeded(parts))
      rewriter.replaceOp(op, *parts);
  }
}

/// Whether each iteration of `loop` has an element of `map` of its own.
static bool isIndex(AffineMap map, unsigned loop) {
  return llvm::is_contained(map.getResults(),
                            getAffineDimExpr(loop, map.getContext()));
}

void orcinus::labelParallelLoops(Operation *root) {
  root->walk([](linalg::GenericOp op) {
    if (op.getNumDpsInits() == 0)
      return;
    SmallVector<Attribute> labels(op.getIteratorTypes().getValue());
    auto parallel = linalg::IteratorTypeAttr::get(
        op.getContext(), utils::IteratorType::parallel);
    for (auto [loop, label] : llvm::enumerate(labels))
      if (llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
            return isIndex(op.getMatchingIndexingMap(&init), loop);
          }))
        label = parallel;
    op.setIteratorTypesAttr(ArrayAttr::get(op.getContext(), labels));
  });
}

namespace {

class DecomposeAggregatesPass
    : public orcinus::impl::DecomposeAggregatesBase<DecomposeAggregatesPass> {
public:
  using DecomposeAggregatesBase::DecomposeAggregatesBase;

  void runOnOperation() override {
    decomposeAggregates(getOperation());
    labelParallelLoops(getOperation());
    SmallVector<linalg::SoftmaxOp> softmaxes;
    SmallVector<linalg::PackOp> packs;
    SmallVector<linalg::UnPackOp> unpacks;
    getOperation()->walk([&](Operation *op) {
      if (worksOnMemRefs(op)) {
        if (auto softmax = dyn_cast<linalg::SoftmaxOp>(op))
          softmaxes.push_back(softmax);
        return;
      }
      if (auto pack = dyn_cast<linalg::PackOp>(op))
        packs.push_back(pack);
      else if (auto unpack = dyn_cast<linalg::UnPackOp>(op))
        unpacks.push_back(unpack);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::SoftmaxOp op : softmaxes) {
      rewriter.setInsertionPoint(op);
      SoftmaxEmitter(op, rewriter).emit();
      rewriter.eraseOp(op);
    }
    // What has no such form stays; bufferization says so at its place.
    for (linalg::PackOp op : packs) {
      rewriter.setInsertionPoint(op);
      (void)linalg::lowerPack(rewriter, op);
    }
    for (linalg::UnPackOp op : unpacks) {
      rewriter.setInsertionPoint(op);
      (void)linalg::lowerUnPack(rewriter, op);
    }
  }
};

} // namespace
