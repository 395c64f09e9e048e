//===- PackArguments.cpp - Public functions to one pointer argument -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/MemRefUtils.h"
#include "passes/Lowering/Passes.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_PACKARGUMENTS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// Moves the elements of a memref that is returned to where its caller frees
/// them.
static constexpr llvm::StringLiteral keepName = "orcinus_rt_keep";

namespace {

class PackArgumentsPass
    : public orcinus::impl::PackArgumentsBase<PackArgumentsPass> {
public:
  using PackArgumentsBase::PackArgumentsBase;

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
    for (Type type : function.getResultTypes()) {
      if (isScalar(type) || (returnMemRefs && isa<MemRefType>(type)))
        continue;
      return function.emitError("a public function must return scalars alone: "
                                "other results go to memref arguments");
    }
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
    if (llvm::none_of(function.getResultTypes(), llvm::IsaPred<MemRefType>))
      return success();
    auto integer = builder.getI64Type();
    return LLVM::lookupOrCreateFn(builder, getOperation(), keepName,
                                  {pointer, integer, integer},
                                  LLVM::LLVMVoidType::get(&getContext()));
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

  /// Stores `result` through the pointer number `index` of `array`. The caller
  /// is to free a memref's elements, so they leave the arena.
  void store(OpBuilder &builder, Value result, Value array, int64_t index) {
    Location location = result.getLoc();
    Value address = addressAt(builder, location, array, index);
    Type type = result.getType();
    Type stored = LLVMTypeConverter(&getContext()).convertType(type);
    if (stored != type)
      result =
          UnrealizedConversionCastOp::create(builder, location, stored, result)
              .getResult(0);
    LLVM::StoreOp::create(builder, location, result, address);
    if (auto memref = dyn_cast<MemRefType>(type))
      keep(builder, location, memref, address);
  }

  /// Calls what moves the elements of the memref `type`, whose descriptor is at
  /// `address`.
  void keep(OpBuilder &builder, Location location, MemRefType type,
            Value address) {
    Type integer = builder.getI64Type();
    int64_t bytes = elementBytes(type.getElementType());
    auto number = [&](int64_t value) -> Value {
      return LLVM::ConstantOp::create(builder, location, integer, value);
    };
    LLVM::CallOp::create(
        builder, location, TypeRange(),
        SymbolRefAttr::get(builder.getContext(), keepName),
        ValueRange{address, number(type.getRank()), number(bytes)});
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
