//===- LayoutRewriter.cpp - Ops on tensors in other layouts ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/LayoutRewriter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace orcinus;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// Whether a transposition to `layout` moves no element of `type`.
static bool movesNothing(RankedTensorType type, const Layout &layout) {
  int64_t last = -1;
  for (int64_t at : layout) {
    if (type.getDimSize(at) == 1)
      continue;
    if (at < last)
      return false;
    last = at;
  }
  return true;
}

/// The groups of dimensions of a tensor of `type` that have one longer
/// dimension each, and those of extent 1 beside it; one group where all are.
static SmallVector<ReassociationIndices> longDimensions(RankedTensorType type) {
  SmallVector<ReassociationIndices> groups;
  bool isOpen = true;
  for (int64_t at = 0; at < type.getRank(); ++at) {
    bool isLong = type.getDimSize(at) != 1;
    if (groups.empty() || (isLong && !isOpen))
      groups.emplace_back();
    groups.back().push_back(at);
    isOpen = isOpen && !isLong;
  }
  return groups;
}

/// `value` in `layout`, which moves none of its elements.
static Value reshape(OpBuilder &builder, Value value, const Layout &layout) {
  RankedTensorType type = typeIn(layout, typeOf(value));
  Location location = value.getLoc();
  SmallVector<OpFoldResult> extents =
      tensor::getMixedSizes(builder, location, value);
  auto groups = longDimensions(typeOf(value));
  Value plain =
      tensor::CollapseShapeOp::create(builder, location, value, groups);
  return tensor::ExpandShapeOp::create(builder, location, type, plain,
                                       longDimensions(type),
                                       inOrder<OpFoldResult>(extents, layout));
}

/// An empty tensor with the extents of `value` in `layout`.
static Value emptyLike(OpBuilder &builder, Value value, const Layout &layout) {
  SmallVector<OpFoldResult> extents =
      tensor::getMixedSizes(builder, value.getLoc(), value);
  return tensor::EmptyOp::create(builder, value.getLoc(),
                                 inOrder<OpFoldResult>(extents, layout),
                                 typeOf(value).getElementType());
}

Value LayoutRewriter::transpose(Value value, const Layout &layout) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfterValue(value);
  if (movesNothing(typeOf(value), layout))
    return reshape(builder, value, layout);
  ++transposed;
  return linalg::TransposeOp::create(builder, value.getLoc(), value,
                                     emptyLike(builder, value, layout), layout)
      ->getResult(0);
}

Value LayoutRewriter::in(const Layout &layout, Value value) {
  int64_t rank = typeOf(value).getRank();
  auto [now, has] = made.lookup_or(value, std::pair(value, Layout()));
  if (has == layout)
    return now;
  auto &others = known[value];
  for (auto &[other, transposedValue] : others)
    if (other == layout)
      return transposedValue;
  // Dimension layout[i] lies at place[layout[i]] now.
  Layout places = placesOf(spelledOut(has, rank)), permutation;
  for (int64_t at : spelledOut(layout, rank))
    permutation.push_back(places[at]);
  Value result = transpose(now, permutation);
  others.emplace_back(layout, result);
  return result;
}

SmallVector<Value> LayoutRewriter::operandsOf(Operation *op,
                                              const OpLayouts &layouts) {
  SmallVector<Value> operands;
  for (auto [operand, layout] : llvm::zip(op->getOperands(), layouts.operands))
    operands.push_back(isa<RankedTensorType>(operand.getType())
                           ? in(layout, operand)
                           : operand);
  return operands;
}

//===----------------------------------------------------------------------===//
// Linalg
//===----------------------------------------------------------------------===//

static SmallVector<Type> resultTypes(ValueRange inits) {
  return llvm::to_vector(inits.getTypes());
}

/// The attributes of `op` that do not say what it computes.
static SmallVector<NamedAttribute> otherAttributes(linalg::LinalgOp op) {
  SmallVector<NamedAttribute> others;
  for (NamedAttribute attribute : op->getDiscardableAttrs())
    if (attribute.getName() !=
        linalg::LinalgDialect::kMemoizedIndexingMapsAttrName)
      others.push_back(attribute);
  return others;
}

Operation *LayoutRewriter::rebuildNamed(linalg::LinalgOp op, StringRef name,
                                        ValueRange operands) {
  OperationState state(op.getLoc(), name);
  state.addOperands(operands);
  state.addTypes(operands.back().getType());
  state.addAttributes(otherAttributes(op));
  for (StringRef name : {"strides", "dilations"})
    if (Attribute value = op->getAttr(name))
      state.addAttribute(name, value);
  state.addAttribute("operandSegmentSizes", op->getAttr("operandSegmentSizes"));
  IRMapping mapping;
  op->getRegion(0).cloneInto(state.addRegion(), mapping);
  return builder.create(state);
}

