//===- TGNNTypeInference.cpp - Result types of the tgnn ops ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"
#include "dialects/TGNN/IR/TypeInferenceUtils.h"

using namespace mlir;
using namespace orcinus::tgnn;

#define ORCINUS_INFER(OpClass)                                                 \
  bool OpClass::isCompatibleReturnTypes(TypeRange inferred,                    \
                                        TypeRange actual) {                    \
    return detail::areCompatibleTypes(inferred, actual);                       \
  }                                                                            \
  LogicalResult OpClass::inferReturnTypes(                                     \
      MLIRContext *context, std::optional<Location> location,                  \
      ValueRange operands, DictionaryAttr attributes,                          \
      OpaqueProperties properties, RegionRange regions,                        \
      SmallVectorImpl<Type> &results) {                                        \
    Adaptor adaptor(operands, attributes, properties, regions);                \
    return infer(adaptor, location, results);                                  \
  }

//===----------------------------------------------------------------------===//
// Dense
//===----------------------------------------------------------------------===//

static LogicalResult infer(ContractOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  FailureOr<ContractionLabels> labels = parseContractionSpec(adaptor.getSpec());
  if (failed(labels))
    return emitOptionalError(
        location, "'", adaptor.getSpec(),
        "' is not a contraction: expected \"ab,bc->ac\" with each label of an "
        "input in the other input or in the result");
  if (static_cast<int64_t>(labels->lhs.size()) != rankOf(adaptor.getLhs()) ||
      static_cast<int64_t>(labels->rhs.size()) != rankOf(adaptor.getRhs()))
    return emitOptionalError(location, "'", adaptor.getSpec(),
                             "' labels another number of dimensions than the "
                             "operands have");
  llvm::SmallDenseMap<char, int64_t> extents;
  auto visit = [&](StringRef names, Value operand) -> LogicalResult {
    for (auto [name, extent] : llvm::zip(names, shapeOf(operand))) {
      auto [known, isNew] = extents.try_emplace(name, extent);
      FailureOr<int64_t> merged = mergeExtents(known->second, extent);
      if (failed(merged))
        return emitOptionalError(location, "label '", Twine(name),
                                 "' has the extents ", known->second, " and ",
                                 extent);
      known->second = *merged;
    }
    return success();
  };
  if (failed(visit(labels->lhs, adaptor.getLhs())) ||
      failed(visit(labels->rhs, adaptor.getRhs())))
    return failure();
  SmallVector<int64_t> shape = llvm::map_to_vector(
      labels->result, [&](char name) { return extents[name]; });
  if (Value init = adaptor.getInit()) {
    if (rankOf(init) != static_cast<int64_t>(shape.size()))
      return emitOptionalError(location, "init must have the result's rank");
    for (auto [dimension, extent] : llvm::enumerate(shape))
      if (failed(expectExtent(location, init, "init", rankOf(init), dimension,
                              extent)))
        return failure();
  }
  results.push_back(tensorOf(adaptor.getLhs(), shape));
  return success();
}
ORCINUS_INFER(ContractOp)

static LogicalResult infer(LinearOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  Value input = adaptor.getInput(), weight = adaptor.getWeight();
  if (rankOf(input) < 2 || rankOf(weight) != 2)
    return emitOptionalError(
        location, "the input must have rank 2 or more, the weight rank 2");
  if (rankOf(input) > 2 && shapeOf(input).back() == 0)
    return emitOptionalError(location, "an input of rank ", rankOf(input),
                             " must have a column");
  int64_t width = shapeOf(weight)[1];
  if (failed(expectExtent(location, weight, "the weight", 2, 0,
                          shapeOf(input).back())) ||
      failed(
          expectExtent(location, adaptor.getBias(), "the bias", 1, 0, width)))
    return failure();
  SmallVector<int64_t> shape(shapeOf(input));
  shape.back() = width;
  results.push_back(tensorOf(input, shape));
  return success();
}
ORCINUS_INFER(LinearOp)

