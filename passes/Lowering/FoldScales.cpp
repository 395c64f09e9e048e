//===- FoldScales.cpp - Norms with fixed statistics into weights ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A batch norm in inference is y = a · x + b with a and b made of weights. Of a
// sum of products x = s + Σ w · u it makes y = (a · s + b) + Σ (a · w) · u,
// which costs nothing once a · w and a · s + b are computed.
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Contraction.h"
#include "passes/Lowering/Passes.h"
#include "passes/Lowering/Weights.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

#include <algorithm>
#include <optional>

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_FOLDSCALES
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

namespace {

/// A value as scale · x + shift; no scale where x has no part in it, no shift
/// where it is 0. A scale of 1 has no value.
struct Affine {
  Value scale, shift;
  bool isScaled = false;
};

/// Says of a body what it makes of its argument number `of`, by ops of its own.
class BodyReader {
public:
  BodyReader(Block &body, unsigned of, OpBuilder &builder, IRMapping &mapping)
      : body(body), builder(builder), mapping(mapping),
        x(body.getArgument(of)) {}

  /// The value that is yielded; nothing where x does more than be scaled and
  /// shifted.
  std::optional<Affine> read() {
    for (Operation &op : body.without_terminator())
      if (!readOp(op))
        return std::nullopt;
    return of(body.getTerminator()->getOperand(0));
  }

private:
  Affine of(Value value) {
    if (value == x)
      return {Value(), Value(), true};
    auto known = scaled.find(value);
    return known != scaled.end()
               ? known->second
               : Affine{Value(), mapping.lookupOrDefault(value), false};
  }

  template <typename Op>
  Value make(Location location, Value one, Value other) {
    return Op::create(builder, location, one, other);
  }

  /// `value` times or, with `divides`, over the plain `factor`.
  Value multiplied(Location location, Value value, Value factor, bool divides) {
    if (!value && !divides)
      return factor;
    if (!value)
      value = arith::ConstantOp::create(
          builder, location, builder.getFloatAttr(factor.getType(), 1.0));
    return divides ? make<arith::DivFOp>(location, value, factor)
                   : make<arith::MulFOp>(location, value, factor);
  }

  bool readOp(Operation &op) {
    if (llvm::none_of(op.getOperands(),
                      [&](Value operand) { return of(operand).isScaled; })) {
      if (op.getNumRegions() != 0)
        return false;
      builder.clone(op, mapping);
      return true;
    }
    std::optional<Affine> result;
    if (isa<arith::AddFOp, arith::SubFOp>(op))
      result = sum(op, isa<arith::SubFOp>(op));
    else if (isa<arith::MulFOp, arith::DivFOp>(op))
      result = product(op, isa<arith::DivFOp>(op));
    if (!result)
      return false;
    scaled[op.getResult(0)] = *result;
    return true;
  }

  /// x is in one of the terms alone, and is not subtracted.
  std::optional<Affine> sum(Operation &op, bool subtracts) {
    Affine one = of(op.getOperand(0)), other = of(op.getOperand(1));
    if (one.isScaled == other.isScaled || (subtracts && other.isScaled))
      return std::nullopt;
    if (other.isScaled)
      std::swap(one, other);
    Location location = op.getLoc();
    if (one.shift)
      one.shift = subtracts
                      ? make<arith::SubFOp>(location, one.shift, other.shift)
                      : make<arith::AddFOp>(location, one.shift, other.shift);
    else
      one.shift =
          subtracts
              ? Value(arith::NegFOp::create(builder, location, other.shift))
              : other.shift;
    return one;
  }

  std::optional<Affine> product(Operation &op, bool divides) {
    Affine one = of(op.getOperand(0)), other = of(op.getOperand(1));
    if (one.isScaled == other.isScaled || (divides && other.isScaled))
      return std::nullopt;
    if (other.isScaled)
      std::swap(one, other);
    one.scale = multiplied(op.getLoc(), one.scale, other.shift, divides);
    if (one.shift)
      one.shift = multiplied(op.getLoc(), one.shift, other.shift, divides);
    return one;
  }

