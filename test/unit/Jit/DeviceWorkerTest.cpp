//===- DeviceWorkerTest.cpp - Candidates that run on devices --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeDrivers.h"
#include "TestWorker.h"
#include "lib/Tuning/GpuTiling.h"
#include "lib/Tuning/OperatorFamilies.h"
#include "orcinus/Tuning/ProcessRunner.h"
#include "runtime/Jit/GpuToolchain.h"
#include "test/unit/WorkerMemory.h"

#include <gmock/gmock.h>

using namespace orcinus;
using namespace orcinus::test;
using testing::HasSubstr;

namespace {

//===----------------------------------------------------------------------===//
// The simulator
//===----------------------------------------------------------------------===//

/// A child that has the product of 24×40 and 40×20 loaded.
class SimulatorWorker : public TestWorker {
protected:
  SimulatorWorker()
      : TestWorker("simulator", makeOperator(matmul(24, 20, 40))->module) {}

  /// Runs a program with the arguments of the product that does `body` instead.
  Measurement runBody(const std::string &body, double seconds = 30) {
    return runInstead("func.func @operator(%a: memref<24x40xf32>, "
                      "%b: memref<40x20xf32>, %c: memref<24x20xf32>) {\n" +
                          body + "  return\n}\n",
                      seconds);
  }
};

TEST_F(SimulatorWorker, MeasuresRightPrograms) {
  // A reduction in parts has kernels before and after it, and a temporary.
  for (int64_t parts : {1, 3}) {
    GpuTiling tiling;
    tiling.reductionParts = parts;
    WorkerReply compiled =
        ask({WorkerCommand::Compile, tiling.toSchedule(), 0, module});
    ASSERT_TRUE(compiled.measurement.ok()) << compiled.measurement.message;
    Measurement run =
        ask({WorkerCommand::Run, {}, 0, compiled.body}).measurement;
    EXPECT_TRUE(run.ok()) << run.message;
    EXPECT_GT(run.microseconds, 0);
  }
  EXPECT_GT(ask({WorkerCommand::Baseline, {}, 0, ""}).measurement.microseconds,
            0);
}

TEST_F(SimulatorWorker, FindsAWrongResult) {
  Measurement run = runBody("  %value = arith.constant 1.0 : f32\n"
                            "  linalg.fill ins(%value : f32) outs(%c : "
                            "memref<24x20xf32>)\n");
  EXPECT_EQ(run.status, MeasureStatus::WrongResult);
  EXPECT_THAT(run.message, HasSubstr("element 0 of result 0 is 1"));
  EXPECT_TRUE(process.running());
}

TEST_F(SimulatorWorker, FindsWhatIsNeverWritten) {
  Measurement run = runBody(
      "  linalg.matmul ins(%a, %b : memref<24x40xf32>, memref<40x20xf32>) "
      "outs(%c : memref<24x20xf32>)\n");
  EXPECT_EQ(run.status, MeasureStatus::WrongResult);
  EXPECT_THAT(run.message, HasSubstr("is never initialised"));
}

TEST_F(SimulatorWorker, RejectsWhatTheSimulatorReports) {
  Measurement run = runInstead(R"(
    module attributes {gpu.container_module} {
      gpu.module @written {
        gpu.func @outside(%c: memref<24x20xf32>, %row: index) kernel {
          %value = arith.constant 1.0 : f32
          memref.store %value, %c[%row, %row] : memref<24x20xf32>
          gpu.return
        }
      }
      func.func @operator(%a: memref<24x40xf32>, %b: memref<40x20xf32>,
                          %c: memref<24x20xf32>) {
        %one = arith.constant 1 : index
        %row = arith.constant 24 : index
        gpu.launch_func @written::@outside blocks in (%one, %one, %one)
            threads in (%one, %one, %one)
            args(%c : memref<24x20xf32>, %row : index)
        return
      }
    })");
  EXPECT_EQ(run.status, MeasureStatus::Rejected);
  EXPECT_THAT(run.message, HasSubstr("kernel 'outside'"));
  // It is the candidate's mistake alone.
  EXPECT_TRUE(process.running());
  EXPECT_TRUE(runInstead(module).ok());
}

TEST_F(SimulatorWorker, SurvivesAHangAsAnother) {
  Measurement run = runBody("  %zero = arith.constant 0 : index\n"
                            "  %value = arith.constant 1.0 : f32\n"
                            "  %true = arith.constant true\n"
                            "  scf.while : () -> () {\n"
                            "    scf.condition(%true)\n"
                            "  } do {\n"
                            "    memref.store %value, %c[%zero, %zero] : "
                            "memref<24x20xf32>\n"
                            "    scf.yield\n"
                            "  }\n",
                            /*seconds=*/0.5);
  EXPECT_EQ(run.status, MeasureStatus::Timeout) << run.message;
  expectNewLife(module);
}

TEST_F(SimulatorWorker, SurvivesWithoutMemoryAsAnother) {
  Measurement run = runBody(
      "  %value = arith.constant 1.0 : f32\n"
      "  %huge = memref.alloc() : memref<1000000000xf32>\n"
      "  linalg.fill ins(%value : f32) outs(%huge : memref<1000000000xf32>)\n"
      "  memref.dealloc %huge : memref<1000000000xf32>\n");
  EXPECT_EQ(run.status, withoutMemory) << run.message;
  expectNewLife(module);
}

TEST(ProcessRunnerOnTheSimulator, SaysThatItMeasured) {
  ProcessRunnerOptions options;
  options.command = workerCommand("simulator");
  auto runner = createProcessRunner(options);
  EXPECT_EQ(runner->origin(), TimeOrigin::Measured);
  std::vector<Schedule> schedules = {GpuTiling().toSchedule(),
                                     *Schedule::parse("unknown=1")};
  std::vector<Measurement> measurements;
  Status status = runner->measure(
      *makeOperator(matmul(24, 20, 40, MatrixLayout::Plain, "bias,relu")),
      schedules, [&](size_t, const Measurement &measurement) {
        measurements.push_back(measurement);
        return Status();
      });
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_EQ(measurements.size(), 2u);
  EXPECT_TRUE(measurements[0].ok()) << measurements[0].message;
  EXPECT_EQ(measurements[0].origin, TimeOrigin::Measured);
  EXPECT_GT(measurements[0].microseconds, 0);
  EXPECT_GT(measurements[0].baselineMicroseconds, 0);
  EXPECT_EQ(measurements[1].status, MeasureStatus::Rejected);
  EXPECT_EQ(measurements[1].origin, TimeOrigin::Measured);
}

//===----------------------------------------------------------------------===//
// Fake GPUs
//===----------------------------------------------------------------------===//

/// y = 3x.
constexpr const char *triple = R"(
  func.func @operator(%x: tensor<32xf32>) -> tensor<32xf32> {
    %three = arith.constant 3.0 : f32
    %empty = tensor.empty() : tensor<32xf32>
    %y = linalg.generic {
        indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
        iterator_types = ["parallel"]}
        ins(%x : tensor<32xf32>) outs(%empty : tensor<32xf32>) {
      ^bb0(%value: f32, %unused: f32):
        %product = arith.mulf %value, %three : f32
        linalg.yield %product : f32
    } -> tensor<32xf32>
    return %y : tensor<32xf32>
  }
)";

