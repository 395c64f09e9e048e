//===- SimulatorCalls.cpp - Calls of the simulator ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/SimulatorCalls.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace orcinus;

SimulatorCalls::SimulatorCalls(ModuleOp module)
    : module(module), table(module) {}

Value SimulatorCalls::call(OpBuilder &builder, Location location,
                           StringRef name, ValueRange operands,
                           Value locationText, Type result) {
  SmallVector<Value> all(operands);
  all.push_back(locationText);
  TypeRange results = result ? TypeRange(result) : TypeRange();
  if (!table.lookup(name)) {
    auto function = func::FuncOp::create(
        location, name,
        builder.getFunctionType(ValueRange(all).getTypes(), results));
    function.setPrivate();
    table.insert(function, module.getBody()->begin());
  }
  auto call = func::CallOp::create(builder, location, name, results, all);
  return result ? call.getResult(0) : Value();
}

/// The place in the source that is most `location`'s own: of inlined code the
/// one that it was inlined from, of fused code the first.
static FileLineColLoc placeOf(Location location) {
  FileLineColLoc place;
  location->walk([&](Location part) {
    place = dyn_cast<FileLineColLoc>(part);
    return place ? WalkResult::interrupt() : WalkResult::advance();
  });
  return place;
}

static std::string textOf(Location location) {
  FileLineColLoc place = placeOf(location);
  if (!place)
    return "an unknown place";
  return (place.getFilename().strref() + ":" + Twine(place.getLine()) + ":" +
          Twine(place.getColumn()))
      .str();
}

static constexpr StringLiteral placeName = "orcinus_place";

Value SimulatorCalls::sharedText(OpBuilder &builder, Location location) {
  std::string text = textOf(location);
  StringAttr &name = shared[text];
  if (!name)
    name = createText(location, placeName, text);
  return addressOf(builder, location, name);
}

Value SimulatorCalls::ownText(OpBuilder &builder, Location location) {
  return addText(builder, location, placeName, textOf(location));
}

Value SimulatorCalls::addText(OpBuilder &builder, Location location,
                              StringRef name, StringRef text) {
  return addressOf(builder, location, createText(location, name, text));
}

StringAttr SimulatorCalls::createText(Location location, StringRef name,
                                      StringRef text) {
  OpBuilder builder(module.getContext());
  std::string terminated = text.str() + '\0';
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), terminated.size());
  auto global = LLVM::GlobalOp::create(
      builder, location, type, /*isConstant=*/true, LLVM::Linkage::Internal,
      name, builder.getStringAttr(terminated));
  return table.insert(global, module.getBody()->begin());
}

Value SimulatorCalls::addressOf(OpBuilder &builder, Location location,
                                StringAttr name) {
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  return LLVM::AddressOfOp::create(builder, location, pointer, name.getValue());
}
