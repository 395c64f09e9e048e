//===- Weights.cpp - Constants that lie outside a module ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Weights.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

#include <optional>

using namespace mlir;
using namespace orcinus;

/// The elements of `value`; nothing where they are not bytes in a row.
static std::optional<ArrayRef<char>> bytesOf(ElementsAttr value) {
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    return dense.isSplat() ? std::nullopt : std::optional(dense.getRawData());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      return blob->getData();
  return std::nullopt;
}

/// What `constant` is called where it comes from.
static std::string nameOf(arith::ConstantOp constant) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(constant.getValue()))
    return resource.getRawHandle().getKey().str();
  if (auto named = dyn_cast<NameLoc>(constant.getLoc()))
    return named.getName().str();
  return "weight";
}

SmallVector<ConstantWeight> orcinus::takeConstants(ModuleOp module,
                                                   int64_t leastBytes) {
  llvm::MapVector<Attribute, SmallVector<arith::ConstantOp>> constants;
  module.walk([&](arith::ConstantOp op) {
    auto value = dyn_cast<ElementsAttr>(op.getValue());
    auto type = dyn_cast<RankedTensorType>(op.getType());
    // Smaller elements are packed, and an index is as wide as the machine's.
    if (!value || !type || type.getEncoding() ||
        !type.getElementType().isIntOrFloat() ||
        type.getElementTypeBitWidth() < CHAR_BIT)
      return;
    std::optional<ArrayRef<char>> bytes = bytesOf(value);
    if (bytes && static_cast<int64_t>(bytes->size()) >= leastBytes &&
        static_cast<int64_t>(bytes->size()) ==
            type.getNumElements() * (type.getElementTypeBitWidth() / CHAR_BIT))
      constants[value].push_back(op);
  });
  module.getContext()
      ->loadDialect<bufferization::BufferizationDialect,
                    memref::MemRefDialect>();
  SymbolTable symbols(module);
  SmallVector<ConstantWeight> weights;
  OpBuilder builder(module.getBodyRegion());
  for (auto &[attribute, uses] : constants) {
    auto value = cast<ElementsAttr>(attribute);
    auto type = cast<RankedTensorType>(uses.front().getType());
    auto memref = MemRefType::get(type.getShape(), type.getElementType());
    auto global = memref::GlobalOp::create(
        builder, uses.front().getLoc(), nameOf(uses.front()),
        builder.getStringAttr("private"), memref, /*initial_value=*/Attribute(),
        /*constant=*/false, /*alignment=*/IntegerAttr());
    symbols.insert(global);
    weights.push_back({global, value, *bytesOf(value)});
    for (arith::ConstantOp use : uses) {
      OpBuilder here(use);
      Value address = memref::GetGlobalOp::create(here, use.getLoc(), memref,
                                                  global.getSymName());
      Value tensor = bufferization::ToTensorOp::create(
          here, use.getLoc(), type, address, /*restrict=*/true);
      use.replaceAllUsesWith(tensor);
      use.erase();
    }
  }
  return weights;
}

SmallVector<memref::GlobalOp> orcinus::weightsOf(ModuleOp module) {
  SmallVector<memref::GlobalOp> weights;
  for (auto global : module.getOps<memref::GlobalOp>())
    if (global.isExternal())
      weights.push_back(global);
  return weights;
}

//===----------------------------------------------------------------------===//
// Prepared weights
//===----------------------------------------------------------------------===//

func::FuncOp orcinus::preparationOf(SymbolTable &symbols, FunctionType type) {
  if (auto known = symbols.lookup<func::FuncOp>(prepareWeightsName))
    return known;
  Location location = symbols.getOp()->getLoc();
  OpBuilder builder(symbols.getOp()->getContext());
  auto function = func::FuncOp::create(location, prepareWeightsName, type);
  symbols.insert(function);
  builder.setInsertionPointToStart(function.addEntryBlock());
  func::ReturnOp::create(builder, location);
  return function;
}

memref::GlobalOp orcinus::addPreparedWeight(SymbolTable &symbols,
                                            StringRef name, MemRefType type,
                                            Location location) {
  constexpr int64_t cacheLine = 64;
  OpBuilder builder(symbols.getOp()->getContext());
  // Whoever makes a library reads it there, by its name.
  auto global = memref::GlobalOp::create(
      builder, location, (name + preparedSuffix).str(),
      builder.getStringAttr("public"), type,
      /*initial_value=*/builder.getUnitAttr(), /*constant=*/false,
      builder.getI64IntegerAttr(cacheLine));
  symbols.insert(global, symbols.getOp()->getRegion(0).front().begin());
  return global;
}

bool orcinus::isSameForAllCalls(memref::GlobalOp global) {
  return global.isExternal() || global.getConstant() ||
         (global.isUninitialized() &&
          global.getSymName().contains(preparedSuffix));
}

/// Whether `tensor` is what all calls find in a global.
static bool readsWeight(bufferization::ToTensorOp tensor) {
  auto address = tensor.getBuffer().getDefiningOp<memref::GetGlobalOp>();
  auto global = address
                    ? SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
                          address, address.getNameAttr())
                    : memref::GlobalOp();
  return global && isSameForAllCalls(global);
}

/// Whether `op` makes of its operands alone what it makes.
static bool isFunctionOf(Operation &op, const llvm::DenseSet<Value> &known) {
  if (auto tensor = dyn_cast<bufferization::ToTensorOp>(op))
    return readsWeight(tensor);
  if (isa<memref::GetGlobalOp>(op) || op.hasTrait<OpTrait::IsTerminator>() ||
      !isMemoryEffectFree(&op))
    return false;
  auto isKnown = [&](Value value) { return known.contains(value); };
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(op.getRegions(), captured);
  return llvm::all_of(op.getOperands(), isKnown) &&
         llvm::all_of(captured, isKnown);
}

llvm::DenseSet<Value> orcinus::weightValues(func::FuncOp function) {
  llvm::DenseSet<Value> known;
  for (Block &block : function.getBody())
    for (Operation &op : block)
      if (isFunctionOf(op, known))
        known.insert(op.result_begin(), op.result_end());
  return known;
}
