//===- Layouts.cpp - In what order tensors lie in memory ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Layouts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <numeric>

using namespace mlir;
using namespace orcinus;

//===----------------------------------------------------------------------===//
// Layouts
//===----------------------------------------------------------------------===//

Layout orcinus::spelledOut(const Layout &layout, int64_t rank) {
  if (!layout.empty())
    return layout;
  Layout identity(rank);
  std::iota(identity.begin(), identity.end(), int64_t(0));
  return identity;
}

Layout orcinus::normalized(Layout layout) {
  return llvm::is_sorted(layout) ? Layout() : layout;
}

Layout orcinus::placesOf(ArrayRef<int64_t> layout) {
  Layout places(layout.size());
  for (auto [place, dimension] : llvm::enumerate(layout))
    places[dimension] = place;
  return places;
}

RankedTensorType orcinus::typeIn(const Layout &layout, RankedTensorType type) {
  return type.clone(inOrder(type.getShape(), layout));
}

static RankedTensorType tensorType(Value value) {
  return dyn_cast<RankedTensorType>(value.getType());
}

//===----------------------------------------------------------------------===//
// Channels first
//===----------------------------------------------------------------------===//

namespace {

/// What an op that is spelled channels first has besides the image.
enum class Filter { Dense, Grouped, GroupsInside, Depthwise, Window };

struct Spelling {
  StringLiteral channelsFirst, channelsLast;
  Filter filter;
};

} // namespace

static constexpr Spelling spellings[] = {
    {"linalg.conv_1d_ncw_fcw", "linalg.conv_1d_nwc_wcf", Filter::Dense},
    {"linalg.conv_2d_nchw_fchw", "linalg.conv_2d_nhwc_hwcf", Filter::Dense},
    {"linalg.conv_2d_nchw_fchw_q", "linalg.conv_2d_nhwc_hwcf_q", Filter::Dense},
    {"linalg.conv_3d_ncdhw_fcdhw", "linalg.conv_3d_ndhwc_dhwcf", Filter::Dense},
    {"linalg.conv_2d_ngchw_gfchw", "", Filter::Grouped},
    {"linalg.conv_2d_ngchw_gfchw_q", "", Filter::Grouped},
    {"linalg.conv_2d_ngchw_fgchw", "", Filter::GroupsInside},
    {"linalg.depthwise_conv_1d_ncw_cw", "linalg.depthwise_conv_1d_nwc_wc",
     Filter::Depthwise},
    {"linalg.depthwise_conv_2d_nchw_chw", "linalg.depthwise_conv_2d_nhwc_hwc",
     Filter::Depthwise},
    {"linalg.depthwise_conv_3d_ncdhw_cdhw",
     "linalg.depthwise_conv_3d_ndhwc_dhwc", Filter::Depthwise},
    {"linalg.pooling_ncw_max", "linalg.pooling_nwc_max", Filter::Window},
    {"linalg.pooling_ncw_sum", "linalg.pooling_nwc_sum", Filter::Window},
    {"linalg.pooling_nchw_max", "linalg.pooling_nhwc_max", Filter::Window},
    {"linalg.pooling_nchw_sum", "linalg.pooling_nhwc_sum", Filter::Window},
};

/// The `leading` dimensions as they are, those from `first` on, then `last`.
static Layout layoutOf(ArrayRef<int64_t> leading, int64_t first, int64_t rank,
                       ArrayRef<int64_t> last) {
  Layout layout(leading);
  for (int64_t dimension = first; dimension < rank; ++dimension)
    layout.push_back(dimension);
  llvm::append_range(layout, last);
  return layout;
}

static Layout imageLayout(Filter filter, int64_t rank) {
  bool isGrouped = filter == Filter::Grouped || filter == Filter::GroupsInside;
  return isGrouped ? layoutOf({0}, 3, rank, {1, 2})
                   : layoutOf({0}, 2, rank, {1});
}

