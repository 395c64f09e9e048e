//===- KernelModule.cpp - A program's GPU kernels and launches ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/KernelModule.h"

#include "passes/Lowering/MemRefUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace orcinus;

static gpu::GPUModuleOp createModule(ModuleOp module) {
  module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                  UnitAttr::get(module.getContext()));
  OpBuilder builder(module.getContext());
  builder.setInsertionPointToEnd(module.getBody());
  return gpu::GPUModuleOp::create(builder, module.getLoc(), "kernels");
}

KernelModule::KernelModule(ModuleOp parent, const GpuTarget &target)
    : target(target), module(createModule(parent)), symbols(module) {}

gpu::GPUFuncOp KernelModule::kernel(StringRef name, StringRef key,
                                    TypeRange argumentTypes, Location location,
                                    Body body) {
  gpu::GPUFuncOp &function = kernels[key];
  if (function)
    return function;
  OpBuilder builder(module.getContext());
  function = gpu::GPUFuncOp::create(builder, location, name,
                                    builder.getFunctionType(argumentTypes, {}));
  function->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                    builder.getUnitAttr());
  symbols.insert(function);
  builder.setInsertionPointToStart(&function.getBody().front());
  body(builder, function);
  // Tiles are read four elements at a time.
  for (unsigned at = 0; at < function.getNumWorkgroupAttributions(); ++at)
    function.setWorkgroupAttributionAttr(at,
                                         LLVM::LLVMDialect::getAlignAttrName(),
                                         builder.getI64IntegerAttr(16));
  builder.setInsertionPointToEnd(&function.getBody().front());
  gpu::ReturnOp::create(builder, location);
  return function;
}

void KernelModule::launch(OpBuilder &builder, Location location,
                          gpu::GPUFuncOp kernel, std::array<Value, 3> grid,
                          std::array<int64_t, 3> block, ValueRange arguments) {
  kernel.setKnownBlockSizeAttr(builder.getDenseI32ArrayAttr(
      {static_cast<int32_t>(block[0]), static_cast<int32_t>(block[1]),
       static_cast<int32_t>(block[2])}));
  LoopBuilder b(builder, location);
  if (condition)
    grid[2] = arith::SelectOp::create(builder, location, condition, grid[2],
                                      b.constant(0));
  gpu::LaunchFuncOp::create(
      builder, location, kernel, gpu::KernelDim3{grid[0], grid[1], grid[2]},
      gpu::KernelDim3{b.constant(block[0]), b.constant(block[1]),
                      b.constant(block[2])},
      /*dynamicSharedMemorySize=*/Value(), arguments);
}

SmallVector<Value> KernelModule::withAnyOffsets(OpBuilder &builder,
                                                ValueRange arguments) {
  SmallVector<Value> result;
  for (Value argument : arguments)
    result.push_back(withAnyOffset(builder, argument));
  return result;
}

void KernelModule::finish() {
  if (kernels.empty())
    module.erase();
}

Value orcinus::emitGlobalThread(LoopBuilder &b, int64_t blockSize) {
  Value block =
      gpu::BlockIdOp::create(b.builder, b.location, gpu::Dimension::x);
  Value thread =
      gpu::ThreadIdOp::create(b.builder, b.location, gpu::Dimension::x);
  return b.add(b.multiply(block, b.constant(blockSize)), thread);
}

void orcinus::emitWhereBelow(LoopBuilder &b, Value left, Value right,
                             llvm::function_ref<void()> body) {
  Value below = arith::CmpIOp::create(b.builder, b.location,
                                      arith::CmpIPredicate::ult, left, right);
  auto branch = scf::IfOp::create(b.builder, b.location, below);
  OpBuilder::InsertionGuard guard(b.builder);
  b.builder.setInsertionPointToStart(branch.thenBlock());
  body();
}
