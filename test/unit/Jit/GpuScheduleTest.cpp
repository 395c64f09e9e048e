//===- GpuScheduleTest.cpp - What GPUs get from the tuner -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tuning/OperatorFamilies.h"
#include "orcinus/Support/Processors.h"
#include "orcinus/Tuning/Database.h"
#include "orcinus/Tuning/GpuChip.h"
#include "orcinus/Tuning/ScheduleSpace.h"
#include "passes/Lowering/HostDescription.h"
#include "passes/Pipelines/LowerToGpu.h"
#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/StepPipeline.h"
#include "passes/Target/GpuContractionSchedule.h"
#include "passes/Target/Passes.h"
#include "runtime/Jit/StepOperators.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <unistd.h>

using namespace orcinus;

/// Calls `check` with every combination of choices.
template <typename Check>
static void forEachSchedule(const ScheduleSpace &space, const Check &check,
                            Schedule schedule = {}, size_t parameter = 0) {
  if (parameter == space.parameters().size())
    return check(schedule);
  for (int64_t choice : space.parameters()[parameter].choices) {
    schedule.set(space.parameters()[parameter].name, choice);
    forEachSchedule(space, check, schedule, parameter + 1);
  }
}

TEST(GpuSchedules, AreLegalForTheTunerAndTheCompilerAlike) {
  mlir::MLIRContext context;
  mlir::ScopedDiagnosticHandler silence(
      &context, [](mlir::Diagnostic &) { return mlir::success(); });
  mlir::Location location = mlir::UnknownLoc::get(&context);
  for (const char *name : {"nvidia:sm_90", "amd:gfx942"}) {
    const GpuChip &chip = **findGpuChip(name);
    auto space = createScheduleSpace(matmul(300, 300, 128), describeGpu(chip));
    ASSERT_TRUE(space.ok()) << space.message();
    GpuTarget target;
    target.workgroupBytes = chip.blockBytes;
    int64_t legal = 0, all = 0;
    forEachSchedule(**space, [&](const Schedule &schedule) {
      auto read = GpuContractionSchedule::fromSchedule(schedule, location);
      bool compiles = succeeded(read) &&
                      succeeded(read->verify(
                          target, mlir::Float32Type::get(&context), location));
      EXPECT_EQ((*space)->legal(schedule).ok(), compiles)
          << name << " " << schedule.toString();
      legal += compiles;
      ++all;
    });
    EXPECT_GT(legal, all / 8) << name;
    EXPECT_LT(legal, all) << name;
  }
}

namespace {

constexpr const char *product = R"(
  func.func @product(%a: tensor<256x128xf32>, %b: tensor<128x96xf32>)
      -> tensor<256x96xf32> {
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<256x96xf32>
    %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<256x96xf32>)
        -> tensor<256x96xf32>
    %c = linalg.matmul ins(%a, %b : tensor<256x128xf32>, tensor<128x96xf32>)
        outs(%start : tensor<256x96xf32>) -> tensor<256x96xf32>
    return %c : tensor<256x96xf32>
  }
)";

class GpuPrograms : public testing::Test {
protected:
  void SetUp() override {
    path = std::filesystem::temp_directory_path() /
           ("orcinus-gpu-" + std::to_string(getpid()) + ".db");
    std::filesystem::remove(path);
  }
  void TearDown() override {
    for (const char *suffix : {"", "-wal", "-shm"})
      std::filesystem::remove(path + suffix);
  }

  /// Stores `schedule` as the program of `description` on `target`.
  void store(const char *target, const OperatorDescription &description,
             const char *schedule) {
    auto database = TuningDatabase::open(
        path, tuningContext(*describeTarget(target, usableProcessors())));
    ASSERT_TRUE(database.ok()) << database.message();
    TunedProgram program;
    program.kind = description.kind();
    program.extents = description.extents();
    program.schedule = *Schedule::parse(schedule);
    program.microseconds = program.baselineMicroseconds = 1;
    Status finished = database->finish(program);
    ASSERT_TRUE(finished.ok()) << finished.message();
  }

  /// The product above, as it is outlined.
  static OperatorDescription productOperator() {
    OperatorDescription description = matmul(256, 96, 128);
    // Nothing says that an argument of a function is a weight.
    for (OperatorOperand &operand : description.operands)
      if (operand.role == OperandRole::Weight)
        operand.role = OperandRole::Activation;
    return description;
  }

  /// The shapes of the tiles that the contraction's kernel for `target` keeps
  /// in workgroup memory.
  std::vector<std::vector<int64_t>> tilesFor(const char *target) {
    mlir::DialectRegistry registry;
    registerStepDialects(registry);
    registerLowerToHostDialects(registry);
    mlir::MLIRContext context(registry);
    auto module = mlir::parseSourceString<mlir::ModuleOp>(product, &context);
    mlir::PassManager manager(&context);
    BufferizePipelineOptions options;
    options.tuningDatabase = path;
    options.target = target;
    buildBufferizePipeline(manager, options);
    buildMapToGpuPipeline(manager, MapToGpuOptions());
    EXPECT_TRUE(mlir::succeeded(manager.run(*module)));
    std::vector<std::vector<int64_t>> tiles;
    module->walk([&](mlir::gpu::GPUFuncOp kernel) {
      if (kernel.getName().starts_with("contraction"))
        for (mlir::BlockArgument tile : kernel.getWorkgroupAttributions())
          tiles.push_back(
              mlir::cast<mlir::MemRefType>(tile.getType()).getShape().vec());
    });
    return tiles;
  }

  std::string path;
};

} // namespace

TEST_F(GpuPrograms, AreThoseOfTheDatabase) {
  store("nvidia:sm_90", productOperator(),
        "block_rows=48 block_columns=96 block_reduction=8 "
        "thread_rows=12 thread_columns=8 reduction_parts=1");
  std::vector<std::vector<int64_t>> tiles = {{8, 48 + 4}, {8, 96 + 4}};
  EXPECT_EQ(tilesFor("nvidia:sm_90"), tiles);
}

TEST_F(GpuPrograms, AreNotThoseOfAnotherTarget) {
  store("nvidia:sm_90", productOperator(),
        "block_rows=48 block_columns=96 block_reduction=8 "
        "thread_rows=12 thread_columns=8 reduction_parts=1");
  std::vector<std::vector<int64_t>> tiles = {{16, 64 + 4}, {16, 64 + 4}};
  EXPECT_EQ(tilesFor("nvidia:sm_80"), tiles);
  EXPECT_EQ(tilesFor("host"), tiles);
}

// The simulator runs kernels, which the host's schedules are not for.
TEST_F(GpuPrograms, AreNotTheHostsInTheSimulator) {
  CompileOptions options;
  options.target = "simulator";
  options.tuningDatabase = path;
  options.useCache = false;
  StatusOr<std::vector<TunableOperator>> operators =
      stepOperators(options, /*fewestMultiplications=*/1);
  ASSERT_TRUE(operators.ok()) << operators.message();
  for (const TunableOperator &op : *operators)
    store("host", op.description, "tile_rows=4");
  auto model = compileModel(options);
  EXPECT_TRUE(model.ok()) << model.message();
}
