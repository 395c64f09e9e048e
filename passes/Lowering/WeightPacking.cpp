//===- WeightPacking.cpp - Weights in panels, once ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/WeightPacking.h"

#include "passes/Lowering/MemRefUtils.h"
#include "passes/Lowering/OperandPacking.h"
#include "passes/Lowering/Weights.h"

#include "mlir/IR/IRMapping.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace orcinus;

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Whether `argument` is one of a function that is the same for all calls.
static bool isWeightArgument(BlockArgument argument) {
  auto function = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
  return function && argument.getOwner()->isEntryBlock() &&
         function.getArgAttr(argument.getArgNumber(), weightArgumentName);
}

/// The views between a weight and `value`, from the weight on; nothing where
/// run time decides on one.
static std::optional<SmallVector<Operation *>> viewsOf(Value value) {
  SmallVector<Operation *> views;
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>()) {
    if (view->getNumOperands() != 1)
      return std::nullopt;
    views.push_back(view);
    value = view.getViewSource();
  }
  std::reverse(views.begin(), views.end());
  return views;
}

bool orcinus::isWeight(Value right) {
  if (!viewsOf(right))
    return false;
  Value root = viewRoot(right);
  if (auto argument = dyn_cast<BlockArgument>(root))
    return isWeightArgument(argument);
  auto address = root.getDefiningOp<memref::GetGlobalOp>();
  if (!address)
    return false;
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      address, address.getNameAttr());
  return global && isSameForAllCalls(global);
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

/// What a packed weight is called after.
static std::string nameOf(Value root) {
  if (auto address = root.getDefiningOp<memref::GetGlobalOp>())
    return address.getName().str();
  auto argument = cast<BlockArgument>(root);
  return "argument" + std::to_string(argument.getArgNumber());
}

/// How the right operand of `contraction`, as it lies, is packed: equal where
/// the same code packs it.
static std::string packingOf(const Contraction &contraction,
                             const PackedOperand &packed) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  // The loops that both maps go along are the contraction's own.
  SmallVector<AffineExpr> results(contraction.rightMap.getResults());
  llvm::append_range(results, packed.map.getResults());
  stream << compressUnusedDims(AffineMap::get(packed.map.getNumDims(), 0,
                                              results, packed.map.getContext()))
         << contraction.right.getType() << packed.type;
  return text;
}

/// Names the weight that `right` is, and how it is looked at.
static std::string weightOf(Value right) {
  std::string key = nameOf(viewRoot(right));
  llvm::raw_string_ostream stream(key);
  SmallVector<Operation *> views = *viewsOf(right);
  for (Operation *view : views)
    stream << view->getName() << view->getAttrDictionary()
           << view->getResult(0).getType();
  return key;
}

/// The view of a weight that `value` is, at `builder` in `preparation`.
static Value copyOf(OpBuilder &builder, func::FuncOp preparation, Value value) {
  Value root = viewRoot(value);
  IRMapping mapping;
  if (auto argument = dyn_cast<BlockArgument>(root))
    mapping.map(root, preparation.getArgument(argument.getArgNumber()));
  else
    builder.clone(*root.getDefiningOp(), mapping);
  SmallVector<Operation *> views = *viewsOf(value);
  for (Operation *view : views)
    builder.clone(*view, mapping);
  return mapping.lookup(value);
}

func::FuncOp WeightPacking::packingFunction(const Contraction &contraction,
                                            const PackedOperand &packed,
                                            int64_t lanes,
                                            int64_t panelVectors) {
  func::FuncOp &function = functions[packingOf(contraction, packed)];
  if (!function) {
    function = emitRightPacking(contraction, lanes, panelVectors, packed.type,
                                threads > 1);
    symbols.insert(function);
  }
  return function;
}

memref::GlobalOp WeightPacking::packedWeight(const Contraction &contraction,
                                             const PackedOperand &packed,
                                             int64_t lanes,
                                             int64_t panelVectors) {
  memref::GlobalOp &global =
      weights[weightOf(contraction.right) + packingOf(contraction, packed)];
  if (global)
    return global;
  Value root = viewRoot(contraction.right);
  Location location = contraction.right.getLoc();
  FunctionType type = FunctionType::get(location.getContext(), {}, {});
  if (auto argument = dyn_cast<BlockArgument>(root))
    type = cast<func::FuncOp>(argument.getOwner()->getParentOp())
               .getFunctionType();
  func::FuncOp preparation = preparationOf(symbols, type);
  OpBuilder builder(preparation.getBody().front().getTerminator());
  global = addPreparedWeight(symbols, nameOf(root), packed.type, location);
  Value source = copyOf(builder, preparation, contraction.right);
  Value memory = memref::GetGlobalOp::create(builder, location, packed.type,
                                             global.getSymName());
  func::CallOp::create(
      builder, location,
      packingFunction(contraction, packed, lanes, panelVectors),
      ValueRange{source, memory});
  return global;
}

/// Whether `right`, a weight, is there for the function that prepares weights:
/// there is one, which has the arguments of one function.
bool WeightPacking::isPrepared(Value right) {
  auto argument = dyn_cast<BlockArgument>(viewRoot(right));
  if (!argument)
    return true;
  auto function = cast<func::FuncOp>(argument.getOwner()->getParentOp());
  if (!argumentsOf) {
    auto known = symbols.lookup<func::FuncOp>(prepareWeightsName);
    if (known && known.getFunctionType() != function.getFunctionType())
      return false;
    argumentsOf = function;
  }
  return argumentsOf == function;
}

void WeightPacking::apply(Contraction &contraction,
                          ContractionSchedule &schedule, OpBuilder &builder) {
  bool copies = schedule.packRight || contraction.transposeRight ||
                contraction.gatherRight;
  auto isKnown = [&](unsigned dimension) {
    return !contraction.rightMap.isFunctionOfDim(dimension) ||
           !ShapedType::isDynamic(contraction.extents[dimension]);
  };
  if (!copies || contraction.leftHasColumn || contraction.panelColumns ||
      !isWeight(contraction.right) ||
      !llvm::all_of(llvm::seq<unsigned>(0, contraction.extents.size()),
                    isKnown) ||
      !isPrepared(contraction.right))
    return;
  int64_t lanes = schedule.vectorLanes
                      ? schedule.vectorLanes
                      : target.lanes(contraction.elementType());
  int64_t panelVectors =
      schedule.panelVectorsFor(contraction.extents[contraction.column], lanes);
  PackedOperand packed = packedRight(contraction, lanes, panelVectors);
  memref::GlobalOp global =
      packedWeight(contraction, packed, lanes, panelVectors);
  contraction.right = memref::GetGlobalOp::create(
      builder, contraction.right.getLoc(), packed.type, global.getSymName());
  contraction.rightMap = packed.map;
  contraction.panelColumns = panelVectors * lanes;
  contraction.transposeRight = contraction.gatherRight = false;
  schedule.panelVectors = panelVectors;
  schedule.packRight = 0;
}
