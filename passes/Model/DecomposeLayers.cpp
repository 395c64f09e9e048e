//===- DecomposeLayers.cpp - Break composites into contractions -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"
#include "dialects/TGNN/IR/TypeInferenceUtils.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"

#include <cmath>

namespace orcinus {
#define GEN_PASS_DEF_DECOMPOSELAYERS
#include "passes/Model/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

static Value contract(OpBuilder &builder, Location location, StringRef spec,
                      Value lhs, Value rhs, Value init = {}) {
  return ContractOp::create(builder, location, spec, lhs, rhs, init);
}

/// A temporal attention in the words of its two forms.
namespace {
struct Attention {
  explicit Attention(TemporalAttentionOp op)
      : op(op), heads(shapeOf(op.getKeyWeight())[0]),
        width(shapeOf(op.getKeyWeight())[1]),
        queryWidth(shapeOf(op.getKeyWeight())[2]),
        valueWidth(shapeOf(op.getValueWeight())[2]),
        neighbours(shapeOf(op.getKey())[1]) {
    readParts();
  }

  float scale() const { return 1.0f / std::sqrt(float(queryWidth)); }

  /// Multiplications a query when k neighbours are projected: keys, values,
  /// scores and the weighted sum.
  int64_t projectNeighboursCost() const {
    return neighbours * (width + 1) * heads * (queryWidth + valueWidth);
  }

  /// The same when the query is projected.
  int64_t projectQueryCost() const {
    return heads * width * (queryWidth + valueWidth + 2 * neighbours);
  }

  /// Whether every part of the key can be made inside the kernel.
  bool canProjectQuery() const { return isGathered; }

  TemporalAttentionOp op;
  int64_t heads, width, queryWidth, valueWidth, neighbours;
  /// The key's parts: tables with their indices, and a time encoding, if any.
  SmallVector<Value> tables;
  TimeEncodeOp time;

private:
  /// Recognises a concatenation of gathers with, last, a time encoding.
  void readParts() {
    Value key = op.getKey();
    auto concat = key.getDefiningOp<ConcatOp>();
    SmallVector<Value> parts = concat ? SmallVector<Value>(concat.getInputs())
                                      : SmallVector<Value>{key};
    for (Value part : parts) {
      if (shapeOf(part).back() == 0)
        continue;
      if (auto gather = part.getDefiningOp<GatherOp>(); gather && !time) {
        llvm::append_range(tables, gather.getInputs());
        continue;
      }
      auto encode = part.getDefiningOp<TimeEncodeOp>();
      if (!encode || time)
        return;
      time = encode;
    }
    isGathered = !tables.empty();
  }

