//===- TGNNKernelTypeInference.cpp - Result types of the kernels ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"
#include "dialects/TGNN/IR/TypeInferenceUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

#include <algorithm>
#include <limits>

using namespace mlir;
using namespace orcinus::tgnn;

namespace {

/// What an input of a kernel is.
struct InputKind {
  enum Element { Number, Row, Index, Seed };

  /// Numbers in f32.
  InputKind(int64_t rank) : rank(rank) {}
  InputKind(int64_t rank, Element element) : rank(rank), element(element) {}

  int64_t rank;
  Element element = Number;
};

} // namespace

/// Rows that are moved about, of f32 or i32.
static InputKind rows(int64_t rank) { return {rank, InputKind::Row}; }

/// Positions, counts or offsets in i32.
static InputKind indices(int64_t rank) { return {rank, InputKind::Index}; }

/// A number in i64 that random ones are drawn from.
static InputKind seed() { return {-1, InputKind::Seed}; }

/// Checks that what `what` says has elements of the kind `element`.
static LogicalResult expectElement(std::optional<Location> location,
                                   Value value, const llvm::Twine &what,
                                   InputKind::Element element) {
  Type type = getElementTypeOrSelf(value.getType());
  switch (element) {
  case InputKind::Number:
    if (!type.isF32())
      return emitOptionalError(location, what, " must be of f32, is of ", type);
    break;
  case InputKind::Row:
    if (!type.isF32() && !type.isSignlessInteger(32))
      return emitOptionalError(location, what, " must be of f32 or i32, is of ",
                               type);
    break;
  case InputKind::Index:
    if (!type.isSignlessInteger(32))
      return emitOptionalError(location, what, " must be of i32, is of ", type);
    break;
  case InputKind::Seed:
    if (!type.isSignlessInteger(64))
      return emitOptionalError(location, what, " must be of i64, is of ", type);
    break;
  }
  return success();
}

/// Checks what a kernel's inputs are. Only where `open` may more inputs follow.
static LogicalResult expectInputs(std::optional<Location> location,
                                  ValueRange inputs, ArrayRef<InputKind> kinds,
                                  bool open = false) {
  if (inputs.size() < kinds.size() || (!open && inputs.size() > kinds.size()))
    return emitOptionalError(location, "needs ", kinds.size(), " inputs, has ",
                             inputs.size());
  for (auto [index, kind] : llvm::enumerate(kinds)) {
    if (rankOf(inputs[index]) != kind.rank)
      return emitOptionalError(location, "input ", index, " must ",
                               kind.rank < 0 ? "be a scalar"
                                             : "have another rank");
    if (failed(expectElement(location, inputs[index],
                             "input " + llvm::Twine(index), kind.element)))
      return failure();
  }
  return success();
}

/// The same where inputs may have different ranks.
static LogicalResult expectElements(std::optional<Location> location,
                                    ValueRange inputs,
                                    ArrayRef<InputKind::Element> elements) {
  for (auto [index, input, element] : llvm::enumerate(inputs, elements))
    if (failed(expectElement(location, input, "input " + llvm::Twine(index),
                             element)))
      return failure();
  return success();
}

/// Checks that `value` has the rank of `like`, and its extents, at least those
/// of the dimensions from `first` to `last`, exclusive.
static LogicalResult
expectShape(std::optional<Location> location, Value value, StringRef what,
            Value like, int64_t first = 0,
            int64_t last = std::numeric_limits<int64_t>::max()) {
  int64_t rank = rankOf(like);
  for (int64_t at = first; at < std::min(last, rank); ++at)
    if (failed(
            expectExtent(location, value, what, rank, at, shapeOf(like)[at])))
      return failure();
  return success();
}

/// Checks that `rate` is one that dropout can keep something with.
static LogicalResult expectRate(std::optional<Location> location,
                                const llvm::APFloat &rate) {
  float value = rate.convertToFloat();
  if (!(value >= 0.0f && value < 1.0f))
    return emitOptionalError(location, "the rate must be in [0, 1)");
  return success();
}

