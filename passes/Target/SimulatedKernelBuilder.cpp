//===- SimulatedKernelBuilder.cpp - A kernel as host code -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/SimulatedKernelBuilder.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace orcinus;

/// Offsets of SimulatorThread's fields (runtime/Simulator/SimulatedKernel.h).
static constexpr int64_t threadIdOffset = 0, blockIdOffset = 12,
                         blockDimOffset = 24, gridDimOffset = 36,
                         workgroupOffset = 48, dynamicBytesOffset = 56;

/// What memory of a workgroup is aligned to, as on GPUs.
static constexpr int64_t workgroupAlignment = 16;

/// Half of FiberStacks::stackBytes (runtime/Simulator/Fiber.h).
static constexpr int64_t maximumPrivateBytes = 128 * 1024;

SimulatedKernelBuilder::SimulatedKernelBuilder(gpu::GPUFuncOp kernel,
                                               int64_t subgroupSize,
                                               SimulatorCalls &calls)
    : kernel(kernel), subgroupSize(subgroupSize), calls(calls),
      entry(kernel.getContext()), layout(DataLayout::closest(kernel)),
      types(kernel.getContext()) {}

LogicalResult SimulatedKernelBuilder::build() {
  createFunction();
  if (failed(makeArguments()))
    return failure();
  Region &region = result.getBody();
  Block &start = region.front();
  Block &body = kernel.getBody().front();
  region.getBlocks().splice(region.end(), kernel.getBody().getBlocks());
  removeMemorySpaces(result);

  SmallVector<Operation *> ops;
  for (Block &block : llvm::drop_begin(region))
    block.walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : ops)
    if (failed(convert(op)))
      return failure();
  // Until now, `start` has grown by what the ops need of the thread.
  start.getOperations().splice(start.end(), body.getOperations());
  body.erase();
  return success();
}

void SimulatedKernelBuilder::createFunction() {
  auto module = kernel->getParentOfType<gpu::GPUModuleOp>();
  auto pointer = LLVM::LLVMPointerType::get(kernel.getContext());
  result = func::FuncOp::create(
      kernel.getLoc(), (module.getName() + "_" + kernel.getName()).str(),
      entry.getFunctionType({pointer, pointer}, {}));
  result.setPrivate();
  calls.symbols().insert(result, module->getIterator());
  entry.setInsertionPointToStart(result.addEntryBlock());
}

/// Replaces the kernel's arguments and memory by what the function reads from
/// its own.
LogicalResult SimulatedKernelBuilder::makeArguments() {
  // The memory comes behind them.
  auto arguments = kernel.getArguments().take_front(kernel.getNumArguments());
  for (auto [index, argument] : llvm::enumerate(arguments))
    argument.replaceAllUsesWith(unpack(index, argument.getType()));
  for (BlockArgument memory : kernel.getWorkgroupAttributions()) {
    auto type = cast<MemRefType>(memory.getType());
    if (failed(checkMemory(type)))
      return failure();
    memory.replaceAllUsesWith(makeWorkgroup(type));
  }
  for (BlockArgument memory : kernel.getPrivateAttributions()) {
    auto type = cast<MemRefType>(memory.getType());
    if (failed(checkMemory(type)) || failed(usePrivate(kernel, type)))
      return failure();
    memory.replaceAllUsesWith(memref::AllocaOp::create(
        entry, kernel.getLoc(), cast<MemRefType>(withoutMemorySpaces(type))));
  }
  kernel.getBody().front().eraseArguments([](BlockArgument) { return true; });
  return success();
}

/// Argument `index` of `type`, read through the array of pointers.
Value SimulatedKernelBuilder::unpack(int64_t index, Type type) {
  Location location = kernel.getLoc();
  auto pointer = LLVM::LLVMPointerType::get(kernel.getContext());
  Value slot = LLVM::GEPOp::create(entry, location, pointer, pointer,
                                   result.getArgument(0), LLVM::GEPArg(index));
  Value address = LLVM::LoadOp::create(entry, location, pointer, slot);
  Type wanted = withoutMemorySpaces(type);
  Type stored = types.convertType(wanted);
  Value value = LLVM::LoadOp::create(entry, location, stored, address);
  return castTo(wanted, value);
}

Value SimulatedKernelBuilder::castTo(Type type, Value value) {
  if (value.getType() == type)
    return value;
  return UnrealizedConversionCastOp::create(entry, kernel.getLoc(), type, value)
      .getResult(0);
}

LogicalResult SimulatedKernelBuilder::checkMemory(MemRefType type) {
  if (type.hasStaticShape() && type.getLayout().isIdentity())
    return success();
  return kernel.emitOpError("has memory of type ")
         << type << ", whose size is not known";
}

LogicalResult SimulatedKernelBuilder::usePrivate(Operation *op,
                                                 MemRefType type) {
  usedPrivate +=
      type.getNumElements() * layout.getTypeSize(type.getElementType());
  if (usedPrivate <= maximumPrivateBytes)
    return success();
  return op->emitOpError("needs more private memory than the ")
         << maximumPrivateBytes << " bytes of a simulated thread";
}