static Layout filterLayout(Filter filter, int64_t rank) {
  switch (filter) {
  case Filter::Dense:
    return layoutOf({}, 2, rank, {1, 0});
  case Filter::Grouped:
    return layoutOf({0}, 3, rank, {2, 1});
  case Filter::GroupsInside:
    return layoutOf({1}, 3, rank, {2, 0});
  case Filter::Depthwise:
    return layoutOf({}, 1, rank, {0});
  case Filter::Window:
    return Layout();
  }
  llvm_unreachable("unknown filter");
}

/// The loops of `op`: those of the result as it lies, then the sums as the
/// filter has them.
static SmallVector<unsigned> loopsOf(linalg::LinalgOp op,
                                     const OpLayouts &layouts) {
  SmallVector<unsigned> loops;
  auto add = [&](OpOperand *operand, const Layout &layout) {
    AffineMap map = op.getMatchingIndexingMap(operand);
    for (int64_t at : spelledOut(layout, map.getNumResults()))
      if (auto loop = dyn_cast<AffineDimExpr>(map.getResult(at));
          loop && !llvm::is_contained(loops, loop.getPosition()))
        loops.push_back(loop.getPosition());
  };
  add(op.getDpsInitOperand(0), layouts.results.front());
  add(op.getDpsInputOperand(1), layouts.operands[1]);
  return loops;
}

std::optional<ChannelsFirst> orcinus::channelsFirst(linalg::LinalgOp op) {
  const auto *spelling =
      llvm::find_if(spellings, [&](const Spelling &candidate) {
        return candidate.channelsFirst == op->getName().getStringRef();
      });
  if (spelling == std::end(spellings) || !op.hasPureTensorSemantics())
    return std::nullopt;
  // Channels that fill a vector only in part are better than none from here
  // on; with fewer, pixels are.
  constexpr int64_t fewestChannels = 8;
  RankedTensorType result = tensorType(op.getDpsInits()[0]);
  Layout image = imageLayout(spelling->filter, result.getRank());
  ChannelsFirst found;
  found.channelsLast = spelling->channelsLast;
  found.layouts.operands.assign(op->getNumOperands(), Layout());
  found.layouts.operands[0] = image;
  found.layouts.operands[1] = filterLayout(
      spelling->filter, tensorType(op.getDpsInputs()[1]).getRank());
  found.layouts.operands.back() = image;
  found.layouts.results = {image};
  found.layouts.loops = loopsOf(op, found.layouts);
  int64_t channels = result.getDimSize(image.back());
  found.pays = spelling->filter != Filter::Window &&
               (ShapedType::isDynamic(channels) || channels >= fewestChannels);
  return found;
}

//===----------------------------------------------------------------------===//
// Linalg
//===----------------------------------------------------------------------===//

namespace {

/// The layouts of a linalg op whose loops can go in any order.
class LoopLayouts {
public:
  explicit LoopLayouts(linalg::LinalgOp op) : op(op) {}

  /// Where `operand` has `layout`.
  std::optional<OpLayouts> with(OpOperand &operand, const Layout &layout) {
    orderLoops(op.getMatchingIndexingMap(&operand), layout);
    OpLayouts layouts;
    layouts.loops = loops;
    for (OpOperand &each : op->getOpOperands())
      layouts.operands.push_back(
          isa<RankedTensorType>(each.get().getType())
              ? layoutOf(op.getMatchingIndexingMap(&each))
              : Layout());
    for (OpOperand &init : op.getDpsInitsMutable())
      layouts.results.push_back(layouts.operands[init.getOperandNumber()]);
    // What asked for it must be what it gets.
    if (layouts.operands[operand.getOperandNumber()] != normalized(layout))
      return std::nullopt;
    return layouts;
  }

private:
  /// The loop that dimension `at` of a tensor with `map` goes along: of a
  /// window the one over the pixels; nothing for a dimension of extent 1.
  std::optional<unsigned> loopAt(AffineMap map, unsigned at) {
    std::optional<unsigned> found;
    for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
      if (map.getResult(at).isFunctionOfDim(loop) &&
          (!found ||
           op.getIteratorTypesArray()[loop] == utils::IteratorType::parallel))
        found = loop;
    // What is repeated along a loop stands where the loop does.
    if (!found && map.getNumResults() == op.getNumLoops())
      found = at;
    return found;
  }