/// The generic op that `op` is, with `operands`, whose dimensions are in the
/// order of `layouts`.
static linalg::GenericOp genericWith(IRRewriter &builder, linalg::LinalgOp op,
                                     const OpLayouts &layouts,
                                     ValueRange operands) {
  SmallVector<AffineMap> maps;
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    maps.push_back(AffineMap::get(
        map.getNumDims(), map.getNumSymbols(),
        inOrder<AffineExpr>(map.getResults(),
                            layouts.operands[operand.getOperandNumber()]),
        builder.getContext()));
  }
  auto inputs = operands.take_front(op.getNumDpsInputs());
  auto inits = operands.drop_front(op.getNumDpsInputs());
  auto generic = linalg::GenericOp::create(
      builder, op.getLoc(), resultTypes(inits), inputs, inits, maps,
      op.getIteratorTypesArray(), /*bodyBuild=*/nullptr, otherAttributes(op));
  IRMapping mapping;
  op->getRegion(0).cloneInto(&generic.getRegion(), mapping);
  return generic;
}

/// What a fill of `op`'s kind, or a broadcast, is on other operands; null where
/// `op` is neither.
static Operation *rebuildSimple(OpBuilder &builder, linalg::LinalgOp op,
                                linalg::GenericOp generic) {
  Value init = generic.getDpsInits()[0];
  if (auto fill = dyn_cast<linalg::FillOp>(op.getOperation()))
    return linalg::FillOp::create(builder, op.getLoc(), fill.getInputs(),
                                  ValueRange(init));
  auto broadcast = dyn_cast<linalg::BroadcastOp>(op.getOperation());
  AffineMap map = generic.getIndexingMapsArray()[0];
  if (!broadcast || !map.isProjectedPermutation())
    return nullptr;
  SmallVector<int64_t> added;
  int64_t last = -1;
  for (AffineExpr result : map.getResults()) {
    int64_t at = cast<AffineDimExpr>(result).getPosition();
    if (at < last)
      return nullptr;
    last = at;
  }
  for (unsigned at = 0; at < generic.getNumLoops(); ++at)
    if (!map.isFunctionOfDim(at))
      added.push_back(at);
  return linalg::BroadcastOp::create(builder, op.getLoc(),
                                     generic.getDpsInputs()[0], init, added);
}