Value SimulatedKernelBuilder::makeWorkgroup(MemRefType type) {
  usedWorkgroup = llvm::alignTo(usedWorkgroup, workgroupAlignment);
  Value address = workgroupAt(usedWorkgroup);
  usedWorkgroup +=
      type.getNumElements() * layout.getTypeSize(type.getElementType());
  auto plain = cast<MemRefType>(withoutMemorySpaces(type));
  return castTo(plain, MemRefDescriptor::fromStaticShape(
                           entry, kernel.getLoc(), types, plain, address));
}

/// What the launch adds to the workgroup memory.
Value SimulatedKernelBuilder::dynamicMemory(MemRefType type) {
  Location location = kernel.getLoc();
  Value address = workgroupAt(llvm::alignTo(usedWorkgroup, workgroupAlignment));
  auto memory =
      MemRefDescriptor::poison(entry, location, types.convertType(type));
  memory.setAllocatedPtr(entry, location, address);
  memory.setAlignedPtr(entry, location, address);
  memory.setConstantOffset(entry, location, 0);
  memory.setSize(entry, location, 0,
                 field(dynamicBytesOffset, entry.getI64Type()));
  memory.setConstantStride(entry, location, 0, 1);
  return castTo(type, memory);
}

Value SimulatedKernelBuilder::workgroupAt(int64_t bytes) {
  auto pointer = LLVM::LLVMPointerType::get(kernel.getContext());
  return LLVM::GEPOp::create(entry, kernel.getLoc(), pointer, entry.getI8Type(),
                             field(workgroupOffset, pointer),
                             LLVM::GEPArg(bytes));
}

/// The thread's field at `offset`.
Value SimulatedKernelBuilder::field(int64_t offset, Type type) {
  Value &value = fields[offset];
  if (value)
    return value;
  auto pointer = LLVM::LLVMPointerType::get(kernel.getContext());
  Value address =
      LLVM::GEPOp::create(entry, kernel.getLoc(), pointer, entry.getI8Type(),
                          self(), LLVM::GEPArg(offset));
  return value = LLVM::LoadOp::create(entry, kernel.getLoc(), type, address);
}

/// The field of three numbers at `offset`, its part `dimension`.
Value SimulatedKernelBuilder::identifier(int64_t offset,
                                         gpu::Dimension dimension) {
  int64_t part = offset + 4 * static_cast<int64_t>(dimension);
  Value &value = identifiers[part];
  if (!value)
    value =
        arith::IndexCastOp::create(entry, kernel.getLoc(), entry.getIndexType(),
                                   field(part, entry.getI32Type()));
  return value;
}

/// The thread's number in its block; x varies fastest.
Value SimulatedKernelBuilder::linearThread() {
  Location location = kernel.getLoc();
  Value number = identifier(threadIdOffset, gpu::Dimension::z);
  for (gpu::Dimension dimension : {gpu::Dimension::y, gpu::Dimension::x}) {
    number = arith::MulIOp::create(entry, location, number,
                                   identifier(blockDimOffset, dimension));
    number = arith::AddIOp::create(entry, location, number,
                                   identifier(threadIdOffset, dimension));
  }
  return number;
}

/// The threads of the block.
Value SimulatedKernelBuilder::threadCount() {
  Location location = kernel.getLoc();
  Value count = identifier(blockDimOffset, gpu::Dimension::x);
  for (gpu::Dimension dimension : {gpu::Dimension::y, gpu::Dimension::z})
    count = arith::MulIOp::create(entry, location, count,
                                  identifier(blockDimOffset, dimension));
  return count;
}

/// The value of an op that asks who the thread is; null for other ops.
Value SimulatedKernelBuilder::convertIdentifier(Operation *op) {
  Location location = kernel.getLoc();
  auto size = [&] {
    return arith::ConstantIndexOp::create(entry, location, subgroupSize);
  };
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](gpu::ThreadIdOp id) {
        return identifier(threadIdOffset, id.getDimension());
      })
      .Case([&](gpu::BlockIdOp id) {
        return identifier(blockIdOffset, id.getDimension());
      })
      .Case([&](gpu::BlockDimOp dim) {
        return identifier(blockDimOffset, dim.getDimension());
      })
      .Case([&](gpu::GridDimOp dim) {
        return identifier(gridDimOffset, dim.getDimension());
      })
      .Case([&](gpu::GlobalIdOp id) {
        Value first = arith::MulIOp::create(
            entry, location, identifier(blockIdOffset, id.getDimension()),
            identifier(blockDimOffset, id.getDimension()));
        return arith::AddIOp::create(
            entry, location, first,
            identifier(threadIdOffset, id.getDimension()));
      })
      .Case([&](gpu::LaneIdOp) {
        return arith::RemUIOp::create(entry, location, linearThread(), size());
      })
      .Case([&](gpu::SubgroupIdOp) {
        return arith::DivUIOp::create(entry, location, linearThread(), size());
      })
      .Case([&](gpu::NumSubgroupsOp) {
        return arith::CeilDivUIOp::create(entry, location, threadCount(),
                                          size());
      })
      .Case([&](gpu::SubgroupSizeOp) { return size(); })
      .Default(Value());
}

