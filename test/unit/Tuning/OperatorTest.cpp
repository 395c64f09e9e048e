//===- OperatorTest.cpp - What operators have in common -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/Operator.h"

#include "lib/Tuning/OperatorFamilies.h"
#include "orcinus/Tuning/OperatorSets.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <set>

using namespace orcinus;

TEST(Operator, IsOfOneKindWithOtherExtents) {
  EXPECT_EQ(matmul(6, 16, 32).kind(), matmul(128, 256, 512).kind());
  EXPECT_EQ(matmul(6, 16, 32).kind(),
            "contraction multiply_add [p,p,r] activation f32(0,2) weight "
            "f32(2,1) result f32(0,1)");
}

TEST(Operator, IsOfAnotherKindWithAnotherLayoutOrEpilogue) {
  std::set<std::string> kinds = {
      matmul(8, 8, 8).kind(),
      matmul(8, 8, 8, MatrixLayout::TransposedLeft).kind(),
      matmul(8, 8, 8, MatrixLayout::TransposedRight).kind(),
      matmul(8, 8, 8, MatrixLayout::Plain, "bias").kind(),
      matmul(8, 8, 8, MatrixLayout::Plain, "bias,relu").kind(),
      batchMatmul(1, 8, 8, 8).kind(),
      rowReduction("softmax", 8, 8).kind(),
      rowReduction("layer_norm", 8, 8).kind(),
      elementwise("bias,gelu", 8, 8).kind()};
  EXPECT_EQ(kinds.size(), 9u);
}

TEST(Operator, IsOfOneKindWhateverItsLoopsAreCalled) {
  OperatorDescription one = matmul(6, 16, 32);
  OperatorDescription other = one;
  other.name = "another";
  other.loops = {{"depth", LoopKind::Reduction, 32, false},
                 {"column", LoopKind::Parallel, 16, false},
                 {"row", LoopKind::Parallel, 6, true}};
  other.operands[0].map = "row, depth";
  other.operands[1].map = "depth,column";
  other.operands[2].map = "row,  column";
  EXPECT_EQ(one.kind(), other.kind());
  EXPECT_EQ(one.extents(), other.extents());
}

TEST(Operator, HasTheShapesThatItsMapsReach) {
  OperatorDescription conv = convolution({.spatial = {224, 224},
                                          .inputChannels = 3,
                                          .outputChannels = 64,
                                          .window = 7,
                                          .stride = 2,
                                          .padding = 3});
  // 112 positions two apart, and a window of seven.
  EXPECT_EQ(conv.shapeOf(conv.operands[0]),
            (std::vector<int64_t>{1, 229, 229, 3}));
  EXPECT_EQ(conv.shapeOf(conv.operands[1]),
            (std::vector<int64_t>{7, 7, 3, 64}));
  EXPECT_EQ(conv.shapeOf(conv.operands[2]),
            (std::vector<int64_t>{1, 112, 112, 64}));
  EXPECT_EQ(conv.floatingPointOperations(),
            2 * int64_t(112) * 112 * 64 * 7 * 7 * 3);
}

TEST(Operator, TakesOtherExtentsInTheOrderOfItsKind) {
  OperatorDescription op = matmul(6, 16, 32).withExtents({7, 17, 33});
  EXPECT_EQ(op.extents(), (std::vector<int64_t>{7, 17, 33}));
  EXPECT_EQ(op.shapeOf(op.operands[1]), (std::vector<int64_t>{33, 17}));
}

TEST(Operator, SurvivesJson) {
  for (const char *name : {"gemm-apart", "standard"}) {
    StatusOr<std::vector<TunableOperator>> set = operatorSet(name, 0);
    ASSERT_TRUE(set.ok()) << set.message();
    for (const TunableOperator &op : *set) {
      StatusOr<OperatorDescription> read =
          OperatorDescription::fromJson(op.description.toJson());
      ASSERT_TRUE(read.ok()) << read.message();
      EXPECT_EQ(*read, op.description);
    }
  }
}

// A module's symbols are any bytes, and JSON is UTF-8.
TEST(Operator, PrintsNamesOfAnyBytes) {
  OperatorDescription description = matmul(6, 16, 32);
  description.name = "caf\xe9";
  StatusOr<OperatorDescription> read =
      OperatorDescription::fromJson(description.toJson());
  ASSERT_TRUE(read.ok()) << read.message();
  EXPECT_EQ(read->name, "caf\uFFFD");
}