  Block &body;
  OpBuilder &builder;
  IRMapping &mapping;
  Value x;
  llvm::DenseMap<Value, Affine> scaled;
};

/// A sum of products, an elementwise op that scales and shifts it, and the
/// dimension of the result along which it does.
struct Scaled {
  linalg::LinalgOp sum;
  linalg::GenericOp norm;
  unsigned input = 0;
  unsigned dimension = 0;
};

/// What a weight is multiplied by, null where by nothing, and what the sum
/// starts from.
struct Factors {
  Value scale, shift;
};

/// Folds the norms of one function.
class ScaleFolder {
public:
  explicit ScaleFolder(func::FuncOp function)
      : function(function), weights(weightValues(function)) {}

  /// How many norms were folded.
  int64_t run() {
    int64_t folded = 0;
    SmallVector<linalg::GenericOp> norms;
    function.walk([&](linalg::GenericOp op) { norms.push_back(op); });
    for (linalg::GenericOp norm : norms)
      if (std::optional<Scaled> found = match(norm))
        folded += fold(*found);
    return folded;
  }

private:
  std::optional<Scaled> match(linalg::GenericOp norm);
  bool scalesAlong(Scaled &found);
  bool fold(const Scaled &found);
  std::optional<Factors> makeFactors(const Scaled &found, Value bias);

  func::FuncOp function;
  llvm::DenseSet<Value> weights;
};

class FoldScalesPass : public orcinus::impl::FoldScalesBase<FoldScalesPass> {
public:
  void runOnOperation() override {
    foldedScales += ScaleFolder(getOperation()).run();
  }
};

} // namespace

/// The bias along dimension `at` that `op` starts from, or null where it starts
/// from zero; nothing where it starts from something else.
static std::optional<Value> startOf(linalg::LinalgOp op, unsigned at) {
  auto start = op.getDpsInits()[0].getDefiningOp<linalg::LinalgOp>();
  if (!start || start.getNumDpsInputs() != 1)
    return std::nullopt;
  Value input = start.getDpsInputs()[0];
  if (isa<linalg::FillOp>(start.getOperation()))
    return matchPattern(input, m_AnyZeroFloat()) ? std::optional(Value())
                                                 : std::nullopt;
  Block *body = start.getBlock();
  AffineMap map = start.getIndexingMapsArray()[0];
  if (body->getTerminator()->getOperand(0) != body->getArgument(0) ||
      map.getNumResults() != 1 ||
      map.getResult(0) != getAffineDimExpr(at, map.getContext()) ||
      !start.getIndexingMapsArray()[1].isIdentity())
    return std::nullopt;
  return input;
}

/// Whether `map` reads each element of a tensor of `type` where it is: a
/// dimension of one element may be read at 0.
static bool readsInPlace(AffineMap map, RankedTensorType type) {
  if (map.getNumResults() != map.getNumDims())
    return false;
  for (auto [at, result] : llvm::enumerate(map.getResults()))
    if (result != getAffineDimExpr(at, map.getContext()) &&
        !(type.getDimSize(at) == 1 &&
          result == getAffineConstantExpr(0, map.getContext())))
      return false;
  return true;
}

/// The loop along which a tensor of `type` with `map` goes, the only one;
/// nothing where it goes along several. A single element goes along none, -1.
static std::optional<int64_t> loopAlong(AffineMap map, RankedTensorType type) {
  int64_t loop = -1;
  for (auto [at, result] : llvm::enumerate(map.getResults())) {
    if (type.getDimSize(at) == 1)
      continue;
    auto dimension = dyn_cast<AffineDimExpr>(result);
    if (!dimension || loop >= 0)
      return std::nullopt;
    loop = dimension.getPosition();
  }
  return loop;
}

/// `value`, a tensor with one dimension of more than one element at most, or
/// none, as one of one dimension.
static Value asRow(OpBuilder &builder, Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() <= 1)
    return value;
  ReassociationIndices all =
      llvm::to_vector(llvm::seq<int64_t>(type.getRank()));
  return tensor::CollapseShapeOp::create(builder, value.getLoc(), value,
                                         ArrayRef<ReassociationIndices>(all));
}