/// A child that has `triple` loaded and runs programs on a fake GPU. Of all
/// kernels the fake drivers know one, which multiplies what lies at an address.
class FakeGpuWorker : private FakeDrivers,
                      public TestWorker,
                      public testing::WithParamInterface<const char *> {
protected:
  FakeGpuWorker() : TestWorker(GetParam(), triple) {}

  void SetUp() override {
    Status tools = findGpuTools(**findGpuChip(GetParam()));
    if (!tools.ok())
      GTEST_SKIP() << tools.message();
  }

  /// Copies x to y, and launches `kernel` on `count` elements at `address`.
  static std::string program(const std::string &count,
                             const std::string &factor,
                             const std::string &kernel = "scale",
                             const std::string &address = "%values") {
    return R"(
      module attributes {gpu.container_module} {
        gpu.module @written {
          gpu.func @)" +
           kernel + R"((%values: i64, %factor: f32, %count: i64)
              kernel { gpu.return }
        }
        func.func @operator(%x: memref<32xf32>, %y: memref<32xf32>) {
          %before = gpu.wait async
          %copied = gpu.memcpy async [%before] %y, %x
              : memref<32xf32>, memref<32xf32>
          gpu.wait [%copied]
          %index = memref.extract_aligned_pointer_as_index %y
              : memref<32xf32> -> index
          %values = arith.index_cast %index : index to i64
          %nowhere = arith.constant 0 : i64
          %factor = arith.constant )" +
           factor + R"( : f32
          %count = arith.constant )" +
           count + R"( : i64
          %one = arith.constant 1 : index
          %threads = arith.constant 64 : index
          gpu.launch_func @written::@)" +
           kernel + R"(
              blocks in (%one, %one, %one) threads in (%threads, %one, %one)
              args()" +
           address + R"( : i64, %factor : f32, %count : i64)
          return
        }
      })";
  }
  const std::string right = program("32", "3.0");
};

