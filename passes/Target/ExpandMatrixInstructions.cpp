//===- ExpandMatrixInstructions.cpp - Products by shuffles ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/ExpandMatrixInstructions.h"

#include "passes/Target/MatrixInstruction.h"

#include "mlir/Dialect/AMDGPU/IR/AMDGPUDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace orcinus;

namespace {

/// Makes shuffles and FMAs of one instruction.
class InstructionExpander {
public:
  InstructionExpander(Operation *op, const MatrixInstruction &instruction)
      : op(op), instruction(instruction), b(op->getLoc(), op) {}

  void expand();

private:
  using Element = FragmentLayout::Element;

  /// An operand: who has which element, and the elements of this lane in f32.
  struct Source {
    const FragmentLayout &layout;
    SmallVector<Value> elements;
  };
  Source source(const FragmentLayout &layout, Value fragment);
  /// The element that `wanted` names for each lane.
  Value fetch(const Source &source,
              llvm::function_ref<Element(int64_t lane)> wanted);
  Value constant(int64_t value) {
    return arith::ConstantIntOp::create(b, value, 32);
  }

  Operation *op;
  const MatrixInstruction &instruction;
  ImplicitLocOpBuilder b;
  /// The lane's group, and its number within, both i32.
  Value group, member;
};

} // namespace

InstructionExpander::Source
InstructionExpander::source(const FragmentLayout &layout, Value fragment) {
  Source source{layout, unpackFragment(b, b.getLoc(), fragment)};
  for (Value &element : source.elements) {
    if (!element.getType().isF32())
      element = arith::ExtFOp::create(b, b.getF32Type(), element);
    if (!instruction.truncatesToTf32)
      continue;
    Value bits = arith::BitcastOp::create(b, b.getI32Type(), element);
    bits = arith::AndIOp::create(b, bits, constant(-(1 << 13)));
    element = arith::BitcastOp::create(b, b.getF32Type(), bits);
  }
  return source;
}

Value InstructionExpander::fetch(
    const Source &source, llvm::function_ref<Element(int64_t lane)> wanted) {
  int64_t groupLanes = instruction.result.groupLanes;
  auto holder = [&](int64_t lane) {
    return source.layout.holder(wanted(lane), instruction.lanes);
  };
  FragmentLayout::Holder first = holder(0);
  int64_t groupStep = holder(groupLanes).lane - first.lane;
  int64_t memberStep = holder(1).lane - first.lane;
  for (int64_t lane = 0; lane < instruction.lanes; ++lane) {
    assert(holder(lane).place == first.place &&
           holder(lane).lane == first.lane + lane / groupLanes * groupStep +
                                    lane % groupLanes * memberStep &&
           "lanes fetch from the same place, by fixed steps");
    (void)lane;
  }
  Value from = arith::AddIOp::create(
      b, constant(first.lane),
      arith::AddIOp::create(
          b, arith::MulIOp::create(b, group, constant(groupStep)),
          arith::MulIOp::create(b, member, constant(memberStep))));
  return gpu::ShuffleOp::create(b, source.elements[first.place], from,
                                constant(instruction.lanes),
                                gpu::ShuffleMode::IDX)
      .getShuffleResult();
}

void InstructionExpander::expand() {
  Value lane = arith::IndexCastOp::create(
      b, b.getI32Type(), gpu::LaneIdOp::create(b, IntegerAttr()));
  Value groupLanes = constant(instruction.result.groupLanes);
  group = arith::DivUIOp::create(b, lane, groupLanes);
  member = arith::RemUIOp::create(b, lane, groupLanes);
  Source left = source(instruction.left, op->getOperand(0));
  Source right = source(instruction.right, op->getOperand(1));
  SmallVector<Value> sums = unpackFragment(b, b.getLoc(), op->getOperand(2));
  // Places that share a row or a column share what they fetch.
  llvm::DenseMap<int64_t, Value> byRow, byColumn;
  for (int64_t depth = 0; depth < instruction.depth; ++depth) {
    byRow.clear();
    byColumn.clear();
    for (auto [number, place] : llvm::enumerate(instruction.result.places)) {
      auto element = [&, at = int64_t(number)](int64_t lane) {
        return instruction.result.element({lane, at});
      };
      Value &leftElement = byRow[place.row];
      if (!leftElement)
        leftElement = fetch(left, [&](int64_t lane) {
          return Element{element(lane).row, depth};
        });
      Value &rightElement = byColumn[place.column];
      if (!rightElement)
        rightElement = fetch(right, [&](int64_t lane) {
          return Element{depth, element(lane).column};
        });
      sums[number] =
          math::FmaOp::create(b, leftElement, rightElement, sums[number]);
    }
  }
  Value result = op->getResult(0);
  result.replaceAllUsesWith(
      packFragment(b, b.getLoc(), result.getType(), sums));
  op->erase();
}

LogicalResult orcinus::expandMatrixInstructions(gpu::GPUModuleOp module,
                                                int64_t subgroupSize) {
  SmallVector<Operation *> ops;
  module.walk([&](Operation *op) {
    if (isa<nvgpu::MmaSyncOp, amdgpu::MFMAOp>(op))
      ops.push_back(op);
  });
  for (Operation *op : ops) {
    const MatrixInstruction *instruction = MatrixInstruction::of(op);
    if (!instruction)
      return op->emitOpError("has a shape or types that the simulator does not "
                             "know");
    if (instruction->lanes != subgroupSize)
      return op->emitOpError("is for subgroups of ")
             << instruction->lanes << " threads, and those simulated have "
             << subgroupSize;
    InstructionExpander(op, *instruction).expand();
  }
  return success();
}
