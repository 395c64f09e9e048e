//===- SimulateKernels.cpp - GPU kernels to host code ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Support/OptionChecks.h"
#include "passes/Target/CheckAccesses.h"
#include "passes/Target/ExpandMatrixInstructions.h"
#include "passes/Target/Passes.h"
#include "passes/Target/SimulatedKernelBuilder.h"
#include "passes/Target/SimulatorCalls.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_SIMULATEKERNELS
#include "passes/Target/Passes.h.inc"
} // namespace orcinus

/// A function's address can be a constant only in the LLVM dialect, so this
/// makes a function of it that calls `kernel`.
static LLVM::LLVMFuncOp createEntry(func::FuncOp kernel, SymbolTable &symbols) {
  OpBuilder builder(kernel.getContext());
  Location location = kernel.getLoc();
  auto pointer = LLVM::LLVMPointerType::get(kernel.getContext());
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(kernel.getContext()), {pointer, pointer});
  auto entry = LLVM::LLVMFuncOp::create(builder, location,
                                        (kernel.getName() + "_entry").str(),
                                        type, LLVM::Linkage::Internal);
  symbols.insert(entry, std::next(kernel->getIterator()));
  builder.setInsertionPointToStart(entry.addEntryBlock(builder));
  func::CallOp::create(builder, location, kernel, entry.getArguments());
  LLVM::ReturnOp::create(builder, location, ValueRange());
  return entry;
}

/// A constant SimulatedKernel (runtime/Simulator/SimulatedKernel.h).
static LLVM::GlobalOp createDescriptor(const SimulatedKernelBuilder &kernel,
                                       StringRef name, int64_t subgroupSize,
                                       bool collective, SimulatorCalls &calls) {
  func::FuncOp function = kernel.function();
  LLVM::LLVMFuncOp entry = createEntry(function, calls.symbols());
  ImplicitLocOpBuilder builder(function.getLoc(), function.getContext());
  auto pointer = LLVM::LLVMPointerType::get(function.getContext());
  Type word = builder.getI32Type();
  auto type = LLVM::LLVMStructType::getLiteral(
      function.getContext(),
      {pointer, pointer, builder.getI64Type(), word, word});
  auto global = LLVM::GlobalOp::create(
      builder, type, /*isConstant=*/true, LLVM::Linkage::Internal,
      (function.getName() + "_kernel").str(), Attribute());
  calls.symbols().insert(global, std::next(entry->getIterator()));
  builder.createBlock(&global.getInitializerRegion());
  Value fields[] = {
      LLVM::AddressOfOp::create(builder, entry),
      calls.addText(builder, builder.getLoc(), "orcinus_kernel_name", name),
      LLVM::ConstantOp::create(builder, builder.getI64Type(),
                               kernel.workgroupBytes()),
      LLVM::ConstantOp::create(builder, word, subgroupSize),
      LLVM::ConstantOp::create(builder, word, collective ? 1 : 0)};
  Value descriptor = LLVM::PoisonOp::create(builder, type);
  for (auto [index, value] : llvm::enumerate(fields))
    descriptor = LLVM::InsertValueOp::create(builder, descriptor, value, index);
  LLVM::ReturnOp::create(builder, descriptor);
  return global;
}

namespace {

/// Makes a call of a `gpu.launch_func`.
class LaunchConverter {
public:
  LaunchConverter(gpu::LaunchFuncOp launch, LLVM::GlobalOp kernel,
                  SymbolTable &symbols)
      : launch(launch), kernel(kernel), symbols(symbols),
        builder(launch.getLoc(), launch), types(launch.getContext()) {}

  LogicalResult convert();

private:
  void call(Value stream);
  Value packOperands();
  Value extent(Value value);
  LLVM::LLVMFuncOp runtimeFunction();

  gpu::LaunchFuncOp launch;
  LLVM::GlobalOp kernel;
  SymbolTable &symbols;
  ImplicitLocOpBuilder builder;
  LLVMTypeConverter types;
};

} // namespace