  /// Loops as a tensor with `map` lies, those that it does not have before the
  /// innermost.
  void orderLoops(AffineMap map, const Layout &layout) {
    for (int64_t at : spelledOut(layout, map.getNumResults()))
      if (std::optional<unsigned> loop = loopAt(map, at);
          loop && !llvm::is_contained(loops, *loop))
        loops.push_back(*loop);
    SmallVector<unsigned> others;
    for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
      if (!llvm::is_contained(loops, loop))
        others.push_back(loop);
    loops.insert(loops.empty() ? loops.end() : std::prev(loops.end()),
                 others.begin(), others.end());
  }

  Layout layoutOf(AffineMap map) {
    SmallVector<std::pair<int64_t, int64_t>> places;
    for (unsigned at = 0; at < map.getNumResults(); ++at) {
      std::optional<unsigned> loop = loopAt(map, at);
      places.emplace_back(loop ? llvm::find(loops, *loop) - loops.begin() : -1,
                          at);
    }
    llvm::sort(places);
    return normalized(Layout(llvm::make_second_range(places)));
  }

  linalg::LinalgOp op;
  SmallVector<unsigned> loops;
};

} // namespace

/// Whether the loops of `op` can go in any order, and cost no less in one than
/// in another.
static bool isIndifferent(linalg::LinalgOp op) {
  return op.hasPureTensorSemantics() &&
         !linalg::isaContractionOpInterface(op) &&
         !linalg::isaConvolutionOpInterface(op) &&
         llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
           AffineMap map = op.getMatchingIndexingMap(&init);
           return map.isProjectedPermutation(/*allowZeroInResults=*/true);
         });
}

/// The first operand of `op` that `value` is, or that its result `value` is
/// stored to.
static OpOperand *operandOf(linalg::LinalgOp op, Value value) {
  if (auto result = dyn_cast<OpResult>(value);
      result && result.getOwner() == op)
    return op.getDpsInitOperand(result.getResultNumber());
  for (OpOperand &operand : op->getOpOperands())
    if (operand.get() == value)
      return &operand;
  return nullptr;
}

/// A transposition, which a layout makes one of nothing.
static std::optional<OpLayouts>
layoutsOfTranspose(linalg::TransposeOp op, Value value, const Layout &layout) {
  // Dimension i of the result is dimension permutation[i] of the input.
  ArrayRef<int64_t> permutation = op.getPermutation();
  int64_t rank = permutation.size();
  OpLayouts layouts;
  Layout input, result;
  if (value == op.getInput()) {
    input = spelledOut(layout, rank);
    Layout places = placesOf(permutation);
    result =
        Layout(llvm::map_range(input, [&](int64_t at) { return places[at]; }));
  } else {
    result = spelledOut(layout, rank);
    input = Layout(
        llvm::map_range(result, [&](int64_t at) { return permutation[at]; }));
  }
  layouts.operands = {normalized(input), normalized(result)};
  layouts.results = {normalized(result)};
  return layouts;
}

static std::optional<OpLayouts>
layoutsOfLinalg(linalg::LinalgOp op, Value value, const Layout &layout) {
  if (std::optional<ChannelsFirst> known = channelsFirst(op)) {
    OpOperand *operand = operandOf(op, value);
    if (known->layouts.operands[operand->getOperandNumber()] != layout)
      return std::nullopt;
    return std::move(known->layouts);
  }
  if (auto transpose = dyn_cast<linalg::TransposeOp>(op.getOperation());
      transpose && op.hasPureTensorSemantics())
    return layoutsOfTranspose(transpose, value, layout);
  if (!isIndifferent(op))
    return std::nullopt;
  return LoopLayouts(op).with(*operandOf(op, value), layout);
}

//===----------------------------------------------------------------------===//
// Reshapes
//===----------------------------------------------------------------------===//

/// The layout of a tensor whose groups of dimensions are those of a tensor in
/// `layout`.
static Layout expandedLayout(ArrayRef<ReassociationIndices> groups,
                             const Layout &layout) {
  Layout expanded;
  for (int64_t group : spelledOut(layout, groups.size()))
    llvm::append_range(expanded, groups[group]);
  return normalized(expanded);
}

