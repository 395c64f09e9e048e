//===- GpuTuningTest.cpp - Tuning for GPUs that are not there -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeDrivers.h"
#include "lib/Tuning/GpuTiling.h"
#include "lib/Tuning/OperatorFamilies.h"
#include "orcinus/Tuning/Database.h"
#include "orcinus/Tuning/ProcessRunner.h"
#include "passes/Lowering/HostDescription.h"
#include "runtime/Jit/GpuToolchain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace orcinus;
using namespace orcinus::test;

namespace {

constexpr const char *operators = R"(
  func.func @two(%a: tensor<64x32xf32>, %b: tensor<32x48xf32>,
                 %c: tensor<48x40xf32>, %d: tensor<256x128xf32>)
      -> (tensor<64x48xf32>, tensor<64x40xf32>, tensor<256x128xf32>) {
    %zero = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<64x48xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<64x48xf32>)
        -> tensor<64x48xf32>
    %0 = linalg.matmul ins(%a, %b : tensor<64x32xf32>, tensor<32x48xf32>)
        outs(%f : tensor<64x48xf32>) -> tensor<64x48xf32>
    %g = tensor.empty() : tensor<64x40xf32>
    %h = linalg.fill ins(%zero : f32) outs(%g : tensor<64x40xf32>)
        -> tensor<64x40xf32>
    %1 = linalg.matmul ins(%0, %c : tensor<64x48xf32>, tensor<48x40xf32>)
        outs(%h : tensor<64x40xf32>) -> tensor<64x40xf32>
    %i = tensor.empty() : tensor<256x128xf32>
    %2 = linalg.exp ins(%d : tensor<256x128xf32>)
        outs(%i : tensor<256x128xf32>) -> tensor<256x128xf32>
    return %0, %1, %2 : tensor<64x48xf32>, tensor<64x40xf32>,
        tensor<256x128xf32>
  }
)";

class GpuTuning : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    Status tools = findGpuTools(chip());
    if (!tools.ok())
      GTEST_SKIP() << tools.message();
    folder = std::filesystem::temp_directory_path() /
             ("orcinus-gpu-tuning-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(path("operators.mlir")) << operators;
    // A GPU that is really there would measure.
    setenv("CUDA_VISIBLE_DEVICES", "", 1);
    setenv("HIP_VISIBLE_DEVICES", "-1", 1);
  }
  void TearDown() override {
    if (!folder.empty())
      std::filesystem::remove_all(folder);
  }

  const GpuChip &chip() const { return **findGpuChip(GetParam()); }
  std::string path(const std::string &name) const { return folder / name; }

  /// What the tool prints with `arguments`, and its exit status.
  static std::pair<std::string, int> runTool(const std::string &arguments) {
    std::string command = ORCINUS_TOOL " " + arguments + " 2>&1";
    std::FILE *pipe = popen(command.c_str(), "r");
    std::string text;
    for (int byte = std::fgetc(pipe); byte != EOF; byte = std::fgetc(pipe))
      text.push_back(static_cast<char>(byte));
    return {text, pclose(pipe)};
  }
  /// The same where it must succeed.
  static std::string run(const std::string &arguments) {
    auto [text, status] = runTool(arguments);
    EXPECT_EQ(status, 0) << text;
    return text;
  }
  std::string tuneArguments(const std::string &target) const {
    return "tune --operators " + path("operators.mlir") + " --db " +
           path("a.db") + " --target " + target + " ";
  }
  std::string tune(const std::string &arguments) const {
    return run(tuneArguments(GetParam()) + arguments);
  }
  TuningDatabase database() const {
    return std::move(*TuningDatabase::openReadOnly(
        path("a.db"), tuningContext(*describeTarget(GetParam(), 1))));
  }

  std::filesystem::path folder;
};

bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_P(GpuTuning, TunesContractionsAndSkipsTheOthers) {
  std::string text = tune("--strategy search --trials 12");
  EXPECT_TRUE(contains(text, "left out: elementwise_256x128: is of the family "
                             "elementwise, which has no schedule space on '" +
                                 std::string(GetParam()) + "'"))
      << text;
  EXPECT_TRUE(contains(text, "us, modelled, after 12 trials (search)")) << text;
  EXPECT_TRUE(contains(text, "2 operators and 0 bridges in ")) << text;
  EXPECT_TRUE(contains(text, "24 candidates modelled")) << text;

  std::vector<TunedProgram> programs = *database().programs();
  ASSERT_EQ(programs.size(), 2u);
  for (const TunedProgram &program : programs) {
    EXPECT_EQ(program.origin, TimeOrigin::Modelled);
    StatusOr<std::vector<TuningRecord>> records =
        database().records(program.kind);
    ASSERT_TRUE(records.ok()) << records.message();
    for (const TuningRecord &record : *records) {
      EXPECT_EQ(record.measurement.origin, TimeOrigin::Modelled);
      if (record.extents == program.extents && record.measurement.ok())
        EXPECT_GE(record.measurement.microseconds, program.microseconds);
    }
  }
  // What is finished is not done again.
  EXPECT_TRUE(contains(tune("--strategy search --trials 12"),
                       " 0 candidates modelled"));
}

