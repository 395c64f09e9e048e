//===- ComputationText.cpp - What an operator computes, as text -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Tuning/ComputationText.h"

#include "orcinus/Support/CheckedArithmetic.h"

#include "mlir/IR/Matchers.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace orcinus;

namespace {

/// Spells the values of one linalg op's body as prefix expressions.
class BodyPrinter {
public:
  /// `reducedIterations` is how often the op's reductions iterate, 1 where it
  /// has none, or dynamic: a constant of that value is spelled `count`, as it
  /// changes with the extents.
  BodyPrinter(linalg::LinalgOp op, int64_t reducedIterations)
      : reducedIterations(reducedIterations) {
    Block *body = op.getBlock();
    unsigned inputs = op.getNumDpsInputs();
    for (BlockArgument argument : body->getArguments()) {
      unsigned number = argument.getArgNumber();
      names[argument] = number < inputs ? "x" + std::to_string(number)
                                        : "y" + std::to_string(number - inputs);
    }
    for (Operation &nested : body->without_terminator())
      for (Value result : nested.getResults())
        names[result] = spell(nested, cast<OpResult>(result));
  }

  std::string spell(Value value) const {
    if (auto known = names.find(value); known != names.end())
      return known->second;
    Operation *definition = value.getDefiningOp();
    if (definition && definition->hasTrait<OpTrait::ConstantLike>())
      return spellConstant(*definition);
    return "outside";
  }

private:
  std::string spellConstant(Operation &constant) const {
    FloatAttr number;
    if (matchPattern(&constant, m_Constant(&number))) {
      if (reducedIterations > 1 &&
          number.getValueAsDouble() == static_cast<double>(reducedIterations))
        return "count";
      llvm::SmallString<16> digits;
      number.getValue().toString(digits);
      return digits.str().str();
    }
    return withAttributes(constant);
  }

  static std::string withAttributes(Operation &op) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    // What is nested is spelled as it stands.
    if (op.getNumRegions() > 0)
      stream << op;
    stream << op.getName().stripDialect();
    for (NamedAttribute attribute : op.getAttrDictionary())
      // Which liberties the compiler takes is no other computation.
      if (attribute.getName() != "fastmath")
        stream << " " << attribute.getName().strref() << "="
               << attribute.getValue();
    // An epilogue's ops are joined by commas.
    std::replace(text.begin(), text.end(), ',', ';');
    return text;
  }

  std::string spell(Operation &op, OpResult result) const {
    if (op.hasTrait<OpTrait::ConstantLike>())
      return spellConstant(op);
    SmallVector<std::string> operands;
    for (Value operand : op.getOperands())
      operands.push_back(spell(operand));
    if (op.hasTrait<OpTrait::IsCommutative>())
      llvm::sort(operands);
    std::string text = "(" + withAttributes(op);
    for (const std::string &operand : operands)
      text += " " + operand;
    llvm::raw_string_ostream stream(text);
    if (op.getNumOperands() == 0 ||
        result.getType() != op.getOperandTypes().front())
      stream << " : " << result.getType();
    if (op.getNumResults() > 1)
      stream << " #" << result.getResultNumber();
    return text + ")";
  }

  int64_t reducedIterations;
  llvm::DenseMap<Value, std::string> names;
};

} // namespace

static int64_t reducedIterationsOf(linalg::LinalgOp op) {
  int64_t product = 1;
  for (auto [iterator, extent] :
       llvm::zip(op.getIteratorTypesArray(), op.getStaticLoopRanges()))
    if (iterator == utils::IteratorType::reduction) {
      if (ShapedType::isDynamic(extent))
        return extent;
      product = saturatedProduct(product, extent);
    }
  return product;
}

/// The expressions that `op` yields, joined.
static std::string spellBody(linalg::LinalgOp op, int64_t reducedIterations) {
  BodyPrinter printer(op, reducedIterations);
  std::string text;
  for (Value yielded : op.getBlock()->getTerminator()->getOperands())
    text += (text.empty() ? "" : " ") + printer.spell(yielded);
  return text;
}

std::string orcinus::computationOf(linalg::LinalgOp op) {
  std::string text = spellBody(op, reducedIterationsOf(op));
  return llvm::StringSwitch<std::string>(text)
      .Case("(addf (mulf x0 x1) y0)", "multiply_add")
      .Case("(addf x0 y0)", "sum")
      .Case("(addf x0 x1)", "add")
      .Case("(mulf x0 x1)", "multiply")
      .Case("(maximumf 0 x0)", "relu")
      .Default(text);
}

//===----------------------------------------------------------------------===//
// Several ops
//===----------------------------------------------------------------------===//

/// What `value`, an operand of an op of the body, is called there.
static std::string
nameOf(Value value, const llvm::DenseMap<Operation *, unsigned> &numbers) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return "a" + std::to_string(argument.getArgNumber());
  Operation *definition = value.getDefiningOp();
  if (auto number = numbers.find(definition); number != numbers.end())
    return "t" + std::to_string(number->second);
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (Attribute constant; matchPattern(value, m_Constant(&constant)))
    stream << constant;
  else
    stream << definition->getName().stripDialect();
  return text;
}

std::string orcinus::computationOf(Block &body) {
  llvm::DenseMap<Operation *, unsigned> numbers;
  int64_t reducedIterations = 1;
  for (auto op : body.getOps<linalg::LinalgOp>())
    if (op.getNumReductionLoops() > 0)
      reducedIterations = reducedIterationsOf(op);
  std::string text;
  for (auto op : body.getOps<linalg::LinalgOp>()) {
    unsigned number = numbers.size();
    text += text.empty() ? "" : "; ";
    text +=
        "t" + std::to_string(number) + " = " + spellBody(op, reducedIterations);
    for (OpOperand &operand : op->getOpOperands()) {
      text += " " + nameOf(operand.get(), numbers);
      if (AffineMap map = op.getMatchingIndexingMap(&operand);
          !map.isIdentity())
        llvm::raw_string_ostream(text) << map;
    }
    numbers[op] = number;
  }
  std::replace(text.begin(), text.end(), ',', ';');
  return text;
}
