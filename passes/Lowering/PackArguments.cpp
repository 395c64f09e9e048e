//===- PackArguments.cpp - Public functions to one pointer argument -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_PACKARGUMENTS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

namespace {

class PackArgumentsPass
    : public orcinus::impl::PackArgumentsBase<PackArgumentsPass> {
public:
  void runOnOperation() override {
    SymbolTable moduleSymbols(getOperation());
    symbols = &moduleSymbols;
    auto functions = llvm::to_vector(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp function : functions) {
      if (function.isDeclaration())
        continue;
      if (function.isPublic() && !takesRawPointers(function) &&
          failed(pack(function)))
        return signalPassFailure();
      if (function.isPrivate())
        function->setAttr(
            "llvm.linkage",
            LLVM::LinkageAttr::get(&getContext(), LLVM::Linkage::Internal));
    }
  }

private:
  static bool takesRawPointers(func::FuncOp function) {
    return llvm::any_of(function.getArgumentTypes(), [](Type type) {
      return isa<LLVM::LLVMPointerType>(type);
    });
  }

  /// Makes `function` private and puts a function of its name before it.
  LogicalResult pack(func::FuncOp function) {
    if (!llvm::all_of(function.getResultTypes(), isScalar))
      return function.emitError("a public function must return scalars alone: "
                                "other results go to memref arguments");
    LLVMTypeConverter converter(&getContext());
    for (Type type : function.getArgumentTypes())
      if (!converter.convertType(type))
        return function.emitError("a public function must take scalars and "
                                  "memrefs, not ")
               << type;
    StringAttr name = function.getSymNameAttr();
    if (failed(symbols->renameToUnique(function, {symbols})))
      return failure();
    function.setPrivate();

    OpBuilder builder(function);
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    auto wrapper = func::FuncOp::create(builder, function.getLoc(), name,
                                        builder.getFunctionType({pointer}, {}));
    symbols->insert(wrapper);
    builder.setInsertionPointToStart(wrapper.addEntryBlock());
    SmallVector<Value> arguments;
    for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
      arguments.push_back(unpack(builder, function.getLoc(),
                                 wrapper.getArgument(0), index, type));
    auto call =
        func::CallOp::create(builder, function.getLoc(), function, arguments);
    for (auto [index, result] : llvm::enumerate(call.getResults()))
      store(builder, result, wrapper.getArgument(0),
            function.getNumArguments() + index);
    func::ReturnOp::create(builder, function.getLoc());
    return success();
  }

  static bool isScalar(Type type) { return type.isIntOrIndexOrFloat(); }

  /// The pointer number `index` of `array`.
  Value addressAt(OpBuilder &builder, Location location, Value array,
                  int64_t index) {
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    Value slot = LLVM::GEPOp::create(builder, location, pointer, pointer, array,
                                     LLVM::GEPArg(index));
    return LLVM::LoadOp::create(builder, location, pointer, slot);
  }

  /// Stores `result`, a scalar, through the pointer number `index` of `array`.
  void store(OpBuilder &builder, Value result, Value array, int64_t index) {
    Location location = result.getLoc();
    Value address = addressAt(builder, location, array, index);
    Type stored =
        LLVMTypeConverter(&getContext()).convertType(result.getType());
    if (stored != result.getType())
      result =
          UnrealizedConversionCastOp::create(builder, location, stored, result)
              .getResult(0);
    LLVM::StoreOp::create(builder, location, result, address);
  }

  /// Argument `index` of `type`, read through the array of pointers.
  Value unpack(OpBuilder &builder, Location location, Value array,
               int64_t index, Type type) {
    Value address = addressAt(builder, location, array, index);
    Type stored = LLVMTypeConverter(&getContext()).convertType(type);
    Value value = LLVM::LoadOp::create(builder, location, stored, address);
    if (stored == type)
      return value;
    return UnrealizedConversionCastOp::create(builder, location, type, value)
        .getResult(0);
  }

  SymbolTable *symbols = nullptr;
};

} // namespace
