//===- SimulatedProgram.cpp - Programs with kernels, compiled -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimulatedProgram.h"

#include "dialects/ETO/IR/ETODialect.h"
#include "passes/Lowering/Passes.h"
#include "runtime/Jit/Jit.h"
#include "runtime/Simulator/SimulatorAbi.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// The device that the program under test calls.
struct Device {
  explicit Device(SimulatorOptions options) : simulator(options) {}

  Simulator simulator;
  Status status;
  std::vector<SimulatorReport> reports;
  std::set<void *> live;
};
Device *device = nullptr;

void *createHandle() { return *device->live.insert(std::malloc(1)).first; }

void destroyHandle(void *handle) {
  EXPECT_EQ(device->live.erase(handle), 1u);
  std::free(handle);
}

void expectStream(void *stream) { EXPECT_TRUE(device->live.count(stream)); }

void expectBoth(void *one, void *other) {
  expectStream(one);
  expectStream(other);
}

void *allocate(int64_t bytes, void *stream, bool) {
  expectStream(stream);
  return *device->live.insert(std::aligned_alloc(64, (bytes + 63) / 64 * 64))
              .first;
}

void release(void *memory, void *stream) {
  expectStream(stream);
  destroyHandle(memory);
}

void copy(void *to, void *from, int64_t bytes, void *stream) {
  expectStream(stream);
  std::memcpy(to, from, bytes);
}

void fill(void *to, uint32_t value, int64_t count, void *stream) {
  expectStream(stream);
  std::fill_n(static_cast<uint32_t *>(to), count, value);
}

void launch(void *function, int64_t gridX, int64_t gridY, int64_t gridZ,
            int64_t blockX, int64_t blockY, int64_t blockZ, int32_t bytes,
            void *stream, void **params, void **extra, int64_t count) {
  expectStream(stream);
  EXPECT_EQ(extra, nullptr);
  Status status = device->simulator.launch(
      *static_cast<const SimulatedKernel *>(function), {gridX, gridY, gridZ},
      {blockX, blockY, blockZ}, bytes, params);
  if (device->status.ok())
    device->status = status;
  const std::vector<SimulatorReport> &reports = device->simulator.reports();
  device->reports.insert(device->reports.end(), reports.begin(), reports.end());
}

} // namespace

static std::vector<RuntimeSymbol> symbols() {
  auto address = [](auto *function) {
    return reinterpret_cast<void *>(function);
  };
  std::vector<RuntimeSymbol> all = {
      {"mgpuStreamCreate", address(&createHandle)},
      {"mgpuStreamDestroy", address(&destroyHandle)},
      {"mgpuStreamSynchronize", address(&expectStream)},
      {"mgpuStreamWaitEvent", address(&expectBoth)},
      {"mgpuEventCreate", address(&createHandle)},
      {"mgpuEventDestroy", address(&destroyHandle)},
      {"mgpuEventSynchronize", address(&expectStream)},
      {"mgpuEventRecord", address(&expectBoth)},
      {"mgpuMemAlloc", address(&allocate)},
      {"mgpuMemFree", address(&release)},
      {"mgpuMemcpy", address(&copy)},
      {"mgpuMemset32", address(&fill)},
      {"mgpuLaunchKernel", address(&launch)}};
  for (const SimulatorSymbol &symbol : simulatorSymbols())
    all.emplace_back(symbol.name, symbol.address);
  return all;
}

static void addPasses(mlir::OpPassManager &manager, ProgramOptions options) {
  if (options.map) {
    manager.addPass(createMapToGpu(*options.map));
    manager.addNestedPass<mlir::func::FuncOp>(createPlaceAllocations());
  }
  SimulateKernelsOptions simulate;
  simulate.check = options.check;
  simulate.subgroupSize = options.subgroupSize;
  manager.addPass(createSimulateKernels(simulate));
  manager.addPass(mlir::createConvertVectorToSCFPass(
      mlir::VectorTransferToSCFOptions().setTargetRank(0)));
  manager.addPass(createPackArguments());
  mlir::OpPassManager &function = manager.nest<mlir::func::FuncOp>();
  function.addPass(mlir::memref::createExpandStridedMetadataPass());
  function.addPass(mlir::createLowerAffinePass());
  function.addPass(mlir::arith::createArithExpandOpsPass());
  function.addPass(mlir::createSCFToControlFlowPass());
  manager.addPass(mlir::createGpuToLLVMConversionPass());
  manager.addPass(createConvertToLLVM());
  manager.addPass(mlir::createReconcileUnrealizedCastsPass());
}

SimulatedProgram::SimulatedProgram(std::string programText,
                                   ProgramOptions options)
    : text(std::move(programText)) {
  auto build = [&](mlir::MLIRContext &context) -> StatusOr<LoweredProgram> {
    mlir::DialectRegistry registry;
    registry.insert<eto::ETODialect, mlir::arith::ArithDialect,
                    mlir::cf::ControlFlowDialect, mlir::func::FuncDialect,
                    mlir::gpu::GPUDialect, mlir::linalg::LinalgDialect,
                    mlir::memref::MemRefDialect, mlir::scf::SCFDialect,
                    mlir::vector::VectorDialect>();
    context.appendDialectRegistry(registry);
    auto module =
        mlir::parseSourceString<mlir::ModuleOp>(text, &context, "kernels.mlir");
    if (!module)
      return Status::error("cannot parse the program");
    mlir::PassManager manager(&context);
    addPasses(manager, options);
    if (mlir::failed(manager.run(*module)))
      return Status::error("cannot lower the program");
    return LoweredProgram{std::move(module), ""};
  };
  JitOptions jit;
  jit.symbols = symbols();
  auto compiled = jitCompile("test", build, jit);
  EXPECT_TRUE(compiled.ok()) << compiled.message();
  if (compiled.ok())
    executable = std::move(*compiled);
}

Status SimulatedProgram::run(std::vector<void *> arguments,
                             SimulatorOptions options) {
  if (!executable)
    return Status::error("the program was not compiled");
  auto function = executable->packedFunction("main");
  if (!function.ok())
    return function.status();
  Device current(options);
  device = &current;
  (*function)(arguments.data());
  device = nullptr;
  EXPECT_TRUE(current.live.empty()) << "left behind";
  found = current.reports;
  return current.status;
}

std::set<int> SimulatedProgram::linesOf(size_t index) const {
  std::set<int> lines;
  const std::string prefix = "kernels.mlir:";
  for (const std::string &location : found.at(index).locations) {
    EXPECT_TRUE(location.starts_with(prefix)) << location;
    lines.insert(std::atoi(location.c_str() + prefix.size()));
  }
  return lines;
}

int SimulatedProgram::lineOf(const std::string &mark) const {
  size_t at = text.find(mark);
  EXPECT_NE(at, std::string::npos) << mark;
  return 1 +
         static_cast<int>(std::count(text.begin(), text.begin() + at, '\n'));
}