Operation *LayoutRewriter::rebuildLinalg(linalg::LinalgOp op,
                                         const OpLayouts &layouts,
                                         ValueRange operands) {
  if (std::optional<ChannelsFirst> known = channelsFirst(op);
      known && !known->channelsLast.empty())
    return rebuildNamed(op, known->channelsLast, operands);
  linalg::GenericOp generic = genericWith(builder, op, layouts, operands);
  if (!llvm::is_sorted(layouts.loops)) {
    FailureOr<linalg::GenericOp> ordered =
        linalg::interchangeGenericOp(builder, generic, layouts.loops);
    if (succeeded(ordered))
      generic = *ordered;
  }
  if (Operation *simple = rebuildSimple(builder, op, generic)) {
    builder.eraseOp(generic);
    return simple;
  }
  return generic;
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// Groups of the dimensions of a tensor in `expanded`, such as `groups` are
/// those of one as its type says, in the order of `collapsed`.
static SmallVector<ReassociationIndices>
groupsIn(ArrayRef<ReassociationIndices> groups, const Layout &collapsed) {
  SmallVector<ReassociationIndices> found;
  int64_t next = 0;
  for (int64_t group : spelledOut(collapsed, groups.size())) {
    found.emplace_back();
    for (size_t count = groups[group].size(); count != 0; --count)
      found.back().push_back(next++);
  }
  return found;
}

Operation *LayoutRewriter::rebuildReshape(Operation *op,
                                          const OpLayouts &layouts,
                                          Value source) {
  RankedTensorType type = typeIn(layouts.results[0], typeOf(op->getResult(0)));
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    return tensor::CollapseShapeOp::create(
        builder, op->getLoc(), type, source,
        groupsIn(collapse.getReassociationIndices(), layouts.results[0]));
  auto expand = cast<tensor::ExpandShapeOp>(op);
  return tensor::ExpandShapeOp::create(
      builder, op->getLoc(), type, source,
      groupsIn(expand.getReassociationIndices(), layouts.operands[0]),
      inOrder<OpFoldResult>(expand.getMixedOutputShape(), layouts.results[0]));
}

static Operation *rebuildPad(OpBuilder &builder, tensor::PadOp pad,
                             const Layout &layout, Value source) {
  Value padding = pad.getConstantPaddingValue();
  // A constant may lie in the region that goes.
  if (Operation *constant = padding.getDefiningOp();
      constant && constant->getParentOp() == pad)
    padding = builder.clone(*constant)->getResult(0);
  return tensor::PadOp::create(
      builder, pad.getLoc(), typeIn(layout, pad.getResultType()), source,
      inOrder<OpFoldResult>(pad.getMixedLowPad(), layout),
      inOrder<OpFoldResult>(pad.getMixedHighPad(), layout), padding,
      pad.getNofold());
}

/// `op`, a slice of tensors in `layout`.
template <typename Op>
static auto slicesOf(Op op, const Layout &layout) {
  return std::array{inOrder<OpFoldResult>(op.getMixedOffsets(), layout),
                    inOrder<OpFoldResult>(op.getMixedSizes(), layout),
                    inOrder<OpFoldResult>(op.getMixedStrides(), layout)};
}

Operation *LayoutRewriter::rebuild(Operation *op, const OpLayouts &layouts,
                                   ValueRange operands) {
  Location location = op->getLoc();
  const Layout &layout = layouts.results[0];
  RankedTensorType type = typeIn(layout, typeOf(op->getResult(0)));
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return rebuildLinalg(linalgOp, layouts, operands);
  if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op))
    return rebuildReshape(op, layouts, operands[0]);
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    return rebuildPad(builder, pad, layout, operands[0]);
  if (auto empty = dyn_cast<tensor::EmptyOp>(op))
    return tensor::EmptyOp::create(
        builder, location, inOrder<OpFoldResult>(empty.getMixedSizes(), layout),
        type.getElementType());
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return arith::ConstantOp::create(
        builder, location,
        cast<SplatElementsAttr>(constant.getValue()).resizeSplat(type));
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    auto [offsets, sizes, strides] = slicesOf(slice, layout);
    return tensor::ExtractSliceOp::create(builder, location, type, operands[0],
                                          offsets, sizes, strides);
  }
  if (auto slice = dyn_cast<tensor::InsertSliceOp>(op)) {
    auto [offsets, sizes, strides] = slicesOf(slice, layout);
    return tensor::InsertSliceOp::create(builder, location, operands[0],
                                         operands[1], offsets, sizes, strides);
  }
  if (auto concat = dyn_cast<tensor::ConcatOp>(op))
    return tensor::ConcatOp::create(
        builder, location, type, placesOf(layout)[concat.getDim()], operands);
  return tensor::CastOp::create(builder, location, type, operands[0]);
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

void LayoutRewriter::rewrite(Operation *op, const OpLayouts &layouts) {
  builder.setInsertionPoint(op);
  if (auto transpose = dyn_cast<linalg::TransposeOp>(op)) {
    // In these layouts it moves nothing.
    made[op->getResult(0)] = {in(layouts.operands[0], transpose.getInput()),
                              layouts.results[0]};
    rewritten.push_back(op);
    return;
  }
  Operation *other = rebuild(op, layouts, operandsOf(op, layouts));
  for (auto [result, now, layout] :
       llvm::zip(op->getResults(), other->getResults(), layouts.results))
    made[result] = {now, layout};
  rewritten.push_back(op);
}

/// Whether `use` asks for an extent alone; then `op` is asked for that of
/// `value` in `layout`.
static bool redirectExtent(OpBuilder &builder, OpOperand &use, Value value,
                           const Layout &layout) {
  auto extent = dyn_cast<tensor::DimOp>(use.getOwner());
  std::optional<int64_t> index =
      extent ? extent.getConstantIndex() : std::nullopt;
  if (!index || *index < 0 || *index >= typeOf(value).getRank())
    return false;
  builder.setInsertionPoint(extent);
  int64_t place = placesOf(spelledOut(layout, typeOf(value).getRank()))[*index];
  Value found = tensor::DimOp::create(builder, extent.getLoc(), value, place);
  extent.replaceAllUsesWith(found);
  extent.erase();
  return true;
}

void LayoutRewriter::finish() {
  llvm::SmallPtrSet<Operation *, 16> gone(rewritten.begin(), rewritten.end());
  for (Operation *op : rewritten)
    for (Value result : op->getResults()) {
      auto [value, layout] = made.lookup(result);
      for (OpOperand &use : llvm::make_early_inc_range(result.getUses()))
        if (!gone.contains(use.getOwner()) &&
            !redirectExtent(builder, use, value, layout))
          use.set(in(Layout(), result));
    }
  for (Operation *op : llvm::reverse(rewritten)) {
    op->dropAllUses();
    op->erase();
  }
}