static LogicalResult infer(TemporalAttentionOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  Value query = adaptor.getQuery(), key = adaptor.getKey();
  Value keyWeight = adaptor.getKeyWeight();
  Value valueWeight = adaptor.getValueWeight();
  if (rankOf(query) != 2 || rankOf(key) != 3 || rankOf(keyWeight) != 3 ||
      rankOf(valueWeight) != 3)
    return emitOptionalError(location,
                             "query must have rank 2, key and weights rank 3");
  if (failed(expectRows(location, key, "the key", query)) ||
      failed(expectExtent(location, adaptor.getCounts(), "the counts", 1, 0,
                          shapeOf(query)[0])))
    return failure();
  int64_t heads = shapeOf(keyWeight)[0], width = shapeOf(key)[2];
  if (failed(
          expectExtent(location, keyWeight, "the key weight", 3, 1, width)) ||
      failed(expectExtent(location, valueWeight, "the value weight", 3, 1,
                          width)) ||
      failed(
          expectExtent(location, valueWeight, "the value weight", 3, 0, heads)))
    return failure();
  auto joined = [&](int64_t headWidth) {
    return ShapedType::isDynamic(heads) || ShapedType::isDynamic(headWidth)
               ? ShapedType::kDynamic
               : heads * headWidth;
  };
  if (failed(expectExtent(location, query, "the query", 2, 1,
                          joined(shapeOf(keyWeight)[2]))))
    return failure();
  results.push_back(
      tensorOf(query, {shapeOf(query)[0], joined(shapeOf(valueWeight)[2])}));
  return success();
}
ORCINUS_INFER(TemporalAttentionOp)

/// Checks a recurrent unit of `gates` gates: what its input and its state are
/// multiplied by, and the biases.
template <typename Adaptor>
static LogicalResult
inferRecurrent(Adaptor adaptor, std::optional<Location> location, int64_t gates,
               SmallVectorImpl<Type> &results) {
  Value state = adaptor.getState();
  if (rankOf(state) != 2 || rankOf(adaptor.getInput()) != 2)
    return emitOptionalError(location, "input and state must have rank 2");
  if (failed(expectRows(location, adaptor.getInput(), "the input", state)))
    return failure();
  int64_t width = shapeOf(state)[1];
  int64_t all = ShapedType::isDynamic(width) ? width : gates * width;
  if (failed(expectExtent(location, adaptor.getInputWeight(),
                          "the input weight", 2, 0,
                          shapeOf(adaptor.getInput())[1])) ||
      failed(expectExtent(location, adaptor.getInputWeight(),
                          "the input weight", 2, 1, all)) ||
      failed(expectExtent(location, adaptor.getStateWeight(),
                          "the state weight", 2, 0, width)) ||
      failed(expectExtent(location, adaptor.getStateWeight(),
                          "the state weight", 2, 1, all)) ||
      failed(expectExtent(location, adaptor.getInputBias(), "the input bias", 1,
                          0, all)) ||
      failed(expectExtent(location, adaptor.getStateBias(), "the state bias", 1,
                          0, all)))
    return failure();
  results.push_back(state.getType());
  return success();
}

static LogicalResult infer(GruOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  return inferRecurrent(adaptor, location, /*gates=*/3, results);
}
ORCINUS_INFER(GruOp)

static LogicalResult infer(RnnCellOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  return inferRecurrent(adaptor, location, /*gates=*/1, results);
}
ORCINUS_INFER(RnnCellOp)

static LogicalResult infer(LstmOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  SmallVector<int64_t> shape;
  if (failed(inferRecurrent(adaptor, location, /*gates=*/4, results)) ||
      failed(
          mergeShapes(location, adaptor.getState(), adaptor.getCell(), shape)))
    return failure();
  results.push_back(adaptor.getCell().getType());
  return success();
}
ORCINUS_INFER(LstmOp)