  bool isGathered = false;
};

} // namespace

//===----------------------------------------------------------------------===//
// Linear maps and recurrent units
//===----------------------------------------------------------------------===//

static SmallVector<Value> partsOf(Value input) {
  if (auto concat = input.getDefiningOp<ConcatOp>())
    return SmallVector<Value>(concat.getInputs());
  return {input};
}

/// `tensor` as rows of its last dimension.
static Value asRows(IRRewriter &rewriter, Location location, Value tensor) {
  ArrayRef<int64_t> shape = shapeOf(tensor);
  return shape.size() == 2
             ? tensor
             : ReshapeOp::create(rewriter, location, tensor, shape.take_back(1))
                   .getResult();
}

/// x·W + b over the parts of a concatenated x: each part meets its own rows of
/// W, and a part that repeats one vector adds to the bias.
static LogicalResult decompose(IRRewriter &rewriter, LinearOp op) {
  Location location = op.getLoc();
  if (ShapedType::isDynamicShape(shapeOf(op.getInput()).drop_front()))
    return op.emitOpError("needs static extents after the first");
  SmallVector<std::pair<Value, Value>> products;
  Value bias = op.getBias(), like = op.getInput();
  int64_t row = 0;
  for (Value part : partsOf(op.getInput())) {
    int64_t width = shapeOf(part).back();
    if (width == 0)
      continue;
    Value weight = rewriter.createOrFold<SliceOp>(location, op.getWeight(),
                                                  /*dimension=*/0, row, width);
    row += width;
    auto repeated = part.getDefiningOp<BroadcastRowsOp>();
    if (repeated && shapeOf(part).size() == 2) {
      bias = contract(rewriter, location, "i,io->o", repeated.getVector(),
                      weight, bias);
      like = repeated.getLike();
    } else {
      products.push_back({asRows(rewriter, location, part), weight});
    }
  }
  if (!products.empty())
    like = products.front().first;
  Value sum = BroadcastRowsOp::create(rewriter, location, bias, like);
  for (auto [part, weight] : products)
    sum = contract(rewriter, location, "qi,io->qo", part, weight, sum);
  ArrayRef<int64_t> trailing = shapeOf(op.getResult()).drop_front();
  if (trailing.size() > 1)
    sum = ReshapeOp::create(rewriter, location, sum, trailing);
  rewriter.replaceOp(op, sum);
  return success();
}

static LogicalResult decompose(IRRewriter &rewriter, GruOp op) {
  Location location = op.getLoc();
  Value fromInput = LinearOp::create(rewriter, location, op.getInput(),
                                     op.getInputWeight(), op.getInputBias());
  Value fromState = LinearOp::create(rewriter, location, op.getState(),
                                     op.getStateWeight(), op.getStateBias());
  auto gates = GruGatesOp::create(
      rewriter, location, ValueRange{fromInput, fromState, op.getState()});
  rewriter.replaceOp(op, gates->getResults());
  return success();
}

/// x·W + b + h·U + c of a recurrent unit whose gates add up.
template <typename CellOp>
static Value sumGates(IRRewriter &rewriter, CellOp op) {
  Location location = op.getLoc();
  Value bias =
      AddOp::create(rewriter, location, op.getInputBias(), op.getStateBias());
  Value fromInput = LinearOp::create(rewriter, location, op.getInput(),
                                     op.getInputWeight(), bias);
  return contract(rewriter, location, "qi,io->qo", op.getState(),
                  op.getStateWeight(), fromInput);
}

static LogicalResult decompose(IRRewriter &rewriter, RnnCellOp op) {
  Value sum = sumGates(rewriter, op);
  rewriter.replaceOpWithNewOp<TanhOp>(op, sum.getType(), sum);
  return success();
}

static LogicalResult decompose(IRRewriter &rewriter, LstmOp op) {
  Location location = op.getLoc();
  int64_t width = shapeOf(op.getState())[1];
  if (ShapedType::isDynamic(width))
    return op.emitOpError("needs a state of static width");
  Value sum = sumGates(rewriter, op);
  auto gate = [&](int64_t index) -> Value {
    return SliceOp::create(rewriter, location, sum, /*dimension=*/1,
                           index * width, width);
  };
  auto sigmoid = [&](Value value) -> Value {
    return SigmoidOp::create(rewriter, location, value.getType(), value);
  };
  auto tanh = [&](Value value) -> Value {
    return TanhOp::create(rewriter, location, value.getType(), value);
  };
  auto product = [&](Value left, Value right) -> Value {
    return MulOp::create(rewriter, location, left, right);
  };
  Value cell =
      AddOp::create(rewriter, location, product(sigmoid(gate(1)), op.getCell()),
                    product(sigmoid(gate(0)), tanh(gate(2))));
  rewriter.replaceOp(op, {product(sigmoid(gate(3)), tanh(cell)), cell});
  return success();
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

static Value readSeed(OpBuilder &builder, Location location) {
  return ReadOp::create(builder, location, builder.getI64Type(),
                        "input:dropout_seed");
}

/// `weights` with dropout, where `op` asks for it.
template <typename AttentionOp>
static Value dropWeights(IRRewriter &rewriter, AttentionOp op, Value weights) {
  if (op.getDropout().isZero())
    return weights;
  Location location = op.getLoc();
  return DropoutOp::create(
             rewriter, location,
             ValueRange{weights, readSeed(rewriter, location)},
             ArrayRef<NamedAttribute>{
                 rewriter.getNamedAttr("rate", op.getDropoutAttr()),
                 rewriter.getNamedAttr("salt", op.getSaltAttr())})
      ->getResult(0);
}

/// softmax of `scale` · `scores` [Q, H, k] over the first `counts` of k, over
/// all where there are no counts.
static Value softmaxOverValid(IRRewriter &rewriter, Location location,
                              Value scores, Value counts, float scale) {
  SmallVector<Value> inputs{scores};
  if (counts)
    inputs.push_back(counts);
  return NeighbourSoftmaxOp::create(
             rewriter, location, inputs,
             ArrayRef<NamedAttribute>{rewriter.getNamedAttr(
                 "scale", rewriter.getF32FloatAttr(scale))})
      ->getResult(0);
}

/// All heads' rows of scores are rows of one softmax.
static LogicalResult decompose(IRRewriter &rewriter, TokenAttentionOp op) {
  Location location = op.getLoc();
  for (Value tokens : {op.getQuery(), op.getKey(), op.getValue()})
    if (ShapedType::isDynamicShape(shapeOf(tokens).drop_front()))
      return op.emitOpError("needs static extents after the first");
  int64_t heads = *constantValue(op.getHeads());
  auto split = [&](Value tokens) -> Value {
    ArrayRef<int64_t> shape = shapeOf(tokens);
    return ReshapeOp::create(rewriter, location, tokens,
                             {shape[1], heads, shape[2] / heads});
  };
  int64_t queries = shapeOf(op.getQuery())[1], keys = shapeOf(op.getKey())[1];
  float width = shapeOf(op.getQuery())[2] / heads;
  Value scores = contract(rewriter, location, "qiha,qjha->qhij",
                          split(op.getQuery()), split(op.getKey()));
  Value rows =
      ReshapeOp::create(rewriter, location, scores, {heads * queries, keys});
  Value weights =
      dropWeights(rewriter, op,
                  softmaxOverValid(rewriter, location, rows, op.getCounts(),
                                   1.0f / std::sqrt(width)));
  Value perHead =
      ReshapeOp::create(rewriter, location, weights, {heads, queries, keys});
  Value result = contract(rewriter, location, "qhij,qjhv->qihv", perHead,
                          split(op.getValue()));
  rewriter.replaceOpWithNewOp<ReshapeOp>(
      op, result, ArrayRef<int64_t>{queries, shapeOf(op.getValue())[2]});
  return success();
}

/// Keys and values of every neighbour, then attention over dense tensors.
static Value projectNeighbours(IRRewriter &rewriter, const Attention &attention,
                               Value query) {
  TemporalAttentionOp op = attention.op;
  Location location = op.getLoc();
  Value keys = contract(rewriter, location, "qjd,hda->qjha", op.getKey(),
                        op.getKeyWeight());
  Value values = contract(rewriter, location, "qjd,hdv->qjhv", op.getKey(),
                          op.getValueWeight());
  Value scores = contract(rewriter, location, "qha,qjha->qhj", query, keys);
  Value weights =
      dropWeights(rewriter, op,
                  softmaxOverValid(rewriter, location, scores, op.getCounts(),
                                   attention.scale()));
  return contract(rewriter, location, "qhj,qjhv->qhv", weights, values);
}

/// u = W_k q once a query; the kernel makes the keys; the sum meets W_v.
static Value projectQuery(IRRewriter &rewriter, const Attention &attention,
                          Value query) {
  TemporalAttentionOp op = attention.op;
  Location location = op.getLoc();
  Value projected =
      contract(rewriter, location, "qha,hda->qhd", query, op.getKeyWeight());
  SmallVector<Value> inputs{projected, op.getCounts(),
                            readSeed(rewriter, location)};
  if (attention.time)
    llvm::append_range(inputs, TimeEncodeOp(attention.time).getInputs());
  llvm::append_range(inputs, attention.tables);
  auto attend = AttendOp::create(
      rewriter, location, inputs,
      ArrayRef<NamedAttribute>{
          rewriter.getNamedAttr("scale",
                                rewriter.getF32FloatAttr(attention.scale())),
          rewriter.getNamedAttr("dropout", op.getDropoutAttr()),
          rewriter.getNamedAttr("salt", op.getSaltAttr()),
          rewriter.getNamedAttr("time",
                                rewriter.getBoolAttr(bool(attention.time)))});
  return contract(rewriter, location, "qhd,hdv->qhv", attend->getResult(0),
                  op.getValueWeight());
}

/// The form of `attention`: what the op asks for, else `preferred`, else the
/// cheaper one.
static AttentionForm chooseForm(const Attention &attention,
                                AttentionForm preferred) {
  TemporalAttentionOp op = attention.op;
  AttentionForm form = op.getForm();
  if (form == AttentionForm::Automatic)
    form = preferred;
  if (form != AttentionForm::Automatic)
    return form;
  bool isCheaper =
      attention.projectQueryCost() <= attention.projectNeighboursCost();
  return attention.canProjectQuery() && isCheaper
             ? AttentionForm::ProjectQuery
             : AttentionForm::ProjectNeighbours;
}

static FailureOr<AttentionForm> decompose(IRRewriter &rewriter,
                                          TemporalAttentionOp op,
                                          AttentionForm preferred) {
  Attention attention(op);
  AttentionForm form = chooseForm(attention, preferred);
  if (form == AttentionForm::ProjectQuery && !attention.canProjectQuery())
    return op.emitOpError("cannot project the query: its keys are not gathers "
                          "followed by at most one time encoding");
  remark::analysis(
      op.getLoc(),
      remark::RemarkOpts::name("attention-form").category("tgnn-decompose"))
      << remark::add("{0}: {1} multiplications a query to project the query, "
                     "{2} to project the neighbours",
                     stringifyAttentionForm(form), attention.projectQueryCost(),
                     attention.projectNeighboursCost());
  Value query = ReshapeOp::create(
      rewriter, op.getLoc(), op.getQuery(),
      rewriter.getDenseI64ArrayAttr({attention.heads, attention.queryWidth}));
  Value result = form == AttentionForm::ProjectQuery
                     ? projectQuery(rewriter, attention, query)
                     : projectNeighbours(rewriter, attention, query);
  rewriter.replaceOpWithNewOp<ReshapeOp>(
      op, result,
      rewriter.getDenseI64ArrayAttr({attention.heads * attention.valueWidth}));
  return form;
}

namespace {

struct DecomposeLayersPass
    : orcinus::impl::DecomposeLayersBase<DecomposeLayersPass> {
  using DecomposeLayersBase::DecomposeLayersBase;

  void runOnOperation() override {
    std::optional<AttentionForm> preferred = symbolizeAttentionForm(form);
    if (!preferred) {
      getOperation().emitError("unknown attention form '") << form << "'";
      return signalPassFailure();
    }
    IRRewriter rewriter(&getContext());
    if (failed(decomposeAttentions(rewriter, *preferred)) ||
        failed(decomposeAll<TokenAttentionOp>(rewriter)) ||
        failed(decomposeAll<RnnCellOp>(rewriter)) ||
        failed(decomposeAll<LstmOp>(rewriter)) ||
        failed(decomposeAll<GruOp>(rewriter)) ||
        failed(decomposeAll<LinearOp>(rewriter)))
      signalPassFailure();
  }

  LogicalResult decomposeAttentions(IRRewriter &rewriter,
                                    AttentionForm preferred) {
    WalkResult walk = getOperation().walk([&](TemporalAttentionOp op) {
      rewriter.setInsertionPoint(op);
      FailureOr<AttentionForm> chosen = decompose(rewriter, op, preferred);
      if (failed(chosen))
        return WalkResult::interrupt();
      ++(*chosen == AttentionForm::ProjectQuery ? projectedQueries
                                                : projectedNeighbours);
      return WalkResult::advance();
    });
    return failure(walk.wasInterrupted());
  }

  template <typename CompositeOp>
  LogicalResult decomposeAll(IRRewriter &rewriter) {
    WalkResult walk = getOperation().walk([&](CompositeOp op) {
      rewriter.setInsertionPoint(op);
      return WalkResult(decompose(rewriter, op));
    });
    return failure(walk.wasInterrupted());
  }
};

} // namespace