/// Finds the dimension along which the other inputs of the norm go.
bool ScaleFolder::scalesAlong(Scaled &found) {
  int64_t dimension = -1;
  for (auto [number, input] : llvm::enumerate(found.norm.getInputs())) {
    if (number == found.input)
      continue;
    auto type = dyn_cast<RankedTensorType>(input.getType());
    if (!weights.contains(input) || !type || !type.hasStaticShape())
      return false;
    std::optional<int64_t> along =
        loopAlong(found.norm.getIndexingMapsArray()[number], type);
    if (!along)
      return false;
    if (*along < 0)
      continue;
    if (dimension >= 0 && dimension != *along)
      return false;
    dimension = *along;
  }
  found.dimension = static_cast<unsigned>(std::max<int64_t>(dimension, 0));
  return dimension >= 0;
}

/// The result of the norm's input and of the sum, whose weight has the loop
/// along which the norm goes.
std::optional<Scaled> ScaleFolder::match(linalg::GenericOp norm) {
  Scaled found;
  found.norm = norm;
  if (!norm.hasPureTensorSemantics() || norm->getNumResults() != 1 ||
      norm.hasIndexSemantics() ||
      norm.getNumParallelLoops() != norm.getNumLoops() ||
      !norm.getIndexingMapsArray().back().isIdentity() ||
      !norm.getBody()->getArguments().back().use_empty())
    return std::nullopt;
  for (auto [number, input] : llvm::enumerate(norm.getInputs())) {
    auto sum = input.getDefiningOp<linalg::LinalgOp>();
    if (!sum || !(linalg::isaContractionOpInterface(sum) ||
                  linalg::isaConvolutionOpInterface(sum)))
      continue;
    found.sum = sum;
    found.input = number;
  }
  if (!found.sum || found.sum.getNumDpsInputs() != 2 ||
      !isa<FloatType>(getElementTypeOrSelf(found.sum->getResult(0))) ||
      !found.sum->hasOneUse() ||
      found.sum->getResult(0).getType() != norm->getResult(0).getType() ||
      !weights.contains(found.sum.getDpsInputs()[1]) ||
      !readsInPlace(
          norm.getIndexingMapsArray()[found.input],
          cast<RankedTensorType>(found.sum->getResult(0).getType())) ||
      getElementTypeOrSelf(found.sum.getDpsInputs()[1]) !=
          getElementTypeOrSelf(found.sum->getResult(0)) ||
      !multipliesAndAdds(*found.sum.getBlock()) || !scalesAlong(found))
    return std::nullopt;
  AffineMap result = found.sum.getIndexingMapsArray()[2];
  AffineMap weight = found.sum.getIndexingMapsArray()[1];
  return llvm::is_contained(weight.getResults(),
                            result.getResult(found.dimension)) &&
                 startOf(found.sum, found.dimension)
             ? std::optional(found)
             : std::nullopt;
}

/// Nothing where the norm does something else.
std::optional<Factors> ScaleFolder::makeFactors(const Scaled &found,
                                                Value bias) {
  linalg::GenericOp norm = found.norm;
  OpBuilder builder(norm);
  Location location = norm.getLoc();
  auto type = cast<RankedTensorType>(norm->getResult(0).getType());
  auto rowType = RankedTensorType::get({type.getDimSize(found.dimension)},
                                       type.getElementType());
  if (!rowType.hasStaticShape())
    return std::nullopt;
  MLIRContext *context = builder.getContext();
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  SmallVector<unsigned> numbers;
  for (auto [number, input] : llvm::enumerate(norm.getInputs())) {
    if (number == found.input)
      continue;
    inputs.push_back(asRow(builder, input));
    numbers.push_back(number);
    AffineMap map = norm.getIndexingMapsArray()[number];
    bool isOne = *loopAlong(map, cast<RankedTensorType>(input.getType())) < 0;
    AffineExpr first = isOne ? getAffineConstantExpr(0, context)
                             : getAffineDimExpr(0, context);
    maps.push_back(map.getNumResults() == 0 ? AffineMap::get(1, 0, context)
                                            : AffineMap::get(1, 0, first));
  }
  if (bias)
    inputs.push_back(bias);
  maps.append(bias ? 3 : 2, AffineMap::getMultiDimIdentityMap(1, context));
  Value empty = tensor::EmptyOp::create(builder, location, rowType.getShape(),
                                        rowType.getElementType());
  bool isAffine = true, isOnlyShifted = false;
  auto factors = linalg::GenericOp::create(
      builder, location, TypeRange{rowType, rowType}, inputs,
      ValueRange{empty, empty}, maps, {utils::IteratorType::parallel},
      [&](OpBuilder &nested, Location, ValueRange arguments) {
        IRMapping mapping;
        for (auto [argument, number] : llvm::zip(arguments, numbers))
          mapping.map(norm.getBody()->getArgument(number), argument);
        std::optional<Affine> affine =
            BodyReader(*norm.getBody(), found.input, nested, mapping).read();
        isAffine = affine && affine->isScaled;
        auto constant = [&](double value) -> Value {
          return arith::ConstantOp::create(
              nested, location,
              nested.getFloatAttr(rowType.getElementType(), value));
        };
        isOnlyShifted = isAffine && !affine->scale;
        Value scale = isAffine && affine->scale ? affine->scale : constant(1);
        Value shift = isAffine && affine->shift ? affine->shift : constant(0);
        if (bias) {
          Value moved = arguments[inputs.size() - 1];
          if (!isOnlyShifted)
            moved = arith::MulFOp::create(nested, location, scale, moved);
          shift = arith::AddFOp::create(nested, location, moved, shift);
        }
        linalg::YieldOp::create(nested, location, ValueRange{scale, shift});
      });
  if (isAffine)
    return Factors{isOnlyShifted ? Value() : factors.getResult(0),
                   factors.getResult(1)};
  factors.erase();
  return std::nullopt;
}