static Value buildDim(OpBuilder &builder, Value value, int64_t dimension) {
  Location location = value.getLoc();
  if (isa<MemRefType>(value.getType()))
    return memref::DimOp::create(builder, location, value, dimension);
  return tensor::DimOp::create(builder, location, value, dimension);
}

/// The rows that offsets are of: one fewer.
static int64_t rowsOf(Value offsets) {
  int64_t extent = shapeOf(offsets)[0];
  return ShapedType::isDynamic(extent) ? extent : extent - 1;
}

/// Checks offsets, of which one is always there.
static LogicalResult expectOffsets(std::optional<Location> location,
                                   Value offsets) {
  if (shapeOf(offsets)[0] == 0)
    return emitOptionalError(location, "offsets must have an element");
  return success();
}

/// A kernel whose results' dynamic extents are all the rows of its input 0.
#define ORCINUS_ROWS_OF_INPUT(OpClass, input)                                  \
  Value OpClass::buildResultExtent(OpBuilder &builder, ValueRange inputs,      \
                                   unsigned, unsigned dimension) {             \
    return buildDim(builder, inputs[input], dimension);                        \
  }
/// A kernel whose result's rows are one less than the offsets in input 1, 4.
#define ORCINUS_ROWS_OF_OFFSETS(OpClass, input)                                \
  Value OpClass::buildResultExtent(OpBuilder &builder, ValueRange inputs,      \
                                   unsigned, unsigned) {                       \
    Location location = getLoc();                                              \
    Value extent = buildDim(builder, inputs[input], 0);                        \
    Value one = arith::ConstantIndexOp::create(builder, location, 1);          \
    return arith::SubIOp::create(builder, location, extent, one);              \
  }

LogicalResult GatherOp::inferKernelResults(Adaptor adaptor,
                                           std::optional<Location> location,
                                           SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (inputs.size() != 2 || rankOf(inputs[0]) != 2 || rankOf(inputs[1]) < 1)
    return emitOptionalError(location, "needs a table of rank 2 and an index");
  if (failed(
          expectElements(location, inputs, {InputKind::Row, InputKind::Index})))
    return failure();
  SmallVector<int64_t> shape(shapeOf(inputs[1]));
  shape.push_back(shapeOf(inputs[0])[1]);
  results.push_back(tensorOf(inputs[0], shape));
  return success();
}
ORCINUS_ROWS_OF_INPUT(GatherOp, 1)

LogicalResult GatherGradOp::inferKernelResults(Adaptor adaptor,
                                               std::optional<Location> location,
                                               SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (inputs.size() != 3 || rankOf(inputs[0]) < 2 || rankOf(inputs[1]) != 1 ||
      rankOf(inputs[2]) != 1)
    return emitOptionalError(location,
                             "needs a gradient, offsets and references");
  if (failed(expectElements(
          location, inputs,
          {InputKind::Number, InputKind::Index, InputKind::Index})) ||
      failed(expectOffsets(location, inputs[1])))
    return failure();
  results.push_back(
      tensorOf(inputs[0], {rowsOf(inputs[1]), shapeOf(inputs[0]).back()}));
  return success();
}
ORCINUS_ROWS_OF_OFFSETS(GatherGradOp, 1)

LogicalResult MeanRowsOp::inferKernelResults(Adaptor adaptor,
                                             std::optional<Location> location,
                                             SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (failed(expectInputs(location, inputs, {2, indices(1), indices(1)})) ||
      failed(expectOffsets(location, inputs[1])))
    return failure();
  results.push_back(
      tensorOf(inputs[0], {rowsOf(inputs[1]), shapeOf(inputs[0]).back()}));
  return success();
}
ORCINUS_ROWS_OF_OFFSETS(MeanRowsOp, 1)

