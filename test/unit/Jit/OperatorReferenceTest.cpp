//===- OperatorReferenceTest.cpp - What finds a wrong result --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/OperatorReference.h"
#include "lib/Tuning/OperatorFamilies.h"
#include "runtime/Device/HostDevice.h"
#include "runtime/Jit/OperatorProgram.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <string>
#include <vector>

using namespace orcinus;

namespace {

/// An operator, its arguments, and its results by the compiler's own schedule.
class CheckedOperator {
public:
  explicit CheckedOperator(std::string text) : module(std::move(text)) {
    StatusOr<OperatorSignature> read = compiler.signature(module);
    EXPECT_TRUE(read.ok()) << read.message();
    signature = *read;
    inputs = drawArguments(signature);
    run();
  }

  OperatorReference reference(int64_t mostIterations) {
    StatusOr<OperatorReference> computed = OperatorReference::compute(
        compiler, module, signature, inputs, mostIterations);
    EXPECT_TRUE(computed.ok()) << computed.message();
    return *computed;
  }

  std::string compare(const OperatorReference &reference) const {
    return reference.compare({results.begin(), results.end()});
  }

  /// What `reference` says where element `at` of the first result is off by
  /// `difference`.
  std::string compareOff(const OperatorReference &reference, size_t at,
                         float difference) {
    float right = results[0][at];
    results[0][at] += difference;
    std::string wrong = compare(reference);
    results[0][at] = right;
    return wrong;
  }

  OperatorCompiler compiler{1};
  std::string module;
  OperatorSignature signature;
  TensorValues inputs, results;

private:
  void run() {
    HostDevice host({});
    StatusOr<std::string> object = compiler.compile(module, {});
    ASSERT_TRUE(object.ok()) << object.message();
    auto program = OperatorProgram::load(*object, signature.function, host);
    ASSERT_TRUE(program.ok()) << program.message();
    auto tensors = OperatorTensors::allocate(host, signature);
    ASSERT_TRUE(tensors.ok()) << tensors.message();
    ASSERT_TRUE(tensors->prepare(inputs).ok());
    (*program)->function()(tensors->descriptors());
    ASSERT_TRUE(tensors->readResults().ok());
    for (size_t number = 0; number < tensors->resultCount(); ++number) {
      std::span<const float> values = tensors->result(number);
      results.emplace_back(values.begin(), values.end());
    }
  }
};

/// A product whose result is transposed, and added to an argument that another
/// one multiplies.
constexpr const char *transposedSum = R"(
  func.func @operator(%a: tensor<48x400xf32>, %b: tensor<400x80xf32>,
                      %c: tensor<80x48xf32>, %factor: f32)
      -> tensor<80x48xf32> {
    %empty = tensor.empty() : tensor<80x48xf32>
    %start = linalg.generic {
        indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> ()>,
                         affine_map<(i, j) -> (i, j)>],
        iterator_types = ["parallel", "parallel"]}
        ins(%c, %factor : tensor<80x48xf32>, f32)
        outs(%empty : tensor<80x48xf32>) {
      ^bb0(%x: f32, %y: f32, %z: f32):
        %p = arith.mulf %x, %y : f32
        linalg.yield %p : f32
    } -> tensor<80x48xf32>
    %sum = linalg.generic {
        indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
                         affine_map<(m, n, k) -> (k, n)>,
                         affine_map<(m, n, k) -> (n, m)>],
        iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<48x400xf32>, tensor<400x80xf32>)
        outs(%start : tensor<80x48xf32>) {
      ^bb0(%x: f32, %y: f32, %z: f32):
        %p = arith.mulf %x, %y : f32
        %s = arith.addf %z, %p : f32
        linalg.yield %s : f32
    } -> tensor<80x48xf32>
    return %sum : tensor<80x48xf32>
  }
)";

/// As above, in one op that adds to its argument in place.
constexpr const char *addsToAnArgument = R"(
  func.func @operator(%a: tensor<48x400xf32>, %b: tensor<400x80xf32>,
                      %c: tensor<48x80xf32>) -> tensor<48x80xf32> {
    %sum = linalg.matmul
        ins(%a, %b : tensor<48x400xf32>, tensor<400x80xf32>)
        outs(%c : tensor<48x80xf32>) -> tensor<48x80xf32>
    return %sum : tensor<48x80xf32>
  }
)";