static LogicalResult infer(TokenAttentionOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  Value query = adaptor.getQuery(), value = adaptor.getValue();
  if (rankOf(query) != 3 || rankOf(value) != 3)
    return emitOptionalError(location, "queries and values must have rank 3");
  if (Value counts = adaptor.getCounts();
      counts && failed(expectExtent(location, counts, "the counts", 1, 0,
                                    shapeOf(query)[0])))
    return failure();
  if (failed(expectRows(location, value, "the value", query)) ||
      failed(expectExtent(location, adaptor.getKey(), "the key", 3, 0,
                          shapeOf(query)[0])) ||
      failed(expectExtent(location, adaptor.getKey(), "the key", 3, 2,
                          shapeOf(query)[2])) ||
      failed(expectExtent(location, adaptor.getKey(), "the key", 3, 1,
                          shapeOf(value)[1])))
    return failure();
  results.push_back(tensorOf(
      query, {shapeOf(query)[0], shapeOf(query)[1], shapeOf(value)[2]}));
  return success();
}
ORCINUS_INFER(TokenAttentionOp)

static LogicalResult infer(ConcatOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  Value first = adaptor.getInputs().front();
  if (rankOf(first) == 0)
    return emitOptionalError(location, "inputs must have a dimension");
  SmallVector<int64_t> shape(shapeOf(first));
  shape.back() = 0;
  for (Value input : adaptor.getInputs()) {
    if (rankOf(input) != rankOf(first))
      return emitOptionalError(location, "inputs must have the same rank");
    for (auto [merged, extent] :
         llvm::zip(MutableArrayRef(shape).drop_back(), shapeOf(input))) {
      FailureOr<int64_t> both = mergeExtents(merged, extent);
      if (failed(both))
        return emitOptionalError(location, "inputs have different extents, ",
                                 merged, " and ", extent);
      merged = *both;
    }
    int64_t width = shapeOf(input).back();
    shape.back() =
        ShapedType::isDynamic(shape.back()) || ShapedType::isDynamic(width)
            ? ShapedType::kDynamic
            : shape.back() + width;
  }
  results.push_back(tensorOf(first, shape));
  return success();
}
ORCINUS_INFER(ConcatOp)

template <typename Adaptor>
static LogicalResult
inferResized(Adaptor adaptor, std::optional<Location> location, int64_t extent,
             SmallVectorImpl<Type> &results) {
  SmallVector<int64_t> shape(shapeOf(adaptor.getInput()));
  int64_t dimension = adaptor.getDimension();
  if (dimension < 0 || dimension >= static_cast<int64_t>(shape.size()))
    return emitOptionalError(location, "has no dimension ", dimension);
  shape[dimension] = extent;
  results.push_back(tensorOf(adaptor.getInput(), shape));
  return success();
}

static LogicalResult infer(SliceOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  return inferResized(
      adaptor, location,
      constantValue(adaptor.getSize()).value_or(ShapedType::kDynamic), results);
}
ORCINUS_INFER(SliceOp)

static LogicalResult infer(PadOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  int64_t offset = adaptor.getOffset(), size = adaptor.getSize();
  if (failed(inferResized(adaptor, location, size, results)))
    return failure();
  int64_t extent = shapeOf(adaptor.getInput())[adaptor.getDimension()];
  if (offset < 0 || size < offset ||
      (!ShapedType::isDynamic(extent) && extent > size - offset))
    return emitOptionalError(location, "does not fit into ", size,
                             " elements from ", offset, " on");
  return success();
}
ORCINUS_INFER(PadOp)

static LogicalResult infer(ReshapeOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  SmallVector<int64_t> shape{ShapedType::kDynamic};
  llvm::append_range(shape, knownExtents(adaptor.getTrailing()));
  auto type = cast<RankedTensorType>(adaptor.getInput().getType());
  ArrayRef<int64_t> trailing = ArrayRef(shape).drop_front();
  if (type.hasStaticShape() && !ShapedType::isDynamicShape(trailing))
    if (int64_t row = ShapedType::getNumElements(trailing)) {
      if (type.getNumElements() % row)
        return emitOptionalError(location, "cannot make rows of ", row,
                                 " elements of ", type);
      shape[0] = type.getNumElements() / row;
    }
  results.push_back(tensorOf(adaptor.getInput(), shape));
  return success();
}
ORCINUS_INFER(ReshapeOp)

