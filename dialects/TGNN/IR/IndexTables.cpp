//===- IndexTables.cpp - What tables a handle names -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/IndexTables.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace orcinus::tgnn;

using Element = TableDescription::Element;

/// The extent `name` of a sample of `size` neighbours.
static int64_t extentOfSample(DictionaryAttr size, StringRef name) {
  return name == "neighbours"
             ? constantValue(size).value_or(ShapedType::kDynamic)
             : ShapedType::kDynamic;
}

int64_t SampleOp::getTableExtent(StringRef name) {
  return extentOfSample(getSize(), name);
}

int64_t SampleByIntervalOp::getTableExtent(StringRef name) {
  return extentOfSample(getSize(), name);
}

int64_t MailsOp::getTableExtent(StringRef name) {
  auto mailbox =
      SymbolTable::lookupNearestSymbolFrom<MailboxOp>(*this, getMailboxAttr());
  return name == "slots" && mailbox
             ? constantValue(mailbox.getSlots()).value_or(ShapedType::kDynamic)
             : ShapedType::kDynamic;
}

int64_t CoOccurrenceOp::getTableExtent(StringRef name) {
  int64_t neighbours = getHandleExtent(getNeighbourhood(), "neighbours");
  if (ShapedType::isDynamic(neighbours))
    return neighbours;
  if (name == "places")
    return neighbours + 1;
  return name == "shares" ? 2 * (neighbours + 1) : ShapedType::kDynamic;
}

int64_t WalkFeaturesOp::getTableExtent(StringRef name) {
  auto walks =
      SymbolTable::lookupNearestSymbolFrom<WalksOp>(*this, getWalksAttr());
  if (name != "features" || !walks)
    return ShapedType::kDynamic;
  int64_t rows = static_cast<int64_t>(walks.getOrder()) + 1;
  int64_t features = 4 * rows * rows;
  if (!isa<NeighbourhoodType>(getNodes().getType()))
    return features;
  int64_t neighbours = getHandleExtent(getNodes(), "neighbours");
  return ShapedType::isDynamic(neighbours) ? ShapedType::kDynamic
                                           : neighbours * features;
}

const TableDescription *orcinus::tgnn::findTable(Value handle,
                                                 StringRef component) {
  ArrayRef<TableDescription> tables =
      cast<IndexHandleTypeInterface>(handle.getType()).getTables();
  const auto *found = llvm::find_if(tables, [&](const TableDescription &table) {
    return table.name == component;
  });
  return found == tables.end() ? nullptr : found;
}

int64_t orcinus::tgnn::getHandleExtent(Value handle, StringRef name) {
  auto work = handle.getDefiningOp<IndexWorkOpInterface>();
  if (!work)
    return ShapedType::kDynamic;
  int64_t extent = work.getTableExtent(name);
  for (const ExtentSource &source : work.getExtentSources())
    if (ShapedType::isDynamic(extent) && source.name == name && source.handle &&
        source.handle.getDefiningOp() != work)
      extent = getHandleExtent(source.handle, source.of);
  return extent;
}

static Type elementType(Builder &builder, Element element) {
  switch (element) {
  case Element::I32:
    return builder.getI32Type();
  case Element::I64:
    return builder.getI64Type();
  case Element::F32:
    return builder.getF32Type();
  }
  llvm_unreachable("not an element of a table");
}

RankedTensorType orcinus::tgnn::getTableType(Value handle,
                                             const TableDescription &table) {
  Builder builder(handle.getContext());
  SmallVector<int64_t> shape =
      llvm::map_to_vector(table.getExtents(), [&](StringRef name) {
        return getHandleExtent(handle, name);
      });
  return RankedTensorType::get(shape, elementType(builder, table.element));
}
