//===- StepOperatorsTest.cpp - What is tuned for a model is found ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/StepOperators.h"

#include "orcinus/Tuning/Database.h"
#include "passes/Lowering/HostDescription.h"
#include "passes/Pipelines/StepPipeline.h"
#include "passes/Tuning/Passes.h"
#include "passes/Tuning/ProgramChoice.h"
#include "runtime/Jit/ModelSource.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

#include <set>

using namespace orcinus;

namespace {

class StepOperators : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    options.model = GetParam();
    options.edgeFeatureColumns = 172;
  }

  CompileOptions options;
};

/// A database in memory that has a program of its own for each operator.
TuningDatabase databaseOf(const std::vector<TunableOperator> &operators) {
  StatusOr<TuningDatabase> database =
      TuningDatabase::open(":memory:", tuningContext(describeHost(1)));
  EXPECT_TRUE(database.ok()) << database.message();
  for (size_t at = 0; at < operators.size(); ++at) {
    TunedProgram program;
    program.kind = operators[at].description.kind();
    program.extents = operators[at].description.extents();
    program.schedule.set("number", static_cast<int64_t>(at));
    program.source = ProgramSource::Search;
    program.microseconds = program.baselineMicroseconds = 1;
    EXPECT_TRUE(database->finish(program).ok());
  }
  return std::move(*database);
}

} // namespace

// `orcinus tune --set tgnn` fills what `orcinus train --tuning-db` looks up:
// each contraction that is large at some bucket finds a program, at the buckets
// where it is large its own.
TEST_P(StepOperators, AreFoundByTraining) {
  constexpr int64_t fewest = 1 << 20;
  StatusOr<std::vector<TunableOperator>> operators =
      stepOperators(options, fewest);
  ASSERT_TRUE(operators.ok()) << operators.message();
  TuningDatabase database = databaseOf(*operators);

  mlir::MLIRContext context;
  StatusOr<std::string> text = readModelText(options);
  ASSERT_TRUE(text.ok()) << text.message();
  auto steps = buildSteps(context, options, *text);
  ASSERT_TRUE(steps.ok()) << steps.message();
  mlir::PassManager manager(&context);
  buildLinalgPipeline(manager);
  manager.addPass(createOutlineOperators());
  ASSERT_TRUE(mlir::succeeded(manager.run(**steps)));

  std::set<int64_t> found;
  for (auto op : (*steps)->getOps<eto::OperatorOp>()) {
    auto analysis = OperatorAnalysis::ofTunable(op);
    ASSERT_TRUE(mlir::succeeded(analysis));
    if (familyOf(analysis->root()) != OperatorFamily::Contraction)
      continue;
    StatusOr<std::vector<ChosenProgram>> chosen =
        choosePrograms(*analysis, database);
    ASSERT_TRUE(chosen.ok()) << chosen.message();
    for (const ChosenProgram &program : *chosen) {
      OperatorDescription description = analysis->describe(program.bucket);
      if (description.iterations() < fewest)
        continue;
      ASSERT_TRUE(program.program) << description.kind();
      int64_t number = program.program.getSchedule().getValues().front();
      EXPECT_EQ((*operators)[number].description, description);
      EXPECT_TRUE(found.insert(number).second) << description.kind();
    }
  }
  EXPECT_EQ(found.size(), operators->size());
  // Forward, and both gradients, of several layers at six buckets.
  EXPECT_GT(operators->size(), 40u);
}

// What the tuner compiles and measures is a module with static extents.
TEST_P(StepOperators, HaveStaticModules) {
  StatusOr<std::vector<TunableOperator>> operators = stepOperators(options);
  ASSERT_TRUE(operators.ok()) << operators.message();
  for (const TunableOperator &op : *operators) {
    EXPECT_EQ(op.module.find('?'), std::string::npos) << op.module;
    EXPECT_NE(op.module.find("func.func @operator("), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, StepOperators, testing::Values("tgn", "tgat"),
                         [](const auto &info) {
                           return std::string(info.param);
                         });