TEST(Operator, RefusesBrokenJson) {
  std::string good = matmul(6, 16, 32).toJson();
  auto replaced = [&](const std::string &from, const std::string &to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  for (const std::string &text :
       {std::string("{"), std::string("[]"),
        replaced("\"extent\":6", "\"extent\":0"),
        replaced("\"body\"", "\"bodies\""), replaced("\"m, k\"", "\"m, z\""),
        replaced("\"contraction\"", "\"product\""),
        replaced("\"extent\":6", "\"extent\":\"6\""),
        replaced("\"m, k\"", "\"m - k\"")})
    EXPECT_FALSE(OperatorDescription::fromJson(text).ok()) << text;
}

TEST(Operator, RefusesExtentsWhoseProductsDoNotFit) {
  auto withRows = [](int64_t rows, const char *map) {
    OperatorDescription description = matmul(rows, rows, 64);
    description.operands[0].map = map;
    return OperatorDescription::fromJson(description.toJson());
  };
  const std::string plain = matmul(1, 1, 1).operands[0].map;
  EXPECT_TRUE(withRows(1 << 10, plain.c_str()).ok());
  EXPECT_FALSE(withRows(int64_t(1) << 32, plain.c_str()).ok());
  OperatorDescription huge = matmul(int64_t(1) << 40, int64_t(1) << 40, 1);
  EXPECT_EQ(huge.iterations(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(huge.floatingPointOperations(),
            std::numeric_limits<int64_t>::max());
  EXPECT_EQ(huge.bytes(), std::numeric_limits<int64_t>::max());
  EXPECT_FALSE(huge.checkSize().ok());
  EXPECT_FALSE(withRows(8, "m * -1, k").ok()) << "an index below 0";
}

TEST(OperatorSets, HoldDistinctOperators) {
  for (const OperatorSet &set : operatorSets()) {
    StatusOr<std::vector<TunableOperator>> operators = operatorSet(set.name, 0);
    ASSERT_TRUE(operators.ok()) << operators.message();
    std::set<std::string> names;
    for (const TunableOperator &op : *operators)
      EXPECT_TRUE(names.insert(op.description.name).second)
          << op.description.name;
  }
}

TEST(OperatorSets, TakeTheGridsShapesBySeed) {
  auto names = [](uint64_t seed) {
    std::vector<TunableOperator> operators = *operatorSet("gemm-grid", seed);
    std::set<std::string> result;
    for (const TunableOperator &op : operators)
      result.insert(op.description.name);
    return result;
  };
  EXPECT_EQ(names(1).size(), 64u);
  EXPECT_EQ(names(1), names(1));
  EXPECT_NE(names(1), names(2));
}

TEST(OperatorSets, HaveNoTwoShapesApartThatShareTwoExtents) {
  std::vector<TunableOperator> operators = *operatorSet("gemm-apart", 0);
  EXPECT_EQ(operators.size(), 16u);
  for (size_t one = 0; one < operators.size(); ++one)
    for (size_t other = 0; other < one; ++other) {
      std::vector<int64_t> left = operators[one].description.extents();
      std::vector<int64_t> right = operators[other].description.extents();
      int shared = 0;
      for (size_t at = 0; at < left.size(); ++at)
        shared += left[at] == right[at];
      EXPECT_LT(shared, 2);
    }
}

TEST(OperatorSets, MixWhatNetworksHave) {
  std::map<OperatorFamily, int> families;
  std::set<std::string> kinds;
  StatusOr<std::vector<TunableOperator>> operators =
      operatorSet("network-mix", 0);
  ASSERT_TRUE(operators.ok()) << operators.message();
  for (const TunableOperator &op : *operators) {
    ++families[op.description.family];
    kinds.insert(op.description.kind());
  }
  EXPECT_EQ(families[OperatorFamily::Contraction], 16);
  EXPECT_EQ(families[OperatorFamily::Reduction], 2);
  EXPECT_EQ(kinds.size(), 4u);
}

TEST(OperatorSets, AreNamedInTheError) {
  EXPECT_EQ(operatorSet("none", 0).message(),
            "no set of operators 'none'; use one of gemm-grid, "
            "gemm-apart, network-mix, standard");
}