// What this machine has decides. The fake GPUs, an sm_90 and a gfx942, know
// none of the candidates' kernels: each is run, and fails alone.
TEST_P(GpuTuning, MeasuresWhereThereIsSuchADevice) {
  FakeDrivers drivers;
  bool isNvidia = chip().vendor == GpuVendor::Nvidia;
  std::string measured =
      std::string("times are measured on ") +
      (isNvidia ? "Fake H100 (sm_90)" : "Fake MI300X (gfx name) (gfx942)");
  for (const char *target : {GetParam(), isNvidia ? "cuda" : "hip"}) {
    auto [text, status] = runTool(tuneArguments(target) + "--strategy default");
    EXPECT_NE(status, 0);
    EXPECT_TRUE(text.starts_with(measured + "\n")) << text;
    EXPECT_TRUE(contains(text, "a module has no kernel 'contraction")) << text;
  }
  std::string other = isNvidia ? "nvidia:sm_80" : "amd:gfx90a";
  std::string text = run(tuneArguments(other) + "--strategy default");
  EXPECT_TRUE(text.starts_with("no device here is " + other + " (Fake "))
      << text;
  EXPECT_TRUE(contains(text, "): times are modelled\n")) << text;
  EXPECT_TRUE(contains(text, "us, modelled, after 1 trials")) << text;
}

// What was modelled says nothing of what is measured, and is kept beside it.
TEST_P(GpuTuning, MeasuresWhatWasModelled) {
  tune("--strategy default");
  FakeDrivers drivers;
  auto [text, status] =
      runTool(tuneArguments(GetParam()) + "--strategy default");
  EXPECT_TRUE(contains(text, "a module has no kernel 'contraction")) << text;
  std::vector<TunedProgram> programs = *database().programs();
  EXPECT_EQ(programs.size(), 2u);
  for (const TunedProgram &program : programs) {
    EXPECT_EQ(program.origin, TimeOrigin::Modelled);
    std::vector<TuningRecord> records = *database().records(program.kind);
    EXPECT_TRUE(std::any_of(
        records.begin(), records.end(), [](const TuningRecord &record) {
          return record.measurement.origin == TimeOrigin::Measured;
        }));
  }
}

TEST_P(GpuTuning, SaysThatTimesAreModelled) {
  std::string text = tune("--strategy reuse --trials 4 --json");
  EXPECT_TRUE(contains(text, "\"origin\":\"modelled\"")) << text;
  EXPECT_FALSE(contains(text, "\"origin\":\"measured\"")) << text;
}

// The tuned programs are those that are compiled.
TEST_P(GpuTuning, CompilesByTheDatabase) {
  tune("--strategy search --trials 12");
  std::string text =
      run("compile " + path("operators.mlir") + " --target " + GetParam() +
          " --tuning-db " + path("a.db") + " --resources -o " + path("a.out"));
  std::vector<TunedProgram> programs = *database().programs();
  for (const TunedProgram &program : programs) {
    GpuTiling tiling = *GpuTiling::fromSchedule(program.schedule);
    bool found = false;
    for (size_t line = text.find("contraction"); line != std::string::npos;
         line = text.find("contraction", line + 1)) {
      int64_t threads = 0, registers = 0, bytes = 0;
      found |= std::sscanf(text.c_str() + line, "%*s %ld %ld %ld", &threads,
                           &registers, &bytes) == 3 &&
               threads == tiling.threads() && bytes == tiling.workgroupBytes();
    }
    EXPECT_TRUE(found) << program.schedule.toString() << "\n" << text;
  }
}

TEST_P(GpuTuning, RejectsWhatSpillsAndGoesOn) {
  ProcessRunnerOptions options;
  options.command = {ORCINUS_TOOL, "tune-worker", GetParam(), "1"};
  options.compileWorkers = 1;
  options.model = gpuTimeModel(chip());
  options.measures = false;
  auto runner = createProcessRunner(options);
  // 256 partial sums of a thread are more than the registers of NVIDIA's.
  std::vector<Schedule> schedules = {
      *Schedule::parse("block_rows=256 block_columns=256 block_reduction=16 "
                       "thread_rows=16 thread_columns=16 reduction_parts=1"),
      *Schedule::parse("unknown=1"), GpuTiling().toSchedule()};
  std::vector<Measurement> measurements;
  Status status =
      runner->measure(*makeOperator(matmul(512, 512, 128)), schedules,
                      [&](size_t, const Measurement &measurement) {
                        measurements.push_back(measurement);
                        return Status();
                      });
  ASSERT_TRUE(status.ok()) << status.message();
  if (chip().vendor == GpuVendor::Nvidia) {
    EXPECT_EQ(measurements[0].status, MeasureStatus::Rejected);
    EXPECT_TRUE(contains(measurements[0].message, "registers in memory"))
        << measurements[0].message;
  }
  EXPECT_EQ(measurements[1].status, MeasureStatus::Rejected);
  EXPECT_TRUE(contains(measurements[1].message, "unknown 'unknown'"))
      << measurements[1].message;
  EXPECT_TRUE(measurements[2].ok()) << measurements[2].message;
  EXPECT_GT(measurements[2].microseconds, 0);
}

INSTANTIATE_TEST_SUITE_P(Targets, GpuTuning,
                         testing::Values("nvidia:sm_90", "amd:gfx942"),
                         [](const auto &info) {
                           std::string name = info.param;
                           return name.substr(name.find(':') + 1);
                         });
