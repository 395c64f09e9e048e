//===- OperatorAnalysisTest.cpp - Descriptions from IR --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Tuning/OperatorAnalysis.h"

#include "lib/Tuning/OperatorFamilies.h"
#include "orcinus/Tuning/OperatorSets.h"
#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/StepPipeline.h"
#include "passes/Tuning/Passes.h"
#include "passes/Tuning/SpecializeOperator.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

#include <set>

using namespace orcinus;

namespace {

class Analysis : public testing::Test {
protected:
  Analysis() {
    mlir::DialectRegistry registry;
    registerStepDialects(registry);
    registerLowerToHostDialects(registry);
    context.appendDialectRegistry(registry);
  }

  /// The operators that `text` has when it is outlined.
  std::vector<OperatorAnalysis> outline(const std::string &text) {
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module) << text;
    mlir::PassManager manager(&context);
    OutlineOperatorsOptions options;
    options.fewestIterations = 1;
    manager.addPass(createOutlineOperators(options));
    EXPECT_TRUE(mlir::succeeded(manager.run(*module)));
    std::vector<OperatorAnalysis> analyses;
    for (auto op : module->getOps<eto::OperatorOp>()) {
      auto analysis = OperatorAnalysis::ofTunable(op);
      EXPECT_TRUE(mlir::succeeded(analysis));
      analyses.push_back(*analysis);
    }
    return analyses;
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// `description` with all that IR says of its operands: which are weights is
/// known to whoever calls the operator alone.
OperatorDescription withoutWeights(OperatorDescription description) {
  for (OperatorOperand &operand : description.operands)
    if (operand.role == OperandRole::Weight)
      operand.role = OperandRole::Activation;
  return description;
}

} // namespace

// The text that the tuner makes of a description is described by it.
TEST_F(Analysis, DescribesWhatDescriptionsSay) {
  int compared = 0;
  for (const char *name : {"gemm-apart", "standard"}) {
    StatusOr<std::vector<TunableOperator>> set = operatorSet(name, 0);
    ASSERT_TRUE(set.ok()) << set.message();
    for (const TunableOperator &op : *set) {
      std::vector<OperatorAnalysis> analyses = outline(op.module);
      ASSERT_EQ(analyses.size(), 1u) << op.module;
      OperatorDescription found = analyses.front().describe(/*bucket=*/0);
      OperatorDescription wanted = withoutWeights(op.description);
      EXPECT_EQ(found.family, wanted.family) << op.module;
      if (wanted.family != OperatorFamily::Contraction &&
          wanted.family != OperatorFamily::Depthwise)
        continue;
      EXPECT_EQ(found.kind(), wanted.kind()) << op.module;
      EXPECT_EQ(found.extents(), wanted.extents()) << op.module;
      ++compared;
    }
  }
  EXPECT_GT(compared, 50);
}

// An operator at other extents is that of the description at those extents.
TEST_F(Analysis, SpecializesToOtherExtents) {
  ConvolutionShape shape;
  shape.spatial = {14, 14};
  shape.inputChannels = 8;
  shape.outputChannels = 16;
  shape.window = 3;
  shape.stride = 2;
  shape.padding = 1;
  for (const OperatorDescription &description :
       {matmul(12, 16, 20, MatrixLayout::TransposedLeft, "bias,relu"),
        convolution(shape, "bias,relu"), depthwiseConvolution(shape),
        rowReduction("softmax", 6, 40)}) {
    StatusOr<TunableOperator> op = makeOperator(description);
    ASSERT_TRUE(op.ok()) << op.message();
    std::vector<OperatorAnalysis> analyses = outline(op->module);
    ASSERT_EQ(analyses.size(), 1u);
    const OperatorAnalysis &analysis = analyses.front();
    llvm::SmallVector<int64_t> extents = analysis.extents(/*bucket=*/0);
    for (int64_t &extent : extents)
      extent *= 2;
    mlir::OwningOpRef<eto::OperatorOp> larger =
        specializeOperator(analysis, extents);
    EXPECT_TRUE(mlir::succeeded(mlir::verify(larger->getOperation())));
    auto again = OperatorAnalysis::ofTunable(*larger);
    ASSERT_TRUE(mlir::succeeded(again));
    EXPECT_EQ(again->extents(0), extents);
    EXPECT_EQ(again->describe(0).kind(), analysis.describe(0).kind());
  }
}

// One operator stands for all buckets of its dynamic extent.
TEST_F(Analysis, DescribesBuckets) {
  std::vector<OperatorAnalysis> analyses = outline(R"(
    func.func @f(%x: tensor<?x8xf32>, %y: tensor<?x16xf32>, %into: tensor<8x16xf32>) -> tensor<8x16xf32> {
      %0 = linalg.matmul indexing_maps = [affine_map<(i, j, r) -> (r, i)>, affine_map<(i, j, r) -> (r, j)>, affine_map<(i, j, r) -> (i, j)>]
          ins(%x, %y : tensor<?x8xf32>, tensor<?x16xf32>) outs(%into : tensor<8x16xf32>) -> tensor<8x16xf32>
      return %0 : tensor<8x16xf32>
    })");
  ASSERT_EQ(analyses.size(), 1u);
  const OperatorAnalysis &analysis = analyses.front();
  EXPECT_EQ(analysis.dynamicLoop(), 2u);
  OperatorDescription description = analysis.describe(512);
  EXPECT_EQ(description.extents(), (std::vector<int64_t>{8, 16, 512}));
  EXPECT_TRUE(description.loops[2].bucketed);
  EXPECT_EQ(description.kind(),
            "contraction multiply_add [p,p,r] activation f32(2,0) activation "
            "f32(2,1) activation f32(0,1) result f32(0,1)");
  EXPECT_EQ(description.kind(), analysis.describe(1024).kind());
  TunableOperator tunable = makeTunable(analysis, 512);
  EXPECT_NE(tunable.module.find("tensor<512x8xf32>"), std::string::npos);
}

// Different starts and epilogues are different kinds.
TEST_F(Analysis, TellsKindsApart) {
  auto kindOf = [&](const std::string &start, const std::string &after) {
    std::vector<OperatorAnalysis> analyses = outline(R"(
      func.func @f(%x: tensor<4x8xf32>, %w: tensor<8x16xf32>, %b: tensor<16xf32>) -> tensor<4x16xf32> {
        %zero = arith.constant 0.0 : f32
        %one = arith.constant 1.0 : f32
        %e = tensor.empty() : tensor<4x16xf32>
        )" + start + R"(
        %p = linalg.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x16xf32>) outs(%s : tensor<4x16xf32>) -> tensor<4x16xf32>
        )" + after + R"(
        return )" + (after.empty() ? "%p" : "%r") + R"( : tensor<4x16xf32>
      })");
    EXPECT_EQ(analyses.size(), 1u);
    return analyses.front().describe(0).kind();
  };
  std::string zero = "%s = linalg.fill ins(%zero : f32) outs(%e : "
                     "tensor<4x16xf32>) -> tensor<4x16xf32>";
  std::string one = "%s = linalg.fill ins(%one : f32) outs(%e : "
                    "tensor<4x16xf32>) -> tensor<4x16xf32>";
  std::string bias = "%s = linalg.broadcast ins(%b : tensor<16xf32>) outs(%e : "
                     "tensor<4x16xf32>) dimensions = [0]";
  auto map = [](const std::string &op) {
    return "%r = linalg.map { " + op +
           " } ins(%p : tensor<4x16xf32>) outs(%e : tensor<4x16xf32>)";
  };
  std::string none;
  std::string exponential = map("math.exp"), root = map("math.sqrt");
  std::set<std::string> kinds = {kindOf(zero, none), kindOf(one, none),
                                 kindOf(bias, none), kindOf(zero, root),
                                 kindOf(zero, exponential)};
  EXPECT_EQ(kinds.size(), 5u);
  EXPECT_TRUE(kinds.count("contraction multiply_add [p,p,r] activation "
                          "f32(0,2) activation f32(2,1) bias f32(1) result "
                          "f32(0,1) + bias"));
}