/// `weight` times `scale`, which goes along its dimension `at`.
static Value scaledWeight(OpBuilder &builder, Location location, Value weight,
                          Value scale, unsigned at) {
  auto type = cast<RankedTensorType>(weight.getType());
  MLIRContext *context = builder.getContext();
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(type.getRank(), context);
  SmallVector<AffineMap> maps{identity,
                              AffineMap::get(type.getRank(), 0,
                                             {getAffineDimExpr(at, context)},
                                             context),
                              identity};
  Value empty = tensor::EmptyOp::create(builder, location, type.getShape(),
                                        type.getElementType());
  return linalg::GenericOp::create(
             builder, location, type, ValueRange{weight, scale},
             ValueRange(empty), maps,
             SmallVector(type.getRank(), utils::IteratorType::parallel),
             [](OpBuilder &nested, Location place, ValueRange arguments) {
               Value product = arith::MulFOp::create(
                   nested, place, arguments[0], arguments[1]);
               linalg::YieldOp::create(nested, place, product);
             })
      .getResult(0);
}

bool ScaleFolder::fold(const Scaled &found) {
  linalg::LinalgOp sum = found.sum;
  linalg::GenericOp norm = found.norm;
  auto factors = makeFactors(found, *startOf(sum, found.dimension));
  if (!factors)
    return false;
  auto [scale, shift] = *factors;
  OpBuilder builder(norm);
  Location location = norm.getLoc();
  AffineMap map = sum.getIndexingMapsArray()[1];
  AffineExpr loop = sum.getIndexingMapsArray()[2].getResult(found.dimension);
  unsigned at = llvm::find(map.getResults(), loop) - map.getResults().begin();
  Value weight = sum.getDpsInputs()[1];
  if (scale)
    weight = scaledWeight(builder, location, weight, scale, at);
  Value old = sum.getDpsInits()[0];
  auto type = cast<RankedTensorType>(old.getType());
  Value empty = tensor::EmptyOp::create(
      builder, location, tensor::getMixedSizes(builder, location, old),
      type.getElementType());
  SmallVector<int64_t> repeated;
  for (int64_t dimension = 0; dimension < type.getRank(); ++dimension)
    if (dimension != found.dimension)
      repeated.push_back(dimension);
  Value start =
      linalg::BroadcastOp::create(builder, location, shift, empty, repeated)
          ->getResult(0);
  // Where its weight is there already.
  IRMapping mapping;
  Operation *copy = builder.clone(*sum, mapping);
  copy->setOperand(1, weight);
  copy->setOperand(2, start);
  norm->getResult(0).replaceAllUsesWith(copy->getResult(0));
  // An op to come may lie where these were.
  weights.erase(norm->getResult(0));
  weights.erase(sum->getResult(0));
  norm.erase();
  sum.erase();
  weights.insert(weight);
  return true;
}
