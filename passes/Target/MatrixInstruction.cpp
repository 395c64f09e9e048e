//===- MatrixInstruction.cpp - Products by a whole subgroup ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/MatrixInstruction.h"

#include "mlir/Dialect/AMDGPU/IR/AMDGPUDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace orcinus;

using Element = FragmentLayout::Element;

//===----------------------------------------------------------------------===//
// The layouts
//===----------------------------------------------------------------------===//

// NVIDIA: PTX ISA, "Matrix fragments for mma.m16n8k8" and "… mma.m16n8k16".
// There, lanes are named by groups of four and their number within.

static constexpr Element mmaResultPlaces[] = {{0, 0}, {0, 1}, {8, 0}, {8, 1}};
static constexpr FragmentLayout mmaResult = {
    4, {1, 0}, {0, 2}, mmaResultPlaces};

static constexpr Element mmaTf32LeftPlaces[] = {{0, 0}, {8, 0}, {0, 4}, {8, 4}};
static constexpr Element mmaTf32RightPlaces[] = {{0, 0}, {4, 0}};
static constexpr FragmentLayout mmaTf32Left = {
    4, {1, 0}, {0, 1}, mmaTf32LeftPlaces};
static constexpr FragmentLayout mmaTf32Right = {
    4, {0, 1}, {1, 0}, mmaTf32RightPlaces};

static constexpr Element mmaHalfLeftPlaces[] = {{0, 0}, {0, 1}, {8, 0}, {8, 1},
                                                {0, 8}, {0, 9}, {8, 8}, {8, 9}};
static constexpr Element mmaHalfRightPlaces[] = {
    {0, 0}, {1, 0}, {8, 0}, {9, 0}};
static constexpr FragmentLayout mmaHalfLeft = {
    4, {1, 0}, {0, 2}, mmaHalfLeftPlaces};
static constexpr FragmentLayout mmaHalfRight = {
    4, {0, 1}, {2, 0}, mmaHalfRightPlaces};

// AMD: the CDNA2 and CDNA3 ISA documents, "Matrix Arithmetic Instructions", for
// 16×16 matrices in one block. A group is the sixteen lanes that differ in the
// left operand's row and the right one's column.

static constexpr Element mfmaResultPlaces[] = {{0, 0}, {1, 0}, {2, 0}, {3, 0}};
static constexpr FragmentLayout mfmaResult = {
    16, {4, 0}, {0, 1}, mfmaResultPlaces};

static constexpr Element mfmaSinglePlaces[] = {{0, 0}};
static constexpr FragmentLayout mfmaSingleLeft = {
    16, {0, 1}, {1, 0}, mfmaSinglePlaces};
static constexpr FragmentLayout mfmaSingleRight = {
    16, {1, 0}, {0, 1}, mfmaSinglePlaces};

static constexpr Element mfmaHalfLeftPlaces[] = {
    {0, 0}, {0, 1}, {0, 2}, {0, 3}};
static constexpr Element mfmaHalfRightPlaces[] = {
    {0, 0}, {1, 0}, {2, 0}, {3, 0}};
static constexpr FragmentLayout mfmaHalfLeft = {
    16, {0, 4}, {1, 0}, mfmaHalfLeftPlaces};
static constexpr FragmentLayout mfmaHalfRight = {
    16, {4, 0}, {0, 1}, mfmaHalfRightPlaces};

/// m16n8 by `depth`.
static constexpr MatrixInstruction mma(int64_t depth,
                                       const FragmentLayout &left,
                                       const FragmentLayout &right,
                                       bool truncatesToTf32) {
  return {MatrixInstructions::Mma,
          /*lanes=*/32,
          16,
          8,
          depth,
          left,
          right,
          mmaResult,
          truncatesToTf32};
}

/// 16×16 by `depth`.
static constexpr MatrixInstruction
mfma(int64_t depth, const FragmentLayout &left, const FragmentLayout &right) {
  return {MatrixInstructions::Mfma,
          /*lanes=*/64,
          16,
          16,
          depth,
          left,
          right,
          mfmaResult,
          /*truncatesToTf32=*/false};
}

static constexpr MatrixInstruction mmaTf32 =
    mma(8, mmaTf32Left, mmaTf32Right, /*truncatesToTf32=*/true);
static constexpr MatrixInstruction mmaHalf =
    mma(16, mmaHalfLeft, mmaHalfRight, /*truncatesToTf32=*/false);
static constexpr MatrixInstruction mfmaSingle =
    mfma(4, mfmaSingleLeft, mfmaSingleRight);
static constexpr MatrixInstruction mfmaHalf =
    mfma(16, mfmaHalfLeft, mfmaHalfRight);

Element FragmentLayout::element(Holder holder) const {
  int64_t group = holder.lane / groupLanes, member = holder.lane % groupLanes;
  const Element &place = places[holder.place];
  return {group * groupStep.row + member * memberStep.row + place.row,
          group * groupStep.column + member * memberStep.column + place.column};
}

FragmentLayout::Holder FragmentLayout::holder(Element wanted,
                                              int64_t lanes) const {
  for (int64_t lane = 0; lane < lanes; ++lane)
    for (int64_t place = 0; place < int64_t(places.size()); ++place)
      if (element({lane, place}) == wanted)
        return {lane, place};
  llvm_unreachable("every element has a holder");
}

//===----------------------------------------------------------------------===//
// The instructions
//===----------------------------------------------------------------------===//

