//===- PlaceData.cpp - A step's data on the device ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/MemRefUtils.h"
#include "passes/Target/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_PLACEDATA
#include "passes/Target/Passes.h.inc"
} // namespace orcinus

namespace {

/// A memref of the host, and its copy on the device.
struct Mirror {
  Value host;
  bool isInput = true;
  bool isOutput = false;
  Value device = {};
  /// What a launch must wait for to read it, until one has.
  Value ready = {};
};

class PlaceDataPass : public orcinus::impl::PlaceDataBase<PlaceDataPass> {
public:
  using PlaceDataBase::PlaceDataBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isDeclaration())
      return;
    launches.clear();
    mirrors.clear();
    function.walk([&](gpu::LaunchFuncOp op) { launches.push_back(op); });
    if (launches.empty())
      return;
    for (gpu::LaunchFuncOp launch : launches)
      if (launch->getBlock() != &function.getBody().front()) {
        launch.emitOpError("must not be in a loop or branch of the host");
        return signalPassFailure();
      }
    Block &body = function.getBody().front();
    collectMirrors(function);
    OpBuilder builder(&getContext());
    builder.setInsertionPointToStart(&body);
    Value compute = newStream(builder, function.getLoc());
    Value copies = newStream(builder, function.getLoc());
    for (Mirror &mirror : mirrors)
      copies = makeMirror(builder, mirror, copies);
    for (Operation &op : llvm::make_early_inc_range(body))
      compute = makeAsynchronous(op, compute);
    finish(body.getTerminator(), compute, copies);
  }

