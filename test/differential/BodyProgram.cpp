//===- BodyProgram.cpp - The body of a linalg op, to be run ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BodyProgram.h"

#include "Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;
using namespace orcinus;
using namespace orcinus::differential;

using UnaryFunction = double (*)(double);
using BinaryFunction = Number (*)(Number, Number, ElementType);

static double reciprocalRoot(double value) { return 1 / std::sqrt(value); }

/// The elementary function that `op` is; null where it is none.
static UnaryFunction functionOf(Operation &op) {
  return llvm::TypeSwitch<Operation *, UnaryFunction>(&op)
      .Case([](math::ExpOp) -> UnaryFunction { return std::exp; })
      .Case([](math::LogOp) -> UnaryFunction { return std::log; })
      .Case([](math::Log1pOp) -> UnaryFunction { return std::log1p; })
      .Case([](math::TanhOp) -> UnaryFunction { return std::tanh; })
      .Case([](math::ErfOp) -> UnaryFunction { return std::erf; })
      .Case([](math::SqrtOp) -> UnaryFunction { return std::sqrt; })
      .Case([](math::RsqrtOp) -> UnaryFunction { return reciprocalRoot; })
      .Default([](Operation *) -> UnaryFunction { return nullptr; });
}

static BinaryFunction binaryFunctionOf(Operation &op) {
  auto larger = [](Number left, Number right, ElementType) {
    return maximum(left, right);
  };
  auto smaller = [](Number left, Number right, ElementType) {
    return minimum(left, right);
  };
  return llvm::TypeSwitch<Operation *, BinaryFunction>(&op)
      .Case<arith::AddFOp, arith::AddIOp>(
          [](auto) -> BinaryFunction { return add; })
      .Case<arith::SubFOp, arith::SubIOp>(
          [](auto) -> BinaryFunction { return subtract; })
      .Case<arith::MulFOp, arith::MulIOp>(
          [](auto) -> BinaryFunction { return multiply; })
      .Case([](arith::DivFOp) -> BinaryFunction { return divide; })
      .Case<arith::MaximumFOp, arith::MaxNumFOp, arith::MaxSIOp>(
          [&](auto) -> BinaryFunction { return larger; })
      .Case<arith::MinimumFOp, arith::MinNumFOp, arith::MinSIOp>(
          [&](auto) -> BinaryFunction { return smaller; })
      .Default([](Operation *) -> BinaryFunction { return nullptr; });
}

/// The outcome of a comparison of floats as 1 or 0; its error is 1 where a
/// right program may find the other.
static Number compare(arith::CmpFPredicate predicate, Number left,
                      Number right) {
  using arith::CmpFPredicate;
  bool outcome;
  switch (predicate) {
  case CmpFPredicate::OGT:
  case CmpFPredicate::UGT:
    outcome = left.value > right.value;
    break;
  case CmpFPredicate::OGE:
  case CmpFPredicate::UGE:
    outcome = left.value >= right.value;
    break;
  case CmpFPredicate::OLT:
  case CmpFPredicate::ULT:
    outcome = left.value < right.value;
    break;
  case CmpFPredicate::OLE:
  case CmpFPredicate::ULE:
    outcome = left.value <= right.value;
    break;
  default:
    outcome = left.value == right.value;
    break;
  }
  double error = left.error + right.error;
  bool sure = error == 0 || std::abs(left.value - right.value) > 2 * error;
  return {outcome ? 1.0 : 0.0, 1, sure ? 0.0 : 1.0};
}

size_t BodyProgram::makeSlot(Value value) {
  slots[value] = values.size();
  values.emplace_back();
  return values.size() - 1;
}

StatusOr<BodyProgram> BodyProgram::of(Block &block, OuterValue outer) {
  BodyProgram program;
  for (Value argument : block.getArguments())
    program.makeSlot(argument);
  for (Operation &op : block)
    for (Value operand : op.getOperands())
      if (operand.getParentBlock() != &block &&
          !program.slots.contains(operand)) {
        StatusOr<Number> value = outer(operand);
        if (!value.ok())
          return value.status();
        program.values[program.makeSlot(operand)] = *value;
      }
  for (Operation &op : block.without_terminator())
    if (Status status = program.append(op); !status.ok())
      return status;
  for (Value value : block.getTerminator()->getOperands())
    program.yields.push_back(program.slotOf(value));
  return program;
}