const MatrixInstruction *MatrixInstruction::find(MatrixInstructions kind,
                                                 Type operandType) {
  bool isHalf = operandType.isF16() || operandType.isBF16();
  if (kind == MatrixInstructions::None || (!isHalf && !operandType.isF32()))
    return nullptr;
  if (kind == MatrixInstructions::Mma)
    return isHalf ? &mmaHalf : &mmaTf32;
  return isHalf ? &mfmaHalf : &mfmaSingle;
}

/// Whether `op` has the shape and the types of `instruction`.
static bool is(nvgpu::MmaSyncOp op, const MatrixInstruction &instruction) {
  auto [rows, columns, depth] = op.getMmaShapeAsArray();
  auto isF32 = getElementTypeOrSelf(op.getMatrixC()).isF32();
  return isF32 && rows == instruction.rows && columns == instruction.columns &&
         depth == instruction.depth &&
         op.getTf32Enabled().has_value() == instruction.truncatesToTf32;
}

static bool is(amdgpu::MFMAOp op, const MatrixInstruction &instruction) {
  bool isPlain = op.getBlocks() == 1 && op.getCbsz() == 0 &&
                 op.getAbid() == 0 && !op.getReducePrecision() &&
                 op.getBlgp() == amdgpu::MFMAPermB::none;
  return isPlain && op.getM() == instruction.rows &&
         op.getN() == instruction.columns && op.getK() == instruction.depth;
}

const MatrixInstruction *MatrixInstruction::of(Operation *op) {
  auto check = [](auto op, MatrixInstructions kind, Value left, Value right) {
    Type type = getElementTypeOrSelf(left);
    const MatrixInstruction *found = find(kind, type);
    bool fits = found && getElementTypeOrSelf(right) == type && is(op, *found);
    return fits ? found : nullptr;
  };
  if (auto mma = dyn_cast<nvgpu::MmaSyncOp>(op))
    return check(mma, MatrixInstructions::Mma, mma.getMatrixA(),
                 mma.getMatrixB());
  if (auto mfma = dyn_cast<amdgpu::MFMAOp>(op))
    return check(mfma, MatrixInstructions::Mfma, mfma.getSourceA(),
                 mfma.getSourceB());
  return nullptr;
}

int64_t MatrixInstruction::operandRun() const {
  int64_t run = 1;
  while (run < int64_t(left.places.size()) &&
         left.places[run] == Element{0, run})
    ++run;
  return run;
}

Value MatrixInstruction::packOperand(OpBuilder &builder, Location location,
                                     ValueRange runs) const {
  if (kind == MatrixInstructions::Mfma)
    return runs.front();
  int64_t run = operandRun();
  Type elementType = getElementTypeOrSelf(runs.front());
  auto type =
      VectorType::get({static_cast<int64_t>(runs.size()), run}, elementType);
  Value packed =
      arith::ConstantOp::create(builder, location, builder.getZeroAttr(type));
  for (auto [at, value] : llvm::enumerate(runs)) {
    SmallVector<int64_t> position{static_cast<int64_t>(at)};
    if (run == 1)
      position.push_back(0);
    packed =
        vector::InsertOp::create(builder, location, value, packed, position);
  }
  return packed;
}

SmallVector<Value> MatrixInstruction::resultRuns(OpBuilder &builder,
                                                 Location location,
                                                 Value sums) const {
  auto type = cast<VectorType>(sums.getType());
  SmallVector<Value> runs;
  for (int64_t at = 0; at < type.getDimSize(0); ++at)
    runs.push_back(vector::ExtractOp::create(builder, location, sums, at));
  return runs;
}

Type MatrixInstruction::resultType(MLIRContext *context) const {
  Type f32 = Float32Type::get(context);
  return kind == MatrixInstructions::Mma ? VectorType::get({2, 2}, f32)
                                         : VectorType::get({4}, f32);
}

Value MatrixInstruction::create(OpBuilder &builder, Location location,
                                Value left, Value right, Value sum) const {
  if (kind == MatrixInstructions::Mma)
    return nvgpu::MmaSyncOp::create(builder, location, left, right, sum,
                                    ArrayRef{rows, columns, depth},
                                    truncatesToTf32);
  return amdgpu::MFMAOp::create(builder, location, sum.getType(), rows, columns,
                                depth, /*blocks=*/1, left, right, sum);
}

//===----------------------------------------------------------------------===//
// Parts of matrices
//===----------------------------------------------------------------------===//

/// The position of element `place` in a vector of `type`.
static SmallVector<int64_t> positionIn(VectorType type, int64_t place) {
  SmallVector<int64_t> position;
  for (int64_t extent : llvm::reverse(type.getShape())) {
    position.insert(position.begin(), place % extent);
    place /= extent;
  }
  return position;
}

SmallVector<Value> orcinus::unpackFragment(OpBuilder &builder,
                                           Location location, Value fragment) {
  auto type = dyn_cast<VectorType>(fragment.getType());
  if (!type)
    return {fragment};
  SmallVector<Value> elements;
  for (int64_t place = 0; place < type.getNumElements(); ++place)
    elements.push_back(vector::ExtractOp::create(builder, location, fragment,
                                                 positionIn(type, place)));
  return elements;
}

Value orcinus::packFragment(OpBuilder &builder, Location location, Type type,
                            ValueRange elements) {
  auto vectorType = dyn_cast<VectorType>(type);
  if (!vectorType)
    return elements.front();
  Value packed = arith::ConstantOp::create(builder, location,
                                           builder.getZeroAttr(vectorType));
  for (auto [place, element] : llvm::enumerate(elements))
    packed = vector::InsertOp::create(builder, location, element, packed,
                                      positionIn(vectorType, place));
  return packed;
}