template <typename Adaptor>
static LogicalResult inferMerged(Adaptor adaptor,
                                 std::optional<Location> location, Value a,
                                 Value b, SmallVectorImpl<Type> &results) {
  SmallVector<int64_t> shape;
  if (failed(mergeShapes(location, a, b, shape)))
    return failure();
  results.push_back(tensorOf(a, shape));
  return success();
}

static LogicalResult infer(AddOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  return inferMerged(adaptor, location, adaptor.getLhs(), adaptor.getRhs(),
                     results);
}
ORCINUS_INFER(AddOp)

static LogicalResult infer(MulOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  return inferMerged(adaptor, location, adaptor.getLhs(), adaptor.getRhs(),
                     results);
}
ORCINUS_INFER(MulOp)

static LogicalResult infer(ReluGradOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  return inferMerged(adaptor, location, adaptor.getValue(),
                     adaptor.getGradient(), results);
}
ORCINUS_INFER(ReluGradOp)

static LogicalResult infer(GeluGradOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  return inferMerged(adaptor, location, adaptor.getValue(),
                     adaptor.getGradient(), results);
}
ORCINUS_INFER(GeluGradOp)

static LogicalResult infer(TanhGradOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  return inferMerged(adaptor, location, adaptor.getValue(),
                     adaptor.getGradient(), results);
}
ORCINUS_INFER(TanhGradOp)

static LogicalResult infer(TanhOp::Adaptor adaptor, std::optional<Location>,
                           SmallVectorImpl<Type> &results) {
  results.push_back(adaptor.getInput().getType());
  return success();
}
ORCINUS_INFER(TanhOp)

static LogicalResult infer(SigmoidGradOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  return inferMerged(adaptor, location, adaptor.getValue(),
                     adaptor.getGradient(), results);
}
ORCINUS_INFER(SigmoidGradOp)

static LogicalResult infer(SigmoidOp::Adaptor adaptor, std::optional<Location>,
                           SmallVectorImpl<Type> &results) {
  results.push_back(adaptor.getInput().getType());
  return success();
}
ORCINUS_INFER(SigmoidOp)

static LogicalResult infer(GeluOp::Adaptor adaptor, std::optional<Location>,
                           SmallVectorImpl<Type> &results) {
  results.push_back(adaptor.getInput().getType());
  return success();
}
ORCINUS_INFER(GeluOp)

static LogicalResult infer(ScaleOp::Adaptor adaptor, std::optional<Location>,
                           SmallVectorImpl<Type> &results) {
  results.push_back(adaptor.getInput().getType());
  return success();
}
ORCINUS_INFER(ScaleOp)

static LogicalResult infer(TransposeOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  SmallVector<int64_t> shape(shapeOf(adaptor.getInput()));
  if (shape.size() < 2)
    return emitOptionalError(location, "the input must have rank 2 or more");
  std::swap(shape[shape.size() - 2], shape.back());
  results.push_back(tensorOf(adaptor.getInput(), shape));
  return success();
}
ORCINUS_INFER(TransposeOp)

static LogicalResult infer(ReluOp::Adaptor adaptor, std::optional<Location>,
                           SmallVectorImpl<Type> &results) {
  results.push_back(adaptor.getInput().getType());
  return success();
}
ORCINUS_INFER(ReluOp)

static LogicalResult infer(StopGradientOp::Adaptor adaptor,
                           std::optional<Location>,
                           SmallVectorImpl<Type> &results) {
  results.push_back(adaptor.getInput().getType());
  return success();
}
ORCINUS_INFER(StopGradientOp)

static LogicalResult infer(SumRowsOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  if (rankOf(adaptor.getInput()) < 2)
    return emitOptionalError(location, "the input must have rank 2 or more");
  results.push_back(
      tensorOf(adaptor.getInput(), {shapeOf(adaptor.getInput()).back()}));
  return success();
}
ORCINUS_INFER(SumRowsOp)