/// The layout of a tensor each of whose dimensions is a group of those of a
/// tensor of `type` in `layout`; nothing where a group is torn apart or turned
/// round. Dimensions of extent 1 can be anywhere.
static std::optional<Layout>
collapsedLayout(RankedTensorType type, ArrayRef<ReassociationIndices> groups,
                const Layout &layout) {
  SmallVector<int64_t> groupOf(type.getRank());
  for (auto [group, members] : llvm::enumerate(groups))
    for (int64_t member : members)
      groupOf[member] = group;
  Layout collapsed;
  int64_t last = -1;
  for (int64_t at : spelledOut(layout, type.getRank())) {
    bool isNew = !llvm::is_contained(collapsed, groupOf[at]);
    if (!isNew && groupOf[at] != collapsed.back())
      return std::nullopt;
    if (isNew) {
      collapsed.push_back(groupOf[at]);
      last = -1;
    }
    if (type.getDimSize(at) == 1)
      continue;
    if (at < last)
      return std::nullopt;
    last = at;
  }
  return normalized(collapsed);
}

/// The layouts of a reshape between `expanded`, of `type`, and `collapsed`,
/// where one of them has `layout`.
static std::optional<OpLayouts>
layoutsOfReshape(RankedTensorType type, ArrayRef<ReassociationIndices> groups,
                 bool givenExpanded, bool resultIsExpanded,
                 const Layout &layout) {
  Layout expanded = layout, collapsed = layout;
  if (givenExpanded) {
    std::optional<Layout> found = collapsedLayout(type, groups, layout);
    if (!found)
      return std::nullopt;
    collapsed = *found;
  } else {
    expanded = expandedLayout(groups, layout);
  }
  OpLayouts layouts;
  layouts.operands = {resultIsExpanded ? collapsed : expanded};
  layouts.results = {resultIsExpanded ? expanded : collapsed};
  return layouts;
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// One layout for all tensors of `op`.
static OpLayouts sameLayouts(Operation *op, const Layout &layout) {
  OpLayouts layouts;
  for (Value operand : op->getOperands())
    layouts.operands.push_back(tensorType(operand) ? layout : Layout());
  layouts.results.assign(op->getNumResults(), layout);
  return layouts;
}

/// Whether all tensors of `op` are of one rank.
static bool keepsRank(Operation *op) {
  int64_t rank = tensorType(op->getResult(0)).getRank();
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    RankedTensorType type = tensorType(operand);
    return !type || type.getRank() == rank;
  });
}

std::optional<OpLayouts> orcinus::layoutsWith(Operation *op, Value value,
                                              const Layout &layout) {
  // A layout is of the tensor alone: what else a type says must not change.
  for (Value tensor : llvm::concat<Value>(llvm::to_vector(op->getOperands()),
                                          llvm::to_vector(op->getResults())))
    if (auto shaped = dyn_cast<ShapedType>(tensor.getType());
        shaped && (!tensorType(tensor) || tensorType(tensor).getEncoding()))
      return std::nullopt;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return layoutsOfLinalg(linalgOp, value, layout);
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    return layoutsOfReshape(expand.getResultType(),
                            expand.getReassociationIndices(),
                            value == expand.getResult(), true, layout);
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    return layoutsOfReshape(collapse.getSrcType(),
                            collapse.getReassociationIndices(),
                            value == collapse.getSrc(), false, layout);
  if (auto pad = dyn_cast<tensor::PadOp>(op);
      pad && !pad.getConstantPaddingValue())
    return std::nullopt;
  auto constant = dyn_cast<arith::ConstantOp>(op);
  bool isSplat = constant && isa<SplatElementsAttr>(constant.getValue());
  if (isa<tensor::PadOp, tensor::EmptyOp, tensor::CastOp, tensor::ConcatOp,
          tensor::ExtractSliceOp, tensor::InsertSliceOp>(op) ||
      isSplat)
    return keepsRank(op) ? std::optional(sameLayouts(op, layout))
                         : std::nullopt;
  return std::nullopt;
}
