//===- BindKernels.cpp - Launches to calls of the device's runtime --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_BINDKERNELS
#include "passes/Target/Passes.h.inc"
} // namespace orcinus

namespace {

/// Builds the calls and globals of one module.
class Binder {
public:
  Binder(ModuleOp module, gpu::BinaryOp binary)
      : module(module), binary(binary), builder(module.getContext()),
        pointer(LLVM::LLVMPointerType::get(module.getContext())),
        i32(builder.getI32Type()), i64(builder.getI64Type()) {}

  LogicalResult run() {
    auto objects = binary.getObjects();
    if (objects.size() != 1)
      return binary.emitOpError("must hold the object of one target");
    SmallVector<gpu::LaunchFuncOp> launches;
    module.walk([&](gpu::LaunchFuncOp op) { launches.push_back(op); });
    for (gpu::LaunchFuncOp launch : launches)
      bind(launch);
    makeLoader(cast<gpu::ObjectAttr>(objects[0]));
    binary.erase();
    return success();
  }

private:
  LLVM::LLVMFuncOp declare(StringRef name, Type result,
                           ArrayRef<Type> arguments) {
    if (auto found = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
      return found;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    return LLVM::LLVMFuncOp::create(
        builder, module.getLoc(), name,
        LLVM::LLVMFunctionType::get(result, arguments));
  }

  Value constant(Location location, Type type, int64_t value) {
    return LLVM::ConstantOp::create(builder, location, type,
                                    builder.getIntegerAttr(type, value));
  }

  Value addressOf(Location location, LLVM::GlobalOp global) {
    return LLVM::AddressOfOp::create(builder, location, global);
  }

  /// A constant with the bytes `text`.
  LLVM::GlobalOp bytes(StringRef name, StringRef text) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), text.size());
    return LLVM::GlobalOp::create(builder, module.getLoc(), type,
                                  /*isConstant=*/true, LLVM::Linkage::Internal,
                                  name, builder.getStringAttr(text),
                                  /*alignment=*/16);
  }

  /// Where the device's function of a kernel is kept.
  LLVM::GlobalOp slotOf(StringRef kernel) {
    LLVM::GlobalOp &slot = slots[kernel];
    if (slot)
      return slot;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    slot = LLVM::GlobalOp::create(builder, module.getLoc(), pointer,
                                  /*isConstant=*/false, LLVM::Linkage::Internal,
                                  ("kernel_" + kernel).str(), Attribute());
    Block *block = builder.createBlock(&slot.getInitializerRegion());
    builder.setInsertionPointToStart(block);
    Value null = LLVM::ZeroOp::create(builder, module.getLoc(), pointer);
    LLVM::ReturnOp::create(builder, module.getLoc(), null);
    return slot;
  }

  /// The addresses of `count` places of 8 bytes, in an array that all launches
  /// of a function share: a launch copies what they hold.
  struct Places {
    Value values, addresses;
    int64_t count = 0;
  };
  Places &placesIn(LLVM::LLVMFuncOp function) {
    Places &places = shared[function];
    if (places.count)
      return places;
    places.count = 1;
    function.walk([&](gpu::LaunchFuncOp launch) {
      places.count =
          std::max<int64_t>(places.count, launch.getNumKernelOperands());
    });
    Location location = function.getLoc();
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&function.getBody().front());
    Value count = constant(location, i64, places.count);
    places.values =
        LLVM::AllocaOp::create(builder, location, pointer, i64, count);
    places.addresses =
        LLVM::AllocaOp::create(builder, location, pointer, pointer, count);
    for (int64_t at = 0; at < places.count; ++at)
      LLVM::StoreOp::create(builder, location,
                            element(location, i64, places.values, at),
                            element(location, pointer, places.addresses, at));
    return places;
  }

  Value element(Location location, Type type, Value array, int64_t at) {
    return LLVM::GEPOp::create(builder, location, pointer, type, array,
                               LLVM::GEPArg(at));
  }

  void bind(gpu::LaunchFuncOp launch) {
    Location location = launch.getLoc();
    Places &places = placesIn(launch->getParentOfType<LLVM::LLVMFuncOp>());
    builder.setInsertionPoint(launch);
    for (auto [at, operand] : llvm::enumerate(launch.getKernelOperands()))
      LLVM::StoreOp::create(builder, location, operand,
                            element(location, i64, places.values, at));
    Value function = LLVM::LoadOp::create(
        builder, location, pointer,
        addressOf(location, slotOf(launch.getKernelName().getValue())));
    Value null = LLVM::ZeroOp::create(builder, location, pointer);
    Value bytes = launch.getDynamicSharedMemorySize();
    Value stream = launch.getAsyncObject();
    SmallVector<Value> arguments{
        function,
        launch.getGridSizeX(),
        launch.getGridSizeY(),
        launch.getGridSizeZ(),
        launch.getBlockSizeX(),
        launch.getBlockSizeY(),
        launch.getBlockSizeZ(),
        bytes ? bytes : constant(location, i32, 0),
        stream ? stream : null,
        places.addresses,
        null,
        constant(location, i64, launch.getNumKernelOperands())};
    LLVM::LLVMFuncOp callee = declare(
        "mgpuLaunchKernel", LLVM::LLVMVoidType::get(builder.getContext()),
        {pointer, i64, i64, i64, i64, i64, i64, i32, pointer, pointer, pointer,
         i64});
    LLVM::CallOp::create(builder, location, callee, arguments);
    launch.erase();
  }

  void makeLoader(gpu::ObjectAttr object) {
    Location location = module.getLoc();
    std::string image = object.getObject().getValue().str();
    bool isText = object.getFormat() == gpu::CompilationTarget::Assembly;
    if (isText && (image.empty() || image.back() != '\0'))
      image.push_back('\0');
    LLVM::GlobalOp data = bytes("kernels_image", image);
    LLVM::LLVMFuncOp load =
        isText ? declare("mgpuModuleLoadJIT", pointer, {pointer, i32})
               : declare("mgpuModuleLoad", pointer, {pointer, i64});
    LLVM::LLVMFuncOp find =
        declare("mgpuModuleGetFunction", pointer, {pointer, pointer});
    builder.setInsertionPointToEnd(module.getBody());
    auto loader =
        LLVM::LLVMFuncOp::create(builder, location, "orcinus_load_kernels",
                                 LLVM::LLVMFunctionType::get(pointer, {}));
    SmallVector<std::pair<LLVM::GlobalOp, LLVM::GlobalOp>> names;
    for (auto &[name, slot] : slots)
      names.push_back({slot, bytes(("kernel_name_" + name).str(),
                                   StringRef(name.str() + '\0'))});
    builder.setInsertionPointToStart(loader.addEntryBlock(builder));
    // The driver's compiler is asked for its best.
    Value second = isText ? constant(location, i32, 4)
                          : constant(location, i64, image.size());
    Value loaded =
        LLVM::CallOp::create(builder, location, load,
                             ValueRange{addressOf(location, data), second})
            .getResult();
    for (auto [slot, name] : names) {
      Value function =
          LLVM::CallOp::create(builder, location, find,
                               ValueRange{loaded, addressOf(location, name)})
              .getResult();
      LLVM::StoreOp::create(builder, location, function,
                            addressOf(location, slot));
    }
    LLVM::ReturnOp::create(builder, location, loaded);
  }

  ModuleOp module;
  gpu::BinaryOp binary;
  OpBuilder builder;
  Type pointer, i32, i64;
  llvm::MapVector<StringRef, LLVM::GlobalOp> slots;
  llvm::DenseMap<Operation *, Places> shared;
};

class BindKernelsPass : public orcinus::impl::BindKernelsBase<BindKernelsPass> {
public:
  void runOnOperation() override {
    auto binaries = llvm::to_vector(getOperation().getOps<gpu::BinaryOp>());
    for (gpu::BinaryOp binary : binaries)
      if (failed(Binder(getOperation(), binary).run()))
        return signalPassFailure();
    getOperation()->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  }
};

} // namespace