LogicalResult
ReplaceRowsOp::inferKernelResults(Adaptor adaptor,
                                  std::optional<Location> location,
                                  SmallVectorImpl<Type> &results) {
  if (failed(expectInputs(location, adaptor.getInputs(),
                          {rows(2), indices(1), rows(2)})) ||
      failed(expectShape(location, adaptor.getInputs()[2], "the values",
                         adaptor.getInputs()[0], 1)) ||
      failed(expectRows(location, adaptor.getInputs()[2], "the values",
                        adaptor.getInputs()[1])))
    return failure();
  Value table = adaptor.getInputs()[0];
  results.push_back(tensorOf(table, shapeOf(table)));
  return success();
}
ORCINUS_ROWS_OF_INPUT(ReplaceRowsOp, 0)

LogicalResult TimeEncodeOp::inferKernelResults(Adaptor adaptor,
                                               std::optional<Location> location,
                                               SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (inputs.size() != 3 || rankOf(inputs[0]) < 1 || rankOf(inputs[1]) != 1 ||
      rankOf(inputs[2]) != 1)
    return emitOptionalError(location, "needs Δt, frequencies and phases");
  if (failed(expectElements(
          location, inputs,
          {InputKind::Number, InputKind::Number, InputKind::Number})))
    return failure();
  if (failed(expectShape(location, inputs[2], "the phases", inputs[1])))
    return failure();
  SmallVector<int64_t> shape(shapeOf(inputs[0]));
  shape.push_back(shapeOf(inputs[1])[0]);
  results.push_back(tensorOf(inputs[0], shape));
  return success();
}
ORCINUS_ROWS_OF_INPUT(TimeEncodeOp, 0)

LogicalResult
TimeEncodeGradOp::inferKernelResults(Adaptor adaptor,
                                     std::optional<Location> location,
                                     SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (inputs.size() != 4 || rankOf(inputs[1]) != 1 || rankOf(inputs[2]) != 1)
    return emitOptionalError(location,
                             "needs Δt, frequencies, phases and a gradient");
  if (failed(expectElements(location, inputs,
                            {InputKind::Number, InputKind::Number,
                             InputKind::Number, InputKind::Number})))
    return failure();
  int64_t last = rankOf(inputs[0]);
  if (failed(expectShape(location, inputs[2], "the phases", inputs[1])) ||
      failed(expectExtent(location, inputs[3], "the gradient", last + 1, last,
                          shapeOf(inputs[1])[0])))
    return failure();
  for (int64_t at = 0; at != last; ++at)
    if (failed(expectExtent(location, inputs[3], "the gradient", last + 1, at,
                            shapeOf(inputs[0])[at])))
      return failure();
  results.append(2, tensorOf(inputs[1], shapeOf(inputs[1])));
  return success();
}
ORCINUS_ROWS_OF_INPUT(TimeEncodeGradOp, 1)

/// Checks that there is a count for each row of the first input.
static LogicalResult expectCounts(std::optional<Location> location,
                                  ValueRange inputs) {
  return expectRows(location, inputs[1], "the counts", inputs[0]);
}

LogicalResult MaskRowsOp::inferKernelResults(Adaptor adaptor,
                                             std::optional<Location> location,
                                             SmallVectorImpl<Type> &results) {
  if (failed(expectInputs(location, adaptor.getInputs(), {2, indices(1)})) ||
      failed(expectCounts(location, adaptor.getInputs())))
    return failure();
  Value input = adaptor.getInputs()[0];
  results.push_back(tensorOf(input, shapeOf(input)));
  return success();
}
ORCINUS_ROWS_OF_INPUT(MaskRowsOp, 0)

LogicalResult MaskTokensOp::inferKernelResults(Adaptor adaptor,
                                               std::optional<Location> location,
                                               SmallVectorImpl<Type> &results) {
  if (failed(expectInputs(location, adaptor.getInputs(), {3, indices(1)})) ||
      failed(expectCounts(location, adaptor.getInputs())))
    return failure();
  Value input = adaptor.getInputs()[0];
  results.push_back(tensorOf(input, shapeOf(input)));
  return success();
}
ORCINUS_ROWS_OF_INPUT(MaskTokensOp, 0)