TEST_P(FakeGpuWorker, MeasuresARightProgram) {
  Measurement run = runInstead(right);
  EXPECT_TRUE(run.ok()) << run.message;
  EXPECT_GT(run.microseconds, 0);
  EXPECT_GT(ask({WorkerCommand::Baseline, {}, 0, ""}).measurement.microseconds,
            0);
}

TEST_P(FakeGpuWorker, FindsAWrongResult) {
  Measurement run = runInstead(program("32", "2.0"));
  EXPECT_EQ(run.status, MeasureStatus::WrongResult);
  run = runInstead(program("31", "3.0"));
  EXPECT_EQ(run.status, MeasureStatus::WrongResult);
  EXPECT_THAT(run.message, HasSubstr("element 31 of result 0 is"));
  EXPECT_TRUE(process.running());
}

TEST_P(FakeGpuWorker, FindsAWriteBesideTheResult) {
  Measurement run = runInstead(program("33", "3.0"));
  EXPECT_EQ(run.status, MeasureStatus::WrongResult);
  EXPECT_EQ(run.message, "writes beside result 0");
}

TEST_P(FakeGpuWorker, RejectsWhatTheDriverRefuses) {
  Measurement run = runInstead(program("32", "3.0", "shift"));
  EXPECT_EQ(run.status, MeasureStatus::Rejected);
  EXPECT_EQ(run.message, "a module has no kernel 'shift'");
  EXPECT_TRUE(process.running());
  EXPECT_TRUE(runInstead(right).ok());
}

TEST_P(FakeGpuWorker, SurvivesAFaultOfTheDeviceAsAnother) {
  Measurement run = runInstead(program("32", "3.0", "scale", "%nowhere"));
  EXPECT_EQ(run.status, MeasureStatus::Crash);
  EXPECT_THAT(run.message, HasSubstr("cannot finish the work of a stream"));
  expectNewLife(right);
}

TEST_P(FakeGpuWorker, SaysThatTheDeviceHasNoMemory) {
  // The fake ones have 16 MiB.
  std::string greedy = right;
  greedy.insert(greedy.find("%index ="), R"(
      %ready = gpu.wait async
      %huge, %made = gpu.alloc async [%ready] () : memref<8000000xf32>
      %freed = gpu.dealloc async [%made] %huge : memref<8000000xf32>
      gpu.wait [%freed]
      )");
  Measurement run = runInstead(greedy);
  EXPECT_EQ(run.status, MeasureStatus::Memory) << run.message;
  EXPECT_TRUE(process.running());
}

INSTANTIATE_TEST_SUITE_P(, FakeGpuWorker,
                         testing::Values("nvidia:sm_90", "amd:gfx942"),
                         [](const auto &info) {
                           std::string name = info.param;
                           return name.substr(name.find(':') + 1);
                         });

} // namespace