LogicalResult LaunchConverter::convert() {
  if (launch.hasClusterSize())
    return launch.emitOpError("has clusters, which the simulator does not");
  if (Value stream = launch.getAsyncObject()) {
    call(stream);
    launch.erase();
    return success();
  }
  auto tokenType = gpu::AsyncTokenType::get(builder.getContext());
  OperandRange waited = launch.getAsyncDependencies();
  Value token =
      waited.size() == 1
          ? waited.front()
          : gpu::WaitOp::create(builder, tokenType, waited).getAsyncToken();
  call(UnrealizedConversionCastOp::create(
           builder, LLVM::LLVMPointerType::get(builder.getContext()), token)
           .getResult(0));
  if (launch.getAsyncToken())
    launch.getAsyncToken().replaceAllUsesWith(token);
  else
    gpu::WaitOp::create(builder, Type(), token);
  launch.erase();
  return success();
}

void LaunchConverter::call(Value stream) {
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  // A launch in a loop takes its memory anew each time.
  Value stack = LLVM::StackSaveOp::create(builder, pointer);
  Value params = packOperands();
  Value dynamicBytes = launch.getDynamicSharedMemorySize();
  if (!dynamicBytes)
    dynamicBytes = LLVM::ConstantOp::create(builder, builder.getI32Type(), 0);
  int64_t count = launch.getNumKernelOperands();
  Value operands[] = {
      LLVM::AddressOfOp::create(builder, kernel),
      extent(launch.getGridSizeX()),
      extent(launch.getGridSizeY()),
      extent(launch.getGridSizeZ()),
      extent(launch.getBlockSizeX()),
      extent(launch.getBlockSizeY()),
      extent(launch.getBlockSizeZ()),
      dynamicBytes,
      stream,
      params,
      LLVM::ZeroOp::create(builder, pointer),
      LLVM::ConstantOp::create(builder, builder.getI64Type(), count)};
  LLVM::CallOp::create(builder, runtimeFunction(), operands);
  LLVM::StackRestoreOp::create(builder, stack);
}

/// An array of pointers to the operands.
Value LaunchConverter::packOperands() {
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  int64_t count = launch.getNumKernelOperands();
  Value one = LLVM::ConstantOp::create(builder, builder.getI64Type(), 1);
  Value array = LLVM::AllocaOp::create(
      builder, pointer, pointer,
      LLVM::ConstantOp::create(builder, builder.getI64Type(), count));
  for (int64_t index = 0; index < count; ++index) {
    Value value = launch.getKernelOperand(index);
    Type plain = withoutMemorySpaces(value.getType());
    if (plain != value.getType())
      value = memref::MemorySpaceCastOp::create(builder, plain, value);
    Type stored = types.convertType(plain);
    if (stored != plain)
      value = UnrealizedConversionCastOp::create(builder, stored, value)
                  .getResult(0);
    Value slot = LLVM::AllocaOp::create(builder, pointer, stored, one);
    LLVM::StoreOp::create(builder, value, slot);
    Value element = LLVM::GEPOp::create(builder, pointer, pointer, array,
                                        LLVM::GEPArg(index));
    LLVM::StoreOp::create(builder, slot, element);
  }
  return array;
}

/// An extent of the grid or the block as i64.
Value LaunchConverter::extent(Value value) {
  Type type = builder.getI64Type();
  if (value.getType().isIndex())
    return arith::IndexCastOp::create(builder, type, value);
  if (value.getType() != type)
    return arith::ExtSIOp::create(builder, type, value);
  return value;
}

/// What MLIR's own lowering of launches calls.
LLVM::LLVMFuncOp LaunchConverter::runtimeFunction() {
  constexpr StringRef name = "mgpuLaunchKernel";
  if (auto known = symbols.lookup<LLVM::LLVMFuncOp>(name))
    return known;
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Type size = builder.getI64Type();
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(builder.getContext()),
      {pointer, size, size, size, size, size, size, builder.getI32Type(),
       pointer, pointer, pointer, size});
  OpBuilder other(builder.getContext());
  auto function = LLVM::LLVMFuncOp::create(other, launch.getLoc(), name, type);
  symbols.insert(function);
  return function;
}

namespace {

class SimulateKernelsPass
    : public orcinus::impl::SimulateKernelsBase<SimulateKernelsPass> {
public:
  using SimulateKernelsBase::SimulateKernelsBase;

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context)
        .inRange(subgroupSize, 32, 64)
        .zeroOrPowerOfTwo(subgroupSize, 32, 64)
        .result();
  }

  void runOnOperation() override {
    SimulatorCalls calls(getOperation());
    auto modules = llvm::to_vector(getOperation().getOps<gpu::GPUModuleOp>());
    for (gpu::GPUModuleOp module : modules)
      if (failed(expandReductions(module)) ||
          failed(expandMatrixInstructions(module, subgroupSize)) ||
          failed(convert(module, calls)))
        return signalPassFailure();
    if (failed(convertLaunches(calls.symbols())))
      return signalPassFailure();
    for (gpu::GPUModuleOp module : modules)
      calls.symbols().erase(module);
    getOperation()->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  }