LogicalResult SimulatedKernelBuilder::convertShuffle(gpu::ShuffleOp op) {
  OpBuilder builder(op);
  Location location = op.getLoc();
  Type word = builder.getI32Type();
  Type type = op.getValue().getType();
  if (type != word && !type.isF32())
    return op.emitOpError("moves values of type ")
           << type << "; the simulator moves i32 and f32";
  if (!shuffleValid)
    shuffleValid = LLVM::AllocaOp::create(
        entry, kernel.getLoc(), LLVM::LLVMPointerType::get(op.getContext()),
        word,
        LLVM::ConstantOp::create(entry, kernel.getLoc(),
                                 entry.getI64IntegerAttr(1)));
  // The numbers of ShuffleMode in runtime/Simulator/BlockRunner.h.
  int64_t mode = 0;
  switch (op.getMode()) {
  case gpu::ShuffleMode::XOR:
    mode = 0;
    break;
  case gpu::ShuffleMode::UP:
    mode = 1;
    break;
  case gpu::ShuffleMode::DOWN:
    mode = 2;
    break;
  case gpu::ShuffleMode::IDX:
    mode = 3;
    break;
  }
  Value bits = op.getValue();
  if (type != word)
    bits = arith::BitcastOp::create(builder, location, word, bits);
  Value operands[] = {
      self(),        arith::ConstantIntOp::create(builder, location, mode, 32),
      bits,          op.getOffset(),
      op.getWidth(), shuffleValid};
  Value moved = calls.call(builder, location, "orcinus_sim_shuffle", operands,
                           calls.ownText(builder, location), word);
  if (type != word)
    moved = arith::BitcastOp::create(builder, location, type, moved);
  Value valid = LLVM::LoadOp::create(builder, location, word, shuffleValid);
  Value zero = arith::ConstantIntOp::create(builder, location, 0, 32);
  valid = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ne,
                                valid, zero);
  op->replaceAllUsesWith(ValueRange{moved, valid});
  op.erase();
  collective = true;
  return success();
}

/// Whether ops of `dialect` are about GPUs.
static bool isOfGpus(Dialect *dialect) {
  return dialect &&
         llvm::is_contained({"gpu", "nvgpu", "nvvm", "amdgpu", "rocdl"},
                            dialect->getNamespace());
}

LogicalResult SimulatedKernelBuilder::convert(Operation *op) {
  if (Value value = convertIdentifier(op)) {
    op->getResult(0).replaceAllUsesWith(value);
    op->erase();
    return success();
  }
  OpBuilder builder(op);
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](gpu::ShuffleOp shuffle) { return convertShuffle(shuffle); })
      .Case([&](gpu::BarrierOp barrier) {
        calls.call(builder, op->getLoc(), "orcinus_sim_barrier", self(),
                   calls.ownText(builder, op->getLoc()));
        op->erase();
        collective = true;
        return success();
      })
      .Case([&](gpu::ReturnOp end) {
        func::ReturnOp::create(builder, op->getLoc());
        op->erase();
        return success();
      })
      .Case([&](gpu::DynamicSharedMemoryOp memory) {
        memory.getResult().replaceAllUsesWith(
            dynamicMemory(memory.getResult().getType()));
        op->erase();
        return success();
      })
      .Case([&](memref::MemorySpaceCastOp cast) {
        cast.getResult().replaceAllUsesWith(cast.getSource());
        op->erase();
        return success();
      })
      .Case([&](memref::AllocaOp alloca) {
        if (!alloca.getType().hasStaticShape())
          return success();
        return usePrivate(op, alloca.getType());
      })
      .Default([&](Operation *) -> LogicalResult {
        if (isOfGpus(op->getDialect()) ||
            isa<CallOpInterface, memref::AllocOp>(op))
          return op->emitOpError("is not known to the simulator");
        return success();
      });
}

/// Replaces types by those without memory spaces.
static AttrTypeReplacer memorySpaceRemover() {
  AttrTypeReplacer replacer;
  replacer.addReplacement([](MemRefType type) -> std::optional<Type> {
    if (!type.getMemorySpace())
      return std::nullopt;
    return MemRefType::get(type.getShape(), type.getElementType(),
                           type.getLayout());
  });
  return replacer;
}

Type orcinus::withoutMemorySpaces(Type type) {
  return memorySpaceRemover().replace(type);
}

void orcinus::removeMemorySpaces(Operation *op) {
  memorySpaceRemover().recursivelyReplaceElementsIn(
      op, /*replaceAttrs=*/true, /*replaceLocs=*/false, /*replaceTypes=*/true);
}