/// Checks a tensor of rank `rank` that numbers of valid tokens may follow.
static LogicalResult expectTokens(std::optional<Location> location,
                                  ValueRange inputs, int64_t rank) {
  if (inputs.size() < 2)
    return expectInputs(location, inputs, {rank});
  return failure(failed(expectInputs(location, inputs, {rank, indices(1)})) ||
                 failed(expectCounts(location, inputs)));
}

LogicalResult MeanTokensOp::inferKernelResults(Adaptor adaptor,
                                               std::optional<Location> location,
                                               SmallVectorImpl<Type> &results) {
  if (failed(expectTokens(location, adaptor.getInputs(), 3)))
    return failure();
  Value input = adaptor.getInputs()[0];
  ArrayRef<int64_t> shape = shapeOf(input);
  if (shape[1] == 0)
    return emitOptionalError(location, "needs a token to take the mean of");
  results.push_back(tensorOf(input, {shape[0], shape[2]}));
  return success();
}
ORCINUS_ROWS_OF_INPUT(MeanTokensOp, 0)

LogicalResult
MeanTokensGradOp::inferKernelResults(Adaptor adaptor,
                                     std::optional<Location> location,
                                     SmallVectorImpl<Type> &results) {
  if (failed(expectTokens(location, adaptor.getInputs(), 2)))
    return failure();
  int64_t tokens = adaptor.getTokens();
  if (tokens <= 0)
    return emitOptionalError(location, "needs a token, has ", tokens);
  Value gradient = adaptor.getInputs()[0];
  ArrayRef<int64_t> shape = shapeOf(gradient);
  results.push_back(tensorOf(gradient, {shape[0], tokens, shape[1]}));
  return success();
}
ORCINUS_ROWS_OF_INPUT(MeanTokensGradOp, 0)

LogicalResult DropoutOp::inferKernelResults(Adaptor adaptor,
                                            std::optional<Location> location,
                                            SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (inputs.size() != 2 || rankOf(inputs[0]) < 1 || rankOf(inputs[1]) != -1)
    return emitOptionalError(location, "needs a tensor and a seed");
  if (failed(expectElements(location, inputs,
                            {InputKind::Number, InputKind::Seed})))
    return failure();
  if (failed(expectRate(location, adaptor.getRate())))
    return failure();
  results.push_back(tensorOf(inputs[0], shapeOf(inputs[0])));
  return success();
}
ORCINUS_ROWS_OF_INPUT(DropoutOp, 0)

LogicalResult LayerNormOp::inferKernelResults(Adaptor adaptor,
                                              std::optional<Location> location,
                                              SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (failed(expectInputs(location, inputs, {2, 1, 1})))
    return failure();
  for (Value vector : inputs.drop_front())
    if (failed(expectExtent(location, vector, "scale and shift", 1, 0,
                            shapeOf(inputs[0])[1])))
      return failure();
  results.push_back(tensorOf(inputs[0], shapeOf(inputs[0])));
  results.push_back(tensorOf(inputs[0], {shapeOf(inputs[0])[0], 2}));
  return success();
}
ORCINUS_ROWS_OF_INPUT(LayerNormOp, 0)

LogicalResult
LayerNormGradOp::inferKernelResults(Adaptor adaptor,
                                    std::optional<Location> location,
                                    SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (failed(expectInputs(location, inputs, {2, 1, 2, 2})))
    return failure();
  Value input = inputs[0];
  if (failed(expectExtent(location, inputs[1], "the scale", 1, 0,
                          shapeOf(input)[1])) ||
      failed(expectExtent(location, inputs[2], "the statistics", 2, 1, 2)) ||
      failed(expectRows(location, inputs[2], "the statistics", input)) ||
      failed(expectShape(location, inputs[3], "the gradient", input)))
    return failure();
  results.push_back(tensorOf(input, shapeOf(input)));
  return success();
}
ORCINUS_ROWS_OF_INPUT(LayerNormGradOp, 0)