private:
  Value newStream(OpBuilder &builder, Location location,
                  ValueRange after = {}) {
    return gpu::WaitOp::create(builder, location,
                               gpu::AsyncTokenType::get(&getContext()), after)
        .getAsyncToken();
  }

  /// Notes `value` where launches use it through views, at its first use.
  void collectMirrors(func::FuncOp function) {
    llvm::DenseSet<Value> seen;
    for (gpu::LaunchFuncOp launch : launches)
      for (Value operand : launch.getKernelOperands()) {
        Value root = viewRoot(operand);
        if (!isa<MemRefType>(root.getType()) || !seen.insert(root).second)
          continue;
        if (root.getDefiningOp<memref::GetGlobalOp>()) {
          mirrors.push_back({root});
          continue;
        }
        auto argument = dyn_cast<BlockArgument>(root);
        if (!argument)
          continue;
        if (hostArguments) {
          mirrors.push_back({root, /*isInput=*/true, isWritten(argument)});
          continue;
        }
        auto binding = function.getArgAttrOfType<StringAttr>(
            argument.getArgNumber(), "tgnn.binding");
        if (!binding)
          continue;
        bool isOutput = binding.strref().starts_with("output:");
        if (isOutput || binding.strref().starts_with("table:"))
          mirrors.push_back({root, !isOutput, isOutput});
      }
  }

  /// Whether a launch may write to `argument`.
  bool isWritten(BlockArgument argument) {
    for (gpu::LaunchFuncOp launch : launches) {
      auto kernel = SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(
          launch, launch.getKernelAttr());
      for (auto [number, operand] : llvm::enumerate(launch.getKernelOperands()))
        if (viewRoot(operand) == argument &&
            (!kernel || writes(kernel.getArgument(number))))
          return true;
    }
    return false;
  }

  /// Whether anything writes to the memory of a kernel's argument.
  static bool writes(Value argument) {
    for (Value alias : aliasesOf(argument))
      for (Operation *user : alias.getUsers()) {
        auto effects = dyn_cast<MemoryEffectOpInterface>(user);
        if (!isa<ViewLikeOpInterface>(user) &&
            (!effects || effects.getEffectOnValue<MemoryEffects::Write>(alias)))
          return true;
      }
    return false;
  }

  /// Allocates the device's side and copies what is read.
  Value makeMirror(OpBuilder &builder, Mirror &mirror, Value after) {
    Location location = mirror.host.getLoc();
    if (Operation *source = mirror.host.getDefiningOp()) {
      source->moveBefore(builder.getInsertionBlock(),
                         builder.getInsertionPoint());
      // It may have been the next op already.
      builder.setInsertionPointAfter(source);
    }
    auto type = cast<MemRefType>(mirror.host.getType());
    SmallVector<Value> extents;
    for (int64_t at = 0; at < type.getRank(); ++at)
      if (type.isDynamicDim(at))
        extents.push_back(
            memref::DimOp::create(builder, location, mirror.host, at));
    auto token = gpu::AsyncTokenType::get(&getContext());
    auto allocation = gpu::AllocOp::create(builder, location, type, token,
                                           ValueRange{after}, extents,
                                           /*symbolOperands=*/ValueRange());
    mirror.device = allocation.getMemref();
    after = allocation.getAsyncToken();
    if (mirror.isInput)
      after = gpu::MemcpyOp::create(builder, location, token, ValueRange{after},
                                    mirror.device, mirror.host)
                  .getAsyncToken();
    mirror.ready = after;
    mirror.host.replaceUsesWithIf(mirror.device, [&](OpOperand &use) {
      return !isa<memref::DimOp, gpu::MemcpyOp>(use.getOwner());
    });
    return after;
  }

  Value makeAsynchronous(Operation &op, Value after) {
    OpBuilder builder(&op);
    auto token = gpu::AsyncTokenType::get(&getContext());
    if (auto allocation = dyn_cast<memref::AllocOp>(op)) {
      auto made = gpu::AllocOp::create(
          builder, op.getLoc(), allocation.getType(), token, ValueRange{after},
          allocation.getDynamicSizes(), allocation.getSymbolOperands());
      allocation.replaceAllUsesWith(made.getMemref());
      op.erase();
      return made.getAsyncToken();
    }
    if (auto release = dyn_cast<memref::DeallocOp>(op)) {
      auto made = gpu::DeallocOp::create(
          builder, op.getLoc(), token, ValueRange{after}, release.getMemref());
      op.erase();
      return made.getAsyncToken();
    }
    if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op)) {
      SmallVector<Value> waits{after};
      for (Value operand : launch.getKernelOperands()) {
        Value root = viewRoot(operand);
        for (Mirror &mirror : mirrors)
          if (mirror.ready && mirror.device == root) {
            waits.push_back(mirror.ready);
            mirror.ready = Value();
          }
      }
      if (waits.size() > 1)
        waits = {newStream(builder, op.getLoc(), waits)};
      auto made = gpu::LaunchFuncOp::create(
          builder, op.getLoc(), launch.getKernel(),
          launch.getGridSizeOperandValues(), launch.getBlockSizeOperandValues(),
          launch.getDynamicSharedMemorySize(), launch.getKernelOperands(),
          token, waits);
      op.erase();
      return made.getAsyncToken();
    }
    // The runtime adds on a stream of its own, what was computed until here.
    if (isa<tgnn::AllReduceOp>(op)) {
      gpu::WaitOp::create(builder, op.getLoc(), Type(), ValueRange{after});
      builder.setInsertionPointAfter(&op);
      return newStream(builder, op.getLoc());
    }
    return after;
  }

  /// Copies the outputs back, frees the mirrors and waits.
  void finish(Operation *terminator, Value compute, Value copies) {
    OpBuilder builder(terminator);
    Location location = terminator->getLoc();
    auto token = gpu::AsyncTokenType::get(&getContext());
    Value last = newStream(builder, location, {compute, copies});
    for (const Mirror &mirror : mirrors)
      if (mirror.isOutput)
        last = gpu::MemcpyOp::create(builder, location, token, ValueRange{last},
                                     mirror.host, mirror.device)
                   .getAsyncToken();
    for (const Mirror &mirror : mirrors)
      last = gpu::DeallocOp::create(builder, location, token, ValueRange{last},
                                    mirror.device)
                 .getAsyncToken();
    gpu::WaitOp::create(builder, location, Type(), ValueRange{last});
  }

  SmallVector<gpu::LaunchFuncOp> launches;
  SmallVector<Mirror> mirrors;
};

} // namespace
