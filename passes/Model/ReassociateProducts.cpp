//===- ReassociateProducts.cpp - Multiply weights first -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Passes.h"
#include "passes/Support/OptionChecks.h"

#include "dialects/TGNN/IR/TGNNOps.h"
#include "dialects/TGNN/IR/TypeInferenceUtils.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace orcinus {
#define GEN_PASS_DEF_REASSOCIATEPRODUCTS
#include "passes/Model/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

static constexpr llvm::StringLiteral rowSpec = "qi,io->qo";

static bool hasStaticShape(Value value) {
  return cast<RankedTensorType>(value.getType()).hasStaticShape();
}

/// Whether `value` is one row, repeated for each query.
static BroadcastRowsOp repeatedRow(Value value) {
  return value ? value.getDefiningOp<BroadcastRowsOp>() : BroadcastRowsOp();
}

/// x·W + b for queries x, a weight W and a bias b that no other op reads; null
/// where `value` is something else.
static ContractOp matchLinear(Value value) {
  auto product = value.getDefiningOp<ContractOp>();
  if (!product || product.getSpec() != rowSpec || !product->hasOneUse() ||
      !hasStaticShape(product.getRhs()) || hasStaticShape(product.getLhs()) ||
      !repeatedRow(product.getInit()))
    return {};
  return product;
}

static Value reshape(PatternRewriter &rewriter, Location location, Value value,
                     ArrayRef<int64_t> trailing) {
  return ReshapeOp::create(rewriter, location, value,
                           rewriter.getDenseI64ArrayAttr(trailing));
}

/// The vector `row` as a matrix of one row.
static Value asMatrix(PatternRewriter &rewriter, Location location, Value row) {
  return reshape(rewriter, location, row, shapeOf(row));
}

static Value asVector(PatternRewriter &rewriter, Location location, Value row) {
  return reshape(rewriter, location, row, {});
}

namespace {

/// Whether a product of `rows` rows becomes cheaper: multiplications a row
/// before and after, and those that do not depend on the rows.
struct RowCost {
  int64_t rows;

  bool improves(int64_t before, int64_t after, int64_t once) const {
    return rows * after + once < rows * before;
  }
};

/// (x·W + b)·V = x·(W·V) + b·V, also through a mask of rows, which commutes
/// with what acts on columns.
struct ComposeLinear : OpRewritePattern<ContractOp> {
  ComposeLinear(MLIRContext *context, RowCost cost)
      : OpRewritePattern(context), cost(cost) {}

  LogicalResult matchAndRewrite(ContractOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getSpec() != rowSpec || !hasStaticShape(op.getRhs()))
      return failure();
    auto mask = op.getLhs().getDefiningOp<MaskRowsOp>();
    if (mask && !mask->hasOneUse())
      return failure();
    ContractOp inner = matchLinear(mask ? mask.getInputs()[0] : op.getLhs());
    if (!inner)
      return failure();
    int64_t from = shapeOf(inner.getRhs())[0],
            through = shapeOf(op.getRhs())[0], to = shapeOf(op.getRhs())[1];
    if (!cost.improves(from * through + through * to, from * to,
                       from * through * to))
      return failure();
    Location location = op.getLoc();
    Value weight = ContractOp::create(rewriter, location, rowSpec,
                                      inner.getRhs(), op.getRhs(), Value());
    Value bias = ContractOp::create(rewriter, location, "i,io->o",
                                    repeatedRow(inner.getInit()).getVector(),
                                    op.getRhs(), Value());
    Value start =
        BroadcastRowsOp::create(rewriter, location, bias, inner.getLhs());
    Value result = ContractOp::create(rewriter, location, rowSpec,
                                      inner.getLhs(), weight, start);
    if (mask)
      result = MaskRowsOp::create(rewriter, location,
                                  ValueRange{result, mask.getInputs()[1]})
                   ->getResult(0);
    if (op.getInit())
      result = AddOp::create(rewriter, location, result, op.getInit());
    rewriter.replaceOp(op, result);
    return success();
  }

  RowCost cost;
};

/// Heads of a query, then each head's matrix: one matrix for all of them,
/// (x·W + b as [H, a])·K_h = x·(W·K) + b·K.
struct ComposeBeforeHeads : OpRewritePattern<ContractOp> {
  ComposeBeforeHeads(MLIRContext *context, RowCost cost)
      : OpRewritePattern(context), cost(cost) {}