LogicalResult
LayerNormParameterGradOp::inferKernelResults(Adaptor adaptor,
                                             std::optional<Location> location,
                                             SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (failed(expectInputs(location, inputs, {2, 2, 2})))
    return failure();
  Value input = inputs[0];
  if (failed(expectExtent(location, inputs[1], "the statistics", 2, 1, 2)) ||
      failed(expectRows(location, inputs[1], "the statistics", input)) ||
      failed(expectShape(location, inputs[2], "the gradient", input)))
    return failure();
  results.append(2, tensorOf(input, {shapeOf(input)[1]}));
  return success();
}
ORCINUS_ROWS_OF_INPUT(LayerNormParameterGradOp, 0)

/// Checks a gated recurrent unit's a, c and h.
static LogicalResult checkGates(std::optional<Location> location,
                                ValueRange inputs) {
  int64_t width = shapeOf(inputs[2])[1];
  int64_t gates = ShapedType::isDynamic(width) ? width : 3 * width;
  for (Value gate : inputs.take_front(2))
    if (failed(expectExtent(location, gate, "the gates", 2, 1, gates)) ||
        failed(expectRows(location, gate, "the gates", inputs[2])))
      return failure();
  return success();
}

LogicalResult GruGatesOp::inferKernelResults(Adaptor adaptor,
                                             std::optional<Location> location,
                                             SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (failed(expectInputs(location, inputs, {2, 2, 2})) ||
      failed(checkGates(location, inputs)))
    return failure();
  results.push_back(tensorOf(inputs[2], shapeOf(inputs[2])));
  return success();
}
ORCINUS_ROWS_OF_INPUT(GruGatesOp, 2)

LogicalResult
GruGatesGradOp::inferKernelResults(Adaptor adaptor,
                                   std::optional<Location> location,
                                   SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (failed(expectInputs(location, inputs, {2, 2, 2, 2})) ||
      failed(checkGates(location, inputs)) ||
      failed(expectShape(location, inputs[3], "the gradient", inputs[2])))
    return failure();
  for (Value input : inputs.take_front(3))
    results.push_back(tensorOf(input, shapeOf(input)));
  return success();
}
ORCINUS_ROWS_OF_INPUT(GruGatesGradOp, 0)

/// Checks attend's inputs but an index of queries, where `rows` has a row for
/// each of these; returns k.
template <typename Adaptor>
static FailureOr<int64_t> checkAttendInputs(Adaptor adaptor, ValueRange inputs,
                                            Value rows,
                                            std::optional<Location> location) {
  if (failed(expectInputs(location, inputs, {3, indices(1), seed()},
                          /*open=*/true)) ||
      failed(expectRate(location, adaptor.getDropout())) ||
      failed(expectRows(location, inputs[1], "the counts", rows)))
    return failure();
  // Below 0 where a part is unknown.
  int64_t width = 0, neighbours = ShapedType::kDynamic;
  auto add = [&](int64_t columns) {
    width = width < 0 || ShapedType::isDynamic(columns) ? -1 : width + columns;
  };
  unsigned firstTable = 3;
  if (adaptor.getTime()) {
    if (failed(expectInputs(location, inputs, {3, indices(1), seed(), 2, 1, 1},
                            /*open=*/true)) ||
        failed(expectShape(location, inputs[5], "the phases", inputs[4])) ||
        failed(expectRows(location, inputs[3], "Δt", rows)))
      return failure();
    add(shapeOf(inputs[4])[0]);
    neighbours = shapeOf(inputs[3])[1];
    firstTable = 6;
  }
  auto fail = [&](auto... message) -> LogicalResult {
    return emitOptionalError(location, message...);
  };
  ValueRange tables = inputs.drop_front(firstTable);
  if (tables.size() % 2)
    return fail("every table needs an index");
  for (unsigned i = 0; i < tables.size(); i += 2) {
    if (rankOf(tables[i]) != 2 || rankOf(tables[i + 1]) != 2)
      return fail("tables and indices must have rank 2");
    if (failed(
            expectElement(location, tables[i], "a table", InputKind::Number)) ||
        failed(expectElement(location, tables[i + 1], "an index",
                             InputKind::Index)) ||
        failed(expectRows(location, tables[i + 1], "an index", rows)))
      return failure();
    add(shapeOf(tables[i])[1]);
    FailureOr<int64_t> merged =
        mergeExtents(neighbours, shapeOf(tables[i + 1])[1]);
    if (failed(merged))
      return fail("table ", i / 2, " has ", shapeOf(tables[i + 1])[1],
                  " neighbours, expected ", neighbours);
    neighbours = *merged;
  }
  bool isKnown = width >= 0 && !ShapedType::isDynamic(shapeOf(inputs[0])[2]);
  if (isKnown && width != shapeOf(inputs[0])[2])
    return fail("keys have ", width, " columns, the query has ",
                shapeOf(inputs[0])[2]);
  return neighbours;
}

