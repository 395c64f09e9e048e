//===- CandidateWorkerTest.cpp - Real candidates in real children ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestWorker.h"
#include "lib/Tuning/OperatorFamilies.h"
#include "orcinus/Tuning/ProcessRunner.h"
#include "test/unit/WorkerMemory.h"

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// A child that has the product of 8×16 and 16×4 loaded.
class Worker : public TestWorker {
protected:
  Worker() : TestWorker("host", makeOperator(matmul(8, 4, 16))->module) {}

  /// Runs a program with the arguments of the product that does `body` instead.
  Measurement runBody(const std::string &body, double seconds = 30) {
    return runInstead("func.func @operator(%a: memref<8x16xf32>, "
                      "%b: memref<16x4xf32>, %c: memref<8x4xf32>) {\n"
                      "  %zero = arith.constant 0 : index\n"
                      "  %value = arith.constant 1.0 : f32\n" +
                          body + "  return\n}\n",
                      seconds);
  }
};

} // namespace

TEST_F(Worker, MeasuresARightProgram) {
  Schedule schedule;
  schedule.set("tile_rows", 4);
  WorkerReply compiled = ask({WorkerCommand::Compile, schedule, 0, module});
  ASSERT_TRUE(compiled.measurement.ok()) << compiled.measurement.message;
  Measurement run = ask({WorkerCommand::Run, {}, 0, compiled.body}).measurement;
  EXPECT_TRUE(run.ok()) << run.message;
  EXPECT_GT(run.microseconds, 0);
  EXPECT_GT(ask({WorkerCommand::Baseline, {}, 0, ""}).measurement.microseconds,
            0);
}

TEST_F(Worker, MeasuresAProgramThatAddsToAnArgument) {
  module = R"(
    func.func @operator(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>,
                        %c: tensor<8x4xf32>) -> tensor<8x4xf32> {
      %0 = linalg.matmul ins(%a, %b : tensor<8x16xf32>, tensor<16x4xf32>)
                         outs(%c : tensor<8x4xf32>) -> tensor<8x4xf32>
      return %0 : tensor<8x4xf32>
    }
  )";
  ASSERT_TRUE(load().ok());
  WorkerReply compiled = ask({WorkerCommand::Compile, {}, 0, module});
  for (int round = 0; round < 2; ++round) {
    Measurement run =
        ask({WorkerCommand::Run, {}, 0, compiled.body}).measurement;
    EXPECT_TRUE(run.ok()) << run.message;
  }
}

TEST_F(Worker, RefusesTensorsThatNoMachineHolds) {
  for (const char *shape : {"4294967296x4294967296", "3037000500x3037000500"}) {
    std::string type = "tensor<" + std::string(shape) + "xf32>";
    module = "func.func @operator(%a: " + type + ") -> " + type +
             " { return %a : " + type + " }";
    Measurement loaded = load();
    EXPECT_EQ(loaded.status, MeasureStatus::Rejected);
    EXPECT_NE(loaded.message.find("at most 2^46 elements"), std::string::npos)
        << loaded.message;
    EXPECT_TRUE(process.running());
  }
}

TEST_F(Worker, RefusesAScheduleOfAnotherSpace) {
  Schedule schedule;
  schedule.set("unknown_parameter", 4);
  WorkerReply compiled = ask({WorkerCommand::Compile, schedule, 0, module});
  EXPECT_EQ(compiled.measurement.status, MeasureStatus::Rejected);
  EXPECT_NE(compiled.measurement.message.find("unknown_parameter"),
            std::string::npos);
  EXPECT_TRUE(process.running());
}

TEST_F(Worker, FindsAWrongResult) {
  Measurement run = runBody("  memref.store %value, %c[%zero, %zero] : "
                            "memref<8x4xf32>\n");
  EXPECT_EQ(run.status, MeasureStatus::WrongResult) << run.message;
  EXPECT_TRUE(process.running());
}

TEST_F(Worker, FindsAWriteBesideTheResult) {
  Measurement run = runBody("  %beside = arith.constant 33 : index\n"
                            "  memref.store %value, %c[%zero, %beside] : "
                            "memref<8x4xf32>\n");
  EXPECT_EQ(run.status, MeasureStatus::WrongResult);
  EXPECT_EQ(run.message, "writes beside result 0");
}

TEST_F(Worker, SurvivesACrashAsAnother) {
  Measurement run =
      runBody("  %far = arith.constant 1000000000000 : index\n"
              "  memref.store %value, %c[%zero, %far] : memref<8x4xf32>\n");
  EXPECT_EQ(run.status, MeasureStatus::Crash) << run.message;
  expectNewLife(module);
}

TEST_F(Worker, SurvivesAHangAsAnother) {
  Measurement run = runBody("  %true = arith.constant true\n"
                            "  scf.while : () -> () {\n"
                            "    scf.condition(%true)\n"
                            "  } do {\n"
                            "    memref.store %value, %c[%zero, %zero] : "
                            "memref<8x4xf32>\n"
                            "    scf.yield\n"
                            "  }\n",
                            /*seconds=*/0.5);
  EXPECT_EQ(run.status, MeasureStatus::Timeout) << run.message;
  expectNewLife(module);
}

TEST_F(Worker, SurvivesWithoutMemoryAsAnother) {
  Measurement run =
      runBody("  %huge = memref.alloc() : memref<1000000000xf32>\n"
              "  memref.store %value, %huge[%zero] : memref<1000000000xf32>\n"
              "  %read = memref.load %huge[%zero] : memref<1000000000xf32>\n"
              "  memref.store %read, %c[%zero, %zero] : memref<8x4xf32>\n");
  EXPECT_EQ(run.status, withoutMemory) << run.message;
  expectNewLife(module);
}

TEST(ProcessRunnerOfRealWorkers, MeasuresEveryFamilyAgainstPlainLoops) {
  ProcessRunnerOptions options;
  options.command = workerCommand("host");
  auto runner = createProcessRunner(options);
  for (const OperatorDescription &description :
       {matmul(33, 20, 17, MatrixLayout::Plain, "bias,relu"),
        matmul(33, 20, 17, MatrixLayout::TransposedLeft),
        matmul(33, 20, 17, MatrixLayout::TransposedRight),
        batchMatmul(3, 10, 18, 7),
        convolution({.spatial = {9, 8},
                     .inputChannels = 6,
                     .outputChannels = 20,
                     .window = 3,
                     .stride = 2,
                     .groups = 2}),
        convolution({.spatial = {9},
                     .inputChannels = 6,
                     .outputChannels = 20,
                     .window = 3,
                     .dilation = 2}),
        depthwiseConvolution(
            {.spatial = {9, 8}, .inputChannels = 20, .window = 3}),
        transposedConvolution(
            {.spatial = {4, 5}, .inputChannels = 6, .outputChannels = 18}),
        rowReduction("softmax", 10, 33), rowReduction("layer_norm", 10, 33),
        rowReduction("l2_norm", 10, 33), elementwise("bias,gelu", 10, 33)}) {
    std::vector<Schedule> compilersDefault(1);
    Status status =
        runner->measure(*makeOperator(description), compilersDefault,
                        [&](size_t, const Measurement &measurement) {
                          EXPECT_TRUE(measurement.ok())
                              << description.name << ": "
                              << measurement.message;
                          return Status();
                        });
    EXPECT_TRUE(status.ok()) << description.name << ": " << status.message();
  }
}
