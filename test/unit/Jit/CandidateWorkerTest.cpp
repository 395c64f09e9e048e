//===- CandidateWorkerTest.cpp - Real candidates in real children ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tuning/OperatorFamilies.h"
#include "lib/Tuning/WorkerProcess.h"
#include "orcinus/Tuning/ProcessRunner.h"

#include <gtest/gtest.h>

using namespace orcinus;

namespace {

constexpr double limitSeconds = 30;
constexpr int64_t memoryBytes = int64_t(1) << 30;

std::vector<std::string> workerCommand() {
  return {ORCINUS_TOOL, "tune-worker", "host", "1"};
}

/// A child that has the product of 8×16 and 16×4 loaded.
class Worker : public testing::Test {
protected:
  Worker() : process(workerCommand(), memoryBytes) {
    op = *makeOperator(matmul(8, 4, 16));
    WorkerReply loaded = ask({WorkerCommand::Load, {}, 0, op.module});
    EXPECT_TRUE(loaded.measurement.ok()) << loaded.measurement.message;
  }

  WorkerReply ask(const WorkerRequest &request, double seconds = limitSeconds) {
    Status sent = process.send(request);
    EXPECT_TRUE(sent.ok()) << sent.message();
    return process.receive(
        std::chrono::steady_clock::now() +
        std::chrono::milliseconds(static_cast<int64_t>(1000 * seconds)));
  }

  /// Runs a program with the arguments of the product that does `body` instead.
  Measurement runInstead(const std::string &body,
                         double seconds = limitSeconds) {
    std::string module =
        "func.func @operator(%a: memref<8x16xf32>, %b: memref<16x4xf32>, "
        "%c: memref<8x4xf32>) {\n"
        "  %zero = arith.constant 0 : index\n"
        "  %value = arith.constant 1.0 : f32\n" +
        body + "  return\n}\n";
    WorkerReply compiled = ask({WorkerCommand::Compile, {}, 0, module});
    EXPECT_TRUE(compiled.measurement.ok()) << compiled.measurement.message;
    return ask({WorkerCommand::Run, {}, 0, compiled.body}, seconds).measurement;
  }

  /// A fault ended the child; a new one works.
  void expectNewLife() {
    EXPECT_FALSE(process.running());
    EXPECT_TRUE(ask({WorkerCommand::Load, {}, 0, op.module}).measurement.ok());
    WorkerReply compiled = ask({WorkerCommand::Compile, {}, 0, op.module});
    EXPECT_TRUE(
        ask({WorkerCommand::Run, {}, 0, compiled.body}).measurement.ok());
  }

  WorkerProcess process;
  TunableOperator op;
};

} // namespace

TEST_F(Worker, MeasuresARightProgram) {
  Schedule schedule;
  schedule.set("tile_rows", 4);
  WorkerReply compiled = ask({WorkerCommand::Compile, schedule, 0, op.module});
  ASSERT_TRUE(compiled.measurement.ok()) << compiled.measurement.message;
  Measurement run = ask({WorkerCommand::Run, {}, 0, compiled.body}).measurement;
  EXPECT_TRUE(run.ok()) << run.message;
  EXPECT_GT(run.microseconds, 0);
  EXPECT_GT(ask({WorkerCommand::Baseline, {}, 0, ""}).measurement.microseconds,
            0);
}

TEST_F(Worker, MeasuresAProgramThatAddsToAnArgument) {
  const std::string module = R"(
    func.func @operator(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>,
                        %c: tensor<8x4xf32>) -> tensor<8x4xf32> {
      %0 = linalg.matmul ins(%a, %b : tensor<8x16xf32>, tensor<16x4xf32>)
                         outs(%c : tensor<8x4xf32>) -> tensor<8x4xf32>
      return %0 : tensor<8x4xf32>
    }
  )";
  ASSERT_TRUE(ask({WorkerCommand::Load, {}, 0, module}).measurement.ok());
  WorkerReply compiled = ask({WorkerCommand::Compile, {}, 0, module});
  for (int round = 0; round < 2; ++round) {
    Measurement run =
        ask({WorkerCommand::Run, {}, 0, compiled.body}).measurement;
    EXPECT_TRUE(run.ok()) << run.message;
  }
}

TEST_F(Worker, RefusesAScheduleOfAnotherSpace) {
  Schedule schedule;
  schedule.set("unknown_parameter", 4);
  WorkerReply compiled = ask({WorkerCommand::Compile, schedule, 0, op.module});
  EXPECT_EQ(compiled.measurement.status, MeasureStatus::Rejected);
  EXPECT_NE(compiled.measurement.message.find("unknown_parameter"),
            std::string::npos);
  EXPECT_TRUE(process.running());
}

TEST_F(Worker, FindsAWrongResult) {
  Measurement run = runInstead("  memref.store %value, %c[%zero, %zero] : "
                               "memref<8x4xf32>\n");
  EXPECT_EQ(run.status, MeasureStatus::WrongResult) << run.message;
  EXPECT_TRUE(process.running());
}

TEST_F(Worker, FindsAWriteBesideTheResult) {
  Measurement run = runInstead("  %beside = arith.constant 33 : index\n"
                               "  memref.store %value, %c[%zero, %beside] : "
                               "memref<8x4xf32>\n");
  EXPECT_EQ(run.status, MeasureStatus::WrongResult);
  EXPECT_EQ(run.message, "writes beside result 0");
}

TEST_F(Worker, SurvivesACrashAsAnother) {
  Measurement run =
      runInstead("  %far = arith.constant 1000000000000 : index\n"
                 "  memref.store %value, %c[%zero, %far] : memref<8x4xf32>\n");
  EXPECT_EQ(run.status, MeasureStatus::Crash) << run.message;
  expectNewLife();
}

TEST_F(Worker, SurvivesAHangAsAnother) {
  Measurement run = runInstead("  %true = arith.constant true\n"
                               "  scf.while : () -> () {\n"
                               "    scf.condition(%true)\n"
                               "  } do {\n"
                               "    memref.store %value, %c[%zero, %zero] : "
                               "memref<8x4xf32>\n"
                               "    scf.yield\n"
                               "  }\n",
                               /*seconds=*/0.5);
  EXPECT_EQ(run.status, MeasureStatus::Timeout) << run.message;
  expectNewLife();
}

TEST_F(Worker, SurvivesWithoutMemoryAsAnother) {
  Measurement run = runInstead(
      "  %huge = memref.alloc() : memref<1000000000xf32>\n"
      "  memref.store %value, %huge[%zero] : memref<1000000000xf32>\n"
      "  %read = memref.load %huge[%zero] : memref<1000000000xf32>\n"
      "  memref.store %read, %c[%zero, %zero] : memref<8x4xf32>\n");
  EXPECT_EQ(run.status, MeasureStatus::Memory) << run.message;
  expectNewLife();
}

TEST(ProcessRunnerOfRealWorkers, MeasuresEveryFamilyAgainstPlainLoops) {
  ProcessRunnerOptions options;
  options.command = workerCommand();
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
