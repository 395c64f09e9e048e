//===- ContractionEpilogue.cpp - What follows a contraction ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ContractionEpilogue.h"

#include "passes/Lowering/AffineIndexing.h"
#include "passes/Lowering/ElementwiseEmitter.h"
#include "passes/Lowering/MemRefUtils.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace orcinus;

bool ContractionEpilogue::isCostly() const {
  return llvm::any_of(steps, [](Step step) {
    return llvm::any_of(*step.op.getBody(), [](Operation &nested) {
      return isa<math::MathDialect>(nested.getDialect());
    });
  });
}

//===----------------------------------------------------------------------===//
// Taking up
//===----------------------------------------------------------------------===//

/// Whether the body of `op` has a form in vectors, the last of which may have
/// lanes that do not exist, with nothing from outside of it but constants.
static bool hasVectorBody(linalg::GenericOp op) {
  Block *body = op.getBody();
  auto isKnown = [&](Value value) {
    return value.getParentBlock() == body || matchPattern(value, m_Constant());
  };
  return llvm::all_of(*body, [&](Operation &nested) {
    if (!llvm::all_of(nested.getOperands(), isKnown))
      return false;
    return &nested == body->getTerminator() ||
           (hasVectorForm(&nested) && !dividesIntegers(&nested));
  });
}

/// Whether a memref of the type of `value` can be read where `map` leads by
/// vectors along the loop `column`, or is the same all along it.
static bool isReadable(Value value, AffineMap map, unsigned column) {
  auto type = dyn_cast<MemRefType>(value.getType());
  if (!type)
    return value.getType().isIntOrFloat();
  return isVectorElement(type.getElementType()) && isLinear(map) &&
         (!map.isFunctionOfDim(column) ||
          (runsAlongInnermost(map, column) && hasUnitInnermostStride(value)));
}

bool ContractionEpilogue::add(linalg::GenericOp op, OpOperand &produced,
                              ArrayRef<unsigned> loops, unsigned loopCount,
                              unsigned column) {
  if (!hasVectorBody(op))
    return false;
  MLIRContext *context = op.getContext();
  SmallVector<AffineExpr> renamed;
  for (unsigned loop : loops)
    renamed.push_back(getAffineDimExpr(loop, context));
  auto mapOf = [&](OpOperand &operand) {
    return op.getMatchingIndexingMap(&operand).replaceDimsAndSymbols(
        renamed, {}, loopCount, 0);
  };
  AffineMap producedMap = mapOf(produced);
  Step step{op, {}};
  SmallVector<Operand> added;
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    AffineMap map = mapOf(operand);
    if (op.getMatchingBlockArgument(&operand).use_empty()) {
      step.sources.push_back(Step::nothing);
    } else if (value == produced.get()) {
      if (map != producedMap)
        return false;
      step.sources.push_back(Step::current);
    } else {
      if (!isReadable(value, map, column))
        return false;
      step.sources.push_back(operands.size() + added.size());
      added.push_back({value, map});
    }
  }
  OpOperand &output = *op.getDpsInitOperand(0);
  AffineMap outputMap = mapOf(output);
  if (!outputMap.isProjectedPermutation() ||
      !outputMap.isFunctionOfDim(column) ||
      !isReadable(output.get(), outputMap, column))
    return false;
  operands.append(added);
  steps.push_back(std::move(step));
  result = output.get();
  resultMap = outputMap;
  return true;
}

//===----------------------------------------------------------------------===//
// Emitting
//===----------------------------------------------------------------------===//

/// `value` for each lane of `like`, where that is a vector and it is none.
static Value spread(OpBuilder &builder, Location location, Value value,
                    Type like) {
  auto vector = dyn_cast<VectorType>(like);
  if (!vector || isa<VectorType>(value.getType()))
    return value;
  return vector::BroadcastOp::create(
      builder, location, VectorType::get(vector.getShape(), value.getType()),
      value);
}

Value ContractionEpilogue::emit(
    OpBuilder &builder, Location location, Value current,
    llvm::function_ref<Value(unsigned)> load) const {
  for (Step step : steps) {
    Type like = current.getType();
    IRMapping values;
    Block &body = *step.op.getBody();
    for (auto [argument, source] :
         llvm::zip_equal(body.getArguments(), step.sources))
      if (source != Step::nothing)
        values.map(argument,
                   source == Step::current
                       ? current
                       : spread(builder, location, load(source), like));
    auto valueOf = [&](Value value) {
      if (Value known = values.lookupOrNull(value))
        return known;
      // What is from outside the body is a constant.
      Value copy = builder.clone(*value.getDefiningOp())->getResult(0);
      values.map(value, spread(builder, location, copy, like));
      return values.lookup(value);
    };
    for (Operation &nested : body.without_terminator()) {
      SmallVector<Value> arguments =
          llvm::map_to_vector(nested.getOperands(), valueOf);
      Type type = nested.getResult(0).getType();
      if (auto vector = dyn_cast<VectorType>(like))
        type = VectorType::get(vector.getShape(), type);
      values.map(nested.getResult(0),
                 builder
                     .create(location, nested.getName().getIdentifier(),
                             arguments, type, nested.getAttrs())
                     ->getResult(0));
    }
    current = valueOf(body.getTerminator()->getOperand(0));
  }
  return current;
}

//===----------------------------------------------------------------------===//
// Signature
//===----------------------------------------------------------------------===//

static void print(llvm::raw_ostream &stream, ContractionEpilogue::Step step) {
  Block &body = *step.op.getBody();
  llvm::DenseMap<Value, unsigned> numbers;
  for (BlockArgument argument : body.getArguments())
    numbers[argument] = numbers.size();
  for (int source : step.sources)
    stream << ' ' << source;
  for (Operation &nested : body) {
    stream << '\n' << nested.getName() << nested.getAttrDictionary();
    for (Value operand : nested.getOperands()) {
      auto known = numbers.find(operand);
      Attribute constant;
      if (known != numbers.end())
        stream << " %" << known->second;
      else if (matchPattern(operand, m_Constant(&constant)))
        stream << ' ' << constant;
    }
    for (Value value : nested.getResults()) {
      numbers[value] = numbers.size();
      stream << value.getType();
    }
  }
}

std::string ContractionEpilogue::signature() const {
  std::string text;
  if (empty())
    return text;
  llvm::raw_string_ostream stream(text);
  stream << "then " << result.getType() << resultMap;
  for (const Operand &operand : operands)
    stream << operand.value.getType() << operand.map;
  for (const Step &step : steps)
    print(stream, step);
  return text;
}