/// Arithmetic, whose result is of `type`.
Status BodyProgram::appendArithmetic(Operation &op, ElementType type) {
  size_t first = slotOf(op.getOperand(0));
  size_t second = op.getNumOperands() > 1 ? slotOf(op.getOperand(1)) : 0;
  size_t result = makeSlot(op.getResult(0));
  if (BinaryFunction function = binaryFunctionOf(op)) {
    steps.push_back([=](std::vector<Number> &values, ArrayRef<int64_t>) {
      values[result] = function(values[first], values[second], type);
    });
  } else if (UnaryFunction function = functionOf(op)) {
    steps.push_back([=](std::vector<Number> &values, ArrayRef<int64_t>) {
      values[result] = apply(function, values[first], type);
    });
  } else if (isa<arith::ExtFOp, arith::TruncFOp, arith::ExtSIOp,
                 arith::SIToFPOp>(op)) {
    steps.push_back([=](std::vector<Number> &values, ArrayRef<int64_t>) {
      values[result] = convert(values[first], type);
    });
  } else if (isa<arith::NegFOp>(op)) {
    steps.push_back([=](std::vector<Number> &values, ArrayRef<int64_t>) {
      values[result] = negate(values[first]);
    });
  } else if (isa<math::AbsFOp>(op)) {
    steps.push_back([=](std::vector<Number> &values, ArrayRef<int64_t>) {
      values[result] = absolute(values[first]);
    });
  } else if (isa<arith::SelectOp>(op)) {
    size_t third = slotOf(op.getOperand(2));
    steps.push_back([=](std::vector<Number> &values, ArrayRef<int64_t>) {
      values[result] =
          choose(values[first].value != 0, values[first].error == 0,
                 values[second], values[third]);
    });
  } else {
    return Status::error("the interpreter does not know '" +
                         op.getName().getStringRef().str() + "'");
  }
  return Status();
}

Status BodyProgram::append(Operation &op) {
  if (Attribute constant; matchPattern(&op, m_Constant(&constant))) {
    double value =
        isa<FloatAttr>(constant)
            ? cast<FloatAttr>(constant).getValueAsDouble()
            : static_cast<double>(
                  cast<IntegerAttr>(constant).getValue().getSExtValue());
    values[makeSlot(op.getResult(0))] = Number::exactly(value);
    return Status();
  }
  if (auto index = dyn_cast<linalg::IndexOp>(op)) {
    size_t result = makeSlot(op.getResult(0));
    unsigned loop = index.getDim();
    steps.push_back([=](std::vector<Number> &values, ArrayRef<int64_t> loops) {
      values[result] = Number::exactly(static_cast<double>(loops[loop]));
    });
    return Status();
  }
  if (auto comparison = dyn_cast<arith::CmpFOp>(op)) {
    size_t left = slotOf(op.getOperand(0)), right = slotOf(op.getOperand(1));
    size_t result = makeSlot(op.getResult(0));
    arith::CmpFPredicate predicate = comparison.getPredicate();
    steps.push_back([=](std::vector<Number> &values, ArrayRef<int64_t>) {
      values[result] = compare(predicate, values[left], values[right]);
    });
    return Status();
  }
  std::optional<ElementType> type =
      op.getNumResults() == 1 && op.getNumOperands() > 0
          ? elementTypeOf(op.getResult(0).getType())
          : std::nullopt;
  if (!type)
    return Status::error("the interpreter does not know '" +
                         op.getName().getStringRef().str() + "'");
  return appendArithmetic(op, *type);
}

void BodyProgram::run(ArrayRef<int64_t> loops, ArrayRef<Number> arguments) {
  for (auto [position, argument] : llvm::enumerate(arguments))
    values[position] = argument;
  for (const Step &step : steps)
    step(values, loops);
}