static LogicalResult infer(BroadcastRowsOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  if (rankOf(adaptor.getVector()) < 1 || rankOf(adaptor.getLike()) < 1)
    return emitOptionalError(
        location, "needs a vector or table, and a tensor with rows to be like");
  SmallVector<int64_t> shape{shapeOf(adaptor.getLike())[0]};
  llvm::append_range(shape, shapeOf(adaptor.getVector()));
  results.push_back(tensorOf(adaptor.getVector(), shape));
  return success();
}
ORCINUS_INFER(BroadcastRowsOp)

static LogicalResult infer(LinkPairsOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  if (rankOf(adaptor.getEmbeddings()) != 2)
    return emitOptionalError(location, "embeddings must have rank 2");
  int64_t rows = shapeOf(adaptor.getEmbeddings())[0];
  if (!ShapedType::isDynamic(rows)) {
    if (rows % 3)
      return emitOptionalError(
          location,
          "needs embeddings of sources, as many destinations and as many "
          "negatives, has ",
          rows);
    rows = rows / 3 * 2;
  }
  results.append(2, tensorOf(adaptor.getEmbeddings(),
                             {rows, shapeOf(adaptor.getEmbeddings())[1]}));
  return success();
}
ORCINUS_INFER(LinkPairsOp)

static LogicalResult infer(LinkPairsGradOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  if (rankOf(adaptor.getSources()) != 2)
    return emitOptionalError(location, "gradients must have rank 2");
  SmallVector<int64_t> shape;
  if (failed(mergeShapes(location, adaptor.getSources(),
                         adaptor.getDestinations(), shape)))
    return failure();
  if (!ShapedType::isDynamic(shape[0])) {
    if (shape[0] % 2)
      return emitOptionalError(
          location, "needs gradients of events and as many negatives, has ",
          shape[0]);
    shape[0] = shape[0] / 2 * 3;
  }
  results.push_back(tensorOf(adaptor.getSources(), shape));
  return success();
}
ORCINUS_INFER(LinkPairsGradOp)

static LogicalResult infer(ZerosOp::Adaptor adaptor, std::optional<Location>,
                           SmallVectorImpl<Type> &results) {
  results.push_back(adaptor.getLike().getType());
  return success();
}
ORCINUS_INFER(ZerosOp)

static LogicalResult infer(ConcatRowsOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  Value first = adaptor.getFirst(), second = adaptor.getSecond();
  if (rankOf(first) != 2)
    return emitOptionalError(location, "operands must have rank 2");
  if (failed(expectExtent(location, second, "the second operand", 2, 1,
                          shapeOf(first)[1])))
    return failure();
  int64_t rows = shapeOf(first)[0], more = shapeOf(second)[0];
  rows = ShapedType::isDynamic(rows) || ShapedType::isDynamic(more)
             ? ShapedType::kDynamic
             : rows + more;
  results.push_back(tensorOf(first, {rows, shapeOf(first)[1]}));
  return success();
}
ORCINUS_INFER(ConcatRowsOp)

static LogicalResult infer(FirstRowsOp::Adaptor adaptor,
                           std::optional<Location> location,
                           SmallVectorImpl<Type> &results) {
  if (rankOf(adaptor.getInput()) != 2)
    return emitOptionalError(location, "the input must have rank 2");
  if (rankOf(adaptor.getLike()) < 1)
    return emitOptionalError(location, "needs a tensor with rows to be like");
  int64_t rows = shapeOf(adaptor.getLike())[0],
          all = shapeOf(adaptor.getInput())[0];
  if (!ShapedType::isDynamic(rows) && !ShapedType::isDynamic(all) && rows > all)
    return emitOptionalError(location, "takes ", rows, " rows out of ", all);
  results.push_back(
      tensorOf(adaptor.getInput(), {rows, shapeOf(adaptor.getInput())[1]}));
  return success();
}
ORCINUS_INFER(FirstRowsOp)

#undef ORCINUS_INFER
