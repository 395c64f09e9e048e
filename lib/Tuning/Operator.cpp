//===- Operator.cpp - An operator that is tuned ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/Operator.h"

#include "IndexMap.h"
#include "Names.h"

#include "orcinus/Support/CheckedArithmetic.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>

using namespace orcinus;

static constexpr EnumName<OperatorFamily> familyNames[] = {
    {OperatorFamily::Contraction, "contraction"},
    {OperatorFamily::Depthwise, "depthwise"},
    {OperatorFamily::Reduction, "reduction"},
    {OperatorFamily::Elementwise, "elementwise"},
};

std::string_view orcinus::familyName(OperatorFamily family) {
  return nameOf(familyNames, family);
}

StatusOr<OperatorFamily> orcinus::parseFamily(std::string_view name) {
  return valueOf(familyNames, name, "operator family");
}

static constexpr EnumName<OperandRole> roleNames[] = {
    {OperandRole::Activation, "activation"},
    {OperandRole::Weight, "weight"},
    {OperandRole::Bias, "bias"},
    {OperandRole::Result, "result"},
};

std::string_view orcinus::roleName(OperandRole role) {
  return nameOf(roleNames, role);
}

StatusOr<OperandRole> orcinus::parseRole(std::string_view name) {
  return valueOf(roleNames, name, "operand role");
}

/// The map of an operand whose text is known to be good.
static IndexMap mapOf(const OperatorOperand &operand,
                      const std::vector<OperatorLoop> &loops) {
  StatusOr<IndexMap> map = parseIndexMap(operand.map, loops);
  assert(map.ok() && "a description with a map that cannot be read");
  return std::move(*map);
}

/// Appends the loops of `operand` that `order` does not have yet.
static void appendLoops(std::vector<size_t> &order,
                        const OperatorOperand &operand,
                        const std::vector<OperatorLoop> &loops) {
  for (const IndexExpression &expression : mapOf(operand, loops))
    for (auto [loop, coefficient] : expression.terms)
      if (std::find(order.begin(), order.end(), loop) == order.end())
        order.push_back(loop);
}

std::vector<size_t> OperatorDescription::canonicalLoopOrder() const {
  std::vector<size_t> order;
  for (const OperatorOperand &operand : operands)
    if (operand.role == OperandRole::Result)
      appendLoops(order, operand, loops);
  for (const OperatorOperand &operand : operands)
    appendLoops(order, operand, loops);
  for (size_t loop = 0; loop < loops.size(); ++loop)
    if (std::find(order.begin(), order.end(), loop) == order.end())
      order.push_back(loop);
  return order;
}

std::string OperatorDescription::kind() const {
  std::vector<size_t> order = canonicalLoopOrder();
  std::vector<size_t> numbers(loops.size());
  std::string kinds;
  for (size_t at = 0; at < order.size(); ++at) {
    numbers[order[at]] = at;
    kinds += kinds.empty() ? "" : ",";
    kinds += loops[order[at]].kind == LoopKind::Parallel ? "p" : "r";
  }
  std::string text = fmt::format("{} {} [{}]", familyName(family), body, kinds);
  for (const OperatorOperand &operand : operands)
    text += fmt::format(
        " {} {}({})", roleName(operand.role), operand.elementType,
        printIndexMap(mapOf(operand, loops), numbers, /*prefix=*/"", ","));
  if (!epilogue.empty())
    text += " + " + epilogue;
  return text;
}

std::vector<int64_t> OperatorDescription::extents() const {
  std::vector<int64_t> result;
  for (size_t loop : canonicalLoopOrder())
    result.push_back(loops[loop].extent);
  return result;
}

OperatorDescription
OperatorDescription::withExtents(const std::vector<int64_t> &extents) const {
  assert(extents.size() == loops.size() && "one extent a loop");
  OperatorDescription result = *this;
  std::vector<size_t> order = canonicalLoopOrder();
  for (size_t at = 0; at < order.size(); ++at)
    result.loops[order[at]].extent = extents[at];
  result.name =
      fmt::format("{}-{}", familyName(family), fmt::join(extents, "x"));
  return result;
}

std::vector<int64_t>
OperatorDescription::shapeOf(const OperatorOperand &operand) const {
  std::vector<int64_t> shape;
  for (const IndexExpression &expression : mapOf(operand, loops)) {
    int64_t last = expression.constant;
    for (auto [loop, coefficient] : expression.terms)
      last = saturatedSum(
          last, std::max<int64_t>(
                    0, saturatedProduct(coefficient, loops[loop].extent - 1)));
    shape.push_back(saturatedSum(last, 1));
  }
  return shape;
}

int64_t OperatorDescription::iterations() const {
  int64_t product = 1;
  for (const OperatorLoop &loop : loops)
    product = saturatedProduct(product, loop.extent);
  return product;
}

int64_t OperatorDescription::floatingPointOperations() const {
  bool multiplies = family == OperatorFamily::Contraction ||
                    family == OperatorFamily::Depthwise;
  return saturatedProduct(multiplies ? 2 : 1, iterations());
}

/// Bytes of an element type as MLIR spells it; 4 where it has no width in it.
static int64_t bytesOf(std::string_view elementType) {
  int64_t bits = 0;
  for (char character : elementType)
    if (character >= '0' && character <= '9')
      bits = saturatedSum(saturatedProduct(10, bits), character - '0');
  return bits ? saturatedSum(bits, 7) / 8 : 4;
}

int64_t OperatorDescription::bytes() const {
  int64_t total = 0;
  for (const OperatorOperand &operand : operands)
    total = saturatedSum(total,
                         saturatedProduct(bytesOf(operand.elementType),
                                          saturatedElements(shapeOf(operand))));
  return total;
}

LeftOutOperator LeftOutOperator::of(std::string name, std::string_view subject,
                                    std::string_view said) {
  std::string quoted = fmt::format("'{}' ", subject);
  if (said.starts_with(quoted))
    said.remove_prefix(quoted.size());
  return {std::move(name), std::string(said)};
}

Status OperatorDescription::checkSize() const {
  // What is computed from extents elsewhere stays far from 2^63 then.
  constexpr int64_t most = int64_t(1) << 48;
  if (iterations() > most)
    return Status::error(
        fmt::format("'{}' has more than 2^48 iterations", name));
  if (bytes() > most)
    return Status::error(
        fmt::format("the operands of '{}' have more than 2^48 bytes", name));
  return Status();
}