  LogicalResult matchAndRewrite(ContractOp op,
                                PatternRewriter &rewriter) const override {
    auto heads = op.getLhs().getDefiningOp<ReshapeOp>();
    if (op.getSpec() != "qha,hda->qhd" || op.getInit() || !heads ||
        !heads->hasOneUse() || hasStaticShape(op.getLhs()))
      return failure();
    ContractOp inner = matchLinear(heads.getInput());
    if (!inner)
      return failure();
    ArrayRef<int64_t> key = shapeOf(op.getRhs());
    // Heads are parts of a row, not rows of their own.
    if (shapeOf(heads.getInput()).back() != key[0] * key[2])
      return failure();
    int64_t from = shapeOf(inner.getRhs())[0];
    int64_t through = key[0] * key[2], to = key[0] * key[1];
    if (!cost.improves(from * through + through * key[1], from * to,
                       from * through * key[1]))
      return failure();
    Location location = op.getLoc();
    auto project = [&](Value rows) -> Value {
      Value split = reshape(rewriter, location, rows, {key[0], key[2]});
      Value product = ContractOp::create(rewriter, location, op.getSpec(),
                                         split, op.getRhs(), Value());
      return reshape(rewriter, location, product, {to});
    };
    Value weight = project(inner.getRhs());
    Value row = repeatedRow(inner.getInit()).getVector();
    Value bias = asVector(rewriter, location,
                          project(asMatrix(rewriter, location, row)));
    Value start =
        BroadcastRowsOp::create(rewriter, location, bias, inner.getLhs());
    Value result = ContractOp::create(rewriter, location, rowSpec,
                                      inner.getLhs(), weight, start);
    rewriter.replaceOp(op,
                       reshape(rewriter, location, result, {key[0], key[1]}));
    return success();
  }

  RowCost cost;
};

/// Each head's matrix, then one for all heads together: one matrix from all of
/// the heads' inputs, Σ_h (z_h·V_h)·O_h = z·(V·O).
struct ComposeAfterHeads : OpRewritePattern<ContractOp> {
  ComposeAfterHeads(MLIRContext *context, RowCost cost)
      : OpRewritePattern(context), cost(cost) {}

  LogicalResult matchAndRewrite(ContractOp op,
                                PatternRewriter &rewriter) const override {
    auto joined = op.getLhs().getDefiningOp<ReshapeOp>();
    if (op.getSpec() != rowSpec || !hasStaticShape(op.getRhs()) || !joined ||
        !joined->hasOneUse())
      return failure();
    auto inner = joined.getInput().getDefiningOp<ContractOp>();
    if (!inner || inner.getSpec() != "qhd,hdv->qhv" || inner.getInit() ||
        !inner->hasOneUse())
      return failure();
    ArrayRef<int64_t> value = shapeOf(inner.getRhs());
    int64_t heads = value[0], from = value[1], through = value[2];
    int64_t to = shapeOf(op.getRhs())[1];
    if (shapeOf(op.getRhs())[0] != heads * through)
      return failure();
    if (!cost.improves(heads * through * (from + to), heads * from * to,
                       heads * from * through * to))
      return failure();
    Location location = op.getLoc();
    Value split = reshape(rewriter, location, op.getRhs(), {through, to});
    Value weight = ContractOp::create(rewriter, location, "hdv,hvo->hdo",
                                      inner.getRhs(), split, Value());
    rewriter.replaceOpWithNewOp<ContractOp>(
        op, rowSpec,
        reshape(rewriter, location, inner.getLhs(), {heads * from}),
        reshape(rewriter, location, weight, {to}), op.getInit());
    return success();
  }

  RowCost cost;
};

struct ReassociateProductsPass
    : orcinus::impl::ReassociateProductsBase<ReassociateProductsPass> {
  using ReassociateProductsBase::ReassociateProductsBase;

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context)
        .inRange(rows, 1, int64_t(1) << 40)
        .result();
  }

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ComposeLinear, ComposeBeforeHeads, ComposeAfterHeads>(
        &getContext(), RowCost{rows});
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