struct Case {
  std::string name, module;
  bool hasSums;
};

std::vector<Case> cases() {
  std::vector<Case> all = {{"transposed sum", transposedSum, true},
                           {"adds to an argument", addsToAnArgument, true}};
  auto add = [&](const OperatorDescription &description, bool hasSums) {
    all.push_back(
        {description.name, makeOperator(description)->module, hasSums});
  };
  add(matmul(48, 80, 400), true);
  add(matmul(80, 48, 400, MatrixLayout::TransposedLeft, "bias"), true);
  add(matmul(48, 80, 400, MatrixLayout::TransposedRight), true);
  add(matmul(48, 80, 400, MatrixLayout::Plain, "bias,gelu"), false);
  add(batchMatmul(3, 60, 56, 300), true);
  add(convolution({.spatial = {19, 17},
                   .inputChannels = 96,
                   .outputChannels = 80,
                   .window = 3,
                   .stride = 2,
                   .groups = 2}),
      true);
  add(convolution({.spatial = {60},
                   .inputChannels = 96,
                   .outputChannels = 80,
                   .window = 3,
                   .dilation = 2}),
      true);
  add(transposedConvolution(
          {.spatial = {4, 5}, .inputChannels = 96, .outputChannels = 80}),
      true);
  return all;
}

} // namespace

// The samples and the sums of right results are right, they take no more than
// they may, and they see an element of another value in the first and the last
// place.
TEST(OperatorReference, SamplesWhatItMayNotComputeWhole) {
  constexpr int64_t mostIterations = 500000;
  for (const Case &each : cases()) {
    SCOPED_TRACE(each.name);
    CheckedOperator op(each.module);
    OperatorReference whole = op.reference(int64_t(1) << 30);
    EXPECT_TRUE(whole.isComplete());
    EXPECT_EQ(op.compare(whole), "");
    ASSERT_GT(whole.iterations(), mostIterations);

    OperatorReference sample = op.reference(mostIterations);
    EXPECT_FALSE(sample.isComplete());
    EXPECT_EQ(sample.hasSums(), each.hasSums);
    EXPECT_LE(sample.iterations(), mostIterations);
    EXPECT_EQ(op.compare(sample), "");
    for (size_t at : {size_t(0), op.results[0].size() - 1})
      EXPECT_NE(op.compareOff(sample, at, 1), "") << at;
  }
}

// One wrong element anywhere is in some sum; two that are exchanged, in half of
// the eight vectors.
TEST(OperatorReference, SumsSeeEachElement) {
  for (const Case &each : cases()) {
    if (!each.hasSums)
      continue;
    SCOPED_TRACE(each.name);
    CheckedOperator op(each.module);
    OperatorReference sample = op.reference(/*mostIterations=*/500000);
    ASSERT_FALSE(sample.isComplete());
    std::vector<float> &values = op.results[0];
    for (size_t at = 0; at < values.size(); at += 7)
      ASSERT_NE(op.compareOff(sample, at, 0.01f), "") << at;
    // Columns and rows exchanged in all of the result.
    size_t columns = op.signature.results[0].back();
    for (size_t at = 0; at + 1 < values.size(); at += 2)
      std::swap(values[at], values[at + 1]);
    EXPECT_NE(op.compare(sample), "");
    for (size_t at = 0; at + 1 < values.size(); at += 2)
      std::swap(values[at], values[at + 1]);
    std::rotate(values.begin(), values.begin() + columns, values.end());
    EXPECT_NE(op.compare(sample), "");
  }
}

// What takes a few passes over its operands is computed whole, however large.
TEST(OperatorReference, ComputesWhatIsLinearWhole) {
  for (const OperatorDescription &description :
       {rowReduction("softmax", 40, 33), rowReduction("layer_norm", 40, 33),
        rowReduction("l2_norm", 40, 33), elementwise("bias,gelu", 40, 33)}) {
    CheckedOperator op(makeOperator(description)->module);
    OperatorReference reference = op.reference(/*mostIterations=*/10);
    EXPECT_TRUE(reference.isComplete()) << description.name;
    EXPECT_EQ(op.compare(reference), "") << description.name;
  }
}