private:
  LogicalResult expandReductions(gpu::GPUModuleOp module);
  LogicalResult convert(gpu::GPUModuleOp module, SimulatorCalls &calls);
  LogicalResult convertKernel(gpu::GPUFuncOp kernel, SimulatorCalls &calls);
  LogicalResult convertLaunches(SymbolTable &symbols);

  llvm::DenseMap<gpu::GPUFuncOp, LLVM::GlobalOp> descriptors;
};

} // namespace

/// Sums and the like over subgroups become shuffles. Nothing else is rewritten:
/// the simulator is to run what was written.
LogicalResult SimulateKernelsPass::expandReductions(gpu::GPUModuleOp module) {
  SmallVector<Operation *> reductions;
  module.walk([&](gpu::SubgroupReduceOp op) { reductions.push_back(op); });
  RewritePatternSet patterns(&getContext());
  populateGpuBreakDownSubgroupReducePatterns(patterns);
  populateGpuLowerSubgroupReduceToShufflePatterns(patterns, subgroupSize);
  populateGpuLowerClusteredSubgroupReduceToShufflePatterns(patterns,
                                                           subgroupSize);
  GreedyRewriteConfig config;
  config.setStrictness(GreedyRewriteStrictness::ExistingAndNewOps);
  return applyOpPatternsGreedily(reductions, std::move(patterns), config);
}

LogicalResult SimulateKernelsPass::convert(gpu::GPUModuleOp module,
                                           SimulatorCalls &calls) {
  auto globals = llvm::to_vector(module.getOps<memref::GlobalOp>());
  for (memref::GlobalOp global : globals) {
    // Beside the kernels, which from now on refer to it there.
    memref::GlobalOp moved = global.clone();
    removeMemorySpaces(moved);
    StringAttr name = calls.symbols().insert(moved, module->getIterator());
    if (failed(SymbolTable::replaceAllSymbolUses(global, name, module)))
      return global.emitOpError("has uses that cannot be renamed");
    global.erase();
  }
  for (Operation &op : *module.getBody()) {
    auto kernel = dyn_cast<gpu::GPUFuncOp>(op);
    if (!kernel || !kernel.isKernel())
      return op.emitOpError("is not known to the simulator, which has kernels "
                            "and globals only");
    if (failed(convertKernel(kernel, calls)))
      return failure();
  }
  return success();
}

LogicalResult SimulateKernelsPass::convertKernel(gpu::GPUFuncOp kernel,
                                                 SimulatorCalls &calls) {
  SimulatedKernelBuilder builder(kernel, subgroupSize, calls);
  if (failed(builder.build()))
    return failure();
  if (check) {
    FailureOr<int64_t> accesses =
        checkAccesses(builder.function(), builder.self(), calls);
    if (failed(accesses))
      return failure();
    checkedAccesses += *accesses;
  }
  descriptors[kernel] =
      createDescriptor(builder, kernel.getName(), subgroupSize,
                       builder.isCollective() || check, calls);
  ++simulatedKernels;
  return success();
}

LogicalResult SimulateKernelsPass::convertLaunches(SymbolTable &symbols) {
  SmallVector<gpu::LaunchFuncOp> launches;
  WalkResult result = getOperation().walk([&](Operation *op) -> WalkResult {
    if (isa<gpu::LaunchOp>(op))
      return op->emitOpError("has no kernel yet: run gpu-kernel-outlining");
    if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op))
      launches.push_back(launch);
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  for (gpu::LaunchFuncOp launch : launches) {
    auto kernel = SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(
        launch, launch.getKernelAttr());
    LLVM::GlobalOp descriptor = descriptors.lookup(kernel);
    if (!descriptor)
      return launch.emitOpError("launches what is no kernel of the program");
    if (failed(LaunchConverter(launch, descriptor, symbols).convert()))
      return failure();
  }
  return success();
}