LogicalResult AttendOp::inferKernelResults(Adaptor adaptor,
                                           std::optional<Location> location,
                                           SmallVectorImpl<Type> &results) {
  SmallVector<Value> inputs(adaptor.getInputs());
  bool indexed = adaptor.getIndexed();
  if (indexed) {
    if (failed(expectInputs(location, inputs,
                            {3, indices(1), seed(), indices(1)},
                            /*open=*/true)))
      return failure();
    inputs.erase(inputs.begin() + indexPosition);
  }
  // That each query has a row.
  Value rows = adaptor.getInputs()[indexed ? indexPosition : 0];
  FailureOr<int64_t> neighbours =
      checkAttendInputs(adaptor, inputs, rows, location);
  if (failed(neighbours))
    return failure();
  int64_t queries = shapeOf(rows)[0];
  ArrayRef<int64_t> query = shapeOf(inputs[0]);
  results.push_back(tensorOf(inputs[0], {queries, query[1], query[2]}));
  results.push_back(tensorOf(inputs[0], {queries, query[1], *neighbours}));
  return success();
}

Value AttendOp::buildResultExtent(OpBuilder &builder, ValueRange inputs,
                                  unsigned, unsigned dimension) {
  return buildDim(builder, inputs[getIndexed() ? indexPosition : 0], dimension);
}

LogicalResult AttendGradOp::inferKernelResults(Adaptor adaptor,
                                               std::optional<Location> location,
                                               SmallVectorImpl<Type> &results) {
  if (failed(expectInputs(location, adaptor.getInputs(), {3, 3},
                          /*open=*/true)))
    return failure();
  Value query = adaptor.getInputs()[2];
  FailureOr<int64_t> neighbours = checkAttendInputs(
      adaptor, adaptor.getInputs().drop_front(2), query, location);
  if (failed(neighbours))
    return failure();
  if (failed(expectShape(location, adaptor.getInputs()[0], "the gradient",
                         query)) ||
      failed(expectShape(location, adaptor.getInputs()[1], "the softmax", query,
                         /*first=*/0, /*last=*/2)) ||
      failed(expectExtent(location, adaptor.getInputs()[1], "the softmax", 3, 2,
                          *neighbours)))
    return failure();
  results.push_back(tensorOf(query, shapeOf(query)));
  results.append(
      2, tensorOf(query, {shapeOf(query)[0], shapeOf(query)[1], *neighbours}));
  return success();
}
ORCINUS_ROWS_OF_INPUT(AttendGradOp, 2)