// Boxes of a result that needs whole rows of another are right, too.
TEST(OperatorReference, SamplesRowsThatAreNormalised) {
  CheckedOperator op(R"(
    #row = affine_map<(m, n) -> (m)>
    #all = affine_map<(m, n) -> (m, n)>
    func.func @operator(%a: tensor<40x400xf32>, %b: tensor<400x50xf32>)
        -> tensor<40x50xf32> {
      %zero = arith.constant 0.0 : f32
      %empty = tensor.empty() : tensor<40x50xf32>
      %row = tensor.empty() : tensor<40xf32>
      %zeros = linalg.fill ins(%zero : f32)
          outs(%empty : tensor<40x50xf32>) -> tensor<40x50xf32>
      %rowZeros = linalg.fill ins(%zero : f32)
          outs(%row : tensor<40xf32>) -> tensor<40xf32>
      %product = linalg.matmul
          ins(%a, %b : tensor<40x400xf32>, tensor<400x50xf32>)
          outs(%zeros : tensor<40x50xf32>) -> tensor<40x50xf32>
      %sum = linalg.generic {indexing_maps = [#all, #row],
                             iterator_types = ["parallel", "reduction"]}
          ins(%product : tensor<40x50xf32>) outs(%rowZeros : tensor<40xf32>) {
        ^bb0(%x: f32, %y: f32):
          %q = arith.mulf %x, %x : f32
          %s = arith.addf %y, %q : f32
          linalg.yield %s : f32
      } -> tensor<40xf32>
      %divided = linalg.generic {indexing_maps = [#all, #row, #all],
                                 iterator_types = ["parallel", "parallel"]}
          ins(%product, %sum : tensor<40x50xf32>, tensor<40xf32>)
          outs(%empty : tensor<40x50xf32>) {
        ^bb0(%x: f32, %s: f32, %y: f32):
          %d = arith.divf %x, %s : f32
          linalg.yield %d : f32
      } -> tensor<40x50xf32>
      return %divided : tensor<40x50xf32>
    }
  )");
  EXPECT_EQ(op.compare(op.reference(int64_t(1) << 30)), "");
  OperatorReference sample = op.reference(/*mostIterations=*/400000);
  ASSERT_FALSE(sample.isComplete());
  EXPECT_FALSE(sample.hasSums());
  EXPECT_EQ(op.compare(sample), "");
  for (float &value : op.results[0])
    value *= 1.01f;
  EXPECT_NE(op.compare(sample), "");
}

// Σkl a(m, k) b(l, n): no part of it can be had for less.
TEST(OperatorReference, RefusesWhatIsTooDear) {
  CheckedOperator op(R"(
    func.func @operator(%a: tensor<2x300xf32>, %b: tensor<400x2xf32>)
        -> tensor<2x2xf32> {
      %zero = arith.constant 0.0 : f32
      %empty = tensor.empty() : tensor<2x2xf32>
      %zeros = linalg.fill ins(%zero : f32)
          outs(%empty : tensor<2x2xf32>) -> tensor<2x2xf32>
      %sum = linalg.generic {
          indexing_maps = [affine_map<(m, n, k, l) -> (m, k)>,
                           affine_map<(m, n, k, l) -> (l, n)>,
                           affine_map<(m, n, k, l) -> (m, n)>],
          iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
          ins(%a, %b : tensor<2x300xf32>, tensor<400x2xf32>)
          outs(%zeros : tensor<2x2xf32>) {
        ^bb0(%x: f32, %y: f32, %z: f32):
          %p = arith.mulf %x, %y : f32
          %s = arith.addf %z, %p : f32
          linalg.yield %s : f32
      } -> tensor<2x2xf32>
      return %sum : tensor<2x2xf32>
    }
  )");
  auto computed = OperatorReference::compute(op.compiler, op.module,
                                             op.signature, op.inputs, 50000);
  ASSERT_FALSE(computed.ok());
  EXPECT_NE(computed.message().find("one element of its result takes 12000"),
            std::string::npos)
      << computed.message();
}
