//===- MatrixInstructionTest.cpp - Who has which element of a matrix ------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels and the simulator read the same tables, so that a wrong table would
// not show when the one runs the other. Here they are compared with the
// formulas of the vendors' documents.
//
//===----------------------------------------------------------------------===//

#include "passes/Target/MatrixInstruction.h"

#include "mlir/IR/MLIRContext.h"

#include "gtest/gtest.h"

#include <functional>
#include <set>

using namespace orcinus;

namespace {

using Element = FragmentLayout::Element;
using Formula = std::function<Element(int64_t lane, int64_t place)>;

/// Expects that `layout` follows `formula`, and that its lanes have each
/// element of `rows` × `columns` once.
void expectLayout(const FragmentLayout &layout, int64_t lanes, int64_t rows,
                  int64_t columns, const Formula &formula) {
  std::set<std::pair<int64_t, int64_t>> held;
  int64_t places = layout.places.size();
  for (int64_t lane = 0; lane < lanes; ++lane)
    for (int64_t place = 0; place < places; ++place) {
      Element element = layout.element({lane, place});
      Element expected = formula(lane, place);
      EXPECT_EQ(element.row, expected.row) << lane << ", " << place;
      EXPECT_EQ(element.column, expected.column) << lane << ", " << place;
      EXPECT_LT(element.row, rows);
      EXPECT_LT(element.column, columns);
      held.insert({element.row, element.column});
      FragmentLayout::Holder holder = layout.holder(element, lanes);
      EXPECT_EQ(holder.lane, lane);
      EXPECT_EQ(holder.place, place);
    }
  EXPECT_EQ(int64_t(held.size()), rows * columns);
  EXPECT_EQ(lanes * places, rows * columns);
}

/// Expects that the three matrices of an instruction follow the formulas.
void expectLayouts(const MatrixInstruction &instruction, const Formula &left,
                   const Formula &right, const Formula &result) {
  int64_t rows = instruction.rows, columns = instruction.columns;
  int64_t depth = instruction.depth, lanes = instruction.lanes;
  {
    SCOPED_TRACE("left");
    expectLayout(instruction.left, lanes, rows, depth, left);
  }
  {
    SCOPED_TRACE("right");
    expectLayout(instruction.right, lanes, depth, columns, right);
  }
  SCOPED_TRACE("result");
  expectLayout(instruction.result, lanes, rows, columns, result);
}

class MatrixInstructionTest : public testing::Test {
protected:
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::Type f16 = mlir::Float16Type::get(&context);
  mlir::Type bf16 = mlir::BFloat16Type::get(&context);
  mlir::Type f32 = mlir::Float32Type::get(&context);
  mlir::Type f64 = mlir::Float64Type::get(&context);
};

/// PTX: c0 and c1 are in row groupID, c2 and c3 in row groupID + 8; the column
/// is (threadID_in_group * 2) + (i & 1).
Element mmaResultElement(int64_t lane, int64_t place) {
  return {place < 2 ? lane >> 2 : (lane >> 2) + 8, lane % 4 * 2 + (place & 1)};
}

TEST_F(MatrixInstructionTest, Tf32OfNvidia) {
  auto *found = MatrixInstruction::find(MatrixInstructions::Mma, f32);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->truncatesToTf32);
  EXPECT_EQ(found->depth, 8);
  EXPECT_EQ(found->operandRun(), 1);
  expectLayouts(
      *found,
      // Row groupID of a0 and a2, groupID + 8 of a1 and a3; column
      // threadID_in_group of a0 and a1, + 4 of a2 and a3.
      [](int64_t lane, int64_t place) -> Element {
        bool below = place == 1 || place == 3;
        return {(lane >> 2) + (below ? 8 : 0), lane % 4 + (place < 2 ? 0 : 4)};
      },
      // Row threadID_in_group of b0, + 4 of b1; column groupID.
      [](int64_t lane, int64_t place) -> Element {
        return {lane % 4 + (place == 0 ? 0 : 4), lane >> 2};
      },
      mmaResultElement);
}

TEST_F(MatrixInstructionTest, HalvesOfNvidia) {
  for (mlir::Type type : {f16, bf16}) {
    auto *found = MatrixInstruction::find(MatrixInstructions::Mma, type);
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->truncatesToTf32);
    EXPECT_EQ(found->depth, 16);
    EXPECT_EQ(found->operandRun(), 2);
    expectLayouts(
        *found,
        // Row groupID of a0, a1, a4, a5, else + 8; column (threadID_in_group *
        // 2) + (i & 1), + 8 from a4 on.
        [](int64_t lane, int64_t place) -> Element {
          bool above = place < 2 || (place >= 4 && place < 6);
          return {(lane >> 2) + (above ? 0 : 8),
                  lane % 4 * 2 + (place & 1) + (place < 4 ? 0 : 8)};
        },
        // Row (threadID_in_group * 2) + (i & 1), + 8 from b2 on; column
        // groupID.
        [](int64_t lane, int64_t place) -> Element {
          return {lane % 4 * 2 + (place & 1) + (place < 2 ? 0 : 8), lane >> 2};
        },
        mmaResultElement);
  }
}

/// CDNA: register i of lane l has row 4 * (l / 16) + i, column l % 16.
Element mfmaResultElement(int64_t lane, int64_t place) {
  return {lane / 16 * 4 + place, lane % 16};
}

TEST_F(MatrixInstructionTest, SingleOfAmd) {
  auto *found = MatrixInstruction::find(MatrixInstructions::Mfma, f32);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->truncatesToTf32);
  EXPECT_EQ(found->depth, 4);
  EXPECT_EQ(found->operandRun(), 1);
  expectLayouts(
      *found,
      [](int64_t lane, int64_t) -> Element { return {lane % 16, lane / 16}; },
      [](int64_t lane, int64_t) -> Element { return {lane / 16, lane % 16}; },
      mfmaResultElement);
}

TEST_F(MatrixInstructionTest, HalvesOfAmd) {
  for (mlir::Type type : {f16, bf16}) {
    auto *found = MatrixInstruction::find(MatrixInstructions::Mfma, type);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->depth, 16);
    EXPECT_EQ(found->operandRun(), 4);
    expectLayouts(
        *found,
        [](int64_t lane, int64_t place) -> Element {
          return {lane % 16, lane / 16 * 4 + place};
        },
        [](int64_t lane, int64_t place) -> Element {
          return {lane / 16 * 4 + place, lane % 16};
        },
        mfmaResultElement);
  }
}

TEST_F(MatrixInstructionTest, NoneForOthers) {
  EXPECT_FALSE(MatrixInstruction::find(MatrixInstructions::None, f16));
  EXPECT_FALSE(MatrixInstruction::find(MatrixInstructions::Mma, f64));
  EXPECT_FALSE(MatrixInstruction::find(MatrixInstructions::Mfma, f64));
}

} // namespace