/// Checks the dz, u, a and c that start `inputs`, and that the keys have the
/// columns [column, column + width).
static LogicalResult checkKeyGradient(std::optional<Location> location,
                                      ValueRange inputs, int64_t column,
                                      int64_t width) {
  if (failed(expectShape(location, inputs[1], "the query", inputs[0])) ||
      failed(expectShape(location, inputs[2], "the weights", inputs[0],
                         /*first=*/0, /*last=*/2)) ||
      failed(expectShape(location, inputs[3], "the coefficients", inputs[2])))
    return failure();
  int64_t columns = shapeOf(inputs[0])[2];
  if (ShapedType::isDynamic(width))
    return success();
  if (column < 0 || width < 0 ||
      (!ShapedType::isDynamic(columns) && width > columns - column))
    return emitOptionalError(location, "columns [", column, ", ",
                             column + width, ") exceed the keys' ", columns);
  return success();
}

LogicalResult
AttendTableGradOp::inferKernelResults(Adaptor adaptor,
                                      std::optional<Location> location,
                                      SmallVectorImpl<Type> &results) {
  int64_t width = adaptor.getWidth();
  if (failed(expectInputs(location, adaptor.getInputs(),
                          {3, 3, 3, 3, indices(1), indices(1)})) ||
      failed(checkKeyGradient(location, adaptor.getInputs(),
                              adaptor.getColumn(), width)) ||
      failed(expectOffsets(location, adaptor.getInputs()[4])))
    return failure();
  results.push_back(tensorOf(adaptor.getInputs()[0],
                             {rowsOf(adaptor.getInputs()[4]), width}));
  return success();
}
ORCINUS_ROWS_OF_OFFSETS(AttendTableGradOp, 4)

LogicalResult
AttendTimeGradOp::inferKernelResults(Adaptor adaptor,
                                     std::optional<Location> location,
                                     SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (failed(
          expectInputs(location, inputs, {3, 3, 3, 3, indices(1), 2, 1, 1})) ||
      failed(expectShape(location, inputs[7], "the phases", inputs[6])) ||
      failed(checkKeyGradient(location, inputs, adaptor.getColumn(),
                              shapeOf(inputs[6])[0])) ||
      failed(expectRows(location, inputs[4], "the counts", inputs[0])) ||
      failed(expectRows(location, inputs[5], "Δt", inputs[0])))
    return failure();
  results.append(2, tensorOf(inputs[6], shapeOf(inputs[6])));
  return success();
}
ORCINUS_ROWS_OF_INPUT(AttendTimeGradOp, 6)

LogicalResult
NeighbourSoftmaxOp::inferKernelResults(Adaptor adaptor,
                                       std::optional<Location> location,
                                       SmallVectorImpl<Type> &results) {
  if (failed(expectTokens(location, adaptor.getInputs(), 3)))
    return failure();
  Value scores = adaptor.getInputs()[0];
  results.push_back(tensorOf(scores, shapeOf(scores)));
  return success();
}
ORCINUS_ROWS_OF_INPUT(NeighbourSoftmaxOp, 0)

LogicalResult
NeighbourSoftmaxGradOp::inferKernelResults(Adaptor adaptor,
                                           std::optional<Location> location,
                                           SmallVectorImpl<Type> &results) {
  if (failed(expectInputs(location, adaptor.getInputs(), {3, 3})) ||
      failed(expectShape(location, adaptor.getInputs()[1], "the gradient",
                         adaptor.getInputs()[0])))
    return failure();
  Value weights = adaptor.getInputs()[0];
  results.push_back(tensorOf(weights, shapeOf(weights)));
  return success();
}
ORCINUS_ROWS_OF_INPUT(NeighbourSoftmaxGradOp, 0)

/// Logits [P, 1] and their labels [P].
static LogicalResult expectLabelledLogits(std::optional<Location> location,
                                          ValueRange inputs) {
  return failure(
      failed(expectExtent(location, inputs[0], "the logits", 2, 1, 1)) ||
      failed(expectExtent(location, inputs[1], "the labels", 1, 0,
                          shapeOf(inputs[0])[0])));
}

LogicalResult LinkLossOp::inferKernelResults(Adaptor adaptor,
                                             std::optional<Location> location,
                                             SmallVectorImpl<Type> &results) {
  if (failed(expectInputs(location, adaptor.getInputs(), {2, indices(1)})) ||
      failed(expectLabelledLogits(location, adaptor.getInputs())))
    return failure();
  results.push_back(tensorOf(adaptor.getInputs()[0], {}));
  return success();
}
ORCINUS_ROWS_OF_INPUT(LinkLossOp, 0)

LogicalResult
LinkLossGradOp::inferKernelResults(Adaptor adaptor,
                                   std::optional<Location> location,
                                   SmallVectorImpl<Type> &results) {
  if (failed(expectInputs(location, adaptor.getInputs(), {2, indices(1), 0})) ||
      failed(expectLabelledLogits(location, adaptor.getInputs())))
    return failure();
  Value logits = adaptor.getInputs()[0];
  results.push_back(tensorOf(logits, shapeOf(logits)));
  return success();
}
ORCINUS_ROWS_OF_INPUT(LinkLossGradOp, 0)

LogicalResult LabelLossOp::inferKernelResults(Adaptor adaptor,
                                              std::optional<Location> location,
                                              SmallVectorImpl<Type> &results) {
  if (failed(expectInputs(location, adaptor.getInputs(), {2, 2})) ||
      failed(expectShape(location, adaptor.getInputs()[1], "the labels' values",
                         adaptor.getInputs()[0])))
    return failure();
  results.push_back(tensorOf(adaptor.getInputs()[0], {}));
  return success();
}
ORCINUS_ROWS_OF_INPUT(LabelLossOp, 0)

LogicalResult
LabelLossGradOp::inferKernelResults(Adaptor adaptor,
                                    std::optional<Location> location,
                                    SmallVectorImpl<Type> &results) {
  if (failed(expectInputs(location, adaptor.getInputs(), {2, 2, 0})) ||
      failed(expectShape(location, adaptor.getInputs()[1], "the labels' values",
                         adaptor.getInputs()[0])))
    return failure();
  Value predictions = adaptor.getInputs()[0];
  results.push_back(tensorOf(predictions, shapeOf(predictions)));
  return success();
}
ORCINUS_ROWS_OF_INPUT(LabelLossGradOp, 0)

LogicalResult
SquaredNormOp::inferKernelResults(Adaptor adaptor,
                                  std::optional<Location> location,
                                  SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (inputs.size() != 1 || !isa<ShapedType>(inputs[0].getType()))
    return emitOptionalError(location, "expected 1 tensor or buffer");
  auto type = cast<ShapedType>(inputs[0].getType());
  if (!type.hasStaticShape() || type.getRank() == 0 ||
      !type.getElementType().isF32())
    return emitOptionalError(location,
                             "the gradient must be of f32, with static "
                             "extents of one dimension or more");
  results.push_back(tensorOf(inputs[0], {1}));
  return success();
}
ORCINUS_ROWS_OF_INPUT(SquaredNormOp, 0)

LogicalResult ClipScaleOp::inferKernelResults(Adaptor adaptor,
                                              std::optional<Location> location,
                                              SmallVectorImpl<Type> &results) {
  ValueRange inputs = adaptor.getInputs();
  if (failed(expectInputs(location, inputs,
                          SmallVector<InputKind>(inputs.size(), 1))))
    return failure();
  if (inputs.empty())
    return emitOptionalError(location, "expected a squared norm or more");
  for (Value each : inputs)
    if (shapeOf(each)[0] != 1)
      return emitOptionalError(location, "a squared norm must be one number");
  if (!(adaptor.getLimit().convertToDouble() > 0))
    return emitOptionalError(location, "the limit must be above 0");
  results.push_back(tensorOf(inputs[0], {}));
  return success();
}
ORCINUS_ROWS_OF_INPUT(ClipScaleOp, 0)
